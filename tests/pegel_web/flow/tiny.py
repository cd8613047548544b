"""A log of three items whose every share can be worked out by hand, in whole days.

            Doing   Review   Parked   (Done)
    A       2       4        –        done
    B       1       4        2        done
    C       –       0 (open, entered at the last event)

Together: Doing 3, Review 8, Parked 2: 13 days.
"""

from __future__ import annotations

from pathlib import Path

from pegel.eventlog.workflow import load_workflow
from pegel.lake.store import Lake
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.contracts.workflow import RuleChange
from pegel_web.flow.services.snapshots import read_lake
from pegel_web.flow.services.streams import adopt_stream
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import make_lake

ROWS = [
    "item,at,state,type",
    "A,2026-01-05T00:00:00Z,Doing,Bug",
    "A,2026-01-07T00:00:00Z,Review,Bug",
    "A,2026-01-11T00:00:00Z,Done,Bug",
    "B,2026-01-05T00:00:00Z,Doing,Story",
    "B,2026-01-06T00:00:00Z,Review,Story",
    "B,2026-01-10T00:00:00Z,Parked,Story",
    "B,2026-01-12T00:00:00Z,Done,Story",
    "C,2026-01-12T00:00:00Z,Review,Story",
]
MEANING = "states: {Doing: active, Review: active, Done: done}"
#: What the tests change most.
WAITING = RuleChange(state="Review", category="waiting", phase="execution", friction="approval")


def tiny_stream(company: Company, boss: Actor, folder: Path, *, confirmed: bool = True) -> tuple[Lake, Stream]:
    """Return a lake with the log, and the stream that the team Motor has adopted; nothing is computed yet."""
    lake = make_lake(folder, {"Tiny": ROWS}, confirmed=False)
    if confirmed:
        set_workflow(lake, "Tiny", load_workflow(MEANING))
    read_lake(lake.root, at=boss.at)
    return lake, adopt_stream(actor=boss, lake_name="Tiny", name="Tiny", unit_id=company.unit("K1"))
