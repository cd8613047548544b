"""What dirty enumerations become. Pure; everything that changes on the way is told by who calls this."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from pegel.eventlog.workflow import Friction, Phase
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models.use_cases import BusinessFunction, DataClass, Origin, Usage

_STATES: Final[Mapping[str, tuple[str, ...]]] = {
    "idea": ("proposed", "vorschlag", "concept", "konzept", "ideation", "initiated", "initiation", "new", "neu"),
    "assessed": ("evaluated", "evaluation", "bewertet", "in bewertung", "assessment"),
    "prioritised": (
        "prioritized", "priorisiert", "planned", "geplant", "planning", "pre deployment", "predeployment",
        "pre deployed", "in development", "development", "development and acquisition",
        "acquisition and or development", "acquisition", "ontwikkeling",
        "in ontwikkeling", "entwicklung", "in entwicklung", "in arbeit",
    ),
    "pilot": (
        "piloting", "piloted", "pilotphase", "in pilot", "poc", "proof of concept", "test", "testing",
        "trial", "erprobung",
    ),
    "production": (
        "deployed", "deployment", "live", "operational", "operation and maintenance", "implementation and assessment",
        "in production", "in produktion", "produktion", "produktiv", "prod", "in use", "in gebruik", "gebruik",
        "in betrieb", "im einsatz", "active", "aktiv", "fully deployed",
    ),
    "scaled": ("scaling", "skaliert", "rolled out", "ausgerollt", "at scale"),
    "retired": (
        "retirement", "decommissioned", "buiten gebruik", "niet meer in gebruik", "abgelost", "ausser betrieb",
        "stillgelegt", "sunset", "discontinued", "no longer in use",
    ),
    "rejected": ("abgelehnt", "declined"),
    "parked": ("on hold", "geparkt", "paused", "pausiert", "suspended"),
    "killed": ("stopped", "cancelled", "canceled", "abgebrochen", "terminated"),
}  # fmt: skip
_FUNCTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "customer_service": (
        "customer service", "kundenservice", "service delivery", "burgerservice", "support", "benefits processing",
    ),
    "development": ("software development", "entwicklung", "engineering"),
    "it": ("information technology", "cybersecurity", "informationstechnik"),
    "hr": ("human resources", "personal", "people"),
    "finance": ("finanzen", "procurement and finance mgmt", "accounting", "buchhaltung", "financial services"),
    "marketing": ("sales", "vertrieb", "communications", "public affairs"),
    "operations": (
        "betrieb", "admin functions", "administrative functions", "mission enabling", "logistics", "produktion",
    ),
    "other": ("anderes", "sonstiges"),
}  # fmt: skip
_DATA: Final[Mapping[str, tuple[str, ...]]] = {
    "public": ("offentlich", "open"),
    "internal": ("intern",),
    "confidential": ("vertraulich",),
    "personal": ("yes", "ja", "true", "y", "1", "pii", "personal data", "personenbezogen", "personenbezogene daten"),
    "special": ("special categories", "besondere kategorien", "art 9"),
}
#: Says something, and nothing that can be kept: no personal data is no class, nobody knows is no answer.
_NOTHING: Final = frozenset(
    {
        "no", "nein", "nee", "false", "n", "0", "unknown", "unbekannt", "onbekend", "n a", "na", "none", "tbd", "",
        "not applicable",
    }
)  # fmt: skip
_YES: Final = frozenset({"yes", "ja", "true", "wahr", "1", "y", "j", "x"})


def _table(words: Mapping[str, tuple[str, ...]], values: tuple[str, ...]) -> dict[str, str]:
    found = {_folded(one): one for one in values}
    return found | {name: value for value, names in words.items() for name in names}


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", " ", re.sub(r"^\s*[a-z0-9]\)\s+", "", kept)).strip()


#: Field → folded spelling → what is kept.
ENUMERATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "source_state": _table(_STATES, tuple(map(str, CaseState))),
    "function": _table(_FUNCTIONS, tuple(BusinessFunction.values)),
    "data_class": _table(_DATA, tuple(DataClass.values)),
    "origin": _table({}, tuple(Origin.values)),
    "usage": _table({"individual": ("single",), "team": ("teams",)}, tuple(Usage.values)),
    "phase": _table({}, tuple(map(str, Phase))),
    "friction": _table({}, tuple(map(str, Friction))),
}


def enumerated(field: str, said: str) -> tuple[str, bool]:
    """Return what a word becomes, and whether it was understood; a function that is none of ours is ``other``.

    >>> enumerated("source_state", "Pre-deployment"), enumerated("source_state", " DEPLOYED ")
    (('prioritised', True), ('production', True))
    >>> enumerated("source_state", "b) In Gebruik"), enumerated("source_state", "purple")
    (('production', True), ('', False))
    """
    folded = _folded(said)
    found = ENUMERATIONS[field].get(folded)
    if found is not None:
        return found, True
    if folded in _NOTHING:
        return "", True
    return ("other", False) if field == "function" else ("", False)


def says_nothing(said: str) -> bool:
    """Tell whether a cell only stands for something that is not known, such as "TBD"."""
    return _folded(said) in _NOTHING - {"0"}


def truth(said: str) -> bool:
    """Tell whether a cell says yes."""
    return _folded(said) in _YES


def whole(said: str) -> int | None:
    """Return a horizon, 1 to 3; also from "H2" and "2.0".

    >>> whole("H2"), whole("3.0"), whole("soon")
    (2, 3, None)
    """
    found = re.fullmatch(r"(?:h|horizon|horizont)?\s*([123])(?:[.,]0+)?", said.strip().casefold())
    return None if found is None else int(found[1])


def euros(said: str) -> Decimal | None:
    """Return an amount in EUR; None: it is none, or it could be two different ones.

    >>> euros("1.234,50"), euros("1,234.50"), euros("1234,5 EUR"), euros("1,234"), euros("cheap")
    (Decimal('1234.50'), Decimal('1234.50'), Decimal('1234.50'), None, None)
    """
    text = re.sub(r"(?:eur|€|\s)", "", said.strip().casefold())
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d{1,2}", text) or re.fullmatch(r"\d+,\d{1,2}", text):
        text = text.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(?:,\d{3})+\.\d{1,2}", text):
        text = text.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", text) or not re.fullmatch(r"\d+(?:\.\d{1,2})?", text):
        return None
    try:
        return Decimal(text).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
