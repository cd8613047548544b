"""Where a stream stalls and why: the same answer as on its page, in short."""

from __future__ import annotations

from typing import Final, cast
from uuid import UUID

from pegel.eventlog.workflow import StateCategory
from pegel.words import Language, say
from pegel.words.numbers import percent
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.contracts.reports import ReportContent, WaitLine
from pegel_web.flow.contracts.where_it_stalls import FirstStep, WhereItStalls
from pegel_web.flow.queries.reports import stream_report

#: Causes told, the largest.
MOST_CAUSES: Final = 3
#: A wait is worth changing from this share of the flow time on.
_MUCH: Final = 0.1
#: So much of the open work being late is what to look at first.
_MANY_LATE: Final = 0.3


def where_it_stalls(
    *, actor: Actor, stream_id: UUID, period: str = DEFAULT, policy: str | None = None
) -> WhereItStalls:
    """Return where a stream stalls and why, what is ageing there, and the first step to take.

    Raises
    ------
    NotFoundError: ``stream_unknown``. InputError: ``period_unknown``, ``policy_not_computed``.
    """
    found = stream_report(actor=actor, stream_id=stream_id, period=period, policy=policy)
    content = found.content
    if content is None:
        return WhereItStalls(
            stream=found.stream, status="not_computed", freshness=None, period=period, policy=None, unit="days",
            sentence="", phases=(), steps=(), waits_sentence="", causes=(), open=0, late=0, oldest=None,
            ageing_sentence="", first_step=None,
        )  # fmt: skip
    return WhereItStalls(
        stream=found.stream,
        status="withheld" if found.withheld else "value",
        freshness=found.freshness,
        period=content.period,
        policy=content.policy,
        unit=content.unit,
        sentence=content.summary if found.withheld else content.stall,
        phases=content.phases,
        steps=content.states,
        waits_sentence=content.waits.sentence,
        causes=largest_causes(content)[:MOST_CAUSES],
        open=content.ageing.open,
        late=content.ageing.late,
        oldest=content.ageing.oldest,
        ageing_sentence=content.ageing.sentence,
        first_step=None if found.withheld else first_step(content, cast(Language, actor.language)),
    )


def largest_causes(content: ReportContent) -> tuple[WaitLine, ...]:
    """Return the causes that claim waiting time, the largest first."""
    return tuple(sorted((one for one in content.waits.lines if one.days), key=lambda one: -(one.days or 0.0)))


def first_step(content: ReportContent, language: Language) -> FirstStep:
    """Return what to do first: say what states mean, then look at the late work, then at the longest wait."""
    if content.unmapped_states:
        said = say("flow.first_step.map_states", language, n=content.unmapped_states)
        return FirstStep(kind="map_states", state=None, sentence=said)
    late = max(content.states, key=lambda line: line.late, default=None)
    if late is not None and late.late and content.ageing.late >= _MANY_LATE * content.ageing.open:
        said = say("flow.first_step.late_items", language, n=late.late, state=late.state_name, all=content.ageing.late)
        return FirstStep(kind="late_items", state=late.state, sentence=said)
    waiting = [line for line in content.states if line.category == StateCategory.WAITING]
    longest = max(waiting, key=lambda line: line.share or 0.0, default=None)
    if longest is None or (longest.share or 0.0) < _MUCH:
        return FirstStep(kind="nothing", state=None, sentence=say("flow.first_step.nothing", language))
    causes = largest_causes(content)
    why = longest.friction_name or (causes[0].cause_name if causes else "")
    code = "longest_wait" if why else "longest_wait_unexplained"
    share = percent(longest.share or 0.0, language)
    said = say(f"flow.first_step.{code}", language, state=longest.state_name, share=share, why=why)
    return FirstStep(kind="longest_wait", state=longest.state, sentence=said)
