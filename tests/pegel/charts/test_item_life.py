"""The line of one item's life: lanes in their order, a bar for each stay, a rule for each mark."""

import pytest

from pegel.charts.item_life import Bar, Mark, chart
from pegel.words import LANGUAGES, Language

DAY_US = 86_400_000_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_line_has_every_stay_and_says_the_sentence(language: Language) -> None:
    bars = [
        Bar(lane="Doing", role="active", meaning="active", from_us=0, until_us=DAY_US, length="1 day"),
        Bar(lane="Review", role="waiting", meaning="waiting", from_us=DAY_US, until_us=3 * DAY_US, length="2 days"),
        Bar(lane="Doing", role="active", meaning="active", from_us=3 * DAY_US, until_us=4 * DAY_US, length="1 day"),
    ]
    drawn = chart(bars, [Mark(at_us=0, name="start")], language, title="4 days").to_dict()
    assert drawn["description"] == "4 days"
    stays, marks = drawn["layer"]
    assert [(row["lane"], row["from"], row["until"]) for row in stays["data"]["values"]] == [
        ("Doing", 0, 86_400_000), ("Review", 86_400_000, 259_200_000), ("Doing", 259_200_000, 345_600_000)
    ]  # fmt: skip
    assert stays["encoding"]["y"]["sort"] == ["Doing", "Review"]
    assert marks["data"]["values"] == [{"at": 0, "name": "start"}]
