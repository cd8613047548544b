"""Bugzilla: saved answers of its REST API, bugs (``/rest/bug``) and their history (``/rest/bug/ID/history``).

The answers are described in Bugzilla's WebService API documentation, "Bugs" (bug history, get bug), alike for Bugzilla
5.0 and later and for Mozilla's edition.
"""

from __future__ import annotations

from pegel.sources.bugzilla.saved_answers import FORMAT

__all__ = ["FORMAT"]
