"""Static files that are made, not written: the chart library as one script, and the colours of charts on dark pages.

``collectstatic`` puts them among the other static files; they are made once per version of what they are made from and
kept in ``PEGEL_DATA_DIR/generated``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from pegel.charts.palette import COLOURS


def vega_script() -> str:
    """Return Vega, Vega-Lite, Vega-Embed and the expression interpreter as one script."""
    made: str = import_module("vl_convert").javascript_bundle()
    return made


def chart_colours() -> str:
    """Return the rules that give drawings, made for a light page, the colours of a dark one."""
    return "".join(
        f'.chart [{part}="{light}"]{{{part}:light-dark({light},{dark})}}\n'
        for light, dark in COLOURS.values()
        for part in ("fill", "stroke")
    )


_MADE: Final[Mapping[str, Callable[[], str]]] = {"ui/vega.js": vega_script, "ui/charts.css": chart_colours}


class GeneratedFinder(BaseFinder):
    """Finds the made files, and makes those that are not there yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        made_from = f"{version('vl-convert-python')}-{version('pegel')}"
        self.storage = FileSystemStorage(location=Path(settings.DATA_DIR) / "generated" / made_from)

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        """Return where a file is; a list with ``find_all``."""
        found = [str(self._made(path))] if path in _MADE else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield every made file."""
        for path in _MADE:
            self._made(path)
            yield path, self.storage

    def _made(self, path: str) -> Path:
        place = Path(self.storage.path(path))
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            # Two processes may make it at once: each writes aside and puts the whole file in place.
            aside = place.with_name(f".{place.name}.{os.getpid()}")
            aside.write_text(_MADE[path](), encoding="utf-8")
            aside.replace(place)
        return place
