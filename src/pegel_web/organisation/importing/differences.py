"""What differs between the organisation as it is and as it would be: this is written, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from pegel_web.organisation.importing.current import KnownPerson, KnownProduct, Span
from pegel_web.organisation.importing.draft import Draft
from pegel_web.organisation.timeline import Period

#: What it was (None, or no periods: it is new) and what it is to be (None: it is gone).
UnitChange = tuple[tuple[Period, ...], tuple[Period, ...]]
PersonChange = tuple[KnownPerson | None, KnownPerson]
ProductChange = tuple[KnownProduct | None, KnownProduct]
SpanChange = tuple[Span | None, Span | None]


def unit_changes(draft: Draft) -> dict[UUID, UnitChange]:
    """Return units whose periods differ."""
    old = draft.current.timeline
    return {
        unit: (old.get(unit, ()), periods) for unit, periods in draft.timeline.items() if old.get(unit, ()) != periods
    }


def person_changes(draft: Draft) -> list[PersonChange]:
    """Return people who are new or called otherwise; those who answer for others come first."""
    old = draft.current.people
    found = [(old.get(one.id), one) for one in draft.people.values() if old.get(one.id) != one]
    return sorted(found, key=lambda change: change[1].answers_for is not None)


def product_changes(draft: Draft) -> list[ProductChange]:
    """Return products that are new, called otherwise, or belong elsewhere."""
    old = draft.current.products
    return [(old.get(code), one) for code, one in draft.products.items() if old.get(code) != one]


def membership_changes(draft: Draft) -> list[SpanChange]:
    """Return where people begin or cease to belong."""
    return list(_differing(draft.current.memberships, draft.memberships))


def role_changes(draft: Draft) -> list[SpanChange]:
    """Return roles that are assigned or ended."""
    return list(_differing(draft.current.roles, draft.roles))


def _differing(before: Mapping[UUID, Sequence[Span]], after: Mapping[UUID, Sequence[Span]]) -> Iterator[SpanChange]:
    for person, spans in after.items():
        old = {span.id: span for span in before.get(person, ())}
        new = {span.id: span for span in spans if span.id is not None}
        yield from ((span, None) for at, span in old.items() if at not in new)
        yield from ((old[at], span) for at, span in new.items() if old[at] != span)
        yield from ((None, span) for span in spans if span.id is None)
