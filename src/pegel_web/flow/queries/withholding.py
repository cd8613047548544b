"""What is not said where so few people stand behind a stream that a figure would tell about a person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.against import AgainstDeclared
from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.flow.contracts.overview import OverviewContent
from pegel_web.flow.contracts.reports import ReportContent
from pegel_web.organisation.queries.headcount import Headcount, headcount_of
from pegel_web.organisation.queries.structure import Structure
from pegel_web.privacy.queries import rules

REASON: Final = "stream_group_too_small"


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The group floor that holds now, and how many people the units have."""

    least: int
    headcount: Headcount

    def withholds(self, unit: UUID, named: int | None) -> bool:
        """Tell whether the figures of a stream have to be withheld.

        The group is the people of the unit that answers for it and of everything below. Where nobody has said who they
        are, it is the people whom the log names (``named``); a log that names nobody tells about nobody.
        """
        group = self.headcount.below.get(unit) or named
        return group is not None and group < self.least


def floor_of(actor: Actor, structure: Structure) -> Floor:
    """Return the floor that holds now."""
    return Floor(least=rules().group_floor, headcount=headcount_of(structure))


def withheld_overview(content: OverviewContent, language: Language) -> OverviewContent:
    """Return a line of the overview without its figures; how much is open is no rate."""
    hidden = _hidden(content.figures, language)
    said = say(f"reason.{REASON}", language)
    return replace(content, figures=hidden, stall=said, stall_state=None, stall_share=None)


def withheld_report(content: ReportContent, language: Language) -> ReportContent:
    """Return a report without figures, waits, forecast and trends; the open items stay. Why is said once."""
    said = say(f"reason.{REASON}", language)
    return replace(
        content,
        summary=said,
        stall="",
        figures=_hidden(content.figures, language),
        states=(),
        phases=(),
        waits=replace(content.waits, status="withheld", sentence="", lines=()),
        distribution=replace(content.distribution, status="withheld", sentence="", lines=()),
        ageing=replace(
            content.ageing,
            sentence="",
            items=tuple(replace(one, pace=None, p50=None, p85=None) for one in content.ageing.items),
        ),
        forecast=replace(
            content.forecast, status="withheld", sentence="", open_sentence="", backtest="", basis="", levels=(),
            assumptions=(),
        ),
        steadiness=replace(
            content.steadiness, status="withheld", finding=None, sentence="", flow_time_sentence="", changes=(),
            levels=(),
        ),
        charts=(),
    )  # fmt: skip


def withheld_against(found: AgainstDeclared, language: Language) -> AgainstDeclared:
    """Return what is declared without how the work stands against it."""
    said = say(f"reason.{REASON}", language)
    return replace(
        found,
        promise=replace(
            found.promise, status="withheld", sentence=said, n=0, within=0, share=None, low=None, high=None,
            finding=None, open_beyond=0,
        ),
        price=replace(
            found.price, status="withheld", sentence=said, delay=None, open_delay=None, labour=None, lines=()
        ),
    )  # fmt: skip


def _hidden(figures: tuple[StreamFigure, ...], language: Language) -> tuple[StreamFigure, ...]:
    return tuple(
        replace(
            one, status="withheld", reason=REASON, value=None, text=say("flow.withheld.short", language), meaning="",
            detail="", basis="", n=None, previous=None, change=None, change_text="",
            tone="neutral", verdict=None,
        )
        for one in figures
    )  # fmt: skip
