"""From the rows of an inventory to use cases as they would be kept: cells cleaned, every change on the way told."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from unicodedata import category, normalize
from uuid import UUID

from pegel_web.organisation.entered import MOST_AMOUNT
from pegel_web.portfolio.contracts.case_import import RefusedCaseRow
from pegel_web.portfolio.importing.inventory_columns import KEEP, LEAVE, OWN, is_own
from pegel_web.portfolio.importing.inventory_reading import Inventory, InventoryRow
from pegel_web.portfolio.importing.inventory_words import ENUMERATIONS, enumerated, euros, says_nothing, truth, whole

LONGEST_SOURCE: Final = 40
_LONGEST_KEY: Final = 200
_LONGEST_TITLE: Final = 200
_FIRST_WORDS: Final = 80
_LONGEST_SAID: Final = 200
#: Field → the most characters it holds, and whether it may have several lines.
_TEXTS: Final[Mapping[str, tuple[int, bool]]] = {
    "pain": (4000, True), "hoped_effect": (4000, True), "ai_acts": (4000, True), "person_decides": (4000, True),
    "data_needs": (4000, True), "goal": (500, False), "place_note": (500, False), "step": (300, False),
}  # fmt: skip
_ENUMERATED: Final = tuple(name for name in ENUMERATIONS if name != "source_state")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200c\u200d\u00ad\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What rows may point to. ``units``: folded code or name → id, only where it is one; ``codes``: id → code."""

    source: str
    unit_id: UUID
    units: Mapping[str, UUID]
    codes: Mapping[UUID, str]
    streams: Mapping[str, UUID]
    champions: frozenset[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCase:
    """A use case as a row wants it: ``content`` has only fields that the file speaks of.

    ``case_id``, ``based_on``: of Pegel's own export: which use case, and which revision of it was exported.
    ``source_state``: None: the file does not speak of it; ``first_state``: where it stood in the Pegel it comes from.
    """

    number: int
    case_id: UUID | None
    based_on: int | None
    source: str
    source_key: str
    content: Mapping[str, Any]
    source_state: str | None
    first_state: str
    details: Mapping[str, str]
    cells: Mapping[str, str]


@dataclass(slots=True)
class ReadCases:
    """What became of all rows."""

    wanted: list[WantedCase] = field(default_factory=list)
    rejected: list[RefusedCaseRow] = field(default_factory=list)
    normalised: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def reject(self, row: int, cells: Mapping[str, str], reason: str, detail: str = "") -> None:
        """Refuse a row, with everything that it said."""
        self.rejected.append(RefusedCaseRow(row=row, reason=reason, detail=detail, cells=tuple(cells.items())))


def left_out(inventory: Inventory, mapping: Mapping[str, str]) -> tuple[str, ...]:
    """Return the columns that are not read; what Pegel's own export adds for people is none of them."""
    own = OWN if is_own(inventory.columns) else frozenset()
    return tuple(one for one in inventory.columns if mapping.get(one, LEAVE) == LEAVE and one not in own)


def read_cases(inventory: Inventory, mapping: Mapping[str, str], around: Surroundings) -> ReadCases:
    """Return the use cases that an inventory speaks of, the rows that cannot be taken over, and what was changed."""
    found = ReadCases()
    targets: dict[str, list[str]] = {}
    for header in inventory.columns:
        if target := mapping.get(header, LEAVE):
            targets.setdefault(target, []).append(header)
    own = is_own(inventory.columns)
    reader = _Reader(found, targets, around, own=own)
    keys: dict[tuple[str, str], Mapping[str, str]] = {}
    for row in inventory.rows:
        if row.broken:
            found.reject(row.number, row.cells, row.broken)
        elif row.cells:
            reader.take(row, keys)
    return found


class _Reader:
    def __init__(
        self, found: ReadCases, targets: Mapping[str, Sequence[str]], around: Surroundings, *, own: bool
    ) -> None:
        self.found, self.targets, self.around, self.own = found, targets, around, own

    def take(self, row: InventoryRow, keys: dict[tuple[str, str], Mapping[str, str]]) -> None:
        details: dict[str, str] = {}
        content = self._content(row, details)
        if not content["title"]:
            if not content.get("pain"):
                self.found.reject(row.number, row.cells, "title_missing")
                return
            content["title"] = _short(content["pain"].split("\n")[0].split(". ")[0], _FIRST_WORDS)
            self.found.notes["title_from_pain", "title"] += 1
        source, key = self._identity(row, content["title"])
        if (earlier := keys.get((source, key))) is not None:
            same = dict(earlier) == dict(row.cells)
            if same or not key.startswith("~"):
                self.found.reject(row.number, row.cells, "row_twice" if same else "key_twice", key)
                return
            place = 2
            while (source, f"{key}#{place}") in keys:
                place += 1
            key = f"{key}#{place}"
        keys[source, key] = row.cells
        state = self._state(row, details)
        for header in self.targets.get(KEEP, ()):
            if said := _seen(row.cells.get(header, "")):
                details[header] = said
        if self.own:
            details |= _details(self._cell(row, "source_details"))
        revision = row.cells.get("revision", "") if self.own else ""
        wanted = WantedCase(
            number=row.number, case_id=_uuid(self._cell(row, "use_case_id")) if self.own else None,
            based_on=int(revision) if revision.isascii() and revision.isdecimal() and len(revision) < 10 else None,
            source=source, source_key=key, content=content, source_state=state,
            first_state=enumerated("source_state", self._cell(row, "state"))[0], details=details, cells=row.cells,
        )  # fmt: skip
        self.found.wanted.append(wanted)

    def _cell(self, row: InventoryRow, target: str) -> str:
        headers = self.targets.get(target, ())
        return row.cells.get(headers[0], "").strip() if headers else ""

    def _identity(self, row: InventoryRow, title: str) -> tuple[str, str]:
        """Return where a row comes from and what it is called there; without a key, one of what it says it is."""
        source = _line(self._cell(row, "source"))[:LONGEST_SOURCE] or self.around.source
        key = _line(self._cell(row, "source_key"))
        if says_nothing(key):
            key = ""
        parts = [_line(row.cells.get(header, "")) for header in self.targets.get("key_part", ())]
        if self.own and not key:
            key = self._cell(row, "use_case_id")
        if not key:
            said = json.dumps([*parts, self._cell(row, "unit"), title], ensure_ascii=False)
            self.found.notes["key_derived", "source_key"] += 1
            return source, "~" + hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:24]
        whole_key = "/".join([*(one for one in parts if one), key])
        if len(whole_key) > _LONGEST_KEY:
            whole_key = "~" + hashlib.sha256(whole_key.encode("utf-8", "replace")).hexdigest()
        return source, whole_key

    def _content(self, row: InventoryRow, details: dict[str, str]) -> dict[str, Any]:
        content: dict[str, Any] = {"title": self._text(row, "title", _LONGEST_TITLE, lines=False)}
        for name, (most, lines) in _TEXTS.items():
            if name in self.targets:
                content[name] = self._text(row, name, most, lines=lines)
        for name in _ENUMERATED:
            if name in self.targets:
                content[name] = self._word(row, name, details)
        if "horizon" in self.targets:
            content["horizon"] = self._number(row, "horizon", details, whole)
        if "amount" in self.targets:
            content["amount"] = self._number(row, "amount", details, euros)
        if "shadow" in self.targets:
            content["shadow"] = truth(self._cell(row, "shadow"))
        if "champion" in self.targets:
            content["champion_id"] = self._champion(row)
        content["unit_id"] = self._unit(row, details)
        if "stream" in self.targets:
            content["stream_id"] = self._stream(row, details)
        if content.get("step") and content.get("stream_id") is None:
            details["step"] = content["step"]
            content["step"] = ""
            self.found.notes["step_without_stream", "step"] += 1
        return content

    def _text(self, row: InventoryRow, name: str, most: int, *, lines: bool) -> str:
        raw = self._cell(row, name)
        text = _seen(raw) if lines else _line(raw)
        if _unseen(raw):
            self.found.notes["unprintable", name] += 1
        if len(text) > most:
            self.found.notes["cut", name] += 1
            text = _short(text, most)
        return text

    def _word(self, row: InventoryRow, name: str, details: dict[str, str]) -> str:
        said = self._cell(row, name)
        if not said:
            return ""
        became, understood = enumerated(name, said)
        self._tell(name, said, became)
        if not understood or not became:
            details[self.targets[name][0]] = _seen(said)
        return became

    def _state(self, row: InventoryRow, details: dict[str, str]) -> str | None:
        """Return where the source says it stands; None: the file does not speak of it."""
        if "source_state" not in self.targets:
            return None
        said = self._cell(row, "source_state")
        if not said:
            return ""
        became, _ = enumerated("source_state", said)
        self._tell("source_state", said, became)
        if became != said:
            details[self.targets["source_state"][0]] = _seen(said)
        return became

    def _number(self, row: InventoryRow, name: str, details: dict[str, str], read: Any) -> Any:
        said = self._cell(row, name)
        if not said:
            return None
        found = read(said)
        if found is None or (name == "amount" and found > MOST_AMOUNT):
            self._tell(name, said, "")
            details[self.targets[name][0]] = _seen(said)
            return None
        return found

    def _champion(self, row: InventoryRow) -> UUID | None:
        said = self._cell(row, "champion")
        found = _uuid(said)
        if found not in self.around.champions:
            if said:
                # Names of people are not looked up, and not kept beside the use case either.
                self.found.notes["champion_unknown", "champion"] += 1
            return None
        return found

    def _unit(self, row: InventoryRow, details: dict[str, str]) -> UUID:
        said = _line(self._cell(row, "unit"))
        found = self.around.units.get(said.casefold())
        if found is None and said:
            self._tell("unit", said, self.around.codes.get(self.around.unit_id, ""))
            details[self.targets["unit"][0]] = said
        return found or self.around.unit_id

    def _stream(self, row: InventoryRow, details: dict[str, str]) -> UUID | None:
        said = _line(self._cell(row, "stream"))
        found = self.around.streams.get(said.casefold())
        if found is None and said:
            self._tell("stream", said, "")
            details[self.targets["stream"][0]] = said
        return found

    def _tell(self, name: str, said: str, became: str) -> None:
        if said != became:
            self.found.normalised[name, _line(said)[:_LONGEST_SAID], became] += 1


def _seen(text: str) -> str:
    """Return a text of several lines without signs that cannot be seen, at its ends without space."""
    plain = normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    plain = plain.replace("\u2028", "\n").replace("\u2029", "\n")
    if not plain.isprintable():
        plain = "".join(sign for sign in plain if sign in _JOINERS or category(sign) not in _UNSEEN)
    return "\n".join(line.strip() for line in plain.split("\n")).strip()


def _unseen(text: str) -> bool:
    return not text.isprintable() and any(
        category(sign) in _UNSEEN and sign not in _JOINERS and sign not in "\r\t\u2028\u2029" for sign in text
    )


def _line(text: str) -> str:
    return " ".join(_seen(text).split())


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _details(text: str) -> dict[str, str]:
    try:
        said = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return {str(name)[:200]: str(value) for name, value in said.items()} if isinstance(said, dict) else {}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
