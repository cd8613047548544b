"""The workflow mappings of a lake: confirmed ones in files a person wrote, suggested ones for every other stream."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import polars as pl

from pegel.errors import NotFoundError
from pegel.eventlog.batch import Category, LogKind
from pegel.eventlog.schema import DELETED_STATE
from pegel.eventlog.suggestion import Suggestion, suggest_workflow
from pegel.eventlog.workflow import Workflow, dump_workflow, load_workflow, plain_workflow, workflow_of
from pegel.lake.observing import observe
from pegel.lake.prepared import Prepared
from pegel.lake.store import Lake
from pegel.lake.writing import exclusive, replace_text


def workflows(lake: Lake) -> dict[str, Workflow]:
    """Return the mapping in force for every stream: the newest confirmed one, else the suggestion."""
    folder = lake.root / "workflows"
    newest: dict[str, Path] = {}
    for path in sorted(folder.glob("*.v*.yaml")):
        newest[path.name.rsplit(".v", 1)[0]] = path
    confirmed = {stream: newest[name] for stream in lake.streams() if (name := _file_name(stream)) in newest}
    suggested = {
        stream: workflow_of(entry["workflow"])
        for stream, entry in _suggestions(lake.root).items()
        if stream not in confirmed
    }
    return suggested | _parsed(folder, confirmed)


def workflow_versions(lake: Lake, stream: str) -> tuple[Workflow, ...]:
    """Return every confirmed mapping of a stream, the oldest first; none where nobody has confirmed one."""
    return tuple(load_workflow(path.read_text(encoding="utf-8")) for path in _versions(lake.root, stream))


def is_confirmed(lake: Lake, stream: str) -> bool:
    """Tell whether somebody has confirmed a mapping of a stream; nothing of the log is read for it."""
    return bool(_versions(lake.root, stream))


def set_workflow(lake: Lake, stream: str, workflow: Workflow) -> Workflow:
    """Confirm a mapping for a stream; every version is kept, and the same content again changes nothing.

    Raises
    ------
    NotFoundError: ``unknown_stream``.
    """
    if stream not in lake.streams():
        raise NotFoundError("unknown_stream", name=stream, known=lake.streams())
    with exclusive(lake.root):
        files = _versions(lake.root, stream)
        before = load_workflow(files[-1].read_text(encoding="utf-8")) if files else None
        version = before.version if before else 0
        confirmed = replace(workflow.confirmed(), version=max(1, version))
        if confirmed == before:
            return before
        confirmed = replace(confirmed, version=version + 1)
        folder = lake.root / "workflows"
        folder.mkdir(exist_ok=True)
        replace_text(folder / f"{_file_name(stream)}.v{confirmed.version:04d}.yaml", dump_workflow(confirmed))
    return confirmed


def suggestion(lake: Lake, stream: str) -> Suggestion:
    """Suggest a mapping for a stream from what the lake holds now.

    Raises
    ------
    NotFoundError: ``unknown_stream``.
    """
    if stream not in lake.streams():
        raise NotFoundError("unknown_stream", name=stream, known=lake.streams())
    return _suggest(lake, lake.prepared(), [stream])[stream]


def refresh_suggestions(lake: Lake) -> None:
    """Suggest a mapping for the streams that have none, or whose log has changed enough to think again.

    A stream is looked at again when a state or type is new, or the lake has doubled since; so a small import into a
    large lake costs nothing here.
    """
    state = lake.prepared()
    known = _suggestions(lake.root)
    due: list[str] = []
    marks: dict[str, dict[str, Any]] = {}
    for stream, group in state.places.group_by("stream"):
        name = str(stream[0])
        marks[name] = {"places": group.height, "rows": state.rows}
        entry = known.get(name)
        if entry is None or entry["places"] != group.height or state.rows >= 2 * entry["rows"]:
            due.append(name)
    if not due:
        return
    fresh = {
        stream: {**marks[stream], "workflow": plain_workflow(one.workflow)}
        for stream, one in _suggest(lake, state, sorted(due)).items()
    }
    with exclusive(lake.root):
        (lake.root / "workflows").mkdir(exist_ok=True)
        merged = {name: entry for name, entry in {**known, **fresh}.items() if name in marks}
        replace_text(lake.root / "workflows" / "suggested.json", json.dumps(merged, ensure_ascii=False))


def _parsed(folder: Path, files: dict[str, Path]) -> dict[str, Workflow]:
    """Read confirmed mappings; what their YAML says is kept as JSON, since YAML takes seconds for hundreds of streams.

    The key is the text's digest, so a file that somebody edits is read anew. Streams with the same text share one
    object.
    """
    kept = folder / "parsed.json"
    known = _json(kept)
    plain: dict[str, Any] = {}
    made: dict[str, Workflow] = {}
    found: dict[str, Workflow] = {}
    for stream, path in files.items():
        text = path.read_text(encoding="utf-8")
        digest = sha256(text.encode()).hexdigest()
        if digest not in made:
            made[digest] = workflow_of(known[digest]) if digest in known else load_workflow(text)
            plain[digest] = known.get(digest) or plain_workflow(made[digest])
        found[stream] = made[digest]
    if plain.keys() != known.keys():
        with suppress(OSError):  # a reader who may not write only loses time
            replace_text(kept, json.dumps(plain, ensure_ascii=False))
    return found


def _suggest(lake: Lake, state: Prepared, streams: list[str]) -> dict[str, Suggestion]:
    hints, kinds = lake.state_hints(), lake.log_kinds()
    observed = observe(state, streams)
    out: dict[str, Suggestion] = {}
    for stream in streams:
        seen = [one for one in observed.get(stream, []) if one.state != DELETED_STATE]
        types = state.places.filter(pl.col("stream") == stream)["type"].drop_nulls().unique().sort().to_list()
        out[stream] = suggest_workflow(
            seen,
            name=stream,
            hints=cast("dict[str, Category]", hints.get(stream, {})),
            log_kind=cast("LogKind", kinds.get(stream, "states")),
            types=types,
        )
    return out


def _suggestions(root: Path) -> dict[str, dict[str, Any]]:
    return _json(root / "workflows" / "suggested.json")


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _versions(root: Path, stream: str) -> list[Path]:
    prefix = f"{_file_name(stream)}.v"
    folder = root / "workflows"
    return sorted(path for path in folder.glob("*.yaml") if path.name.startswith(prefix)) if folder.exists() else []


def _file_name(stream: str) -> str:
    """Return a readable, safe and unique file name for a stream."""
    readable = quote(stream, safe=" -_()&+").replace(" ", "_")[:80]
    return f"{readable}-{sha256(stream.encode()).hexdigest()[:8]}"
