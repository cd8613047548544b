"""One item's life: from the lake its states, from the results of its stream why it waited and how others fared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

import polars as pl

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.schema import DAY_US, WEEK_US, from_us, to_us
from pegel.flow.item_life import Stay
from pegel.lake.store import open_lake
from pegel.waits.flag_reasons import REASONS, reason_number
from pegel.waits.lowered import lowered
from pegel.waits.signals import RANKING
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.names import policy_name, state_name, term
from pegel.words.numbers import percent
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.desk import LEAST_FINISHED
from pegel_web.flow.computing.filters import failing
from pegel_web.flow.computing.life import Life, life_of
from pegel_web.flow.computing.life_words import life_sentence, reasons, status_of
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.contracts.item import (
    CausesStatus,
    ItemChange,
    ItemClock,
    ItemComparison,
    ItemLife,
    ItemLink,
    ItemStay,
    WaitCausePart,
)
from pegel_web.flow.models import StreamSnapshot, ValueStream
from pegel_web.flow.place import lake_folder
from pegel_web.flow.queries.declared import declared_of, field_label
from pegel_web.flow.queries.items import table_of_items
from pegel_web.flow.queries.names import names_in_lake
from pegel_web.flow.queries.reports import kept_items
from pegel_web.flow.queries.streams import ITEMS, freshness, reading, seen_stream, stream_of, streams_seen
from pegel_web.flow.queries.withholding import floor_of
from pegel_web.organisation.queries.structure import structure_on

#: The clock of a stream of which nothing is computed or declared.
_USUAL_POLICY: Final = "first_active_to_last_done"
_LOOKS_BACK_US: Final = 52 * WEEK_US


@dataclass(frozen=True, slots=True, kw_only=True)
class _Results:
    """What was computed with the stream: ``row`` of the item, its ``waits``; None: nothing, or not of this item."""

    kept: StreamSnapshot | None
    row: Mapping[str, Any] | None
    waits: pl.DataFrame | None


def stream_item(*, actor: Actor, stream_id: UUID, item: str) -> ItemLife:
    """Return one item's life: its states and why it waited in them, blocks, links, what counted by which clock and why.

    Only the rows of this item are read, from the lake as it is now; causes and comparison are those last computed with
    the stream. Who worked on it is not told; hand-offs are counted.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``item_unknown``. NotAllowedError: ``not_allowed``.
    """
    row = seen_stream(actor, stream_id)
    actor.require(ITEMS, unit=row.unit_id)
    results = _results(row, item)
    declared = declared_of([row.id])[row.id]
    chosen = declared.policy or (_USUAL_POLICY if results.kept is None else results.kept.policy)
    try:
        life = life_of(open_lake(lake_folder()), names_in_lake(row), item, declared, chosen)
    except (NotFoundError, InputError) as error:
        raise NotFoundError("item_unknown", name=item[:100]) from error
    if life is None:
        raise NotFoundError("item_unknown", name=item[:100])
    structure = structure_on(actor.at.date())
    hidden = floor_of(actor, structure).withholds(row.unit_id, _people(row))
    looks_into = {
        name: one for one in streams_seen(actor) if actor.allows(ITEMS, unit=one.unit_id) for name in names_in_lake(one)
    }
    return _Telling(
        actor=actor, row=row, life=life, chosen=chosen, results=results, hidden=hidden, looks_into=looks_into
    ).told(
        stream=stream_of(row, structure),
        not_counted=_not_counted(life, declared, cast(Language, actor.language)),
        calendar=declared.calendar,
    )


def _results(row: ValueStream, item: str) -> _Results:
    try:
        kept = kept_items(row, None)
        items, waits = (table_of_items(row, kept, part).filter(pl.col("item") == item) for part in ("items", "waits"))
        found = items.collect()
        return _Results(kept=kept, row=found.row(0, named=True) if found.height else None, waits=waits.collect())
    except NotFoundError:
        return _Results(kept=None, row=None, waits=None)


def _people(row: ValueStream) -> int | None:
    found = StreamSnapshot.objects.everything(because="of a stream that the actor may see")
    kept = found.filter(stream_id=row.id, kind="desk", preferred=True).first()
    return None if kept is None else kept.payload["people"]


def _not_counted(life: Life, declared: Declared, language: Language) -> str:
    if declared.types and (life.record.type or "") not in declared.types:
        return say("flow.item.not_counted_type", language, type=life.record.type or say("flow.item.no_type", language))
    filtered = failing(open_lake(lake_folder()), life.record.item, declared.filters)
    if filtered is not None:
        return say("flow.item.not_counted_filter", language, field=field_label(filtered.field, language))
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """What a reader is told of a life. ``looks_into``: streams of which the reader may see items."""

    actor: Actor
    row: ValueStream
    life: Life
    chosen: str
    results: _Results
    hidden: bool
    looks_into: Mapping[str, ValueStream]

    @property
    def language(self) -> Language:
        return cast(Language, self.actor.language)

    @property
    def unit(self) -> str:
        return "days" if self.life.working is None else "working_days"

    def told(self, **shared: Any) -> ItemLife:
        life, told = self.life, self.life.told
        causes_status, causes = self._causes()
        clock = next(one for one in told.clocks if one.policy.name == self.chosen)
        now = life.elapsed.stays[-1]
        text = life_sentence(
            clock, self.life.working_day_us, self.unit, self.language,
            cause=causes[0].cause if causes else None,
            state=self._state(now),
            here_days=now.time_us / DAY_US if now.left_us is None else None,
        )  # fmt: skip
        kept = self.results.kept
        return ItemLife(
            item=life.record.item,
            type=life.record.type,
            state_name=self._state(now),
            begun_at=from_us(life.elapsed.stays[0].entered_us),
            as_of=from_us(life.elapsed.as_of_us),
            sentence=text,
            unit=self.unit,
            stays=tuple(self._stay(index) for index in range(len(life.elapsed.stays))),
            clocks=tuple(self._clock(index) for index in range(len(told.clocks))),
            causes=causes,
            causes_status=causes_status,
            causes_text="" if causes_status == "value" else say(f"flow.item.causes.{causes_status}", self.language),
            changes=tuple(self._changes()),
            links=tuple(self._links()),
            hand_offs=None if self.hidden or kept is None else life.elapsed.hand_offs,
            reopenings=life.elapsed.reopenings,
            comparison=None if self.hidden else self._comparison(),
            withheld=self.hidden,
            freshness=None if kept is None else freshness(self.row, kept, reading(), self.actor.at),
            **shared,
        )

    def _state(self, stay: Stay) -> str:
        if stay.stream in self.looks_into:
            return state_name(stay.state, self.language)
        return say("flow.item.elsewhere", self.language)

    def _named(self) -> Callable[[str], str]:
        """Return how a state is shown, by its name alone."""
        shown = {one.state: self._state(one) for one in self.life.elapsed.stays}
        return lambda state: shown.get(state, "")

    def _causes(self) -> tuple[CausesStatus, tuple[WaitCausePart, ...]]:
        if self.hidden:
            return "withheld", ()
        waits = self.results.waits
        if waits is None or self.results.row is None:
            return "not_computed", ()
        if self.results.row["start_us"] is None or self.results.row["ending"] not in ("open", "done"):
            return "not_counted", ()
        clock = next(one for one in self.life.told.clocks if one.policy.name == self.chosen)
        if not waits.height and clock.waiting_us:
            return "not_told", ()
        return "value", self._parts(waits)

    def _parts(self, waits: pl.DataFrame) -> tuple[WaitCausePart, ...]:
        """Return the causes in some pieces of waits, the longest first."""
        summed = waits.group_by("cause", "reason").agg(pl.col("days").sum())
        return tuple(
            WaitCausePart(
                cause=one["cause"],
                cause_name=say(f"cause.{one['cause']}", self.language),
                days=one["days"],
                evidence=say(f"cause_evidence.{one['cause']}", self.language),
                reason_name=term("block_reason", one["reason"], self.language) if one["reason"] else "",
            )
            for one in summed.sort("days", "cause", descending=[True, False]).iter_rows(named=True)
        )

    def _stay(self, index: int) -> ItemStay:
        stay = self.life.elapsed.stays[index]
        working = self.life.working
        seen = stay.stream in self.looks_into
        waits = None if self.hidden else self.results.waits
        here = None if waits is None else waits.filter(pl.col("entered_us") == stay.entered_us)
        if here is not None and stay.left_us is not None:
            # A stay of no length may begin at the same moment as the next one; waits have a length.
            here = here.filter(pl.col("until_us") <= stay.left_us)
        return ItemStay(
            state=stay.state if seen else None,
            state_name=self._state(stay),
            category=stay.category.value if seen else None,
            category_name=term("category", stay.category.value, self.language) if seen else "",
            phase_name=term("phase", stay.phase.value, self.language) if stay.phase and seen else "",
            friction_name=term("friction", stay.friction.value, self.language) if stay.friction and seen else "",
            from_at=from_us(stay.entered_us),
            until_at=None if stay.left_us is None else from_us(stay.left_us),
            days=stay.time_us / DAY_US,
            working_days=None if working is None else working.stays[index].time_us / self.life.working_day_us,
            causes=() if here is None else self._parts(here),
        )

    def _clock(self, index: int) -> ItemClock:
        elapsed, told = self.life.elapsed.clocks[index], self.life.told.clocks[index]
        day_us = self.life.working_day_us
        status = status_of(told)
        return ItemClock(
            policy=told.policy.name,
            policy_name=policy_name(told.policy.name, self.language),
            chosen=told.policy.name == self.chosen,
            status=status,
            status_name=say("flow.item.not_started", self.language)
            if status == "not_started"
            else term("ending", status, self.language),
            started_at=None if told.start_us is None else from_us(told.start_us),
            ended_at=None if told.end_us is None else from_us(told.end_us),
            days=None if elapsed.time_us is None else elapsed.time_us / DAY_US,
            working_days=None if self.life.working is None or told.time_us is None else told.time_us / day_us,
            active_days=told.active_us / day_us,
            waiting_days=None if told.waiting_us is None else told.waiting_us / day_us,
            paused_days=told.paused_us / day_us,
            why=tuple(reasons(told, day_us, self.unit, self.language, self._named())),
        )

    def _changes(self) -> Iterable[ItemChange]:
        """Yield what happened to the flag, to priority and rank, in words of ours."""
        before: dict[str, str | None] = {}
        raised = 0
        for one in self.life.record.changes.iter_rows(named=True):
            field, old, new = one["field"], one["from_value"], one["to_value"]
            at = from_us(one["at_us"])
            if field == "flag":
                number = reason_number(new)
                if number != raised:
                    why = term("block_reason", REASONS[number], self.language) if number else ""
                    code = "flag_up" if number else "flag_down"
                    text = say(f"flow.item.{code}", self.language, why=why)
                    yield ItemChange(at=at, field=field, text=text, up=number > 0)
                raised = number
            elif field in RANKING:
                known = before.get(field) if old is None else old
                code = "lower" if lowered(field, known, new) else "higher" if lowered(field, new, known) else "other"
                if known != new:
                    yield ItemChange(at=at, field=field, text=say(f"flow.item.{field}_{code}", self.language))
                before[field] = new

    def _links(self) -> Iterable[ItemLink]:
        for one in self.life.record.links.iter_rows(named=True):
            linked = self.life.linked.get(one["other"])
            stream = None if linked is None else self.looks_into.get(linked.stream)
            way = "to" if one["outgoing"] else "from"
            elsewhere = "flow.item.link_unknown" if linked is None else "flow.item.link_elsewhere"
            yield ItemLink(
                kind=one["kind"],
                kind_name=say(f"flow.item.link.{one['kind']}_{way}", self.language),
                item=None if stream is None else one["other"],
                stream_id=None if stream is None else str(stream.id),
                stream_name=say(elsewhere, self.language) if stream is None else stream.name,
                ended=None if linked is None else linked.ended,
                since_at=None if one["at_us"] is None else from_us(one["at_us"]),
            )

    def _comparison(self) -> ItemComparison | None:
        row, kept = self.results.row, self.results.kept
        if row is None or kept is None or row["days"] is None:
            return None
        time = duration(row["days"], self.language, unit=self.unit)
        if row["ending"] == "open":
            pace = row["pace"]
            if pace is None:
                return None
            said = say(
                f"flow.item.compared.{pace}", self.language, time=time, state=state_name(row["state"], self.language),
                p50=duration(row["p50"], self.language, unit=self.unit),
                p85=duration(row["p85"], self.language, unit=self.unit),
            )  # fmt: skip
            return ItemComparison(sentence=said, n=None, p50=row["p50"], p85=row["p85"], longer_than=None, pace=pace)
        lately = (pl.col("end_us") >= to_us(kept.as_of) - _LOOKS_BACK_US) & pl.col("days").is_not_null()
        done = (pl.col("ending") == "done") & pl.col("type").eq_missing(pl.lit(row["type"], pl.String))
        others = table_of_items(self.row, kept, "items").filter(lately & done).select("days").collect()["days"]
        if len(others) < LEAST_FINISHED:
            return None
        p50, p85 = (cast(float, others.quantile(share, "linear")) for share in (0.5, 0.85))
        longer = float((others < row["days"]).mean() or 0.0)
        said = say(
            "flow.item.compared.done", self.language, time=time, share=percent(longer, self.language), n=len(others),
            p50=duration(p50, self.language, unit=self.unit), p85=duration(p85, self.language, unit=self.unit),
        )  # fmt: skip
        return ItemComparison(sentence=said, n=len(others), p50=p50, p85=p85, longer_than=longer, pace=None)
