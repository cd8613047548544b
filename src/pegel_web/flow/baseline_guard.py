"""Baselines are only ever added to: the database refuses everything else."""

from __future__ import annotations

from typing import Final

from pegel_web.core.append_only import Guard

BASELINE_GUARDS: Final = (
    Guard(
        table="flow_baseline",
        key="id",
        columns=(
            "id", "stream_id", "state", "phase", "content", "as_of", "definition", "definition_hash", "fingerprint",
            "taken_by_id", "at",
        ),
    ),
)  # fmt: skip
