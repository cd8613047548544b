"""What an error says to a person, and what the person can do."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from pegel.errors import PegelError
from pegel.words.catalogue import Language, forms_of, has, say, shown


@dataclass(frozen=True, slots=True)
class Explanation:
    """``says``: what happened, one sentence. ``do``: what the person can do about it."""

    says: str
    do: str


def explain(error: PegelError, language: Language) -> Explanation:
    """Return the words for an error. Never fails: an error without words is named by its code.

    >>> from pegel.errors import NotFoundError
    >>> explain(NotFoundError("unknown_policy", name="x", known=["a", "b"]), "en")
    Explanation(says='There is no policy named “x”.', do='Choose one of: a, b.')
    """
    code = f"error.{error.code}"
    if not has(code):
        return Explanation(
            say("error.unworded", language, name=error.code, detail=str(error)), say("error.unworded.do", language)
        )
    values: defaultdict[str, str] = defaultdict(lambda: "–")
    values.update({name: _value(name, value, language) for name, value in error.values.items()})
    says, do = (forms_of(part, language)["other"].format_map(values) for part in (code, f"{code}.do"))
    hint = f"hint.{error.values.get('hint')}"
    return Explanation(says, f"{do} {say(hint, language)}" if has(hint) else do)


def _value(name: str, value: object, language: Language) -> str:
    """Return a value; details that are codes themselves are worded."""
    key = f"{name}.{value}"
    return say(key, language) if isinstance(value, str) and has(key) else shown(value, language)
