"""Reads the markup of an XES file, one piece at a time: a piece is what stands between one ``<`` and the next.

In well-formed XML a ``<`` begins markup and nothing else (comments and CDATA apart), so a document falls into pieces
such as ``string key="org:resource" value="Ann"/>⏎`` at the speed of ``str.split``. Each is checked against the grammar
of XML 1.0; most repeat literally and are remembered. There is no way to declare an entity or to reach anything outside
the file: any declaration ends the reading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final, NamedTuple

#: What a piece does; everything from 0 up is a complete attribute and says in which slot its value belongs.
UNWANTED: Final = 0
EVENT_STARTS: Final = -1
EVENT_ENDS: Final = -2
TRACE_STARTS: Final = -3
TRACE_ENDS: Final = -4
ELEMENT_STARTS: Final = -5
ELEMENT_ENDS: Final = -6
CLASSIFIER: Final = -7
#: A comment, a processing instruction or CDATA: what follows is text up to the terminator that is the token's value.
TEXT_UNTIL: Final = -8
#: Where the content of each such text begins in its first piece, by terminator.
TEXT_STARTS: Final[Mapping[str, int]] = {"-->": 3, "]]>": 8, "?>": 1}
#: An event or a trace without content.
EMPTY_EVENT: Final = -9
EMPTY_TRACE: Final = -10

#: (operation, value). Of a starting element the value is (name, slot, value of its ``value`` attribute).
Token = tuple[int, Any]

#: How many different pieces are remembered before all are forgotten, and how long a piece may be to be remembered.
_REMEMBERED: Final = 1 << 16
_LONGEST_REMEMBERED: Final = 300

_MOST_KEYS: Final = 1000
_UNWANTED: Final[Token] = (UNWANTED, None)

_WHITE: Final = " \t\r\n"
_NAME: Final = r"[A-Za-z_:\u00c0-\U0010fffd][-.\w:\u00b7]*+"
_ATTRIBUTE: Final = re.compile(rf"""[{_WHITE}]++({_NAME})[{_WHITE}]*+=[{_WHITE}]*+(?:"([^"]*+)"|'([^']*+)')""")
_START: Final = re.compile(
    rf"""({_NAME})((?:[{_WHITE}]++{_NAME}[{_WHITE}]*+=[{_WHITE}]*+(?:"[^"]*+"|'[^']*+'))*+)[{_WHITE}]*+(/?+)>"""
)
_KEY: Final = r"""[^"<&\x00-\x1f\ud800-\udfff\ufffe\uffff]*+"""
#: An attribute as nearly all programs write it.
_PLAIN: Final = re.compile(
    rf"""({_NAME})[{_WHITE}]++key="({_KEY})"[{_WHITE}]++value="([^"&]*+)"[{_WHITE}]*+/>[{_WHITE}]*+"""
)
_END: Final = re.compile(rf"/({_NAME})[{_WHITE}]*+>")
_INSTRUCTION: Final = re.compile(rf"""\?{_NAME}(?:[{_WHITE}]|\?>)""")
_NO_CHARACTER: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE: Final = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7}+)|#x([0-9A-Fa-f]{1,6}+));|&")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_DECLARATIONS: Final = ("!DOCTYPE", "!ENTITY", "!ELEMENT", "!ATTLIST", "!NOTATION")
_LINE_ENDS: Final = str.maketrans("\t\r\n", "   ")


class BrokenMarkup(Exception):  # noqa: N818  not an error of Pegel: the reader adds the line and raises InputError
    """A piece that no well-formed document contains, or that goes beyond a limit."""

    def __init__(self, detail: str, *, code: str = "xml_broken", **values: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.values = values


class Shape(NamedTuple):
    """How events that differ only in the values of their attributes are built.

    ``key`` is everything but the values; ``pick`` takes the values (and None after them) and gives those wanted.
    """

    key: tuple[str, ...]
    pick: itemgetter[Any]


class Markup:
    """Turns pieces into tokens and remembers them.

    Parameters
    ----------
    slots: key of an attribute → the slot (1, 2, …) its value goes to; other attributes are UNWANTED.

    ``known`` holds the remembered pieces: look there first, then :meth:`learn`. ``prefix`` is the root element's.

    >>> markup = Markup({"concept:name": 1})
    >>> markup.learn('string key="concept:name" value="A &amp; B"/>')
    (1, 'A & B')
    >>> markup.learn("/string>"), markup.learn('int key="cost" value="3"/>')
    ((-6, 'string'), (0, None))
    """

    def __init__(self, slots: Mapping[str, int]) -> None:
        self.known: dict[str, Token] = {}
        #: Keys of attributes since the last :meth:`want`, wanted or not.
        self.seen: set[str] = set()
        self.prefix = ""
        self._slots = dict(slots)
        self._flat_event = _flat_event("")

    def want(self, slots: Mapping[str, int]) -> None:
        """Say anew which attributes are wanted; what was remembered and seen is forgotten."""
        self._slots = dict(slots)
        self.seen.clear()
        self.known.clear()

    def root(self, piece: str) -> tuple[str, bool]:
        """Read the root element's tag: its name, and whether it is empty.

        Raises
        ------
        BrokenMarkup: also ``not_an_event_log``, when it is another document's root.
        """
        match = _START.match(piece)
        if not match:
            raise BrokenMarkup("tag")
        name, closed = match[1], bool(match[3])
        prefix, colon, local = name.rpartition(":")
        self.prefix = prefix + colon
        self._flat_event = _flat_event(self.prefix)
        if local != "log":
            raise BrokenMarkup("root", code="not_an_event_log", root=name[:100])
        self._start(piece)
        if closed:
            check_blank(piece[match.end() :])
        return name, closed

    def learn(self, piece: str) -> Token:
        """Read a piece that is not remembered.

        Raises
        ------
        BrokenMarkup: no well-formed document contains it, or it declares something (``xml_entities_forbidden``).
        """
        first = piece[:1]
        if first == "/":
            return self._end(piece)
        if first in ("!", "?"):
            return _other(piece)
        return self._start(piece)

    def shape(self, text: str) -> Shape | None:
        """Describe an event, given without its end tag, that has nothing but plain attributes; None: it has more."""
        if not self._flat_event.fullmatch(text):
            return None
        parts = text.split('"')
        keys = parts[1::4]
        if len(self.seen) < _MOST_KEYS:
            self.seen.update(keys)
        places = [len(keys)] * (max(self._slots.values()) + 1)
        for place, key in enumerate(keys):
            if key in self._slots:
                places[self._slots[key]] = place
        del parts[3::4]
        return Shape(tuple(parts), itemgetter(*places))

    def _start(self, piece: str) -> Token:
        plain = _PLAIN.fullmatch(piece)
        if plain and plain[3].isprintable() and self._local(plain[1]) not in ("", "event", "trace", "classifier"):
            return self._attribute(piece, plain[1], plain[2], plain[3], closed=True)
        match = _START.match(piece)
        if not match:
            raise BrokenMarkup("tag")
        full, attributes, closed = match.groups()
        check_text(piece[match.end() :])
        values: dict[str, str] = {}
        for name, double, single in _ATTRIBUTE.findall(attributes):
            if name in values:
                raise BrokenMarkup("repeated_attribute")
            values[name] = _attribute_value(double or single)
        local = self._local(full)
        if local in ("event", "trace") and not attributes:
            if closed:
                return EMPTY_TRACE if local == "trace" else EMPTY_EVENT, full
            return self._remember(piece, (EVENT_STARTS if local == "event" else TRACE_STARTS, full))
        if local == "classifier" and closed:
            return CLASSIFIER, values
        key, value = values.get("key"), values.get("value")
        if key is None or value is None or not local:
            return self._remember(piece, _UNWANTED) if closed else (ELEMENT_STARTS, (full, UNWANTED, None))
        return self._attribute(piece, full, key, value, closed=bool(closed))

    def _attribute(self, piece: str, full: str, key: str, value: str, *, closed: bool) -> Token:
        slot = self._slots.get(key, UNWANTED)
        if len(self.seen) < _MOST_KEYS:
            self.seen.add(key[:_LONGEST_REMEMBERED])
        if closed:
            return self._remember(piece, (slot, value) if slot else _UNWANTED)
        return self._remember(piece, (ELEMENT_STARTS, (full, slot, value)))

    def _end(self, piece: str) -> Token:
        match = _END.match(piece)
        if not match:
            raise BrokenMarkup("tag")
        check_text(piece[match.end() :])
        full = match[1]
        ends = {"event": EVENT_ENDS, "trace": TRACE_ENDS}.get(self._local(full), ELEMENT_ENDS)
        return self._remember(piece, (ends, full))

    def _local(self, full: str) -> str:
        """Name without prefix; empty for an element of another vocabulary."""
        prefix, colon, local = full.rpartition(":")
        return local if prefix + colon == self.prefix else ""

    def _remember(self, piece: str, token: Token) -> Token:
        if len(piece) <= _LONGEST_REMEMBERED:
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            self.known[piece] = token
        return token


def _flat_event(prefix: str) -> re.Pattern[str]:
    start = re.escape(prefix)
    return re.compile(
        rf"""[{_WHITE}]*+<{start}event[{_WHITE}]*+>"""
        rf"""(?:[{_WHITE}]*+<{start}[A-Za-z_][-.\w]*+[{_WHITE}]++key="{_KEY}"[{_WHITE}]++value="[^"<]*+\""""
        rf"""[{_WHITE}]*+/>)++[{_WHITE}]*+"""
    )


def _other(piece: str) -> Token:
    if piece.startswith("!--"):
        return TEXT_UNTIL, "-->"
    if piece.startswith("![CDATA["):
        return TEXT_UNTIL, "]]>"
    if piece.startswith("?"):
        if not _INSTRUCTION.match(piece):
            raise BrokenMarkup("tag")
        return TEXT_UNTIL, "?>"
    if piece.upper().startswith(_DECLARATIONS):
        raise BrokenMarkup("declaration", code="xml_entities_forbidden")
    raise BrokenMarkup("tag")


def is_declaration(piece: str) -> bool:
    """Tell whether an instruction is the XML declaration, which may only stand at the very beginning."""
    return piece[:4].lower() == "?xml" and piece[4:5] in " \t\r\n?"


def text_ends(piece: str, terminator: str, start: int) -> bool:
    """Tell whether a comment, instruction or CDATA ends in this piece; ``start``: where its content begins.

    Raises
    ------
    BrokenMarkup: a character that XML does not know, ``--`` inside a comment.
    """
    if terminator == "-->":
        place = piece.find("--", start)
        if place >= 0 and piece[place + 2 : place + 3] != ">":
            raise BrokenMarkup("comment")
    else:
        place = piece.find(terminator, start)
    if place < 0:
        _check_characters(piece)
        return False
    _check_characters(piece[:place])
    check_text(piece[place + len(terminator) :])
    return True


def check_blank(text: str) -> None:
    """Check the text outside the root element: nothing but white space.

    Raises
    ------
    BrokenMarkup: anything else.
    """
    if text.strip(_WHITE):
        raise BrokenMarkup("outside_root")


def check_text(text: str) -> None:
    """Check the text between two tags.

    Raises
    ------
    BrokenMarkup: an unknown reference, ``]]>``, a character that XML does not know.
    """
    if text and not text.isspace():
        if "]]>" in text:
            raise BrokenMarkup("text")
        unescaped(text)
    elif text:
        _check_characters(text)


def unescaped(text: str) -> str:
    """Replace the five named references and character references.

    >>> unescaped("a &lt; b &#x41;&#66;")
    'a < b AB'

    Raises
    ------
    BrokenMarkup: any other reference, a character that XML does not know.
    """
    _check_characters(text)
    return _REFERENCE.sub(_replaced, text) if "&" in text else text


def _replaced(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    number = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else 0
    if not 0 < number <= 0x10FFFF:
        raise BrokenMarkup("reference")
    character = chr(number)
    _check_characters(character)
    return character


def _attribute_value(raw: str) -> str:
    return unescaped(raw.replace("\r\n", "\n").translate(_LINE_ENDS))


def _check_characters(text: str) -> None:
    if not text.isascii() or not text.isprintable():
        found = _NO_CHARACTER.search(text)
        if found:
            raise BrokenMarkup("character")
