"""What django-allauth reports (it does so by signals) goes into the audit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from allauth.account import signals as account
from allauth.mfa import signals as second_factor
from allauth.usersessions import signals as sessions
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest

from pegel_web.core.events import EventType, declare_events
from pegel_web.organisation.middleware import session_actor
from pegel_web.organisation.models import Person, User
from pegel_web.organisation.services.sign_in import note_sign_in

_EVENTS: Final = (
    (account.user_logged_in, "organisation.sign_in.succeeded"),
    (account.user_logged_out, "organisation.sign_in.ended"),
    (account.password_changed, "organisation.sign_in.password_changed"),
    (account.password_set, "organisation.sign_in.password_set"),
    (account.password_reset, "organisation.sign_in.password_reset"),
    (second_factor.authenticator_added, "organisation.sign_in.second_factor_added"),
    (second_factor.authenticator_removed, "organisation.sign_in.second_factor_removed"),
    (second_factor.authenticator_reset, "organisation.sign_in.second_factor_reset"),
    (second_factor.authentication_failed, "organisation.sign_in.second_factor_failed"),
    (sessions.session_client_changed, "organisation.sign_in.client_changed"),
    (user_login_failed, "organisation.sign_in.failed"),
)

declare_events(*(EventType(code=event) for _, event in _EVENTS), EventType(code="organisation.person.joined"))


def connect() -> None:
    """Listen; called once when the apps are ready."""
    for signal, event in _EVENTS:

        def noted(
            sender: Any, request: HttpRequest | None = None, user: User | None = None, event: str = event, **more: Any
        ) -> None:
            del sender, more
            if request is None or not hasattr(request, "request_id"):
                # A test's or a script's sign-in, not one over the network.
                return
            actor = session_actor(request)
            if user is not None and actor.person_id is None:
                person = Person.objects.filter(user=user).first()
                actor = replace(actor, person_id=None if person is None else person.id)
            note_sign_in(actor=actor, event=event, user=user)

        signal.connect(noted, weak=False, dispatch_uid=f"audit {event}")
