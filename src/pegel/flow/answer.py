"""Four different answers: a value, nothing configured, no data, undefined. Zero is a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What kind of answer a figure is."""

    VALUE = "value"
    NOT_CONFIGURED = "not_configured"  # somebody has to say something first (which states are work, which kinds exist)
    NO_DATA = "no_data"  # configured, but nothing happened in the period
    UNDEFINED = "undefined"  # there is data, and the figure makes no sense for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Head of every figure: which definition, and what kind of answer.

    ``definition`` is the id of a methods page ("flow_time/1"); ``reason`` is a code, worded in ``pegel.words``.
    """

    definition: str
    status: Status
    reason: str | None = None
