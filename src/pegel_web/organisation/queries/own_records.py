"""Everything the organisation keeps about one person, for that person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Q

from pegel_web.organisation.models import (
    Decision,
    Delegation,
    FrameEntry,
    Identity,
    Membership,
    Person,
    PlatformPeriod,
    Responsibility,
    RoleAssignment,
    Token,
    User,
)
from pegel_web.organisation.personal_registry import personal_records
from pegel_web.organisation.validity import valid_on

_REASON: Final = "a person may see what is kept about them"
Records = Mapping[str, Sequence[Mapping[str, object]]]


def own_records(person: UUID) -> Records:
    """Return the records by subject, each as named plain values. Secrets (password, keys, digests) are left out."""
    user = Person.objects.filter(pk=person).values_list("user_id", flat=True).first()
    period = ("unit__code", "valid_from", "valid_until")
    return {
        "person": _rows(Person.objects.filter(pk=person), "id", "kind", "pseudonym", "created_at", "erased_at"),
        "identity": _rows(Identity.objects.filter(person=person), "name", "email"),
        "account": _rows(
            User.objects.filter(person=person), "email", "language", "is_active", "date_joined", "last_login"
        ),
        "sign_ins": _rows(
            UserSession.objects.filter(user_id=user), "created_at", "last_seen_at", "ip", "user_agent"
        ),
        "second_factors": _rows(
            Authenticator.objects.filter(user_id=user), "type", "created_at", "last_used_at"
        ),
        "single_sign_on": _rows(
            SocialAccount.objects.filter(user_id=user), "provider", "uid", "date_joined", "last_login", "extra_data"
        ),
        "tokens": _rows(
            Token.objects.filter(person=person),
            "name", "shown", "scopes", "created_at", "expires_at", "last_used_on", "revoked_at",
        ),
        "memberships": _rows(_all(Membership).filter(person=person), *period),
        "roles": _rows(_all(RoleAssignment).filter(person=person), "role", *period),
        "responsibilities": _rows(
            _all(Responsibility).filter(person=person), "area", "letter", "product__name", *period
        ),
        "platforms": _rows(
            PlatformPeriod.objects.filter(accountable=person), "name", "valid_from", "valid_until"
        ),
        "delegations": _rows(
            _all(Delegation).filter(Q(from_person=person) | Q(to_person=person)),
            "permission", "most_amount", "most_risk", "reason", "revoked_at", "from_person__pseudonym",
            "to_person__pseudonym", *period,
        ),
        "decisions": _rows(
            _all(Decision).filter(Q(raised_by=person) | Q(decided_by=person)),
            "title", "question", "outcome", "reason", "raised_at", "decided_at",
        ),
        "frame": _rows(_all(FrameEntry).filter(set_by=person), "kind", "text", "amount", *period),
        "programs": _rows(Person.objects.filter(answers_for=person), "kind", "pseudonym", "identity__name"),
        **{one.subject: one.own(person) for one in personal_records()},
    }  # fmt: skip


def own_units(person: UUID, *, on: date) -> frozenset[UUID]:
    """Return the units a person belongs to on a day."""
    return frozenset(_all(Membership).filter(valid_on(on), person=person).values_list("unit_id", flat=True))


def _all(model: Any) -> Any:
    return model.objects.everything(because=_REASON)


def _rows(found: Any, *names: str) -> list[Mapping[str, object]]:
    return list(found.order_by("pk").values(*names))
