"""The invented company "Musterwerke": eighteen months of work in five value streams, and the truth about them.

Same ``seed``, ``items`` and ``until`` give the same world on every machine and Python version. Items live
independently of each other; times are those of people who work Monday to Friday in Berlin, and of customers who do not.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final

from pegel.eventlog.schema import DELETED_STATE, from_us, to_us
from pegel.eventlog.workflow import FlowItemKind, Friction, Phase, StateCategory, StateRule, Workflow
from pegel.worlds.chance import Dice
from pegel.worlds.company_source import CompanySource, Link
from pegel.worlds.lives import Life, live
from pegel.worlds.office_hours import arrival_times_us
from pegel.worlds.plans import BOTTLENECK, PLANS, Plan
from pegel.worlds.truth import WorldTruth, tell_truth

#: Length of the observed time.
DAYS: Final = 548
#: Days, counted back from the last complete one, whose load is part of the truth.
_PROBES: Final = (400, 300, 200, 100, 30, 7, 0)
#: Keys of the dice: links, arrivals of each stream, lives of each item.
_LINKS, _ARRIVALS, _LIVES = 0, 1, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """An invented company; made by :func:`company`.

    Parameters
    ----------
    until: end of the observed time, not included.
    streams: its value streams. ``lives``: what happened to each item, as the generator knows it.
    truth: exact figures, told by the generator and not by the metric code.
    """

    seed: int
    until: datetime
    streams: tuple[str, ...]
    lives: tuple[Life, ...]
    links: tuple[Link, ...]
    truth: WorldTruth

    def source(self) -> CompanySource:
        """Its event log, to be imported like that of any other source."""
        return CompanySource(lives=self.lives, links=self.links, until_us=to_us(self.until))

    def workflow(self, stream: str) -> Workflow:
        """What the states of a stream truly mean, confirmed; KeyError if there is no such stream.

        States and types that items bring along from the stream they were moved from are included.
        """
        plan = {one.stream: one for one in PLANS}[stream]
        plans = [one for one in PLANS if one.moved_to == stream] + [plan]
        rules = [rule for one in plans for rule in _rules(one)]
        return Workflow(
            name=stream,
            status="confirmed",
            # For all types first, as in a workflow file.
            rules=tuple(sorted(rules, key=lambda rule: rule.type is not None)),
            items=_kinds(plans),
        )


def company(*, seed: int = 1, items: int = 3000, until: datetime) -> World:
    """Invent the company's history up to ``until`` (aware; not included).

    Parameters
    ----------
    seed: which of many possible companies.
    items: how many items are created in the 548 days before the day of ``until``.

    Returns
    -------
    World with event log, true workflows and known truth; some six transitions per item.
    """
    if items < 0:
        raise ValueError("items must not be negative")
    until_us = to_us(until)
    plans = {plan.stream: plan for plan in PLANS}
    lives: list[Life] = []
    for number, (plan, count) in enumerate(zip(PLANS, _share_out(items, [plan.share for plan in PLANS]), strict=True)):
        dice = Dice(seed, _ARRIVALS + number)
        arrivals = arrival_times_us(count, season=plan.season, until_us=until_us, days=DAYS, dice=dice)
        lives.extend(
            live(
                f"{plan.key}-{index + 1}",
                plan=plan,
                plans=plans,
                created_us=created_us,
                until_us=until_us,
                dice=Dice(seed, _LIVES + index * len(PLANS) + number),
            )
            for index, created_us in enumerate(arrivals)
        )
    links = _links(lives, seed)
    return World(
        seed=seed,
        until=until,
        streams=tuple(plans),
        lives=tuple(lives),
        links=links,
        truth=tell_truth(
            lives,
            links=len(links),
            streams=tuple(plans),
            probe_days=_probe_days(until),
            bottleneck=BOTTLENECK,
            until_us=until_us,
        ),
    )


def write_csv(world: World, path: Path) -> tuple[Path, ...]:
    """Write one transitions CSV per stream into the folder ``path`` (made if missing); returns the files.

    ``item;at;from_state;to_state;type;stream``, UTF-8, times ISO 8601 in UTC. Such a file knows no fields: stream and
    type are today's for the whole history, and a deletion stands in it as the state ``(deleted)``.
    """
    path.mkdir(parents=True, exist_ok=True)
    until_us = to_us(world.until)
    files = []
    for stream in world.streams:
        file = path / f"{stream.lower().replace(' ', '-')}.csv"
        with file.open("w", encoding="utf-8", newline="") as target:
            table = csv.writer(target, delimiter=";", lineterminator="\n")
            table.writerow(("item", "at", "from_state", "to_state", "type", "stream"))
            for life in world.lives:
                if life.stream_at(until_us) == stream:
                    table.writerows(_lines(life, stream, life.type_at(until_us)))
        files.append(file)
    return tuple(files)


def _share_out(count: int, shares: list[float]) -> list[int]:
    """Split ``count`` items by shares; the parts add up to ``count``.

    >>> _share_out(10, [0.3, 0.3, 0.4])
    [3, 3, 4]
    """
    bounds = [0, *(round(count * part / sum(shares)) for part in accumulate(shares))]
    return [after - before for before, after in pairwise(bounds)]


def _links(lives: list[Life], seed: int) -> tuple[Link, ...]:
    """Links to earlier items of the same stream, so that no circle can arise."""
    shares = {plan.stream: plan.linked for plan in PLANS}
    kinds = ("blocks", "parent", "relates", "duplicates")
    dice = Dice(seed, _LINKS)
    earlier: dict[str, list[Life]] = {plan.stream: [] for plan in PLANS}
    links = []
    for life in lives:
        before = earlier[life.stream]
        if before and dice.chance(shares[life.stream]):
            kind = kinds[dice.pick((0.35, 0.35, 0.2, 0.1))]
            other = before[-1 - dice.below(min(20, len(before)))]
            # "item KIND other": the earlier one blocks or is the parent; the later one relates to or duplicates it.
            first, second = (other, life) if kind in ("blocks", "parent") else (life, other)
            links.append(Link(item=first.item, kind=kind, other=second.item, at_us=life.entries[0].at_us))
        before.append(life)
    return tuple(links)


def _probe_days(until: datetime) -> list[date]:
    last = until.astimezone(UTC).date() - timedelta(days=1)
    return [last - timedelta(days=back) for back in _PROBES]


def _kinds(plans: list[Plan]) -> Mapping[str, FlowItemKind]:
    return {kind.name: kind.kind for plan in plans for kind in plan.types}


def _rules(plan: Plan) -> list[StateRule]:
    rules = []
    for step in plan.steps:
        rules.append(StateRule(state=step.state, category=step.category, phase=step.phase, friction=step.friction))
        rules.extend(
            StateRule(
                state=step.state,
                category=StateCategory.WAITING,
                phase=step.phase,
                friction=Friction.APPROVAL,
                type=work_type,
            )
            for work_type in step.sign_off_types
        )
    rules.extend(
        StateRule(state=state, category=StateCategory.DONE, phase=Phase.REPORTING)
        for state in filter(None, (plan.done, plan.archived))
    )
    rules.append(StateRule(state=plan.cancelled_state, category=StateCategory.CANCELLED, phase=Phase.REPORTING))
    return rules


def _lines(life: Life, stream: str, work_type: str) -> Iterator[tuple[str, ...]]:
    before = ""
    steps = [(entry.at_us, entry.state) for entry in life.entries]
    if life.deleted_us is not None and life.entries[-1].state != DELETED_STATE:
        steps.append((life.deleted_us, DELETED_STATE))
    for at_us, state in steps:
        yield life.item, from_us(at_us).isoformat(timespec="milliseconds"), before, state, work_type, stream
        before = state
