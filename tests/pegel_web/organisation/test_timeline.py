"""The tree over time, by hand."""

from datetime import date
from uuid import UUID

import pytest

from pegel_web.core.errors import ConflictError
from pegel_web.organisation.timeline import Period, Problem, begun, changed, ended, problems

C, S, K = (UUID(int=number) for number in (1, 2, 3))
JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


def period(unit: UUID, parent: UUID | None, since: date, until: date | None = None, name: str = "x") -> Period:
    return Period(unit=unit, parent=parent, name=name, kind="team", valid_from=since, valid_until=until)


def test_a_change_cuts_the_period_and_keeps_what_was() -> None:
    assert changed((period(S, C, JAN),), MAR, name="y") == (period(S, C, JAN, MAR), period(S, C, MAR, name="y"))


def test_a_change_on_the_first_day_replaces() -> None:
    assert changed((period(S, C, JAN),), JAN, parent=K) == (period(S, K, JAN),)


def test_a_change_lasts_until_the_one_that_was_planned() -> None:
    planned = (period(S, C, JAN, MAR), period(S, K, MAR))
    assert changed(planned, FEB, name="y") == (
        period(S, C, JAN, FEB), period(S, C, FEB, MAR, name="y"), period(S, K, MAR),
    )  # fmt: skip


def test_no_change_changes_nothing() -> None:
    held = (period(S, C, JAN),)
    assert changed(held, FEB, name="x", parent=C) == held


@pytest.mark.parametrize("day", [date(2025, 12, 31), MAR])
def test_what_is_not_there_cannot_change(day: date) -> None:
    with pytest.raises(ConflictError) as refused:
        changed((period(S, C, JAN, MAR),), day, name="y")
    assert refused.value.code == "unit_not_there"


def test_an_end_takes_what_was_planned_with_it() -> None:
    assert ended((period(S, C, JAN, MAR), period(S, K, MAR)), FEB) == (period(S, C, JAN, FEB),)
    assert ended((period(S, C, JAN, MAR), period(S, K, MAR)), MAR) == (period(S, C, JAN, MAR),)


def test_an_end_leaves_something() -> None:
    with pytest.raises(ConflictError) as refused:
        ended((period(S, C, JAN),), JAN)
    assert refused.value.code == "unit_ends_at_start"


def test_a_unit_may_begin_again_but_not_twice() -> None:
    held = (period(S, C, JAN, MAR),)
    assert begun(held, period(S, K, MAR)) == (*held, period(S, K, MAR))
    with pytest.raises(ConflictError) as refused:
        begun(held, period(S, K, FEB))
    assert refused.value.code == "unit_exists_then"


def test_problems_are_found_on_any_later_day() -> None:
    sound = {C: (period(C, None, JAN),), S: (period(S, C, JAN),), K: (period(K, S, JAN),)}
    assert problems(sound, JAN) == set()
    in_a_ring = {**sound, S: (period(S, C, JAN, MAR), period(S, K, MAR))}
    assert problems(in_a_ring, JAN) == {Problem(code="unit_cycle", unit=S), Problem(code="unit_cycle", unit=K)}
    orphaned = {**sound, S: (period(S, C, JAN, MAR),)}
    assert problems(orphaned, JAN) == {Problem(code="unit_parent_missing", unit=K, other=S)}
    two = {**sound, K: (period(K, S, JAN, APR), period(K, None, APR))}
    assert problems(two, JAN) == {Problem(code="unit_second_top", unit=C), Problem(code="unit_second_top", unit=K)}
    assert problems(sound | {K: (period(K, S, JAN, FEB), period(K, None, FEB, MAR))}, MAR) == set()
