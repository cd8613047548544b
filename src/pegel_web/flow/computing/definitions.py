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
    variants,
    work_item_age,
)
from pegel.network import streams
from pegel.network.load_transfer import DEFINITION as LOAD_TRANSFER
from pegel.prediction import backtest, forecast, predictability, process_behaviour, service_level
from pegel.quality import check
from pegel.quarters import cancelled_work, changed_work, unplanned_work
from pegel.waits import causes, picker, price

#: In the order of the pages.
DEFINITIONS: Final[dict[str, str]] = {
    "flow_time": flow_time.DEFINITION,
    "flow_velocity": flow_velocity.DEFINITION,
    "flow_efficiency": flow_efficiency.DEFINITION,
    "flow_load": flow_load.DEFINITION,
    "flow_distribution": flow_distribution.DEFINITION,
    "work_item_age": work_item_age.DEFINITION,
    "time_in_state": time_in_state.DEFINITION,
    "variants": variants.DEFINITION,
    "waits": causes.DEFINITION,
    "start_small": picker.DEFINITION,
    "service_level": service_level.DEFINITION,
    "price_of_waiting": price.DEFINITION,
    "cumulative_flow": cumulative_flow.DEFINITION,
    "arrivals_and_departures": arrivals_and_departures.DEFINITION,
    "littles_law": littles_law.DEFINITION,
    "predictability": predictability.DEFINITION,
    "process_behaviour": process_behaviour.DEFINITION,
    "forecast": forecast.DEFINITION,
    "backtest": backtest.DEFINITION,
    "unplanned_work": unplanned_work.DEFINITION,
    "changed_work": changed_work.DEFINITION,
    "cancelled_work": cancelled_work.DEFINITION,
    "value_stream_network": streams.DEFINITION,
    "load_transfer": LOAD_TRANSFER,
    "data_quality": check.DEFINITION,
}
