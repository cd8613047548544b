"""Anthropic: answers of ``/v1/organizations/usage_report/messages`` and ``/v1/organizations/cost_report``.

They know workspaces, which stand for teams here, and no people; results that name no workspace (not grouped by it, or
of the default workspace) are rejected. Amounts are in cents, as decimal text. Cached and written input counts as
input. The cost report leaves out the priority tier, so costs are a lower bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pegel.lake.pseudonyms import Pseudonyms
from pegel.sources.json_values import mapping, member
from pegel.sources.usage.buckets import Result, results
from pegel.sources.usage.people import People
from pegel.sources.usage.tidy import Fact, UsageBuilder, UsageRead
from pegel.sources.usage.values import CENTS, Figures, currency_of, total

TOOL: Final = "anthropic"
#: What tells the results of a bucket apart.
_PARTS: Final = (
    "workspace_id",
    "api_key_id",
    "model",
    "service_tier",
    "context_window",
    "description",
    "cost_type",
    "token_type",
    "inference_geo",
)


def read_anthropic(
    paths: Path | str | Sequence[Path | str],
    *,
    pseudonyms: Pseudonyms,
    team_of_workspace: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> UsageRead:
    """Read saved answers; usage and cost reports may be read together.

    Parameters
    ----------
    team_of_workspace: name of the team by workspace id; other workspaces keep their id.

    Raises
    ------
    NotFoundError: ``file_not_found``. InputError: ``file_empty``, ``json_*``, ``archive_*``.
    """
    builder = UsageBuilder(TOOL, People(pseudonyms))
    for result in results(builder, paths, encoding=encoding):
        _add(builder, result, team_of_workspace or {})
    return builder.take()


def _add(builder: UsageBuilder, result: Result, teams: Mapping[str, str]) -> None:
    value: Mapping[str, Any] = result.value
    figures = Figures()
    amount, currency = figures.amount(value.get("amount")), currency_of(value.get("currency"))
    if amount is not None and currency is None:
        builder.warnings["currency_unclear"] += 1
        amount = None
    written = mapping(value.get("cache_creation"))
    tokens_in = [
        figures.count(one)
        for one in (
            value.get("uncached_input_tokens"),
            value.get("cache_read_input_tokens"),
            written.get("ephemeral_1h_input_tokens"),
            written.get("ephemeral_5m_input_tokens"),
        )
    ]
    tokens_out = figures.count(value.get("output_tokens"))
    builder.warnings["value_unusable"] += figures.unusable
    signs = (*tokens_in, tokens_out)
    if "amount" not in value and all(sign is None for sign in signs):
        builder.reject(result.row, "use_not_said")
        return
    workspace = member(value, "workspace_id")
    builder.add(
        result.row,
        (*result.bucket, "amount" in value, *(repr(value.get(name)) for name in _PARTS)),
        Fact(
            result.day,
            team=None if workspace is None else teams.get(workspace, workspace),
            active=None if all(sign is None for sign in signs) else any(signs),
            tokens_in=total(tokens_in),
            tokens_out=tokens_out,
            cost=None if amount is None else amount / CENTS,
            currency=currency if amount is not None else None,
        ),
    )
