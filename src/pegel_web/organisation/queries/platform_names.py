"""What platforms are called on a day; those that are over keep their last name, those to come have their first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from pegel_web.organisation.models import PlatformPeriod
from pegel_web.organisation.validity import valid_on


def period_of_day(periods: Iterable[PlatformPeriod], day: date) -> PlatformPeriod:
    """Return of the periods of one platform, in order, the one of a day: otherwise the last before it, or the first."""
    listed = list(periods)
    return next((one for one in reversed(listed) if one.valid_from <= day), listed[0])


def platform_names(platforms: Iterable[UUID | None], day: date) -> dict[UUID, str]:
    """Return the name of each platform on a day."""
    wanted = {one for one in platforms if one is not None}
    found: dict[UUID, list[PlatformPeriod]] = {}
    for row in PlatformPeriod.objects.filter(platform_id__in=wanted).order_by("valid_from") if wanted else ():
        found.setdefault(row.platform_id, []).append(row)
    return {one: period_of_day(periods, day).name for one, periods in found.items()}


def offered_platforms(day: date) -> dict[UUID, str]:
    """Return the platforms that are offered on a day, by name."""
    rows = PlatformPeriod.objects.filter(valid_on(day))
    found = sorted(rows.values_list("platform_id", "name"), key=lambda one: (one[1].casefold(), str(one[0])))
    return dict(found)
