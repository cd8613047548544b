"""Addresses for long lists: looked up once, then filled in, because a lookup per row is what makes a page slow."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.urls import reverse

_NOBODY = UUID(int=0)


def addresses(name: str) -> Callable[[UUID], str]:
    """Return the function from an id to the address of that name, which takes one id."""
    before, _, after = reverse(name, args=[_NOBODY]).partition(str(_NOBODY))
    return lambda wanted: f"{before}{wanted}{after}"
