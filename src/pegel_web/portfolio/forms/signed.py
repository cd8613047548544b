"""An amount that may be negative: what a use case brings may be harm."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from pegel_web.organisation.forms.fields import AmountField


class SignedAmountField(AmountField):
    """An amount in EUR as people write it, with a minus sign where it is below zero."""

    def clean(self, value: Any) -> Decimal | None:
        """Return the amount; None where nothing was entered."""
        negative = re.match(r"\s*€?\s*[-\N{MINUS SIGN}]\s*", value) if isinstance(value, str) else None
        found = super().clean(value if negative is None else value[negative.end() :])
        return found if found is None or negative is None else -found
