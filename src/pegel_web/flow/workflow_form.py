"""The table of states as a form: what a person chose for each state, read from what the browser sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pegel.errors import InputError
from pegel_web.flow.contracts.workflow import RuleChange, StateMeaning

#: Rows of one form at most: each has three choices and its key, and a request may have 5,000 fields.
MOST_ROWS: Final = 500
_FIELDS: Final = ("category", "phase", "friction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a person changed. ``text``: what the list is narrowed to; ``revision``: of the mapping they have seen."""

    changes: tuple[RuleChange, ...]
    text: str
    revision: str


def key_text(one: RuleChange | StateMeaning) -> str:
    """Return what a rule is for as one text."""
    return json.dumps(_key(one))


def row_text(line: StateMeaning) -> str:
    """Return a line as one text, which goes to the browser and comes back: what it is for, and what it says now.

    So it is known what somebody changed, even where somebody else has changed another line meanwhile.
    """
    return json.dumps([*_key(line), *now(line)])


def now(line: StateMeaning) -> tuple[str, str, str]:
    """Return category, phase and reason for waiting as they stand in the choices; empty: none."""
    return "" if line.origin == "unmapped" else line.category, line.phase or "", line.friction or ""


def chosen_in(sent: Mapping[str, Any]) -> Chosen:
    """Read the form.

    Raises
    ------
    InputError: ``request_malformed`` for what no page of ours sends.
    """
    changes = [_change(sent, name.removeprefix("row-")) for name in sent if name.startswith("row-")]
    return Chosen(
        changes=tuple(one for one in changes if one is not None),
        text=str(sent.get("q", ""))[:200],
        revision=str(sent.get("revision", "")),
    )


def _key(one: RuleChange | StateMeaning) -> list[str | None]:
    days = [None if day is None else day.isoformat() for day in (one.from_date, one.until_date)]
    return [one.state, one.type, *days]


def _change(sent: Mapping[str, Any], number: str) -> RuleChange | None:
    """Return what was changed in a row; None: nothing."""
    try:
        state, type_name, start, end, *before = json.loads(sent[f"row-{number}"])
        if not isinstance(state, str) or not isinstance(type_name, str | None) or len(before) != len(_FIELDS):
            raise InputError("request_malformed")
        from_date, until_date = (None if day is None else date.fromisoformat(day) for day in (start, end))
    except (TypeError, ValueError):
        raise InputError("request_malformed") from None
    chosen = [str(sent.get(f"{name}-{number}", old)) for name, old in zip(_FIELDS, before, strict=True)]
    if chosen == before:
        return None
    category, phase, friction = (one or None for one in chosen)
    return RuleChange(
        state=state, type=type_name, from_date=from_date, until_date=until_date,
        category=category, phase=phase, friction=friction,
    )  # fmt: skip
