"""Did it help? Estimators of the effect of an adoption, their diagnostics, power, verdicts and return.

On plain data frames, in a notebook::

    from pegel import impact
    found = impact.callaway_santanna(panel, unit="team", time="week", outcome="flow_time", cohort="adopted")
    found.effect, found.interval, found.summary("de")

Every panel estimator takes ``unit=, time=, outcome=, cohort=, covariates=None`` (cohort: first treated period, missing:
never) and returns an :class:`Estimate`. Diagnostics (``pre_trends``, ``honest_bounds``, ``multiverse`` …) take what
``panel_of`` returns and an estimator's ``fitter(...)``. Needs the extra ``impact``. Names are loaded when they are
first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

_WHERE = {
    "callaway_santanna": "estimators.callaway_santanna",
    "imputation": "estimators.imputation",
    "sun_abraham": "estimators.sun_abraham",
    "two_way_fixed_effects": "estimators.two_way_fixed_effects",
    "bacon_decomposition": "estimators.bacon",
    "local_projections": "estimators.local_projections",
    "difference_in_differences": "estimators.difference_in_differences",
    "synthetic_did": "synthetic.synthetic_did",
    "synthetic_control": "synthetic.synthetic_control",
    "interrupted_time_series": "series.interrupted_time_series",
    "quasi_poisson": "rates.counts",
    "ancova": "trials.ancova",
    "confidence_sequence": "trials.sequential",
    "kaplan_meier": "durations.durations",
    "cox": "durations.cox",
    "power": "planning.power",
    "design": "planning.design",
    "adoption_dates": "adoption.adoption",
    "join_panel": "adoption.panels",
    "verdict": "verdicts.verdict",
    "Check": "verdicts.verdict",
    "Guard": "verdicts.verdict",
    "Verdict": "verdicts.verdict",
    "measure": "verdicts.measurement",
    "load_plan": "verdicts.plan",
    "net_return": "money.net_return",
    "dora_return": "money.dora_return",
    "Estimate": "estimate",
    "Interval": "estimate",
    "Caveat": "estimate",
    "panel_of": "panel",
    "pre_trends": "diagnostics.pre_trends",
    "honest_bounds": "diagnostics.honest_bounds",
    "placebo_in_time": "diagnostics.placebo",
    "placebo_in_space": "diagnostics.placebo",
    "leave_one_out": "diagnostics.leave_one_out",
    "multiverse": "diagnostics.multiverse",
    "heterogeneity": "diagnostics.heterogeneity",
    "selection_months": "diagnostics.selection_on_outcome",
    "AdoptionRule": "adoption.adoption",
    "Cost": "money.return_inputs",
    "Range": "money.uncertain",
}

if TYPE_CHECKING:
    from pegel.impact.adoption.adoption import AdoptionRule, adoption_dates
    from pegel.impact.adoption.panels import join_panel
    from pegel.impact.diagnostics.heterogeneity import heterogeneity
    from pegel.impact.diagnostics.honest_bounds import honest_bounds
    from pegel.impact.diagnostics.leave_one_out import leave_one_out
    from pegel.impact.diagnostics.multiverse import multiverse
    from pegel.impact.diagnostics.placebo import placebo_in_space, placebo_in_time
    from pegel.impact.diagnostics.pre_trends import pre_trends
    from pegel.impact.diagnostics.selection_on_outcome import selection_months
    from pegel.impact.durations.cox import cox
    from pegel.impact.durations.durations import kaplan_meier
    from pegel.impact.estimate import Caveat, Estimate, Interval
    from pegel.impact.estimators.bacon import bacon_decomposition
    from pegel.impact.estimators.callaway_santanna import callaway_santanna
    from pegel.impact.estimators.difference_in_differences import difference_in_differences
    from pegel.impact.estimators.imputation import imputation
    from pegel.impact.estimators.local_projections import local_projections
    from pegel.impact.estimators.sun_abraham import sun_abraham
    from pegel.impact.estimators.two_way_fixed_effects import two_way_fixed_effects
    from pegel.impact.money.dora_return import dora_return
    from pegel.impact.money.net_return import net_return
    from pegel.impact.money.return_inputs import Cost
    from pegel.impact.money.uncertain import Range
    from pegel.impact.panel import panel_of
    from pegel.impact.planning.design import design
    from pegel.impact.planning.power import power
    from pegel.impact.rates.counts import quasi_poisson
    from pegel.impact.series.interrupted_time_series import interrupted_time_series
    from pegel.impact.synthetic.synthetic_control import synthetic_control
    from pegel.impact.synthetic.synthetic_did import synthetic_did
    from pegel.impact.trials.ancova import ancova
    from pegel.impact.trials.sequential import confidence_sequence
    from pegel.impact.verdicts.measurement import measure
    from pegel.impact.verdicts.plan import load_plan
    from pegel.impact.verdicts.verdict import Check, Guard, Verdict, verdict

__all__ = [
    "AdoptionRule",
    "Caveat",
    "Check",
    "Cost",
    "Estimate",
    "Guard",
    "Interval",
    "Range",
    "Verdict",
    "adoption_dates",
    "ancova",
    "bacon_decomposition",
    "callaway_santanna",
    "confidence_sequence",
    "cox",
    "design",
    "difference_in_differences",
    "dora_return",
    "heterogeneity",
    "honest_bounds",
    "imputation",
    "interrupted_time_series",
    "join_panel",
    "kaplan_meier",
    "leave_one_out",
    "load_plan",
    "local_projections",
    "measure",
    "multiverse",
    "net_return",
    "panel_of",
    "placebo_in_space",
    "placebo_in_time",
    "power",
    "pre_trends",
    "quasi_poisson",
    "selection_months",
    "sun_abraham",
    "synthetic_control",
    "synthetic_did",
    "two_way_fixed_effects",
    "verdict",
]


def __getattr__(name: str) -> Any:
    try:
        where = _WHERE[name]
    except KeyError:
        raise AttributeError(f"module 'pegel.impact' has no attribute {name!r}") from None
    return getattr(import_module(f"pegel.impact.{where}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
