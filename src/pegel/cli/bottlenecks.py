"""``pegel bottlenecks``: which stage costs most of the time that could go, and where to start small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pegel.cli.bottleneck_tables import show_bottlenecks, show_start_small
from pegel.cli.flow import chosen_policy, open_selected, policy_body
from pegel.cli.options import json_option, lake_option, language_option, selection_options
from pegel.cli.output import plain, print_json
from pegel.errors import InputError
from pegel.eventlog.schema import to_us
from pegel.lake.store import open_lake
from pegel.waits.bottlenecks import bottlenecks
from pegel.waits.certainty import RESAMPLES, SEED
from pegel.waits.picker import start_small
from pegel.waits.stages import stage_sums
from pegel.words import Language


@click.command("bottlenecks")
@lake_option
@selection_options
@click.option("--by-type", is_flag=True, help="Rank state and type, not states alone.")
@click.option("--pick", is_flag=True, help="Show the start-small picker: one provably slow step and its baseline.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1), help="Most stages shown.")
@click.option("--seed", default=SEED, show_default=True, type=click.IntRange(0), help="Seed of the resampling.")
@click.option("--resamples", default=RESAMPLES, show_default=True, type=click.IntRange(100, 10_000), help="How many.")
@json_option
@language_option
def bottlenecks_command(
    lake_path: Path,
    by_type: bool,
    pick: bool,
    limit: int,
    seed: int,
    resamples: int,
    as_json: bool,
    language: Language,
    **selection: Any,
) -> None:
    """Rank stages by the delay that would go if they were fixed.

    Without a period the last 12 full weeks count. The JSON holds both the ranking and the picker.

    \b
    pegel bottlenecks --lake my-lake --stream Claims
    pegel bottlenecks --lake my-lake --stream Claims --pick --calendar de
    """
    lake = open_lake(lake_path)
    names = selection.pop("policies") or (None,)
    log = open_selected(lake, selection)
    policy = chosen_policy(lake, log, names[0])
    from_at, until_at = selection["from_at"], selection["until_at"]
    if from_at is not None and until_at is not None and until_at < from_at:
        raise InputError("period_backwards", from_at=from_at.isoformat(), until_at=until_at.isoformat())
    sums = stage_sums(
        log,
        policy,
        from_us=None if from_at is None else to_us(from_at),
        until_us=None if until_at is None else to_us(until_at),
        by_type=by_type,
    )
    found = bottlenecks(log, policy, seed=seed, resamples=resamples, sums=sums)
    picked = start_small(log, policy, sums=sums, ranked=found)
    calendar = log.working.calendar.name if log.working else "elapsed"
    if as_json:
        head = {"policy": policy_body(policy), "calendar": calendar}
        print_json({**head, "bottlenecks": plain(found), "start_small": plain(picked)})
    elif pick:
        show_start_small(picked, found, policy, calendar, language, limit=limit)
    else:
        show_bottlenecks(found, policy, calendar, language, limit=limit)
