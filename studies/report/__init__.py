"""One HTML page to look at results: records -> a file that needs nothing else. Imports no torch."""

from studies.report.page import render, write

__all__ = ["render", "write"]
