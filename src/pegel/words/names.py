"""Names as they are shown: states that Pegel made itself, categories, phases, kinds, columns."""

from __future__ import annotations

from typing import Final

from pegel.eventlog.schema import CREATED_STATE, DELETED_STATE
from pegel.words.catalogue import Language, has, say

_MADE: Final = {CREATED_STATE: "state.created", DELETED_STATE: "state.deleted"}
_PREFIXES: Final = {"after ": "state.after", "before ": "state.before"}


def state_name(state: str, language: Language) -> str:
    """Return the display form of a state; names that people gave stay as they are.

    >>> state_name("(created)", "de"), state_name("after Review", "de"), state_name("Review", "de")
    ('(angelegt)', 'nach Review', 'Review')
    """
    if state in _MADE:
        return say(_MADE[state], language)
    for prefix, code in _PREFIXES.items():
        if state.startswith(prefix):
            return say(code, language, name=state.removeprefix(prefix))
    return state


def term(group: str, code: str | None, language: Language) -> str:
    """Return the word for a code of a closed vocabulary; a dash for none, the code itself where there is no word.

    Groups: category, phase, friction, kind, status, reason, ending, policy, column, mapping, pace, finding, why.

    >>> term("category", "waiting", "de"), term("phase", None, "en")
    ('wartend', '–')
    """
    if code is None:
        return "–"
    key = f"{group}.{code}"
    return say(key, language) if has(key) else code


def policy_name(name: str, language: Language) -> str:
    """Return the display name of a built-in policy; a policy of one's own keeps its name."""
    return say(f"policy.{name}.label", language) if has(f"policy.{name}.label") else name


def reason_text(code: str, language: Language) -> str:
    """Return why a row was rejected, ignored or marked, in words; the code itself where there is no word.

    >>> reason_text("time_missing", "en")
    'time is missing'
    """
    return term("row", code, language)


def note_text(code: str, value: str, language: Language) -> str:
    """Return a note on an import in words; values that are codes or names of metrics are worded too.

    >>> note_text("date_order", "dmy", "en"), note_text("answers", "flow_time, flow_load", "de")
    ('Order of day and month: day before month', 'Beantwortet werden können: Durchlaufzeit, Last (WIP)')
    """
    key = f"note.{code}"
    if not value and has(f"{key}_at_all"):
        return say(f"{key}_at_all", language)
    shown = ", ".join(_note_value(part, language) for part in value.split(", "))
    return say(key, language, value=shown) if has(key) else f"{code}: {shown}"


def _note_value(part: str, language: Language) -> str:
    keys = (f"note_value.{part}", f"metric.{part}.label")
    return next((say(key, language) for key in keys if has(key)), part)
