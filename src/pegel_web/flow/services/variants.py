"""Saying of a way of the work that it is meant, that it should not happen, or that the log is wrong."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.computing.variants import SHOWS, VARIANTS
from pegel_web.flow.contracts.variants import Judgement, StreamVariants, VariantContent, Way
from pegel_web.flow.models import Judged, SnapshotKind, StreamSnapshot, ValueStream, VariantStatement
from pegel_web.flow.queries.overview import require_period
from pegel_web.flow.queries.reports import kept_part
from pegel_web.flow.queries.streams import seen_stream
from pegel_web.flow.queries.variants import SAY, picture_of, shown_ways, stream_variants
from pegel_web.flow.queries.withholding import floor_of
from pegel_web.organisation.queries.structure import structure_on

LONGEST_REASON: Final = 500
_REASONED: Final = (Judged.UNWANTED, Judged.LOG_WRONG)


def say_about_variants(
    *,
    actor: Actor,
    stream_id: UUID,
    judgement: Judgement,
    variant: str | None = None,
    picture: str | None = None,
    reason: str = "",
    period: str = DEFAULT,
    show: int = SHOWS[0],
) -> StreamVariants:
    """Say something about one way (``variant``), or about all that are shown (``picture``: what stands for them).

    ``judgement``: usual (so we work), unwanted, log_wrong (both with a reason), or withdrawn: what was said is taken
    back. Of the whole picture only usual and withdrawn can be said.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``variant_unknown``. NotAllowedError: ``not_allowed``. InputError:
    ``judgement_unknown``, ``judgement_without_reason``, ``reason_too_long``, ``variant_or_picture``,
    ``judgement_of_one_way``, ``show_unknown``. ConflictError: ``variants_changed_meanwhile``, ``variants_not_shown``.
    """
    with transaction.atomic():
        row = seen_stream(actor, stream_id)
        actor.require(SAY, unit=row.unit_id)
        require_period(period)
        if show not in SHOWS:
            raise InputError("show_unknown", name=str(show), known=[str(one) for one in SHOWS])
        judged = _judged(judgement)
        text = _reason(judged, reason)
        if (variant is None) == (picture is None):
            raise InputError("variant_or_picture")
        kept, content = _seen(actor, row, period)
        covers: list[str] = []
        way: Way | None = None
        if variant is not None:
            way = next((one for one in content.ways if one.key == variant), None)
            if way is None:
                raise NotFoundError("variant_unknown", id=variant[:40])
        else:
            if judged in _REASONED:
                raise InputError("judgement_of_one_way")
            if picture != picture_of(content, show):
                raise ConflictError("variants_changed_meanwhile", name=row.name)
            covers = [one.key for one in shown_ways(content, show)]
        known = _known(row, content)
        made = VariantStatement.objects.create(
            stream=row,
            variant=variant or "",
            states=[] if way is None else list(way.states),
            covers=covers,
            known=list(known.keys),
            all_known=known.all_keys,
            judgement=judged.value,
            reason=text,
            role=_role(actor, row.unit_id),
            lake_version=kept.lake_version,
            said_at=actor.at,
        )
        # Why stands with the statement alone: the audit keeps who said what, not in which words.
        record(
            actor,
            "flow.variants.said",
            subject=("stream", row.id),
            unit=row.unit_id,
            after={
                "statement": made.id, "variant": variant or "", "ways": len(covers) or 1, "judgement": judged.value,
            },
        )  # fmt: skip
    return stream_variants(actor=actor, stream_id=stream_id, period=period, show=show)


def _seen(actor: Actor, row: ValueStream, period: str) -> tuple[StreamSnapshot, VariantContent]:
    """Return the ways that the actor can have seen."""
    kept = kept_part(row, SnapshotKind.VARIANTS, period)
    content = None if kept is None else VARIANTS.validate_python(kept.payload["content"])
    if (
        kept is None
        or content is None
        or content.status != "value"
        or floor_of(actor, structure_on(actor.at.date())).withholds(row.unit_id, content.people)
    ):
        raise ConflictError("variants_not_shown", name=row.name)
    return kept, content


def _known(row: ValueStream, content: VariantContent) -> VariantContent:
    """Return the ways of all time: whatever is not among them later is new."""
    kept = kept_part(row, SnapshotKind.VARIANTS, "all")
    return content if kept is None else VARIANTS.validate_python(kept.payload["content"])


def _judged(code: str) -> Judged:
    try:
        return Judged(code)
    except ValueError:
        raise InputError("judgement_unknown", name=code[:40], known=[one.value for one in Judged]) from None


def _reason(judged: Judged, text: str) -> str:
    found = " ".join(text.replace("\0", "").split())
    if judged in _REASONED and not found:
        raise InputError("judgement_without_reason")
    if len(found) > LONGEST_REASON:
        raise InputError("reason_too_long", most=LONGEST_REASON)
    return found


def _role(actor: Actor, unit: UUID) -> str:
    """Return in which role somebody speaks: the first that gives them the right here, by name."""
    sources = sorted(one.source for one in actor.grants_of(SAY) if one.reaches(unit))
    roles = [one.removeprefix("role:") for one in sources if one.startswith("role:")]
    return roles[0] if roles else "delegation"
