"""Pegel reads the flow of real work and shows where it stalls.

In a notebook::

    import pegel
    lake = pegel.open_lake("lake")
    log = pegel.open_log(lake, streams=["Claims"])
    report = pegel.flow_report(log)
    report.flow_time.p85, report.time_in_state.by_state

Everything else lies in the sub-packages: ``pegel.eventlog``, ``pegel.lake``, ``pegel.sources``, ``pegel.flow``,
``pegel.charts``, ``pegel.report``. Names are loaded when they are first used, so that ``import pegel`` is instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

_WHERE = {
    "create_lake": "pegel.lake.store",
    "open_lake": "pegel.lake.store",
    "import_file": "pegel.workbench",
    "open_log": "pegel.workbench",
    "flow_report": "pegel.workbench",
    "find_policy": "pegel.workbench",
    "find_calendar": "pegel.workbench",
    "weekly": "pegel.workbench",
    "log_of_rows": "pegel.flow.open_log",
    "ReadOptions": "pegel.sources.formats",
}

if TYPE_CHECKING:
    from pegel.flow.open_log import log_of_rows
    from pegel.lake.store import create_lake, open_lake
    from pegel.sources.formats import ReadOptions
    from pegel.workbench import find_calendar, find_policy, flow_report, import_file, open_log, weekly

__all__ = [
    "ReadOptions",
    "__version__",
    "create_lake",
    "find_calendar",
    "find_policy",
    "flow_report",
    "import_file",
    "log_of_rows",
    "open_lake",
    "open_log",
    "weekly",
]


def __getattr__(name: str) -> Any:
    try:
        return getattr(import_module(_WHERE[name]), name)
    except KeyError:
        raise AttributeError(f"module 'pegel' has no attribute {name!r}") from None


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
