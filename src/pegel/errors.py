"""Errors that Pegel raises: codes and values, never finished sentences.

The library raises a stable ``code`` with the ``values`` that belong to it; the words for people (German and English)
live in :mod:`pegel.words` and are chosen by the interface. ``hint`` names the next step by the same kind of code.
"""

from __future__ import annotations

from collections.abc import Mapping


class PegelError(Exception):
    """An error with a stable code and the values that explain it."""

    exit_code = 1

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values: Mapping[str, object] = values

    def __str__(self) -> str:
        parts = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.code}({parts})"


class UserError(PegelError):
    """The person can do something about it: a wrong option, an unreadable file, an unknown name."""

    exit_code = 2


class InputError(UserError):
    """The input itself cannot be used: broken, hostile or of an unknown format. Nothing was changed."""

    exit_code = 3


class AmbiguousInputError(UserError):
    """The input can be read in more than one way and Pegel must not guess: the person has to say which."""

    exit_code = 4


class NotFoundError(UserError):
    """A lake, stream, policy, calendar or import of that name does not exist."""

    exit_code = 5


class BusyError(UserError):
    """Another process is writing to the lake; try again when it has finished."""

    exit_code = 6


class InternalError(PegelError):
    """A broken promise inside Pegel; please report it."""

    exit_code = 70
