"""A stream against what is declared about it, computed with its other results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import TypeAdapter

from pegel.flow.answer import Status
from pegel.prediction import service_level as promises
from pegel.prediction.service_level import ServiceLevel, service_level
from pegel.waits import price as prices
from pegel.waits.causes import wait_causes
from pegel.waits.costs import Costs, Rates
from pegel.waits.interruptions import status_asks
from pegel.waits.price import Price, price_of_waiting
from pegel.waits.records import records_of
from pegel.waits.stays import windows_of
from pegel.words import LANGUAGES, Language, say
from pegel.words.names import term
from pegel.words.service_level import service_level_sentence
from pegel.words.waits import price_sentence
from pegel_web.flow.computing.computed import Computed, Reading
from pegel_web.flow.computing.periods import PERIODS, bounds_us
from pegel_web.flow.contracts.against import AgainstDeclared, PriceLine, PromiseKept, WaitingPrice
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.contracts.figures import Status as ContractStatus

AGAINST: Final[TypeAdapter[AgainstDeclared]] = TypeAdapter(AgainstDeclared)
DEFINITIONS: Final = (promises.DEFINITION, prices.DEFINITION)


def against_declared(reading: Reading) -> Iterator[Computed]:
    """Yield the promise and the price of waiting in every period."""
    declared = reading.declared
    costs = costs_of(declared, reading.log.unit)
    for period in PERIODS:
        from_us, until_us = bounds_us(reading.log, period)
        start, until = from_us or 0, reading.log.as_of_us + 1 if until_us is None else until_us
        level = None
        if declared.target_days is not None and declared.target_share is not None:
            level = service_level(
                reading.log,
                reading.windows,
                target_days=declared.target_days,
                target_share=declared.target_share,
                from_us=start,
                until_us=until,
            )
        price = None if costs is None else _price(reading, costs, start, until)
        yield Computed(
            kind="against",
            policy=reading.policy,
            period=period,
            preferred=reading.preferred,
            payload={
                one: AGAINST.dump_python(
                    AgainstDeclared(period=period, promise=_promise(level, one), price=_priced(price, one)),
                    mode="json",
                )
                for one in LANGUAGES
            },
            definitions=DEFINITIONS,
            as_of=reading.as_of,
        )


def costs_of(declared: Declared, unit: str) -> Costs | None:
    """Return what is declared about costs as the library takes it; ``unit``: of the days. None: nothing is."""
    if declared.currency is None:
        return None
    rates = Rates(cost_of_delay_per_item_day=declared.cost_of_delay, labour_rate_per_hour=declared.labour_rate)
    return Costs(
        currency=declared.currency,
        unit=unit,
        minutes_per_status_query=declared.minutes_per_status_query,
        default=rates,
    )


def _price(reading: Reading, costs: Costs, from_us: int, until_us: int) -> Price:
    log, records = reading.log, records_of(reading.log)
    waits = wait_causes(log, reading.policy, items=reading.windows, records=records, from_us=from_us, until_us=until_us)
    windows = windows_of(log, reading.policy, from_us=from_us, until_us=until_us, items=reading.windows)
    return price_of_waiting(waits, status_asks(log, records, log.engine.keep(windows)), costs)


def _status(found: Price | None) -> ContractStatus:
    return "not_configured" if found is None else found.status.value


def _promise(found: ServiceLevel | None, language: Language) -> PromiseKept:
    if found is None:
        return PromiseKept(
            definition=promises.DEFINITION, status="not_configured", sentence=say("flow.against.no_target", language),
            target_days=None, target_share=None, unit="days", n=0, within=0, share=None, low=None, high=None,
            finding=None, open_beyond=0,
        )  # fmt: skip
    return PromiseKept(
        definition=found.definition,
        status=found.status.value,
        sentence=service_level_sentence(found, language),
        target_days=found.target_days,
        target_share=found.target_share,
        unit=found.unit,
        n=found.n,
        within=found.within,
        share=found.share,
        low=found.low,
        high=found.high,
        finding=found.finding,
        open_beyond=found.open_beyond,
    )


def _priced(found: Price | None, language: Language) -> WaitingPrice:
    if found is None or found.status is not Status.VALUE:
        said = "flow.against.no_costs" if found is None or found.reason == "no_costs_of_stream" else None
        return WaitingPrice(
            definition=prices.DEFINITION,
            status=_status(found),
            sentence=say(said or f"reason.{found.reason if found is not None else ''}", language),
            currency=None if found is None else found.currency,
            delay=None,
            open_delay=None,
            labour=None,
            lines=(),
        )
    return WaitingPrice(
        definition=found.definition,
        status=_status(found),
        sentence=price_sentence(found, language),
        currency=found.currency,
        delay=found.delay_price,
        open_delay=found.open_delay_price,
        labour=found.labour_price,
        lines=tuple(
            PriceLine(
                cause=row["cause"],
                cause_name=term("cause", row["cause"], language),
                open=row["open"],
                days=row["days"],
                price=row["price"],
            )
            for row in found.delay.iter_rows(named=True)
            if row["days"]
        ),
    )
