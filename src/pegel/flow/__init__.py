"""Flow metrics: one file per metric, each with its definition.

The way of a figure: ``FlowLog`` → ``item_windows`` (one row per item, under a policy) → ``attribute`` (stream, type,
kind) → the metric's lazy table → its summary.
"""

from pegel.flow.attribution import attribute
from pegel.flow.item_windows import item_windows
from pegel.flow.open_log import log_of_frames, log_of_prepared, log_of_rows

__all__ = ["attribute", "item_windows", "log_of_frames", "log_of_prepared", "log_of_rows"]
