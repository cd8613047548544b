"""A flow report as one self-contained page, and an overview of several."""

from pegel.report.overview import IndexEntry, render_index
from pegel.report.page import render_html

__all__ = ["IndexEntry", "render_html", "render_index"]
