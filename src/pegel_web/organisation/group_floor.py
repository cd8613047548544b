"""The size below which a group is not told in numbers: a rule of the privacy app, which sits above this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_KEPT: Final[list[Callable[[], int]]] = []


def declare_group_floor(rule: Callable[[], int]) -> None:
    """Declare who knows the rule in force, once, when the app that keeps it is ready."""
    _KEPT[:] = [rule]


def group_floor() -> int:
    """Return how many people a group must have, in the rule that is in force; asked once per reading request."""
    (rule,) = _KEPT
    return rule()


def floored(people: int, least: int) -> int | None:
    """Return a number of people; None: there are some, but too few to be told."""
    return None if 0 < people < least else people
