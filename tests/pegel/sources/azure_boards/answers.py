"""Answers of Azure DevOps for tests, built after the examples of Microsoft's documentation.

There is no real data of Azure Boards here. The shapes are those of the "Azure DevOps Services REST API Reference"
(updates of work item 299, revisions of the reporting API, Fabrikam's people); times are seconds after 1970 began.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from pegel.eventlog.batch import Batch

URL = "https://dev.azure.com/fabrikam/_apis/wit/workItems"
JAMAL = {
    "displayName": "Jamal Hartnett",
    "id": "d291b0c4-a05c-4ea6-8df1-4b41d5f39eff",
    "uniqueName": "fabrikamfiber4@hotmail.com",
    "descriptor": "aad.YTkzODFkODYt",
}
JOHNNIE = "Johnnie McLeod <fabrikamfiber2@hotmail.com>"


def at(second: int) -> str:
    """A time as the service writes it."""
    return f"1970-01-01T00:{second // 60:02d}:{second % 60:02d}Z"


def relation(rel: str, target: int) -> dict[str, Any]:
    return {"rel": f"System.LinkTypes.{rel}", "url": f"{URL}/{target}", "attributes": {"isLocked": False}}


def update(item: int, rev: int, second: int, /, *, replaced: int | None = None, **more: Any) -> dict[str, Any]:
    """An update: ``fields`` maps reference names to (old, new); ``replaced``: second of the next revision."""
    fields = {
        name: {side: value for side, value in zip(("oldValue", "newValue"), pair, strict=True) if value is not None}
        for name, pair in more.pop("fields", {}).items()
    }
    fields["System.Rev"] = {"oldValue": rev - 1, "newValue": rev} if rev > 1 else {"newValue": rev}
    fields["System.ChangedDate"] = {"newValue": at(second)}
    return {
        "id": rev,
        "workItemId": item,
        "rev": rev,
        "revisedBy": JAMAL,
        "revisedDate": "9999-01-01T00:00:00Z" if replaced is None else at(replaced),
        "fields": fields,
        **more,
        "url": f"{URL}/{item}/updates/{rev}",
    }


def created(second: int, state: str = "New", kind: str = "User Story") -> dict[str, tuple[Any, Any]]:
    """Fields of the update that creates an item."""
    return {
        "System.Id": (None, 299),
        "System.TeamProject": (None, "Fabrikam"),
        "System.AreaPath": (None, "Fabrikam\\Website"),
        "System.WorkItemType": (None, kind),
        "System.State": (None, state),
        "System.CreatedDate": (None, at(second)),
        "System.Title": (None, "JavaScript implementation"),
        "System.Description": (None, "Follow the code samples"),
        "System.CommentCount": (None, 0),
    }


def snapshot(item: int, rev: int, second: int, state: str, **fields: Any) -> dict[str, Any]:
    """A work item, or one revision of it."""
    more = {name.replace("__", "."): value for name, value in fields.items() if name != "relations"}
    found: dict[str, Any] = {
        "id": item,
        "rev": rev,
        "fields": {
            "System.Id": item,
            "System.TeamProject": "Fabrikam",
            "System.AreaPath": "Fabrikam",
            "System.Rev": rev,
            "System.WorkItemType": "Bug",
            "System.State": state,
            "System.CreatedDate": at(1),
            "System.ChangedDate": at(second),
            "System.ChangedBy": JOHNNIE,
            "System.Title": "a secret",
            **more,
        },
    }
    return found | ({"relations": fields["relations"]} if "relations" in fields else {})


def page(*records: Any) -> dict[str, Any]:
    return {"count": len(records), "value": list(records)}


def table(batches: list[Batch], name: str) -> pl.DataFrame:
    return pl.concat([getattr(batch, name) for batch in batches])


def steps(batches: list[Batch], item: int) -> list[tuple[float, str | None, str]]:
    """(second, from, to) of an item's transitions, in the order of the log."""
    frame = table(batches, "transitions").filter(pl.col("item") == str(item)).sort("at_us", "sequence")
    return [(at_us / 1e6, before, now) for at_us, before, now in frame.select("at_us", "from_state", "to_state").rows()]
