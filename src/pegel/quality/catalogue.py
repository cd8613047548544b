"""The checks: their codes, how much each matters, and where its facts come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from pegel.flow.answer import Status


class Severity(StrEnum):
    """What a finding means for the figures."""

    ERROR = "error"  # a figure is wrong, or the item is missing from it
    WARNING = "warning"  # a figure may be distorted
    NOTICE = "notice"  # worth knowing; the figures are what their definitions say


class Facts(IntEnum):
    """Where a check gets its facts from."""

    HISTORY = 0  # the log itself
    RELATIVES = 1  # links, parents
    RECORDS = 2  # the stored records of the lake
    IMPORTS = 3  # the accounts of the imports: rows, not items


@dataclass(frozen=True, slots=True)
class CheckRule:
    """A check: ``code`` is worded in ``pegel.words`` (``check.CODE``)."""

    code: str
    severity: Severity
    facts: Facts = Facts.HISTORY


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why a check cannot be made."""

    status: Status
    reason: str


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTICE

#: Every check, the gravest first.
CHECKS: Final = (
    CheckRule("done_without_start", _E),
    CheckRule("done_before_start", _E),
    CheckRule("unmapped_states", _E),
    CheckRule("negative_span", _E, Facts.RECORDS),
    CheckRule("future_time", _E, Facts.RECORDS),
    CheckRule("history_begins_late", _E, Facts.RECORDS),
    CheckRule("history_with_gap", _E, Facts.RECORDS),
    CheckRule("conflicting_records", _E, Facts.RECORDS),
    CheckRule("history_truncated", _E, Facts.IMPORTS),
    CheckRule("rows_rejected", _E, Facts.IMPORTS),
    CheckRule("change_after_done", _W),
    CheckRule("backwards_categories", _W),
    CheckRule("created_in_wrong_state", _W),
    CheckRule("not_visible", _W),
    CheckRule("same_time", _W),
    CheckRule("dates_without_time", _W),
    CheckRule("mass_closing", _W),
    CheckRule("no_transitions", _W),
    CheckRule("open_children", _W, Facts.RELATIVES),
    CheckRule("child_before_parent", _W, Facts.RELATIVES),
    CheckRule("backwards_states", _N),
    CheckRule("several_streams", _N),
    CheckRule("mass_creation", _N),
    CheckRule("child_started_earlier", _N, Facts.RELATIVES),
    CheckRule("blocked_by_closed", _N, Facts.RELATIVES),
    CheckRule("import_warnings", _N, Facts.IMPORTS),
)
#: Codes in the order in which they are reported.
CODES: Final = tuple(rule.code for rule in CHECKS)
