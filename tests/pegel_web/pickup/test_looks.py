"""From a file in a folder to an import: once, also when a worker is killed, and never what is not allowed."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pegel.lake.store import open_lake
from pegel_web.core.actor import Actor
from pegel_web.core.models import AuditEntry
from pegel_web.flow.place import lake_folder
from pegel_web.ingestion import services as ingestion
from pegel_web.ingestion.models import BroughtFile
from pegel_web.ingestion.queries import brought_file, brought_files
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.organisation.models import RoleAssignment
from pegel_web.pickup import queries, services
from pegel_web.pickup.contracts import PickedLine, PickupReport
from tests.pegel_web.company import Company
from tests.pegel_web.pickup.conftest import EXAMPLE, Drop, look, more

pytestmark = pytest.mark.django_db


def items() -> set[str]:
    return set(open_lake(lake_folder()).items().collect()["item"])


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


def one_file(declared: PickupReport, lead: Actor) -> PickedLine:
    (found,) = queries.pickup_folder(actor=lead, folder_id=declared.line.id).files
    return found


def test_a_file_that_stands_still_is_imported_and_put_away_under_its_import(
    declared: PickupReport, lead: Actor, drop: Drop, motor: Path
) -> None:
    drop("June 2026.csv", more("B-1"))
    look()
    assert (one_file(declared, lead).state, items()) == ("seen", {"A-1"})
    look()
    assert one_file(declared, lead).state == "claimed"
    look(2)
    found = one_file(declared, lead)
    assert (found.state, items()) == ("imported", {"A-1", "B-1"})
    assert names(motor) == ["done"]
    assert names(motor / "done") == [f"June 2026.{found.brought_id}.csv"]
    assert found.brought_id is not None
    done = brought_file(actor=lead, file_id=found.brought_id)
    # Named after no file of its own, and the order of day and month is the confirmed one.
    assert [one.name for one in done.streams] == ["Motor"]
    assert done.content is not None
    assert done.content.earliest is not None
    assert done.content.earliest.date().isoformat() == "2026-05-04"
    # Only what a person confirmed is an example for another folder.
    assert [one.file_name for one in queries.examples(actor=lead)] == ["Motor.csv"]


def test_a_growing_file_is_left_alone_until_it_stands_still(declared: PickupReport, lead: Actor, drop: Drop) -> None:
    for rows in range(1, 4):
        drop("a.csv", more("B-1") + "B-2;04/05/2026 09:00;Los\n" * rows)
        look()
        assert one_file(declared, lead).state == "seen"
    look(3)
    assert one_file(declared, lead).state == "imported"


def test_a_file_that_changes_while_it_is_read_waits_for_the_next_looks(
    declared: PickupReport, lead: Actor, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop("a.csv", more("B-1"))
    look()
    real = os.fstat

    def grown(descriptor: int) -> os.stat_result:
        monkeypatch.setattr(os, "fstat", real)
        path.write_text(more("B-1") + more("B-2"))
        return real(descriptor)

    monkeypatch.setattr(os, "fstat", grown)
    look()
    assert (one_file(declared, lead).state, items()) == ("seen", {"A-1"})
    look(4)
    assert (one_file(declared, lead).state, items()) == ("imported", {"A-1", "B-1", "B-2"})


def test_hidden_files_and_folders_are_not_there(declared: PickupReport, lead: Actor, drop: Drop, motor: Path) -> None:
    drop(".a.csv.part", more("B-1"))
    (motor / "older").mkdir()
    look(3)
    assert queries.pickup_folder(actor=lead, folder_id=declared.line.id).files == ()
    assert names(motor) == [".a.csv.part", "older"]


class Killed(BaseException):
    """As if the process had been killed."""


def killed(monkeypatch: pytest.MonkeyPatch, name: str, *, on: int = 1, after: bool = False) -> None:
    """Let the worker die at the n-th call of a function of the system, before or after its work."""
    real: Callable[..., Any] = getattr(os, name)
    calls = 0

    def dying(*given: Any, **named: Any) -> Any:
        nonlocal calls
        if name == "rename" and "src_dir_fd" not in named:
            return real(*given, **named)
        calls += 1
        if calls < on:
            return real(*given, **named)
        if after:
            real(*given, **named)
        monkeypatch.setattr(os, name, real)
        raise Killed

    monkeypatch.setattr(os, name, dying)


@pytest.mark.parametrize(
    ("name", "on", "after"),
    [("fstat", 1, False), ("fstat", 2, False), ("rename", 1, False), ("rename", 1, True)],
    ids=["before it is claimed", "claimed and not yet brought", "imported and not moved", "moved and not written down"],
)
def test_a_worker_that_is_killed_loses_nothing_and_does_nothing_twice(
    name: str, on: int, after: bool, declared: PickupReport, lead: Actor, drop: Drop, motor: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    drop("a.csv", more("B-1"))
    killed(monkeypatch, name, on=on, after=after)
    with pytest.raises(Killed):
        look(6)
    look(6)
    found = one_file(declared, lead)
    assert (found.state, items()) == ("imported", {"A-1", "B-1"})
    assert (names(motor), names(motor / "done")) == (["done"], [f"a.{found.brought_id}.csv"])
    assert sorted(one.file_name for one in brought_files(actor=lead)) == ["Motor.csv", "a.csv"]


def test_killed_between_the_bringing_and_its_jobs_it_goes_on(
    declared: PickupReport, lead: Actor, drop: Drop, company: Company
) -> None:
    drop("a.csv", more("B-1"))
    look(2)
    # The look at the file was cancelled with the worker: nobody has finished reading it.
    rows = BroughtFile.objects.everything(because="a test").filter(file_name="a.csv")
    rows.update(state="looking", job=None)
    look(6)
    assert (one_file(declared, lead).state, items()) == ("imported", {"A-1", "B-1"})


def test_the_same_content_is_imported_once_whatever_it_is_called(
    declared: PickupReport, lead: Actor, drop: Drop, motor: Path
) -> None:
    drop("a.csv", more("B-1"))
    drop("b.csv", more("B-1"))
    drop("Motor again.csv", EXAMPLE)
    look(8)
    files = {one.file_name: one for one in queries.pickup_folder(actor=lead, folder_id=declared.line.id).files}
    assert {name: one.state for name, one in files.items()} == {
        "a.csv": "imported", "b.csv": "repeated", "Motor again.csv": "repeated",
    }  # fmt: skip
    assert files["b.csv"].brought_id == files["a.csv"].brought_id
    assert files["Motor again.csv"].brought_id == declared.line.example_id
    assert len(brought_files(actor=lead)) == 2
    assert (names(motor), len(names(motor / "done"))) == (["done"], 3)


def test_what_was_taken_back_may_come_again(declared: PickupReport, lead: Actor, drop: Drop) -> None:
    drop("a.csv", more("B-1"))
    look(4)
    first = one_file(declared, lead).brought_id
    assert first is not None
    ingestion.undo_import(actor=lead, file_id=first)
    run_waiting_jobs()
    assert items() == {"A-1"}
    drop("a.csv", more("B-1"))
    look(4)
    assert items() == {"A-1", "B-1"}


def test_another_file_under_the_same_name_is_never_put_away_unread(
    declared: PickupReport, lead: Actor, drop: Drop, motor: Path
) -> None:
    drop("a.csv", more("B-1"))
    look(2)
    drop("a.csv", more("B-2") + "B-3;04/05/2026 09:00;Los\n")
    look(6)
    assert items() == {"A-1", "B-1", "B-2", "B-3"}
    assert names(motor) == ["done"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("Vorgang;Wann;Status\nB-1;04/05/2026 09:00;Los\n", "column_unknown"),
        ("Vorgang;Wann;Wohin\n", "pickup_nothing_in_it"),
        ("", "brought_empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_as_confirmed_is_refused_with_the_reason_beside_it(
    content: str, code: str, declared: PickupReport, lead: Actor, drop: Drop, motor: Path
) -> None:
    drop("a.csv", content)
    look(4)
    found = one_file(declared, lead)
    assert (found.state, found.reason and found.reason.code) == ("refused", code)
    kept = f"a.{found.id}.csv"
    assert (names(motor), names(motor / "refused")) == (["refused"], [kept, f"{kept}.reason.txt"])
    german, english = (motor / "refused" / f"{kept}.reason.txt").read_text().splitlines()
    assert german != english
    assert "error" not in german
    assert str(motor) not in german + english
    assert items() == {"A-1"}
    events = AuditEntry.objects.everything(because="a test").filter(event="pickup.file.refused")
    assert [one.after["reason"] for one in events] == [code]


def test_what_nobody_could_upload_is_refused_unread(
    declared: PickupReport, lead: Actor, motor: Path, settings: Any
) -> None:
    settings.PEGEL_MOST_UPLOAD_BYTES = 1024**2
    with (motor / "a.csv").open("wb") as file:
        file.truncate(1024**2 + 1)
    look(3)
    found = one_file(declared, lead)
    assert found.reason is not None
    assert (found.state, found.reason.code, found.reason.values) == ("refused", "brought_too_large", {"most": 1})


def test_links_pipes_and_hostile_names_lead_nowhere(
    declared: PickupReport, lead: Actor, motor: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(more("SECRET-1"))
    (motor / "link.csv").symlink_to(secret)
    os.mkfifo(motor / "pipe.csv")
    for name in (b"bytes\xff\xfe.csv", b"line\nbreak.csv", b"..csv", b"<b>&.csv", b"a" * 251 + b".csv", b"%s{0}.csv"):
        with open(os.path.join(os.fsencode(motor), name), "wb") as file:
            file.write(more(f"H-{len(name)}").encode())
    look(6)
    files = {one.file_name: one for one in queries.pickup_folder(actor=lead, folder_id=declared.line.id).files}
    refused = {name: one.reason and one.reason.code for name, one in files.items() if one.state == "refused"}
    assert refused == {"link.csv": "pickup_no_plain_file", "pipe.csv": "pickup_no_plain_file"}
    assert {one.state for name, one in files.items() if name not in refused} == {"imported"}
    assert not any("SECRET" in one for one in items())
    assert secret.read_text() == more("SECRET-1")
    # The name that begins with a dot is hidden; everything else is put away.
    assert names(motor) == ["..csv", "done", "refused"]
    assert len(names(motor / "done")) == 5


def test_a_folder_that_became_a_link_is_not_followed(
    declared: PickupReport, lead: Actor, motor: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.csv").write_text(more("SECRET-1"))
    motor.rmdir()
    motor.symlink_to(elsewhere)
    look(4)
    found = queries.pickup_folder(actor=lead, folder_id=declared.line.id)
    assert (found.files, found.line.problem and found.line.problem.code) == ((), "pickup_no_plain_folder")
    assert names(elsewhere) == ["a.csv"]


def test_a_link_in_the_place_of_done_is_not_followed(
    declared: PickupReport, lead: Actor, drop: Drop, motor: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (motor / "done").symlink_to(elsewhere)
    drop("a.csv", more("B-1"))
    look(5)
    # The link itself was put aside, and a real folder is in its place.
    assert names(elsewhere) == []
    assert len(names(motor / "done")) == 1
    assert not (motor / "done").is_symlink()


def test_a_link_in_the_place_of_refused_keeps_everything_waiting(
    declared: PickupReport, lead: Actor, drop: Drop, motor: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (motor / "refused").symlink_to(elsewhere)
    drop("a.csv", "nothing")
    look(5)
    assert (names(elsewhere), names(motor)) == ([], ["a.csv", "refused"])
    problem = queries.pickup_overview(actor=lead).folders[0].problem
    assert problem is not None
    assert (problem.code, problem.values) == ("pickup_no_plain_folder", {"name": "claims/motor/refused"})


def test_a_file_that_the_disk_does_not_give_out_is_refused(
    declared: PickupReport, lead: Actor, drop: Drop, motor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("a.csv", more("B-1"))
    real = os.open

    def refusing(path: Any, *given: Any, **named: Any) -> int:
        # The tests may run as somebody whom no file refuses.
        if path == "a.csv":
            raise PermissionError(13, "Permission denied")
        return real(path, *given, **named)

    monkeypatch.setattr(os, "open", refusing)
    look(3)
    found = one_file(declared, lead)
    assert (found.state, found.reason and found.reason.code) == ("refused", "pickup_unreadable")
    assert len(names(motor / "refused")) == 2


def test_a_folder_that_is_gone_says_so_and_goes_on_when_it_is_back(
    declared: PickupReport, lead: Actor, drop: Drop, motor: Path
) -> None:
    motor.rmdir()
    look()
    line = queries.pickup_overview(actor=lead).folders[0]
    assert (line.state, line.problem and line.problem.code) == ("active", "pickup_folder_missing")
    motor.mkdir()
    drop("a.csv", more("B-1"))
    look(4)
    assert items() == {"A-1", "B-1"}
    assert queries.pickup_overview(actor=lead).folders[0].problem is None


@pytest.mark.parametrize("loss", ["right", "account", "forgotten"])
def test_who_may_not_import_any_more_has_the_folder_paused_until_somebody_takes_it_over(
    loss: str, declared: PickupReport, lead: Actor, drop: Drop, company: Company, motor: Path
) -> None:
    person = company.people["team_lead-K1"]
    drop("a.csv", more("B-1"))
    look()
    if loss == "right":
        RoleAssignment.objects.everything(because="a test").filter(person=person).delete()
    elif loss == "account":
        assert person.user is not None
        person.user.is_active = False
        person.user.save()
    else:
        from pegel_web.pickup.kept_about_people import forget_folders, own_folders  # noqa: PLC0415  (only here)

        assert [one["name"] for one in own_folders(person.id)] == ["claims/motor"]
        assert forget_folders(person.id) == 1
    look(4)
    other = company.actor("department_lead", "K")
    found = queries.pickup_folder(actor=other, folder_id=declared.line.id)
    expected = "pickup_right_lost" if loss == "right" else "pickup_person_gone"
    assert (found.line.state, found.line.problem and found.line.problem.code) == ("paused", expected)
    assert (items(), names(motor)) == ({"A-1"}, ["a.csv"])
    services.resume_folder(actor=other, folder_id=declared.line.id)
    look(4)
    assert items() == {"A-1", "B-1"}


def test_a_right_that_is_lost_while_the_file_is_read_stops_it_there(
    declared: PickupReport, drop: Drop, company: Company
) -> None:
    drop("a.csv", more("B-1"))
    look(2)
    person = company.people["team_lead-K1"]
    RoleAssignment.objects.everything(because="a test").filter(person=person).delete()
    look(3)
    assert items() == {"A-1"}


def test_a_paused_folder_is_not_looked_into(declared: PickupReport, lead: Actor, drop: Drop, motor: Path) -> None:
    services.pause_folder(actor=lead, folder_id=declared.line.id)
    drop("a.csv", more("B-1"))
    look(4)
    assert (items(), names(motor)) == ({"A-1"}, ["a.csv"])
    assert queries.pickup_overview(actor=lead).folders[0].last_look_at is None
