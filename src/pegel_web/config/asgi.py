"""The ASGI application that a server runs."""

from __future__ import annotations

import os

import django

from pegel.words.catalogue import codes
from pegel_web.config.loading import no_garbage

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pegel_web.config.settings")
with no_garbage():
    django.setup(set_prefix=False)

    # These need the apps, which are ready only now.
    from pegel_web.config.mcp_http import beside, mcp_application
    from pegel_web.config.pages import PagesHandler, load_pages

    application = beside(PagesHandler(), mcp_application())
    # Before anybody waits for a page: every view, and every text.
    load_pages()
    codes()
