"""What people say about a folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from pegel_web.pickup.contracts import Example
from pegel_web.ui.worded import worded

_W: Final = "pickup.form"


class FolderForm(forms.Form):
    """A sub-folder and the import whose reading holds for its files."""

    folder = forms.CharField(label=worded(f"{_W}.folder"), help_text=worded(f"{_W}.folder_help"), max_length=200)
    like = forms.ChoiceField(label=worded(f"{_W}.like"), help_text=worded(f"{_W}.like_help"))

    def __init__(self, *args: Any, examples: Sequence[Example], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.file_id), f"{one.file_name} · {one.unit_name}") for one in examples]
        self.fields["like"].choices = choices  # type: ignore[attr-defined]  # a choice field
