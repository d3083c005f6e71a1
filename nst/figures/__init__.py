"""Records -> Figures 1 to 3. Imports no torch."""
