"""A report as one page: headlines in words, a map to play with, tables, methods, sources."""

from __future__ import annotations

from .page import html_figure, html_page
from .write import write_report, write_run_report

__all__ = ["html_figure", "html_page", "write_report", "write_run_report"]
