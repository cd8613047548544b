"""What a place means in every period of its workflow."""

from pegel.eventlog.workflow import StateCategory, StateRule, Workflow
from pegel.flow.meanings import Meanings, Place


def test_a_rule_that_only_ends_holds_until_then() -> None:
    rules = (
        StateRule(state="Review", category=StateCategory.ACTIVE),
        StateRule(state="Review", category=StateCategory.WAITING, until_us=100),
    )
    found = Meanings([Place(0, "s", None, "Review")], {"s": Workflow(name="w", rules=rules)})
    assert [found.at(moment)[0].category for moment in (0, 99, 100)] == [
        StateCategory.WAITING, StateCategory.WAITING, StateCategory.ACTIVE,
    ]  # fmt: skip


def test_a_rule_that_only_begins_does_not_hold_before() -> None:
    rules = (
        StateRule(state="Review", category=StateCategory.ACTIVE),
        StateRule(state="Review", category=StateCategory.WAITING, from_us=100),
    )
    found = Meanings([Place(0, "s", None, "Review")], {"s": Workflow(name="w", rules=rules)})
    assert [found.at(moment)[0].category for moment in (99, 100)] == [StateCategory.ACTIVE, StateCategory.WAITING]
