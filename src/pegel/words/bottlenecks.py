"""The sentences of bottlenecks and the start-small picker: what would go, how sure that is, where to start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from pegel.flow.answer import Status
from pegel.waits.bottlenecks import Bottlenecks
from pegel.waits.picker import StartSmall, Step
from pegel.waits.removal_options import RemovalOption
from pegel.waits.stage_queues import QueueTrend
from pegel.waits.upstream_efficiency import PartEfficiency
from pegel.words.catalogue import Language, quoted, say
from pegel.words.dates import period_text
from pegel.words.durations import duration
from pegel.words.names import state_name, term
from pegel.words.numbers import number, percent, short_number

_SHARES: Final = ("_share",)
_PLAIN_SHARES: Final = frozenset({"share_of_stream"})
#: The state with the longest visits is worth a remark when it had less than this share of the first one's items.
_RARE: Final = 0.5


def bottleneck_sentence(found: Bottlenecks, language: Language) -> str:
    """Return what would go if the first stage were fixed, how sure its rank is, and where work piles up."""
    if found.status is not Status.VALUE:
        return say(f"reason.{found.reason}", language)
    first = found.stages.row(0, named=True) if found.stages.height else {"delay_days": 0}
    if not first["delay_days"]:
        parts = [say("bottleneck.none", language)]
    else:
        values = {
            "state": stage_name(first, found, language),
            "time": duration(first["per_item_days"], language, unit=found.unit),
            "share": percent(first["share_of_stream"], language),
            "quarter_time": duration(first["excess_per_item_days"], language, unit=found.unit),
            "best": duration(first["best_quarter_days"], language, unit=found.unit),
        }
        parts = [say(f"bottleneck.{first['stage_kind']}", language, **values), _sureness(found, first, language)]
        parts.append(_longest(found, language))
    parts += [_piles_up(found, language), _mapping(found, language)]
    return " ".join(part for part in parts if part)


def part_sentence(part: PartEfficiency, language: Language, *, unit: str) -> str:
    """Return the flow efficiency before or after commitment in one sentence."""
    name = say("bottleneck.upstream" if part.part == "upstream" else "bottleneck.downstream", language)
    if part.share is None or part.days is None or part.active_days is None:
        status, reason = term("status", part.status.value, language), say(f"reason.{part.reason}", language)
        return say("bottleneck.part.without", language, part=name, status=status, reason=reason)
    return say(
        "bottleneck.part.value",
        language,
        part=name,
        share=percent(part.share, language),
        active=duration(part.active_days, language, unit=unit),
        time=duration(part.days, language, unit=unit),
    )


def option_sentence(option: RemovalOption, found: Bottlenecks, language: Language) -> str:
    """Return an option for a stage with the evidence that suggests it."""
    row = {name: getattr(option, name) for name in ("state", "stream", "type")}
    return say(
        "bottleneck.option",
        language,
        state=stage_name(row, found, language),
        option=term("removal", option.option.value, language),
        strength=term("strength", option.strength.value, language),
        evidence=evidence_text(option, language, unit=found.unit),
    )


def evidence_text(option: RemovalOption, language: Language, *, unit: str) -> str:
    """Return the evidence of an option, number by number."""
    return "; ".join(
        say(f"evidence.{name}", language, value="" if value is None else _shown(name, value, language, unit))
        for name, value in option.evidence.items()
    )


def pick_sentence(found: StartSmall, language: Language) -> str:
    """Return the step to start with and its baseline, or why none can be named."""
    parts = []
    if found.status is not Status.VALUE:
        return say("start_small.no_pick", language, reason=say(f"reason.{found.reason}", language))
    if found.pick is None:
        parts.append(say("start_small.no_pick", language, reason=say(f"reason.{found.pick_reason}", language)))
    else:
        parts += _picked(found.pick, found, language)
    if found.not_configured.height:
        parts.append(say("start_small.unmapped", language, n=found.not_configured.height))
    return " ".join(part for part in (*parts, _mapping(found, language)) if part)


def stage_name(row: Mapping[str, Any], found: Bottlenecks | StartSmall, language: Language) -> str:
    """Return a stage's name in quotation marks, with its stream and type where they are told apart."""
    streams = (
        found.stages["stream"].n_unique()
        if isinstance(found, Bottlenecks)
        else len({step.stream for step in found.steps})
    )
    named = [quoted(state_name(row["state"], language), language)]
    return " · ".join(named + ([row["type"]] if row["type"] else []) + ([row["stream"]] if streams > 1 else []))


def with_range(value: str, low: str | None, high: str | None, language: Language) -> str:
    """Return a written figure with its interval, where there is one.

    >>> with_range("14.0", "13.1", "15.1", "en"), with_range("14.0", None, None, "en")
    ('14.0 (13.1 to 15.1)', '14.0')
    """
    if low is None or high is None:
        return value
    return say("start_small.range", language, value=value, low=low, high=high)


def _picked(step: Step, found: StartSmall, language: Language) -> list[str]:
    row = {"state": step.state, "stream": step.stream, "type": step.type}
    base = step.baseline
    lost = step.lost_hours_per_week
    return [
        say(
            "start_small.pick",
            language,
            state=stage_name(row, found, language),
            phase=term("phase", step.phase, language),
            hours=short_number(lost.value, language),
            low=short_number(lost.low or 0.0, language),
            high=short_number(lost.high or 0.0, language),
            share=percent(step.share_of_stream, language),
        ),
        say(
            "start_small.baseline",
            language,
            period=period_text(base.from_us, base.until_us, language),
            n=base.n,
            per_week=short_number(base.n_per_week, language),
            **{name: duration(getattr(base, name).value, language, unit=found.unit) for name in ("p50", "p85", "mean")},
        ),
    ]


def _mapping(found: Bottlenecks | StartSmall, language: Language) -> str:
    """Say so where the figures rest on a mapping that nobody has confirmed."""
    status = found.workflow_status
    return say(f"summary.{status}", language) if status in ("suggested", "mixed") else ""


def _sureness(found: Bottlenecks, first: Mapping[str, Any], language: Language) -> str:
    if first["first_share"] is None:
        return say("bottleneck.unsure", language, reason=say(f"reason.{found.certainty.reason}", language))
    share = percent(first["first_share"], language)
    return say("bottleneck.sure", language, first=share, resamples=found.resamples)


def _longest(found: Bottlenecks, language: Language) -> str:
    """Say so where the longest state is not the bottleneck, because few items come there."""
    longest = found.stages.filter(pl.col("rank_by_longest") == 1)
    first = found.stages.row(0, named=True)
    if not longest.height or longest["rank"][0] == 1:
        return ""
    row = longest.row(0, named=True)
    if row["items"] >= _RARE * first["items"]:
        return ""
    return say(
        "bottleneck.longest_differs",
        language,
        state=stage_name(row, found, language),
        time=duration(row["days_per_visitor"], language, unit=found.unit),
        items=say("count.items", language, n=row["items"]),
    )


def _piles_up(found: Bottlenecks, language: Language) -> str:
    growing = found.stages.filter(pl.col("trend") == QueueTrend.GROWING.value).sort(
        "net_per_week", "stream", "state", descending=[True, False, False]
    )
    if not growing.height or growing["oldest_days"][0] is None:
        return ""
    row = growing.row(0, named=True)
    return say(
        "bottleneck.piles_up",
        language,
        state=stage_name(row, found, language),
        net=short_number(row["net_per_week"], language),
        now=row["now"],
        oldest=duration(row["oldest_days"], language, unit=found.unit),
    )


def _shown(name: str, value: float, language: Language, unit: str) -> str:
    """Return a number of evidence as its name asks for: a share, days, a weekday, or a count."""
    if name.endswith(_SHARES) or name in _PLAIN_SHARES:
        return percent(value, language)
    if name.endswith("_days"):
        return duration(value, language, unit=unit)
    if name == "busiest_weekday":
        # Evidence counts from Monday, the catalogue from Sunday.
        return say(f"weekday.{(int(value) + 1) % 7}", language)
    return number(value, language) if float(value).is_integer() else short_number(value, language)
