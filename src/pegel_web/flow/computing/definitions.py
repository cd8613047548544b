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

