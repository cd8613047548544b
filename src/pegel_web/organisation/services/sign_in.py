"""What signing in changes: a person who comes from the identity provider, and the trace of each sign-in."""

from __future__ import annotations

from django.db import transaction

from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.person_keys import new_key
from pegel_web.organisation.models import Identity, Person, User

#: As long as a name may be in the records.
_LONGEST_NAME = 200


@transaction.atomic
def join_from_provider(*, actor: Actor, user: User, name: str) -> None:
    """Make a person for an account that the identity provider vouches for, or join it to the one of that address."""
    known = Identity.objects.select_for_update().filter(email=user.email, person__user__isnull=True).first()
    if known is None:
        person = Person.objects.create(user=user, created_at=actor.at)
        Identity.objects.create(person=person, name=name[:_LONGEST_NAME], email=user.email, key=new_key())
    else:
        person = known.person
        person.user = user
        person.save(update_fields=["user"])
    record(actor, "organisation.person.joined", subject=("person", person.id), after={"new": known is None})


@transaction.atomic
def note_sign_in(*, actor: Actor, event: str, user: User | None) -> None:
    """Record a sign-in, a failed one, or a change of how somebody signs in; never the address that was typed."""
    person = None if user is None else Person.objects.filter(user=user).first()
    record(actor, event, subject=("person", "unknown" if person is None else person.id))
