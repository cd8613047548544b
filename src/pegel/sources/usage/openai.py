"""OpenAI: answers of ``/v1/organization/usage/…`` and ``/v1/organization/costs``, where they name a user or project.

Ask with ``group_by=user_id`` and ``group_by=project_id`` in one request: then each result has both. Usage and costs
may be read together; costs know projects, no users. Cached input counts as input. A cost says nothing about activity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pegel.lake.pseudonyms import Pseudonyms
from pegel.sources.json_values import mapping, member
from pegel.sources.usage.buckets import Groupings, Result, results
from pegel.sources.usage.people import People
from pegel.sources.usage.tidy import Fact, UsageBuilder, UsageRead
from pegel.sources.usage.values import Figures, currency_of, folded

TOOL: Final = "openai"
#: What tells the results of a bucket apart.
_PARTS: Final = ("object", "user_id", "project_id", "api_key_id", "model", "batch", "service_tier", "line_item")


def read_openai(
    paths: Path | str | Sequence[Path | str],
    *,
    pseudonyms: Pseudonyms,
    known_as: Mapping[str, str] | None = None,
    team_of_project: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> UsageRead:
    """Read saved answers.

    Parameters
    ----------
    team_of_project: name of the team by project id; other projects keep their id.

    Raises
    ------
    NotFoundError: ``file_not_found``. InputError: ``file_empty``, ``json_*``, ``archive_*``.
    """
    builder = UsageBuilder(TOOL, People(pseudonyms, known_as))
    groupings = Groupings()
    for result in results(builder, paths, encoding=encoding):
        _add(builder, groupings, result, team_of_project or {})
    builder.warnings["grouped_two_ways"] += groupings.told_twice()
    return builder.take()


def _add(builder: UsageBuilder, groupings: Groupings, result: Result, teams: Mapping[str, str]) -> None:
    value: Mapping[str, Any] = result.value
    figures = Figures()
    paid = mapping(value.get("amount"))
    cost, currency = figures.amount(paid.get("value")), currency_of(paid.get("currency"))
    if cost is not None and currency is None:
        builder.warnings["currency_unclear"] += 1
        cost = None
    requests = figures.count(value.get("num_model_requests"))
    tokens_in = figures.count(value.get("input_tokens"))
    tokens_out = figures.count(value.get("output_tokens"))
    builder.warnings["value_unusable"] += figures.unusable
    signs = (requests, tokens_in, tokens_out)
    if "amount" not in value and all(sign is None for sign in signs):
        builder.reject(result.row, "use_not_said")
        return
    person, project = folded(member(value, "user_id")), member(value, "project_id")
    groupings.add("cost" if "amount" in value else "usage", result.bucket, person=person, team=project)
    builder.add(
        result.row,
        (*result.bucket, *(repr(value.get(name)) for name in _PARTS)),
        Fact(
            result.day,
            person=person,
            team=None if project is None else teams.get(project, project),
            active=None if all(sign is None for sign in signs) else any(signs),
            interactions=requests,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=cost,
            currency=currency if cost is not None else None,
        ),
    )
