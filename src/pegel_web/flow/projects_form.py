"""Which projects of the lake belong to a stream, as a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.http import QueryDict

from pegel.words import say
from pegel_web.flow.contracts.projects import StreamProjects
from pegel_web.ui.values import written
from pegel_web.ui.worded import language_now, worded

#: Names that one form offers: more are narrowed by a part of their name.
MOST_OFFERED: Final = 100


class ProjectsForm(forms.Form):
    """The names that belong to a stream beside its first one. ``seen``: those that the person has seen, all of them.

    ``text``: offered are the free names that contain it.
    """

    names = forms.MultipleChoiceField(
        label=worded("flow.projects.further"),
        help_text=worded("flow.projects.further_help"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, sent: Any = None, *, found: StreamProjects, text: str = "") -> None:
        mine = found.stream.lake_names[1:]
        super().__init__(sent, initial={"names": [f"={name}" for name in mine]})
        chosen = {one.removeprefix("=") for one in (sent.getlist("names") if sent is not None else ())}
        free = [one for one in found.candidates if text.casefold() in one.lake_name.casefold()]
        # What somebody has chosen stays offered, whatever the list is narrowed to.
        ticked = [one for one in found.candidates if one.lake_name in chosen and one not in free]
        offered = [*ticked, *free][:MOST_OFFERED]
        self.left_out = len(ticked) + len(free) - len(offered)
        items = {one.lake_name: one.items for one in found.projects} | {one.lake_name: one.items for one in offered}
        listed = [*mine, *(one.lake_name for one in offered)]
        choices: Any = self.fields
        choices["names"].choices = [(f"={name}", _label(name, items)) for name in listed]

    def wanted(self, found: StreamProjects) -> list[str]:
        """Return all names that a valid form asks for, the first one of the stream among them."""
        return [found.stream.lake_name, *(one.removeprefix("=") for one in self.cleaned_data["names"])]


def seen_in(sent: QueryDict) -> list[str]:
    """Return the names that the page showed when it was sent."""
    return [str(one).removeprefix("=") for one in sent.getlist("seen")]


def _label(name: str, items: Mapping[str, int]) -> str:
    language = language_now()
    return say("flow.projects.choice", language, name=name, n=written(items.get(name, 0), "number", language))
