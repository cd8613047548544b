"""What pages, programs and agents are told, in both languages."""

from dataclasses import replace
from itertools import product
from uuid import uuid4

import pytest

from pegel.words import LANGUAGES, Language
from pegel_web.core.tools import tools
from pegel_web.flow.computing.definitions import DEFINITIONS
from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.flow.contracts.overview import OverviewContent, StreamLine
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.queries.definitions import metric_definitions
from pegel_web.flow.queries.overview import first_to_look_at
from tests.pegel_web.company import FROM, Company


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_is_defined(company: Company, language: Language) -> None:
    actor = replace(company.actor("employee", "K1"), language=language)
    found = metric_definitions(actor=actor)
    assert [(one.metric, one.id) for one in found] == list(DEFINITIONS.items())
    assert all(one.name and one.question and one.definition and one.unit and one.clock and one.source for one in found)


def test_pages_speak_the_language_of_the_browser(company: Company, claims: Stream) -> None:
    client = company.client("team_lead", "K1")
    words = {
        "de": ("Wertströme", "Wo es stockt", "Durchlaufzeit"),
        "en": ("Value streams", "Where it stalls", "Flow time"),
    }
    pages = ("/streams/", f"/streams/{claims.id}/", "/definitions/flow_time/", "/definitions/")
    for language, address in product(LANGUAGES, pages):
        body = client.get(address, headers={"Accept-Language": language}).content.decode()
        assert any(word in body for word in words[language])
        assert f'<html lang="{language}"' in body


def test_pages_are_there_without_scripts_in_them(company: Company, claims: Stream) -> None:
    client = company.client("team_lead", "K1")
    for address in ("/streams/", f"/streams/{claims.id}/", f"/streams/{claims.id}/items/", "/definitions/"):
        body = client.get(address).content.decode()
        assert "onclick" not in body
        assert " style=" not in body


def test_programs_get_the_contracts(company: Company, claims: Stream) -> None:
    client = company.client("team_lead", "K1")
    listed = client.get("/api/v1/streams").json()
    assert [one["stream"]["name"] for one in listed["items"]] == ["Claims"]
    report = client.get(f"/api/v1/streams/{claims.id}").json()
    assert {one["metric"]: one["value"] for one in report["content"]["figures"]}["flow_time"] == 3.0
    items = client.get(f"/api/v1/streams/{claims.id}/items?metric=flow_time&limit=2").json()
    assert len(items["rows"]) == 2
    assert client.get("/api/v1/definitions/flow_time").json()["id"] == "flow_time/1"
    assert client.get("/api/v1/definitions/nothing").json()["code"] == "metric_unknown"
    assert client.get(f"/api/v1/streams/{claims.id}?period=x").status_code == 422
    assert company.client("team_lead", "K2").get(f"/api/v1/streams/{claims.id}").status_code == 404
    assert {"stream_overview", "stream_report", "stream_items", "metric_definition"} <= {one.name for one in tools()}


def figure(value: float, change: float, verdict: str | None) -> StreamFigure:
    return StreamFigure(
        metric="flow_time", definition="flow_time/1", status="value", reason=None, value=value, unit="days", text="",
        meaning="", detail="", basis="", n=9, previous=1.0, change=change, change_text=f"{change:+.0%}",
        tone="bad" if change > 0 and verdict != "noise" else "neutral", verdict=verdict,
    )  # fmt: skip


def line(
    company: Company,
    name: str,
    *,
    change: float = 0.0,
    verdict: str | None = "noise",
    late: int = 0,
    share: float = 0.1,
) -> StreamLine:
    stream = Stream(
        id=uuid4(), name=name, lake_name=name, lake_names=(name,), unit_id=company.unit("K1"), unit_name="Motor",
        product_id=None, valid_from=FROM, valid_until=None,
    )  # fmt: skip
    content = OverviewContent(
        period="13w", policy="x", people=None, figures=(figure(3.0, change, verdict),), stall="“Review”: 10%",
        stall_state="Review", stall_share=share, open=9, late=late, oldest=1.0,
    )  # fmt: skip
    return StreamLine(stream=stream, content=content, freshness=None, withheld=False)


def test_what_to_look_at_first(company: Company) -> None:
    calm, slow, noisy = (
        line(company, "Calm"),
        line(company, "Slow", change=0.3, verdict="signal"),
        line(company, "Noisy", change=0.9, verdict="noise"),
    )
    late, waits = line(company, "Late", late=4), line(company, "Waits", share=0.6)
    said = {
        "Slow": [calm, noisy, late, waits, slow], "Late": [calm, noisy, waits, late], "Waits": [calm, waits, noisy],
    }  # fmt: skip
    for name, lines in said.items():
        stream, sentence = first_to_look_at(lines, "en")
        assert stream is not None
        assert stream.name == name
        assert name in sentence
    assert first_to_look_at([calm], "de")[0] is None
    assert first_to_look_at([], "de") == (None, "")
    assert first_to_look_at([replace(slow, withheld=True)], "en") == (None, "")
