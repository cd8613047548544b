"""When so many items of a stream will be done, and how many by a day: simulated as soon as somebody asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, cast
from uuid import UUID

from pydantic import ValidationError

from pegel.charts import forecast as drawing
from pegel.charts.drawing import specification
from pegel.errors import InputError
from pegel.eventlog.schema import DAY_US, from_us, to_us
from pegel.flow.answer import Status
from pegel.prediction.forecast import DEFINITION, Forecast, forecast_of
from pegel.prediction.rules import Rules
from pegel.prediction.split import SplitRate
from pegel.words import Language, say
from pegel.words.names import term
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.computing.stream import REPORT
from pegel_web.flow.computing.supply import supply_of
from pegel_web.flow.contracts.forecast import DrawnForecast, ForecastLine, ItemsForecast
from pegel_web.flow.models import SnapshotKind, StreamSnapshot, ValueStream
from pegel_web.flow.queries.reports import kept_part
from pegel_web.flow.queries.streams import freshness, reading, seen_stream, stream_of
from pegel_web.flow.queries.withholding import REASON, floor_of
from pegel_web.organisation.queries.structure import structure_on

#: Items, and items that one becomes, that can be asked for at most.
MOST_ITEMS: Final = 10_000
MOST_SPLIT: Final = 5.0
#: Days after the end of the data: that are asked for where nobody says, and that can be asked for at most.
AHEAD: Final = 28
LONGEST: Final = 730


def forecast_items(
    *,
    actor: Actor,
    stream_id: UUID,
    items: int | None = None,
    until: date | None = None,
    split_rate: float = 1.0,
    policy: str | None = None,
) -> ItemsForecast:
    """Return when so many items will be done, and how many by the end of a day; neither asked: how many in four weeks.

    ``split_rate``: items that one item becomes on the way. ``policy``: None: the one that suits the stream.

    Raises
    ------
    NotFoundError: ``stream_unknown``. InputError: ``forecast_items_out_of_range``, ``forecast_split_out_of_range``,
    ``forecast_day_out_of_range``, ``policy_not_computed``.
    """
    return _answered(actor, stream_id, items, until, split_rate, policy)[0]


def drawn_forecast(
    *,
    actor: Actor,
    stream_id: UUID,
    items: int | None = None,
    until: date | None = None,
    split_rate: float = 1.0,
    policy: str | None = None,
) -> DrawnForecast:
    """Return the same answer with its drawing; see ``forecast_items``."""
    found, answer = _answered(actor, stream_id, items, until, split_rate, policy)
    if answer is None or not answer.curve.height:
        return DrawnForecast(found=found, specification=None, sentence="")
    language = cast(Language, actor.language)
    drawn = specification(lambda: drawing.chart(answer, language))
    return DrawnForecast(found=found, specification=drawn, sentence=drawing.sentence(answer, language))


def _answered(
    actor: Actor, stream_id: UUID, items: int | None, until: date | None, split_rate: float, policy: str | None
) -> tuple[ItemsForecast, Forecast | None]:
    row = seen_stream(actor, stream_id)
    if items is not None and not 1 <= items <= MOST_ITEMS:
        raise InputError("forecast_items_out_of_range", most=MOST_ITEMS)
    if not 1 <= split_rate <= MOST_SPLIT:
        raise InputError("forecast_split_out_of_range", most=int(MOST_SPLIT))
    language, structure = cast(Language, actor.language), structure_on(actor.at.date())
    rules = Rules(split=SplitRate(low=split_rate, high=split_rate))
    kept = kept_part(row, SnapshotKind.SUPPLY, policy=policy)
    shared: dict[str, Any] = {
        "stream": stream_of(row, structure),
        "definition": DEFINITION,
        "items": items,
        "until": until,
        "split_rate": split_rate,
        "probability": None,
        "lines": (),
        "basis": "",
        "backtest": "",
        "assumptions": (),
        "policy": "" if kept is None else kept.policy,
        "runs": rules.runs,
        "seed": rules.seed,
        "first_day": None,
        "last_day": None,
        "freshness": None,
    }
    if kept is None:
        said = say("flow.ahead.not_computed", language)
        return ItemsForecast(status="no_data", sentences=(said,), **shared), None
    shared["freshness"] = freshness(row, kept, reading(), actor.at)
    # Read before the floor is asked, so that a page needs as many queries for small groups as for large ones.
    backtest = _backtest(row, kept, language)
    if floor_of(actor, structure).withholds(row.unit_id, kept.payload["people"]):
        said = say(f"reason.{REASON}", language)
        return ItemsForecast(status="withheld", sentences=(said,), **shared), None
    first = from_us(kept.payload["next_day"] * DAY_US).date()
    last = first + timedelta(days=LONGEST)
    if until is not None and not first <= until <= last:
        raise InputError("forecast_day_out_of_range", first=first, last=last)
    if items is None and until is None:
        until = first + timedelta(days=AHEAD - 1)
    answer = forecast_of(
        supply_of(kept.payload),
        {"": items or 0},
        as_of_us=kept.payload["as_of_us"],
        until_us=None if until is None else _moment_us(until),
        rules=rules,
    )
    has = answer.status is Status.VALUE
    shared |= {
        "until": until,
        "probability": answer.probability,
        "lines": _lines(answer, language) if has else (),
        "basis": drawing.basis(answer, language),
        "backtest": backtest,
        "assumptions": tuple(term("assumption", code, language) for code in answer.assumptions) if has else (),
        "first_day": first,
        "last_day": last,
    }
    return ItemsForecast(status=answer.status.value, sentences=_sentences(answer, language), **shared), answer


def _moment_us(day: date) -> int:
    """Return a moment of a day that lies in this day in every zone in which people work."""
    return to_us(datetime.combine(day, time(12), tzinfo=UTC))


def _sentences(answer: Forecast, language: Language) -> tuple[str, ...]:
    if answer.status is not Status.VALUE:
        finished = int(answer.window["finished"].sum())
        least = {"least_days": answer.least_days, "least_items": answer.least_items}
        return (say("flow.ahead.too_little", language, days=answer.days_seen, finished=finished, **least),)
    said = [drawing.sentence(answer, language)]
    if answer.question == "when" and answer.how_many.height:
        said.append(drawing.sentence(replace(answer, question="how_many", probability=None), language))
    return tuple(said)


def _lines(answer: Forecast, language: Language) -> tuple[ForecastLine, ...]:
    days = {row["level"]: row for row in drawing.together(answer.when).iter_rows(named=True)}
    numbers = {row["level"]: row for row in drawing.together(answer.how_many).iter_rows(named=True)}
    found = []
    for level in sorted({*days, *numbers}):
        day, number = days.get(level, {}), numbers.get(level, {})
        answers = {str(one["answer"]) for one in (day, number) if one} - {"value"}
        moment = day.get("day_us")
        found.append(
            ForecastLine(
                confidence=level / 100,
                day=None if moment is None else from_us(moment).date(),
                days=day.get("days"),
                items=number.get("items"),
                answer=", ".join(term("forecast_answer", one, language) for one in sorted(answers)),
            )
        )
    return tuple(found)


def _backtest(row: ValueStream, kept: StreamSnapshot, language: Language) -> str:
    """Return how often the standing forecast would have held: it is tested where the stream is computed."""
    report = kept_part(row, SnapshotKind.REPORT, DEFAULT, kept.policy)
    if report is None:
        return ""
    try:
        return REPORT.validate_python(report.payload[language]).forecast.backtest
    except ValidationError:
        return ""
