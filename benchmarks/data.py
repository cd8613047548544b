"""The data of the benchmarks: lakes and files of the seeded generator, made once and kept in the data folder."""

from __future__ import annotations

import json
import time
from pathlib import Path

from pegel.eventlog.schema import DAY_US
from pegel.lake import importing, prepared
from pegel.lake.store import Lake, create_lake, open_lake
from pegel.lake.workflows import refresh_suggestions, set_workflow
from pegel.lake.writing import exclusive
from pegel.worlds.scale import ScaleSource, scale_workflow
from pegel.worlds.scale_events import UNTIL_US
from pegel.worlds.scale_files import write_xes

SEED = 1
STREAMS = 200
#: When the lake sees the log: a day after it ends.
SEEN_US = UNTIL_US + DAY_US
_BATCH_ITEMS = 100_000


def source(transitions: int, *, people: bool = False) -> ScaleSource:
    """Return the seeded log of about so many transitions; ``people``: with actors and changes of other fields."""
    return ScaleSource(transitions=transitions, seed=SEED, streams=STREAMS, batch_items=_BATCH_ITEMS, people=people)


def lake(folder: Path, transitions: int, *, people: bool = False) -> tuple[Path, dict[str, float]]:
    """Make a lake of about so many transitions, unless it is there; returns it and how its import went."""
    root = folder / f"{'people' if people else 'lake'}-{transitions}-seed-{SEED}"
    report = root / "import.json"
    if not report.exists():
        made = create_lake(root)
        began = time.perf_counter()
        with exclusive(root):
            result = importing.run_import(
                root,
                source(transitions, people=people),
                file="scale",
                fingerprint=f"{transitions:064x}",
                seen_us=SEEN_US,
            )
        seconds = time.perf_counter() - began
        made.prepare()
        _confirm(made)
        refresh_suggestions(made)
        report.write_text(json.dumps({"rows": result.account.transitions, "seconds": seconds}))
    elif not prepared.read(root).segments:
        open_lake(root).prepare(anew=True)
    return root, json.loads(report.read_text())


def _confirm(made: Lake) -> None:
    """Confirm what the states mean, so that no program has to guess."""
    workflow = scale_workflow()
    for stream in made.streams():
        set_workflow(made, stream, workflow)


def xes_file(folder: Path, events: int) -> Path:
    """Write an XES log of about so many events, unless it is there."""
    path = folder / f"log-{events}-seed-{SEED}.xes"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.xes")
        write_xes(part, events=events, seed=SEED, streams=STREAMS)
        part.rename(path)
    return path
