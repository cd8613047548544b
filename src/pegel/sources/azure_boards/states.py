"""What a state means: as the process of the project says it, else by the names of Microsoft's own processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pegel.eventlog.batch import Category

#: State category of Azure DevOps → category of a state. What is resolved waits for its acceptance and counts as in
#: progress in Azure's own cycle time.
CATEGORIES: Final[Mapping[str, Category]] = {
    "proposed": "new",
    "inprogress": "active",
    "resolved": "active",
    "completed": "done",
    "complete": "done",
    "removed": "cancelled",
}
#: States of the processes Agile, Scrum, CMMI and Basic, in lower case, with their categories. See Microsoft's "How
#: workflow category states are used in Azure Boards backlogs and boards".
_KNOWN: Final[Mapping[str, Category]] = {
    "new": "new",
    "proposed": "new",
    "to do": "new",
    "approved": "new",
    "active": "active",
    "committed": "active",
    "in progress": "active",
    "doing": "active",
    "resolved": "active",
    "closed": "done",
    "done": "done",
    "removed": "cancelled",
}


class StateMeanings:
    """Collects what a file says of its states.

    >>> meanings = StateMeanings()
    >>> meanings.learn({"name": "Checked", "color": "ff9d00", "category": "Completed"})
    >>> meanings.hints(["New", "Checked", "Odd"])
    {'New': 'new', 'Checked': 'done'}
    """

    def __init__(self) -> None:
        self._said: dict[str, Counter[Category]] = {}

    def learn(self, record: Mapping[str, Any]) -> None:
        """Take in a state ``{name, category}``, or a work item type with its ``states``."""
        states = record.get("states")
        for one in states if isinstance(states, list) else [record]:
            if isinstance(one, dict):
                self.add(one.get("name"), one.get("category"))

    def add(self, state: object, category: object) -> None:
        """Count one statement that a state is of a category; what is no text or not known says nothing."""
        kind = CATEGORIES.get(category.replace(" ", "").lower()) if isinstance(category, str) else None
        if kind and isinstance(state, str) and state.strip():
            self._said.setdefault(state.strip(), Counter())[kind] += 1

    def hints(self, states: Iterable[str]) -> dict[str, Category]:
        """Category of each given state that is known; types that disagree are outvoted by the others."""
        found: dict[str, Category] = {}
        for state in states:
            said = self._said.get(state)
            kind = said.most_common(1)[0][0] if said else _KNOWN.get(state.lower())
            if kind:
                found[state] = kind
        return found
