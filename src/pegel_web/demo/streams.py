"""The lake of the demonstration, its streams adopted by the units of Musterwerke, and their figures."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.db import transaction

from pegel.errors import NotFoundError
from pegel_web.demo.making import Making
from pegel_web.demo.plan import in_language, plan
from pegel_web.flow.place import lake_folder, tables_folder
from pegel_web.flow.queries.streams import lake_streams
from pegel_web.flow.services.alerts import settle_alerts
from pegel_web.flow.services.network import keep_network, network_outdated
from pegel_web.flow.services.snapshots import Watch, compute, outdated, read_lake, streams_of_today
from pegel_web.flow.services.streams import adopt_stream
from pegel_web.jobs.actors import pegel_itself
from pegel_web.organisation.queries.products import product_list
from pegel_web.organisation.queries.structure import structure_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

#: The lakes that ``pegel demo`` makes: of real logs, or of the invented company.
_LAKES: Final = ("lake", "invented-lake")


def bring_lake(folder: Path) -> None:
    """Copy the lake of the demonstration into the data folder, unless there is one.

    Raises
    ------
    NotFoundError: ``demo_lake_missing``.
    """
    target = lake_folder()
    if (target / "lake.json").exists():
        return
    source = next((folder / name for name in _LAKES if (folder / name / "lake.json").exists()), None)
    if source is None:
        raise NotFoundError("demo_lake_missing", folder=str(folder))
    # Copied aside and put in place at once: a copy that was interrupted is never taken for a lake.
    aside = target.with_name(f".{target.name}.copy")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(source, aside)
    aside.replace(target)


def adopt_streams(making: Making) -> int:
    """Let units answer for the streams of the lake that the plan knows; returns how many are new."""
    actor = making.itself(making.now)
    read_lake(lake_folder(), at=making.now)
    units = {node.code: node.unit_id for node in structure_on(making.now.date()).nodes.values()}
    products = {one.code: one.product_id for one in product_list(actor=actor)}
    known, adopted = plan()["streams"], 0
    for one in lake_streams(actor=actor):
        entry = known.get(one.lake_name)
        if entry is not None and entry["unit"] in units:
            adopt_stream(
                # For as long as the organisation exists: what it did last year, it did in these streams.
                actor=making.itself(making.begun),
                lake_name=one.lake_name,
                name=in_language(entry["name"], making.language),
                unit_id=units[entry["unit"]],
                product_id=products.get(entry["product"]),
            )
            adopted += 1
    return adopted


def compute_streams(making: Making, *, tell: Callable[[str, int, int], None]) -> int:
    """Compute every stream whose figures are not there yet; ``tell(name, done, total)`` before each.

    Returns how many were computed.
    """
    lake = read_lake(lake_folder(), at=making.now)
    todo = outdated(streams_of_today(making.now))
    if lake is None:
        return 0

    @contextmanager
    def writing() -> Iterator[None]:
        with transaction.atomic():
            yield

    pegel = pegel_itself(at=making.now, request_id="demonstration", language=making.language)

    def kept(stream_id: UUID) -> None:
        settle_alerts(actor=pegel, stream_id=stream_id)

    watch = Watch(step=lambda _: None, writing=writing, kept=kept)
    for number, row in enumerate(todo):
        tell(row.name, number, len(todo))
        compute([row], lake, tables_folder(), at=making.now, watch=watch)
    if network_outdated():
        keep_network(lake, tables_folder(), at=making.now, writing=writing)
    return len(todo)
