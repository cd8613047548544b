"""``pegel demo``: real logs of three departments, read and reported; an invented company where they are missing."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import click

from pegel.cli.flow_tables import show_comparison
from pegel.cli.options import language_option
from pegel.cli.progress import Progress
from pegel.eventlog.schema import to_us
from pegel.flow.flow_report import FlowReport
from pegel.insights import insights
from pegel.lake.store import Lake, create_lake
from pegel.lake.workflows import set_workflow
from pegel.quality.facts import lake_facts
from pegel.sources.formats import ReadOptions
from pegel.words import LANGUAGES, Language, say
from pegel.words.names import policy_name
from pegel.workbench import flow_report, import_file, open_log

_SAMPLE_DATA: Final = "../shared/data"
#: The moment at which the demonstration sees its data: the same every time.
_SEEN_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
#: An invented use case: sixteen teams, half of which adopt in two steps; flow times become a fifth shorter.
_WORLD: Final[dict[str, Any]] = {
    "units": 16, "periods": 64, "cohorts": {32: 4, 38: 4}, "effect": -0.22, "outcome": "lognormal", "level": 9.0,
    "noise": 0.12, "unit_spread": 0.25, "period_spread": 0.05, "persistence": 0.3, "calendar": "week", "seed": 4,
}  # fmt: skip
_FROZEN: Final = date(2024, 6, 3)
_PLAN: Final = """plan: 1
name: {name}
data: {{panel: panel.csv, unit: team, time: week, cohort: adopted}}
metric: {{name: flow_time_days, better: lower, smallest_effect: 10%, scale: log}}
design: staggered
chosen_by: management
checks: {{definition_changes: []}}
return:
  period: year
  volume: [900, 1200, 1500]
  realised_share: [0.3, 0.5, 0.8]
  value_unit: day
  value_per_unit: 40
  costs: {{licences: {{amount: 14000, provenance: billed}}, tokens: 2000, enablement: 4000, review_rework: 0, dip: 0}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """A public data set: where it lies, what its stream is called, whom to thank."""

    file: str
    stream: dict[Language, str]
    source: str


_SAMPLES: Final = (
    _Sample(
        file="servicenow-incidents-uci/incident_event_log.zip",
        stream={"en": "IT incidents", "de": "IT-Störungen"},
        source="Amaral, Fantinato, Peres: Incident management process log, UCI 498, doi:10.24432/C57S4H",
    ),
    _Sample(
        file="expenses-bpic2020-declarations/DomesticDeclarations.xes.gz",
        stream={"en": "Travel expenses", "de": "Reisekosten"},
        source="van Dongen: BPI Challenge 2020, 4TU, doi:10.4121/uuid:52fb97d4-4588-43c9-9d04-3604d4613b51",
    ),
    _Sample(
        file="jira-aea-verification-2025/jira.anon.csv.gz",
        stream={"en": "Verification (Jira)", "de": "Prüfung (Jira)"},
        source="Vilhuber: Process data for the AEA Verification Service, doi:10.3886/E117876, CC BY 4.0",
    ),
)


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=lambda: os.environ.get("PEGEL_SAMPLE_DATA", _SAMPLE_DATA),
    show_default=f"$PEGEL_SAMPLE_DATA or {_SAMPLE_DATA}",
    help="Folder with the sample data sets.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Folder to write."
)
@language_option
def demo(data: Path, out: Path, language: Language) -> None:
    """Read real logs of several departments and write their reports in both languages.

    \b
    pegel demo
    """
    begun = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    samples = [sample for sample in _SAMPLES if (data / sample.file).is_file()]
    if samples:
        lake = create_lake(out / "lake")
        for sample in samples:
            _import_sample(lake, data, sample, language)
        reports = [(sample.stream["en"], sample.stream, sample.source) for sample in samples]
    else:
        click.echo(say("cli.demo.missing", language, folder=str(data)))
        lake = create_lake(out / "invented-lake")
        reports = [(name, {"en": name, "de": name}, "") for name in _import_company(lake)]
    found = [(titles[language], _write(lake, out, stream, titles, source)) for stream, titles, source in reports]
    _write_index(out, reports, found)
    show_comparison(found, language)
    verdicts = _measure(out / "measurement", language)
    click.echo(say("cli.demo.done", language, seconds=round(time.monotonic() - begun)))
    for one in (language, *(other for other in LANGUAGES if other != language)):
        click.echo(f"  {out / f'index.{one}.html'}  {verdicts[one]}")
    click.echo(say("cli.demo.own", language))
    click.echo("  pegel import EXPORT.csv --lake my-lake\n  pegel flow report --lake my-lake --html report.html")
    click.echo(say("cli.demo.how_to", language))


def _import_sample(lake: Lake, data: Path, sample: _Sample, language: Language) -> None:
    begun = time.monotonic()
    click.echo(say("cli.demo.reads", language, file=sample.file))
    with Progress(Path(sample.file).name, shown=True, language=language) as progress:
        options = ReadOptions(stream=sample.stream["en"])
        result = import_file(lake, data / sample.file, options, seen_at=_SEEN_AT, on_part=progress.part)
    account, seconds = result.account, round(time.monotonic() - begun, 1)
    counts = {"items": account.items, "transitions": account.transitions}
    click.echo(say("cli.demo.read", language, seconds=seconds, **counts))


def _import_company(lake: Lake) -> tuple[str, ...]:
    from pegel.worlds.company import company  # noqa: PLC0415  (only where the real data is missing)

    world = company(seed=1, until=_SEEN_AT)
    seen_us = to_us(_SEEN_AT)
    lake.import_source(world.source(), file="Musterwerke", fingerprint="musterwerke-1", seen_us=seen_us)
    for stream in world.streams:
        set_workflow(lake, stream, world.workflow(stream))
    return tuple(world.streams)


def _write(lake: Lake, out: Path, stream: str, titles: dict[Language, str], source: str) -> FlowReport:
    from pegel.report import render_html  # noqa: PLC0415  (charts need the extra "report")

    log = open_log(lake, streams=[stream])
    report = flow_report(log)
    further = insights(log, report.policy, lake=lake_facts(lake))
    names = lake.item_names([*report.named_items(), *further.named_items()])
    for language in LANGUAGES:
        note = say("cli.demo.source", language, source=source) if source else say("cli.demo.invented", language)
        page = render_html(report, language, title=titles[language], notes=[note], item_names=names, insights=further)
        (out / _page(stream, language)).write_text(page, encoding="utf-8")
    return report


def _write_index(
    out: Path,
    reports: list[tuple[str, dict[Language, str], str]],
    found: list[tuple[str, FlowReport]],
) -> None:
    from pegel.report import IndexEntry, render_index  # noqa: PLC0415  (charts need the extra "report")

    for language in LANGUAGES:
        entries = [
            IndexEntry(
                name=titles[language],
                href=_page(stream, language),
                report=report,
                note=" · ".join(filter(None, [policy_name(report.policy.name, language), source])),
            )
            for (stream, titles, source), (_, report) in zip(reports, found, strict=True)
        ]
        (out / f"index.{language}.html").write_text(render_index(entries, language), encoding="utf-8")


def _measure(folder: Path, language: Language) -> dict[Language, Path]:
    """Measure an invented use case whose effect is known, from a frozen plan; returns the pages of its verdict."""
    from pegel.impact.verdicts.plan import frozen_text  # noqa: PLC0415  (needs the extra "impact")
    from pegel.measuring import measure_plan  # noqa: PLC0415  (the same)
    from pegel.report.measurement import render_measurement  # noqa: PLC0415  (the same)
    from pegel.worlds.panels import planted_panel  # noqa: PLC0415  (the same)

    folder.mkdir(parents=True, exist_ok=True)
    world = planted_panel(**_WORLD).panel
    columns = {"unit": "team", "time": "week", "outcome": "flow_time_days", "cohort": "adopted"}
    world.rename(columns=columns).to_csv(folder / "panel.csv", index=False, float_format="%.3f")
    text = frozen_text(_PLAN.format(name=say("cli.demo.measured", language)), on=_FROZEN)
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    found = measure_plan(folder / "plan.yaml")
    click.echo(found.summary(language))
    pages = {one: folder / f"verdict.{one}.html" for one in LANGUAGES}
    for one, page in pages.items():
        page.write_text(render_measurement(found, one), encoding="utf-8")
    return pages


def _page(stream: str, language: Language) -> str:
    readable = "".join(letter if letter.isalnum() else "-" for letter in stream.lower()).strip("-")
    return f"{readable}.{language}.html"
