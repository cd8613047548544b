"""From the step that is provably too slow to the idea, with its place filled in."""

from uuid import uuid4

from pegel_web.flow.step_offers import offers_for
from pegel_web.portfolio.step_offer import idea_address
from tests.pegel_web.company import Company


def test_the_form_knows_the_place(company: Company) -> None:
    client = company.client("team_lead", "K1")
    page = client.get(idea_address(company.unit("K2"), uuid4(), 'Waiting "for" <approval>')).content.decode()
    assert f'value="{company.unit("K2")}" selected' in page
    assert "Waiting &quot;for&quot; &lt;approval&gt;" in page


def test_it_is_offered_to_who_may_register(company: Company) -> None:
    assert [one.words for one in offers_for(company.actor("employee", "S1"))] == ["portfolio.list.register_here"]
