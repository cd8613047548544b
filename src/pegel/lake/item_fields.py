"""What the fields of items hold today: attributes that were kept, and fields whose changes are recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

import polars as pl

from pegel.eventlog.schema import PERSONAL_FIELDS
from pegel.lake import tables
from pegel.lake.store import Lake

#: Fields that name people: no figure is about a person, so nothing is chosen by them.
PERSONAL: Final = PERSONAL_FIELDS | {
    "actor", "assigned_to", "assignees", "author", "caller", "committer", "creator", "opened_by", "requester",
    "resolved_by", "user",
}  # fmt: skip
#: Fields that say what the log itself says otherwise, or that number items.
_OTHERWISE: Final = {
    "comment_count", "deleted", "flag", "jira_id", "parent", "rank", "state", "status", "stream", "title", "type",
}  # fmt: skip
#: A name in a JSON object; a text among its values is never followed by a colon.
_NAMES: Final = r'"((?:[^"\\]|\\.)*)"\s*:'


def field_names(lake: Lake, items: pl.LazyFrame) -> list[str]:
    """Return the fields that something is known of for some items, sorted; none that name people.

    ``items``: rows of ``Lake.items``.
    """
    kept = items.select(pl.col("attributes").drop_nulls().unique())
    names = kept.select(pl.col("attributes").str.extract_all(_NAMES)).explode("attributes").unique().collect()
    found = {json.loads(one.rstrip().removesuffix(":").rstrip()) for one in names["attributes"].drop_nulls()}
    changed = _changes(lake).join(items.select("item_no"), on="item_no", how="semi").select(pl.col("field").unique())
    found |= set(changed.collect()["field"])
    left_out = PERSONAL | _OTHERWISE
    # A name with signs of its own cannot be asked for by a path.
    return sorted(
        one for one in found if one.strip().casefold() not in left_out and re.fullmatch(r"[^\\'\"\[\]]+", one)
    )


def item_values(lake: Lake, items: pl.LazyFrame, fields: Sequence[str]) -> pl.DataFrame:
    """Return [item_no, *fields]: what each item's fields hold today, "" where nothing is known.

    An attribute counts before a change that is recorded under the same name: it is the tool's own word of today.
    """
    changes = _changes(lake).filter(pl.col("field").is_in(list(fields)))
    last = (
        changes.sort("at_us", "import_no", "sequence", maintain_order=True)
        .group_by("item_no", "field")
        .agg(pl.col("to_value").last())
        .collect()
    )
    found = items.select("item_no", "attributes").collect()
    for field in fields:
        changed = last.filter(pl.col("field") == field).select("item_no", changed="to_value")
        said = pl.col("attributes").str.json_path_match(f"$['{field}']")
        value = pl.coalesce(said, "changed").fill_null("").str.strip_chars()
        found = found.join(changed, on="item_no", how="left").with_columns(value.alias(f"={field}")).drop("changed")
    return found.select("item_no", *(pl.col(f"={field}").alias(field) for field in fields))


def _changes(lake: Lake) -> pl.LazyFrame:
    return tables.scan(lake.root, "field_changes", lake.register().visible_parts())
