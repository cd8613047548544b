"""The value streams of the invented company as data: what their work passes through, and what goes wrong how often.

"Musterwerke" is no IT company: claims, travel expenses and permits speak German, development and supplier onboarding
speak English. One step is planted as the bottleneck: ``Wartet auf Freigabe`` in ``Reisekosten``.
A state name means the same category everywhere, so that the history of an item that moved reads the same whichever
stream's workflow is laid on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pegel.eventlog.schema import SECOND_US
from pegel.eventlog.workflow import FlowItemKind, Friction, Phase, StateCategory


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A state that items pass on their way.

    Parameters
    ----------
    median_hours: half of the stays are shorter; working hours if ``office``, else hours by the wall clock.
    sigma: spread of the lognormal stay.
    skip: share of items that pass it by. ``instant``: share that leave it in the moment they enter it.
    back: share of stays after which the item goes back to the state ``back_to`` (rework).
    sign_off_types: types for which nobody works in this state: their items wait for an approval.
    """

    state: str
    category: StateCategory
    phase: Phase
    friction: Friction | None = None
    median_hours: float
    sigma: float = 0.9
    office: bool = True
    skip: float = 0.0
    instant: float = 0.0
    back: float = 0.0
    back_to: str = ""
    sign_off_types: tuple[str, ...] = ()

    def category_for(self, work_type: str) -> StateCategory:
        """Category of the state for items of one type."""
        return StateCategory.WAITING if work_type in self.sign_off_types else self.category


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkType:
    """A work item type: its share of the arrivals, its kind of work, and how much longer its stays take."""

    name: str
    share: float
    kind: FlowItemKind
    pace: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A value stream.

    Parameters
    ----------
    share: share of the company's items. ``season``: weight of the arrivals in January … December.
    done, archived: states of finished work, one after the other (archived: "" where there is none).
    cancelled, deleted, direct, moved, reopened, retyped, reactivated: shares of items that are given up, removed from
        the tool, finished without any work, handed to the stream ``moved_to``, taken up again after they were done,
        given another type, taken up again after they were given up.
    reopened_to: state in which work starts again. ``linked``: share of items that have a link to an earlier one.
    deletion_is_state: the tool writes a deletion as a last state instead of a changed field.
    resolution_us: precision of the tool's times.
    """

    stream: str
    department: str
    key: str
    share: float
    steps: tuple[Step, ...]
    types: tuple[WorkType, ...]
    done: str
    archived: str = ""
    cancelled_state: str
    cancelled: float
    deleted: float
    direct: float
    reopened: float
    reopened_to: str
    reactivated: float = 0.1
    moved: float = 0.0
    moved_to: str = ""
    retyped: float = 0.0
    linked: float = 0.0
    deletion_is_state: bool = False
    resolution_us: int = SECOND_US
    season: tuple[float, ...] = (1.0,) * 12


_NEW, _WAITING, _ACTIVE, _IGNORED = (
    StateCategory.NEW,
    StateCategory.WAITING,
    StateCategory.ACTIVE,
    StateCategory.IGNORED,
)
_INTAKE, _PLANNING, _EXECUTION, _REPORTING = Phase.INTAKE, Phase.PLANNING, Phase.EXECUTION, Phase.REPORTING
_APPROVAL, _PRIORITY = Friction.APPROVAL, Friction.PRIORITISATION
_HAND_OFF, _QUERY = Friction.HAND_OFF, Friction.STATUS_QUERY

#: Where the company's work stalls, on purpose.
BOTTLENECK: Final = ("Reisekosten", "Wartet auf Freigabe")

_CLAIMS = Plan(
    stream="Reklamationen",
    department="Kundenservice",
    key="REK",
    share=0.30,
    steps=(
        Step(state="Neu", category=_NEW, phase=_INTAKE, median_hours=3),
        Step(state="In Klärung", category=_ACTIVE, phase=_PLANNING, median_hours=2.5),
        Step(
            state="Rückfrage beim Kunden",
            category=_WAITING,
            phase=_PLANNING,
            friction=_QUERY,
            median_hours=30,
            sigma=1.0,
            office=False,
            skip=0.6,
            back=0.15,
            back_to="In Klärung",
        ),
        Step(
            state="Übergabe an Werk", category=_WAITING, phase=_EXECUTION, friction=_HAND_OFF, median_hours=5, skip=0.45
        ),
        Step(state="In Bearbeitung", category=_ACTIVE, phase=_EXECUTION, median_hours=7),
        Step(
            state="In Prüfung",
            category=_ACTIVE,
            phase=_REPORTING,
            median_hours=2,
            skip=0.1,
            back=0.12,
            back_to="In Bearbeitung",
        ),
    ),
    types=(
        WorkType(name="Lieferung", share=0.45, kind=FlowItemKind.DEFECT),
        WorkType(name="Qualität", share=0.35, kind=FlowItemKind.DEFECT, pace=1.5),
        WorkType(name="Rechnung", share=0.20, kind=FlowItemKind.DEFECT, pace=0.6),
    ),
    done="Erledigt",
    archived="Archiviert",
    cancelled_state="Abgelehnt",
    cancelled=0.06,
    deleted=0.01,
    direct=0.03,
    reopened=0.07,
    reopened_to="In Bearbeitung",
    moved=0.05,
    moved_to="Produktentwicklung",
    retyped=0.04,
    season=(1.3, 1.0, 0.9, 0.9, 0.9, 0.9, 0.8, 0.8, 1.0, 1.0, 1.2, 1.4),
)

_EXPENSES = Plan(
    stream="Reisekosten",
    department="Finanzen",
    key="RK",
    share=0.28,
    steps=(
        Step(state="Eingereicht", category=_NEW, phase=_INTAKE, median_hours=4),
        Step(
            state="Beleg fehlt",
            category=_WAITING,
            phase=_INTAKE,
            friction=_QUERY,
            median_hours=20,
            office=False,
            skip=0.85,
        ),
        Step(state="Belegprüfung", category=_ACTIVE, phase=_EXECUTION, median_hours=1.5),
        Step(
            state=BOTTLENECK[1],
            category=_WAITING,
            phase=_EXECUTION,
            friction=_APPROVAL,
            median_hours=20,
            sigma=0.8,
            instant=0.06,
            back=0.07,
            back_to="Belegprüfung",
        ),
        Step(
            state="Freigegeben",
            category=_WAITING,
            phase=_EXECUTION,
            friction=_HAND_OFF,
            median_hours=4,
            sigma=0.5,
            instant=0.3,
        ),
        Step(state="Auszahlung", category=_ACTIVE, phase=_REPORTING, median_hours=2, sigma=0.5),
    ),
    types=(
        WorkType(name="Inland", share=0.6, kind=FlowItemKind.FEATURE),
        WorkType(name="Ausland", share=0.3, kind=FlowItemKind.FEATURE, pace=1.4),
        WorkType(name="Fortbildung", share=0.1, kind=FlowItemKind.FEATURE, pace=1.2),
    ),
    done="Bezahlt",
    cancelled_state="Storniert",
    cancelled=0.04,
    deleted=0.015,
    direct=0.01,
    reopened=0.02,
    reopened_to="Belegprüfung",
    season=(0.7, 0.9, 1.2, 1.1, 1.2, 1.2, 0.7, 0.6, 1.3, 1.3, 1.2, 0.8),
)

_DEVELOPMENT = Plan(
    stream="Produktentwicklung",
    department="Entwicklung",
    key="DEV",
    share=0.24,
    steps=(
        Step(state="Backlog", category=_NEW, phase=_INTAKE, median_hours=40, sigma=1.3),
        Step(
            state="Ready for Development",
            category=_WAITING,
            phase=_PLANNING,
            friction=_PRIORITY,
            median_hours=16,
            skip=0.15,
        ),
        Step(state="In Progress", category=_ACTIVE, phase=_EXECUTION, median_hours=12, sigma=1.0),
        Step(
            state="Blocked",
            category=_WAITING,
            phase=_EXECUTION,
            friction=_HAND_OFF,
            median_hours=12,
            skip=0.82,
            back=0.9,
            back_to="In Progress",
        ),
        Step(
            state="Code Review",
            category=_ACTIVE,
            phase=_EXECUTION,
            median_hours=4,
            skip=0.08,
            back=0.2,
            back_to="In Progress",
            sign_off_types=("Risk",),
        ),
        Step(
            state="Waiting for Release",
            category=_WAITING,
            phase=_REPORTING,
            friction=_HAND_OFF,
            median_hours=14,
            sigma=0.6,
            skip=0.2,
        ),
    ),
    types=(
        WorkType(name="Feature", share=0.42, kind=FlowItemKind.FEATURE, pace=1.5),
        WorkType(name="Bug", share=0.33, kind=FlowItemKind.DEFECT, pace=0.7),
        WorkType(name="Debt", share=0.15, kind=FlowItemKind.DEBT),
        WorkType(name="Risk", share=0.10, kind=FlowItemKind.RISK, pace=1.1),
    ),
    done="Done",
    cancelled_state="Won't Do",
    cancelled=0.07,
    deleted=0.015,
    direct=0.04,
    reopened=0.06,
    reopened_to="In Progress",
    retyped=0.05,
    linked=0.25,
    deletion_is_state=True,
    resolution_us=1_000,
    season=(1.0, 1.0, 1.1, 1.0, 1.0, 1.0, 0.9, 0.7, 1.1, 1.1, 1.1, 0.7),
)

_PERMITS = Plan(
    stream="Genehmigungen",
    department="Recht und Umwelt",
    key="GEN",
    share=0.10,
    steps=(
        Step(state="Antrag eingegangen", category=_NEW, phase=_INTAKE, median_hours=12),
        Step(state="Vollständigkeitsprüfung", category=_ACTIVE, phase=_PLANNING, median_hours=14),
        Step(
            state="Ruhend",
            category=_IGNORED,
            phase=_PLANNING,
            median_hours=200,
            sigma=0.6,
            office=False,
            skip=0.75,
        ),
        Step(
            state="Anhörung",
            category=_WAITING,
            phase=_EXECUTION,
            friction=_QUERY,
            median_hours=150,
            sigma=0.5,
            office=False,
            skip=0.4,
        ),
        Step(state="Fachprüfung", category=_ACTIVE, phase=_EXECUTION, median_hours=35),
        Step(
            state="In Abstimmung",
            category=_WAITING,
            phase=_EXECUTION,
            friction=_HAND_OFF,
            median_hours=18,
            skip=0.3,
            back=0.15,
            back_to="Fachprüfung",
        ),
        Step(state="Bescheid erstellen", category=_ACTIVE, phase=_REPORTING, median_hours=16),
    ),
    types=(
        WorkType(name="Bauvorhaben", share=0.5, kind=FlowItemKind.FEATURE, pace=1.3),
        WorkType(name="Anlagenänderung", share=0.3, kind=FlowItemKind.FEATURE),
        WorkType(name="Auflage", share=0.2, kind=FlowItemKind.RISK, pace=0.8),
    ),
    done="Bescheid erteilt",
    cancelled_state="Zurückgezogen",
    cancelled=0.08,
    deleted=0.01,
    direct=0.02,
    reopened=0.03,
    reopened_to="Fachprüfung",
    resolution_us=60 * SECOND_US,
    season=(0.8, 0.9, 1.2, 1.3, 1.2, 1.1, 0.9, 0.8, 1.1, 1.0, 0.9, 0.8),
)

_SUPPLIERS = Plan(
    stream="Supplier Onboarding",
    department="Procurement",
    key="SUP",
    share=0.08,
    steps=(
        Step(state="Requested", category=_NEW, phase=_INTAKE, median_hours=10),
        Step(state="Risk Assessment", category=_ACTIVE, phase=_PLANNING, median_hours=14),
        Step(
            state="Questions to Supplier",
            category=_WAITING,
            phase=_PLANNING,
            friction=_QUERY,
            median_hours=60,
            office=False,
            skip=0.5,
        ),
        Step(
            state="Waiting for Legal Approval",
            category=_WAITING,
            phase=_EXECUTION,
            friction=_APPROVAL,
            median_hours=14,
            skip=0.25,
        ),
        Step(state="Contracting", category=_ACTIVE, phase=_EXECUTION, median_hours=24),
        Step(state="Master Data Entry", category=_ACTIVE, phase=_REPORTING, median_hours=4),
    ),
    types=(
        WorkType(name="Material", share=0.55, kind=FlowItemKind.FEATURE),
        WorkType(name="Service", share=0.35, kind=FlowItemKind.FEATURE, pace=0.8),
        WorkType(name="Compliance", share=0.10, kind=FlowItemKind.RISK, pace=1.3),
    ),
    done="Onboarded",
    cancelled_state="Declined",
    cancelled=0.1,
    deleted=0.02,
    direct=0.02,
    reopened=0.02,
    reopened_to="Contracting",
)

#: Value streams of the company, in the order in which they are generated.
PLANS: Final[tuple[Plan, ...]] = (_CLAIMS, _EXPENSES, _DEVELOPMENT, _PERMITS, _SUPPLIERS)
