"""Tables that were computed from the prepared intervals and are kept beside them, with what they were computed from."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pegel.lake.prepared import Prepared
from pegel.lake.writing import exclusive, replace_text


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept table and the state of the intervals that it was computed from."""

    table: pl.DataFrame
    segments: tuple[str, ...]

    def is_of(self, state: Prepared) -> bool:
        """Tell whether the table was computed from exactly this state."""
        return self.segments == tuple(segment.file for segment in state.segments)

    def before(self, state: Prepared) -> tuple[Prepared, pl.Series] | None:
        """Return the state the table was computed from and the items touched since; None: too much has changed.

        That is the case when the intervals have been written anew since.
        """
        files = tuple(segment.file for segment in state.segments)
        since = state.segments[len(self.segments) :]
        if not self.segments or files[: len(self.segments)] != self.segments or any(not one.touched for one in since):
            return None
        touched = [pl.read_parquet(state.root / "prepared" / str(one.touched))["item"] for one in since]
        return replace(state, segments=state.segments[: len(self.segments)]), pl.concat(touched).unique()


def read_kept(root: Path, name: str) -> Kept | None:
    """Return a kept table by name; None: there is none."""
    meta = root / "aggregates" / f"{name}.json"
    if not meta.exists():
        return None
    said = json.loads(meta.read_text(encoding="utf-8"))
    file = root / "aggregates" / said["file"]
    return Kept(pl.read_parquet(file), tuple(said["segments"])) if file.exists() else None


def keep(root: Path, name: str, table: pl.DataFrame, state: Prepared) -> None:
    """Keep a table that was computed from a state; the older one of that name goes."""
    with exclusive(root):
        folder = root / "aggregates"
        folder.mkdir(exist_ok=True)
        file = f"{name}-{state.segments[-1].file.removesuffix('.parquet') if state.segments else 'empty'}.parquet"
        table.write_parquet(folder / file)
        replace_text(
            folder / f"{name}.json",
            json.dumps({"file": file, "segments": [segment.file for segment in state.segments]}),
        )
        for path in folder.glob(f"{name}-*.parquet"):
            if path.name != file:
                path.unlink()
