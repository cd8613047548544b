"""The report of a stream on paper, read back from the PDF: what it says, keeps to itself, and withstands."""

import io
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pypdf
import pytest
from django.test import Client

from pegel.words import LANGUAGES, Language, say
from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import StreamSnapshot
from pegel_web.flow.queries.reports import stream_report
from pegel_web.flow.services.declared import declare_stream
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.organisation.models import Membership
from pegel_web.privacy.models import Access
from tests.pegel_web.company import FROM, Company
from tests.pegel_web.flow.lakes import adopted, make_lake, rows_of_weeks


def asked(client: Client, stream: Stream, question: str = "", language: str = "en") -> pypdf.PdfReader:
    answer = client.get(f"/streams/{stream.id}/report.pdf{question}", headers={"Accept-Language": language})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return pypdf.PdfReader(io.BytesIO(answer.content))


def text_of(found: pypdf.PdfReader) -> str:
    """Return all words of a document; see ``plain``."""
    return plain("\n".join(page.extract_text() for page in found.pages))


def plain(text: str) -> str:
    """Return a text without spaces, hyphens at the ends of lines and places to break: what typesetting decides."""
    return re.sub(r"[\s\u00ad\u200b]", "", text)


def kept(stream: Stream, kind: str) -> StreamSnapshot:
    rows = StreamSnapshot.objects.everything(because="test")
    return rows.get(stream_id=stream.id, kind=kind, period="13w", preferred=True)


def looks() -> int:
    return Access.objects.everything(because="test").filter(what="flow.report").count()


def parts_of(node: Any) -> list[Any]:
    """Return all elements of the structure that a screen reader reads, in order."""
    found = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(found, list):
        return [one for part in found for one in parts_of(part)]
    if not isinstance(found, dict):
        return []
    return [found, *(parts_of(found["/K"]) if "/K" in found else [])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_the_page_says(company: Company, claims: Stream, language: Language) -> None:
    client = company.client("team_lead", "K1")
    found = asked(client, claims, language=language)
    said = text_of(found)
    row = StreamSnapshot.objects.everything(because="test").get(
        stream_id=claims.id, kind="report", period="13w", preferred=True
    )
    content = row.payload[language]
    assert len(content["figures"]) == 5
    for one in content["figures"]:
        assert plain(say(f"metric.{one['metric']}.label", language)) in said
        assert one["definition"] in said
        if one["status"] == "value":
            assert plain(one["text"]) in said
            assert plain(one["meaning"]) in said
        if one["change_text"]:
            assert plain(one["change_text"]) in said
    for sentence in (content["summary"], content["stall"], content["waits"]["sentence"],
                     content["forecast"]["sentence"], content["forecast"]["backtest"],
                     *content["quality"]["sentences"]):  # fmt: skip
        assert plain(sentence) in said
    for line in content["waits"]["lines"]:
        assert (plain(line["evidence"]) in said) == (line["days"] is not None)
    for line in content["quality"]["lines"]:
        assert plain(line["effect"]) in said
    assert [one["item"] for one in content["ageing"]["items"] if one["item"] not in said] == []
    words = {"en": ("Page1of", "Review", "Last(WIP)"), "de": ("Seite1von", "Review", "Flowload")}[language]
    assert words[0] in said
    assert words[1] in said
    assert words[2] not in said


@pytest.mark.parametrize(("language", "number"), [("en", "4.3"), ("de", "4,3")])
def test_numbers_are_those_of_the_language(company: Company, claims: Stream, language: str, number: str) -> None:
    found = stream_report(actor=company.actor("team_lead", "K1"), stream_id=claims.id).content
    assert found is not None
    velocity = next(one for one in found.figures if one.metric == "flow_velocity")
    # Begun on 27 and 28 November, 23 days of December, 22 of January, 10 of February; A-120 is never done.
    assert velocity.value == pytest.approx((2 + 23 + 22 + 10 - 1) / 13)
    assert f"{number}{plain(velocity.meaning) if language == 'en' else 'jeWoche'}" in text_of(
        asked(company.client("team_lead", "K1"), claims, language=language)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_be_read_aloud(company: Company, claims: Stream, language: Language) -> None:
    found = asked(company.client("team_lead", "K1"), claims, language=language)
    root = found.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == (language, True)
    assert found.metadata is not None
    assert found.metadata.title == "Claims"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert found.xmp_metadata is not None
    assert b"<pdfuaid:part>1</pdfuaid:part>" in found.xmp_metadata.stream.get_data()
    parts = parts_of(root["/StructTreeRoot"]["/K"])
    kinds = [part.get("/S") for part in parts]
    assert kinds.count("/H1") == 1
    assert {"/H2", "/H3", "/Table", "/TH", "/Figure"} <= set(kinds)
    content = stream_report(actor=company.actor("team_lead", "K1"), stream_id=claims.id).content
    assert content is not None
    read = [part["/Alt"] for part in parts if part.get("/S") == "/Figure"]
    assert len(read) == len(content.charts) > 4
    if language == "en":
        assert {plain(one) for one in read} == {plain(one.sentence) for one in content.charts}


def test_the_same_report_is_the_same_file(company: Company, claims: Stream, settings: Any, tmp_path: Path) -> None:
    client = company.client("team_lead", "K1")
    address = f"/streams/{claims.id}/report.pdf?dark=1"
    first = client.get(address).content
    from django.core.cache import caches  # noqa: PLC0415  (the one that this test empties)

    caches["charts"].clear()
    second = client.get(address.removesuffix("?dark=1")).content
    assert first == second
    computed = StreamSnapshot.objects.everything(because="test").filter(stream_id=claims.id, kind="report")[0]
    made = pypdf.PdfReader(io.BytesIO(first)).metadata
    assert made is not None
    assert made.creation_date == computed.computed_at.replace(microsecond=0)


#: What a typesetter, an XML reader or a shell could take for something to do.
NAMES = ['#read("/etc/passwd")', "$x$ *b* _i_ `c` @ref <label>", "] ) } #panic() /* //", "\\u{202e} & <b>", "= Head",
         "漢字 🌊 عربي", "x" * 300]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_stay_words(company: Company, boss: Actor, tmp_path: Path, name: str) -> None:
    prefix = name.replace('"', "'").replace(",", ";")
    rows = [line.replace(",Review,", f",{prefix},") for line in rows_of_weeks(10, prefix=prefix)]
    make_lake(tmp_path, {name: rows}, confirmed=False)
    made = adopted(boss, name, company.unit("K1"))
    found = asked(company.client("team_lead", "K1"), made)
    said = text_of(found)
    assert "root:" not in said
    assert found.metadata is not None
    assert (found.metadata.title or "").replace("\u200b", "") == made.name
    if name.isascii():
        assert plain(made.name) in said
    content = stream_report(actor=boss, stream_id=made.id).content
    assert content is not None
    assert any(prefix in item.item for item in content.ageing.items)
    shown = [item.item for item in content.ageing.items if name.isascii() and len(item.item) < 100]
    assert [one for one in shown if plain(one) not in said] == []


def test_signs_that_are_no_letters(company: Company, claims: Stream) -> None:
    row = StreamSnapshot.objects.everything(because="test").get(
        stream_id=claims.id, kind="report", period="13w", preferred=True
    )
    charts = StreamSnapshot.objects.everything(because="test").get(
        stream_id=claims.id, kind="charts", period="13w", preferred=True
    )
    bad = "a\x01b\ufffe\u202ec"
    for item in row.payload["en"]["ageing"]["items"]:
        item["item"] = bad
    row.payload["en"]["summary"] = bad
    charts.payload["en"]["work_item_age"] = charts.payload["en"]["work_item_age"].replace("A-0", "a\\u0001\\ufffe")
    row.save()
    charts.save()
    said = text_of(asked(company.client("team_lead", "K1"), claims))
    assert "abc" in said


def test_a_small_group_gets_no_figures(company: Company, claims: Stream) -> None:
    for number in range(4):
        person = company.person(f"Member{number}")
        Membership.objects.create(person=person, unit=company.units["K1"], valid_from=FROM)
    found = asked(company.client("team_lead", "K1"), claims)
    said = text_of(found)
    assert plain(say("reason.stream_group_too_small", "en")) in said
    for code in ("stream.figures", "stream.states", "stream.waits", "stream.forecast", "stream.trends"):
        assert plain(say(f"flow.{code}", "en")) not in said
    assert "3days" not in said
    content = stream_report(actor=company.actor("team_lead", "K1"), stream_id=claims.id).content
    assert content is not None
    assert content.ageing.items != ()
    assert [one.item for one in content.ageing.items if one.item not in said] == []
    assert [
        part for part in parts_of(found.trailer["/Root"]["/StructTreeRoot"]["/K"]) if part.get("/S") == "/Figure"
    ] == []


def test_items_are_for_those_who_may_see_them(company: Company, claims: Stream) -> None:
    lead, employee = company.client("team_lead", "K1"), company.client("employee", "K1")
    content = stream_report(actor=company.actor("team_lead", "K1"), stream_id=claims.id).content
    assert content is not None
    items = [one.item for one in content.ageing.items]
    assert len(items) > 2
    said = text_of(asked(lead, claims))
    assert [one for one in items if one not in said] == []
    noted = looks()
    assert noted > 0
    less = text_of(asked(employee, claims))
    assert [one for one in items if one in less] == []
    assert plain(say("flow.stream.ageing_hidden", "en")) in less
    assert looks() == noted
    assert company.client("team_lead", "K2").get(f"/streams/{claims.id}/report.pdf").status_code == 404


def test_an_own_selection_is_computed_first(company: Company, claims: Stream) -> None:
    client = company.client("team_lead", "K1")
    question = "?from_day=2026-01-05&until_day=2026-01-11"
    address = f"/streams/{claims.id}/report.pdf{question}"
    waiting = client.get(address)
    assert waiting.status_code == 302
    assert waiting["Location"].startswith(f"/streams/{claims.id}/?from_day=2026-01-05&until_day=2026-01-11")
    run_waiting_jobs()
    said = text_of(asked(client, claims, question))
    assert plain("Own selection from 5 Jan 2026 · until 11 Jan 2026") in said
    assert plain("5 Jan 2026 to 11 Jan 2026") in said
    page = client.get(f"/streams/{claims.id}/{question}").content.decode()
    assert f"/streams/{claims.id}/report.pdf?from_day=2026-01-05&amp;until_day=2026-01-11" in page


def test_what_cannot_be_told(company: Company, claims: Stream) -> None:
    client = company.client("team_lead", "K1")
    assert client.get(f"/streams/{uuid4()}/report.pdf").status_code == 404
    assert client.get(f"/streams/{claims.id}/report.pdf?period=14w").status_code == 422
    assert client.get(f"/streams/{claims.id}/report.pdf?policy=../../etc/passwd").status_code == 422
    StreamSnapshot.objects.everything(because="test").filter(stream_id=claims.id).delete()
    gone = client.get(f"/streams/{claims.id}/report.pdf")
    assert gone.status_code == 404
    assert "have not been computed yet" in gone.content.decode()


def test_what_is_declared_is_measured(company: Company, claims: Stream) -> None:
    client = company.client("team_lead", "K1")
    title = plain(say("flow.against.title", "en"))
    assert title not in text_of(asked(client, claims))
    lead = company.actor("team_lead", "K1")
    declared = Declared(calendar="de-BY", target_days=2, target_share=0.8)
    declare_stream(actor=lead, stream_id=claims.id, revision=0, declared=declared)
    run_waiting_jobs()
    against = stream_report(actor=lead, stream_id=claims.id).against
    assert against is not None
    said = text_of(asked(client, claims))
    assert title in said
    assert plain(against.promise.sentence) in said
    assert plain("Calendar working time, Bavaria") in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_leads_to_it(company: Company, claims: Stream, language: Language) -> None:
    client = company.client("team_lead", "K1")
    page = client.get(f"/streams/{claims.id}/?period=26w", headers={"Accept-Language": language}).content.decode()
    link = re.search(rf'href="([^"]*report\.pdf[^"]*)"[^>]*>\s*{say("flow.paper.link", language)}', page)
    assert link is not None
    address = link[1].replace("&amp;", "&")
    assert "period=26w" in address
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'inline; filename="pegel-claims-2026-02-28.pdf"'
