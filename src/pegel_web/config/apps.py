"""The composition as a Django app: it brings the words of the commands and joins apps that must not know each other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pegel_web.core.actor import Actor, Through
from pegel_web.core.apps import PegelApp


class ConfigConfig(PegelApp):
    """Composition."""

    default = True
    name = "pegel_web.config"

    def ready(self) -> None:
        """Tell the background work how people become actors."""
        super().ready()
        from pegel_web.jobs.actors import act_for  # noqa: PLC0415  (models exist only once the apps are loaded)

        act_for(actor_in_background)


def actor_in_background(
    person_id: UUID, *, at: datetime, request_id: str, scopes: frozenset[str] | None, language: str
) -> Actor | None:
    """Return the actor for a person's background work; None: the person was erased or the account is closed."""
    from pegel_web.organisation.models import Person  # noqa: PLC0415  (the same)
    from pegel_web.organisation.queries.actors import actor_of  # noqa: PLC0415  (the same)

    person = Person.objects.select_related("user").filter(pk=person_id, erased_at=None).first()
    if person is None or (person.user is not None and not person.user.is_active):
        return None
    return actor_of(person, at=at, through=Through.JOB, request_id=request_id, scopes=scopes, language=language)
