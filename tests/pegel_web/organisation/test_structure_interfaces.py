"""Programs see and do the same as pages: REST, tools, search."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pegel_web.core.tools import tools
from pegel_web.organisation.models import Membership
from pegel_web.organisation.search import find_people, find_products, find_units
from tests.pegel_web.company import FROM, Company

V1 = "/api/v1"


def posted(client: Client, address: str, status: int, **values: object) -> dict[str, object]:
    response = client.post(V1 + address, values, content_type="application/json")
    assert response.status_code == status, response.content
    return response.json() if response.content else {}


def test_a_reorganisation_by_rest(company: Company) -> None:
    client = company.client("programme_lead")
    tree = client.get(V1 + "/organisation?on=2026-01-01").json()
    assert [line["code"] for line in tree["lines"]] == ["C", "K", "K2", "K1", "S", "S2", "S1"]
    new = {
        "code": "K3",
        "name": "Liability",
        "kind": "team",
        "parent_id": str(company.unit("K")),
        "valid_from": "2027-01-01",
    }
    made = posted(client, "/units", 201, **new)
    assert posted(client, "/units", 409, **new)["code"] == "unit_code_taken"
    unit = f"/units/{made['unit_id']}"
    assert posted(client, f"{unit}/rename", 200, name="N", kind="team", on="2027-02-01")["name"] == "N"
    assert posted(client, f"{unit}/move", 200, parent_id=str(company.unit("S")), on="2027-03-01")["parent_id"]
    assert posted(client, f"{unit}/end", 200, on="2027-04-01")["members"] == 0
    assert len(client.get(V1 + unit).json()["periods"]) == 3
    assert posted(client, f"{unit}/end", 422, on="never")["code"] == "request_invalid"
    assert client.get(V1 + "/units/00000000-0000-0000-0000-000000000000").status_code == 404


def test_people_roles_and_products_by_rest(company: Company) -> None:
    client = company.client("administrator")
    made = posted(
        client,
        "/people",
        201,
        name="Anna",
        email="anna@example.org",
        unit_id=str(company.unit("K1")),
        valid_from="2026-01-01",
    )
    person = made["person"]["person_id"]  # type: ignore[index]  # a report
    assert client.get(V1 + "/people?text=anna").json()["count"] == 1
    assert client.get(V1 + "/people?limit=0").status_code == 422
    posted(client, f"/people/{person}/move", 200, unit_id=str(company.unit("K2")), on="2026-02-01")
    given = {
        "person_id": person,
        "role_name": "team_lead",
        "unit_id": str(company.unit("K2")),
        "valid_from": "2026-01-01",
    }
    role = posted(client, "/role-assignments", 201, **given)
    posted(client, f"/role-assignments/{role['assignment_id']}/end", 204, on="2027-01-01")
    assert posted(client, f"/people/{person}/invite", 201)["token"]
    posted(client, f"/people/{person}/close", 204)
    posted(client, f"/people/{person}/reopen", 204)
    assert client.get(V1 + "/roles").json()["count"] == 15
    posted(client, "/products", 201, code="p", name="P", owner_unit_id=str(company.unit("K1")), valid_from="2026-01-01")
    assert client.get(V1 + "/products").json()["count"] == 1
    assert company.client("employee").get(V1 + "/people").status_code == 403


def test_an_import_by_rest(company: Company) -> None:
    client = company.client("administrator")
    file = SimpleUploadedFile("t.csv", b"code;name;parent\nK9;Nine;K\n")
    sent = {"file": file, "effective_date": "2027-01-01", "kind": "teams"}
    shown = client.post(V1 + "/imports/organisation", sent)
    assert shown.status_code == 201, shown.content
    report = shown.json()
    assert report["counts"][0]["added"] == 1
    address = f"/imports/organisation/{report['import_id']}/confirm"
    assert posted(client, address, 409, digest="x")["code"] == "organisation_changed"
    assert posted(client, address, 200, digest=report["digest"])["state"] == "confirmed"


def test_tools_are_offered_with_their_permission() -> None:
    offered = {tool.name: (" or ".join(tool.permissions), tool.reads) for tool in tools()}
    assert offered["organisation_tree"] == ("organisation.unit.view", True)
    assert offered["move_unit"] == ("organisation.unit.change", False)
    assert offered["assign_role"] == ("organisation.role.assign", False)
    assert "invite_person" not in offered  # a secret link is nothing for a program


def test_search_finds_what_may_be_seen(company: Company) -> None:
    person = company.person("Berta", user=False)
    Membership.objects.create(person=person, unit=company.units["K1"], valid_from=FROM)
    lead, employee = company.actor("team_lead", "K1"), company.actor("employee")
    assert [hit.title for hit in find_units(actor=employee, text="mot", limit=5)] == ["Motor"]
    assert find_units(actor=company.actor("agent", "S"), text="mot", limit=5) == []
    assert [hit.title for hit in find_people(actor=lead, text="bert", limit=5)] == ["Berta"]
    assert find_people(actor=employee, text="bert", limit=5) == ()
    assert find_products(actor=employee, text="x", limit=5) == []
