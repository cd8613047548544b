"""Charts: the made files are found, and a still drawing is for the one who has the chart on a page."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import RequestFactory

from pegel.charts.palette import COLOURS
from pegel.errors import NotFoundError
from pegel_web.ui.components import Chart
from pegel_web.ui.stills import keep_specification, still
from tests.pegel_web.company import Company

_SPECIFICATION = {
    "data": {"values": [{"week": 1, "items": 3, "t": "<b>"}]},
    "mark": {"type": "bar", "color": COLOURS["accent"][0]},
    "encoding": {"x": {"field": "week", "type": "ordinal"}, "y": {"field": "items", "type": "quantitative"}},
}


def test_the_chart_library_is_made_with_its_interpreter_and_found_as_a_static_file():
    found = finders.find("ui/vega.js")

    assert isinstance(found, str)
    text = Path(found).read_text(encoding="utf-8")
    assert "vegaEmbed" in text
    assert finders.find("ui/vega.js", find_all=True) == [found]
    assert finders.find("ui/nothing.js") is None


def test_collecting_the_static_files_finds_the_made_ones():
    listed = {path for finder in finders.get_finders() for path, _ in finder.list([])}

    assert {"ui/vega.js", "ui/charts.css", "ui/pegel.js", "django_htmx/htmx-2.min.js"} <= listed


def test_every_colour_of_a_drawing_has_a_dark_one():
    text = Path(str(finders.find("ui/charts.css"))).read_text(encoding="utf-8")

    assert {light for light, dark in COLOURS.values() if f"light-dark({light},{dark})" not in text} == set()


@pytest.mark.parametrize("dark", [False, True])
def test_a_still_drawing_has_the_colours_of_the_page(dark):
    name = keep_specification(_SPECIFICATION, reader="7")
    drawn = still(name, reader="7", dark=dark)

    assert drawn.startswith("<svg")
    assert f'fill="{COLOURS["accent"][dark]}"' in drawn
    assert f'fill="{COLOURS["accent"][not dark]}"' not in drawn


def test_the_same_chart_has_the_same_name_for_one_reader_and_another_for_the_next():
    assert keep_specification(_SPECIFICATION, reader="7") == keep_specification(_SPECIFICATION, reader="7")
    assert keep_specification(_SPECIFICATION, reader="7") != keep_specification(_SPECIFICATION, reader="8")


def test_a_drawing_of_somebody_else_or_of_nobody_is_not_found():
    name = keep_specification(_SPECIFICATION, reader="7")

    for asked, reader in ((name, "8"), ("0" * 64, "7"), (f"{name}.svg", "7")):
        with pytest.raises(NotFoundError) as caught:
            still(asked, reader=reader, dark=False)
        assert caught.value.code == "still_unknown"


@pytest.mark.django_db
def test_a_still_drawing_is_an_image_for_its_reader_only(company: Company):
    client, other = company.client("employee"), company.client("team_lead")
    request = RequestFactory().get("/x")
    person = company.people["employee-C"].user
    assert person is not None
    request.user = person
    html = Chart(identity="c", specification=_SPECIFICATION, summary="s").html("en", {"request": request})
    address = html.split('<img src="')[1].split('"')[0]

    answer = client.get(address)

    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Cache-Control"] == "private, max-age=3600"
    assert other.get(address).status_code == 404


def test_a_chart_outside_a_page_has_no_still_drawing():
    assert "<img" not in Chart(identity="c", specification=_SPECIFICATION, summary="s").html("en")
