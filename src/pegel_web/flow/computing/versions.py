"""What a result depends on, as one short text: the same text, the same result."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import pegel
from pegel.eventlog.policy import Policy
from pegel.eventlog.workflow import Workflow
from pegel.lake.store import Lake

#: Grows when the contents of snapshots change their form.
CONTENTS: Final = 1


def stream_version(imports: Iterable[str], workflow: Workflow | None) -> str:
    """Return the version of what the lake says about a stream: its imports and the meaning of the stream's states."""
    return _digest(str(CONTENTS), pegel.__version__, *imports, repr(workflow))


def content_hash(version: str, policy: Policy, period: str, kind: str) -> str:
    """Return the hash of everything that one result depends on."""
    return _digest(version, repr(policy), period, kind)


def imports_of(lake: Lake) -> list[str]:
    """Return the ids of the imports that readers see."""
    return [line["import_id"] for line in lake.register().committed]


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
