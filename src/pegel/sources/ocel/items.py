"""Gathers what the objects of a log say: items, their attributes and changes, the links between them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, BatchBuilder, name_defect
from pegel.sources.ocel.model import FIELD_NAMES, LogObject, Needs, Value
from pegel.sources.ocel.survey import Survey, type_defect
from pegel.sources.ocel.times import Times
from pegel.sources.reading import BROKEN
from pegel.sources.transitions.columns import plain

#: Qualifiers that leave no doubt who is the parent. Like "customer" or "item", a plain "parent" names what the other
#: object is.
_OTHER_IS_PARENT: Final = frozenset({"parent", "has parent", "child of", "is child of"})
_OTHER_IS_CHILD: Final = frozenset({"child", "has child", "parent of", "is parent of"})
#: Value of ``_sharers`` for an object that several items are related to.
_SEVERAL: Final = -1


class Items:
    """The objects of the chosen type.

    ``numbers``: id → number of the item, from 0. ``unusable``: ids that cannot be names. ``found``: names of the kept
    attributes that occurred.
    """

    def __init__(self, found: Survey, type_name: str, needs: Needs, times: Times) -> None:
        self._survey = found
        self._type = type_name
        self._needs = needs
        self._times = times
        place = found.types.index(type_name)
        self.numbers: dict[str, int] = {}
        self.unusable: dict[str, str] = {}
        for name, type_place in found.type_of.items():
            if type_place == place:
                defect = "broken_encoding" if BROKEN in name else name_defect(name)
                if defect:
                    self.unusable[name] = defect
                else:
                    self.numbers[name] = len(self.numbers)
        self.names = list(self.numbers)
        self.found: set[str] = set()
        self._rows = [0] * len(self.names)
        self._values: dict[int, list[Value]] = {}
        self._links: dict[int, dict[tuple[str, int], None]] = {}
        #: Other objects that items are related to: the number of the item, or _SEVERAL.
        self._sharers: dict[str, int] = {}
        #: Content of the first object of each id that occurs more than once.
        self._repeated: dict[str, int] = {}

    def add(self, builder: BatchBuilder, one: LogObject) -> None:
        """Take one object; what is not an item gets its fate at once, an item when :meth:`batches` is called."""
        row = one.number
        if one.id is None:
            builder.reject(row, "item_missing")
            return
        defect = type_defect(one.type)
        if defect:
            builder.reject(row, defect, one.type or "")
            return
        if one.id in self._survey.repeated and self._is_again(builder, one):
            return
        self._relate(builder, one)
        number = self.numbers.get(one.id)
        if number is not None:
            self._rows[number] = row
            if one.values:
                self._values[number] = list(one.values)
        elif one.id in self.unusable:
            builder.reject(row, self.unusable[one.id], one.id)
        else:
            builder.ignored["object_of_other_type"] += 1

    def shared(self) -> int:
        """Count the objects of other types that several items are related to."""
        return sum(number == _SEVERAL for number in self._sharers.values())

    def batches(self, first_us: Mapping[int, int], *, stream: str, batch_rows: int) -> Iterator[Batch]:
        """Yield the items with everything that hangs on them.

        Parameters
        ----------
        first_us: number of an item → time of its first event. Objects without events are ignored.
        """
        builder = BatchBuilder()
        taken = 0
        for number in sorted(range(len(self.names)), key=self._rows.__getitem__):
            row, name = self._rows[number], self.names[number]
            created_us = first_us.get(number)
            taken += 1
            if created_us is None:
                builder.ignored["object_without_events"] += 1
                builder.warnings["link_left_out"] += len(self._links.get(number, ()))
            else:
                values = self._ordered(builder, self._values.get(number, []))
                attributes = json.dumps(kept, ensure_ascii=False) if (kept := self._kept(values)) else None
                builder.item(row, name, stream=stream, type=self._type, created_us=created_us, attributes=attributes)
                self._add_changes(builder, row, name, values, created_us)
                self._add_links(builder, row, number, first_us)
            if taken % batch_rows == 0:
                yield builder.take()
        if taken % batch_rows:
            yield builder.take()

    def _is_again(self, builder: BatchBuilder, one: LogObject) -> bool:
        """Whether an object of the same id came before; if so, this one has got its fate."""
        content = hash((one.type, frozenset(one.values), frozenset(one.relations)))
        first = self._repeated.get(one.id or "")
        if first is None:
            self._repeated[one.id or ""] = content
            return False
        if first == content:
            builder.duplicate += 1
        else:
            # Objects of other types may be people, whose names stand nowhere.
            builder.reject(one.number, "item_repeated", (one.id or "") if one.id in self.numbers else "")
        return True

    def _relate(self, builder: BatchBuilder, one: LogObject) -> None:
        number = self.numbers.get(one.id or "")
        for other, qualifier in one.relations:
            other_number = self.numbers.get(other)
            if other not in self._survey.type_of:
                builder.warnings["unknown_object"] += 1
            elif number is not None and other_number is not None:
                if number == other_number:
                    builder.warnings["link_to_itself"] += 1
                else:
                    self._link(number, other_number, plain(qualifier[: schema.LONGEST_NAME]))
            elif number is not None:
                self._share(other, number)
            elif other_number is not None:
                self._share(one.id or "", other_number)

    def _link(self, number: int, other: int, qualifier: str) -> None:
        """Keep a link with the item that it begins at: "A parent B" says that A is the parent of B."""
        if qualifier in _OTHER_IS_PARENT:
            self._links.setdefault(other, {})["parent", number] = None
        elif qualifier in _OTHER_IS_CHILD:
            self._links.setdefault(number, {})["parent", other] = None
        else:
            self._links.setdefault(number, {})["relates", other] = None

    def _share(self, other: str, number: int) -> None:
        if self._sharers.setdefault(other, number) != number:
            self._sharers[other] = _SEVERAL

    def _ordered(self, builder: BatchBuilder, values: list[Value]) -> list[tuple[int | None, Value]]:
        """Values in order of time (None: since ever); those whose time cannot be read are left out."""
        timed: list[tuple[int | None, Value]] = []
        for value in values:
            if self._times.is_since_ever(value.at):
                timed.append((None, value))
                continue
            at_us = self._times.read(value.at or "")
            if at_us is None or not schema.EARLIEST_US <= at_us < schema.LATEST_US:
                builder.warnings["unreadable_change"] += 1
            else:
                timed.append((at_us, value))
        return sorted(timed, key=lambda pair: -1 if pair[0] is None else pair[0])

    def _kept(self, values: list[tuple[int | None, Value]]) -> dict[str, str]:
        """Last value of each attribute that is to be kept."""
        kept = {value.name: value.value[: schema.LONGEST_TEXT] for _, value in values if value.name in self._needs.kept}
        self.found.update(kept)
        return dict(sorted(kept.items()))

    def _add_changes(
        self, builder: BatchBuilder, row: int, item: str, values: list[tuple[int | None, Value]], created_us: int
    ) -> None:
        """Add the changes of fields that the house knows; a value since ever counts from the first event on."""
        current: dict[str, str] = {}
        sequences: Counter[int] = Counter()
        for at_us, value in values:
            name = FIELD_NAMES.get(plain(value.name))
            if name is None or not value.value.strip() or value.value == current.get(name):
                continue
            moment_us = created_us if at_us is None else at_us
            builder.field_change(
                row,
                item,
                at_us=moment_us,
                sequence=sequences[moment_us],
                field=name,
                from_value=current.get(name),
                to_value=value.value,
            )
            sequences[moment_us] += 1
            current[name] = value.value

    def _add_links(self, builder: BatchBuilder, row: int, number: int, first_us: Mapping[int, int]) -> None:
        for kind, other in self._links.get(number, ()):
            if other in first_us:
                builder.link(row, self.names[number], kind=kind, other=self.names[other])
            else:
                builder.warnings["link_left_out"] += 1
