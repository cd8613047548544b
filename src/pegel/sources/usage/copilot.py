"""GitHub Copilot: the daily reports ``users-1-day`` (or ``users-28-day``) and ``user-teams-1-day``.

Both are NDJSON behind signed links; the older documents with ``day_totals`` are read too. Team and person are joined
day by day on (user, day), because people change teams; GitHub leaves out teams with fewer than five seats. A member of
several teams counts in each of them, so teams do not add up to the organisation. Somebody who has a seat in a team and
used nothing on a day with a report stands there as not active.

Taken: interactions, accepted proposals, tokens of the command line (GitHub tells no others). Not taken: lines of code;
AI credits, which are no money.

Source: docs.github.com, *Team-level Copilot usage metrics*; *Data available in Copilot usage metrics*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from pegel.lake.pseudonyms import Pseudonyms
from pegel.sources.json_values import mapping, member
from pegel.sources.usage.json_rows import json_files
from pegel.sources.usage.people import People
from pegel.sources.usage.tidy import Fact, UsageBuilder, UsageRead
from pegel.sources.usage.values import Figures, day_of, id_of

TOOL: Final = "github_copilot"
_ARRAYS: Final = frozenset({"day_totals", "user_totals"})
_COUNTS: Final = (
    "user_initiated_interaction_count",
    "code_generation_activity_count",
    "code_acceptance_activity_count",
)
#: Marks of use. A review that Copilot makes by itself (…_passive) is not the person's.
_USED: Final = (
    "used_agent",
    "used_chat",
    "used_cli",
    "used_copilot_coding_agent",
    "used_copilot_cloud_agent",
    "used_copilot_code_review_active",
)


def read_copilot(
    users: Path | str | Sequence[Path | str],
    teams: Path | str | Sequence[Path | str] = (),
    *,
    pseudonyms: Pseudonyms,
    known_as: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> UsageRead:
    """Read reports of users and, where given, of their teams; files of several days in any order.

    Raises
    ------
    NotFoundError: ``file_not_found``. InputError: ``file_empty``, ``json_*``, ``archive_*``.
    """
    builder = UsageBuilder(TOOL, People(pseudonyms, known_as))
    names = _Names()
    reported: set[date] = set()
    waiting: list[tuple[int, dict[str, Any]]] = []
    for file, found in json_files(users, arrays=_ARRAYS, encoding=encoding):
        builder.begin(file)
        if found.page:
            day = _report_day(found.value)
            reported |= {day} if day else set()
            for row, value in waiting:
                _add_user(builder, names, row, value, day, reported)
            waiting.clear()
            continue
        row = builder.next_row()
        if found.reason:
            builder.reject(row, found.reason)
        elif "download_links" in found.value:
            builder.reject(row, "links_without_report")
        elif "day" not in found.value and "date" not in found.value:
            waiting.append((row, found.value))  # the page says the day, behind its records
        else:
            _add_user(builder, names, row, found.value, None, reported)
    for row, value in waiting:
        _add_user(builder, names, row, value, None, reported)
    if teams:
        _join(builder, names, teams, encoding, reported)
    builder.rename(names.latest)
    return builder.take()


class _Names:
    """Users by their number, which stays when a login changes; the login of the latest day is their name."""

    def __init__(self) -> None:
        self._latest: dict[str, tuple[date, str]] = {}

    def key(self, value: Mapping[str, Any], day: date) -> str | None:
        """Return what a user is known by in all rows; None where the row names nobody."""
        login = login_of(value)
        number = id_of(value.get("user_id"))
        if number is None:
            return login
        key = f"{TOOL}:{number}"
        if login is not None:
            self._latest[key] = max(self._latest.get(key, (date.min, "")), (day, login))
        return key

    def latest(self, key: str) -> str:
        """Return the name under which a user is known last."""
        return self._latest[key][1] if key in self._latest else key


def login_of(value: Mapping[str, Any]) -> str | None:
    """Return the login that a row names."""
    return member(value, "user_login") or member(value, "login")


def _report_day(page: Mapping[str, Any]) -> date | None:
    """Return the one day that a report is about."""
    first, last = page.get("report_start_day"), page.get("report_end_day")
    return day_of(page.get("report_day") or (first if first == last else None))


def _add_user(
    builder: UsageBuilder,
    names: _Names,
    row: int,
    value: Mapping[str, Any],
    report_day: date | None,
    reported: set[date],
) -> None:
    told = value.get("day", value.get("date"))
    day = report_day if told is None else day_of(told)
    if day is None:
        if told is not None:
            builder.reject(row, "unreadable_time", told)
        else:
            builder.reject(row, "several_days" if "total_active_days" in value else "time_missing")
        return
    login = login_of(value)
    if login is not None and not builder.usable(row, login):
        return
    key = names.key(value, day)
    if key is None:
        builder.reject(row, "nobody_named")
        return
    figures = Figures()
    counts = [figures.count(value.get(name)) for name in _COUNTS]
    used = [value[name] for name in _USED if isinstance(value.get(name), bool)]
    tokens = mapping(mapping(value.get("totals_by_cli")).get("token_usage"))
    fact = Fact(
        day,
        person=key,
        active=any(used) or any(count for count in counts),
        interactions=counts[0],
        accepted=counts[2],
        tokens_in=figures.count(tokens.get("prompt_tokens_sum")),
        tokens_out=figures.count(tokens.get("output_tokens_sum")),
    )
    if not used and all(count is None for count in counts):
        builder.reject(row, "use_not_said")
        return
    builder.warnings["value_unusable"] += figures.unusable
    reported.add(day)
    builder.add(row, (key, day), fact)


def _join(
    builder: UsageBuilder,
    names: _Names,
    teams: Path | str | Sequence[Path | str],
    encoding: str | None,
    reported: set[date],
) -> None:
    """Give every fact the teams of its user on its day; members without a fact were not active."""
    of_day: dict[tuple[str, date], dict[tuple[str, str], int]] = {}
    numbers: dict[str, set[str]] = {}
    for file, found in json_files(teams, arrays=_ARRAYS, encoding=encoding):
        builder.begin(file)
        if found.page:
            continue
        row = builder.next_row()
        if found.reason:
            builder.reject(row, found.reason)
            continue
        day = day_of(found.value.get("day"))
        number = id_of(found.value.get("team_id"))
        slug = member(found.value, "slug") or number
        login = login_of(found.value)
        if day is None:
            builder.reject(row, "unreadable_time", found.value.get("day"))
        elif slug is None:
            builder.reject(row, "team_missing")
        elif all(builder.usable(row, name) for name in (slug, login) if name is not None):
            key = names.key(found.value, day)
            if key is None:
                builder.reject(row, "nobody_named")
                continue
            numbers.setdefault(slug, set()).add(number or "")
            mine = of_day.setdefault((key, day), {})
            builder.duplicate += (slug, number or "") in mine
            mine.setdefault((slug, number or ""), row)

    def named(slug: str, number: str) -> str:
        return f"{slug} ({number})" if len(numbers[slug]) > 1 else slug  # equal names in several organisations

    for (key, day), mine in sorted(of_day.items()):
        builder.warnings["in_several_teams"] += len(mine) > 1
        if builder.knows((key, day)):
            builder.merged += len(mine)
            continue
        active = False if day in reported else None
        for (slug, number), row in sorted(mine.items()):
            builder.add(row, (key, day, slug, number), Fact(day, person=key, team=named(slug, number), active=active))
    builder.spread({who: [named(*team) for team in sorted(mine)] for who, mine in of_day.items()})
