"""What may be done with the search."""

from __future__ import annotations

from pegel_web.core.permissions import Permission, declare

declare(Permission(code="search.result.view"))
