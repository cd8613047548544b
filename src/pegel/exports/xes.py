"""The log as XES (IEEE 1849-2016), for process-mining tools.

An item is a trace, a change of state is an event. The document follows the XML schema of the standard: extensions,
globals and classifiers are declared before the traces, the version is a decimal number, keys are XML names, and there
is no name space, because the schema has none.

=========================== ==========================================================================================
trace                       ``concept:name`` (item), ``stream``, ``type``, ``parent``, ``created``, ``deleted``,
                            ``title`` where wanted, and the attributes that were kept on import
event                       ``concept:name``, ``lifecycle:transition``, ``time:timestamp`` (UTC; microseconds where
                            there are any), ``org:resource`` (pseudonym), ``state_lifecycle``
=========================== ==========================================================================================

Where the log came as states, an event is called like the state that begins, and its lifecycle is ``complete``. Where
it came as activities, the states "after X", "before X" and "X" that the import made of them become complete, schedule
and start of the activity X again.

A reader of activity logs takes a complete for the end of a piece of work, not for the beginning of a state. So
``state_lifecycle`` says of an event that its name is that of the state (``start``), or what it waits for
(``schedule``); read as the lifecycle, it gives every state back as it was. It never says ``complete``, so that no pairs
arise.
"""

from __future__ import annotations

import json
import re
from typing import IO, Final
from xml.sax.saxutils import quoteattr

import polars as pl

from pegel.exports.result import Written
from pegel.exports.view import Chunk, LogView

#: How a log is called whose events say what was done (``SourceInfo.log_kind``).
_OF_ACTIVITIES: Final = ("activities", "intervals")
#: What the import puts before the name of an activity: the state after it, and before it.
AFTER: Final = "after "
BEFORE: Final = "before "

_HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<global scope="trace">
<string key="concept:name" value="UNKNOWN"/>
</global>
<global scope="event">
<string key="concept:name" value="UNKNOWN"/>
<string key="lifecycle:transition" value="complete"/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
</global>
<classifier name="Activity" scope="event" keys="concept:name"/>
"""
#: What a trace says by itself; an attribute of the same name gets a number.
_OWN_KEYS: Final = ("concept:name", "stream", "type", "parent", "created", "deleted", "title")

#: Characters that XML 1.0 does not know.
_NO_CHARACTER: Final = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
_INSTEAD: Final = "\N{REPLACEMENT CHARACTER}"
#: Line ends and tabs as references, because a parser makes blanks of them in attributes.
_ESCAPES: Final = {
    "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;",
}  # fmt: skip

#: Ranges of XML 1.0 (fifth edition), NameStartChar and what NameChar adds.
_NAME_START: Final = (
    ":A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME: Final = _NAME_START + "\\-.0-9\u00b7\u0300-\u036f\u203f-\u2040"
_NOT_IN_NAMES: Final = re.compile(f"[^{_NAME}]")
_STARTS_A_NAME: Final = re.compile(f"[{_NAME_START}]")


def write_xes(view: LogView, file: IO[bytes], written: Written) -> None:
    """Write the log of a view; counts events under ``events``.

    Remarks: ``items_without_events`` (traces without events), ``characters_replaced`` (that XML does not know),
    ``keys_changed`` (names of attributes that are no XML names, or taken).
    """
    streams = sorted(view.scope.streams or view.streams())
    file.write(_HEAD.encode())
    if len(streams) == 1:
        name, replaced = _clean(streams[0])
        written.remark("characters_replaced", replaced)
        file.write(f'<string key="concept:name" value={_quoted(name)}/>\n'.encode())
    file.write(b'<string key="lifecycle:model" value="standard"/>\n')
    activities = [
        line["import_no"] for line in view.register.lines if json.loads(line["result"])["log_kind"] in _OF_ACTIVITIES
    ]
    titles = view.has_titles()
    for chunk in view.chunks():
        moves = chunk.rows.filter(pl.col("kind") == "transition")
        events = _events(moves, activities)
        heads = _traces(chunk, written, titles=titles)
        text = heads.join(events, on="item_no", how="left", maintain_order="left").select(
            pl.concat_str("head", pl.col("events").fill_null(""), pl.lit("</trace>\n"))
        )
        for trace in text.to_series():
            file.write(trace.encode())
        written.remark("items_without_events", chunk.items.height - events.height)
        written.remark("characters_replaced", _replaced(moves, ("state",)))
        written.chunk_done(chunk, events=moves.height)
    file.write(b"</log>\n")


def _events(moves: pl.DataFrame, activities: list[int]) -> pl.DataFrame:
    """Text of all events of each item: [item_no, events]."""
    state = pl.col("state")
    activity = pl.col("import_no").is_in(activities)
    after = activity & state.str.starts_with(AFTER) & (state.str.len_bytes() > len(AFTER))
    before = activity & state.str.starts_with(BEFORE) & (state.str.len_bytes() > len(BEFORE))
    name = (
        pl.when(after)
        .then(state.str.slice(len(AFTER)))
        .when(before)
        .then(state.str.slice(len(BEFORE)))
        .otherwise(state)
    )
    lifecycle = pl.when(before).then(pl.lit("schedule")).when(activity & ~after).then(pl.lit("start"))
    begins = pl.when(before).then(pl.lit("schedule")).when(~after).then(pl.lit("start"))
    event = pl.concat_str(
        pl.lit("<event>\n"),
        _attribute("concept:name", _escaped(name)),
        _attribute("lifecycle:transition", lifecycle.otherwise(pl.lit("complete"))),
        _attribute("state_lifecycle", begins),
        _attribute("org:resource", _escaped(pl.col("actor"))),
        _attribute("time:timestamp", _moment("at_us"), kind="date"),
        pl.lit("</event>\n"),
    )
    return (
        moves.select("item_no", events=event).group_by("item_no", maintain_order=True).agg(pl.col("events").str.join())
    )


def _traces(chunk: Chunk, written: Written, *, titles: bool) -> pl.DataFrame:
    """Beginning of each trace, up to its first event: [item_no, head]."""
    names = ("item", "stream", "type", "parent", *(["title"] if titles else []))
    written.remark("characters_replaced", _replaced(chunk.items, names))
    kept = [_kept(text, written) for text in chunk.items["attributes"]]
    deleted = (
        chunk.rows.filter(pl.col("kind").is_in(["deleted", "restored"]))
        .group_by("item_no", maintain_order=True)
        .agg(pl.col("kind").last(), deleted_us=pl.col("at_us").last())
        .filter(pl.col("kind") == "deleted")
    )
    head = pl.concat_str(
        pl.lit("<trace>\n"),
        *(_attribute("concept:name" if name == "item" else name, _escaped(pl.col(name))) for name in names),
        _attribute("created", _moment("created_us"), kind="date"),
        _attribute("deleted", _moment("deleted_us"), kind="date"),
        "kept",
    )
    items = chunk.items.with_columns(pl.Series("kept", kept, dtype=pl.String))
    return items.join(deleted, on="item_no", how="left", maintain_order="left").select("item_no", head=head)


def _attribute(key: str, value: pl.Expr, *, kind: str = "string") -> pl.Expr:
    """One attribute per row; nothing where the value is null."""
    return pl.format(f'<{kind} key="{key}" value="{{}}"/>\n', value).fill_null("")


def _moment(column: str) -> pl.Expr:
    """UTC; milliseconds as most programs read them, microseconds only where there are any."""
    at = pl.from_epoch(column, time_unit="us")
    exact = pl.col(column) % 1000 != 0
    return (
        pl.when(exact)
        .then(at.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00"))
        .otherwise(at.dt.strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00"))
    )


def _escaped(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(_NO_CHARACTER, _INSTEAD).str.replace_many([*_ESCAPES], [*_ESCAPES.values()])


def _replaced(frame: pl.DataFrame, names: tuple[str, ...]) -> int:
    """Count the characters that XML does not know."""
    counts = (pl.col(name).str.count_matches(_NO_CHARACTER).cast(pl.Int64).sum() for name in names)
    return int(frame.select(pl.sum_horizontal(counts)).item())


def _kept(attributes: str | None, written: Written) -> str:
    """Return the attributes that were kept on import, each under a key of its own."""
    if attributes is None:
        return ""
    taken = set(_OWN_KEYS)
    out: list[str] = []
    for name, value in json.loads(attributes).items():
        text, replaced = _clean(str(value))
        written.remark("characters_replaced", replaced)
        key = _free_key(name, taken)
        written.remark("keys_changed", int(key != name))
        taken.add(key)
        out.append(f'<string key="{key}" value={_quoted(text)}/>\n')
    return "".join(out)


def _free_key(name: str, taken: set[str]) -> str:
    """Return an XML name that is not taken, as like the given one as can be.

    >>> _free_key("case:amount", set()), _free_key("Payment Method", set()), _free_key("2nd", {"_2nd"})
    ('case:amount', 'Payment_Method', '_2nd_2')
    """
    key = _NOT_IN_NAMES.sub("_", name)
    if not _STARTS_A_NAME.match(key):
        key = f"_{key}"
    number, free = 2, key
    while free in taken:
        number, free = number + 1, f"{key}_{number}"
    return free


def _clean(text: str) -> tuple[str, int]:
    """Return a text without characters that XML does not know, and how many there were."""
    cleaned, count = _NO_CHARACTERS.subn(_INSTEAD, text)
    return cleaned, count


def _quoted(text: str) -> str:
    return quoteattr(text, {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;", '"': "&quot;"})


_NO_CHARACTERS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
