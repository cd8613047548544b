"""Keeping the network of all streams up to date; what the background task does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Final

from pegel.lake.store import Lake
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.network import compute_network
from pegel_web.flow.computing.versions import network_version
from pegel_web.flow.models import LakeReading, LakeResult, LakeResultKind
from pegel_web.flow.queries.names import joined_names
from pegel_web.flow.queries.network_kept import FOLDER
from pegel_web.flow.queries.streams import versions_of
from pegel_web.flow.services.snapshots import keepable, tidy, write_table
from pegel_web.jobs.contracts import JobReport
from pegel_web.jobs.services import enqueue

KIND: Final = "flow.network"


def version_now() -> str | None:
    """Return the version of what the lake holds now, as it was last read; None: nothing is in it."""
    versions = versions_of(LakeReading.objects.filter(number=1).first())
    return network_version(versions, joined_names()) if versions else None


def network_outdated() -> bool:
    """Tell whether the kept network does not rest on what the lake holds now."""
    version = version_now()
    return (
        version is not None
        and not LakeResult.objects.filter(kind=LakeResultKind.NETWORK, lake_version=version).exists()
    )


def enqueue_network(*, actor: Actor) -> JobReport:
    """Put the computation of the network into the queue, as part of the open transaction."""
    return enqueue(actor=actor, kind=KIND, arguments={}, label_code="flow.job.network", key=KIND)


def keep_network(
    lake: Lake, tables: Path, *, at: datetime, writing: Callable[[], AbstractContextManager[None]]
) -> None:
    """Compute the network and put it in the place of the old one; ``lake``: as it was just read."""
    version = version_now()
    if version is None:
        return
    found = compute_network(lake, joined_names())
    folder, name = tables / FOLDER, version[:32]
    write_table(found.cases, folder, name, "cases")
    write_table(found.open, folder, name, "open")
    with writing():
        LakeResult.objects.update_or_create(
            kind=LakeResultKind.NETWORK,
            defaults={
                "lake_version": version,
                "payload": {**keepable(found.payload), "file": name},
                "definitions": list(found.definitions),
                "as_of": found.as_of,
                "computed_at": at,
            },
        )
    tidy(folder, {name})
