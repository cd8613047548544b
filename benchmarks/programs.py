"""What is measured: ``python benchmarks/programs.py PROGRAM ARGUMENT…`` runs one program and says how long it took.

The last line of the output is JSON with ``seconds``, ``peak_gb`` (of the whole process) and what the program found.
"""

from __future__ import annotations

import importlib
import json
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

Said = dict[str, Any]


def _peak_gb() -> float:
    """Peak memory of this process; Linux would let ``getrusage`` inherit that of the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def _timed(work: Callable[[], Any], *, warm: bool = True) -> tuple[float, Any]:
    if warm:
        work()
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def make_lake(folder: str, transitions: str) -> Said:
    """Make a lake, unless it is there; ``seconds`` is what its import took when it was made."""
    from data import lake

    root, imported = lake(Path(folder), int(transitions))
    return {"root": str(root), **imported}


def five_tables(module: str, root: str, answers: str = "") -> Said:
    """Five tables by one of the programs; with ``answers`` it keeps them there, for comparison, and only runs once."""
    program = importlib.import_module(f"five_tables.{module}").five_tables
    seconds, tables = _timed(lambda: program(Path(root)), warm=not answers)
    return {"seconds": seconds, **_kept(tables, answers)}


def pandas_from_transitions(root: str, answers: str = "") -> Said:
    """Five tables by pandas from the transitions."""
    from five_tables.with_pandas import from_transitions

    seconds, tables = _timed(lambda: from_transitions(Path(root)), warm=False)
    return {"seconds": seconds, **_kept(tables, answers)}


def working_time(root: str) -> Said:
    """Five tables by Pegel in the working time of the German calendar."""
    from five_tables.with_pegel import five_tables as program
    from pegel.eventlog.calendar import built_in_calendar

    calendar = built_in_calendar("de")
    return {"seconds": _timed(lambda: program(Path(root), calendar=calendar))[0]}


def prepare(root: str) -> Said:
    """Prepare the intervals of a lake anew."""
    from pegel.lake.store import open_lake

    return {"seconds": _timed(lambda: open_lake(root).prepare(anew=True), warm=False)[0]}


def pm4py_questions(root: str) -> Said:
    """Case durations and performance graph by pm4py."""
    from pm4py_questions import durations_and_graph

    seconds, found = _timed(lambda: durations_and_graph(Path(root)), warm=False)
    return {"seconds": seconds, **found}


def incremental(root: str, transitions: str, new: str) -> Said:
    """Import what happens next into a copy of a lake, until it is visible in a stream's figures."""
    from data import SEEN_US, source
    from five_tables.with_pegel import tables_of
    from pegel import open_log
    from pegel.lake.store import open_lake
    from pegel.lake.workflows import refresh_suggestions

    following = source(int(transitions)).following(int(new))
    with tempfile.TemporaryDirectory(dir=Path(root).parent) as folder:
        shutil.copytree(root, Path(folder) / "lake")
        lake = open_lake(Path(folder) / "lake")
        stream = lake.streams()[0]
        before = tables_of(open_log(lake, streams=[stream]))["velocity"]["finished"].sum()
        laps = [time.perf_counter()]
        lake.import_source(following, file="following", fingerprint="f" * 64, seen_us=SEEN_US + 365 * 86_400_000_000)
        laps.append(time.perf_counter())
        refresh_suggestions(lake)
        laps.append(time.perf_counter())
        log = open_log(lake, streams=[stream])
        laps.append(time.perf_counter())
        after = tables_of(log)["velocity"]["finished"].sum()
        laps.append(time.perf_counter())
    parts = dict(zip(("import", "suggest", "open", "report"), (b - a for a, b in pairwise(laps)), strict=True))
    return {"seconds": laps[-1] - laps[0], "visible": bool(after > before), **parts}


def one_stream(root: str, weeks: str) -> Said:
    """Five tables of one stream over the last weeks, in a process that has answered before."""
    from five_tables.with_pegel import tables_of
    from pegel import open_log
    from pegel.eventlog.schema import WEEK_US
    from pegel.lake.store import open_lake

    lake = open_lake(root)
    streams = lake.streams()
    log = open_log(lake, streams=[streams[0]])
    tables_of(log, weeks=int(weeks))
    warm, opening = [], []
    for stream in streams[:10]:
        began = time.perf_counter()
        log = open_log(lake, streams=[stream])
        opened = time.perf_counter()
        tables = tables_of(log, weeks=int(weeks))
        warm.append(time.perf_counter() - opened)
        opening.append(opened - began)
        first = tables["velocity"]["week_us"].min()
        assert first >= log.as_of_us - (int(weeks) + 1) * WEEK_US
    return {"seconds": statistics.median(warm), "opening": statistics.median(opening)}


def read_xes(reader: str, file: str) -> Said:
    """Read an XES file with Pegel's source (to event-log batches) or with pm4py's default reader (to a data frame)."""
    if reader == "pegel":
        from pegel.sources.detection import open_source
        from pegel.sources.formats import ReadOptions

        def work() -> int:
            return sum(batch.transitions.height for batch in open_source(Path(file), ReadOptions()).batches())
    else:
        import pm4py

        def work() -> int:
            return len(pm4py.read_xes(file))

    seconds, events = _timed(work, warm=False)
    return {"seconds": seconds, "events": events}


def make_people(folder: str, transitions: str) -> Said:
    """Make a lake whose log names people and other changes, unless it is there."""
    from data import lake

    root, imported = lake(Path(folder), int(transitions), people=True)
    return {"root": str(root), **imported}


def beyond(root: str) -> Said:
    """Answer everything beyond the ten metrics; ``seconds`` is the sum, without the five tables beside it."""
    from beyond import answers

    parts = answers(Path(root))
    return {"seconds": sum(parts.values()) - parts["five"], **parts}


def rework(program: str, root: str) -> Said:
    """Count the items that came back to a state, by Pegel or by pm4py."""
    module = importlib.import_module("beyond" if program == "pegel" else "pm4py_questions")
    seconds, counts = _timed(lambda: module.rework_of(Path(root)), warm=False)
    return {"seconds": seconds, "counts": counts}


def effect(program: str, estimator: str) -> Said:
    """Estimate one effect, or run the full battery."""
    module = importlib.import_module("effects")
    seconds, found = _timed(module.battery() if estimator == "battery" else module.estimate(program, estimator))
    return {"seconds": seconds, "effect": found}


def _kept(tables: dict[str, pl.DataFrame], answers: str) -> Said:
    if answers:
        Path(answers).mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            table.write_parquet(Path(answers) / f"{name}.parquet")
    return {"rows": {name: table.height for name, table in tables.items()}}


def main() -> None:
    """Run the program that the command line names."""
    programs = [
        make_lake,
        five_tables, pandas_from_transitions, working_time, prepare, pm4py_questions, incremental, one_stream, read_xes,
        make_people, beyond, rework, effect,
    ]  # fmt: skip
    chosen = {program.__name__: program for program in programs}[sys.argv[1]]
    said = chosen(*sys.argv[2:])
    print(json.dumps({**said, "peak_gb": _peak_gb()}))


if __name__ == "__main__":
    main()
