"""Tokens: made once, kept as a digest, never more than the person, ended at once."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from pegel.errors import NotFoundError, PegelError, UserError
from pegel_web.core.actor import Actor, Through
from pegel_web.core.errors import ConflictError, LimitedError, NotAllowedError, NotSignedInError
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.models import Delegation, Identity, Person, Token
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.organisation.queries.tokens import token_holders, tokens
from pegel_web.organisation.services import tokens as services
from pegel_web.organisation.services.token_use import actor_of_token, digest_of
from pegel_web.organisation.services.tokens import issue_token, revoke_token
from tests.pegel_web.company import AT, Company

VIEW, TAKE = "organisation.unit.view", "organisation.decision.take"


@pytest.fixture(autouse=True)
def _no_failures_yet(db: None) -> None:
    cache.clear()


def enter(secret: str, *, at=AT, address: str = "203.0.113.9") -> Actor:
    return actor_of_token(secret=secret, address=address, at=at, through=Through.API, request_id="test-request")


def test_a_token_is_shown_once_and_kept_as_a_digest(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    made = issue_token(actor=actor, name="Weekly report", scopes=["read"], days=30)
    assert len(made.secret) == len("pegel_") + 43
    kept = Token.objects.get()
    assert kept.digest == digest_of(made.secret)
    assert made.secret not in json.dumps(list(Token.objects.values("name", "digest", "shown")))
    assert kept.shown == made.secret[:12]
    assert (made.token.state, made.token.expires_at) == ("active", AT + timedelta(days=30))
    assert tokens(actor=actor) == (made.token,)


def test_a_token_has_the_rights_of_the_person_cut_to_its_scopes(company: Company) -> None:
    actor = company.actor("department_lead", "K")
    reading = enter(issue_token(actor=actor, name="r", scopes=["read"], days=1).secret)
    writing = enter(issue_token(actor=actor, name="w", scopes=["write"], days=1).secret)
    single = enter(issue_token(actor=actor, name="s", scopes=[TAKE], days=1).secret)
    inside, outside = company.unit("K1"), company.unit("S1")
    asked = [(VIEW, inside), (TAKE, inside), (TAKE, outside), ("organisation.unit.change", inside)]
    assert [reading.allows(code, unit=unit) for code, unit in asked] == [True, False, False, False]
    assert [writing.allows(code, unit=unit) for code, unit in asked] == [False, True, False, True]
    assert [single.allows(code, unit=unit) for code, unit in asked] == [False, True, False, False]
    assert (single.person_id, single.through) == (actor.person_id, Through.API)


def test_a_token_loses_what_its_person_loses(company: Company) -> None:
    secret = issue_token(actor=company.actor("department_lead", "K"), name="x", scopes=["write"], days=9).secret
    assert enter(secret).has(TAKE)
    company.people["department_lead-K"].roles.everything(because="test").update(valid_until=AT.date())
    assert not enter(secret).has(TAKE)


@pytest.mark.parametrize("end", ["expired", "revoked", "unknown", "switched off", "forgotten", "cut"])
def test_what_is_no_valid_token_lets_nobody_in(company: Company, end: str) -> None:
    actor = company.actor("employee")
    made = issue_token(actor=actor, name="x", scopes=["read"], days=1)
    person, secret, at = company.people["employee-C"], made.secret, AT
    code = {"expired": "token_expired", "revoked": "token_revoked"}.get(end, "token_unknown")
    if end == "expired":
        at = AT + timedelta(days=1)
    elif end == "revoked":
        revoke_token(actor=actor, token_id=made.token.id)
    elif end == "unknown":
        secret = "pegel_" + "A" * 43
    elif end == "switched off":
        person.user.is_active = False
        person.user.save()
    elif end == "forgotten":
        Person.objects.filter(id=person.id).update(erased_at=AT)
    else:
        secret = secret[:-1]
    with pytest.raises(NotSignedInError) as refused:
        enter(secret, at=at)
    assert refused.value.code == code


def test_a_token_is_valid_until_the_last_moment(company: Company) -> None:
    secret = issue_token(actor=company.actor("employee"), name="x", scopes=["read"], days=1).secret
    assert enter(secret, at=AT + timedelta(days=1, microseconds=-1)).has(VIEW)


def test_the_last_use_is_kept_by_day_only(company: Company) -> None:
    secret = issue_token(actor=company.actor("employee"), name="x", scopes=["read"], days=9).secret
    for moment in (AT, AT + timedelta(hours=1), AT + timedelta(days=2), AT + timedelta(days=1)):
        enter(secret, at=moment)
    assert Token.objects.get().last_used_on == (AT + timedelta(days=2)).date()


def test_too_many_wrong_tokens_from_one_address_are_looked_at_no_more(company: Company) -> None:
    secret = issue_token(actor=company.actor("employee"), name="x", scopes=["read"], days=9).secret
    for number in range(20):
        with pytest.raises(NotSignedInError):
            enter(f"pegel_{number:043d}")
    with pytest.raises(LimitedError) as limited:
        enter(secret)
    assert limited.value.code == "too_many_tokens_tried"
    assert enter(secret, address="203.0.113.10").has(VIEW)


@pytest.mark.parametrize(
    ("changed", "error", "code"),
    [
        ({"days": 0}, UserError, "token_days_invalid"),
        ({"days": 366}, UserError, "token_days_invalid"),
        ({"days": 10**18}, UserError, "token_days_invalid"),
        ({"scopes": []}, UserError, "token_scopes_missing"),
        ({"scopes": ["read", "admin"]}, UserError, "token_scopes_unknown"),
        ({"scopes": ["privacy.erasure.run"]}, UserError, "token_scopes_unknown"),
        ({"name": "  "}, UserError, "text_missing"),
        ({"name": "x" * 101}, UserError, "text_too_long"),
        ({"name": "x" * 10_000_000}, UserError, "text_too_long"),
        ({"name": "a\0b"}, UserError, "text_unprintable"),
        ({"name": "a\u202eb"}, UserError, "text_unprintable"),
    ],
)
def test_what_makes_no_token(company: Company, changed: dict, error: type[PegelError], code: str) -> None:
    wanted = {"name": "x", "scopes": ["read"], "days": 1, **changed}
    with pytest.raises(error) as refused:
        issue_token(actor=company.actor("employee"), **wanted)
    assert refused.value.code == code
    assert not Token.objects.exists()


def test_a_token_makes_no_tokens(company: Company) -> None:
    actor = replace(company.actor("employee"), scopes=frozenset({"read", "write"}))
    with pytest.raises(NotAllowedError) as refused:
        issue_token(actor=actor, name="x", scopes=["read"], days=1)
    assert refused.value.code == "token_needs_person"


def test_nobody_without_the_permission_has_tokens(company: Company) -> None:
    with pytest.raises(NotAllowedError):
        issue_token(actor=company.actor("agent"), name="x", scopes=["read"], days=1)


def test_the_number_of_valid_tokens_is_limited(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_TOKENS", 2)
    actor = company.actor("employee")
    first = issue_token(actor=actor, name="x", scopes=["read"], days=1)
    issue_token(actor=actor, name="x", scopes=["read"], days=1)
    with pytest.raises(ConflictError):
        issue_token(actor=actor, name="x", scopes=["read"], days=1)
    revoke_token(actor=actor, token_id=first.token.id)
    issue_token(actor=actor, name="x", scopes=["read"], days=1)


def test_whoever_answers_for_an_agent_makes_its_tokens(company: Company) -> None:
    lead = company.actor("team_lead", "K1")
    agent = Person.objects.create(kind="agent", answers_for=company.people["team_lead-K1"], created_at=AT)
    Identity.objects.create(person=agent, name="Claims agent", key="")
    company.people["Agent"] = agent
    company.person("Agent", "agent", "C")
    assert [(one.kind, one.name) for one in token_holders(actor=lead)] == [
        ("person", "team_lead-K1"),
        ("agent", "Claims agent"),
    ]
    made = issue_token(actor=lead, name="x", scopes=["read"], days=1, person_id=agent.id)
    assert made.token.agent_name == "Claims agent"
    entered = enter(made.secret)
    assert (entered.person_id, entered.units_for("flow.stream.view")) == (agent.id, frozenset({company.unit("K1")}))
    with pytest.raises(NotFoundError):
        issue_token(actor=company.actor("executive"), name="x", scopes=["read"], days=1, person_id=agent.id)


def test_an_agent_stops_with_the_person_who_answers_for_it(company: Company) -> None:
    lead = company.actor("team_lead", "K1")
    agent = Person.objects.create(kind="agent", answers_for=company.people["team_lead-K1"], created_at=AT)
    made = issue_token(actor=lead, name="x", scopes=["read"], days=1, person_id=agent.id)
    user = company.people["team_lead-K1"].user
    user.is_active = False
    user.save()
    with pytest.raises(NotSignedInError):
        enter(made.secret)


def test_nobody_ends_the_token_of_somebody_else(company: Company) -> None:
    made = issue_token(actor=company.actor("employee"), name="x", scopes=["read"], days=1)
    with pytest.raises(NotFoundError):
        revoke_token(actor=company.actor("administrator"), token_id=made.token.id)
    assert enter(made.secret).has(VIEW)


def test_what_is_done_with_tokens_is_recorded_without_the_token(company: Company) -> None:
    actor = company.actor("employee")
    made = issue_token(actor=actor, name="Secret project", scopes=["read"], days=1)
    revoke_token(actor=actor, token_id=made.token.id)
    revoke_token(actor=actor, token_id=made.token.id)
    entries = list(AuditEntry.objects.everything(because="test").filter(subject_type="token").order_by("id"))
    assert sorted(entry.event for entry in entries) == ["organisation.token.issued", "organisation.token.revoked"]
    said = json.dumps([entry.after for entry in entries])
    assert made.secret not in said
    assert "Secret project" not in said


def test_a_delegated_right_works_through_a_token_within_its_limits(company: Company) -> None:
    giver = company.person("Lead", "department_lead", "K")
    company.actor("employee", "S")
    taker = company.people["employee-S"]
    Delegation.objects.create(
        from_person=giver, to_person=taker, permission=TAKE, unit=company.units["K"], most_amount=100, most_risk=2,
        valid_from=AT.date(),
    )  # fmt: skip
    actor = actor_of(taker, at=AT, through=Through.WEB, request_id="test-request")
    entered = enter(issue_token(actor=actor, name="x", scopes=[TAKE], days=1).secret)
    grant = next(iter(entered.grants_of(TAKE)))
    assert (grant.most_amount, grant.most_risk) == (100, 2)


# Over HTTP ------------------------------------------------------------------------------------------------------------
def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}


def test_the_way_of_a_token_over_rest(company: Company) -> None:
    browser = company.client("employee")
    made = browser.post(
        "/api/v1/tokens", {"name": "x", "scopes": ["read", "write"], "days": 5}, content_type="application/json"
    )
    assert made.status_code == 201
    secret = made.json()["secret"]
    program = Client()
    listed = program.get("/api/v1/tokens", headers=bearer(secret))
    assert listed.status_code == 200
    assert (listed.json()["count"], listed.json()["items"][0]["name"]) == (1, "x")
    assert "secret" not in listed.json()["items"][0]
    refused = program.post(
        "/api/v1/tokens", {"name": "y", "scopes": ["read"]}, content_type="application/json", headers=bearer(secret)
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "token_needs_person")
    token_id = made.json()["token"]["id"]
    ended = program.delete(f"/api/v1/tokens/{token_id}", headers=bearer(secret))
    assert (ended.status_code, ended.json()["state"]) == (200, "revoked")
    after = program.get("/api/v1/tokens", headers=bearer(secret))
    assert (after.status_code, after.json()["code"]) == (401, "token_revoked")
    assert after.headers["WWW-Authenticate"] == 'Bearer realm="pegel", error="invalid_token"'


def test_a_wrong_token_is_not_overlooked_because_of_a_session(company: Company) -> None:
    response = company.client("employee").get("/api/v1/tokens", headers=bearer("pegel_wrong"))
    assert (response.status_code, response.json()["code"]) == (401, "token_unknown")


def test_too_many_tries_are_answered_with_429_and_when_to_come_back(company: Company) -> None:
    program = Client()
    for number in range(20):
        program.get("/api/v1/tokens", headers=bearer(f"pegel_{number:043d}"))
    response = program.get("/api/v1/tokens", headers=bearer("pegel_wrong"))
    assert (response.status_code, response.json()["code"]) == (429, "too_many_tokens_tried")
    assert response.headers["Retry-After"] == "300"


@pytest.mark.parametrize(
    ("query", "status"),
    [("limit=1&offset=1", 200), ("limit=0", 422), ("limit=501", 422), ("offset=-1", 422), ("offset=99999999999", 422),
     ("limit=abc", 422), ("limit=%00", 400)],
)  # fmt: skip
def test_lists_come_in_pages_of_limited_length(company: Company, query: str, status: int) -> None:
    actor = company.actor("employee")
    for number in range(3):
        issue_token(actor=actor, name=f"t{number}", scopes=["read"], days=1)
    response = company.client("employee").get(f"/api/v1/tokens?{query}")
    assert response.status_code == status
    if status == 200:
        assert response.json()["count"] == 3
        assert len(response.json()["items"]) == 1
