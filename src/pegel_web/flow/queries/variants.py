"""The ways of a stream's work, with what the people who do it say about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, cast
from uuid import UUID

from pegel.errors import InputError
from pegel.words import Language, say
from pegel.words.numbers import percent
from pegel.words.variants import way_text, ways_sentence
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.computing.variants import SHOWS, VARIANTS
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.contracts.variants import (
    Judgement,
    Standing,
    StreamVariants,
    VariantContent,
    VariantLine,
    VariantStatement,
    Way,
)
from pegel_web.flow.models import Judged, SnapshotKind, ValueStream
from pegel_web.flow.models import VariantStatement as Statement
from pegel_web.flow.queries.overview import period_choices, require_period
from pegel_web.flow.queries.reports import kept_part
from pegel_web.flow.queries.streams import freshness, may_refresh, reading, seen_stream, stream_of
from pegel_web.flow.queries.withholding import REASON, floor_of
from pegel_web.organisation.queries.structure import structure_on

SAY: Final = "flow.variant.confirm"
#: Statements that are listed; older ones count all the same.
MOST_LISTED: Final = 50


def stream_variants(*, actor: Actor, stream_id: UUID, period: str = DEFAULT, show: int = SHOWS[0]) -> StreamVariants:
    """Return the ways by which the finished work of a stream really went, as last computed.

    ``show``: the ways that together cover at least so many percent of the items: 80, 95 or 100.

    Raises
    ------
    NotFoundError: ``stream_unknown``. InputError: ``period_unknown``, ``show_unknown``.
    """
    require_period(period)
    if show not in SHOWS:
        raise InputError("show_unknown", name=str(show), known=[str(one) for one in SHOWS])
    row = seen_stream(actor, stream_id)
    language = cast(Language, actor.language)
    structure = structure_on(actor.at.date())
    kept = kept_part(row, SnapshotKind.VARIANTS, period)
    content = None if kept is None else VARIANTS.validate_python(kept.payload["content"])
    hidden = content is not None and floor_of(actor, structure).withholds(row.unit_id, content.people)
    # Read in any case: how many questions a page asks does not tell whether a group is small.
    kept_statements = statements_of(row)
    said = () if hidden else kept_statements
    may_say = actor.allows(SAY, unit=row.unit_id)
    shared: dict[str, Any] = {
        "stream": stream_of(row, structure),
        "freshness": None if kept is None else freshness(row, kept, reading(), actor.at),
        "show": show,
        "shows": tuple(Choice(code=str(one), name=percent(one / 100, language), chosen=one == show) for one in SHOWS),
        "periods": period_choices(period, language),
        "statements": tuple(_told(one, language, reasons=may_say) for one in said[:MOST_LISTED]),
        "withheld": hidden,
        "may_say": may_say,
        "may_refresh": may_refresh(actor, row.unit_id),
    }
    if content is None or hidden:
        said_so = (say(f"reason.{REASON}", language),) if hidden else ()
        return StreamVariants(
            content=None, sentences=said_so, lines=(), steps=(), picture="", usual=0.0, unwanted=0.0, log_wrong=0.0,
            new=0, **shared,
        )  # fmt: skip
    lines = _lines(content, said, language, reasons=may_say)
    drawn = next(one for one in content.shown if one.percent == show)
    shares = {
        name: sum(one.way.share for one in lines if one.standing == name) for name in ("usual", "unwanted", "log_wrong")
    }
    return StreamVariants(
        content=content,
        sentences=_sentences(content, shares, lines, language, said=bool(said)),
        lines=lines[: drawn.variants],
        steps=drawn.steps,
        picture=picture_of(content, show),
        usual=shares["usual"],
        unwanted=shares["unwanted"],
        log_wrong=shares["log_wrong"],
        new=sum(one.standing == "new" for one in lines),
        **shared,
    )


def statements_of(row: ValueStream) -> tuple[Statement, ...]:
    """Return what was said about the ways of a visible stream, the newest first."""
    found = Statement.objects.everything(because="of a stream that the actor may see")
    return tuple(found.filter(stream_id=row.id).order_by("-said_at", "-id"))


def picture_of(content: VariantContent, show: int) -> str:
    """Return what stands for the ways that are shown, whatever their order."""
    return sha256(" ".join(sorted(one.key for one in shown_ways(content, show))).encode()).hexdigest()[:16]


def shown_ways(content: VariantContent, show: int) -> Sequence[Way]:
    """Return the ways that are shown one by one."""
    drawn = next(one for one in content.shown if one.percent == show)
    return content.ways[: drawn.variants]


def _lines(
    content: VariantContent, said: Sequence[Statement], language: Language, *, reasons: bool
) -> tuple[VariantLine, ...]:
    latest = _latest(said)
    newest = next(iter(said), None)
    known = None if newest is None or not newest.all_known else set(newest.known)
    lines = []
    for way in content.ways:
        one = latest.get(way.key)
        standing: Standing = "open"
        if one is not None:
            standing = cast(Standing, one.judgement)
        elif known is not None and way.key not in known:
            standing = "new"
        lines.append(
            VariantLine(
                way=way,
                name=way_text(way.states, language, cut=way.cut),
                standing=standing,
                reason=one.reason or None if one is not None and reasons else None,
                role=None if one is None else role_text(one.role, language),
                said_at=None if one is None else one.said_at,
                with_picture=one is not None and not one.variant,
            )
        )
    return tuple(lines)


def _latest(said: Sequence[Statement]) -> Mapping[str, Statement]:
    """Return the statement in force about each way: the newest that is about it; what was taken back is not there."""
    found: dict[str, Statement] = {}
    for one in reversed(said):
        for key in [one.variant] if one.variant else one.covers:
            found[key] = one
    return {key: one for key, one in found.items() if one.judgement != Judged.WITHDRAWN}


def _sentences(
    content: VariantContent,
    shares: Mapping[str, float],
    lines: Sequence[VariantLine],
    language: Language,
    *,
    said: bool,
) -> tuple[str, ...]:
    if content.status != "value":
        return (say(f"reason.{content.reason}", language),)
    first = content.ways[0]
    out = [
        ways_sentence(content.n, content.distinct, content.most, language),
        say(
            "variants.first", language,
            way=way_text(first.states, language, cut=first.cut), share=percent(first.share, language),
        ),
    ]  # fmt: skip
    if content.returned:
        out.append(say("variants.returned", language, share=percent(content.returned, language)))
    if not said:
        return (*out, say("flow.variants.nobody_said", language))
    usual = say("flow.variants.usual_share", language, share=percent(shares["usual"], language))
    out.append(usual)
    out += [
        say(f"flow.variants.{name}_share", language, share=percent(shares[name], language))
        for name in ("unwanted", "log_wrong")
        if shares[name]
    ]
    new = [one for one in lines if one.standing == "new"]
    if new:
        share = percent(sum(one.way.share for one in new), language)
        out.append(say("flow.variants.new_ways", language, n=len(new), share=share))
    return tuple(out)


def _told(one: Statement, language: Language, *, reasons: bool) -> VariantStatement:
    return VariantStatement(
        id=one.id,
        key=one.variant,
        name=way_text(one.states, language) if one.variant else "",
        ways=len(one.covers) or 1,
        judgement=cast(Judgement, one.judgement),
        reason=one.reason or None if reasons else None,
        role=role_text(one.role, language),
        said_at=one.said_at,
    )


def role_text(role: str, language: Language) -> str:
    """Return in which role somebody spoke."""
    return say("flow.variants.delegated" if role == "delegation" else f"role.{role}", language)
