"""What the application remembers of value streams; each subject has its file."""

from __future__ import annotations

from pegel_web.flow.models.alerts import StreamAlert, StreamAlertThresholds
from pegel_web.flow.models.baselines import Baseline
from pegel_web.flow.models.desk import Inflow, InflowDecision, ItemValue
from pegel_web.flow.models.events import StreamEvent
from pegel_web.flow.models.lake_results import LakeResult, LakeResultKind
from pegel_web.flow.models.process import Judged, StepResponsibility, VariantStatement
from pegel_web.flow.models.selections import StreamSelection
from pegel_web.flow.models.snapshots import LakeReading, SnapshotKind, StreamSnapshot
from pegel_web.flow.models.stalls import StallOutcome, StallReport, StallStatus, StallStep, StallVoice
from pegel_web.flow.models.streams import StreamDeclaration, StreamProject, ValueStream

__all__ = [
    "Baseline",
    "Inflow",
    "InflowDecision",
    "ItemValue",
    "Judged",
    "LakeReading",
    "LakeResult",
    "LakeResultKind",
    "SnapshotKind",
    "StallOutcome",
    "StallReport",
    "StallStatus",
    "StallStep",
    "StallVoice",
    "StepResponsibility",
    "StreamAlert",
    "StreamAlertThresholds",
    "StreamDeclaration",
    "StreamEvent",
    "StreamProject",
    "StreamSelection",
    "StreamSnapshot",
    "ValueStream",
    "VariantStatement",
]
