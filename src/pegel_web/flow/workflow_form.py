"""The table of states as a form: what a person chose for each state, read from what the browser sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pegel.errors import InputError
from pegel_web.flow.contracts.workflow import KindChange, RuleChange, StateMeaning, TypeKind

#: Rows of one form at most: each has three choices and its key, and a request may have 5,000 fields.
MOST_ROWS: Final = 500
_FIELDS: Final = ("category", "phase", "friction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A rule for one type or period as it was entered, finished or not; days as ISO text."""

    state: str = ""
    type: str = ""
    from_day: str = ""
    until_day: str = ""
    category: str = ""
    phase: str = ""
    friction: str = ""

    @property
    def begun(self) -> bool:
        """Tell whether something was entered."""
        return any(getattr(self, name) for name in self.__slots__)

    @property
    def finished(self) -> bool:
        """Tell whether it is a rule: a state, what it means, and for which type or period."""
        return bool(self.state and self.category and (self.type or self.from_day or self.until_day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a person changed. ``text``: what the list is narrowed to; ``revision``: of the mapping they have seen.

    ``added``: the rule that they enter; it is among the changes as soon as it is finished.
    """

    changes: tuple[RuleChange, ...]
    kinds: tuple[KindChange, ...]
    added: Added
    text: str
    revision: str

    def require_finished(self) -> None:
        """Check that no rule was left half entered.

        Raises
        ------
        InputError: ``workflow_rule_unfinished``.
        """
        if self.added.begun and not self.added.finished:
            raise InputError("workflow_rule_unfinished")


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
    kinds = [_kind(sent, name.removeprefix("type-")) for name in sent if name.startswith("type-")]
    added = Added(**{name: str(sent.get(f"add-{name}", "")).strip() for name in Added.__slots__})
    return Chosen(
        changes=tuple(one for one in (*changes, _added(added)) if one is not None),
        kinds=tuple(one for one in kinds if one is not None),
        added=added,
        text=str(sent.get("q", ""))[:200],
        revision=str(sent.get("revision", "")),
    )


def kind_text(line: TypeKind) -> str:
    """Return an item type as one text, which goes to the browser and comes back: its name, and its kind now."""
    return json.dumps([line.type, line.kind or ""])


def _kind(sent: Mapping[str, Any], number: str) -> KindChange | None:
    """Return the kind of work that was chosen for a type; None: the same."""
    try:
        name, before = json.loads(sent[f"type-{number}"])
    except (TypeError, ValueError):
        raise InputError("request_malformed") from None
    if not isinstance(name, str) or not isinstance(before, str):
        raise InputError("request_malformed")
    chosen = str(sent.get(f"kind-{number}", before))
    return None if chosen == before else KindChange(type=name, kind=chosen or None)


def _added(one: Added) -> RuleChange | None:
    """Return the rule that was entered; None: none, or not all of it yet."""
    if not one.finished:
        return None
    return RuleChange(
        state=one.state, type=one.type or None, from_date=_day(one.from_day), until_date=_day(one.until_day),
        category=one.category, phase=one.phase or None, friction=one.friction or None,
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError("request_malformed") from None


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
