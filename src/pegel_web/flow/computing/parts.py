"""Further results that are computed with a stream, one file each; every one of them is kept as snapshots or tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from pegel_web.flow.computing.against import against_declared
from pegel_web.flow.computing.alert_facts import alert_facts
from pegel_web.flow.computing.computed import Computed, KeptTable, Reading
from pegel_web.flow.computing.desk import desk
from pegel_web.flow.computing.imports import imports_of_stream
from pegel_web.flow.computing.levels import counting_level
from pegel_web.flow.computing.quarters import quarters
from pegel_web.flow.computing.start_small import slow_steps
from pegel_web.flow.computing.steps import step_results
from pegel_web.flow.computing.supply import daily_supply
from pegel_web.flow.computing.variants import variant_results
from pegel_web.flow.computing.waits_by_item import waits_by_item

#: Each is given a stream under one policy and yields what is to be kept of it.
PARTS: Final[tuple[Callable[[Reading], Iterator[Computed | KeptTable]], ...]] = (
    against_declared,
    counting_level,
    slow_steps,
    variant_results,
    step_results,
    quarters,
    daily_supply,
    imports_of_stream,
    alert_facts,
    desk,
    waits_by_item,
)
