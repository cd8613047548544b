"""Some value streams side by side."""

from __future__ import annotations

from dataclasses import dataclass

from pegel_web.flow.contracts.overview import StreamLine
from pegel_web.flow.contracts.reports import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamComparison:
    """Streams in the order in which they were chosen, at most ``most``; ``choices``: all that can be, by name."""

    lines: tuple[StreamLine, ...]
    period: str
    choices: tuple[Choice, ...]
    periods: tuple[Choice, ...]
    most: int
