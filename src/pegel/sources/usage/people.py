"""From what a tool calls a person to the lake's pseudonym."""

from __future__ import annotations

from collections.abc import Mapping

from pegel.lake.pseudonyms import Pseudonyms


class People:
    """Gives people their pseudonyms.

    Tools know the same person by different names: a login here, an e-mail address there. ``known_as`` says under which
    name the other sources (the roster, the tracker) know each of them; names that it lacks stand for themselves.
    """

    def __init__(self, pseudonyms: Pseudonyms, known_as: Mapping[str, str] | None = None) -> None:
        self._pseudonyms = pseudonyms
        self._known_as = {name.strip().casefold(): other for name, other in (known_as or {}).items()}

    def of(self, name: str) -> str:
        """Return the pseudonym of a person; case and surrounding blanks do not matter."""
        return self._pseudonyms.of(self._known_as.get(name.strip().casefold(), name))
