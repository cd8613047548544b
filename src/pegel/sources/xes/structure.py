"""Follows the structure of an XES document: which element is inside which, what belongs to which trace and event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from pegel.sources.xes.markup import (
    CLASSIFIER,
    ELEMENT_STARTS,
    EMPTY_EVENT,
    EMPTY_TRACE,
    EVENT_STARTS,
    TEXT_STARTS,
    TEXT_UNTIL,
    TRACE_STARTS,
    BrokenMarkup,
    Markup,
    Token,
    check_blank,
    check_text,
    is_declaration,
    text_ends,
)

#: Elements inside each other; real logs need five.
DEEPEST: Final = 200
#: Events of one trace: they are sorted together, so they are in memory together.
MOST_EVENTS: Final = 1 << 20
#: Values per event; a classifier may ask for a few more than usual, not for any number.
WIDEST: Final = 64

BEFORE_ROOT, IN_LOG, IN_TRACE, IN_EVENT, ELSEWHERE, AFTER_ROOT = range(6)
#: Inside a comment, an instruction or CDATA.
IN_TEXT: Final = 6


class Trace(NamedTuple):
    """One trace with the wanted values of its attributes and events, by slot.

    Parameters
    ----------
    number: running number of the trace in the file, from 1.
    row: row number of its first event; the others follow. An empty trace is a row of its own.
    values: values of the trace's own attributes; None where missing.
    events: the same for each event, in file order.
    """

    number: int
    row: int
    values: Sequence[Any]
    events: list[Sequence[Any]]


class Structure:
    """Where in the document the reading is, and what was gathered there.

    Parameters
    ----------
    slots: key of an attribute → slot (1, 2, …) of its value.
    classified: told the keys of each event classifier before the first trace; returns the slots from then on.

    ``events`` are those of the trace that is being read; whoever finds one by other means may append it while ``where``
    is IN_TRACE.
    """

    def __init__(self, slots: Mapping[str, int], classified: Callable[[str], Mapping[str, int]]) -> None:
        self.markup = Markup(slots)
        self.where = BEFORE_ROOT
        self.events: list[Sequence[Any]] = []
        self.rows = 0
        self.loose_events = 0
        self._slots = slots
        self._classified = classified
        self._blank: list[Any] = [None] * (max(slots.values()) + 1)
        self._nowhere: list[Any] = [None] * WIDEST  # values of elements that are not looked at
        self.log_values: list[Any] = self._blank.copy()
        self._values = self.log_values
        self._trace_values: list[Any] = self._blank
        #: Name, values and place of each open element.
        self._open: list[tuple[str, list[Any], int]] = []
        self._number = 0
        self._finished: list[Trace] = []
        self._terminator = ""
        self._outside_text = BEFORE_ROOT
        #: Index of the piece that is being read.
        self.position = 0
        self._first = True

    def take(self, text: str) -> list[Trace]:
        """Follow a text that ends where a piece ends (but for white space), and return the traces finished in it.

        Raises
        ------
        BrokenMarkup: it cannot go on like this; ``position`` is the number of the ``<`` before that place.
        """
        pieces = text.split("<")
        self.position = 0
        self._continue(pieces[0])
        remembered, learn = self.markup.known.get, self.markup.learn
        for self.position, piece in enumerate(pieces[1:], start=1):
            if self.where == IN_TEXT:
                self._continue_text(piece, 0)
                continue
            if self.where in (BEFORE_ROOT, AFTER_ROOT):
                self._outside(piece)
                continue
            token = remembered(piece) or learn(piece)
            if token[0] >= 0:
                self._values[token[0]] = token[1]
            else:
                self._follow(token, piece)
        self._first = self._first and len(pieces) == 1
        finished, self._finished = self._finished, []
        return finished

    def finish(self) -> None:
        """Check that the document is complete.

        Raises
        ------
        BrokenMarkup: it is not.
        """
        if self.where != AFTER_ROOT:
            raise BrokenMarkup("cut_short")

    def check_length(self) -> None:
        """Check that the trace does not grow without end.

        Raises
        ------
        BrokenMarkup: ``trace_too_long``.
        """
        if len(self.events) > MOST_EVENTS:
            raise BrokenMarkup("events", code="trace_too_long", limit=MOST_EVENTS)

    def _continue(self, text: str) -> None:
        """Take the text that follows the piece read last."""
        if self.where == IN_TEXT:
            self._continue_text(text, 0)
        elif self.where in (BEFORE_ROOT, AFTER_ROOT):
            check_blank(text)
            self._first = self._first and not text
        else:
            check_text(text)

    def _outside(self, piece: str) -> None:
        """Follow a piece before or after the root element."""
        if piece.startswith(("?", "!")):
            token = self.markup.learn(piece)
            if token[1] == "]]>":
                raise BrokenMarkup("outside_root")
            self._follow(token, piece)
        elif self.where == AFTER_ROOT:
            raise BrokenMarkup("outside_root")
        else:
            name, closed = self.markup.root(piece)
            if closed:
                self.where = AFTER_ROOT
            else:
                self._open.append((name, self._nowhere, AFTER_ROOT))
                self.where = IN_LOG

    def _follow(self, token: Token, piece: str) -> None:
        """Follow what is not a plain attribute."""
        operation, value = token
        where = self.where
        if operation == TEXT_UNTIL:
            if is_declaration(piece) and not (self._first and self.position == 1):
                raise BrokenMarkup("declaration")
            self._outside_text, self._terminator, self.where = where, value, IN_TEXT
            self._continue_text(piece, TEXT_STARTS[value])
        elif operation == EVENT_STARTS and where == IN_TRACE:
            self._start(value, self._blank.copy(), IN_EVENT)
        elif operation == TRACE_STARTS and where == IN_LOG:
            if not self._number:
                self.markup.want(self._slots)  # from here on only keys inside traces count as seen
            self._number += 1
            self._trace_values = self._blank.copy()
            self._start(value, self._trace_values, IN_TRACE)
        elif operation == ELEMENT_STARTS:
            name, slot, content = value
            self._values[slot] = content
            self._start(name, self._nowhere, ELSEWHERE)
        elif operation in (EVENT_STARTS, TRACE_STARTS):
            if operation == EVENT_STARTS and where == IN_LOG:
                self._count_loose()
            self._start(value, self._nowhere, ELSEWHERE)
        elif operation == EMPTY_EVENT:
            if where == IN_TRACE:
                self.events.append(self._blank)
            elif where == IN_LOG:
                self._count_loose()
        elif operation == EMPTY_TRACE:
            if where == IN_LOG:
                self._number += 1
                self._trace_values = self._blank
                self._finish_trace()
        elif operation == CLASSIFIER:
            if where == IN_LOG and not self._number:
                self._classify(value)
        else:
            self._end(value, piece)

    def _start(self, name: str, values: list[Any], where: int) -> None:
        if len(self._open) >= DEEPEST:
            raise BrokenMarkup("depth", code="xml_too_deep", limit=DEEPEST)
        self._open.append((name, self._values, self.where))
        self._values, self.where = values, where

    def _end(self, name: str, piece: str) -> None:
        started, outer, outside = self._open.pop()
        if started != name:
            raise BrokenMarkup("end_tag")
        if self.where == IN_EVENT:
            self.events.append(self._values)
        elif self.where == IN_TRACE:
            self._finish_trace()
        self._values, self.where = outer, outside
        if outside == AFTER_ROOT:
            check_blank(piece.rpartition(">")[2])

    def _finish_trace(self) -> None:
        self.check_length()
        row = self.rows + 1
        self.rows += len(self.events) or 1
        self._finished.append(Trace(self._number, row, self._trace_values, self.events))
        self.events = []

    def _count_loose(self) -> None:
        self.rows += 1
        self.loose_events += 1

    def _classify(self, attributes: Mapping[str, str]) -> None:
        if attributes.get("scope", "event") != "event":
            return
        self._slots = self._classified(attributes.get("keys", ""))
        width = max(self._slots.values()) + 1
        if width > WIDEST:
            raise BrokenMarkup("classifier", code="too_many_attributes", limit=WIDEST)
        self.markup.want(self._slots)
        self._blank = [None] * width
        self.log_values += [None] * (width - len(self.log_values))

    def _continue_text(self, text: str, start: int) -> None:
        if text_ends(text, self._terminator, start):
            self.where = self._outside_text
            if self.where in (BEFORE_ROOT, AFTER_ROOT):
                check_blank(text.rpartition(">")[2])
