"""What the law says, beside what a page does about it."""

from __future__ import annotations

from dataclasses import dataclass

from pegel.words import Language, say
from pegel_web.privacy.statements import LegalStatement, legal_statements
from pegel_web.ui.worded import language_now


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLaw:
    """A legal statement in the language of the page. ``since``: since when it is in force."""

    title: str
    text: str
    since: str
    source: str


def law(*ids: str) -> list[ShownLaw]:
    """Return legal statements with article, source and since when they are in force."""
    language, known = language_now(), legal_statements()
    return [
        ShownLaw(
            title=cited(known[one], language),
            text=say(f"privacy.law.{one}", language),
            since=say("privacy.law_since", language, date=known[one].in_force_since),
            source=known[one].source,
        )
        for one in ids
    ]


def cited(statement: LegalStatement, language: Language) -> str:
    """Return article and law as this language cites them.

    >>> cited(legal_statements()["minimisation"], "de"), cited(legal_statements()["minimisation"], "en")
    ('Art. 5 Abs. 1 lit. c DSGVO', 'GDPR Art. 5(1)(c)')
    """
    if language == "en":
        return f"{statement.law[language]} {statement.article}"
    german = statement.article.replace("(1)", " Abs. 1").replace("(c)", " lit. c").replace("(e)", " lit. e")
    return f"{german} {statement.law[language]}"
