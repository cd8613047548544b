"""Looking into the declared folders again and again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from django.db import transaction

from pegel.errors import UserError
from pegel_web.core.actor import Actor
from pegel_web.flow.queries.streams import CHANGE
from pegel_web.jobs.actors import actor_of_person
from pegel_web.jobs.plain import plain_values
from pegel_web.jobs.registry import RunningJob, every, task
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.pickup.looks import Look
from pegel_web.pickup.models import FolderState, PickupFolder
from pegel_web.pickup.place import root
from pegel_web.pickup.services import pause_because

LOOK_SECONDS: Final = 60


@every(seconds=LOOK_SECONDS)
@task("pickup.look")
def look(job: RunningJob) -> None:
    """Look into every folder that is not paused; what one of them meets does not keep the others waiting."""
    if root() is None:
        return
    folders = PickupFolder.objects.everything(because="Pegel looks into all of them")
    for folder in cast("Iterable[PickupFolder]", list(folders.filter(state=FolderState.ACTIVE).order_by("name"))):
        job.stop_if_cancelled()
        _look_into(job, folder)


def _look_into(job: RunningJob, folder: PickupFolder) -> None:
    actor = _actor(job, folder)
    code = "pickup_person_gone" if actor is None else _lost(actor, folder)
    if code or actor is None:
        with transaction.atomic():
            job.hold()
            pause_because(job.actor, folder, code)
        return
    problem = None
    try:
        Look(job, folder, actor).run()
    except UserError as error:
        problem = {"code": error.code, "values": plain_values(error.values)}
    except OSError:
        problem = {"code": "pickup_disk_failed", "values": {}}
    with transaction.atomic():
        job.hold()
        rows = PickupFolder.objects.everything(because="the same").filter(pk=folder.pk, state=FolderState.ACTIVE)
        rows.update(problem=problem, last_look_at=job.actor.at)


def _actor(job: RunningJob, folder: PickupFolder) -> Actor | None:
    """Return whoever declared a folder, with the rights of now; None: they left, or were forgotten."""
    if folder.person_id is None:
        return None
    at, language = job.actor.at, job.actor.language
    return actor_of_person(folder.person_id, at=at, request_id=f"pickup-{folder.id}", language=language)


def _lost(actor: Actor, folder: PickupFolder) -> str:
    if folder.unit_id not in structure_on(actor.at.date()).nodes:
        return "pickup_unit_ended"
    return "" if actor.allows(CHANGE, unit=folder.unit_id) else "pickup_right_lost"
