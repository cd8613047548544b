"""What a result depends on, as one short text: the same text, the same result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import pegel
from pegel.eventlog.policy import Policy
from pegel.eventlog.workflow import Workflow
from pegel.lake.store import Lake
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.contracts.reports import Selection

#: Grows when the contents of snapshots change their form.
CONTENTS: Final = 5


class Version(NamedTuple):
    """The versions of what results rest on: what the lake says, and what people have declared."""

    lake: str
    declared: str


def stream_version(imports: Iterable[str], workflow: Workflow | None) -> str:
    """Return the version of what the lake says about a stream: its imports and the meaning of the stream's states."""
    return _digest(str(CONTENTS), pegel.__version__, *imports, repr(workflow))


def lake_version(versions: Iterable[tuple[str, str]]) -> str:
    """Return the version of what the lake says about all its streams: their names there with the version of each."""
    return _digest(*(part for pair in sorted(versions) for part in pair))


def version_of(names: Sequence[str], versions: Mapping[str, str]) -> str | None:
    """Return the version of what the lake says about a stream of some names, its first one first; None: nothing.

    >>> version_of(["a"], {"a": "1", "b": "2"})
    '1'
    >>> version_of(["c"], {"a": "1"}) is None
    True
    >>> version_of(["a", "b"], {"a": "1", "b": "2"}) == version_of(["a", "b"], {"a": "1", "b": "3"})
    False
    """
    if len(names) == 1:
        return versions.get(names[0])
    known = [(name, versions[name]) for name in names if name in versions]
    return _digest(names[0], *(part for pair in sorted(known) for part in pair)) if known else None


def network_version(versions: Mapping[str, str], joined: Mapping[str, str]) -> str:
    """Return the version of the network of all streams: of the lake, and of which of its names are read as one."""
    lake = lake_version(versions.items())
    return _digest(lake, *(part for pair in sorted(joined.items()) for part in pair)) if joined else lake


def declared_version(declared: Declared) -> str:
    """Return the version of what people have declared about a stream; empty: nothing."""
    return "" if declared == Declared() else _digest(repr(declared))


def content_hash(version: Version, policy: Policy, period: str, kind: str) -> str:
    """Return the hash of everything that one result depends on."""
    return _digest(version.lake, version.declared, repr(policy), period, kind)


def selection_hash(version: Version, selection: Selection) -> str:
    """Return the hash of everything that the result of a selection depends on."""
    return _digest(version.lake, version.declared, repr(selection))


def imports_of(lake: Lake) -> list[str]:
    """Return the ids of the imports that readers see."""
    return [line["import_id"] for line in lake.register().committed]


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
