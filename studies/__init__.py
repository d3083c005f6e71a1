"""What is built on nst, and what made its assets; nothing in nst imports from here."""
