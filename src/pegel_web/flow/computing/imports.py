"""When data of a stream came into the lake, to be shown beside its trends."""

from __future__ import annotations

from collections.abc import Iterator

from pegel.eventlog.schema import from_us
from pegel_web.flow.computing.computed import Computed, Reading


def imports_of_stream(reading: Reading) -> Iterator[Computed]:
    """Yield the days of the imports that brought items of the stream, under the policy that suits it only."""
    if not reading.preferred:
        return
    mine = set(reading.log.names_in_lake() or ())
    found = sorted(line["at_us"] for line, streams in reading.lake.sources_by_import() if mine & set(streams))
    yield Computed(
        kind="imports",
        policy=reading.policy,
        period="",
        preferred=True,
        payload={"days": sorted({from_us(one).date().isoformat() for one in found})},
        definitions=(),
        as_of=reading.as_of,
    )
