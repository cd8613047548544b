"""What a figure means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDefinition:
    """A metric in the reader's language. ``id``: such as ``flow_time/1``; it changes when the definition does."""

    metric: str
    id: str
    name: str
    question: str
    definition: str
    unit: str
    clock: str
    source: str
