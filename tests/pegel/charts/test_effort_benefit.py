"""The map of effort and benefit: a cross per use case, colour and shape say the same, one year's line."""

import pytest
from vl_convert import vegalite_to_vega

from pegel.charts.effort_benefit import LOOKS, Estimated, chart
from pegel.charts.palette import COLOURS
from pegel.words import LANGUAGES, Language


def _point(name: str, group: str, benefit: tuple[float, float, float], effort: tuple[float, float, float]) -> Estimated:
    return Estimated(
        name=name, group=group, state=group.title(), benefit=benefit, effort=effort, said_benefit="b", said_effort="e"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_arms_reach_from_low_to_high_and_the_line_of_one_year_ends_where_one_of_both_ends(language: Language) -> None:
    points = [
        _point("UC-1", "pilot", (100, 200, 400), (50, 80, 90)),
        _point("UC-2", "idea", (-300, -100, 50), (10, 20, 250)),
    ]
    drawn = chart(points, language, title="Two").to_dict()
    assert drawn["description"] == "Two"
    zero, even, across, along, signs = drawn["layer"]
    assert zero["data"]["values"] == [{"benefit": 0}]
    # Benefit reaches 400, effort 250: the line ends at 250.
    assert [(row["effort"], row["benefit"]) for row in even["data"]["values"]] == [(0, 0), (250, 250)]
    rows = drawn["datasets"][across["data"]["name"]] if "datasets" in drawn else across["data"]["values"]
    assert [(row["effort_low"], row["effort_high"]) for row in rows] == [(50, 90), (10, 250)]
    assert along["encoding"]["y2"]["field"] == "benefit_high"
    # In the order of the way, not of the rows; by colour and by shape.
    assert signs["encoding"]["fill"]["scale"]["domain"] == ["Idea", "Pilot"]
    assert signs["encoding"]["shape"]["scale"]["range"] == ["circle", "triangle-up"]


def test_there_is_one_legend_of_colour_and_shape() -> None:
    points = [_point("UC-1", "pilot", (1, 2, 3), (1, 2, 3)), _point("UC-2", "idea", (1, 2, 3), (1, 2, 3))]
    (legend,) = vegalite_to_vega(chart(points, "en", title="Two").to_dict())["legends"]
    assert (legend["fill"], legend["shape"]) == ("fill", "shape")


def test_nothing_but_harm_has_no_line_of_one_year() -> None:
    drawn = chart([_point("UC-1", "idea", (-3, -2, -1), (1, 2, 3))], "en", title="One").to_dict()
    assert drawn["layer"][1]["data"]["values"] == []


def test_every_look_is_told_by_shape_alone() -> None:
    shapes = [shape for _, shape in LOOKS.values()]
    assert len(set(shapes)) == len(shapes)
    assert all(role in COLOURS for role, _ in LOOKS.values())
