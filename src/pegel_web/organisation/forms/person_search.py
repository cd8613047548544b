"""Choosing one of many people: a part of the name first, then among those whom it fits. It takes no JavaScript."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pegel_web.core.actor import Actor
from pegel_web.organisation.queries.person_choice import ChoosablePerson, person_choice
from pegel_web.ui.worded import worded

#: So many matches are shown.
MOST_MATCHES: Final = 50
_W: Final = "organisation.forms.person_search"


def person_label(one: ChoosablePerson) -> str:
    """Return what a person is called in a choice."""
    return f"{one.name} ({one.unit_name})" if one.unit_name else one.name


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSearch:
    """What was entered. ``text``: looked for; ``shown``: the text whose matches the person had before them.

    ``looks``: they asked for matches instead of sending the form.
    """

    chosen: UUID | None = None
    text: str = ""
    shown: str = ""
    looks: bool = False

    @property
    def decided(self) -> bool:
        """Tell whether somebody is chosen; a new text means that they are still looking."""
        return self.chosen is not None and (not self.looks or self.text == self.shown)


class PersonSearchWidget(forms.Widget):
    """A text, a button that looks, and the matches to choose from."""

    use_fieldset = True

    def __init__(self, field: PersonSearchField) -> None:
        super().__init__()
        self.field = field

    def value_from_datadict(self, data: Mapping[str, Any], files: Mapping[str, Any], name: str) -> PersonSearch:
        """Return what was entered."""
        del files
        return PersonSearch(
            chosen=_id_in(data.get(name)),
            text=str(data.get(f"{name}-text", "")).strip()[:200],
            shown=str(data.get(f"{name}-shown", "")),
            looks=f"{name}-look" in data,
        )

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Mapping[str, Any], name: str) -> bool:
        """Tell whether nothing of it was sent."""
        del files
        return name not in data and f"{name}-text" not in data

    def id_for_label(self, id_: str) -> str:
        """Return no id: the group has a legend, and each part a label of its own."""
        del id_
        return ""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the group as HTML."""
        del renderer
        entered = value if isinstance(value, PersonSearch) else PersonSearch(chosen=_id_in(value))
        matches = self.field.matches(entered)
        known = {
            "name": name,
            "id": (attrs or {}).get("id", f"id_{name}"),
            "entered": entered,
            "matches": [
                {"id": str(one.person_id), "label": person_label(one), "chosen": one.person_id == entered.chosen}
                for one in matches[:MOST_MATCHES]
            ],
            "more": len(matches) > MOST_MATCHES,
        }
        return render_to_string("organisation/person_search.html", known)


class PersonSearchField(forms.Field):
    """A person whom the actor may see, looked for by a part of the name."""

    def __init__(self, *, actor: Actor, without: Collection[UUID | None] = (), **settings: Any) -> None:
        self.actor = actor
        self.without = without
        super().__init__(widget=PersonSearchWidget(self), **settings)

    def matches(self, entered: PersonSearch) -> list[ChoosablePerson]:
        """Return whom the text fits, one more than is shown at most; without a text the one who is chosen."""
        if entered.text:
            found = person_choice(actor=self.actor, text=entered.text, most=MOST_MATCHES + 1 + len(self.without))
        elif entered.chosen is not None:
            found = person_choice(actor=self.actor, person_id=entered.chosen, most=1)
        else:
            found = ()
        return [one for one in found if one.person_id not in self.without][: MOST_MATCHES + 1]

    def clean(self, value: PersonSearch) -> UUID | None:
        """Return who is chosen.

        Raises
        ------
        ValidationError: nobody is, yet.
        """
        if value.decided and value.chosen not in self.without:
            found = person_choice(actor=self.actor, person_id=value.chosen, most=1)
            if found:
                return found[0].person_id
        if not self.required and not value.text and not value.looks and value.chosen is None:
            return None
        if not value.text:
            raise ValidationError(worded(f"{_W}.type"))
        raise ValidationError(worded(f"{_W}.choose" if self.matches(value) else f"{_W}.nobody"))


def _id_in(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
