"""Platforms and guardrails: who may, what was, what is missing, and the page that shows it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from pegel.errors import InputError, NotFoundError, UserError
from pegel_web.core.actor import Actor, Through
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.contracts.platforms import PlatformGap, PlatformReport, PlatformState
from pegel_web.organisation.finding import find_platforms
from pegel_web.organisation.models import Guardrail, Membership, Person, Platform, PlatformPeriod
from pegel_web.organisation.models.platforms import Enforcement, GuardrailKind, PlatformKind
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.organisation.queries.home import home
from pegel_web.organisation.queries.own_records import own_records
from pegel_web.organisation.queries.platforms import platform_catalogue, platform_report
from pegel_web.organisation.queries.tool_use import tool_map
from pegel_web.organisation.services.forgetting import forget_person
from pegel_web.organisation.services.guardrails import change_guardrail, end_guardrail, set_guardrail
from pegel_web.organisation.services.platforms import change_platform, declare_platform, end_platform
from pegel_web.organisation.services.responsibilities import declare_tool_use
from tests.pegel_web.company import AT, FROM, Company

TODAY = AT.date()
HOSTILE = "<script>alert('x')</script>"


def declared(company: Company, actor: Actor | None = None, unit: str = "S", **values: Any) -> PlatformReport:
    facts = {"name": "Gateway", "kind": PlatformKind.MODEL_GATEWAY, "purpose": "Vetted models", **values}
    return declare_platform(
        actor=actor or company.actor("platform_engineer"), owner_unit_id=company.unit(unit), **facts
    )


def railed(company: Company, platform: UUID | None, **values: Any) -> UUID:
    rule = {
        "name": "No names", "rule": "No personal data", "kind": GuardrailKind.DATA_CLASS,
        "enforcement": Enforcement.DECLARED, "owner_unit_id": company.unit("S"), **values,
    }  # fmt: skip
    return set_guardrail(actor=company.actor("platform_engineer"), platform_id=platform, **rule).guardrail_id


def used(company: Company, tool: str, unit: str, platform: UUID | None, *, people: int = 7, at: Any = AT) -> None:
    declare_tool_use(
        actor=company.actor("executive", at=at),
        tool=tool,
        unit_id=company.unit(unit),
        people=people,
        platform_id=platform,
    )


@pytest.mark.parametrize(
    ("role", "unit", "may"),
    [
        ("platform_engineer", "C", True),
        ("platform_engineer", "S", True),
        ("platform_engineer", "K", False),
        ("administrator", "C", True),
        ("executive", "C", False),
        ("programme_lead", "C", False),
        ("department_lead", "S", False),
        ("employee", "C", False),
        ("security", "C", False),
    ],
)
def test_who_may_in_the_unit_that_owns(company: Company, role: str, unit: str, *, may: bool) -> None:
    there = declared(company, name="There").platform.platform_id
    rail, actor = railed(company, there), company.actor(role, unit)
    facts: dict[str, Any] = {
        "name": "New",
        "kind": PlatformKind.OTHER,
        "purpose": "x",
        "owner_unit_id": company.unit("S"),
    }
    rule: dict[str, Any] = {
        "name": "New", "rule": "x", "kind": GuardrailKind.LOGGING, "enforcement": Enforcement.MANUAL,
        "owner_unit_id": company.unit("S"), "platform_id": there,
    }  # fmt: skip
    acts = (
        lambda: declare_platform(actor=actor, **{**facts, "name": "Another"}),
        lambda: change_platform(actor=actor, platform_id=there, **facts),
        lambda: set_guardrail(actor=actor, **rule),
        lambda: change_guardrail(actor=actor, guardrail_id=rail, **rule),
        lambda: end_guardrail(actor=actor, guardrail_id=rail),
        lambda: end_platform(actor=actor, platform_id=there, on=TODAY + timedelta(days=1)),
    )
    assert [one.may_change for one in platform_catalogue(actor=actor).platforms] == [may]
    for act in acts:
        if may:
            act()
        else:
            with pytest.raises(NotAllowedError):
                act()
    assert PlatformPeriod.objects.filter(name__in=["New", "Another"]).count() == (2 if may else 0)


def test_a_platform_moves_only_with_the_right_in_both_units(company: Company) -> None:
    mine = company.actor("platform_engineer", "S")
    found = declared(company, mine).platform.platform_id
    foreign = declared(company, unit="K", name="Theirs").platform.platform_id
    facts: dict[str, Any] = {"name": "Gateway", "kind": PlatformKind.OTHER, "purpose": "x"}
    with pytest.raises(NotAllowedError):
        change_platform(actor=mine, platform_id=found, owner_unit_id=company.unit("K"), **facts)
    with pytest.raises(NotAllowedError):
        change_platform(actor=mine, platform_id=foreign, owner_unit_id=company.unit("S"), **facts)
    with pytest.raises(NotAllowedError):
        set_guardrail(
            actor=mine, name="x", rule="x", kind=GuardrailKind.LOGGING, enforcement=Enforcement.MANUAL,
            owner_unit_id=company.unit("S"), platform_id=foreign,
        )  # fmt: skip


def test_nobody_reads_without_the_right_and_an_agent_sees_its_part_only(company: Company) -> None:
    mine, theirs = declared(company, unit="K1").platform, declared(company, name="Other", unit="S").platform
    railed(company, None)
    used(company, "A", "S1", mine.platform_id)
    owner = company.person("Lead", "team_lead", "K1")
    agent = Person.objects.create(kind="agent", answers_for=owner, created_at=AT)
    stranger = actor_of(agent, at=AT, through=Through.MCP, request_id="test-request")
    with pytest.raises(NotAllowedError):
        platform_catalogue(actor=stranger)
    with pytest.raises(NotAllowedError):
        platform_report(actor=stranger, platform_id=mine.platform_id)
    company.people["Agent"] = agent
    company.person("Agent", "agent", "K1")
    reader = actor_of(agent, at=AT, through=Through.MCP, request_id="test-request")
    found = platform_catalogue(actor=reader)
    # The rule for all platforms belongs to Sales: it counts, but is not shown; nor is what Sales uses.
    assert [(one.facts.name, one.guardrails, one.tools) for one in found.platforms] == [("Gateway", 1, 0)]
    assert (found.guardrails, found.tools) == ((), 0)
    with pytest.raises(NotFoundError):
        platform_report(actor=reader, platform_id=theirs.platform_id)


def test_gaps_by_hand(company: Company) -> None:
    """Four platforms, three tools.

    Gateway: Ann, own rule: no gap. Assistant: nobody, own rule: 1. Automation: Gus has left, no rule: 2. Planned: none.
    A runs in K1 on Gateway, in K2 on none: listed for K2. B runs on Gateway in both: not listed. C runs on none.
    """
    ann, gus = company.person("Ann").id, company.person("Gus").id
    Membership.objects.create(
        person=company.people["Gus"], unit=company.units["K1"], valid_from=FROM, valid_until=TODAY
    )
    gateway = declared(company, accountable_id=ann).platform.platform_id
    assistant = declared(company, name="Assistant").platform.platform_id
    declared(company, name="Automation", accountable_id=gus)
    declared(company, name="Planned", valid_from=TODAY + timedelta(days=1))
    railed(company, gateway)
    railed(company, assistant)
    railed(company, gateway, name="Later", valid_from=TODAY + timedelta(days=1))
    for tool, unit, platform in (
        ("A", "K1", gateway), ("a", "K2", None), ("B", "K1", gateway), ("B", "S1", gateway), ("C", "K1", None),
    ):  # fmt: skip
        used(company, tool, unit, platform)
    used(company, "D", "K1", None, people=0)
    found = platform_catalogue(actor=company.actor("employee", "K2"))
    assert [(one.facts.name, one.state, one.gaps) for one in found.platforms] == [
        ("Planned", PlatformState.PLANNED, ()),
        ("Assistant", PlatformState.OFFERED, (PlatformGap.NO_ACCOUNTABLE,)),
        ("Automation", PlatformState.OFFERED, (PlatformGap.NO_ACCOUNTABLE, PlatformGap.NO_GUARDRAIL)),
        ("Gateway", PlatformState.OFFERED, ()),
    ]
    assert (found.offered, found.with_gaps) == (4 - 1, 1 + 1)
    on_it = next(one for one in found.platforms if one.platform_id == gateway)
    # Tools A and B; units K1 and S1.
    assert (on_it.tools, on_it.units, on_it.guardrails) == (2, 2, 1)
    assert [(one.tool, one.units) for one in found.tools_without] == [("a", ("Household",)), ("C", ("Motor",))]
    # A, B, C are used; D is not any more.
    assert (found.tools, found.in_force, len(found.guardrails)) == (3, 2, 3)
    # Two platforms and two tools; those who look after no platforms are not told.
    assert home(actor=company.actor("platform_engineer")).platform_gaps == 2 + 2
    assert home(actor=company.actor("platform_engineer", "K")).platform_gaps == 0 + 2
    assert home(actor=company.actor("employee")).platform_gaps is None
    # A rule for all platforms closes the gap of the one that has none.
    railed(company, None)
    found = platform_catalogue(actor=company.actor("employee"))
    assert [one.gaps for one in found.platforms if one.facts.name == "Automation"] == [(PlatformGap.NO_ACCOUNTABLE,)]


def test_who_was_forgotten_answers_for_nothing(company: Company) -> None:
    ann = company.person("Ann")
    gateway = declared(company, accountable_id=ann.id).platform
    railed(company, gateway.platform_id)
    assert platform_catalogue(actor=company.actor("employee")).with_gaps == 0
    forget_person(person_id=ann.id, at=AT, by=None)
    found = platform_catalogue(actor=company.actor("employee")).platforms[0]
    assert (found.gaps, found.facts.accountable_gone) == ((PlatformGap.NO_ACCOUNTABLE,), True)
    assert found.facts.accountable_name not in {None, "Ann"}
    assert own_records(ann.id)["platforms"] == [{"name": "Gateway", "valid_from": TODAY, "valid_until": None}]


def test_a_retired_platform_leaves_its_tools_without_one(company: Company) -> None:
    gateway = declared(company, valid_from=FROM, accountable_id=company.person("Ann").id).platform.platform_id
    rail = railed(company, gateway, valid_from=FROM)
    used(company, "A", "K1", gateway, at=AT - timedelta(days=5))
    end_platform(actor=company.actor("platform_engineer"), platform_id=gateway)
    actor = company.actor("employee")
    now, before = platform_catalogue(actor=actor), platform_catalogue(actor=actor, on=TODAY - timedelta(days=1))
    assert [(one.state, one.gaps) for one in now.platforms] == [(PlatformState.RETIRED, ())]
    assert ([one.tool for one in now.tools_without], now.offered, now.guardrails) == (["A"], 0, ())
    assert ([one.tool for one in before.tools_without], before.offered) == ([], 1)
    assert [one.guardrail_id for one in before.guardrails] == [rail]
    assert [one.state for one in platform_catalogue(actor=actor, on=FROM - timedelta(days=1)).platforms] == ["planned"]
    with pytest.raises(InputError) as refused:
        used(company, "B", "K1", gateway)
    assert refused.value.code == "platform_not_offered"
    for act in (end_platform, lambda **known: change_platform(
        name="x", kind=PlatformKind.OTHER, purpose="x", owner_unit_id=company.unit("S"), **known
    )):  # fmt: skip
        with pytest.raises(ConflictError) as over:
            act(actor=company.actor("platform_engineer"), platform_id=gateway)
        assert over.value.code == "platform_over"


def test_history_keeps_what_was(company: Company) -> None:
    ann, bob = company.person("Ann").id, company.person("Bob").id
    engineer = company.actor("platform_engineer")
    gateway = declared(company, valid_from=FROM, accountable_id=ann, access="Ask IT").platform.platform_id
    new: dict[str, Any] = {
        "name": "Model gateway", "kind": PlatformKind.MODEL_GATEWAY, "purpose": "Models", "accountable_id": bob,
        "owner_unit_id": company.unit("K"),
    }  # fmt: skip
    change_platform(actor=engineer, platform_id=gateway, **new)
    # The same day again: no period of its own.
    changed = change_platform(actor=engineer, platform_id=gateway, **{**new, "name": "Models"})
    assert [(one.name, one.owner_unit_name, one.accountable_name) for one in changed.history] == [
        ("Models", "Claims", "Bob"), ("Gateway", "Sales", "Ann"),
    ]  # fmt: skip
    assert [(one.valid_from, one.valid_until) for one in changed.history] == [(TODAY, None), (FROM, TODAY)]
    past = platform_report(actor=engineer, platform_id=gateway, on=TODAY - timedelta(days=1)).platform.facts
    assert (past.name, past.access) == ("Gateway", "Ask IT")
    rail = railed(company, gateway, valid_from=FROM)
    line = change_guardrail(
        actor=engineer, guardrail_id=rail, name="No names", rule="Nor addresses", kind=GuardrailKind.DATA_CLASS,
        enforcement=Enforcement.AUTOMATIC, owner_unit_id=company.unit("S"), platform_id=gateway,
    )  # fmt: skip
    rules = [
        [one.rule for one in platform_report(actor=engineer, platform_id=gateway, on=day).guardrails]
        for day in (TODAY - timedelta(days=1), TODAY)
    ]
    assert rules == [["No personal data"], ["Nor addresses"]]
    with pytest.raises(NotFoundError):
        end_guardrail(actor=company.actor("platform_engineer", at=AT), guardrail_id=uuid4())
    with pytest.raises(ConflictError):
        end_guardrail(actor=engineer, guardrail_id=rail)
    end_guardrail(actor=engineer, guardrail_id=line.guardrail_id, on=TODAY + timedelta(days=9))
    assert Guardrail.objects.everything(because="test").count() == 2
    events = [one.event for one in AuditEntry.objects.everything(because="test").order_by("at", "id")]
    assert sorted(one.removeprefix("organisation.") for one in events) == [
        "guardrail.changed", "guardrail.ended", "guardrail.set",
        "platform.changed", "platform.changed", "platform.declared",
    ]  # fmt: skip


def test_endings(company: Company) -> None:
    engineer, tomorrow = company.actor("platform_engineer"), TODAY + timedelta(days=1)
    begun = declared(company).platform.platform_id
    with pytest.raises(ConflictError) as refused:
        end_platform(actor=engineer, platform_id=begun)
    assert refused.value.code == "platform_ends_at_start"
    with pytest.raises(InputError) as past:
        end_platform(actor=engineer, platform_id=begun, on=TODAY - timedelta(days=1))
    assert past.value.code == "change_in_the_past"
    end_platform(actor=engineer, platform_id=begun, on=tomorrow)
    assert platform_report(actor=engineer, platform_id=begun).platform.state is PlatformState.OFFERED
    # What has not begun yet never will, nor will its rules.
    planned = declared(company, name="Planned", valid_from=tomorrow).platform.platform_id
    railed(company, planned)
    end_platform(actor=engineer, platform_id=planned)
    assert not Platform.objects.everything(because="test").filter(id=planned).exists()
    assert not Guardrail.objects.everything(because="test").exists()
    # Changed and ended on one day: what was before ends on it.
    old = declared(company, name="Old", valid_from=FROM).platform.platform_id
    change_platform(
        actor=engineer, platform_id=old, name="Older", kind=PlatformKind.OTHER, purpose="x",
        owner_unit_id=company.unit("K"),
    )  # fmt: skip
    end_platform(actor=engineer, platform_id=old)
    assert Platform.objects.everything(because="test").get(id=old).owner_unit_id == company.unit("S")
    assert [(one.name, one.valid_until) for one in PlatformPeriod.objects.filter(platform=old)] == [("Old", TODAY)]


@pytest.mark.parametrize(
    ("changed", "kind", "code"),
    [
        ({"name": " "}, InputError, "text_missing"),
        ({"name": "x" * 121}, InputError, "text_too_long"),
        ({"name": "a\0b"}, InputError, "text_unprintable"),
        ({"name": "a\u202eb"}, InputError, "text_unprintable"),
        ({"purpose": ""}, InputError, "text_missing"),
        ({"purpose": "x" * 501}, InputError, "text_too_long"),
        ({"access": "a\nb"}, InputError, "text_unprintable"),
        ({"allowed_for": "x" * 501}, InputError, "text_too_long"),
        ({"name": "GATEWAY"}, ConflictError, "platform_exists"),
        ({"owner_unit_id": uuid4()}, NotFoundError, "unit_unknown"),
        ({"accountable_id": uuid4()}, NotFoundError, "person_unknown"),
        ({"accountable_id": "agent"}, InputError, "responsibility_of_program"),
        ({"valid_from": date(2021, 1, 1), "valid_until": date(2020, 1, 1)}, InputError, "validity_backwards"),
        ({"valid_from": date(9999, 1, 1)}, InputError, "date_out_of_range"),
    ],
)
def test_what_is_no_platform(company: Company, changed: dict[str, Any], kind: type[UserError], code: str) -> None:
    declared(company)
    if changed.get("accountable_id") == "agent":
        agent = Person.objects.create(kind="agent", answers_for=company.person("Ann"), created_at=AT)
        changed = {"accountable_id": agent.id}
    values = {
        "name": "New", "kind": PlatformKind.OTHER, "purpose": "x", "owner_unit_id": company.unit("S"), **changed,
    }  # fmt: skip
    with pytest.raises(kind) as refused:
        declare_platform(actor=company.actor("platform_engineer"), **values)
    assert refused.value.code == code
    assert PlatformPeriod.objects.count() == 1


def test_a_tool_names_its_platform_and_the_tool_map_shows_it(company: Company) -> None:
    gateway = declared(company).platform.platform_id
    used(company, "A", "K1", gateway)
    found = tool_map(actor=company.actor("employee")).declared
    assert [(one.tool, one.platform_id, one.platform_name) for one in found] == [("A", gateway, "Gateway")]
    # The latest declaration counts, as for people and owner.
    used(company, "A", "K1", None)
    assert [one.platform_name for one in tool_map(actor=company.actor("employee")).declared] == [None]
    with pytest.raises(InputError):
        used(company, "A", "K1", uuid4())


@pytest.mark.parametrize(
    ("language", "role", "words"),
    [
        ("en", "employee", "Ask the platform engineer or whoever administers Pegel."),
        ("de", "employee", "Fragen Sie die Plattform-Technik oder wer Pegel verwaltet."),
        ("en", "platform_engineer", "Declare the first one"),
        ("de", "platform_engineer", "Melden Sie die erste"),
    ],
)
def test_nothing_yet_says_what_to_do(company: Company, language: str, role: str, words: str) -> None:
    page = company.client(role).get(reverse("platform_catalogue"), headers={"Accept-Language": language})
    assert words in page.content.decode()
    assert (reverse("declare_platform") in page.content.decode()) is (role == "platform_engineer")


def test_the_way_in_a_browser(company: Company) -> None:
    """A platform engineer, who sees no people, declares, sets a rule, changes and ends; nothing typed becomes code."""
    browser, me = company.client("platform_engineer"), company.people["platform_engineer-C"].id
    sales = str(company.unit("S"))
    new = {
        "name": HOSTILE, "kind": "other", "purpose": HOSTILE, "owner_unit_id": sales, "accountable_id": str(me),
        "access": "javascript:alert(1)", "allowed_for": '"><img src=x onerror=alert(1)>', "valid_from": "2024-01-01",
    }  # fmt: skip
    assert browser.post(reverse("declare_platform"), {**new, "name": ""}).status_code == 422
    answer = browser.post(reverse("declare_platform"), new)
    platform = Platform.objects.everything(because="test").get().id
    here = reverse("platform_report", args=[platform])
    assert (answer.status_code, answer["Location"]) == (302, here)
    rail = {"name": HOSTILE, "rule": HOSTILE, "kind": "logging", "enforcement": "declared", "owner_unit_id": sales,
            "platform_id": str(platform), "valid_from": "2024-01-01"}  # fmt: skip
    form = browser.get(f"{reverse('set_guardrail')}?platform={platform}").content.decode()
    assert f'<option value="{platform}" selected>' in form
    assert browser.post(reverse("set_guardrail"), rail).status_code == 302
    guardrail = Guardrail.objects.everything(because="test").get().id
    for address in (reverse("platform_catalogue"), here, reverse("change_platform", args=[platform]),
                    reverse("end_platform", args=[platform]), reverse("change_guardrail", args=[guardrail]),
                    reverse("end_guardrail", args=[guardrail]), reverse("tool_map")):  # fmt: skip
        text = browser.get(address).content.decode()
        assert HOSTILE not in text
        assert "<img src=x" not in text
        assert 'href="javascript' not in text
    assert "declared, not evaluated" in browser.get(here).content.decode()
    changed = {**new, "name": "=1+1", "access": "https://it.example/get"}
    del changed["valid_from"]
    assert browser.post(reverse("change_platform", args=[platform]), changed).status_code == 302
    assert 'href="https://it.example/get"' in browser.get(here).content.decode()
    rows = browser.get(reverse("platform_catalogue") + "?platforms.export=csv").content.decode("utf-8-sig")
    assert "'=1+1" in rows
    past = browser.get(reverse("platform_catalogue") + "?on=2024-02-01").content.decode()
    assert "&lt;script&gt;" in past
    assert reverse("declare_platform") not in past
    assert browser.post(reverse("end_guardrail", args=[guardrail]), {"on": "2200-01-01"}).status_code == 302
    assert browser.post(reverse("end_platform", args=[platform]), {"on": "2199-01-01"}).status_code == 302


def test_a_platform_is_found_by_what_it_is_called_today(company: Company) -> None:
    gateway = declared(company, valid_from=FROM).platform.platform_id
    change_platform(
        actor=company.actor("platform_engineer"), platform_id=gateway, name="Models", kind=PlatformKind.OTHER,
        purpose="x", owner_unit_id=company.unit("S"),
    )  # fmt: skip
    for text, wanted in (("model", ["Models"]), ("gatew", [])):
        found = find_platforms(actor=company.actor("employee"), text=text, limit=8)
        assert [one.title for one in found] == wanted
