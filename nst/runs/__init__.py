"""One picture the whole way, and what it leaves behind."""
