"""A demonstration: the invented organisation Musterwerke around the value streams of ``pegel demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pegel.words import Language

if TYPE_CHECKING:
    from pegel_web.demo.loading import Demonstration, Teller


def load(folder: Path, *, language: Language, tell: Teller) -> Demonstration:
    """Make the demonstration in this installation, as far as it is not there yet; see ``demo.loading``."""
    from pegel_web.demo.loading import load_demonstration  # noqa: PLC0415  (the apps must be loaded first)

    return load_demonstration(folder, language=language, tell=tell)
