"""Who acts in the background: Pegel for the person who asked, with this person's rights of now; or Pegel itself."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from pegel.errors import InternalError, NotFoundError
from pegel_web.core.actor import Actor, Grant, Through
from pegel_web.core.permissions import permissions
from pegel_web.jobs.models import Job


class ActFor(Protocol):
    """Builds the actor of a person."""

    def __call__(
        self, person_id: UUID, *, at: datetime, request_id: str, scopes: frozenset[str] | None, language: str
    ) -> Actor | None:
        """Return the actor; None: there is no such person any more."""


_act_for: ActFor | None = None


def act_for(function: ActFor) -> None:
    """Register how the actor of a person is built. People are kept in an app above this one."""
    global _act_for  # noqa: PLW0603  (a registry of one, filled when the apps are ready)
    _act_for = function


def pegel_itself(*, at: datetime, request_id: str, language: str = "de") -> Actor:
    """Return the actor for work that nobody asked for: it may everything."""
    grants = tuple(Grant(permission=one.code, units=None, source="pegel") for one in permissions())
    return Actor(person_id=None, at=at, through=Through.JOB, request_id=request_id, grants=grants, language=language)


def actor_of_job(job: Job, *, at: datetime) -> Actor:
    """Return the actor of a job.

    Raises
    ------
    NotFoundError: ``job_person_gone``. InternalError: ``people_unknown`` when nobody has registered how.
    """
    request_id = f"job-{job.id}"
    if job.person_id is None:
        return pegel_itself(at=at, request_id=request_id, language=job.language)
    scopes = None if job.scopes is None else frozenset(job.scopes)
    actor = actor_of_person(job.person_id, at=at, request_id=request_id, scopes=scopes, language=job.language)
    if actor is None:
        raise NotFoundError("job_person_gone")
    return actor


def actor_of_person(
    person_id: UUID, *, at: datetime, request_id: str, scopes: frozenset[str] | None = None, language: str
) -> Actor | None:
    """Return a person with the rights they have at a moment; None: they are gone, or their account is closed.

    Raises
    ------
    InternalError: ``people_unknown`` when nobody has registered how.
    """
    if _act_for is None:
        raise InternalError("people_unknown")
    return _act_for(person_id, at=at, request_id=request_id, scopes=scopes, language=language)
