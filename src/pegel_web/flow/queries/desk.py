"""The desk of a stream: what ages, how full it is, what to pull next, what was decided on new work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

import polars as pl

from pegel.errors import NotFoundError
from pegel.eventlog.schema import DAY_US, to_us
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.names import policy_name, state_name, term
from pegel.words.numbers import short_number
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.pull_order import Suggested, Waiting, pull_order
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.contracts.desk import (
    AgeingWork,
    DeskItem,
    DeskLine,
    DeskLoad,
    LoadLine,
    PullCandidate,
    PullStep,
    Room,
    StreamDesk,
)
from pegel_web.flow.models import InflowDecision, SnapshotKind, StreamSnapshot, ValueStream
from pegel_web.flow.queries.declared import declared_of
from pegel_web.flow.queries.desk_records import (
    CURRENCY,
    Worth,
    decision_lines,
    newest_decisions,
    value_lines,
    worths_of,
)
from pegel_web.flow.queries.items import table_of_items
from pegel_web.flow.queries.reports import kept_items
from pegel_web.flow.queries.streams import (
    CHANGE,
    ITEMS,
    freshness,
    reading,
    seen_stream,
    stream_of,
    streams_seen,
)
from pegel_web.flow.queries.withholding import floor_of
from pegel_web.organisation.queries.structure import structure_on

DECIDE: Final = "flow.desk.decide"
#: Items listed at most, in each list.
MOST_AGEING: Final = 500
MOST_CANDIDATES: Final = 200
_MOST_BLOCKERS: Final = 3
_NOT_PULLED: Final = ("ignored", "done", "cancelled", "deleted")


def stream_desk(*, actor: Actor, stream_id: UUID) -> StreamDesk:
    """Return the desk of a stream, as last computed, with what people have said since.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``stream_not_computed``. NotAllowedError: ``not_allowed``.
    """
    row = seen_stream(actor, stream_id)
    actor.require(ITEMS, unit=row.unit_id)
    desk = _Desk.of(actor, row)
    structure = structure_on(actor.at.date())
    started, waiting = desk.started, desk.waiting
    ageing = sorted((desk.ageing_work(one) for one in started.iter_rows(named=True)), key=_by_pace)
    return StreamDesk(
        stream=stream_of(row, structure),
        unit=desk.unit,
        currency=desk.currency,
        policy=desk.kept.policy,
        policy_name=policy_name(desk.kept.policy, desk.language),
        freshness=freshness(row, desk.kept, reading(), actor.at),
        ageing=tuple(ageing[:MOST_AGEING]),
        ageing_total=len(ageing),
        late=sum(one.pace == "beyond_p85" for one in ageing),
        load=desk.load(),
        states=desk.states(),
        inflow=desk.inflow(waiting),
        steps=desk.steps(started),
        mixed_scales=len({one.scale for one in desk.worths.values() if one.scale != "unsaid"}) > 1,
        decisions=decision_lines(actor, row, desk.standing),
        withheld=desk.hidden,
        may_decide=actor.allows(DECIDE, unit=row.unit_id),
        may_declare=actor.allows(CHANGE, unit=row.unit_id),
    )


def desk_item(*, actor: Actor, stream_id: UUID, item: str) -> DeskItem:
    """Return what is known and said of one open item at the desk.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``stream_not_computed``, ``item_unknown`` for what is not open in this stream.
    NotAllowedError: ``not_allowed``.
    """
    row = seen_stream(actor, stream_id)
    actor.require(ITEMS, unit=row.unit_id)
    desk = _Desk.of(actor, row)
    found = desk.opened.filter(pl.col("item") == item)
    if not found.height:
        raise NotFoundError("item_unknown", name=item[:100])
    one = found.row(0, named=True)
    order = desk.inflow_order()
    place = next((each for each in order if each.waiting.item == item), None)
    return DeskItem(
        stream=stream_of(row, structure_on(actor.at.date())),
        item=item,
        type=one["type"],
        state_name=state_name(one["state"] or "", desk.language),
        decidable=one["start_us"] is None and one["category"] not in _NOT_PULLED,
        candidate=None if place is None else desk.candidate(place, one),
        of=len(order),
        currency=desk.currency,
        values=value_lines(actor, row, item),
        decisions=decision_lines(actor, row, desk.standing, item=item),
        may_decide=actor.allows(DECIDE, unit=row.unit_id),
    )


def suggested_inflow(actor: Actor, row: ValueStream) -> tuple[tuple[Suggested, ...], Room]:
    """Return the order in which the stream's new items are suggested now, and whether there is room for one.

    Raises
    ------
    NotFoundError: ``stream_not_computed``.
    """
    desk = _Desk.of(actor, row)
    return desk.inflow_order(), desk.room


def own_desks(*, actor: Actor) -> tuple[DeskLine, ...]:
    """Return the desks at which an actor decides, with late items and items over a limit; those with most first."""
    rows = [row for row in streams_seen(actor) if actor.allows(DECIDE, unit=row.unit_id)]
    found = StreamSnapshot.objects.everything(because="of streams that the actor may see")
    kept = {one.stream_id: one for one in found.filter(stream__in=rows, kind=SnapshotKind.DESK, preferred=True)}
    declared = declared_of(row.id for row in rows)
    structure = structure_on(actor.at.date())
    floor = floor_of(actor, structure)
    lines = []
    for row in rows:
        payload = None if row.id not in kept else kept[row.id].payload
        hidden = payload is not None and floor.withholds(row.unit_id, payload["people"])
        lines.append(
            DeskLine(
                stream=stream_of(row, structure),
                late=None if payload is None or hidden else payload["late"],
                over=None if payload is None else _over(payload, declared[row.id]),
                not_started=None if payload is None else payload["not_started"],
            )
        )
    return tuple(sorted(lines, key=lambda one: (-(one.late or 0) - (one.over or 0), one.stream.name)))


def _over(payload: Mapping[str, Any], declared: Declared) -> int | None:
    """Return how many items lie beyond declared limits, of the stream and of its states; None: none is declared."""
    limits = {one.state: one.limit for one in declared.state_limits}
    if not limits and declared.load_limit is None:
        return None
    beyond = [max(0, one["open"] - limits[one["state"]]) for one in payload["states"] if one["state"] in limits]
    whole = 0 if declared.load_limit is None else max(0, payload["load"] - declared.load_limit)
    # An item over the limit of its state may be one of those over the limit of the stream: it is counted once.
    return int(max(whole, sum(beyond)))


def _by_pace(one: AgeingWork) -> tuple[bool, float, float, str]:
    """Late ones first, then by how far they are towards their 85th percentile; without a comparison, by age."""
    near = one.age_days / one.p85 if one.p85 else 0.0
    return (one.pace != "beyond_p85", -near, -one.age_days, one.item)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What a desk is made of. ``opened``: the open items; ``payload``: see ``computing.desk``."""

    actor: Actor
    row: ValueStream
    kept: StreamSnapshot
    payload: Mapping[str, Any]
    opened: pl.DataFrame
    declared: Declared
    worths: Mapping[str, Worth]
    newest: Mapping[str, InflowDecision]
    hidden: bool

    @classmethod
    def of(cls, actor: Actor, row: ValueStream) -> _Desk:
        kept = kept_items(row, None)
        found = StreamSnapshot.objects.everything(because="of a stream that the actor may see")
        desk = found.filter(stream_id=row.id, kind=SnapshotKind.DESK, preferred=True).first()
        if desk is None:
            raise NotFoundError("stream_not_computed", name=row.name)
        declared = declared_of([row.id])[row.id]
        return cls(
            actor=actor,
            row=row,
            kept=kept,
            payload=desk.payload,
            opened=table_of_items(row, kept, "items").filter(pl.col("ending") == "open").collect(),
            declared=declared,
            worths=worths_of(row, declared.currency or CURRENCY),
            newest=newest_decisions(row),
            hidden=floor_of(actor, structure_on(actor.at.date())).withholds(row.unit_id, desk.payload["people"]),
        )

    @property
    def language(self) -> Language:
        return cast(Language, self.actor.language)

    @property
    def unit(self) -> str:
        return cast(str, self.payload["unit"])

    @property
    def currency(self) -> str:
        return self.declared.currency or CURRENCY

    @property
    def started(self) -> pl.DataFrame:
        return self.opened.filter(pl.col("start_us").is_not_null())

    @property
    def standing(self) -> Mapping[str, bool]:
        """Return, of each open item, whether it has been started."""
        return dict(self.opened.select("item", pl.col("start_us").is_not_null()).iter_rows())

    @property
    def waiting(self) -> pl.DataFrame:
        """Return the items that could be let in: open, not started, and nobody has decided otherwise."""
        left = self.opened.filter(pl.col("start_us").is_null() & ~pl.col("category").is_in(_NOT_PULLED))
        return left.filter(~pl.col("item").is_in([item for item, one in self.newest.items() if self._stands(one)]))

    def _stands(self, one: InflowDecision) -> bool:
        """Tell whether a decision still keeps an item out of the suggestions."""
        return one.until_date is None or one.until_date > self.actor.at.date()

    @property
    def room(self) -> Room:
        limit = self.declared.load_limit
        return "not_configured" if limit is None else "free" if self.payload["load"] < limit else "full"

    def held(self, one: Mapping[str, Any]) -> str:
        """Say what blocks an item; empty: nothing."""
        said = []
        if one["blocked"]:
            why = term("block_reason", one["blocked"], self.language)
            said.append(say("flow.desk.flagged", self.language, why=why))
        blockers = list(one["blockers"] or ())
        if blockers:
            listed = ", ".join(blockers[:_MOST_BLOCKERS]) + ("…" if len(blockers) > _MOST_BLOCKERS else "")
            said.append(say("flow.desk.waits_for", self.language, items=listed))
        if one["blockers_elsewhere"]:
            said.append(say("flow.desk.waits_elsewhere", self.language, n=one["blockers_elsewhere"]))
        return " · ".join(said)

    def ageing_work(self, one: Mapping[str, Any]) -> AgeingWork:
        return AgeingWork(
            item=one["item"] or "",
            type=one["type"],
            state=one["state"],
            state_name=state_name(one["state"] or "", self.language),
            age_days=one["days"] or 0.0,
            in_state_days=one["in_state_days"],
            pace=None if self.hidden else one["pace"],
            p50=None if self.hidden else one["p50"],
            p85=None if self.hidden else one["p85"],
            held=self.held(one),
        )

    def load(self) -> DeskLoad:
        opened, limit = self.payload["load"], self.declared.load_limit
        over = None if limit is None else max(0, opened - limit)
        free = None if limit is None else max(0, limit - opened)
        code = "not_configured" if limit is None else "over" if over else "full" if not free else "free"
        said = say(f"flow.desk.load.{code}", self.language, open=opened, limit=limit or 0, n=over or free or 0)
        return DeskLoad(
            open=opened, limit=limit, over=over, free=free, not_started=self.payload["not_started"], sentence=said,
            law=self._law(),
        )  # fmt: skip

    def _law(self) -> str:
        law = self.payload["law"]
        if self.hidden or law is None or law["status"] != "value":
            return ""
        return say(
            f"flow.desk.law.{law['finding']}", self.language,
            load=short_number(law["load"], self.language),
            per_week=short_number(law["departures_per_week"], self.language),
            time=duration(law["days"], self.language),
        )  # fmt: skip

    def states(self) -> tuple[LoadLine, ...]:
        limits = {one.state: one.limit for one in self.declared.state_limits}
        lines = []
        for one in self.payload["states"]:
            limit = limits.get(one["state"])
            if not one["open"] and limit is None:
                continue
            lines.append(
                LoadLine(
                    state=one["state"],
                    state_name=state_name(one["state"], self.language),
                    category=one["category"],
                    category_name=term("category", one["category"], self.language),
                    open=one["open"],
                    limit=limit,
                    over=None if limit is None else max(0, one["open"] - limit),
                    free=None if limit is None else max(0, limit - one["open"]),
                )
            )
        return tuple(lines)

    def inflow_order(self) -> tuple[Suggested, ...]:
        return self._order(self.waiting, "first_us")

    def inflow(self, waiting: pl.DataFrame) -> PullStep:
        order = self._order(waiting, "first_us")
        limit, opened = self.declared.load_limit, self.payload["load"]
        said = say(f"flow.desk.inflow.{self.room}", self.language, open=opened, limit=limit or 0, n=len(order))
        return PullStep(
            state=None,
            name=say("flow.desk.inflow.name", self.language),
            open=opened,
            limit=limit,
            room=self.room,
            sentence=said,
            total=len(order),
            candidates=self._listed(order, waiting),
        )

    def steps(self, started: pl.DataFrame) -> tuple[PullStep, ...]:
        """Return, for each state of work in its order, the started items that wait before it."""
        limits = {one.state: one.limit for one in self.declared.state_limits}
        leads = {one["state"]: one["next"] for one in self.payload["states"] if one["next"]}
        counts = {one["state"]: one["open"] for one in self.payload["states"]}
        lying = started.filter(pl.col("category") == "waiting").with_columns(
            target=pl.col("state").replace_strict(leads, default=None, return_dtype=pl.String)
        )
        steps = []
        for target in [one["state"] for one in self.payload["states"]]:
            here = lying.filter(pl.col("target") == target)
            if not here.height:
                continue
            opened, limit = counts.get(target, 0), limits.get(target)
            room: Room = "not_configured" if limit is None else "free" if opened < limit else "full"
            order = self._order(here, "entered_us")
            name = state_name(target, self.language)
            said = say(
                f"flow.desk.step.{room}", self.language, state=name, open=opened, limit=limit or 0, n=len(order),
                free=max(0, (limit or 0) - opened),
            )  # fmt: skip
            listed = () if room == "full" else self._listed(order, here)
            steps.append(
                PullStep(
                    state=target, name=name, open=opened, limit=limit, room=room, sentence=said, total=len(order),
                    candidates=listed,
                )
            )  # fmt: skip
        return tuple(steps)

    def _order(self, items: pl.DataFrame, since: str) -> tuple[Suggested, ...]:
        as_of = to_us(self.kept.as_of)
        usual = self._usual()
        waiting = []
        for one in items.iter_rows(named=True):
            worth = self.worths.get(one["item"], Worth())
            waiting.append(
                Waiting(
                    item=one["item"] or "",
                    age_days=max(0, as_of - one[since]) / DAY_US,
                    points=worth.points,
                    cost_of_delay=worth.cost_of_delay,
                    typical_days=usual.get(one["type"], usual.get(None)),
                    held=bool(one["blocked"] or one["blockers"] or one["blockers_elsewhere"]),
                )
            )
        return pull_order(waiting)

    def _usual(self) -> Mapping[str | None, float]:
        """Return how long items of each type usually take; None: of all types. Nothing where that is withheld."""
        return {} if self.hidden else {one["type"]: one["days"] for one in self.payload["medians"]}

    def _listed(self, order: Sequence[Suggested], items: pl.DataFrame) -> tuple[PullCandidate, ...]:
        shown = order[:MOST_CANDIDATES]
        rows = {one["item"]: one for one in _rows_of(items, (one.waiting.item for one in shown))}
        return tuple(self.candidate(one, rows[one.waiting.item]) for one in shown)

    def candidate(self, one: Suggested, row: Mapping[str, Any]) -> PullCandidate:
        waiting, held = one.waiting, self.held(row)
        return PullCandidate(
            position=one.position,
            item=waiting.item,
            type=row["type"],
            state=row["state"],
            state_name=state_name(row["state"] or "", self.language),
            waited_days=waiting.age_days,
            points=waiting.points,
            cost_of_delay=waiting.cost_of_delay,
            currency=None if waiting.cost_of_delay is None else self.currency,
            typical_days=waiting.typical_days,
            score=one.score,
            held=held,
            why=self._why(one, held),
        )

    def _why(self, one: Suggested, held: str) -> str:
        waiting, language = one.waiting, self.language
        if held:
            return say("flow.desk.why.held", language, held=held)
        waited = duration(waiting.age_days, language)
        if one.scale == "unsaid" or one.score is None:
            return say("flow.desk.why.unsaid", language, waited=waited)
        value = waiting.points if waiting.cost_of_delay is None else waiting.cost_of_delay
        values = {"value": short_number(value or 0, language), "currency": self.currency, "waited": waited}
        if waiting.typical_days is None:
            return say(f"flow.desk.why.{one.scale}_alone", language, **values)
        usual = duration(waiting.typical_days, language, unit=self.unit)
        score = short_number(one.score, language) if one.score >= 0.1 or not one.score else f"{one.score:.2g}"
        if language == "de":
            score = score.replace(".", ",") if one.score < 0.1 else score
        return say(f"flow.desk.why.{one.scale}", language, usual=usual, score=score, **values)


def _rows_of(items: pl.DataFrame, wanted: Iterable[str]) -> list[dict[str, Any]]:
    return items.filter(pl.col("item").is_in(list(wanted))).to_dicts()
