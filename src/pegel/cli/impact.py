"""``pegel impact``: did it help? A plan, its verdict, and whether a roll-out could show anything at all."""

from __future__ import annotations

from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from pegel.cli.options import Moment, json_option, language_option
from pegel.cli.output import print_json
from pegel.errors import UserError
from pegel.lake.writing import replace_text
from pegel.words import Language, say

_EXTRA = ("pandas", "scipy", "statsmodels")


@click.group("impact")
def impact() -> None:
    """Measure whether an AI use case helped, from a plan that was written down beforehand.

    \b
    pegel impact freeze --plan plan.yaml
    pegel impact run --plan plan.yaml --html verdict.html
    """


def plan_option(command: Any) -> Any:
    """Add ``--plan``."""
    return click.option(
        "--plan", "plan_path", type=click.Path(path_type=Path), required=True, help="File of the measurement plan."
    )(command)


@impact.command("run")
@plan_option
@click.option("--html", "html_path", type=click.Path(path_type=Path), help="Write the verdict as a page.")
@click.option("--cache", "cache_path", type=click.Path(path_type=Path), help="Folder that keeps results by content.")
@click.option("--looks", "looks_path", type=click.Path(path_type=Path), help="Log of looks; this look is recorded.")
@click.option("--at", type=Moment(), help="Day of this look. Needed with --looks.")
@json_option
@language_option
def run_command(
    plan_path: Path,
    html_path: Path | None,
    cache_path: Path | None,
    looks_path: Path | None,
    at: datetime | None,
    as_json: bool,
    language: Language,
) -> None:
    """Say whether it helped: the verdict of a plan on its data.

    \b
    pegel impact run --plan plan.yaml
    pegel impact run --plan plan.yaml --html verdict.html --language de
    pegel impact run --plan plan.yaml --json --cache kept
    """
    _require_extra()
    from pegel.cli.impact_output import Measured  # noqa: PLC0415 - needs the extra

    measured = Measured(plan_path, cache_path)
    if looks_path is not None:
        if at is None:
            raise UserError("impact_look_without_day")
        look = measured.record_look(looks_path, at.date())
        if not as_json:
            click.echo(say(f"impact.look.{look.reason}", language))
    if html_path is not None:
        replace_text(html_path, measured.page(language))
        if not as_json:
            click.echo(say("cli.impact.page_written", language, path=str(html_path)))
    if as_json:
        print_json(measured.plain())
    elif html_path is None:
        click.echo(measured.summary(language))


@impact.command("freeze")
@plan_option
@click.option("--date", "at", type=Moment(), help="Day on which the plan is frozen. Default: today.")
@language_option
def freeze_command(plan_path: Path, at: datetime | None, language: Language) -> None:
    """Write the hash of a plan into it, so that everybody can see later that it was not changed.

    \b
    pegel impact freeze --plan plan.yaml
    """
    _require_extra()
    from pegel.impact.verdicts.plan import frozen_text  # noqa: PLC0415 - needs the extra
    from pegel.measuring import plan_text  # noqa: PLC0415 - the same

    day = datetime.now().astimezone().date() if at is None else at.date()
    text = frozen_text(plan_text(plan_path), on=day)
    replace_text(plan_path, text)
    click.echo(say("cli.impact.frozen", language, path=str(plan_path), date=day))


@impact.command("power")
@plan_option
@click.option("--more-periods", "more", multiple=True, type=click.IntRange(1, 520), help="Periods to wait; repeat.")
@click.option("--more-units", "extra", multiple=True, type=click.IntRange(1, 1000), help="Units to add; repeat.")
@click.option("--metric", "metrics", multiple=True, help="Another column that could be measured instead; repeat.")
@json_option
@language_option
def power_command(
    plan_path: Path,
    more: tuple[int, ...],
    extra: tuple[int, ...],
    metrics: tuple[str, ...],
    as_json: bool,
    language: Language,
) -> None:
    """Say how small an effect this roll-out could show, and what would help: time, teams, or another metric.

    \b
    pegel impact power --plan plan.yaml
    pegel impact power --plan plan.yaml --more-periods 4 --more-periods 13
    """
    _require_extra()
    from pegel.cli.impact_output import plain_power, power_of_plan  # noqa: PLC0415 - needs the extra

    found, scale = power_of_plan(plan_path, more=more, extra=extra, metrics=metrics)
    if as_json:
        print_json({**plain_power(found), "scale": scale})
    else:
        click.echo(found.summary(language, scale=scale))


@impact.command("design")
@click.option("--panel", "panel_path", type=click.Path(path_type=Path), required=True, help="CSV of the past.")
@click.option("--unit", required=True, help="Column of the units that will adopt.")
@click.option("--time", required=True, help="Column of the periods.")
@click.option("--outcome", required=True, help="Column of the metric.")
@click.option("--waves", type=click.IntRange(1, 200), default=4, show_default=True, help="How many groups, in turn.")
@click.option("--every", type=click.IntRange(1, 104), default=4, show_default=True, help="Periods between groups.")
@click.option("--start", required=True, help="First period of the roll-out, such as 2026-W40.")
@click.option("--never-share", type=click.FloatRange(0, 0.9), default=0.0, show_default=True, help="Share held back.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the lot.")
@click.option("--out", "out_path", type=click.Path(path_type=Path), help="Write the order as CSV.")
@json_option
@language_option
def design_command(panel_path: Path, out_path: Path | None, as_json: bool, language: Language, **options: Any) -> None:
    """Propose in which order units should adopt, drawn by lot, and what such a roll-out could show.

    \b
    pegel impact design --panel past.csv --unit team --time week --outcome flow_time --start 2026-W40
    """
    _require_extra()
    from pegel.cli.impact_output import design_of_panel, plain_design  # noqa: PLC0415 - needs the extra

    found = design_of_panel(panel_path, **options)
    if out_path is not None:
        replace_text(out_path, found.order.to_csv(index=False))
    if as_json:
        print_json(plain_design(found))
    else:
        click.echo(found.summary(language))
        for row in found.order.itertuples(index=False):
            click.echo("  ".join(str(value) for value in row))


def _require_extra() -> None:
    """Say which extra is missing before anything is computed."""
    if any(find_spec(name) is None for name in _EXTRA):
        raise UserError("extra_missing", extra="impact")
