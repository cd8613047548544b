"""On what it was measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("pegel", "polars", "narwhals", "deltalake", "duckdb", "pandas", "pyarrow", "pm4py")


def described() -> str:
    """Return one sentence about the machine and one about the versions."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or "unknown processor",
    )
    kilobytes = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    load = os.getloadavg()[1]
    return (
        f"Machine: {os.cpu_count()} cores, {kilobytes / 1e6:.0f} GB memory, {model}, {platform.system()} "
        f"{platform.machine()}; mean load of the last five minutes when the table was written: {load:.1f}.\n"
        f"Versions: Python {platform.python_version()}, "
        + ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
        + "."
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
