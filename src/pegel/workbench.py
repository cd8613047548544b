"""From a file to an answer in a few calls: what the command line, a notebook and the application all use.

::

    lake = pegel.create_lake("my-lake")
    result = pegel.import_file(lake, "export.csv", seen_at=datetime.now(UTC))
    report = pegel.flow_report(pegel.open_log(lake))
    report.flow_time.p85
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import narwhals as nw
import polars as pl

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.batch import name_defect
from pegel.eventlog.calendar import Calendar, built_in_calendar
from pegel.eventlog.calendar_file import load_calendar
from pegel.eventlog.policy import BUILT_IN, Policy, load_policy
from pegel.eventlog.schema import to_us
from pegel.eventlog.workflow import Workflow
from pegel.flow.attribution import attribute
from pegel.flow.flow_report import FlowReport, default_policy
from pegel.flow.flow_report import flow_report as _flow_report
from pegel.flow.item_windows import item_windows
from pegel.flow.log import FlowLog
from pegel.flow.open_log import log_of_prepared
from pegel.flow.weekly_aggregates import add, weekly_aggregates
from pegel.lake.aggregates import keep, read_kept
from pegel.lake.importing import Account, ImportResult
from pegel.lake.prepared import Prepared
from pegel.lake.store import Lake
from pegel.lake.workflows import refresh_suggestions, workflows
from pegel.network import LoadTransfer, StreamNetwork, load_transfer, stream_network, weekly_flow
from pegel.sources.detection import open_source
from pegel.sources.formats import ReadOptions
from pegel.sources.transitions.source import stem

_BLOCK = 1 << 20


def import_file(
    lake: Lake,
    path: Path | str,
    options: ReadOptions | None = None,
    *,
    seen_at: datetime,
    format: str | None = None,  # noqa: A002  the option's name
    on_part: Callable[[Account, float | None], None] | None = None,
) -> ImportResult:
    """Read a file into a lake and suggest workflows for streams that have none.

    Parameters
    ----------
    seen_at: when the lake sees these events (aware). ``format``: name of the format; None: detect it.

    Raises
    ------
    InputError, AmbiguousInputError: the file cannot be read, or only by guessing. The lake is as it was.
    """
    path = Path(path)
    require_file(path)
    options = options or ReadOptions()
    if options.stream is not None and (name_defect(options.stream) or not options.stream.isprintable()):
        raise InputError("stream_name_unusable", name=options.stream[:100])
    source = open_source(path, options, format=format)
    result = lake.import_source(
        source,
        file=path.name,
        fingerprint=_fingerprint(path, options, format),
        seen_us=to_us(seen_at),
        file_stream=None if options.stream else stem(path),
        on_part=on_part,
    )
    refresh_suggestions(lake)
    return result


def abandon_import(lake: Lake, path: Path, options: ReadOptions | None = None, *, format: str | None = None) -> bool:  # noqa: A002  the option's name
    """Give up an import of this file with these options that was interrupted; False: there is none."""
    return lake.abandon(_fingerprint(path, options or ReadOptions(), format))


def require_forward(from_at: datetime | None, until_at: datetime | None) -> None:
    """Check that a period does not end before it begins.

    Raises
    ------
    InputError: ``period_backwards``.
    """
    if from_at is not None and until_at is not None and until_at < from_at:
        raise InputError("period_backwards", from_at=from_at.isoformat(), until_at=until_at.isoformat())


def require_file(path: Path) -> None:
    """Check that there is a file to read.

    Raises
    ------
    NotFoundError: ``no_such_file``. InputError: ``not_a_file`` for a folder or a device.
    """
    if not path.exists():
        raise NotFoundError("no_such_file", file=str(path))
    if not path.is_file():
        raise InputError("not_a_file", path=str(path))


def open_log(
    lake: Lake,
    *,
    streams: Iterable[str] | None = None,
    types: Iterable[str] | None = None,
    items: pl.Series | None = None,
    joined: Mapping[str, str] | None = None,
    mappings: Mapping[str, Workflow] | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    calendar: Calendar | None = None,
) -> FlowLog:
    """Open the log of some streams (None: all) for reading.

    ``types``: only items of these types ("": those without one). ``items``: only items of these numbers.
    ``joined``: streams of the lake that are read as part of another (name in the lake → the name they are read by);
    ``streams`` are names that streams are read by. ``mappings``: what the states of some streams of the lake are taken
    to mean, instead of what is in force.
    ``as_of`` cuts by event time: nothing that happened later is seen. ``known_at`` cuts by seen time: nothing that was
    imported later is known. ``calendar``: durations are its working time; None: elapsed time.
    """
    known_at_us = None if known_at is None else to_us(known_at)
    state = lake.prepared(known_at_us=known_at_us)
    if not state.segments:
        raise NotFoundError("lake_empty", lake=lake.root.name)
    return log_of_prepared(
        state,
        {**workflows(lake), **(mappings or {})},
        streams=streams,
        types=types,
        items=items,
        joined=joined,
        as_of_us=None if as_of is None else to_us(as_of),
        future_events=any("future_time" in line["result"] for line in lake.register().committed),
        calendar=calendar,
        changes=lake.records("field_changes", known_at_us=known_at_us),
        links=lake.records("links", known_at_us=known_at_us),
    )


def flow_report(
    log: FlowLog,
    *,
    policy: Policy | None = None,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
) -> FlowReport:
    """Compute every metric; without a policy the one that suits the log (see ``default_policy``).

    Raises
    ------
    InputError: ``period_backwards``.
    """
    require_forward(from_at, until_at)
    return _flow_report(
        log,
        policy or BUILT_IN[default_policy(log)],
        from_us=None if from_at is None else to_us(from_at),
        until_us=None if until_at is None else to_us(until_at),
    )


def network(log: FlowLog, *, policy: Policy | None = None) -> StreamNetwork:
    """Tell which value stream waits for which; see ``pegel.network``."""
    rules = policy or BUILT_IN[default_policy(log)]
    return stream_network(log, rules, attribute(log, rules, item_windows(log, rules), all_streams=True))


def moved_load(
    log: FlowLog,
    giver: str,
    taker: str,
    *,
    items_per_week: int,
    capacity_share: float = 0.0,
    policy: Policy | None = None,
) -> LoadTransfer:
    """Tell what would change if so many arrivals a week moved to another stream; see ``pegel.network.load_transfer``.

    Raises
    ------
    NotFoundError: ``unknown_stream``.
    """
    rules = policy or BUILT_IN[default_policy(log)]
    flows = weekly_flow(log, rules, attribute(log, rules, item_windows(log, rules), all_streams=True))
    for name in (giver, taker):
        if name not in flows:
            raise NotFoundError("unknown_stream", name=name, known=sorted(flows))
    return load_transfer(flows[giver], flows[taker], items_per_week=items_per_week, capacity_share=capacity_share)


def weekly(lake: Lake, *, policy: Policy | None = None) -> pl.DataFrame:
    """Return the weekly aggregates of all streams under a policy; see ``pegel.flow.weekly_aggregates``.

    They are kept in the lake and brought up to date for the items that were touched since.
    """
    state = lake.prepared()
    mapping = workflows(lake)
    log = open_log(lake)
    rules = policy or BUILT_IN[default_policy(log)]
    content = repr((rules, sorted(mapping.items(), key=lambda pair: pair[0]), log.cut and log.as_of_us))
    name = f"weekly-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
    kept = read_kept(lake.root, name)
    if kept is not None and kept.is_of(state):
        return kept.table
    before = kept.before(state) if kept is not None else None
    if kept is None or before is None:
        table = weekly_aggregates(log, rules)
    else:
        old_state, touched = before

        def of_touched(one: Prepared) -> pl.DataFrame:
            chosen = log_of_prepared(one, mapping)
            mine = chosen.intervals.filter(nw.col("item").is_in(touched.to_list()))
            return weekly_aggregates(replace(chosen, intervals=mine), rules)

        table = add([kept.table, of_touched(state)], less=of_touched(old_state))
    keep(lake.root, name, table, state)
    return table


def find_policy(name: str, lake: Lake | None = None) -> Policy:
    """Return a policy: built-in, kept in the lake (``policies/NAME.yaml``), or read from a file.

    Raises
    ------
    NotFoundError: ``unknown_policy`` with the names that exist.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    text = _kept(name, lake, "policies")
    if text is None:
        raise NotFoundError("unknown_policy", name=name, known=sorted([*BUILT_IN, *kept_names(lake, "policies")]))
    return load_policy(text)


def find_calendar(name: str, lake: Lake | None = None) -> Calendar | None:
    """Return a calendar: built-in, kept in the lake (``calendars/NAME.yaml``), or read from a file; None: elapsed.

    Raises
    ------
    NotFoundError: ``unknown_calendar`` with the names that exist.
    """
    text = _kept(name, lake, "calendars")
    return built_in_calendar(name) if text is None else load_calendar(text)


def _kept(name: str, lake: Lake | None, folder: str) -> str | None:
    path = Path(name)
    if lake is not None and re.fullmatch(r"[\w.-]+", name) and (lake.root / folder / f"{name}.yaml").is_file():
        path = lake.root / folder / f"{name}.yaml"
    elif path.suffix not in (".yaml", ".yml"):
        return None
    if not path.is_file():
        raise NotFoundError("no_such_file", file=name)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError("not_utf8", file=name) from error


def kept_names(lake: Lake | None, folder: str) -> list[str]:
    """Return the names of the settings that a lake keeps in a folder: ``policies`` or ``calendars``."""
    return [] if lake is None else [path.stem for path in (lake.root / folder).glob("*.yaml")]


def _fingerprint(path: Path, options: ReadOptions, format_name: str | None) -> str:
    digest = hashlib.sha256(repr((options, format_name)).encode())
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
