"""One item's life, by hand: reopened, cancelled, never started; hand-offs are a number."""

from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.item_life import ItemLife, item_life
from pegel.flow.item_windows import Ending

WORKFLOW = load_workflow(
    "states: {New: new, Ready: waiting, Doing: active, Hold: ignored, Done: done, Dropped: cancelled}"
)
DAY_US = 86_400_000_000


def life(*rows: tuple[str, ...], as_of: str | None = None) -> ItemLife:
    return item_life(log_of_rows([("A", *row) for row in rows], WORKFLOW, as_of=as_of))


def test_reopened_counts_through_and_pauses_are_taken_off() -> None:
    found = life(
        ("2026-01-01", "Ready"), ("2026-01-02", "Doing"), ("2026-01-04", "Done"), ("2026-01-07", "Doing"),
        ("2026-01-08", "Hold"), ("2026-01-10", "Doing"), ("2026-01-11", "Done"),
    )  # fmt: skip
    used = found.clocks[0]
    # 2nd to 11th: 9 days, less 2 on hold; active 2 + 1 + 1; the 3 days in Done before count as waiting.
    assert used.time_us == 7 * DAY_US
    assert (used.active_us, used.paused_us, used.waiting_us) == (4 * DAY_US, 2 * DAY_US, 3 * DAY_US)
    assert (used.start_state, used.end_state, used.reopened, found.reopenings) == ("Doing", "Done", True, 1)
    assert found.clocks[1].start_state == "Ready"


def test_cancelled_deleted_and_never_started() -> None:
    dropped = life(("2026-01-01", "New"), ("2026-01-02", "Doing"), ("2026-01-05", "Dropped")).clocks[0]
    assert (dropped.ending, dropped.end_state, dropped.time_us) == (Ending.CANCELLED, "Dropped", 3 * DAY_US)
    new = life(("2026-01-01", "New"), as_of="2026-01-09")
    assert (new.clocks[0].ending, new.clocks[0].start_us, new.clocks[0].time_us) == (Ending.OPEN, None, None)
    assert (new.stays[0].left_us, new.stays[0].time_us) == (None, 8 * DAY_US)
    skipped = life(("2026-01-01", "New"), ("2026-01-03", "Done")).clocks[0]
    assert (skipped.ending, skipped.start_us, skipped.time_us) == (Ending.DONE, None, None)


def test_hand_offs_are_counted_where_somebody_is_known() -> None:
    rows = [("2026-01-01", "Ready", "ann"), ("2026-01-02", "Doing", "ben"), ("2026-01-03", "Doing", "ben"),
            ("2026-01-04", "Done", "ann")]  # fmt: skip
    assert life(*rows).hand_offs == 2
    assert life(*[row[:2] for row in rows]).hand_offs is None


def test_process_time_adds_up_work_only() -> None:
    found = life(("2026-01-01", "Ready"), ("2026-01-03", "Doing"), ("2026-01-04", "Ready"), as_of="2026-01-09")
    clock = next(one for one in found.clocks if one.policy == built_in_policy("process_time"))
    assert (clock.time_us, clock.waiting_us) == (1 * DAY_US, None)
