"""Claude Code: answers of the Analytics API ``/v1/organizations/usage_report/claude_code``.

One record per day, actor and kind of terminal; they add up. Amounts of money are in the lowest unit of the currency
(cents) and become units here. An actor that is an API key is no person: its cost counts, and it is nobody's member.

Taken: sessions as interactions, accepted proposals of all tools, tokens (read and written cache counts as input),
estimated cost. Not taken: lines of code, commits, pull requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from pegel.lake.pseudonyms import Pseudonyms
from pegel.sources.json_values import mapping, member, objects
from pegel.sources.usage.json_rows import json_files
from pegel.sources.usage.people import People
from pegel.sources.usage.tidy import Fact, UsageBuilder, UsageRead
from pegel.sources.usage.values import CENTS, Figures, currency_of, day_of, folded, total

TOOL: Final = "claude_code"
_ARRAYS: Final = frozenset({"data"})
#: What, besides day and actor, tells the records of a day apart.
_PARTS: Final = ("organization_id", "customer_type", "subscription_type", "terminal_type")
_INPUT: Final = ("input", "cache_read", "cache_creation")
_WORK: Final = ("num_sessions", "commits_by_claude_code", "pull_requests_by_claude_code")


def read_claude_code(
    paths: Path | str | Sequence[Path | str],
    *,
    pseudonyms: Pseudonyms,
    known_as: Mapping[str, str] | None = None,
    team_of_key: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> UsageRead:
    """Read saved answers, pages and days in any order.

    Parameters
    ----------
    team_of_key: team that an API key works for, by the name of the key; others are rejected as naming nobody.

    Raises
    ------
    NotFoundError: ``file_not_found``. InputError: ``file_empty``, ``json_*``, ``archive_*``.
    """
    builder = UsageBuilder(TOOL, People(pseudonyms, known_as))
    more = False
    for file, found in json_files(paths, arrays=_ARRAYS, encoding=encoding):
        builder.begin(file)
        if found.page:
            more = found.value.get("has_more") is True
            continue
        row = builder.next_row()
        if found.reason:
            builder.reject(row, found.reason)
        else:
            _add(builder, row, found.value, team_of_key or {})
    builder.warnings["further_pages_missing"] += more
    return builder.take()


def _add(builder: UsageBuilder, row: int, value: Mapping[str, Any], team_of_key: Mapping[str, str]) -> None:
    day = day_of(value.get("date"))
    if day is None:
        builder.reject(row, "unreadable_time", value.get("date"))
        return
    actor = mapping(value.get("actor"))
    person = folded(member(actor, "email_address"))
    key = member(actor, "api_key_name")
    if person is None and key is not None and key not in team_of_key:
        builder.reject(row, "key_without_team")
        return
    figures = Figures()
    core = mapping(value.get("core_metrics"))
    work = [figures.count(core.get(name)) for name in _WORK]
    accepted = [figures.count(mapping(tool).get("accepted")) for tool in mapping(value.get("tool_actions")).values()]
    models = objects(value.get("model_breakdown"))
    used = [mapping(model.get("tokens")) for model in models]
    tokens_in = [figures.count(one.get(name)) for one in used for name in _INPUT]
    tokens_out = [figures.count(one.get("output")) for one in used]
    cost, currency = _cost(builder, figures, models)
    builder.warnings["value_unusable"] += figures.unusable
    signs = [*work, *accepted, *tokens_in, *tokens_out]
    if all(sign is None for sign in signs):
        builder.reject(row, "use_not_said")
        return
    builder.add(
        row,
        (day, person or key, *(repr(value.get(name)) for name in _PARTS)),
        Fact(
            day,
            person=person,
            team=None if person is not None or key is None else team_of_key[key],
            active=any(signs),
            interactions=work[0],
            accepted=total(accepted),
            tokens_in=total(tokens_in),
            tokens_out=total(tokens_out),
            cost=cost,
            currency=currency,
        ),
    )


def _cost(
    builder: UsageBuilder, figures: Figures, models: Sequence[Mapping[str, Any]]
) -> tuple[Decimal | None, str | None]:
    """Return what the models of a record cost together, and in which currency."""
    paid: list[tuple[str | None, Decimal]] = []
    for model in models:
        cost = mapping(model.get("estimated_cost"))
        amount = figures.amount(cost.get("amount"))
        if amount is not None:
            paid.append((currency_of(cost.get("currency")), amount / CENTS))
    currencies = {currency for currency, _ in paid}
    if len(currencies) > 1 or None in currencies:
        builder.warnings["currency_unclear"] += 1
        return None, None
    return (sum((amount for _, amount in paid), Decimal(0)), currencies.pop()) if paid else (None, None)
