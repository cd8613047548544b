"""Which column of an inventory means what: a suggestion with confidence, which a person corrects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

#: The column is kept as the source says it, beside the use case, and not evaluated.
KEEP: Final = "keep"
#: The column is not read.
LEAVE: Final = ""

#: Field → headers that mean it, folded. A field takes one column; ``key_part`` and ``keep`` take any number.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "use_case_id": (),
    "source": (),
    "source_key": ("id", "usecaseid", "key", "number", "nummer", "nr", "page", "reference", "referenz", "kennung"),
    "key_part": ("agency",),
    "title": ("title", "titel", "name", "usecasename", "usecase", "bezeichnung", "aisystem", "kisystem", "naam"),
    "pain": (
        "pain", "problem", "problemsolved", "doel", "purpose", "zweck", "description", "beschreibung", "schmerz",
        "intendedpurpose", "whathurts", "wasschmerzt",
    ),
    "hoped_effect": ("hopedeffect", "benefits", "benefit", "nutzen", "expectedbenefits", "effect", "wirkung"),
    "unit": (
        "unit", "unitcode", "einheit", "abteilung", "department", "agencybureau", "bureau", "organisatie",
        "organisation", "organization", "team",
    ),
    "state": (),
    "source_state": (
        "sourcestate", "developmentstage", "stage", "status", "state", "phaseoflife", "lifecycle", "zustand", "stand",
        "reifegrad",
    ),
    "stream": ("stream", "valuestream", "wertstrom"),
    "step": ("step", "schritt"),
    "place_note": ("placenote",),
    "phase": ("phase",),
    "friction": ("friction", "reibung"),
    "origin": ("origin", "herkunft"),
    "goal": ("goal", "ziel"),
    "usage": ("usage", "nutzung"),
    "function": ("function", "funktion", "topicarea", "topic", "businessfunction", "bereich", "functionalarea"),
    "horizon": ("horizon", "horizont", "umsetzungshorizont"),
    "ai_acts": (
        "aiacts", "systemoutputs", "outputs", "funktionsumfang", "funktionsweise", "functionality", "wokihandelt",
    ),
    "person_decides": ("persondecides", "humanoversight", "wiemenschentscheidet", "menschlicheaufsicht"),
    "data_needs": ("dataneeds", "datadescription", "data", "daten", "datengrundlage", "datasources", "datenquellen"),
    "data_class": ("dataclass", "haspii", "pii", "datenklasse", "personaldata", "personenbezogen"),
    "champion": ("champion", "championid"),
    "amount": ("amount", "betrag", "budget"),
    "shadow": ("shadow", "schatten"),
    "source_details": (),
}  # fmt: skip
#: Kept as said where nobody corrects it: what a source says of risk, maker and age, and no address of a person.
_KEPT: Final = frozenset(
    {
        "ishighimpact", "hijustification", "classification", "vendorname", "contractingusage", "operationaldate",
        "iswithheld", "impactassessment", "juridischebasis", "geregistreerd", "url", "agencyname", "risk", "riskclass",
        "risikoklasse", "systemtype", "tags", "license", "code", "tools",
    }
)  # fmt: skip
#: Columns that only Pegel's own export has; on the way back in they tell what is known already.
OWN: Final = frozenset({"number", "unit_name", "stream_name", "state_since", "submitted_at", "revision"})
MANY: Final = frozenset({"key_part", KEEP, LEAVE})
_SURE: Final = 1.0
_LIKELY: Final = 0.8
_ALIKE: Final = 0.84


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What a column seems to mean: ``target`` is a field, ``keep`` or empty; ``confidence`` from 0 to 1."""

    header: str
    target: str
    confidence: float


def suggested(headers: Sequence[str]) -> tuple[Suggestion, ...]:
    """Return what each column seems to mean, in order; where two mean the same, the surer one has it.

    >>> [(one.target, one.confidence) for one in suggested(("Use Case Name", "Development stage", "Colour"))]
    [('title', 1.0), ('source_state', 1.0), ('', 0.0)]
    """
    if is_own(headers):
        return tuple(_own(header) for header in headers)
    taken: dict[str, str] = {}
    found: dict[str, Suggestion] = {}
    guesses = sorted(
        (guess for header in headers for guess in _guesses(header)),
        key=lambda one: (-one[0].confidence, one[1], headers.index(one[0].header)),
    )
    for guess, _ in guesses:
        if guess.header in found or (guess.target not in MANY and guess.target in taken):
            continue
        found[guess.header] = guess
        taken[guess.target] = guess.header
    return tuple(found.get(one, Suggestion(header=one, target=LEAVE, confidence=0.0)) for one in headers)


def is_own(headers: Sequence[str]) -> bool:
    """Tell whether a table is an export of Pegel."""
    return {"use_case_id", "title", "source_key", "revision"} <= set(headers)


def _own(header: str) -> Suggestion:
    named = {"unit_code": "unit", "stream_id": "stream", "champion_id": "champion"}.get(header, header)
    known = named in FIELDS
    return Suggestion(header=header, target=named if known else LEAVE, confidence=_SURE if known else 0.0)


def _guesses(header: str) -> list[tuple[Suggestion, int]]:
    """Return what a header may mean, with the place of the name that fits: names that say more come first."""
    folded = folded_header(header)
    if not folded:
        return []
    if folded in _KEPT:
        return [(Suggestion(header=header, target=KEEP, confidence=_SURE), 0)]
    found = []
    for field, names in FIELDS.items():
        names_of = (field.replace("_", ""), *names)
        sure, place = max((_sureness(folded, name), -place) for place, name in enumerate(names_of))
        if sure > 0:
            found.append((Suggestion(header=header, target=field, confidence=sure), -place))
    return found


def _sureness(folded: str, name: str) -> float:
    if folded == name:
        return _SURE
    if len(name) > 3 and (folded.startswith(name) or folded.endswith(name)):
        return _LIKELY
    return 0.6 if min(len(folded), len(name)) > 4 and SequenceMatcher(None, folded, name).ratio() >= _ALIKE else 0.0


def folded_header(header: str) -> str:
    """Return a header without case, spaces and signs.

    >>> folded_header("## Use-Case Name")
    'usecasename'
    """
    return re.sub(r"[\W_]+", "", header.casefold())
