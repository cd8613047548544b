"""``pegel waits``: why work waits, what that costs, and how much friction there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pegel.cli.flow import chosen_policy, open_selected, policy_body
from pegel.cli.options import json_option, lake_option, language_option, selection_options
from pegel.cli.output import plain, print_json
from pegel.cli.wait_tables import show_waits
from pegel.errors import InputError, NotFoundError
from pegel.eventlog.schema import to_us
from pegel.lake.store import Lake, open_lake
from pegel.waits.causes import wait_causes
from pegel.waits.costs import LONGEST_COSTS, Costs, load_costs
from pegel.waits.friction import friction_counts
from pegel.waits.price import price_of_waiting
from pegel.waits.stalled import STALLED_AFTER
from pegel.words import Language
from pegel.workbench import find_calendar

#: Name of the costs file in a lake.
COSTS_FILE = "costs.yaml"


@click.command("waits")
@lake_option
@selection_options
@click.option("--costs", "costs_path", type=click.Path(path_type=Path), help="Costs file. Default: the lake's.")
@click.option(
    "--stalled-after",
    default=STALLED_AFTER,
    show_default=True,
    type=click.FloatRange(0),
    metavar="DAYS",
    help="Days without any activity from which on an open item is stalled.",
)
@click.option(
    "--waiting-calendar", metavar="NAME", help="Calendar whose off-hours are a cause; durations stay elapsed."
)
@json_option
@language_option
def waits_command(
    lake_path: Path,
    costs_path: Path | None,
    stalled_after: float,
    waiting_calendar: str | None,
    as_json: bool,
    language: Language,
    **selection: Any,
) -> None:
    """Say why work waits: every moment of waiting by cause, with evidence; friction counts; the price of delay.

    \b
    pegel waits --lake my-lake --stream Claims --waiting-calendar de
    pegel waits --lake my-lake --costs costs.yaml --stalled-after 10
    """
    lake = open_lake(lake_path)
    names = selection.pop("policies") or (None,)
    from_at, until_at = selection["from_at"], selection["until_at"]
    costs = find_costs(costs_path, lake)
    log = open_selected(lake, selection)
    policy = chosen_policy(lake, log, names[0])
    period: dict[str, Any] = {
        "from_us": None if from_at is None else to_us(from_at),
        "until_us": None if until_at is None else to_us(until_at),
    }
    off_hours = find_calendar(waiting_calendar, lake) if waiting_calendar else None
    waits = wait_causes(log, policy, **period, waiting_calendar=off_hours)
    counts = friction_counts(log, policy, **period, stalled_after=stalled_after)
    price = price_of_waiting(waits, counts.status_asks, costs)
    calendar = log.working.calendar.name if log.working else "elapsed"
    if as_json:
        head = {"policy": policy_body(policy), "calendar": calendar, "waiting_calendar": off_hours and off_hours.name}
        print_json({**head, "waits": plain(waits), "friction": plain(counts), "price": plain(price)})
        return
    item_names = lake.item_names(waits.items["item"].to_list())
    show_waits(waits, counts, price, item_names, language, policy=policy.name, calendar=calendar)


def find_costs(path: Path | None, lake: Lake) -> Costs | None:
    """Return the costs of a file, else those of the lake, else None.

    Raises
    ------
    NotFoundError: ``no_such_file``. InputError: ``not_utf8``, ``costs_unreadable``, ``costs_invalid``.
    """
    chosen = path or lake.root / COSTS_FILE
    if not chosen.is_file():
        if path is None:
            return None
        raise NotFoundError("no_such_file", file=str(path))
    if chosen.stat().st_size > LONGEST_COSTS:
        raise InputError("costs_unreadable", detail=f"> {LONGEST_COSTS}")
    try:
        return load_costs(chosen.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise InputError("not_utf8", file=str(chosen)) from error
