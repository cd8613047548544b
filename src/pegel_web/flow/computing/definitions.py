"""Which metrics pages explain, and the ids of their definitions."""

from __future__ import annotations

from typing import Final

from pegel.flow import (
    arrivals_and_departures,
    cumulative_flow,
    flow_distribution,
    flow_efficiency,
    flow_load,
    flow_time,
    flow_velocity,
    littles_law,
    time_in_state,
    work_item_age,
)
from pegel.prediction import backtest, forecast, predictability, process_behaviour
from pegel.quality import check
from pegel.waits import causes

#: In the order of the pages.
DEFINITIONS: Final[dict[str, str]] = {
    "flow_time": flow_time.DEFINITION,
    "flow_velocity": flow_velocity.DEFINITION,
    "flow_efficiency": flow_efficiency.DEFINITION,
    "flow_load": flow_load.DEFINITION,
    "flow_distribution": flow_distribution.DEFINITION,
    "work_item_age": work_item_age.DEFINITION,
    "time_in_state": time_in_state.DEFINITION,
    "waits": causes.DEFINITION,
    "cumulative_flow": cumulative_flow.DEFINITION,
    "arrivals_and_departures": arrivals_and_departures.DEFINITION,
    "littles_law": littles_law.DEFINITION,
    "predictability": predictability.DEFINITION,
    "process_behaviour": process_behaviour.DEFINITION,
    "forecast": forecast.DEFINITION,
    "backtest": backtest.DEFINITION,
    "data_quality": check.DEFINITION,
}
