"""Work that takes a while: how far it is. It asks by itself, with or without JavaScript, and survives a reload."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pegel_web.ui.component import Component


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Component):
    """How far some work is: ``done`` of ``total``; ``total`` None or 0: nobody knows how much there is.

    ``href``: the page that shows this progress, asked every two seconds; None: the page it stands on.
    """

    label: str
    done: int
    total: int | None
    cancel_href: str | None = None
    href: str | None = None

    @property
    def finished(self) -> bool:
        """Tell whether all is done, so that nothing needs to be asked any more."""
        return bool(self.total) and self.total is not None and self.done >= self.total

    @property
    def share(self) -> float | None:
        """Return the part that is done, 0 to 1; None: unknown."""
        return min(max(self.done / self.total, 0.0), 1.0) if self.total else None

    @property
    def identity(self) -> str:
        """Return the name under which the page finds it again, whatever it says by then."""
        return "progress-" + hashlib.sha256((self.href or self.label).encode("utf-8", "replace")).hexdigest()[:10]
