"""From a dropped file to a value stream: looked at, corrected, imported once, taken back."""

from pathlib import Path

import pytest

from pegel.errors import NotFoundError
from pegel.lake.store import open_lake
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.flow.models import StreamSnapshot, ValueStream
from pegel_web.flow.place import lake_folder
from pegel_web.ingestion import place, queries, services
from pegel_web.ingestion.contracts import Reading
from pegel_web.ingestion.models import BroughtFile
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.jobs.services import cancel_job
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import adopted, make_lake, rows_of_weeks
from tests.pegel_web.ingestion.conftest import Bring, imported

pytestmark = pytest.mark.django_db

#: Three items; one row has no time, one says nothing new.
LINES = (
    "item,at,state,actor",
    "A-1,2026-01-05T09:00:00Z,Doing,Ada",
    "A-1,2026-01-06T09:00:00Z,Done,Ada",
    "A-2,2026-01-05T09:00:00Z,Doing,Bea",
    "A-2,2026-01-08T09:00:00Z,Done,Bea",
    "A-3,,Doing,Ada",
    "A-3,2026-01-09T09:00:00Z,Doing,Cid",
    "A-3,2026-01-09T09:00:00Z,Doing,Cid",
)


def test_a_file_is_looked_at_and_nothing_is_imported_before_somebody_confirms(bring: Bring) -> None:
    found = bring(LINES)
    content = found.content
    assert found.line.state == "ready"
    assert content is not None
    assert (content.source, content.rows_read, content.accepted, content.duplicate, content.rejected) == (
        "csv.transitions", 7, 5, 1, 1,
    )  # fmt: skip
    assert content.columns == {"item": "item", "at": "at", "state": "state", "actor": "actor"}
    assert (content.items, content.streams, content.states) == (3, {"Claims": 3}, {"Doing": 3, "Done": 2})
    assert content.reasons == {"time_missing": 1}
    assert content.answers["hand_offs"]
    assert not content.answers["dependencies"]
    assert not lake_folder().exists()


def test_confirming_imports_makes_a_stream_of_the_unit_and_has_it_computed(
    bring: Bring, lead: Actor, company: Company
) -> None:
    found = bring(rows_of_weeks())
    done = imported(found, lead)
    assert done.line.state == "imported"
    assert done.outcome is not None
    assert done.outcome.status == "imported"
    stream = ValueStream.objects.visible_to(lead).get()
    assert (stream.name, stream.unit_id) == ("Claims", company.unit("K1"))
    assert done.streams[0].stream_id == stream.id
    assert StreamSnapshot.objects.visible_to(lead).filter(stream=stream, kind="report").exists()
    assert not place.folder_of(found.line.id).exists()


def test_the_account_of_every_row_is_the_library_s(bring: Bring, lead: Actor) -> None:
    done = imported(bring(LINES), lead)
    outcome = done.outcome
    assert outcome is not None
    fates = (outcome.accepted, outcome.merged, outcome.duplicate, outcome.ignored, outcome.rejected)
    assert (outcome.rows_read, fates) == (7, (5, 0, 1, 0, 1))
    rejected = queries.rejected_rows(actor=lead, file_id=done.line.id)
    assert [(one.row, one.reason) for one in rejected] == [(5, "time_missing")]


def test_the_same_file_again_adds_nothing_and_cannot_be_taken_back(bring: Bring, lead: Actor) -> None:
    first = imported(bring(LINES), lead)
    second = imported(bring(LINES), lead)
    assert second.outcome is not None
    assert second.outcome.status == "already_imported"
    assert not second.may_undo
    with pytest.raises(ConflictError, match="brought_not_its_import"):
        services.undo_import(actor=lead, file_id=second.line.id)
    assert first.may_undo
    assert open_lake(lake_folder()).items().collect().height == 3


def test_an_import_is_taken_back_as_a_whole(bring: Bring, lead: Actor) -> None:
    kept = imported(bring(LINES), lead)
    more = ["item,at,state,actor", "A-9,2026-02-01T09:00:00Z,Doing,Ada", LINES[1]]
    added = imported(bring(more, name="More.csv", stream="Claims"), lead)
    assert open_lake(lake_folder()).items().collect().height == 4
    services.undo_import(actor=lead, file_id=added.line.id)
    run_waiting_jobs()
    assert queries.brought_file(actor=lead, file_id=added.line.id).line.state == "undone"
    assert open_lake(lake_folder()).items().collect().height == 3
    assert queries.brought_file(actor=lead, file_id=kept.line.id).line.state == "imported"


def test_items_that_the_lake_knows_stay_in_their_stream(
    bring: Bring, lead: Actor, company: Company, tmp_path: Path
) -> None:
    make_lake(tmp_path, {"Claims": rows_of_weeks()})
    done = imported(bring(["item,at,state", "A-1,2026-02-28T09:00:00Z,Reopened"], name="New.csv"), lead)
    # Nobody answered for that stream before; now the unit that brought news of it does.
    assert [(one.lake_name, one.name) for one in done.streams] == [("Claims", "Claims")]
    assert ValueStream.objects.visible_to(lead).get().unit_id == company.unit("K1")


def test_what_can_be_read_in_two_ways_is_asked(bring: Bring, lead: Actor) -> None:
    lines = ["item,at,state", "A-1,03/04/2026 09:00,Doing", "A-1,05/04/2026 09:00,Done"]
    found = bring(lines)
    assert found.line.state == "asking"
    assert found.problem is not None
    assert (found.problem.code, set(found.problem.choices)) == ("ambiguous_dates", {"dmy", "mdy"})
    services.read_anew(actor=lead, file_id=found.line.id, reading=Reading(date_order="dmy"))
    run_waiting_jobs()
    content = queries.brought_file(actor=lead, file_id=found.line.id).content
    assert content is not None
    assert content.earliest is not None
    assert content.earliest.date().isoformat() == "2026-04-03"


def test_columns_that_nobody_could_guess_are_chosen(bring: Bring, lead: Actor) -> None:
    lines = ["Vorgang;Wann;Wohin", "A-1;2026-01-05 09:00;Los", "A-1;2026-01-07 09:00;Fertig"]
    found = bring(lines)
    columns = {"item": "Vorgang", "at": "Wann", "state": "Wohin"}
    services.read_anew(actor=lead, file_id=found.line.id, reading=Reading(format="csv.transitions", columns=columns))
    run_waiting_jobs()
    read = queries.brought_file(actor=lead, file_id=found.line.id)
    assert read.line.state == "ready"
    assert read.content is not None
    assert read.content.states == {"Los": 1, "Fertig": 1}


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02\xff" * 500, b"just a letter\nto somebody", b"{", b"PK\x03\x04broken", b"\xff\xfe\x00"]
)
def test_what_is_no_log_ends_in_a_clear_sentence(content: bytes, lead: Actor, company: Company) -> None:
    made = services.bring_file(
        actor=lead, unit_id=company.unit("K1"), file_name="../../etc/x\0y.csv", parts=[content]
    )  # fmt: skip
    run_waiting_jobs()
    found = queries.brought_file(actor=lead, file_id=made.line.id)
    assert (found.line.state, found.line.file_name) == ("unreadable", "xy.csv")
    assert found.problem is not None
    # Where files lie on the server is nobody's business.
    assert "brought" not in str(found.problem.values)
    services.discard_file(actor=lead, file_id=found.line.id)
    run_waiting_jobs()
    assert not place.folder_of(found.line.id).exists()


def test_nobody_changes_the_streams_of_others(bring: Bring, company: Company, lead: Actor, tmp_path: Path) -> None:
    make_lake(tmp_path, {"Sales": rows_of_weeks(prefix="S")})
    adopted(company.actor("programme_lead", "C"), "Sales", company.unit("K2"))
    by_name = bring(LINES, name="x.csv", stream="Sales")
    assert by_name.problem is not None
    assert by_name.problem.code == "brought_stream_taken"
    by_id = bring(["item,at,state", "S-1,2026-01-05T09:00:00Z,Doing"], name="y.csv", stream="Mine")
    assert by_id.problem is not None
    assert (by_id.problem.code, by_id.problem.values) == ("brought_items_elsewhere", {"n": 1})
    with pytest.raises(ConflictError, match="brought_not_now"):
        services.confirm_file(actor=lead, file_id=by_id.line.id, seen=by_id.seen)


def test_a_stream_that_was_taken_over_since_the_look_is_refused_at_the_import(
    bring: Bring, company: Company, lead: Actor, tmp_path: Path
) -> None:
    found = bring(LINES, stream="Sales")
    make_lake(tmp_path, {"Sales": rows_of_weeks(prefix="S")})
    adopted(company.actor("programme_lead", "C"), "Sales", company.unit("K2"))
    refused = imported(found, lead)
    assert refused.line.state == "unreadable"
    assert refused.problem is not None
    assert refused.problem.code == "brought_stream_taken"


def test_nobody_sees_or_touches_files_of_other_units(bring: Bring, company: Company) -> None:
    found = bring(LINES)
    other, reader = company.actor("team_lead", "K2"), company.actor("employee", "K1")
    for act in (
        lambda: queries.brought_file(actor=other, file_id=found.line.id),
        lambda: queries.rejected_rows(actor=other, file_id=found.line.id),
        lambda: services.confirm_file(actor=other, file_id=found.line.id, seen=found.seen),
        lambda: services.discard_file(actor=other, file_id=found.line.id),
        lambda: services.read_anew(actor=other, file_id=found.line.id, reading=Reading()),
    ):
        with pytest.raises(NotFoundError, match="brought_unknown"):
            act()
    assert queries.brought_files(actor=other) == ()
    with pytest.raises(NotAllowedError):
        queries.brought_files(actor=reader)
    with pytest.raises(NotAllowedError):
        bring(LINES, actor=other, unit=company.unit("K1"))
    assert len(place.folders()) == 1


def test_what_was_read_differently_meanwhile_is_not_imported(bring: Bring, lead: Actor) -> None:
    found = bring(LINES)
    services.read_anew(actor=lead, file_id=found.line.id, reading=Reading(stream="Other"))
    run_waiting_jobs()
    with pytest.raises(ConflictError, match="brought_seen_other"):
        services.confirm_file(actor=lead, file_id=found.line.id, seen=found.seen)


def test_an_import_that_was_stopped_goes_on_or_leaves_nothing(bring: Bring, lead: Actor) -> None:
    found = bring(LINES)
    begun = services.confirm_file(actor=lead, file_id=found.line.id, seen=found.seen)
    assert begun.job_id is not None
    cancel_job(actor=lead, job_id=begun.job_id)
    stopped = queries.brought_file(actor=lead, file_id=found.line.id)
    assert stopped.line.state == "paused"
    assert stopped.may_confirm
    assert imported(stopped, lead).line.state == "imported"


def test_a_worker_that_died_after_the_lake_was_written_loses_nothing(bring: Bring, lead: Actor) -> None:
    found = bring(LINES)
    done = imported(found, lead)
    # As if the process had been killed between the lake and the database.
    rows = BroughtFile.objects.everything(because="the same")
    made = rows.get(pk=found.line.id).lake_import
    rows.filter(pk=found.line.id).update(state="ready", lake_import="", result=None)
    assert place.keep(found.line.id, "Claims.csv", ["\n".join(LINES).encode()])
    rows.filter(pk=found.line.id).update(state="importing", job=None)
    row = rows.get(pk=found.line.id)
    import polars as pl  # noqa: PLC0415  (only this test writes what a look leaves)

    pl.DataFrame({"item": ["A-1"], "stream": ["Claims"]}).write_parquet(place.items_of(row.id))
    again = queries.brought_file(actor=lead, file_id=found.line.id)
    assert again.line.state == "paused"
    once_more = imported(again, lead)
    assert once_more.outcome is not None
    assert once_more.outcome.status == "already_imported"
    assert rows.get(pk=found.line.id).lake_import == made
    assert once_more.may_undo
    assert done.outcome is not None


def test_every_step_is_on_record_without_what_the_file_holds(bring: Bring, lead: Actor) -> None:
    imported(bring(LINES), lead)
    entries = AuditEntry.objects.everything(because="a test").filter(event__startswith="ingestion.")
    assert sorted(entries.values_list("event", flat=True)) == [
        "ingestion.file.confirmed", "ingestion.file.imported", "ingestion.file.received",
    ]  # fmt: skip
    assert not any("Ada" in str(one.after) for one in entries)
