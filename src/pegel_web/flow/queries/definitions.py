"""What the figures mean: for everybody, no secret about any stream."""

from __future__ import annotations

from typing import cast

from pegel.errors import NotFoundError
from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.definitions import DEFINITIONS
from pegel_web.flow.contracts.definitions import MetricDefinition


def metric_definition(*, actor: Actor, metric: str) -> MetricDefinition:
    """Return what a metric means, in the actor's language.

    Raises
    ------
    NotFoundError: ``metric_unknown`` with those that exist.
    """
    if metric not in DEFINITIONS:
        raise NotFoundError("metric_unknown", name=metric[:100], known=list(DEFINITIONS))
    language = cast(Language, actor.language)
    return MetricDefinition(
        metric=metric,
        id=DEFINITIONS[metric],
        name=say(f"metric.{metric}.label", language),
        question=say(f"metric.{metric}.means", language),
        definition=say(f"metric.{metric}.definition", language),
        unit=say(f"flow.definition.{metric}.unit", language),
        clock=say(f"flow.definition.{metric}.clock", language),
        source=say(f"flow.definition.{metric}.source", language),
    )


def metric_definitions(*, actor: Actor) -> list[MetricDefinition]:
    """Return what every metric means, in the order of the pages."""
    return [metric_definition(actor=actor, metric=name) for name in DEFINITIONS]
