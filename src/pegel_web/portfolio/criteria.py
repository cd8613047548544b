"""What a use case needs at each gate, as far as this room knows it. Pure functions of the facts.

Binding for production (``product.md``): result owner, policy bucket, risk class other than unclear, baseline,
monitoring, fallback, data protection and works-council status.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pegel_web.portfolio.case_facts import CaseFacts
from pegel_web.portfolio.declaring import PASSING
from pegel_web.portfolio.gate_registry import Criterion, Finding, declare_criterion
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models.declarations import DeclarationValue, Subject
from pegel_web.portfolio.models.duties import Duty
from pegel_web.portfolio.models.use_cases import Origin

_ASSESSED: Final = CaseState.ASSESSED
_PRIORITISED: Final = CaseState.PRIORITISED
_PILOT: Final = CaseState.PILOT
_PRODUCTION: Final = CaseState.PRODUCTION
_SCALED: Final = CaseState.SCALED
_MET: Final = Finding(standing="met")
_MISSING: Final = Finding(standing="missing")


def _there(value: object) -> Finding:
    return _MET if value else _MISSING


def _problem(facts: CaseFacts) -> Finding:
    return _there(facts.row.pain)


def _place(facts: CaseFacts) -> Finding:
    row = facts.row
    return _there((row.stream_id and row.step) or row.place_note)


def _estimated(facts: CaseFacts) -> Finding:
    if not facts.estimates:
        return _MISSING
    return Finding(standing="met", evidence="estimates", values={"n": len(facts.estimates)})


def _goal(facts: CaseFacts) -> Finding:
    row = facts.row
    if row.origin == Origin.TOOL and not (row.goal and row.pain):
        return Finding(standing="failed", evidence="tool_first")
    return _there(row.goal or row.pain)


def _horizon(facts: CaseFacts) -> Finding:
    return _there(facts.row.horizon)


def _owner(duty: Duty) -> Callable[[CaseFacts], Finding]:
    def check(facts: CaseFacts) -> Finding:
        return _there(facts.accountable(duty))

    return check


def _matrix(facts: CaseFacts) -> Finding:
    open_ = facts.without_accountable
    return _MET if not open_ else Finding(standing="missing", evidence="duties_open", values={"n": len(open_)})


def _champion(facts: CaseFacts) -> Finding:
    champion = facts.row.champion_id
    return _there(champion is not None and champion not in facts.gone)


def _human_control(facts: CaseFacts) -> Finding:
    return _there(facts.row.ai_acts and facts.row.person_decides)


def _data_needs(facts: CaseFacts) -> Finding:
    return _there(facts.row.data_needs and facts.row.data_class)


def _of_pilot(field: str) -> Callable[[CaseFacts], Finding]:
    def check(facts: CaseFacts) -> Finding:
        return _there(facts.pilot is not None and getattr(facts.pilot, field))

    return check


def _pilot_end(facts: CaseFacts) -> Finding:
    if facts.pilot is None or facts.pilot.ends_on is None:
        return _MISSING
    if facts.pilot.ends_on <= facts.on:
        return Finding(standing="failed", evidence="end_passed", values={"day": facts.pilot.ends_on})
    return Finding(standing="met", evidence="ends_on", values={"day": facts.pilot.ends_on})


def _introductions(facts: CaseFacts) -> Finding:
    most = facts.most_introductions
    if most is None:
        return Finding(standing="met", evidence="no_limit")
    values: dict[str, object] = {"n": facts.introductions, "most": most}
    standing = "met" if facts.introductions < most else "failed"
    return Finding(standing=standing, evidence="introductions", values=values)  # type: ignore[arg-type]  # one of the two


def _learning(facts: CaseFacts) -> Finding:
    pilot = facts.pilot
    return _there(pilot is not None and pilot.as_planned is not None and pilot.why and pilot.change)


def _declared(subject: Subject) -> Callable[[CaseFacts], Finding]:
    def check(facts: CaseFacts) -> Finding:
        last = facts.declared.get(subject)
        if last is None:
            return _MISSING
        values: dict[str, object] = {"value": last.value, "day": last.declared_on}
        if last.valid_until is not None and last.valid_until <= facts.on:
            return Finding(standing="failed", evidence="expired", values={"day": last.valid_until}, declared=True)
        if last.value == DeclarationValue.UNCLEAR:
            return Finding(standing="unclear", evidence="unclear", values=values, declared=True)
        standing = "met" if last.value in PASSING else "failed"
        return Finding(standing=standing, evidence="declared", values=values, declared=True)  # type: ignore[arg-type]  # one of the two

    return check


_ALL: Final = (_ASSESSED, _PRIORITISED, _PILOT, _PRODUCTION, _SCALED)
_RUN: Final = (_PILOT, _PRODUCTION, _SCALED)
_LIVE: Final = (_PRODUCTION, _SCALED)

for _place_in_list, (_code, _gates, _check, _binding, _fix) in enumerate(
    (
        ("problem", _ALL, _problem, True, "about"),
        ("place", (_ASSESSED, *_RUN), _place, True, "about"),
        ("estimated", (_ASSESSED, _PRIORITISED, _PILOT), _estimated, True, "estimates"),
        ("goal", (_PRIORITISED, *_RUN), _goal, True, "about"),
        ("horizon", (_PRIORITISED,), _horizon, False, "about"),
        ("result_owner", (_PRIORITISED, *_RUN), _owner(Duty.RESULT), True, "duties"),
        ("experiment_owner", (_PILOT,), _owner(Duty.EXPERIMENT), True, "duties"),
        ("champion", (_PILOT,), _champion, True, "about"),
        ("model_owner", _LIVE, _owner(Duty.MODEL), True, "duties"),
        ("application_owner", _LIVE, _owner(Duty.APPLICATION), True, "duties"),
        ("raci", _LIVE, _matrix, True, "duties"),
        ("human_control", _RUN, _human_control, True, "about"),
        ("data_needs", _RUN, _data_needs, True, "about"),
        ("hypothesis", (_PILOT,), _of_pilot("hypothesis"), True, "pilot"),
        ("pilot_baseline", (_PILOT,), _of_pilot("baseline"), True, "pilot"),
        ("kill_criterion", (_PILOT,), _of_pilot("kill_criterion"), True, "pilot"),
        ("pilot_end", (_PILOT,), _pilot_end, True, "pilot"),
        ("introductions", (_PILOT, _PRODUCTION), _introductions, False, "pilot"),
        ("risk_class", _RUN, _declared(Subject.RISK_CLASS), True, "declarations"),
        ("policy_bucket", _RUN, _declared(Subject.POLICY_BUCKET), True, "declarations"),
        ("data_protection", _RUN, _declared(Subject.DATA_PROTECTION), True, "declarations"),
        ("works_council", _RUN, _declared(Subject.WORKS_COUNCIL), True, "declarations"),
        ("baseline", _LIVE, _declared(Subject.BASELINE), True, "declarations"),
        ("monitoring", _LIVE, _declared(Subject.MONITORING), True, "declarations"),
        ("fallback", _LIVE, _declared(Subject.FALLBACK), True, "declarations"),
        ("technical", _LIVE, _declared(Subject.TECHNICAL), False, "declarations"),
        ("organisational", _LIVE, _declared(Subject.ORGANISATIONAL), False, "declarations"),
        ("economic", _LIVE, _declared(Subject.ECONOMIC), False, "declarations"),
        ("learning", _LIVE, _learning, True, "pilot"),
    )
):
    declare_criterion(
        Criterion(code=_code, gates=_gates, order=10 * (_place_in_list + 1), check=_check, binding=_binding, fix=_fix)
    )
