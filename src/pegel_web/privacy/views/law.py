"""What the law says, beside what a page does about it."""

from __future__ import annotations

from pegel_web.privacy.statements import legal_statements
from pegel_web.ui.components import Definition
from pegel_web.ui.worded import language_now, worded


def law(*ids: str) -> list[Definition]:
    """Return legal statements with article, source and the day on which they were last compared with it."""
    language = language_now()
    found = []
    for one in (legal_statements()[id_] for id_ in ids):
        text = worded(f"privacy.law.{one.id}")
        checked = worded("privacy.law_checked", date=one.verified_on)
        found.append(
            Definition(term=f"{one.law[language]} {article(one.article)}", text=f"{text} {checked}", href=one.source)
        )
    return found


def article(text: str) -> str:
    """Return an article as this language cites it.

    >>> article("Art. 5(1)(c)")
    'Art. 5(1)(c)'
    """
    if language_now() == "en":
        return text
    german = text.replace("Art. 5(1)(c)", "Art. 5 Abs. 1 lit. c").replace("Art. 5(1)(e)", "Art. 5 Abs. 1 lit. e")
    return german.replace("(1)", " Abs. 1")
