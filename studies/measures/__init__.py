"""Images measured, alone or against others."""
