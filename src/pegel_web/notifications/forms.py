"""What people enter about webhooks and digests."""

from __future__ import annotations

from typing import Any, get_args

from django import forms

from pegel.words import say
from pegel_web.notifications.digests.times import Rhythm
from pegel_web.notifications.kinds import kinds
from pegel_web.notifications.outbound.addresses import LONGEST_URL
from pegel_web.notifications.place import MailPlace
from pegel_web.notifications.services import LONGEST_NAME
from pegel_web.ui.worded import language_now, worded


class EndpointForm(forms.Form):
    """Name, address and events of an endpoint; ``changing``: it exists, and can be switched off."""

    name = forms.CharField(
        label=worded("notifications.form.name"), help_text=worded("notifications.form.name_help"),
        max_length=LONGEST_NAME,
    )  # fmt: skip
    url = forms.CharField(
        label=worded("notifications.form.url"), help_text=worded("notifications.form.url_help"),
        max_length=LONGEST_URL, widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip
    event_kinds = forms.MultipleChoiceField(
        label=worded("notifications.form.kinds"), widget=forms.CheckboxSelectMultiple
    )
    active = forms.BooleanField(
        label=worded("notifications.form.active"), help_text=worded("notifications.form.active_help"), required=False
    )

    def __init__(self, *args: Any, changing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event_kinds"].choices = [  # type: ignore[attr-defined]  # a choice field
            (code, say(f"notifications.kind.{code}", language_now())) for code in kinds()
        ]
        if not changing:
            del self.fields["active"]


class DigestForm(forms.Form):
    """How often digests come."""

    rhythm = forms.ChoiceField(label=worded("notifications.digest.form"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, place: MailPlace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["rhythm"]
        field.choices = [(one, worded(f"notifications.digest.rhythm.{one}")) for one in get_args(Rhythm)]
        field.help_text = worded("notifications.digest.rhythm_help", hour=str(place.hour), zone=str(place.zone))
