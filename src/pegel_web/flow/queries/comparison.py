"""Some value streams side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.contracts.comparison import StreamComparison
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.queries.overview import stream_overview

#: More do not fit beside each other.
MOST: Final = 6


def stream_comparison(*, actor: Actor, streams: Sequence[UUID] = (), period: str = DEFAULT) -> StreamComparison:
    """Return some streams side by side; none chosen: only what can be.

    Raises
    ------
    NotFoundError: ``stream_unknown``. InputError: ``period_unknown``, ``too_many_streams``. NotAllowedError.
    """
    wanted = list(dict.fromkeys(streams))
    if len(wanted) > MOST:
        raise InputError("too_many_streams", most=MOST)
    overview = stream_overview(actor=actor, period=period)
    known = {line.stream.id: line for line in overview.lines}
    for one in wanted:
        if one not in known:
            raise NotFoundError("stream_unknown", id=one)
    return StreamComparison(
        lines=tuple(known[one] for one in wanted),
        period=period,
        choices=tuple(
            Choice(code=str(line.stream.id), name=line.stream.name, chosen=line.stream.id in wanted)
            for line in overview.lines
        ),
        periods=overview.periods,
        most=MOST,
    )
