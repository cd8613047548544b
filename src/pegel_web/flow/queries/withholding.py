"""What is not said where so few people stand behind a stream that a figure would tell about a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pegel.words import Language, say
from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.flow.contracts.overview import OverviewContent
from pegel_web.flow.contracts.reports import ReportContent

#: Fewer people than this: single items may be shown, but no rates and no trends.
FLOOR: Final = 5
REASON: Final = "group_too_small"


def too_few(people: int | None, floor: int = FLOOR) -> bool:
    """Tell whether figures have to be withheld; a log that names nobody tells about nobody."""
    return people is not None and people < floor


def withheld_overview(content: OverviewContent, language: Language) -> OverviewContent:
    """Return a line of the overview without its figures; how much is open is no rate."""
    hidden = _hidden(content.figures, language)
    said = say(f"reason.{REASON}", language)
    return replace(content, figures=hidden, stall=said, stall_state=None, stall_share=None)


def withheld_report(content: ReportContent, language: Language) -> ReportContent:
    """Return a report without figures, waits, forecast and trends; the open items stay."""
    said = say(f"reason.{REASON}", language)
    return replace(
        content,
        summary=said,
        stall="",
        figures=_hidden(content.figures, language),
        states=(),
        waits=replace(content.waits, status="withheld", sentence=said, lines=()),
        ageing=replace(
            content.ageing,
            sentence="",
            items=tuple(replace(one, pace=None, p50=None, p85=None) for one in content.ageing.items),
        ),
        forecast=replace(
            content.forecast, status="withheld", sentence=said, open_sentence="", backtest="", basis="", levels=(),
            assumptions=(),
        ),
        steadiness=replace(
            content.steadiness, status="withheld", finding=None, sentence=said, flow_time_sentence="", changes=()
        ),
    )  # fmt: skip


def _hidden(figures: tuple[StreamFigure, ...], language: Language) -> tuple[StreamFigure, ...]:
    return tuple(
        replace(
            one, status="withheld", reason=REASON, value=None, text=say("flow.withheld.short", language), meaning="",
            detail=say(f"reason.{REASON}", language), basis="", n=None, previous=None, change=None, change_text="",
            tone="neutral", verdict=None,
        )
        for one in figures
    )  # fmt: skip
