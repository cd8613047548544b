"""Reading the small YAML files that people write: workflows, policies, calendars.

Aliases are refused: none of these files needs them, and a few nested ones unfold to more than any memory holds. A key
that stands twice is refused too: YAML would silently forget the first.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

from pegel.errors import InputError

#: Such a file is written by people: a longer text is something else (characters).
LONGEST_FILE: Final = 1_000_000


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed here", None)
        return super().compose_node(parent, index)

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        keys: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in keys:
                raise yaml.composer.ComposerError(None, None, f"{name!r} stands twice", key.start_mark)
            keys.add(name)
        return node


def read_settings(text: str, *, unreadable: str) -> object:
    """Return the plain values of a YAML text.

    Raises
    ------
    InputError: with the code ``unreadable`` and a detail: not YAML, too long, too deep, an impossible date, an alias,
        a key twice.

    >>> read_settings("a: [1, 2]", unreadable="workflow_unreadable")
    {'a': [1, 2]}
    """
    if len(text) > LONGEST_FILE:
        raise InputError(unreadable, detail=f"> {LONGEST_FILE}")
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  (a safe loader, made stricter)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date such as 2026-13-01
        raise InputError(unreadable, detail=str(error)[:300]) from error
