"""Everything that pages show of one stream, computed from the lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from pydantic import TypeAdapter

from pegel.eventlog.policy import BUILT_IN, Policy
from pegel.eventlog.schema import from_us
from pegel.flow.flow_report import Basis, FlowReport, default_policy
from pegel.flow.log import FlowLog
from pegel.lake.store import Lake
from pegel.quality.facts import LakeFacts
from pegel.words import LANGUAGES, Language
from pegel.workbench import find_policy
from pegel_web.flow.computing.answers import Answers, answers_of, standing_of
from pegel_web.flow.computing.computed import Computed, ItemTables, KeptTable, Reading
from pegel_web.flow.computing.counted import counted_log
from pegel_web.flow.computing.drawings import Drawn, period_drawings, standing_drawings
from pegel_web.flow.computing.parts import PARTS
from pegel_web.flow.computing.periods import PERIODS, before_us, bounds_us
from pegel_web.flow.computing.report import overview_content, report_content
from pegel_web.flow.computing.rows import item_tables
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.contracts.overview import OverviewContent
from pegel_web.flow.contracts.reports import ReportContent

#: Contracts to plain JSON and back.
OVERVIEW: Final[TypeAdapter[OverviewContent]] = TypeAdapter(OverviewContent)
REPORT: Final[TypeAdapter[ReportContent]] = TypeAdapter(ReportContent)
#: Drawings by language.
Drawings = Mapping[Language, tuple[Drawn, ...]]


def policies_of(log: FlowLog, lake: Lake, declared: Declared) -> tuple[Policy, ...]:
    """Return the policies that a stream is read by: the declared one alone, else the one that suits the log first."""
    if declared.policy is not None:
        return (find_policy(declared.policy, lake),)
    suited = default_policy(log)
    others = ("commitment_to_done",) if suited == "first_active_to_last_done" else ()
    return tuple(BUILT_IN[name] for name in (suited, *others))


def compute_stream(
    lake: Lake, names: Sequence[str], facts: LakeFacts, declared: Declared, *, on_step: Callable[[], None]
) -> Iterator[Computed | ItemTables | KeptTable]:
    """Yield every result about a stream; ``on_step`` is called before each longer piece of work.

    ``names``: what it is called in the lake, the one that results call it first.

    Raises
    ------
    NotFoundError: ``unknown_stream``, ``lake_empty``.
    """
    log = counted_log(lake, names, declared)
    for number, policy in enumerate(policies_of(log, lake, declared)):
        yield from _under(reading_of(lake, log, policy, facts, declared, preferred=number == 0), on_step=on_step)


def people_in(log: FlowLog) -> int | None:
    """Return how many different people a log names by their pseudonyms; None: it names nobody."""
    actors = log.engine.collect(log.rows().select("actor").unique())["actor"].drop_nulls()
    return len(actors) or None


def reading_of(
    lake: Lake, log: FlowLog, policy: Policy, facts: LakeFacts, declared: Declared, *, preferred: bool
) -> Reading:
    """Return a stream as it is read under a policy."""
    basis = Basis(log, policy)
    return Reading(
        lake=lake,
        log=log,
        policy=policy,
        preferred=preferred,
        facts=facts,
        declared=declared,
        basis=basis,
        everywhere=basis.everywhere,
        windows=basis.windows,
        people=people_in(log),
        as_of=from_us(log.as_of_us),
    )


def _under(reading: Reading, *, on_step: Callable[[], None]) -> Iterator[Computed | ItemTables | KeptTable]:
    on_step()
    standing = standing_of(reading)
    on_step()
    drawn = {one: tuple(standing_drawings(standing, one)) for one in LANGUAGES}
    yield _charts(reading, "", drawn)
    whole: FlowReport | None = None
    for period in PERIODS:
        on_step()
        from_us_, until_us = bounds_us(reading.log, period)
        past = before_us(reading.log, period)
        answers = answers_of(reading, standing, period, from_us=from_us_, until_us=until_us, past=past)
        yield from _of_period(reading, answers, drawn)
        whole = answers.report
    for part in PARTS:
        on_step()
        yield from part(reading)
    on_step()
    age = cast(FlowReport, whole).work_item_age
    items, stays = item_tables(reading, age)
    yield ItemTables(
        policy=reading.policy,
        preferred=reading.preferred,
        items=items,
        stays=stays,
        unit=reading.log.unit,
        as_of=reading.as_of,
    )


def _of_period(reading: Reading, answers: Answers, drawn: Drawings) -> Iterator[Computed]:
    report, standing = answers.report, answers.standing
    told = (
        report.flow_time,
        report.flow_velocity,
        report.flow_efficiency,
        report.flow_load,
        report.flow_distribution,
    )
    shared: dict[str, Any] = {
        "policy": report.policy,
        "period": answers.period,
        "preferred": reading.preferred,
        "as_of": from_us(report.as_of_us),
    }
    figures = tuple(one.definition for one in told)
    further = (
        report.time_in_state,
        report.work_item_age,
        answers.waits,
        standing.steadiness,
        standing.ahead,
        standing.quality,
    )
    mine = {one: tuple(period_drawings(answers, one)) for one in LANGUAGES}
    yield _charts(reading, answers.period, mine)
    yield Computed(
        kind="overview",
        payload={one: OVERVIEW.dump_python(overview_content(answers, one), mode="json") for one in LANGUAGES},
        definitions=figures,
        **shared,
    )
    contents = {one: report_content(answers, (*mine[one], *drawn[one]), one) for one in LANGUAGES}
    yield Computed(
        kind="report",
        payload={one: REPORT.dump_python(content, mode="json") for one, content in contents.items()},
        definitions=(*figures, *(one.definition for one in further)),
        **shared,
    )


def _charts(reading: Reading, period: str, drawn: Drawings) -> Computed:
    """Return drawings to be kept: their specifications stay texts, which nobody has to read before a browser does."""
    texts: dict[str, Any] = {
        language: {one.name: one.specification for one in mine} for language, mine in drawn.items()
    }
    return Computed(
        kind="charts",
        policy=reading.policy,
        period=period,
        preferred=reading.preferred,
        payload={**texts, "people": reading.people},
        definitions=(),
        as_of=reading.as_of,
    )
