"""Stacks: where each part of a whole begins and ends, computed here so that chart, order and table agree."""

from __future__ import annotations

from collections.abc import Sequence

from pegel.charts.drawing import Row

#: Order of the kinds of work, from the bottom of a stack.
KINDS = ("feature", "defect", "risk", "debt", "unmapped")
#: Order of the categories in a cumulative flow diagram, from the bottom.
CATEGORIES = ("cancelled", "done", "active", "waiting", "ignored", "unmapped", "new")


def present(found: Sequence[str], order: Sequence[str]) -> list[str]:
    """Return the parts that occur, in the order of the stack."""
    return [name for name in order if name in found]


def stacked(rows: Sequence[Row], order: Sequence[str], *, by: str, part: str, size: str) -> list[Row]:
    """Return rows with ``low`` and ``high``, stacked within each value of ``by`` in the given order of parts.

    >>> stacked([{"at": 0, "kind": "b", "n": 2}, {"at": 0, "kind": "a", "n": 1}], "ab", by="at", part="kind", size="n")
    [{'at': 0, 'kind': 'a', 'n': 1, 'low': 0, 'high': 1}, {'at': 0, 'kind': 'b', 'n': 2, 'low': 1, 'high': 3}]
    """
    out: list[Row] = []
    top: dict[object, int] = {}
    for row in sorted(rows, key=lambda one: (one[by], list(order).index(one[part]))):
        low = top.get(row[by], 0)
        top[row[by]] = low + row[size]
        out.append({**row, "low": low, "high": low + row[size]})
    return out
