"""Benchmarks: ``python benchmarks/run.py`` (all sizes), ``--small`` (1 M only, some minutes).

Every comparison is made in one run: the answers are checked for equality first; then each program runs in a fresh
process, warms up and measures, in turn with the others, and the medians are compared. Data are generated from a seed
and kept in ``--folder``. ``--write`` puts the table into docs/explanation/performance.md.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import polars as pl

from data import SEED, STREAMS, xes_file
from five_tables.same_answers import difference
from machine import described
from measuring import Measured, fresh, in_turn
from page import Row, table, write_between_markers

_HERE = Path(__file__).parent
_PAGE = _HERE.parent / "docs" / "explanation" / "performance.md"
_TABLES = ("velocity", "flow_time", "efficiency", "load", "distribution")
_BY_HAND = {
    "DuckDB SQL": "duckdb_sql",
    "polars streaming": "polars_streaming",
    "polars streaming, in order": "polars_in_order",
}
_NEW = 10_000
_WEEKS = 26
_XES_EVENTS = 1_000_000
#: Programs that keep all rows in memory are asked up to here.
_MOST_IN_MEMORY = 10_000_000
#: Sizes for which the targets of speed and of memory are.
_SPEED_AT, _MEMORY_AT = 10_000_000, 100_000_000


def main() -> None:
    """Measure what the command line asks for."""
    options = _options()
    rows: list[Row] = []
    for size in options.sizes:
        print(f"{_short(size)}: making the lake if it is not there", flush=True)
        imported = fresh("make_lake", options.folder, size)
        root = Path(imported["root"])
        what = _short(int(imported["rows"]))
        rate = imported["rows"] / imported["seconds"]
        rows.append(
            Row(f"import of {what} transitions, generating them included", "Pegel", _time(imported["seconds"]),
                ratio=f"{rate / 1e3:.0f},000 rows/s")
        )  # fmt: skip
        rows += _figures(root, size, what, options)
        rows += [_without_target(row, size) for row in _incremental(root, size, what, options.rounds)]
        rows += [_without_target(row, size) for row in _one_stream(root, what, options.rounds)]
        if size <= _MOST_IN_MEMORY:
            rows += _beyond(options.folder, size, what)
    if not options.without_xes:
        rows += _xes(options.folder, options.rounds, _XES_EVENTS // 10 if options.small else _XES_EVENTS)
    rows += _effects(options.rounds)
    text = (
        f"{described()}\nData: `pegel.worlds.scale`, seed {SEED}, {STREAMS} streams; medians of {options.rounds} runs."
        f"\n\n{table(rows)}"
    )
    print(f"\n{text}")
    if options.write:
        write_between_markers(_PAGE, text)


def _figures(root: Path, size: int, what: str, options: argparse.Namespace) -> list[Row]:
    """Five tables by all programs; preparation; working time."""
    in_memory = size <= _MOST_IN_MEMORY
    _check_answers(root, options.folder / "answers", in_memory=in_memory)
    runs = [("Pegel", "five_tables", "with_pegel", str(root))]
    runs += [(name, "five_tables", module, str(root)) for name, module in _BY_HAND.items()]
    runs += [("working time", "working_time", str(root)), ("preparation", "prepare", str(root))]
    if in_memory:
        runs += [("pandas", "five_tables", "with_pandas", str(root))]
        runs += [("pandas, from transitions", "pandas_from_transitions", str(root))]
        runs += [("pm4py", "pm4py_questions", str(root))]
    found = in_turn(runs, options.rounds)
    own, fastest = found["Pegel"], min((found[name] for name in _BY_HAND), key=lambda one: one.seconds)
    ratio = own.seconds / fastest.seconds
    said = f"{ratio:.2f} × the fastest by hand"
    task = f"five tables from prepared intervals, {what}"
    rows = [_row(task, "Pegel", own, said)]
    if size == _SPEED_AT:
        rows = [_row(task, "Pegel", own, said, "≤ 1.3 ×", met=ratio <= 1.3)]
    elif size == _MEMORY_AT:
        rows = [_row(task, "Pegel", own, said, "< 6 GB", met=own.peak_gb < 6)]
    rows += [_row("", name, found[name]) for name in _BY_HAND]
    ratio = found["working time"].seconds / own.seconds
    rows.append(
        _row("the same in working time", "Pegel", found["working time"], f"{ratio:.2f} × elapsed time", "≤ 1.5 ×",
             met=ratio <= 1.5)
    )  # fmt: skip
    rows.append(_row(f"preparation of intervals, {what}", "Pegel", found["preparation"]))
    if in_memory:
        rows += [_row("", "pandas, from prepared intervals", found["pandas"])]
        rows += [_without_target(row, size) for row in _with_preparation(found, what)]
    return rows


def _with_preparation(found: dict[str, Measured], what: str) -> list[Row]:
    own = found["preparation"].seconds + found["Pegel"].seconds
    rows = []
    for name, other, least in (
        ("pandas, from transitions: five tables", "pandas, from transitions", 3),
        ("pm4py: formatting, case durations, performance DFG", "pm4py", 10),
    ):
        ratio = found[other].seconds / own
        said = f"{ratio:.1f} × Pegel's preparation and five tables ({own:.2f} s)"
        rows.append(_row(f"from transitions, {what}", name, found[other], said, f"≥ {least} ×", met=ratio >= least))
    return rows


def _check_answers(root: Path, folder: Path, *, in_memory: bool) -> None:
    """Let every program answer once and compare; this also brings the files into the page cache."""
    programs = {"Pegel": ("five_tables", "with_pegel")} | {
        name: ("five_tables", module) for name, module in _BY_HAND.items()
    }
    if in_memory:
        programs |= {
            "pandas": ("five_tables", "with_pandas"),
            "pandas, from transitions": ("pandas_from_transitions",),
        }
    own: dict[str, pl.DataFrame] = {}
    for name, (program, *module) in programs.items():
        fresh(program, *module, root, folder / name)
        answers = {one: pl.read_parquet(folder / name / f"{one}.parquet") for one in _TABLES}
        own = own or answers
        found = difference(own, answers)
        if found is not None:
            raise SystemExit(f"{name} answers differently: {found}")
        print(f"  {name}: same answers", flush=True)


def _incremental(root: Path, size: int, what: str, rounds: int) -> list[Row]:
    found = in_turn([("new transitions", "incremental", str(root), str(size), str(_NEW))], rounds)["new transitions"]
    parts = ", ".join(f"{name} {found.said[name]:.2f} s" for name in ("import", "suggest", "open", "report"))
    met = found.seconds < 2 and found.said["visible"]
    return [_row(f"{_NEW:,} new transitions into {what}, until visible", "Pegel", found, parts, "< 2 s", met=met)]


def _one_stream(root: Path, what: str, rounds: int) -> list[Row]:
    found = in_turn([("one stream", "one_stream", str(root), str(_WEEKS))], rounds)["one stream"]
    said = f"opening the log before: {found.said['opening'] * 1000:.0f} ms"
    task = f"five tables of one stream, {_WEEKS} weeks, from {what}"
    return [_row(task, "Pegel", found, said, "< 100 ms", met=found.seconds < 0.1)]


def _beyond(folder: Path, size: int, what: str) -> list[Row]:
    """Everything beyond the five tables, on a log with people; one run, because it takes long."""
    root = fresh("make_people", folder, size)["root"]
    found = in_turn([("beyond", "beyond", root)], 1)["beyond"]
    ratio = found.seconds / found.said["five"]
    parts = ", ".join(f"{name} {found.said[name]:.1f} s" for name in ("waits", "friction", "quality", "bottlenecks"))
    said = f"{ratio:.1f} × the five tables ({found.said['five']:.2f} s); {parts}"
    task = f"all answers beyond the five tables, {what}, with people and changes of other fields"
    row = _without_target(_row(task, "Pegel", found, said, "≤ 3 ×", met=ratio <= 3), size)
    alone = found.said["forecast"]
    task = f"forecast without backtest, {what}, from item windows"
    rows = [row, Row(task, "Pegel", _time(alone), None, "10,000 runs", "< 100 ms", alone < 0.1)]
    own, other = fresh("rework", "pegel", root), fresh("rework", "pm4py", root)
    active = {state: count for state, count in other["counts"].items() if state in own["counts"]}
    if active != own["counts"]:
        raise SystemExit(f"rework: Pegel counts {own['counts']}, pm4py {active}")
    task = f"rework, {what}: items that came back to a state"
    ratio = other["seconds"] / own["seconds"]
    rows.append(Row(task, "Pegel", _time(own["seconds"]), own["peak_gb"]))
    rows.append(Row("", "pm4py: formatting, rework per activity", _time(other["seconds"]), other["peak_gb"],
                    f"{ratio:.1f} × Pegel's"))  # fmt: skip
    return rows


def _xes(folder: Path, rounds: int, events: int) -> list[Row]:
    file = str(xes_file(folder, events))
    found = in_turn([("Pegel", "read_xes", "pegel", file), ("pm4py", "read_xes", "pm4py", file)], rounds)
    own, other = found["Pegel"], found["pm4py"]
    if own.said["events"] != other.said["events"]:
        raise SystemExit(f"Pegel reads {own.said['events']} events, pm4py {other.said['events']}")
    ratio = other.seconds / own.seconds
    rows = []
    for name, one in (("Pegel", own), ("pm4py, read_xes", other)):
        rate = one.said["events"] / one.seconds
        rows.append(_row(f"reading XES, {_short(events)} events", name, one, f"{rate / 1e3:.0f},000 events/s"))
    rows[0] = _row(rows[0].what, "Pegel", own, f"{rows[0].ratio}, {ratio:.1f} × pm4py's", "≥ 3 ×", met=ratio >= 3)
    return rows


def _effects(rounds: int) -> list[Row]:
    """One estimate against diff-diff, and the full battery; 200 units × 104 weeks."""
    rows = []
    for estimator in ("callaway_santanna", "imputation"):
        runs = [("Pegel", "effect", "pegel", estimator), ("diff-diff", "effect", "diff_diff", estimator)]
        found = in_turn(runs, rounds)
        own, other = found["Pegel"], found["diff-diff"]
        if abs(own.said["effect"] - other.said["effect"]) > 1e-9:
            raise SystemExit(f"{estimator}: Pegel {own.said['effect']}, diff-diff {other.said['effect']}")
        ratio = f"{other.seconds / own.seconds:.1f} × Pegel's"
        rows.append(_row(f"one effect, 200 × 104, {estimator}", "Pegel", own, "", "< 200 ms", met=own.seconds < 0.2))
        rows.append(_row("", "diff-diff", other, ratio))
    one = in_turn([("battery", "effect", "pegel", "battery")], rounds)["battery"]
    task = "full battery, 200 × 104: both estimators, leads, 2,000 permutations, leave-one-out, placebos, verdict"
    return [*rows, _row(task, "Pegel", one, "", "< 10 s", met=one.seconds < 10)]


def _without_target(row: Row, size: int) -> Row:
    """Targets are for one size; the others are for information."""
    return row if size == _SPEED_AT else replace(row, target="", met=None)


def _row(what: str, program: str, one: Measured, ratio: str = "", target: str = "", *, met: bool | None = None) -> Row:
    return Row(what, program, _time(one.seconds), one.peak_gb, ratio, target, met)


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 0.1 else f"{seconds:.2f} s"


def _short(count: int) -> str:
    return f"{count / 1e6:.3g} M"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="1 M transitions only")
    parser.add_argument("--sizes", help="numbers of transitions in millions, for example 1,10,100")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each program; the median counts")
    parser.add_argument("--folder", type=Path, default=_HERE / "out", help="where data are made and kept")
    parser.add_argument("--without-xes", action="store_true")
    parser.add_argument("--write", action="store_true", help=f"write the table into {_PAGE.name}")
    options = parser.parse_args()
    millions = options.sizes or ("1" if options.small else "1,10,100")
    options.sizes = [round(float(one) * 1e6) for one in millions.split(",")]
    return options


if __name__ == "__main__":
    main()
