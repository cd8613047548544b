"""The log of looks: what a look may conclude, and how tampering shows."""

import fcntl
import json
from pathlib import Path

import numpy as np
import pytest

from pegel.errors import BusyError, InputError, UserError
from pegel.impact.trials.alpha_spending import bounds, mixture_bound
from pegel.impact.trials.look_log import (
    LookLog,
    LookPlan,
    _digest,
    _line,
    begin_looks,
    may_conclude,
    read_looks,
    record_look,
    take_look,
)


def plan(**more: object) -> LookPlan:
    return LookPlan(**{"metric": "flow_time", "units": 500, "looks": ("W12", "W16", "W20"), **more})


def test_looks_are_judged_by_what_earlier_ones_have_used_up():
    log = take_look(LookLog(plan=plan()), at="W12", units=150, statistic=2.5)
    log = take_look(log, at="W16", units=350, statistic=-2.6)

    wanted = bounds([0.3, 0.7])["bound"].tolist()
    assert [look.bound for look in log.looks] == pytest.approx(wanted)
    assert [look.reason for look in log.looks] == ["bound_not_crossed", "bound_crossed"]
    assert (may_conclude(log).may, may_conclude(log).look) == (True, log.looks[1])
    assert may_conclude(LookLog(plan=plan())).reason == "no_look_yet"


def test_a_look_in_between_concludes_nothing_and_costs_nothing():
    log = take_look(LookLog(plan=plan()), at="W12", units=150, statistic=0.5)
    log = take_look(log, at="W14", units=200, statistic=9.0)

    assert (log.looks[-1].reason, log.looks[-1].bound, may_conclude(log).may) == ("look_not_planned", None, False)
    log = take_look(log, at="W16", units=350, statistic=0.0)
    assert log.looks[-1].bound == pytest.approx(bounds([0.3, 0.7])["bound"].iloc[-1])


def test_the_last_planned_look_may_use_all_that_is_left():
    log = take_look(LookLog(plan=plan()), at="W12", units=150, statistic=0.0)
    log = take_look(log, at="W20", units=400, statistic=2.0)

    assert log.looks[-1].bound == pytest.approx(bounds([0.3, 0.8], final=True)["bound"].iloc[-1])
    assert log.looks[-1].reason == "bound_crossed"
    assert take_look(log, at="W21", units=450, statistic=9).looks[-1].reason == "already_concluded"
    late = take_look(
        take_look(LookLog(plan=plan()), at="W16", units=350, statistic=0), at="W12", units=360, statistic=9
    )
    assert late.looks[-1].reason == "look_out_of_order"


def test_too_early_and_too_late():
    assert take_look(LookLog(plan=plan()), at="W12", units=3, statistic=9).looks[-1].reason == "too_early_to_conclude"
    log = take_look(LookLog(plan=plan()), at="W12", units=500, statistic=0)
    assert take_look(log, at="W16", units=600, statistic=9).looks[-1].reason == "alpha_used_up"


def test_a_confidence_sequence_may_be_looked_at_any_time():
    log = LookLog(plan=plan(rule="confidence_sequence", looks=()))
    for at, units, z in (("Mon", 100, 1.0), ("Tue", 120, 3.4), ("Wed", 700, 1.0)):
        log = take_look(log, at=at, units=units, statistic=z)

    assert [look.bound for look in log.looks] == pytest.approx(
        mixture_bound(np.array([0.2, 0.24, 1.4]), level=0.95).tolist()
    )
    assert [look.reason for look in log.looks] == ["bound_not_crossed", "bound_crossed", "bound_not_crossed"]
    assert may_conclude(log).look == log.looks[1]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"looks": ()}, "impact_looks_not_planned"),
        ({"looks": ("a", "a")}, "impact_looks_not_planned"),
        ({"units": 0}, "impact_planned_not_positive"),
        ({"rule": "any"}, "impact_unknown_choice"),
        ({"level": 2}, "impact_level_out_of_range"),
    ],
)
def test_a_plan_that_plans_nothing_is_refused(options: dict[str, object], code: str):
    with pytest.raises(UserError) as caught:
        plan(**options)
    assert caught.value.code == code


def test_looks_that_cannot_be_are_refused():
    log = take_look(LookLog(plan=plan()), at="W12", units=150, statistic=0)
    for look, code in (
        ({"at": "W12", "units": 200, "statistic": 1}, "impact_look_twice"),
        ({"at": "W16", "units": 150, "statistic": 1}, "impact_look_without_new_units"),
        ({"at": "W16", "units": 200, "statistic": float("nan")}, "impact_statistic_not_finite"),
    ):
        with pytest.raises(UserError) as caught:
            take_look(log, **look)
        assert caught.value.code == code


def written(folder: Path) -> Path:
    path = folder / "looks.jsonl"
    begin_looks(path, plan())
    for at, units, z in (("W12", 150, 1.25), ("W14", 200, 2.0), ("W16", 350, 2.75)):
        record_look(path, at=at, units=units, statistic=z, data=f"hash of {at}")
    return path


def test_a_written_log_reads_back_and_the_same_looks_are_the_same_bytes(tmp_path: Path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    path, again = written(tmp_path / "one"), written(tmp_path / "two")
    log = read_looks(path)

    assert path.read_bytes() == again.read_bytes()
    assert [look.at for look in log.looks] == ["W12", "W14", "W16"]
    assert log.plan == plan()
    assert may_conclude(log).may
    assert read_looks(path, head=log.looks[1].digest) == log
    assert len(path.read_text(encoding="utf-8").splitlines()) == 4


def test_a_plan_is_never_replaced(tmp_path: Path):
    path = written(tmp_path)
    before = path.read_bytes()

    with pytest.raises(UserError) as caught:
        begin_looks(path, plan(looks=("W99",)))
    assert caught.value.code == "impact_look_log_exists"
    assert path.read_bytes() == before


def forged(line: str, **values: object) -> str:
    """A line with other values and a digest that fits them."""
    record = {**json.loads(line), **values}
    del record["digest"]
    return _line({**record, "digest": _digest(record)}).rstrip("\n")


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        (lambda lines: [lines[0], lines[1].replace("1.25", "1.24"), *lines[2:]], "impact_look_log_changed", 2),
        (lambda lines: [lines[0].replace("500", "300"), *lines[1:]], "impact_look_log_changed", 1),
        (lambda lines: [lines[0], lines[2], lines[3]], "impact_look_log_gap", 2),
        (lambda lines: [lines[0], lines[1], lines[1], *lines[2:]], "impact_look_log_gap", 3),
        (lambda lines: [lines[0], lines[2], lines[1], lines[3]], "impact_look_log_gap", 2),
        (lambda lines: [lines[0], forged(lines[1], statistic=4.5), *lines[2:]], "impact_look_log_changed", 2),
        (lambda lines: [lines[0], forged(lines[1], reason="bound_crossed"), *lines[2:]], "impact_look_log_changed", 2),
        (lambda lines: [lines[0], forged(lines[1], data="other"), *lines[2:]], "impact_look_log_gap", 3),
        (lambda lines: [lines[0], forged(lines[1], units="many"), *lines[2:]], "impact_look_log_changed", 2),
        (lambda lines: [lines[0], forged(lines[1], extra=1), *lines[2:]], "impact_look_log_unreadable", 2),
        (lambda lines: [lines[0], "{broken", *lines[2:]], "impact_look_log_unreadable", 2),
        (lambda lines: [lines[0], "[1, 2]", *lines[2:]], "impact_look_log_unreadable", 2),
        (lambda lines: [" " + lines[0], *lines[1:]], "impact_look_log_changed", 1),
        (lambda lines: lines[1:], "impact_look_log_unreadable", 1),
        (lambda lines: [], "impact_look_log_unreadable", 1),
    ],
)
def test_tampering_is_found_and_named(tmp_path: Path, change: object, code: str, line: int):
    path = written(tmp_path)
    lines = change(path.read_text(encoding="utf-8").splitlines())
    path.write_text("".join(one + "\n" for one in lines), encoding="utf-8")

    with pytest.raises(InputError) as caught:
        read_looks(path)
    assert (caught.value.code, caught.value.values["line"]) == (code, line)
    with pytest.raises(InputError):
        record_look(path, at="W20", units=500, statistic=1.0)


def test_a_line_cut_off_in_the_middle_or_at_the_end(tmp_path: Path):
    path = written(tmp_path)
    head = read_looks(path).head
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:-5], encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_looks(path)
    assert (caught.value.code, caught.value.values["line"]) == ("impact_look_log_unreadable", 4)

    # A whole line less is a whole chain; only who noted the head can tell.
    path.write_text("".join(line + "\n" for line in text.splitlines()[:-1]), encoding="utf-8")
    assert len(read_looks(path).looks) == 2
    with pytest.raises(InputError) as caught:
        read_looks(path, head=head)
    assert caught.value.code == "impact_look_log_shortened"


def test_no_file_no_text_and_a_busy_log(tmp_path: Path):
    with pytest.raises(InputError) as caught:
        read_looks(tmp_path / "none.jsonl")
    assert caught.value.code == "impact_look_log_missing"
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe\n")
    with pytest.raises(InputError) as caught:
        read_looks(tmp_path / "bytes.jsonl")
    assert caught.value.code == "impact_look_log_unreadable"
    path = written(tmp_path)
    with path.with_name("looks.jsonl.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(BusyError) as busy:
            record_look(path, at="W20", units=500, statistic=1.0)
    assert busy.value.code == "impact_look_log_busy"
