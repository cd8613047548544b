"""The machine itself: which steps there are, and that no way leads past a gate."""

from __future__ import annotations

from itertools import product

from pegel_web.portfolio.lifecycle import GATED, LIVE, MAIN, MOVES, CaseState, move, moves_from

S = CaseState


def test_the_main_way_is_the_one_of_the_product() -> None:
    assert [str(one) for one in MAIN] == [
        "idea", "assessed", "prioritised", "pilot", "production", "scaled", "retired",
    ]  # fmt: skip


def test_every_step_is_there_once() -> None:
    steps = [(one.source, one.target) for one in MOVES]
    assert len(steps) == len(set(steps))


def test_every_way_into_a_live_state_has_a_gate() -> None:
    for one in MOVES:
        if one.target in LIVE:
            assert one.gate is one.target, one


def test_no_path_reaches_production_without_each_gate_before_it() -> None:
    # Walk backwards from production over steps without a gate: nothing may be reached but production itself.
    for target in GATED:
        ungated = {one.source for one in MOVES if one.target is target and one.gate is None}
        # Only a step back may enter a gated state without its gate, and it comes from a state behind that gate.
        for source in ungated:
            assert MAIN.index(source) > MAIN.index(target), (source, target)


def test_from_outside_one_returns_before_the_first_gate() -> None:
    for source, target in product((S.REJECTED, S.DUPLICATE, S.MERGED, S.PARKED, S.KILLED, S.RETIRED), GATED):
        assert move(source, target) is None


def test_everything_but_nothing_more_is_possible_from_each_state() -> None:
    assert [str(one.target) for one in moves_from(S.PILOT)] == ["production", "prioritised", "parked", "killed"]
    assert all(moves_from(state) for state in S)
