"""Numbers that stand for streams and queues: a queue is a state of a stream, whatever the type of the items in it."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from pegel.flow.log import FlowLog


def stream_numbers(log: FlowLog) -> dict[str, int]:
    """Return the number that stands for each stream."""
    return {name: number for number, name in enumerate(sorted({place.stream for place in log.places}))}


def queue_numbers(log: FlowLog) -> dict[tuple[str, str], int]:
    """Return the number that stands for each state of each stream."""
    numbers: dict[tuple[str, str], int] = {}
    for place in log.places:
        numbers.setdefault((place.stream, place.state), len(numbers))
    return numbers


def places_of(log: FlowLog) -> nw.LazyFrame[Any]:
    """Return the places as numbers: [place, queue, stream_no]."""
    streams, queues = stream_numbers(log), queue_numbers(log)
    columns = {
        "place": [place.code for place in log.places],
        "queue": [queues[place.stream, place.state] for place in log.places],
        "stream_no": [streams[place.stream] for place in log.places],
    }
    return log.engine.table(columns, {name: nw.Int32() for name in columns})


def of_chosen_streams(log: FlowLog, stays: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the rows with ``stream_no`` of the streams the log was opened for."""
    if log.streams is None:
        return stays
    numbers = sorted({number for name, number in stream_numbers(log).items() if name in log.streams})
    return stays.filter(nw.col("stream_no").is_in(numbers))
