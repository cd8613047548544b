"""The report of one stream on paper: the same answers as on its page, in the same order, without ways to go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from django.http import HttpRequest, QueryDict

from pegel import __version__
from pegel.eventlog.calendar import BUILT_IN as CALENDARS
from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.definitions import DEFINITIONS
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.contracts.events import StreamEvents
from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.flow.contracts.reports import ReportContent, StreamReport
from pegel_web.flow.pages import stream_tables as tables
from pegel_web.flow.pages.cells import missing_of
from pegel_web.flow.pages.events import event_table
from pegel_web.flow.pages.selection import selection_sentence
from pegel_web.flow.pages.stall_map import Step, stall_map
from pegel_web.flow.pages.stream import facts_of, lead_of
from pegel_web.flow.queries.where_it_stalls import first_step
from pegel_web.ui.components import Table
from pegel_web.ui.paper.blocks import (
    Block,
    Callout,
    Card,
    Cards,
    Cell,
    Document,
    Grid,
    Head,
    Heading,
    Look,
    NewPage,
    Pairs,
    Paragraph,
    Picture,
    Points,
    Terms,
)
from pegel_web.ui.paper.tables import grid_of
from pegel_web.ui.values import written

#: Open items listed at most, the oldest.
_MOST_ITEMS: Final = 20
_NOTHING: Final = Cell(text="–", look="missing")
_LOOKS: Final[dict[str, Look]] = {"good": "good", "bad": "bad"}
#: What the last page explains besides the five figures, in the order of the report.
_ALSO: Final = ("time_in_state", "waits", "work_item_age", "flow_distribution", "process_behaviour", "forecast",
                "backtest", "data_quality")  # fmt: skip


def stream_paper(
    actor: Actor,
    found: StreamReport,
    content: ReportContent,
    declared: Declared,
    drawings: Mapping[str, str],
    events: StreamEvents | None,
) -> Document:
    """Return the report of a stream that has been computed.

    ``drawings``: the specifications of its charts by name. ``events``: what is marked in the trends; None: an own
    selection, in which nothing is marked.
    """
    language = _language(actor)
    computed = content.as_of if found.freshness is None else found.freshness.computed_at
    return Document(
        language=language,
        kicker=say("flow.paper.kicker", language),
        title=found.stream.name.strip() or found.stream.lake_name,
        lead=lead_of(found, language),
        foot=say(
            "flow.paper.foot",
            language,
            version=__version__,
            source=", ".join(found.stream.lake_names),
            as_of=written(content.as_of, "datetime", language),
            computed=written(computed, "datetime", language),
            definitions=", ".join(one.definition for one in content.figures),
        ),
        page_words=say("flow.paper.page", language, page="{page}", pages="{pages}"),
        at=computed,
        blocks=tuple(_Paper(actor, found, content, declared, events, computed, language).blocks()),
        drawings=drawings,
    )


class _Paper:
    """The parts of the report, one after the other."""

    def __init__(
        self,
        actor: Actor,
        found: StreamReport,
        content: ReportContent,
        declared: Declared,
        events: StreamEvents | None,
        computed: datetime,
        language: Language,
    ) -> None:
        self.found, self.content, self.declared, self.events = found, content, declared, events
        self.computed, self.language = computed, language
        self.charts = {one.name: one.sentence for one in content.charts}
        # The tables of the page, asked for nothing: paper has all their rows in their own order.
        self.request = HttpRequest()
        self.request.GET = QueryDict()
        self.request.actor = actor  # type: ignore[attr-defined]  # as the middleware does

    def blocks(self) -> Iterator[Block]:
        yield from self._seen_from()
        if self.found.withheld:
            yield Callout(text=self.content.summary, look="warning")
            yield from self._ageing()
        else:
            step = first_step(self.content, self.language)
            yield Callout(text=self.content.summary, label=self._say("paper.summary"))
            yield Callout(text=step.sentence, label=f"{self._say('first_step.label')}:", look="plain")
            yield Heading(text=self._say("stream.figures"))
            yield Cards(cards=[_card(one, self.language) for one in self.content.figures])
            yield from self._stall()
            yield from self._against()
            yield from self._waits()
            yield from self._ageing()
            yield from self._trends()
            yield from self._kinds()
            yield from self._forecast()
        yield from self._quality()
        yield Heading(text=self._say("stream.rules"))
        yield Pairs(
            pairs=[
                (str(name), written(value, "datetime", self.language))
                for name, value in facts_of(self.found, self.content, self.language).pairs
            ]
        )
        yield from self._definitions()

    def _seen_from(self) -> Iterator[Block]:
        found, content = self.found, self.content
        own = found.selection
        if found.freshness is not None and found.freshness.stale:
            yield Callout(text=self._say("fresh.stale"), look="warning")
        calendar = self.declared.calendar if own is None or own.calendar is None else own.calendar
        name = calendar or CALENDARS[0]
        version = self._say("paper.policy_version", name=content.policy_name, version=content.policy_version)
        pairs = [
            (say("report.as_of", self.language), written(content.as_of, "datetime", self.language)),
            (say("report.policy", self.language), version),
            (self._say("paper.calendar"), self._say(f"declare.calendar.{name}") if name in CALENDARS else name),
            (
                self._say("fresh.computed_label"),
                self._say("paper.computed", at=written(self.computed, "datetime", self.language), version=__version__),
            ),
        ]
        if own is not None:
            pairs.insert(0, (self._say("paper.selection"), selection_sentence(own, self.language)))
        yield Pairs(pairs=pairs)

    def _stall(self) -> Iterator[Block]:
        yield Heading(text=self._say("stream.states"))
        yield Paragraph(text=self.content.stall)
        drawn = stall_map(self.found, self.language)
        if drawn is None:
            return
        yield Paragraph(text=f"{drawn['caption']}. {self._say('map.legend')}", quiet=True)
        for phase in drawn["phases"]:
            yield Heading(text=phase["name"][:1].upper() + phase["name"][1:], level=3)
            if not phase["steps"] and not phase["small"]:
                yield Paragraph(text=self._say("map.no_step"), quiet=True)
                continue
            yield Paragraph(text=" · ".join(one for one in (phase["said"], phase["load"]) if one), quiet=True)
            if phase["steps"]:
                yield self._steps(phase["steps"])
            if phase["small"]:
                yield Paragraph(text=self._say("map.small", steps=phase["small"]), quiet=True)
        if drawn["without"]:
            yield Paragraph(text=drawn["without"], quiet=True)

    def _steps(self, steps: list[Step]) -> Grid:
        heads = (
            Head(label=say("column.state", self.language), share=3.2),
            Head(label=say("column.share", self.language), share=2.9),
            Head(label=self._say("paper.per_item"), share=2.0),
            Head(label=self._say("stream.load"), share=4.4),
        )
        rows = [
            (
                Cell(text=one.name, note=one.category),
                Cell(text=one.part, bar=None if one.width is None else one.width / 100, hatched=one.waiting)
                if one.part
                else _NOTHING,
                Cell(text=one.duration) if one.duration else _NOTHING,
                Cell(text=one.load, look="bad" if one.late else "plain", note=one.oldest),
            )
            for one in steps
        ]
        return Grid(caption="", heads=heads, rows=rows)

    def _against(self) -> Iterator[Block]:
        against = self.found.against
        if against is None:
            return
        parts = (("service_level", against.promise.status, against.promise.sentence),
                 ("price_of_waiting", against.price.status, against.price.sentence))  # fmt: skip
        said = [(name, sentence) for name, status, sentence in parts if status != "not_configured"]
        if not said:
            return
        yield Heading(text=self._say("against.title"))
        for name, sentence in said:
            yield Paragraph(text=f"{say(f'metric.{name}.label', self.language)}: {sentence}")
        yield from self._table(tables.price_table(self.request, against, self.language))

    def _waits(self) -> Iterator[Block]:
        yield Heading(text=self._say("stream.waits"))
        yield from self._chart("waits", self.content.waits.sentence)
        yield from self._table(tables.wait_table(self.request, self.content, self.language))

    def _ageing(self) -> Iterator[Block]:
        ageing = self.content.ageing
        yield Heading(text=self._say("stream.ageing"))
        if not ageing.open:
            yield Paragraph(text=self._say("stream.ageing_none"))
            return
        yield from self._chart("work_item_age", ageing.sentence)
        listed = tables.ageing_table(self.request, self.found, self.language)
        if listed is not None:
            shown = min(_MOST_ITEMS, listed.total)
            if ageing.open > shown:
                yield Paragraph(text=self._say("paper.oldest", shown=shown, total=ageing.open), quiet=True)
            yield grid_of(listed, self.language, most=shown)
        else:
            yield Paragraph(text=self._say("stream.ageing_hidden"), quiet=True)

    def _trends(self) -> Iterator[Block]:
        steady = self.content.steadiness
        yield Heading(text=self._say("stream.trends"))
        yield from self._chart("cumulative_flow", "")
        yield from self._chart("flow_time", steady.flow_time_sentence)
        yield from self._chart("throughput", steady.sentence)
        if steady.changes:
            yield Points(texts=steady.changes)
        if self.events is not None and self.events.lines:
            yield from self._table(event_table(self.request, self.events, self.language))

    def _kinds(self) -> Iterator[Block]:
        yield Heading(text=self._say("stream.kinds"))
        yield from self._chart("flow_distribution", self.content.distribution.sentence)
        yield from self._table(tables.kind_table(self.request, self.content, self.language))
        if not self.content.distribution.declared:
            yield Paragraph(text=self._say("kinds.not_declared"), quiet=True)

    def _forecast(self) -> Iterator[Block]:
        forecast = self.content.forecast
        yield Heading(text=self._say("stream.forecast"))
        yield Paragraph(text=f"{forecast.sentence} {forecast.open_sentence}".strip())
        yield from self._table(tables.forecast_table(self.request, self.content, self.language))
        if forecast.backtest:
            yield Heading(text=self._say("stream.held"), level=3)
            yield Paragraph(text=forecast.backtest)
            yield Paragraph(text=forecast.basis, quiet=True)
        yield from self._chart("forecast", "")
        if forecast.assumptions:
            yield Heading(text=self._say("stream.assumptions"), level=3)
            yield Points(texts=forecast.assumptions)

    def _quality(self) -> Iterator[Block]:
        yield Heading(text=self._say("stream.quality"))
        for sentence in self.content.quality.sentences:
            yield Paragraph(text=sentence)
        yield from self._table(tables.quality_table(self.request, self.content, self.language))

    def _definitions(self) -> Iterator[Block]:
        ids = {one.metric: one.definition for one in self.content.figures}
        ids |= {name: DEFINITIONS[name] for name in _ALSO}
        yield NewPage()
        yield Heading(text=self._say("paper.definitions"))
        yield Paragraph(text=self._say("definitions.lead"), quiet=True)
        yield Terms(
            terms=[
                (say(f"metric.{name}.label", self.language), id_, say(f"metric.{name}.definition", self.language))
                for name, id_ in ids.items()
            ]
        )

    def _chart(self, name: str, instead: str) -> Iterator[Block]:
        """Yield a drawing; where there is none, the sentence that says why."""
        if name in self.charts:
            yield Picture(name=name, title=self._say(f"stream.chart.{name}"), sentence=self.charts[name])
        elif instead:
            yield Paragraph(text=instead)

    def _table(self, table: Table | None) -> Iterator[Block]:
        if table is not None and table.total:
            yield grid_of(table, self.language)

    def _say(self, code: str, **values: object) -> str:
        return say(f"flow.{code}", self.language, **values)


def _card(one: StreamFigure, language: Language) -> Card:
    changed = bool(one.change_text)
    return Card(
        label=say(f"metric.{one.metric}.label", language),
        value=one.text if one.value is not None else written(missing_of(one.status), "text", language),
        missing=one.value is None,
        meaning=one.meaning if one.value is not None else "",
        change=say("flow.paper.change", language, change=one.change_text) if changed else "",
        verdict=say(f"flow.verdict.{one.verdict}", language) if one.verdict is not None and changed else "",
        look=_LOOKS.get(one.tone, "neutral"),
        notes=[note for note in (one.detail, one.basis) if note],
    )


def _language(actor: Actor) -> Language:
    return "de" if actor.language == "de" else "en"
