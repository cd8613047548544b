"""The ASGI application that a server runs."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pegel_web.config.settings")
_pages = get_asgi_application()

from pegel_web.config.mcp_http import beside, mcp_application  # noqa: E402  (needs the apps, which are ready only now)

application = beside(_pages, mcp_application())
