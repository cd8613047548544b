"""Waits as people and programs see them: both languages, every code with words, table beside chart, JSON, errors."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import pegel.waits
from pegel.charts import waits as drawing
from pegel.cli import run
from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.report import waits as report
from pegel.report.figures import Figures
from pegel.waits.cause import CAUSES
from pegel.waits.causes import WaitCauses, wait_causes
from pegel.waits.costs import load_costs
from pegel.waits.flag_reasons import REASONS
from pegel.waits.friction import FrictionCounts, friction_counts
from pegel.waits.price import Price, price_of_waiting
from pegel.words import LANGUAGES, Language
from pegel.words.catalogue import has
from pegel.words.waits import friction_lines, price_sentence, waits_sentence

POLICY = built_in_policy("first_active_to_last_done")
WORKFLOW = load_workflow("""
status: confirmed
states: {Doing: active, Approval: {category: waiting, friction: approval}, Queue: waiting, Done: done}
""")
_STEPS = (("A", 5, "Doing"), ("A", 6, "Approval"), ("A", 9, "Queue"), ("A", 10, "Done"), ("B", 5, "Doing"),
          ("B", 6, "Queue"))  # fmt: skip
ROWS = [(item, f"2026-01-{day:02}T09:07", state) for item, day, state in _STEPS]
COSTS = load_costs("{currency: EUR, default: {cost_of_delay_per_item_day: 100}}")
#: Modules of this package that are described elsewhere.
_OTHERS = {"bottlenecks", "certainty", "picker", "removal_evidence", "removal_options", "stage_queues", "stages",
           "upstream_efficiency"}  # fmt: skip


def results(rows: list[tuple[str, ...]] = ROWS, **options: Any) -> tuple[WaitCauses, FrictionCounts, Price]:
    log = log_of_rows(rows, WORKFLOW, **options)
    waits, counts = wait_causes(log, POLICY), friction_counts(log, POLICY)
    return waits, counts, price_of_waiting(waits, counts.status_asks, COSTS)


FOUND = results(changes=[("A", "2026-01-07T09:07", "flag", None, "Kunde"), ("A", "2026-01-08T09:07", "flag", "x", "")])
OPEN = results(ROWS[4:], as_of="2026-01-10T09:07")
NOTHING = results([("A", "2026-01-05", "Queue")])
ALL = {"value": FOUND, "open": OPEN, "nothing": NOTHING}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("found", ALL.values(), ids=ALL)
def test_the_chapter_in_both_languages(language: Language, found: tuple[WaitCauses, FrictionCounts, Price]) -> None:
    waits, counts, price = found
    figures = Figures(language)
    page = report.chapter(waits, language, figures, counts=counts, price=price)
    assert 'id="waits"' in page
    assert waits_sentence(waits, language).split("„")[0].split("“")[0] in page
    assert ("chart-waits" in figures.specifications) == (found is not NOTHING)
    # Every chart has its table, and the friction counts are one.
    assert page.count("<table") == {"value": 5, "open": 2, "nothing": 1}[next(key for key in ALL if ALL[key] is found)]
    assert "<table" not in report.chapter(NOTHING[0], language, Figures(language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_chart_has_a_bar_per_cause_with_an_answer(language: Language, mode: Any) -> None:
    assert drawing.chart(FOUND[0], language, mode=mode).to_dict()["width"] == "container"
    rows = drawing.rows(FOUND[0], language)
    # Hand-off, status query, contention and off-hours have no evidence in this log, and no bar of length 0.
    assert [round(row["days"], 3) for row in rows] == [1.0, 2.0, 0.0, 0.0, 1.0]
    assert [row["kind"] for row in rows] == ["explained"] * 4 + ["unexplained"]


def test_the_sentence_says_how_much_why_and_what_cannot_be_seen() -> None:
    # A: 5 days, 1 of them active; waiting 4: blocked 1, approval 2, unexplained 1.
    assert waits_sentence(FOUND[0], "en") == (
        "80% of the flow time of finished work is waiting, 4 days per item on average. The largest cause with "
        "evidence: approval (50% of the waiting). Next: blocked (25%). 25% of the waiting stays unexplained. "
        "Not to be seen in this data: hand-off, status query, contention, off-hours."
    )
    assert waits_sentence(OPEN[0], "de").startswith(
        "In diesem Zeitraum wurde nichts fertig; die eine offene Arbeitseinheit hat bisher 4 Tage gewartet."
    )
    assert waits_sentence(NOTHING[0], "en").startswith("Nothing that was started was finished")


def test_the_sentence_says_that_nobody_has_confirmed_the_mapping() -> None:
    workflow = load_workflow("{status: suggested, states: {Doing: active, Queue: waiting, Done: done}}")
    log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-06", "Done")], workflow)
    text = waits_sentence(wait_causes(log, POLICY), "en")
    assert text.startswith("Finished work did not wait.")
    assert text.endswith("meaning of the states that nobody has confirmed yet.")


def test_the_price_in_words() -> None:
    assert price_sentence(FOUND[2], "en") == (
        "Price of the delay: EUR 400 for finished work. Open work so far: EUR 400."
    )
    assert price_sentence(price_of_waiting(FOUND[0], FOUND[1].status_asks, None), "de").startswith("Niemand hat gesagt")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_friction_count_has_a_line(language: Language) -> None:
    for _, counts, _ in ALL.values():
        lines = friction_lines(counts, language)
        assert len(lines) == 9
        assert all(what and how_much for what, how_much in lines)


def test_every_code_has_words() -> None:
    codes = {f"{group}.{cause.value}" for cause in CAUSES for group in ("cause", "cause_evidence")}
    codes |= {f"block_reason.{reason}" for reason in REASONS if reason}
    codes |= {f"reason.{code}" for code in ("no_ranking_evidence", "no_comment_evidence", "no_minutes_per_query",
                                            "labour_needs_working_time", "no_team_evidence")}  # fmt: skip
    folder = Path(pegel.waits.__file__).parent
    for path in folder.glob("*.py"):
        if path.stem in _OTHERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            # Statuses stand beside their reasons: (Status.X, "reason"), reason="…", reason = Status.X, "…"
            if isinstance(node, ast.Tuple) and len(node.elts) == 2 and _is_status(node.elts[0]):
                codes |= {f"reason.{text}" for text in _texts(node.elts[1])}
            if isinstance(node, ast.keyword) and node.arg == "reason":
                codes |= {f"reason.{text}" for text in _texts(node.value)}
    assert len(codes) > 40
    assert {code for code in codes if not has(code)} == set()


def _is_status(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Status"


def _texts(node: ast.AST) -> set[str]:
    """Texts that an expression can be, through conditions."""
    if isinstance(node, ast.IfExp):
        return _texts(node.body) | _texts(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.chdir(tmp_path)
    lines = ["Item,At,State,Actor", *(f"{item},{at},{state},Anna Muster" for item, at, state in ROWS)]
    Path("claims.csv").write_text("\n".join(lines), encoding="utf-8")
    states = "{Doing: active, Approval: {category: waiting, friction: approval}, Queue: waiting, Done: done}"
    Path("claims.yaml").write_text(f"workflow: Claims\nstatus: confirmed\nstates: {states}\n", encoding="utf-8")
    assert run(["import", "claims.csv", "--lake", "lake"]) == 0
    assert run(["workflow", "set", "claims.yaml", "--lake", "lake"]) == 0
    capsys.readouterr()
    return "lake"


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["waits", *arguments]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_the_command_says_the_sentence_first(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "--lake", lake, "--language", "en")
    assert text.startswith("80% of the flow time of finished work is waiting, 4 days per item on average.")
    assert "approval 3.0 75% 1 3 days state mapped as approval" in text
    assert "not configured: The log has neither flags nor “blocks” links." in text
    assert "undefined: In fewer than five hands" in text
    assert "Anna" not in text
    german = shown(capsys, "--lake", lake, "--language", "de")
    assert german.startswith("80 % der Durchlaufzeit der fertigen Arbeit ist Warten")


def test_the_lake_keeps_its_costs_and_a_file_is_stronger(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("lake/costs.yaml").write_text("{currency: CHF, default: {cost_of_delay_per_item_day: 10}}", encoding="utf-8")
    assert "Price of the delay: CHF 40.00 for finished work." in shown(capsys, "--lake", lake, "--language", "en")
    Path("mine.yaml").write_text("{currency: EUR, default: {cost_of_delay_per_item_day: 50}}", encoding="utf-8")
    text = shown(capsys, "--lake", lake, "--language", "en", "--costs", "mine.yaml")
    assert "Price of the delay: EUR 200 for finished work." in text
    assert "approval 3.0 75% 1 3 days EUR 150 state mapped as approval" in text


def test_json_for_programs(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["waits", "--lake", lake, "--json", "--waiting-calendar", "de", "--stalled-after", "0.5"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert (body["waits"]["definition"], body["waiting_calendar"], body["calendar"]) == ("waits/1", "de", "elapsed")
    causes = {row["cause"]: row for row in body["waits"]["by_cause"] if not row["open"]}
    assert list(causes) == [cause.value for cause in CAUSES]
    assert (causes["blocked"]["status"], causes["blocked"]["days"]) == ("not_configured", None)
    # In the queue from Friday 9 January 10:07 to Saturday 10:07 in Berlin: 6 h 53 min of work, the rest off.
    assert causes["calendar"]["days"] == pytest.approx((24 - 6 - 53 / 60) / 24)
    assert body["friction"]["stalled_items"]["after_days"] == 0.5
    assert body["price"]["status"] == "not_configured"
    assert "actor" not in {key for row in body["waits"]["items"] for key in row}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--costs", "missing.yaml"], 5, "missing.yaml"),
        (["--costs", "broken.yaml"], 3, "currency"),
        (["--costs", "binary.yaml"], 3, "UTF-8"),
        (["--waiting-calendar", "mars"], 5, "mars"),
        (["--from", "2026-02-01", "--until", "2026-01-01"], 3, "2026-02-01"),
        (["--stream", "Nowhere"], 5, "Nowhere"),
    ],
)
def test_what_goes_wrong_is_said(
    lake: str, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    Path("broken.yaml").write_text("{currency: 5}", encoding="utf-8")
    Path("binary.yaml").write_bytes(b"\xff\xfe\x00")
    assert run(["waits", "--lake", lake, "--language", "en", *arguments]) == code
    assert says in capsys.readouterr().err


def test_a_costs_file_that_is_none_is_not_read_whole(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Path("huge.yaml").open("wb") as file:
        file.truncate(10**9)
    assert run(["waits", "--lake", lake, "--costs", "huge.yaml", "--json"]) == 3
    assert json.loads(capsys.readouterr().err)["error"] == "costs_unreadable"
