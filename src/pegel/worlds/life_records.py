"""What a tool would record of a life: its transitions and changes, one source row each."""

from __future__ import annotations

from collections.abc import Mapping

from pegel.eventlog.batch import BatchBuilder
from pegel.worlds.lives import Life


def add_events(
    builder: BatchBuilder, row: int, life: Life, *, first_states: Mapping[tuple[str, int], str] | None = None
) -> int:
    """Add the events of a life, the first transition in the row of its item; returns the last row.

    ``first_states``: what a transition (item, sequence) says it came from, where that is not the state before it.
    """
    said = first_states or {}
    before: str | None = None
    for number, entry in enumerate(life.entries):
        row += number > 0
        builder.transition(
            row,
            life.item,
            at_us=entry.at_us,
            sequence=entry.sequence,
            from_state=said.get((life.item, entry.sequence), before),
            to_state=entry.state,
            actor=entry.actor,
        )
        before = entry.state
    for change in life.changes:
        row += 1
        builder.field_change(
            row,
            life.item,
            at_us=change.at_us,
            sequence=change.sequence,
            field=change.field,
            from_value=change.old,
            to_value=change.new,
            actor=change.actor,
        )
    return row
