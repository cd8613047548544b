"""Items whose relatives contradict them: parents and children, blockers and blocked."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import OPEN_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.answer import Status
from pegel.flow.item_windows import Ending
from pegel.quality.catalogue import Unanswered
from pegel.quality.facts import LakeFacts
from pegel.quality.figures import Measured

_OVER = (int(Ending.DONE), int(Ending.CANCELLED))
_PAIR = {"item": pl.Int32(), "other": pl.Int32()}


def relatives(measured: Measured, facts: LakeFacts | None) -> dict[str, pl.Series | Unanswered]:
    """Return what the checks of parents and blockers find.

    ``open_children``: parents that are finished or cancelled although a child is open. ``child_before_parent``: open
    parents that were never started although a child was. ``child_started_earlier``: parents that were started after a
    child. ``blocked_by_closed``: open items that are not worked on although all that blocked them has ended.
    """
    log = measured.log
    links = log.engine.collect(log.links_of("parent", "blocks")).drop_nulls("other")
    families = [links.filter(pl.col("kind") == "parent").select("item", "other")]
    if facts is not None:
        families.append(facts.parents.select(item="parent", other="child"))
    parents = pl.concat(families).cast(_PAIR).unique()  # type: ignore[arg-type]  # names to types
    blocks = links.filter(pl.col("kind") == "blocks").select("item", "other").unique()
    found: dict[str, pl.Series | Unanswered] = {}
    if parents.height:
        found |= _families(measured, parents)
    else:
        found |= dict.fromkeys(
            ("open_children", "child_before_parent", "child_started_earlier"),
            Unanswered(Status.NOT_CONFIGURED, "no_parents"),
        )
    found["blocked_by_closed"] = (
        _blocked(measured, blocks) if blocks.height else Unanswered(Status.NOT_CONFIGURED, "no_blocked_links")
    )
    return found


def _families(measured: Measured, parents: pl.DataFrame) -> dict[str, pl.Series | Unanswered]:
    ends = _ends(measured, parents)
    own = measured.windows.select("item", "ending", "start_us")
    family = own.join(parents, on="item", how="inner").join(ends, left_on="other", right_on="item", how="inner")
    child_open = pl.col("ending_right") == int(Ending.OPEN)
    child_begun = pl.col("start_us_right").is_not_null() | (pl.col("ending_right") == int(Ending.DONE))
    early = family.filter(pl.col("ending").is_in(_OVER) & child_open)
    late = family.filter((pl.col("ending") == int(Ending.OPEN)) & pl.col("start_us").is_null() & child_begun)
    after = family.filter(pl.col("start_us_right") < pl.col("start_us"))
    named = {"open_children": early, "child_before_parent": late, "child_started_earlier": after}
    return {code: items["item"].unique().sort() for code, items in named.items()}


def _blocked(measured: Measured, blocks: pl.DataFrame) -> pl.Series:
    log = measured.log
    active = log.in_category(StateCategory.ACTIVE)
    today = log.rows().filter(nw.col("left_us") == OPEN_US)
    idle = (today if active is None else today.filter(~active)).select("item")
    numbers = log.engine.table({"item": blocks["other"].unique().to_list()}, {"item": nw.Int32()})
    resting = measured.windows.filter(pl.col("ending") == int(Ending.OPEN)).join(
        log.engine.collect(idle.join(numbers, on="item", how="semi")), on="item", how="semi"
    )
    ends = _ends(measured, blocks.select(other="item", item="other"))
    blockers = blocks.join(ends, on="item", how="left").select(item="other", over=pl.col("ending") != int(Ending.OPEN))
    free = blockers.group_by("item").agg(pl.col("over").fill_null(value=False).all()).filter("over")
    return resting.join(free, on="item", how="semi")["item"].sort()


def _ends(measured: Measured, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return [item, ending, start_us] of the other ends of pairs, in whatever stream they are."""
    log = measured.log
    numbers = log.engine.table({"item": pairs["other"].unique().sort().to_list()}, {"item": nw.Int32()})
    return log.engine.collect(
        measured.everywhere.select("item", "ending", "start_us").join(numbers, on="item", how="semi")
    )
