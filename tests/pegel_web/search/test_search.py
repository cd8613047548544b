"""One search: what is registered, what one may see, and nothing that a hostile text could break."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pegel_web.core.actor import Actor
from pegel_web.search import queries, registry
from pegel_web.search.registry import Hit, declare_search
from tests.pegel_web.company import Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def towns(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Register one kind of thing, streams by its words, and return what was asked."""
    asked: list[tuple[str, int]] = []

    def find(*, actor: Actor, text: str, limit: int) -> Sequence[Hit]:
        asked.append((text, limit))
        if not actor.has("organisation.unit.change"):
            return []
        return [Hit(kind="stream", title=f"<b>{text}</b> {n}", href=f"/t/{n}", detail="<i>") for n in range(limit + 5)]

    monkeypatch.setattr(registry, "_FINDERS", {})
    declare_search(kind="stream", find=find)
    return asked


def test_a_text_finds_by_kind_and_never_more_than_asked_for(company: Company, towns):
    found = queries.found(actor=company.actor("programme_lead"), text="  mo \x00 tor ", limit=3)

    assert towns == [("mo tor", 3)]
    assert [(group.kind, len(group.hits)) for group in found.groups] == [("stream", 3)]
    assert found.count == 3


def test_what_somebody_may_not_see_is_not_there(company: Company, towns):
    assert queries.found(actor=company.actor("employee"), text="motor").groups == ()


def test_a_token_that_may_not_read_finds_nothing(company: Company, towns):
    narrow = replace(company.actor("programme_lead"), scopes=frozenset({"organisation.token.own"}))

    assert queries.found(actor=narrow, text="motor").groups == ()
    assert towns == []


@pytest.mark.parametrize(("text", "short"), [("", False), ("  ", False), ("\x00", False), ("a", True), (" a ", True)])
def test_too_little_is_not_searched(company: Company, towns, text, short):
    found = queries.found(actor=company.actor("programme_lead"), text=text)

    assert (found.too_short, found.groups, towns) == (short, (), [])


def test_a_text_of_ten_megabytes_is_cut(company: Company, towns):
    queries.found(actor=company.actor("programme_lead"), text="x" * 10_000_000)

    assert len(towns[0][0]) == 200


def test_the_page_works_without_javascript_and_shows_names_as_text(company: Company, towns):
    html = company.client("programme_lead").get("/search", {"q": "motor"}).content.decode()

    assert "<html" in html
    assert '<a href="/t/0"><span>&lt;b&gt;motor&lt;/b&gt; 0</span> <small>&lt;i&gt;</small></a>' in html
    assert html.count('href="/t/') == 8


def test_htmx_gets_the_list_only(company: Company, towns):
    answer = company.client("programme_lead").get("/search", {"q": "motor"}, headers={"HX-Request": "true"})

    assert "<html" not in answer.content.decode()
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "' OR 1=1 --", "%", "\u202e", "{{ 7|add:7 }}", "ÄÖ"])
def test_a_hostile_text_is_shown_as_text_by_the_real_searches(company: Company, text):
    answer = company.client("programme_lead").get("/search", {"q": text})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_broken_bytes_are_no_error(company: Company):
    assert company.client("programme_lead").get("/search?q=%ff%fe%00a").status_code == 200


def test_who_is_not_signed_in_is_led_to_signing_in(client):
    assert client.get("/search?q=motor").status_code == 302


def test_programs_get_the_same_answer(company: Company, towns):
    found = company.client("programme_lead").get("/api/v1/search", {"q": "motor"}).json()

    assert found["text"] == "motor"
    assert found["groups"][0]["hits"][0] == {
        "kind": "stream",
        "title": "<b>motor</b> 0",
        "href": "/t/0",
        "detail": "<i>",
    }
