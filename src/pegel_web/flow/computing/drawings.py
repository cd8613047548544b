"""The drawings of a stream, as specifications that a browser or a renderer draws."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import polars as pl

from pegel.charts import cumulative_flow, flow_distribution, forecast, predictability, waits, work_item_age
from pegel.charts.drawing import Drawing, specification
from pegel.flow.answer import Status
from pegel.words import Language
from pegel.words.waits import waits_sentence
from pegel_web.flow.computing.answers import Answers, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A drawing: its name, its Vega-Lite specification as JSON, and the sentence that says the same."""

    name: str
    specification: str
    sentence: str


#: The drawings of a stream in the order of its page; those of a period, then those that hold in every one.
OF_PERIOD: Final = ("waits", "work_item_age", "cumulative_flow", "flow_distribution")
STANDING: Final = ("flow_time", "throughput", "forecast")
#: Drawings that show single items by name.
WITH_ITEMS: Final = frozenset({"work_item_age"})


def period_drawings(answers: Answers, language: Language) -> Iterator[Drawn]:
    """Yield the drawings of a period for which there is data."""
    report = answers.report
    if answers.waits.status is Status.VALUE and waits.rows(answers.waits, language):
        said = waits_sentence(answers.waits, language)
        yield _drawn("waits", partial(waits.chart, answers.waits, language), said)
    age = report.work_item_age
    if age.status is Status.VALUE:
        draw = partial(work_item_age.chart, age, language, names=dict(answers.names))
        yield _drawn("work_item_age", draw, work_item_age.sentence(age, language))
    flow = report.cumulative_flow
    if flow.status is Status.VALUE:
        draw = partial(cumulative_flow.chart, flow, language)
        yield _drawn("cumulative_flow", draw, cumulative_flow.sentence(flow, language))
    kinds = report.flow_distribution
    if kinds.status is Status.VALUE:
        meant = {one.kind: (one.least, one.most) for one in answers.declared.shares}
        draw = partial(flow_distribution.chart, kinds, language, meant=meant)
        yield _drawn("flow_distribution", draw, flow_distribution.sentence(kinds, language))


def standing_drawings(standing: Standing, language: Language) -> Iterator[Drawn]:
    """Yield the drawings that are the same in every period: weekly flow time and finishes, and the forecast."""
    steadiness, all_open = standing.steadiness, standing.all_open
    for name, behaviour, said in (
        ("flow_time", steadiness.flow_time, predictability.flow_time_sentence(steadiness.flow_time, language)),
        ("throughput", steadiness.throughput, predictability.sentence(steadiness, language)),
    ):
        if behaviour.status is Status.VALUE:
            mine = steadiness.changes.filter(pl.col("series") == name)
            yield _drawn(name, partial(predictability.chart, behaviour, language, changes=mine), said)
    if all_open is not None and all_open.status is Status.VALUE and all_open.curve.height:
        said = forecast.sentence(all_open, language)
        yield _drawn("forecast", partial(forecast.chart, all_open, language), said)


def _drawn(name: str, draw: Callable[[], Drawing], sentence: str) -> Drawn:
    text = json.dumps(specification(draw), ensure_ascii=False, separators=(",", ":"))
    return Drawn(name=name, specification=text, sentence=sentence)
