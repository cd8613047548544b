"""Prepared intervals: sorted, integer-coded, on disk, brought up to date for touched items only.

``prepared/manifest.json`` names immutable segment files. A segment that was written later replaces the items it
contains in all earlier ones (they are listed in its ``touched`` file); when too much is replaced, everything is
written anew. A reader opens the manifest once and sees one consistent state, whatever a writer does meanwhile.

Intervals are sorted by (split, home, item, entered): rows of one stream lie together, so a reader of one stream skips
the row groups of the others, and an item's rows are adjacent.
"""

from __future__ import annotations

import json
import shutil
from collections import deque
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import polars as pl

from pegel.lake import intervals, tables
from pegel.lake.flaws import FLAWS, flaws
from pegel.lake.importing import latest_items
from pegel.lake.lookups import in_order
from pegel.lake.register import Register, parts_of
from pegel.lake.writing import replace_text

_FORMAT: Final = 4
#: Transitions per segment when everything is written anew, and segments prepared at once: bounds memory (some 100 bytes
#: per transition while sorting).
_SEGMENT_TRANSITIONS: Final = 4_000_000
_AT_ONCE: Final = 4
_WORTH_A_THREAD: Final = 250_000
_ROW_GROUP: Final = 131_072
#: Write everything anew when more than this share of the items is replaced, or by more segments than this.
_REPLACED_SHARE: Final = 0.05
_MOST_REPLACING: Final = 16

#: Columns of a segment: item and place (a code for stream × type × state), times, the sort keys, and who brought the
#: item there (see ``intervals.actor_code``).
SEGMENT: Final[dict[str, pl.DataType]] = {
    "item": pl.Int32(),
    "place": pl.Int32(),
    "entered_us": pl.Int64(),
    "left_us": pl.Int64(),
    "home": pl.Int32(),
    "split": pl.Boolean(),
    "actor": pl.Int64(),
}
PLACES: Final[dict[str, pl.DataType]] = {
    "place": pl.Int32(),
    "stream_no": pl.Int32(),
    "stream": pl.String(),
    "type": pl.String(),
    "state": pl.String(),
}
SPANS: Final[dict[str, pl.DataType]] = {"stream": pl.String(), "first_us": pl.Int64(), "last_us": pl.Int64()}


@dataclass(frozen=True, slots=True)
class Segment:
    """One immutable file of intervals; ``touched``: file of the items it replaces in earlier segments, or None.

    ``flaws``: file of what is wrong with the transitions of its items; see ``pegel.lake.flaws``.
    """

    file: str
    rows: int
    items: int
    touched: str | None
    flaws: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A consistent state of the prepared intervals.

    ``spans``: [stream, first_us, last_us], first and last event of the items that are in a stream today; events after
    the import that brought them do not count. ``latest_us``: last such event of all.
    """

    root: Path
    imports: tuple[int, ...]
    segments: tuple[Segment, ...]
    places: pl.DataFrame
    spans: pl.DataFrame
    latest_us: int | None

    def span_us(self, streams: Collection[str] | None = None) -> tuple[int, int] | None:
        """Return the first and the last moment of some streams (None: of all); None when they have no items."""
        spans = self.spans if streams is None else self.spans.filter(pl.col("stream").is_in(list(streams)))
        if not spans.height:
            return None
        first, last = spans.select(pl.col("first_us").min(), pl.col("last_us").max()).row(0)
        return first, last

    def scan(self) -> pl.LazyFrame:
        """Return all current intervals, lazily (columns of ``SEGMENT``)."""
        frames = self.scan_segments()
        if not frames:
            return pl.LazyFrame(schema=SEGMENT)
        return frames[0] if len(frames) == 1 else pl.concat(frames)

    def scan_segments(self) -> list[pl.LazyFrame]:
        """Return the current intervals of each segment; all intervals of an item are in one of them."""
        return self._current([segment.file for segment in self.segments])

    def flaws(self) -> pl.DataFrame:
        """Return what is wrong with the transitions of items, as far as anything is (columns of ``flaws.FLAWS``)."""
        frames = self._current([segment.flaws for segment in self.segments])
        found = pl.concat(frames).collect() if frames else pl.DataFrame(schema=FLAWS)
        return found.sort("item")

    def _current(self, files: Sequence[str]) -> list[pl.LazyFrame]:
        """Return one file of each segment without the items that a later segment replaces."""
        frames: list[pl.LazyFrame] = []
        replaced: list[pl.Series] = []
        for segment, file in zip(reversed(self.segments), reversed(files), strict=True):
            frame = pl.scan_parquet(self.root / "prepared" / file)
            if replaced:
                frame = frame.filter(~pl.col("item").is_in(pl.concat(replaced).unique().implode()))
            frames.append(frame)
            if segment.touched is not None:
                replaced.append(pl.read_parquet(self.root / "prepared" / segment.touched)["item"])
        frames.reverse()
        return frames

    @property
    def rows(self) -> int:
        """Intervals in all segments, replaced ones included."""
        return sum(segment.rows for segment in self.segments)


def read(root: Path) -> Prepared:
    """Read the state that the manifest names; an empty one if nothing was prepared yet."""
    manifest = _manifest(root)
    if manifest is None:
        return Prepared(root, (), (), pl.DataFrame(schema=PLACES), pl.DataFrame(schema=SPANS), None)
    return Prepared(
        root,
        tuple(manifest["imports"]),
        tuple(Segment(**segment) for segment in manifest["segments"]),
        pl.read_parquet(root / "prepared" / manifest["places"]),
        pl.read_parquet(root / "prepared" / manifest["spans"]),
        manifest["latest_us"],
    )


def is_current(root: Path, register: Register) -> bool:
    """Tell whether the prepared intervals contain exactly the committed imports."""
    return read(root).imports == tuple(line["import_no"] for line in register.committed)


def bring_up_to_date(root: Path, *, anew: bool = False, segment_transitions: int = _SEGMENT_TRANSITIONS) -> Prepared:
    """Prepare what has changed since the last time; the caller holds the write lock.

    ``anew`` writes everything again, for example after a new version of Pegel changed the preparation.
    """
    register = Register.read(root)
    old = read(root)
    wanted = tuple(line["import_no"] for line in register.committed)
    if old.imports == wanted and not anew:
        return old
    (root / "prepared").mkdir(exist_ok=True)
    touched = None if anew or not old.imports else _touched(root, register, set(old.imports) ^ set(wanted))
    few = touched is not None and touched.len() <= _REPLACED_SHARE * max(1, sum(s.items for s in old.segments))
    replacing = sum(segment.touched is not None for segment in old.segments)
    if touched is not None and few and replacing < _MOST_REPLACING:
        replaced = sum(s.items for s in old.segments if s.touched is not None) + touched.len()
        few = replaced <= 2 * _REPLACED_SHARE * sum(s.items for s in old.segments if s.touched is None)
    else:
        few = False
    number = _next_number(root)
    segments: tuple[Segment, ...] = ()
    if few and touched is not None:
        frame, found = _build(root, register, pl.col("item_no").is_in(touched.implode()))
        places, coded = encode(frame, old.places)
        segments = (*old.segments, _write(root, number, coded, found, touched))
    else:
        segments, places = _write_anew(root, register, root, number, segment_transitions)
    return _publish(root, register, wanted, segments, places)


def build_known_at(root: Path, *, known_at_us: int) -> Prepared:
    """Return the intervals as they would have been prepared from what the lake knew at a time, in memory-backed files.

    Written into ``prepared/known-at/<time>``; the same time gives the same files, which are reused.
    """
    register = Register.read(root)
    parts = tuple(line for line in register.committed if line["at_us"] <= known_at_us)
    view = Register(parts)
    home = (
        root
        / "prepared"
        / "known-at"
        / "-".join([f"{line['import_no']}r{line['rescued']}" for line in parts] or ["none"])
    )
    (home / "prepared").mkdir(parents=True, exist_ok=True)
    ready = read(home)
    if _manifest(home) is not None:
        return ready
    segments, places = _write_anew(root, view, home, 1, _SEGMENT_TRANSITIONS)
    return _publish(home, view, tuple(line["import_no"] for line in parts), segments, places)


def remove_unused(root: Path) -> int:
    """Delete prepared files that the manifest does not name; returns how many."""
    manifest = _manifest(root)
    if manifest is None:
        return 0
    kept = {manifest["places"], manifest["spans"], "manifest.json"}
    for segment in manifest["segments"]:
        kept |= {segment["file"], segment["touched"], segment["flaws"]}
    known_at = root / "prepared" / "known-at"
    gone = [path for path in (root / "prepared").iterdir() if path.is_file() and path.name not in kept]
    gone += [path for path in known_at.rglob("*") if path.is_file()]
    for path in gone:
        path.unlink()
    shutil.rmtree(known_at, ignore_errors=True)
    return len(gone)


def _manifest(root: Path) -> dict[str, Any] | None:
    path = root / "prepared" / "manifest.json"
    if not path.exists():
        return None
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest if manifest["format"] == _FORMAT else None


def _touched(root: Path, register: Register, import_numbers: set[int]) -> pl.Series:
    """Items of which the given imports (new ones, or undone ones) say anything."""
    parts = {part for line in register.lines if line["import_no"] in import_numbers for part in parts_of(line)}
    frames = [
        tables.scan(root, table, parts).select(pl.col("item_no").alias("item")).unique()
        for table in ("items", "transitions", "field_changes")
    ]
    return pl.concat(frames).unique().collect()["item"].sort()


def _write_anew(
    root: Path, register: Register, into: Path, number: int, segment_transitions: int
) -> tuple[tuple[Segment, ...], pl.DataFrame]:
    """Prepare all items, some segments at a time; places get their codes in the order of the segments."""
    places = pl.DataFrame(schema=PLACES)
    ranges = iter(_ranges(root, register, segment_transitions))

    def build(low: int, high: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        return _build(root, register, pl.col("item_no").is_between(low, high))

    def store(placed: pl.DataFrame, found: pl.DataFrame, number: int, streams: dict[str, int]) -> Segment:
        return _write(into, number, _coded(placed, streams), found, None)

    stored: list[Future[Segment]] = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        built = deque(pool.submit(build, *piece) for piece in islice(ranges, _AT_ONCE))
        while built:
            frame, found = built.popleft().result()
            placed, places, streams = _with_new_places(frame, places)
            stored.append(pool.submit(store, placed, found, number + len(stored), streams))
            built.extend(pool.submit(build, *piece) for piece in islice(ranges, 1))
        return tuple(one.result() for one in stored), places


def _ranges(root: Path, register: Register, segment_transitions: int) -> list[tuple[int, int]]:
    """Ranges of item numbers, each with about the given number of transitions."""
    parts = register.visible_parts()
    last = tables.scan(root, "items", parts).select(pl.col("item_no").max()).collect().item()
    if last is None:
        return []
    count = tables.scan(root, "transitions", parts).select(pl.len()).collect().item()
    pieces = max(-(-count // segment_transitions), min(_AT_ONCE, count // _WORTH_A_THREAD), 1)
    width = -(-last // pieces)
    return [(low, min(low + width - 1, last)) for low in range(1, last + 1, width)]


def _build(root: Path, register: Register, chosen: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the intervals of chosen items, and the flaws of their transitions."""
    parts = register.visible_parts()
    scanned = tables.scan(root, "items", parts).filter(chosen)
    if scanned.select(pl.col("item_no").is_duplicated().any()).collect().item():
        scanned = latest_items(scanned)
    transitions = tables.scan(root, "transitions", parts).filter(chosen)
    changes = tables.scan(root, "field_changes", parts).filter(chosen & pl.col("field").is_in(intervals.FIELDS))
    items = scanned.select("item_no", "stream", "type", "created_us").collect()
    names = ("item_no", "at_us", "sequence", "import_no", "from_state", "to_state", "actor", "seen_us")
    ordered = in_order(transitions.select(names).collect(), *intervals.ORDER)
    built = intervals.build(items, ordered, changes.drop("actor", "seen_us", "occurrence").collect())
    return built, flaws(items, ordered)


def encode(frame: pl.DataFrame, places: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Replace names by codes, adding places that were not seen before; sorts for reading."""
    placed, places, streams = _with_new_places(frame, places)
    return places, _coded(placed, streams)


def _coded(placed: pl.DataFrame, streams: dict[str, int]) -> pl.DataFrame:
    homes = pl.DataFrame({"home": pl.Series([*streams], dtype=pl.Categorical), "home_no": [*streams.values()]})
    return (
        placed.join(homes, on="home", how="left", maintain_order="left")
        .with_columns(home=pl.col("home_no"))
        .select(pl.col(name).cast(kind) for name, kind in SEGMENT.items())
        # The rows come sorted by item, so a stable sort by one small number is enough.
        .sort(pl.col("home") + pl.col("split").cast(pl.Int32) * len(streams), maintain_order=True)
    )


_NAMES: Final = ("stream", "type", "state")


def _with_new_places(frame: pl.DataFrame, places: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    """Return the frame with the place of each row, the places with new ones added, and the numbers of the streams."""
    keyed = frame.with_columns(key=_key(frame))
    keys = keyed.select("key", *_NAMES).unique("key")
    seen = keys.with_columns(pl.col(_NAMES).cast(pl.String)).sort(_NAMES, nulls_last=False)
    new = seen.join(places, on=_NAMES, how="anti", nulls_equal=True)
    streams = dict(places.select("stream", "stream_no").unique().iter_rows())
    for name in [*new["stream"].unique().sort(), *frame["home"].unique().cast(pl.String).sort()]:
        streams.setdefault(name, len(streams))
    first = 0 if places.height == 0 else int(places["place"].max()) + 1  # type: ignore[arg-type]  # not empty
    numbered = new.with_columns(
        place=pl.int_range(first, first + new.height, dtype=pl.Int32, eager=True),
        stream_no=pl.col("stream").replace_strict(streams, return_dtype=pl.Int32)
        if streams
        else pl.lit(None, pl.Int32),
    )
    places = pl.concat([places, numbered.select(*PLACES)])
    codes = seen.join(places, on=_NAMES, how="left", nulls_equal=True).select("key", "place")
    return keyed.join(codes, on="key", how="left", maintain_order="left").drop("key"), places, streams


def _key(frame: pl.DataFrame) -> pl.Expr:
    """One number for the three names of a row: hashing one number is much cheaper than hashing three columns."""
    key, size = pl.lit(0, dtype=pl.Int64), 1
    for name in _NAMES:
        last: Any = frame[name].to_physical().max()
        width = 2 if last is None else int(last) + 2
        key = key * width + pl.col(name).to_physical().cast(pl.Int64).fill_null(width - 1)
        size *= width
    return key if size < 1 << 63 else pl.struct(_NAMES).rank("dense").cast(pl.Int64)


def _write(root: Path, number: int, coded: pl.DataFrame, found: pl.DataFrame, touched: pl.Series | None) -> Segment:
    name = f"intervals-{number:06d}.parquet"
    folder = root / "prepared"
    coded.write_parquet(folder / name, row_group_size=_ROW_GROUP, compression="zstd", compression_level=1)
    listed = None
    if touched is not None:
        listed = f"touched-{number:06d}.parquet"
        touched.cast(pl.Int32).to_frame("item").write_parquet(folder / listed)
    wrong = f"flaws-{number:06d}.parquet"
    found.write_parquet(folder / wrong)
    begins = coded["item"] != coded["item"].shift(1)
    return Segment(name, coded.height, int(begins.sum()) + min(1, coded.height), listed, wrong)


def _publish(
    root: Path, register: Register, wanted: tuple[int, ...], segments: tuple[Segment, ...], places: pl.DataFrame
) -> Prepared:
    number = _next_number(root)
    name = f"places-{number:06d}.parquet"
    places.write_parquet(root / "prepared" / name)
    latest = [line["latest_us"] for line in register.committed if line["latest_us"] is not None]
    latest_us: int | None = max(latest, default=None)
    spans = f"spans-{number:06d}.parquet"
    manifest = {
        "format": _FORMAT,
        "imports": list(wanted),
        "segments": [asdict(one) for one in segments],
        "places": name,
        "spans": spans,
        "latest_us": latest_us,
    }
    state = Prepared(root, wanted, segments, places, pl.DataFrame(schema=SPANS), latest_us)
    _spans(state).write_parquet(root / "prepared" / spans)
    replace_text(root / "prepared" / "manifest.json", json.dumps(manifest))
    return read(root)


def _spans(state: Prepared) -> pl.DataFrame:
    """First and last event per stream, read off all current intervals."""
    latest = state.latest_us if state.latest_us is not None else 0
    entered = pl.col("entered_us")
    seen = (
        state.scan()
        .group_by("home")
        .agg(first_us=entered.min(), last_us=pl.when(entered <= latest).then(entered).max())
        .collect(engine="streaming")
    )
    names = state.places.select(home="stream_no", stream="stream").unique()
    return (
        seen.join(names, on="home", how="left")
        .with_columns(pl.col("last_us").fill_null(pl.col("first_us")))
        .select(*SPANS)
        .sort("stream")
    )


def _next_number(root: Path) -> int:
    numbers = [int(path.stem.rsplit("-", 1)[-1]) for path in (root / "prepared").glob("*-*.parquet")]
    return max(numbers, default=0) + 1
