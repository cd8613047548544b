"""Templates of use cases: complete in both languages, and a way to begin."""

from dataclasses import asdict, replace

import pytest
from django.urls import reverse

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.portfolio.models import UseCase
from pegel_web.portfolio.models.use_cases import BusinessFunction, DataClass
from pegel_web.portfolio.queries.case_templates import case_template, case_templates
from tests.pegel_web.company import Company


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_function_has_templates_with_all_that_is_needed(lead: Actor, language: str) -> None:
    found = case_templates(actor=replace(lead, language=language))
    by_function = {one: [each for each in found if each.function == one] for one in BusinessFunction.values}
    assert {name for name, members in by_function.items() if not 3 <= len(members) <= 4} == {"other"}
    assert all(all(asdict(one).values()) for one in found)
    assert {one.data_class for one in found} <= set(DataClass.values)
    hiring = next(one for one in found if one.code == "applicant_screening")
    assert hiring.likely_risk == "high"
    assert "2024/1689" in hiring.risk_hint


def test_an_unknown_template_is_told(lead: Actor) -> None:
    with pytest.raises(NotFoundError, match="case_template_unknown"):
        case_template(actor=lead, code="nothing")


def test_a_template_leads_to_an_idea(company: Company) -> None:
    browser = company.client("employee", "K1")
    page = browser.get(reverse("case_templates")).content.decode()
    address = reverse("begin_from_template", args=["invoice_reading"])
    assert address in page
    form = browser.get(address).content.decode()
    assert "A person releases every payment" in form
    sent = browser.post(
        address,
        {
            "title": "Read invoices", "pain": "They wait", "unit_id": str(company.unit("K1")), "function": "finance",
            "person_decides": "Every payment", "data_class": "confidential",
        },
    )  # fmt: skip
    assert sent.status_code == 302
    row = UseCase.objects.everything(because="a test looks").get()
    assert (row.title, row.function, row.person_decides) == ("Read invoices", "finance", "Every payment")
    listed = browser.get("/api/v1/use-case-templates", {"function": "hr"}).json()
    assert {one["function"] for one in listed["items"]} == {"hr"}
