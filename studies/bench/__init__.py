"""How fast it is, beside the protocol in plain PyTorch."""
