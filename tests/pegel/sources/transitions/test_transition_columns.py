import pytest

from pegel.errors import InputError
from pegel.sources.transitions.columns import choose_roles, find_roles


@pytest.mark.parametrize(
    ("header", "roles"),
    [
        ("Key;Datum;Status", {"item": "Key", "at": "Datum", "state": "Status"}),
        ("Vorgang;Zeitpunkt;Neuer Status", {"item": "Vorgang", "at": "Zeitpunkt", "state": "Neuer Status"}),
        (
            "id;date;old status;new status",
            {"item": "id", "at": "date", "state": "new status", "from_state": "old status"},
        ),
        (
            "item;at;to_state;from_state;sequence;type;stream;actor",
            {role: role for role in ("item", "at", "from_state", "sequence", "type", "stream", "actor")}
            | {"state": "to_state"},
        ),
        (
            "case:concept:name;concept:name;time:timestamp;org:resource;lifecycle:transition",
            {
                "item": "case:concept:name",
                "activity": "concept:name",
                "at": "time:timestamp",
                "actor": "org:resource",
                "lifecycle": "lifecycle:transition",
            },
        ),
        ("Fall-ID;Aktivität;Zeitstempel", {"item": "Fall-ID", "activity": "Aktivität", "at": "Zeitstempel"}),
        ("ID;Created;Closed", {"item": "ID", "created": "Created"}),
    ],
)
def test_roles_by_header(header: str, roles: dict[str, str]) -> None:
    assert find_roles(header.split(";")) == roles


def test_what_the_person_says_wins() -> None:
    columns = ["Key", "When", "Status", "Assignee", "Doer"]
    given = {"at": "When", "assignee": "Doer"}
    assert choose_roles(columns, given) == {"item": "Key", "at": "When", "state": "Status", "assignee": "Doer"}


def test_a_column_the_person_has_given_away_plays_no_other_role() -> None:
    given = {"state": "Date", "at": "Key", "item": "Status"}
    assert choose_roles(["Key", "Date", "Status"], given) == {"item": "Status", "at": "Key", "state": "Date"}


def test_states_before_activities_unless_the_person_says_otherwise() -> None:
    columns = ["case", "activity", "status", "time"]
    assert choose_roles(columns, {}) == {"item": "case", "at": "time", "state": "status"}
    assert choose_roles(columns, {"activity": "activity"}) == {"item": "case", "at": "time", "activity": "activity"}


@pytest.mark.parametrize(
    ("columns", "given", "code", "values"),
    [
        (["a", "b"], {}, "columns_missing", {"missing": ["item", "at", "state"], "found": ["a", "b"]}),
        (["id", "date"], {}, "columns_missing", {"missing": ["state"]}),
        (["id", "date"], {"state": "x"}, "column_unknown", {"column": "x", "found": ["id", "date"]}),
        (["id", "date"], {"colour": "id"}, "role_unknown", {"role": "colour"}),
    ],
)
def test_missing_columns_are_named(
    columns: list[str], given: dict[str, str], code: str, values: dict[str, object]
) -> None:
    with pytest.raises(InputError) as caught:
        choose_roles(columns, given)
    assert caught.value.code == code
    assert {name: caught.value.values[name] for name in values} == values
