"""What computing a stream yields, and what each part of it starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.flow.flow_report import Basis
from pegel.flow.log import FlowLog
from pegel.lake.store import Lake
from pegel.quality.facts import LakeFacts
from pegel_web.flow.contracts.declared import Declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A stream, read under one policy.

    ``basis``: what the figures of its periods start from. ``everywhere``: the item windows of every stream that its
    items visited; ``windows``: those of this stream alone.
    ``people``: how many different people the log names; None: nobody.
    """

    lake: Lake
    log: FlowLog
    policy: Policy
    preferred: bool
    facts: LakeFacts
    declared: Declared
    basis: Basis
    everywhere: nw.LazyFrame[Any]
    windows: nw.LazyFrame[Any]
    people: int | None
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """One result, ready to be kept: ``payload`` by language; ``period`` empty: of all time."""

    kind: str
    policy: Policy
    period: str
    preferred: bool
    payload: dict[str, Any]
    definitions: tuple[str, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTables:
    """The rows behind the figures under one policy; see ``computing.rows``."""

    policy: Policy
    preferred: bool
    items: pl.DataFrame
    stays: pl.DataFrame
    unit: str
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTable:
    """A further table behind the figures, kept beside those of the items. ``part``: what its file is called after."""

    part: str
    policy: Policy
    table: pl.DataFrame
