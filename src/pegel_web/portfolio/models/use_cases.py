"""Use cases: what hurts, where, who answers for it, and where they stand."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from pegel_web.core.scope import ScopedManager
from pegel_web.portfolio.lifecycle import CaseState


class Origin(models.TextChoices):
    """What an idea comes from. One that comes from a tool looks for work to do with it: it gets a warning."""

    STRATEGY = "strategy"
    PAIN = "pain"
    TOOL = "tool"
    REGULATION = "regulation"


class Usage(models.TextChoices):
    """Who works with it: single people each for themselves, or a team in its common workflow."""

    INDIVIDUAL = "individual"
    TEAM = "team"


class BusinessFunction(models.TextChoices):
    """The kind of work it helps with; templates are sorted by it."""

    CUSTOMER_SERVICE = "customer_service"
    DEVELOPMENT = "development"
    IT = "it"
    HR = "hr"
    FINANCE = "finance"
    MARKETING = "marketing"
    OPERATIONS = "operations"
    OTHER = "other"


class DataClass(models.TextChoices):
    """The most sensitive data it needs, from harmless up."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    PERSONAL = "personal"
    SPECIAL = "special"


_STATES = [(state.value, state.value) for state in CaseState]


class CaseNumbering(models.Model):
    """The last number given; one row, locked while numbers are given, so that there are no doubles."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last = models.PositiveIntegerField(default=0)


class UseCase(models.Model):
    """An idea for the use of AI and what has become of it.

    ``unit``: whose work it changes. ``stream``, ``step``: the value stream and the state of its work items in which it
    helps; ``place_note`` says why there is none. ``phase``, ``friction``: codes of the flow room. ``shadow``: it was
    in use before anybody was asked; registering it has no consequence for anybody. ``submitted_by``: None: imported,
    or the person was forgotten. ``other``: what it doubles, or was merged into. ``source_state``: where its source says
    it stands, which Pegel has not evaluated: it moves nothing. ``revision`` grows with every change.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=200)
    pain = models.TextField(max_length=4000, blank=True)
    hoped_effect = models.TextField(max_length=4000, blank=True)
    unit = models.ForeignKey("organisation.Unit", on_delete=models.PROTECT, related_name="use_cases")
    stream = models.ForeignKey("flow.ValueStream", null=True, on_delete=models.SET_NULL, related_name="use_cases")
    step = models.CharField(max_length=300, blank=True)
    place_note = models.CharField(max_length=500, blank=True)
    phase = models.CharField(max_length=20, blank=True)
    friction = models.CharField(max_length=20, blank=True)
    origin = models.CharField(max_length=12, choices=Origin, blank=True)
    goal = models.CharField(max_length=500, blank=True)
    usage = models.CharField(max_length=12, choices=Usage, blank=True)
    function = models.CharField(max_length=20, choices=BusinessFunction, blank=True)
    horizon = models.PositiveSmallIntegerField(null=True)
    ai_acts = models.TextField(max_length=4000, blank=True)
    person_decides = models.TextField(max_length=4000, blank=True)
    data_needs = models.TextField(max_length=4000, blank=True)
    data_class = models.CharField(max_length=12, choices=DataClass, blank=True)
    champion = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    amount = models.DecimalField(null=True, max_digits=14, decimal_places=2)
    shadow = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=_STATES, default=CaseState.IDEA)
    state_since = models.DateTimeField()
    parked_until = models.DateField(null=True)
    other = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="others")
    submitted_by = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    submitted_at = models.DateTimeField()
    source = models.CharField(max_length=40, blank=True)
    source_key = models.CharField(max_length=200, blank=True)
    source_state = models.CharField(max_length=12, choices=_STATES, blank=True)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "portfolio.use_case.view"
    scope_path = "unit_id"

    class Meta:
        indexes = (
            models.Index(fields=["state", "state_since"], name="use_case_state"),
            models.Index(fields=["unit", "state"], name="use_case_unit"),
            models.Index(fields=["stream"], name="use_case_stream"),
        )
        constraints = (
            models.CheckConstraint(
                name="use_case_horizon", condition=Q(horizon__isnull=True) | Q(horizon__in=[1, 2, 3])
            ),
            models.CheckConstraint(name="use_case_amount", condition=Q(amount__isnull=True) | Q(amount__gte=0)),
            models.CheckConstraint(
                name="use_case_other_named",
                condition=~Q(state__in=[CaseState.DUPLICATE, CaseState.MERGED]) | Q(other__isnull=False),
            ),
            # What was imported twice under one key is one use case.
            models.UniqueConstraint(
                name="use_case_source", fields=["source", "source_key"], condition=~Q(source_key="")
            ),
        )


class CaseRevision(models.Model):
    """What a use case said from one change to the next: the ground on which two people's changes are joined."""

    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    content = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(name="case_revision_once", fields=["use_case", "revision"]),)


class CaseStep(models.Model):
    """A step in the life of a use case. ``by``: None: Pegel itself, an import, or a person who was forgotten.

    ``decision``: the gate decision that permitted it. ``pattern``: it began as a pre-approved experiment.
    """

    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="steps")
    source = models.CharField(max_length=12, choices=_STATES, blank=True)
    target = models.CharField(max_length=12, choices=_STATES)
    at = models.DateTimeField()
    by = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(max_length=4000, blank=True)
    decision = models.ForeignKey("portfolio.GateDecision", null=True, on_delete=models.PROTECT, related_name="steps")
    pattern = models.ForeignKey("portfolio.ExperimentPattern", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = (models.Index(fields=["use_case", "at"], name="case_step_life"),)


class CaseTool(models.Model):
    """A tool that was chosen for a use case, and when; ``platform``: where it runs, if it is one that IT offers."""

    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="tools")
    name = models.CharField(max_length=120)
    platform = models.ForeignKey("organisation.Platform", null=True, on_delete=models.SET_NULL, related_name="+")
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(name="case_tool_once", fields=["use_case", "name"]),)
