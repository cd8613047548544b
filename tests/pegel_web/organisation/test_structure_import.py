"""Importing the organisation: what is shown is what happens, once, or nothing."""

import io
import zlib
from datetime import date, timedelta

import pytest
from openpyxl import Workbook

from pegel.errors import InputError, NotFoundError, UserError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, LimitedError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.contracts.structure_import import ImportReport
from pegel_web.organisation.models import (
    Identity,
    Membership,
    Person,
    Product,
    RoleAssignment,
    StructureImport,
    UnitPeriod,
)
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.structure_import import import_report, rejected_rows
from pegel_web.organisation.services.import_confirmation import confirm_import
from pegel_web.organisation.services.people import add_membership
from pegel_web.organisation.services.structure_import import (
    discard_import,
    forget_rows,
    preview_import,
    refresh_import,
)
from pegel_web.organisation.services.units import rename_unit
from tests.pegel_web.company import AT, FROM, Company

ON = date(2026, 7, 1)
DAY = timedelta(days=1)
HEADER = "code;name;kind;parent_code"
UNITS = """code;name;kind;parent_code
C;Company;organisation;
K;Claims;department;C
K1;Vehicles;team;K
K3;Liability;team;K
K31;Liability North;team;K3
S;Sales;department;C
"""


def preview(
    company: Company, text: str | bytes, kind: str | None = "units", *, actor: Actor | None = None, **more: object
) -> ImportReport:
    content = text if isinstance(text, bytes) else text.encode()
    return preview_import(
        actor=actor or company.actor("administrator"),
        content=content,
        file_name="list.csv",
        effective_date=ON,
        kind=kind,
        **more,  # type: ignore[arg-type]  # as given
    )


def confirm(company: Company, report: ImportReport) -> ImportReport:
    return confirm_import(actor=company.actor("administrator"), import_id=report.import_id, seen=report.digest)


def counted(report: ImportReport) -> dict[str, tuple[int, int, int, int, int]]:
    return {one.kind: (one.added, one.changed, one.ended, one.unchanged, one.rejected) for one in report.counts}


def refused(report: ImportReport) -> list[tuple[int | None, str]]:
    return [(one.row, one.reason) for one in report.rejected]


def test_units_by_hand(company: Company) -> None:
    shown = preview(company, UNITS)
    assert counted(shown) == {"units": (2, 1, 0, 3, 0)}
    assert [(one.verb, one.what, one.row) for one in shown.lines] == [
        ("changed", "K1 · Vehicles", 3), ("added", "K3 · Liability", 4), ("added", "K31 · Liability North", 5),
    ]  # fmt: skip
    assert (shown.lines[0].before, shown.lines[0].after) == ((("name", "Motor"),), (("name", "Vehicles"),))
    assert UnitPeriod.objects.count() == 7
    done = confirm(company, shown)
    assert (done.state, done.lines, counted(done)) == ("confirmed", (), counted(shown))
    names = {node.code: node.name for node in structure_on(ON).nodes.values()}
    assert (names["K1"], names["K31"], len(names)) == ("Vehicles", "Liability North", 9)
    assert {node.code: node.name for node in structure_on(ON - DAY).nodes.values()}["K1"] == "Motor"


def test_the_same_file_again_changes_nothing(company: Company) -> None:
    confirm(company, preview(company, UNITS))
    again = preview(company, UNITS)
    assert counted(again) == {"units": (0, 0, 0, 6, 0)}
    before = AuditEntry.objects.everything(because="test").count()
    confirm(company, again)
    assert AuditEntry.objects.everything(because="test").count() == before + 1
    assert UnitPeriod.objects.count() == 10


def test_an_import_happens_once(company: Company) -> None:
    shown = preview(company, UNITS)
    confirm(company, shown)
    with pytest.raises(ConflictError) as twice:
        confirm(company, shown)
    assert twice.value.code == "import_done_already"


def test_what_changed_meanwhile_is_looked_at_again(company: Company) -> None:
    shown = preview(company, UNITS)
    rename_unit(actor=company.actor("administrator"), unit_id=company.unit("S1"), name="Field", kind="team", on=ON)
    with pytest.raises(ConflictError) as stale:
        confirm(company, shown)
    assert stale.value.code == "organisation_changed"
    assert UnitPeriod.objects.count() == 8
    again = refresh_import(actor=company.actor("administrator"), import_id=shown.import_id)
    assert confirm(company, again).state == "confirmed"


def test_only_what_was_shown_is_confirmed(company: Company) -> None:
    shown = preview(company, UNITS)
    with pytest.raises(ConflictError):
        confirm_import(actor=company.actor("administrator"), import_id=shown.import_id, seen="0" * 64)


@pytest.mark.parametrize(
    "content",
    [
        UNITS.replace("Vehicles", "Fährräder").encode("utf-8-sig"),
        UNITS.replace("Vehicles", "Fährräder").encode("utf-16"),
        UNITS.replace("Vehicles", "Fährräder").encode("cp1252"),
        UNITS.replace("Vehicles", "Fährräder").replace(";", ",").encode(),
        UNITS.replace("Vehicles", "Fährräder").replace(";", "\t").replace("\n", "\r\n").encode(),
        UNITS.replace("Vehicles", "Fährräder").replace(HEADER, "Kürzel;Bezeichnung;Art;Übergeordnet").encode(),
    ],
    ids=["bom", "utf-16", "windows-1252", "comma", "tab", "german"],
)  # fmt: skip
def test_files_as_they_come(company: Company, content: bytes) -> None:
    confirm(company, preview(company, content))
    assert "Fährräder" in {node.name for node in structure_on(ON).nodes.values()}


def test_rejected_rows_say_why_and_can_be_corrected(company: Company) -> None:
    text = """code;name;kind;parent_code;valid_until
A;;team;K;
B;Bee;kingdom;K;
D;Dee;team;nowhere;
E;Below Dee;team;D;
F;Eff;team;K;soon
K1;Motor;team;K2;
K2;Household;team;K1;
G;Second top;organisation;;
H;Twice;team;K;
H;Twice;team;K;
I;=cmd();team;K;
J;Jay;team;K;01.01.2027
"""
    shown = preview(company, text)
    assert refused(shown) == [  # as they stand in the file, whatever was planned first
        (1, "text_missing"), (2, "unit_kind_unknown"), (3, "parent_unknown"), (4, "parent_unknown"),
        (5, "date_unreadable"), (6, "unit_cycle"), (7, "unit_cycle"), (8, "unit_second_top"),
        (10, "duplicate_in_file"),
    ]  # fmt: skip
    assert counted(shown)["units"] == (3, 0, 0, 0, 9)
    columns, rows = rejected_rows(actor=company.actor("administrator"), import_id=shown.import_id, kind="units")
    assert columns == ("code", "name", "kind", "parent_code", "valid_until")
    assert [one.row for one in rows] == [1, 2, 3, 4, 5, 6, 7, 8, 10]
    assert dict(rows[0].cells) == {"code": "A", "name": "", "kind": "team", "parent_code": "K", "valid_until": ""}
    confirm(company, shown)
    ends = structure_on(date(2026, 12, 31)).nodes.keys() - structure_on(date(2027, 1, 1)).nodes.keys()
    assert {structure_on(ON).nodes[unit].code for unit in ends} == {"J"}
    assert counted(preview(company, text))["units"] == (0, 0, 0, 3, 9)


def test_a_complete_list_ends_what_it_leaves_out_unless_somebody_is_still_in_it(company: Company) -> None:
    person = company.person("Anna", "team_lead", "S2")
    Membership.objects.create(person=person, unit=company.units["S1"], valid_from=FROM)
    text = "code;name;kind;parent_code\nC;Company;organisation;\nK;Claims;department;C\nK1;Motor;team;K\n"
    shown = preview(company, text, complete=True)
    # Sales keeps Field sales, which keeps Anna; Household and Back office end, with Anna's role there.
    assert refused(shown) == [(None, "unit_has_members"), (None, "unit_has_children")]
    assert counted(shown) == {"units": (0, 0, 2, 3, 2), "roles": (0, 0, 1, 0, 0)}
    confirm(company, shown)
    assert {node.code for node in structure_on(ON).nodes.values()} == {"C", "K", "K1", "S", "S1"}
    assert RoleAssignment.objects.everything(because="test").get(person=person).valid_until == ON


def test_where_a_row_cannot_be_read_nothing_is_taken_for_missing(company: Company) -> None:
    shown = preview(
        company, "code;name;kind;parent_code\nC;Company;organisation;\nK;too;many;cells;here\n", complete=True
    )
    assert (None, "complete_not_applied") in refused(shown)
    assert counted(shown)["units"][2] == 0


PEOPLE = """Personalnummer;Name;E-Mail;Einheit
4711;Anna Arndt;anna@example.org;K1
4712;Bert Bold;BERT@example.org;K1
"""


def test_people_come_without_names_unless_names_are_wanted(company: Company) -> None:
    shown = preview(company, PEOPLE, "people")
    assert counted(shown) == {"people": (2, 0, 0, 0, 0), "memberships": (2, 0, 0, 0, 0)}
    assert shown.left_out == (("personal", "Name"), ("personal", "E-Mail"))
    kept = StructureImport.objects.everything(because="test").get()
    assert kept.rows is not None
    confirm(company, shown)
    made = Identity.objects.exclude(reference=None)
    assert sorted(made.values_list("name", "email")) == [("", None), ("", None)]
    assert Membership.objects.everything(because="test").filter(unit=company.units["K1"], valid_from=ON).count() == 2
    assert counted(preview(company, PEOPLE, "people")) == {"people": (0, 0, 0, 2, 0), "memberships": (0, 0, 0, 2, 0)}
    named = preview(company, PEOPLE, "people", with_names=True)
    assert counted(named) == {"people": (0, 2, 0, 0, 0), "memberships": (0, 0, 0, 2, 0)}
    confirm(company, named)
    assert sorted(made.values_list("name", "email")) == [
        ("Anna Arndt", "anna@example.org"), ("Bert Bold", "bert@example.org"),
    ]  # fmt: skip


def test_neither_sign_nor_name_of_a_person_is_kept_where_it_is_not_needed(company: Company) -> None:
    preview(company, PEOPLE + "4713;Carl;carl@example.org;nowhere\n", "people")
    kept = StructureImport.objects.everything(because="test").get()
    text = zlib.decompress(bytes(kept.rows or b"")).decode()
    assert "4711" not in text
    assert "Anna" not in text
    assert "4713" in text  # refused: whoever corrects it has to find it
    assert "Carl" not in text
    audited = str(list(AuditEntry.objects.everything(because="test").values_list("after", flat=True)))
    assert "4711" not in audited


def test_somebody_who_was_added_by_hand_is_recognised_by_address(company: Company) -> None:
    company.person("Anna")
    email = Identity.objects.get(person=company.people["Anna"]).email
    shown = preview(company, f"person;unit\n{email};K1\n", "people")
    assert counted(shown)["people"] == (0, 1, 0, 0, 0)
    confirm(company, shown)
    assert counted(preview(company, f"person;unit\n{email};K1\n", "people"))["people"] == (0, 0, 0, 1, 0)


def test_people_move_and_leave(company: Company) -> None:
    confirm(company, preview(company, PEOPLE, "people"))
    moved = preview_import(
        actor=company.actor("administrator"),
        content=b"person;unit\n4711;S1\n",
        file_name="x",
        effective_date=ON + 30 * DAY,
        kind="people",
        complete=True,
    )
    assert counted(moved) == {"people": (0, 0, 1, 1, 0), "memberships": (1, 0, 2, 0, 0)}
    confirm(company, moved)
    later = ON + 30 * DAY
    rows = Membership.objects.everything(because="test").filter(valid_from__gte=ON)
    assert sorted(rows.values_list("unit__code", "valid_from", "valid_until"), key=str) == [
        ("K1", ON, later), ("K1", ON, later), ("S1", later, None),
    ]  # fmt: skip


def test_hostile_people(company: Company) -> None:
    company.person("Taken")
    taken = Identity.objects.get(person=company.people["Taken"]).email
    text = f"""person;name;email;unit;kind;answers_for
;No sign;;K1;;
1;{"x" * 300};;K1;;
2;a\u202eb;;K1;;
3;<script>alert(1)</script>;nobody;K1;;
4;Four;{taken};K1;;
5;Five;;nowhere;;
6;Six;;K1;ghost;
7;Seven;;K1;agent;
8;Eight;;K1;agent;10
9;Nine;same@example.org;K1;;
10;Ten;same@example.org;K1;;
11;Eleven;;K1;service;9
"""
    shown = preview(company, text, "people", with_names=True)
    assert sorted((row or 0, reason) for row, reason in refused(shown)) == [
        (1, "text_missing"), (2, "text_too_long"), (3, "text_unprintable"), (4, "email_invalid"), (5, "email_taken"),
        (6, "unit_unknown_in_file"), (7, "person_kind_unknown"), (8, "answers_for_no_person"),
        (9, "answers_for_no_person"), (11, "email_taken"),
    ]  # fmt: skip
    assert counted(shown)["people"] == (2, 0, 0, 0, 10)
    confirm(company, shown)
    service = Person.objects.get(kind="service")
    assert service.answers_for is not None
    assert service.answers_for.identity.name == "Nine"


def test_broken_bytes_are_refused_row_by_row(company: Company) -> None:
    text = (
        UNITS.replace("Vehicles", "Prüfung größerer Änderungen für Übergänge, früher").encode()
        + b"X;a\xff\xfeb;team;K\nY;a\0b;team;K\nZ;"
        + b"z" * 2_000_000
        + b";team;K\nW;ok;team;K\n"
    )
    shown = preview(company, text)
    assert {row for row, _ in refused(shown)} == {7, 8, 9}
    assert counted(shown)["units"][0] == 3


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"", "units", "file_empty"),
        (b"just words", "units", "no_table"),
        (b"a;b\n1;2\n", "units", "import_columns_missing"),
        (b"code;name;kind\n", "units", "import_without_rows"),
        (b"code;name;kind\n1;2;3\n", None, "import_kind_missing"),
        (b"code;name;kind\n1;2;3\n", "kingdoms", "import_kind_unknown"),
        (b"%PDF-1.7", "units", "file_kind_unsupported"),
        (b"PK\x03\x04broken", "units", "archive_broken"),
    ],
)
def test_files_that_are_none(company: Company, content: bytes, kind: str | None, code: str) -> None:
    with pytest.raises(InputError) as wrong:
        preview(company, content, kind)
    assert wrong.value.code == code
    assert "tmp" not in str(wrong.value.values)


def test_limits_of_size(company: Company) -> None:
    with pytest.raises(LimitedError) as large:
        preview(company, b"x" * 10_000_001)
    assert large.value.code == "import_too_large"
    rows = "\n".join(f"T{number};Team;C" for number in range(50_001))
    with pytest.raises(LimitedError) as many:
        preview(company, f"code;name;parent\n{rows}\n", "teams")
    assert many.value.code == "import_too_many_rows"


def workbook(**sheets: list[list[object]]) -> bytes:
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]  # a fresh workbook has one
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_workbook_with_everything(company: Company) -> None:
    content = workbook(
        Einheiten=[["Kürzel", "Name", "Art", "Übergeordnet"], ["R", "Research", "Abteilung", "C"]],
        Teams=[["code", "name", "parent_code"], ["R1", "Lab", "R"]],
        Personen=[["person", "name", "email"], [1, "Ada", "ada@example.org"], [2, "Bob", "bob@example.org"]],
        Memberships=[
            ["person", "unit_code", "valid_from", "valid_until"], [1, "R1", date(2026, 8, 1), None],
            [2, "R", None, None], [3, "R", None, None],
        ],
        Produkte=[["code", "name", "owner_unit_code"], ["lens", "Lens", "R"]],
        Rollen=[["person", "role", "unit_code"], [1, "Teamleitung", "R1"], [2, "king", "R"]],
        Notes=[["remember", "this"], ["a", "b"]],
    )  # fmt: skip
    shown = preview(company, content, None, with_names=True)
    assert counted(shown) == {
        "units": (2, 0, 0, 0, 0), "people": (2, 0, 0, 0, 0), "memberships": (2, 0, 0, 0, 1),
        "products": (1, 0, 0, 0, 0), "roles": (1, 0, 0, 0, 1),
    }  # fmt: skip
    assert shown.left_out == (("unknown_sheet", "Notes"),)
    assert refused(shown) == [(3, "person_unknown_in_file"), (2, "role_unknown_in_file")]
    confirm(company, shown)
    ada = Identity.objects.get(name="Ada").person
    held = Membership.objects.everything(because="test").get(person=ada)
    assert (held.unit.code, held.valid_from) == ("R1", date(2026, 8, 1))
    assert Product.objects.everything(because="test").get(code="lens").owner_unit.code == "R"
    assert RoleAssignment.objects.everything(because="test").get(person=ada).role == "team_lead"
    again = preview(company, content, None, with_names=True)
    assert {kind: one[:3] for kind, one in counted(again).items()} == dict.fromkeys(counted(again), (0, 0, 0))


def test_who_may_import_what(company: Company) -> None:
    for role, unit in (("employee", "C"), ("department_lead", "K"), ("programme_lead", "K"), ("works_council", "C")):
        with pytest.raises(NotAllowedError):
            preview(company, UNITS, actor=company.actor(role, unit))
    lead = company.actor("programme_lead")
    confirm(company, preview(company, PEOPLE, "people"))
    shown = preview(company, "person;role;unit\n4711;executive;C\n", "roles", actor=lead)
    assert refused(shown) == [(1, "role_not_yours_to_give")]


def test_nobody_imports_rights_for_themselves(company: Company) -> None:
    admin = company.actor("administrator")
    email = Identity.objects.get(person_id=admin.person_id).email
    shown = preview(company, f"person;role;unit\n{email};data_protection_officer;C\n", "roles")
    assert refused(shown) == [(1, "role_for_oneself")]


def test_an_import_leaves_an_administrator(company: Company) -> None:
    admin = company.actor("administrator")
    email = Identity.objects.get(person_id=admin.person_id).email
    shown = preview(company, f"person;role;unit;valid_until\n{email};administrator;C;2026-12-31\n", "roles")
    assert counted(shown)["roles"] == (0, 0, 1, 0, 0)
    with pytest.raises(ConflictError) as stop:
        confirm(company, shown)
    assert stop.value.code == "last_administrator"


def test_rows_are_forgotten_after_a_day_or_at_once(company: Company) -> None:
    admin = company.actor("administrator")
    shown = preview(company, UNITS)
    assert discard_import(actor=admin, import_id=shown.import_id).rows_kept is False
    with pytest.raises(UserError):
        confirm(company, shown)
    other = preview(company, UNITS)
    assert forget_rows(at=AT + timedelta(hours=23)) == 0
    assert forget_rows(at=AT + timedelta(hours=25)) == 1
    assert import_report(actor=admin, import_id=other.import_id).state == "discarded"
    with pytest.raises(NotFoundError):
        rejected_rows(actor=admin, import_id=other.import_id, kind="units")


def test_what_fails_leaves_nothing(company: Company) -> None:
    confirm(company, preview(company, PEOPLE, "people"))
    shown = preview(company, PEOPLE.replace("K1", "S1"), "people")
    person = Identity.objects.exclude(reference=None).first()
    assert person is not None
    add_membership(
        actor=company.actor("administrator"), person_id=person.person_id, unit_id=company.unit("S2"), valid_from=ON
    )
    before = Membership.objects.everything(because="test").count()
    with pytest.raises(ConflictError):
        confirm(company, shown)
    assert Membership.objects.everything(because="test").count() == before
