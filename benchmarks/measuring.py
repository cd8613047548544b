"""Fair measuring: every run in a fresh process, the programs in turn, medians and peak memory."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PROGRAMS = Path(__file__).with_name("programs.py")


@dataclass(frozen=True, slots=True)
class Measured:
    """Median seconds, the peak memory of the worst run in GB, and what the last run said besides."""

    seconds: float
    peak_gb: float
    said: dict[str, Any]


def fresh(program: str, *arguments: object) -> dict[str, Any]:
    """Run a program of ``programs.py`` in its own process; returns what it says, with ``seconds`` and ``peak_gb``."""
    command = [sys.executable, str(_PROGRAMS), program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program} failed:\n{done.stderr[-3000:]}")
    said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return said


def in_turn(runs: Sequence[tuple[str, ...]], rounds: int) -> dict[str, Measured]:
    """Run each (name, program, *arguments) once per round, one after the other; returns the medians by name.

    A process warms up before it measures (see ``programs.py``).
    """
    found: dict[str, list[dict[str, Any]]] = {run[0]: [] for run in runs}
    for number in range(rounds):
        for name, program, *arguments in runs:
            said = fresh(program, *arguments)
            found[name].append(said)
            print(f"  {name}, {number + 1} of {rounds}: {said['seconds']:.3f} s, {said['peak_gb']:.2f} GB", flush=True)
    return {
        name: Measured(
            statistics.median(said["seconds"] for said in all_said),
            max(said["peak_gb"] for said in all_said),
            all_said[-1],
        )
        for name, all_said in found.items()
    }
