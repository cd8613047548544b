"""The chapters beyond the ten metrics, in the order of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pegel.insights import Insights
from pegel.report import bottlenecks, forecast, network, predictability, quality, waits
from pegel.report.figures import Figures
from pegel.report.markup import Markup
from pegel.words import Language


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: its anchor, the code of its heading, the metrics that it links to, its body."""

    identity: str
    heading: str
    metrics: tuple[str, ...]
    body: Markup


def chapters(insights: Insights, language: Language, figures: Figures, names: Mapping[int, str]) -> list[Chapter]:
    """Return the chapters of what is known beyond the ten metrics; ``names``: ids of items by number."""
    return [
        Chapter(
            "waits",
            "report.waits",
            ("waits", "price_of_waiting", "friction"),
            waits.chapter(insights.waits, language, figures, counts=insights.friction, price=insights.price),
        ),
        Chapter(
            "bottlenecks",
            "report.bottlenecks",
            ("bottlenecks", "upstream_efficiency"),
            bottlenecks.chapter(insights.bottlenecks, language, figures),
        ),
        Chapter(
            "start-small",
            "report.start_small",
            ("start_small",),
            bottlenecks.start_small_chapter(insights.start_small, language),
        ),
        Chapter(
            "predictability",
            "report.predictability",
            ("predictability", "process_behaviour", "tail_ratio"),
            predictability.chapter(insights.predictability, language, figures),
        ),
        Chapter(
            "unfinished-work",
            "report.unfinished_work",
            ("unfinished_work",),
            predictability.unfinished_chapter(insights.unfinished, language, figures),
        ),
        Chapter(
            "forecast",
            "report.forecast",
            ("forecast", "backtest"),
            forecast.chapter(insights.forecast, language, figures, all_open=insights.all_open),
        ),
        Chapter(
            "network",
            "network.title",
            ("value_stream_network", "dependencies"),
            network.chapter(insights.network, language, figures, names),
        ),
        Chapter(
            "quality",
            "quality.title",
            ("data_quality",),
            quality.chapter(insights.quality, language, figures, names),
        ),
    ]
