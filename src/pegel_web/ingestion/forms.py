"""What people say about a file: whose it is, and how it is to be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import available_timezones

from django import forms

from pegel.sources.formats import all_formats
from pegel.words import say
from pegel_web.ingestion.contracts import FileReport, Reading
from pegel_web.ui.worded import language_now, worded

_W: Final = "ingestion.form"
_COLUMN: Final = "column_"
#: Roles that a table can have, as people look for them: what moves, when, where to; then what explains it.
ROLES: Final = (
    "item", "at", "state", "activity", "lifecycle", "from_state", "created", "closed", "type", "parent", "stream",
    "actor", "assignee", "team", "priority", "title",
)  # fmt: skip


class BringForm(forms.Form):
    """A file and the unit whose work is in it. ``units``: (id, name) where the person may change streams."""

    file = forms.FileField(label=worded(f"{_W}.file"), help_text=worded(f"{_W}.file_help"), allow_empty_file=True)
    unit = forms.ChoiceField(label=worded(f"{_W}.unit"), help_text=worded(f"{_W}.unit_help"))
    stream = forms.CharField(
        label=worded(f"{_W}.stream"), help_text=worded(f"{_W}.stream_help"), max_length=200, required=False
    )

    def __init__(self, *args: Any, units: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = units  # type: ignore[attr-defined]  # a choice field


class ReadingForm(forms.Form):
    """How a file is to be read; what is left empty is found out."""

    format = forms.ChoiceField(label=worded(f"{_W}.format"), required=False)
    stream = forms.CharField(
        label=worded(f"{_W}.stream"), help_text=worded(f"{_W}.stream_help"), max_length=200, required=False
    )
    date_order = forms.ChoiceField(label=worded(f"{_W}.date_order"), required=False)
    zone = forms.CharField(label=worded(f"{_W}.zone"), help_text=worded(f"{_W}.zone_help"), max_length=60)
    titles = forms.BooleanField(label=worded(f"{_W}.titles"), help_text=worded(f"{_W}.titles_help"), required=False)
    sheet = forms.CharField(label=worded(f"{_W}.sheet"), max_length=200, required=False)
    object_type = forms.CharField(label=worded(f"{_W}.object_type"), max_length=200, required=False)
    encoding = forms.CharField(label=worded(f"{_W}.encoding"), max_length=40, required=False)
    delimiter = forms.CharField(label=worded(f"{_W}.delimiter"), max_length=1, required=False, strip=False)

    def __init__(self, data: Any = None, *, report: FileReport) -> None:
        language = language_now()
        reading, content, problem = report.reading, report.content, report.problem
        initial = {name: getattr(reading, name) for name in self.base_fields}
        shown = {} if content is None else content.columns
        header = () if content is None else content.header
        if problem is not None and problem.code == "format_unknown":
            header = tuple(str(one) for one in _listed(problem.values.get("found")))
        initial |= {f"{_COLUMN}{role}": reading.columns.get(role, shown.get(role, "")) for role in ROLES}
        super().__init__(data, initial=initial)
        nothing = ("", say(f"{_W}.find_out", language))
        names = [(one.name, format_words(one.name)) for one in all_formats()]
        orders = [(order, say(f"note_value.{order}", language)) for order in ("dmy", "mdy", "ymd")]
        self._choose("format", [nothing, *names])
        self._choose("date_order", [nothing, *orders])
        asked = {"ambiguous_sheet": "sheet", "ambiguous_object_type": "object_type"}
        if problem is not None and problem.code in asked:
            name = asked[problem.code]
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label, choices=[(one, one) for one in problem.choices]
            )
        else:
            self._drop({"sheet", "object_type"} - {one for one in ("sheet", "object_type") if getattr(reading, one)})
        if header:
            columns = [("", say(f"{_W}.no_column", language)), *((one, one) for one in dict.fromkeys(header) if one)]
            for role in ROLES:
                self.fields[f"{_COLUMN}{role}"] = forms.ChoiceField(
                    label=worded(f"{_W}.role.{role}"), choices=columns, required=False
                )

    def clean_zone(self) -> str:
        """Return a zone that is known."""
        zone = str(self.cleaned_data["zone"]).strip()
        if zone not in available_timezones():
            raise forms.ValidationError(say(f"{_W}.zone_unknown", language_now(), name=zone))
        return zone

    def reading(self) -> Reading:
        """Return what was said; columns only where they differ from those that were found."""
        said = dict(self.cleaned_data)
        columns = {
            name.removeprefix(_COLUMN): said.pop(name) for name in list(said) if name.startswith(_COLUMN)
        }  # fmt: skip
        chosen = {role: name for role, name in columns.items() if name}
        found = {role: self.initial.get(f"{_COLUMN}{role}", "") for role in columns}
        # Left as it was found, the file is read as it was found, and its own sense of the other columns stays.
        kept = chosen if {**dict.fromkeys(columns, ""), **chosen} != found else {}
        return Reading(**said, columns=kept)

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field

    def _drop(self, names: set[str]) -> None:
        for name in names:
            del self.fields[name]


def format_words(name: str) -> str:
    """Return what people call a format."""
    return say(f"ingestion.format.{name.replace('.', '_')}", language_now())


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
