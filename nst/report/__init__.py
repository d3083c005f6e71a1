"""One HTML page to look at results: records -> a file that needs nothing else. Imports no torch."""

from nst.report.page import render, write

__all__ = ["render", "write"]
