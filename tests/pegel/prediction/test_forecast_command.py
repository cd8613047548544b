"""``pegel forecast``: questions as they are typed, tables and JSON, errors."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from pegel.cli import run


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forecast")
    lines = ["Item,At,State"]
    for day in range(100):
        start = date(2026, 1, 5) + timedelta(days=day)
        lines.append(f"C-{day},{start}T08:00Z,In Progress")
        if day < 98:
            lines.append(f"C-{day},{start + timedelta(days=2)}T08:00Z,Done")
    (folder / "claims.csv").write_text("\n".join(lines), encoding="utf-8")
    path = folder / "lake"
    assert run(["import", str(folder / "claims.csv"), "--lake", str(path), "--json"]) == 0
    return path


@pytest.fixture
def ask(lake, capsys):
    capsys.readouterr()

    def asked(*arguments):
        code = run(["forecast", "--lake", str(lake), "--runs", "300", *arguments])
        return code, *capsys.readouterr()

    return asked


def test_how_many_items_gives_days_with_basis_and_backtest(ask):
    code, out, _ = ask("--items", "10", "--language", "en")

    assert code == 0
    assert out.startswith("With 85% confidence 10 items are done by ")
    assert "seed 1" in out
    assert "past moments that can be decided the 85% forecast held" in " ".join(out.split())


def test_json_has_the_question_the_window_the_levels_and_the_backtest(ask):
    code, out, _ = ask("--items", "10", "--json", "--seed", "7")
    body = json.loads(out)

    assert code == 0
    assert (body["definition"], body["question"], body["items"], body["seed"]) == ("forecast/1", "when", {"": 10}, 7)
    assert [row["level"] for row in body["when"]] == [50, 70, 85, 95]
    assert body["when"][0]["day"] > "2026-04-14"
    assert body["backtest"]["origins"] == 24
    assert body["backtest"]["levels"][1]["decided"] >= 22
    assert body["policy"]["name"] == "first_active_to_last_done"


def test_without_backtest_it_says_so(ask):
    body = json.loads(ask("--items", "10", "--json", "--no-backtest")[1])

    assert body["backtest"]["reason"] == "backtest_not_asked"


def test_how_many_until_a_day(ask):
    code, out, _ = ask("--until", "2026-05-31", "--language", "de", "--no-backtest", "--calendar", "de")

    assert code == 0
    assert out.startswith("Bis 31.05.2026 werden mit 85\N{NARROW NO-BREAK SPACE}% Sicherheit mindestens ")


def test_named_items_and_an_order(ask, tmp_path):
    order = tmp_path / "backlog.txt"
    order.write_text("# next\nC-99\n\nC-98\n", encoding="utf-8")
    named = json.loads(ask("--items", "C-98,C-99", "--json", "--no-backtest")[1])
    ordered = json.loads(ask("--order", str(order), "--json", "--no-backtest", "--wip", "1")[1])
    first = json.loads(ask("--order", str(order), "--items", "1", "--json", "--no-backtest")[1])

    assert [row["item"] for row in named["items"]] == ["C-98", "C-99"]
    assert [row["item"] for row in ordered["items"]] == ["C-99", "C-98"]
    assert (ordered["wip"], ordered["wip_observed"]) == (1, False)
    assert [row["item"] for row in first["items"]] == ["C-99"]


def test_the_table_of_items_says_what_is_left_out(ask):
    code, out, _ = ask("--items", "C-98,C-1", "--language", "en", "--no-backtest")

    assert code == 0
    assert "C-1: is not open" in out


def test_a_stream_with_its_number(ask):
    body = json.loads(ask("--items", "claims=12", "--json", "--no-backtest")[1])

    assert body["items"] == {"claims": 12}


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        ([], 2, "forecast_needs_a_question"),
        (["--items", "0"], 2, "forecast_setting_invalid"),
        (["--items", "5", "--items", "C-1"], 2, "forecast_items_mixed"),
        (["--items", "5", "--items", "6"], 2, "forecast_items_mixed"),
        (["--items", "5", "--items", "claims=6"], 2, "forecast_items_mixed"),
        (["--items", "99999999999999999999"], 2, "forecast_items_mixed"),
        (["--items", "Nowhere=5"], 5, "unknown_stream"),
        (["--items", "C-1,Nobody"], 5, "unknown_item"),
        (["--items", "5", "--split-rate", "0.2"], 2, "split_rate_invalid"),
        (["--items", "5", "--window", "1"], 2, "forecast_setting_invalid"),
        (["--items", "C-99", "--wip", "0"], 2, "forecast_setting_invalid"),
        (["--until", "2020-01-01"], 2, "forecast_day_past"),
        (["--order", "nowhere.txt"], 5, "no_such_file"),
    ],
)
def test_errors_say_what_is_wrong(ask, arguments, code, error):
    found, _, err = ask(*arguments, "--json")

    assert (found, json.loads(err)["error"]) == (code, error)


def test_hostile_order_files_end_in_a_clear_error(ask, tmp_path):
    large, binary = tmp_path / "large.txt", tmp_path / "binary.txt"
    large.write_bytes(b"a\n" * (1 << 20))
    binary.write_bytes(b"\xff\xfe\x00A")

    assert json.loads(ask("--order", str(large), "--json")[2])["error"] == "order_file_too_large"
    assert json.loads(ask("--order", str(binary), "--json")[2])["error"] == "not_utf8"
    assert json.loads(ask("--order", str(tmp_path), "--json")[2])["error"] == "not_a_file"


def test_too_little_data_says_what_was_seen_and_what_is_needed(ask):
    code, out, _ = ask("--items", "5", "--window", "9", "--language", "en")

    assert code == 0
    assert "Seen: 9 days and 9 finished; needed: 20 days and 10 finished per stream." in " ".join(out.split())
