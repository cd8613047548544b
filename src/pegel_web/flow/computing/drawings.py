"""The drawings of a stream, as specifications that a browser draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import polars as pl

from pegel.charts import cumulative_flow, forecast, predictability
from pegel.charts.drawing import Drawing, unchecked
from pegel.flow.answer import Status
from pegel.flow.cumulative_flow import CumulativeFlow
from pegel.prediction.forecast import Forecast
from pegel.prediction.predictability import Predictability
from pegel.words import Language
from pegel_web.flow.contracts.reports import StreamChart


def drawings(
    flow: CumulativeFlow, steadiness: Predictability, all_open: Forecast | None, language: Language
) -> Iterator[StreamChart]:
    """Yield the drawings for which there is data: cumulative flow, weekly flow time and finishes, the forecast."""
    if flow.status is Status.VALUE:
        yield _drawn(
            "cumulative_flow",
            lambda: cumulative_flow.chart(flow, language),
            cumulative_flow.sentence(flow, language),
        )
    moved = steadiness.changes
    for name, behaviour, sentence in (
        ("flow_time", steadiness.flow_time, predictability.flow_time_sentence(steadiness.flow_time, language)),
        ("throughput", steadiness.throughput, predictability.sentence(steadiness, language)),
    ):
        if behaviour.status is Status.VALUE:
            mine = moved.filter(pl.col("series") == name)
            yield _drawn(
                name,
                partial(predictability.chart, behaviour, language, changes=mine),
                sentence,
            )
    if all_open is not None and all_open.status is Status.VALUE and all_open.curve.height:
        yield _drawn("forecast", lambda: forecast.chart(all_open, language), forecast.sentence(all_open, language))


def _drawn(name: str, draw: Callable[[], Drawing], sentence: str) -> StreamChart:
    with unchecked():
        specification: dict[str, Any] = draw().to_dict(validate=False)
    return StreamChart(name=name, specification=specification, sentence=sentence)
