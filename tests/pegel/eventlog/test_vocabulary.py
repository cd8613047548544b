"""Names of states, activities and types, as people write them, and the traps in them."""

from __future__ import annotations

from importlib import resources
from time import perf_counter
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pegel.eventlog.vocabulary import vocabulary, words_of
from pegel.eventlog.workflow import StateCategory

DATA: dict[str, Any] = yaml.safe_load(
    resources.files("pegel.eventlog").joinpath("vocabulary.yaml").read_text(encoding="utf-8")
)


def said(name: str) -> str:
    found = vocabulary().state(name)
    if found is None:
        return "nothing"
    meaning, _ = found
    return "/".join([meaning.category.value, *([meaning.friction.value] if meaning.friction else [])])


@pytest.mark.parametrize(
    ("expected", "names"),
    [
        ("new", "Open, New, Neu, Offen, To Do, TODO, ToDo, Zu erledigen, Te doen, Not started, Noch nicht begonnen"),
        ("new", "To be done, Undone, Unresolved, Nicht zugewiesen, Bewerbung eingegangen, Entwurf, 01. Open, A_OPEN"),
        ("new/prioritisation", "Backlog, Product Backlog, Produktbacklog, Funnel, Idea, Ideenspeicher"),
        (
            "waiting/prioritisation",
            "Selected for Development, Ready, Bereit, Geplant, Sprint Backlog, On Hold, Testing on hold",
        ),
        (
            "waiting/prioritisation",
            "Zurückgestellt, Zurueckgestellt, Auf Eis, Deferred, Ready for Development, Needs triage",
        ),
        ("waiting/prioritisation", "Bereit zur Umsetzung, Freigegeben zur Umsetzung, Approved for development"),
        (
            "waiting/approval",
            "Ready for review, Waiting for review, Warten auf Review, AwaitingReview, Pending approval",
        ),
        (
            "waiting/approval",
            "Freigabe, Fachfreigabe, Zur Genehmigung, In Freigabe, Bereit zur Abnahme, Zu prüfen, Submitted",
        ),
        (
            "waiting/approval",
            "Eingereicht, Pre-Approved, Not approved, Nicht freigegeben, Genehmigung ausstehend, Sign-off",
        ),
        ("waiting/approval", "In attesa di approvazione, En attente de validation, Wacht op goedkeuring"),
        ("waiting/approval", "Waiting for customer approval, Wartet auf Freigabe (Fachbereich)"),
        (
            "waiting/status_query",
            "Awaiting User Info, Awaiting Evidence, Waiting for customer, Warten auf Kunde, Rückfrage",
        ),
        (
            "waiting/status_query",
            "Incomplete, Unvollständig, Waiting for info, Needs more info, Closed - pending confirmation",
        ),
        (
            "waiting/hand_off",
            "Awaiting Vendor, Awaiting Problem, Assigned, Zugewiesen, Ready for test, Deployment pending",
        ),
        (
            "waiting/hand_off",
            "Waiting for support, Wartet auf Zulieferung, Submitted to MC, Bereit für Test, Ready to deploy",
        ),
        ("waiting/hand_off", "QA ready, Test bereit, Test failed, Zurück an Antragsteller, Back to dev"),
        ("waiting/prioritisation", "Dev ready, Ausgesetzt"),
        ("waiting/status_query", "In Abklärung"),
        ("waiting/approval", "Review ready, Authorize"),
        ("done", "Closed Complete, Closed Won"),
        ("cancelled", "Closed Incomplete, Closed Lost"),
        ("waiting/hand_off", "Pending publication, Done - waiting for release, Eskaliert, Changes requested"),
        ("waiting/hand_off", "Dev Done, Development (Done), Entwicklung: Fertig, QA complete, Approved, Freigegeben"),
        ("waiting", "Blocked, Blockiert, In Progress - Blocked, Waiting, Pending Article DOI, Re-opened, Reopened"),
        ("waiting", "Wieder geöffnet, Not done, noch nicht fertig, Cancellation requested, To be confirmed later"),
        (
            "active",
            "In Progress, InProgress, IN_PROGRESS, In Arbeit, In Bearbeitung, Doing, 🚧 Doing, Umsetzung, Active",
        ),
        (
            "active",
            "Entwicklung, Implementing, Testing, Test, QA, Code Review, In Review, Report Under Review, In Prüfung",
        ),
        (
            "active",
            "Creating repository, Writing Report (Part C), Assess openICPSR changes, In Erstellung, T02 Check form",
        ),
        (
            "done",
            "Done, Closed, Resolved, Erledigt, Geschlossen, Abgeschlossen, Fertig, Released, Ausgeliefert, Archived",
        ),
        ("done", "Payment Handled, Work completed, Rechnung bezahlt, Opgelost, Chiuso, Terminé, [Done], 99 - Done"),
        ("cancelled", "Cancelled, Canceled, Rejected, Won't do, Won’t Fix, Abgelehnt, Storniert, Verworfen, Withdrawn"),
        ("cancelled", "Duplicate, Closed (Duplicate), Resolved - won't fix, Approval rejected, Wird nicht umgesetzt"),
        ("nothing", "-100, Xyz, unblocked, Spalte 3, Team meeting, ?, ()"),
    ],
)
def test_state_names(expected: str, names: str) -> None:
    listed = names.split(", ")
    assert {name: said(name) for name in listed} == dict.fromkeys(listed, expected)


def test_a_known_name_is_told_from_words_in_a_name() -> None:
    exact = {name: found[1] for name in ("Done", "03 Done (Web)", "Work done") if (found := vocabulary().state(name))}
    assert exact == {"Done": True, "03 Done (Web)": True, "Work done": False}


def test_a_finished_stage_is_the_end_only_where_items_end() -> None:
    found = vocabulary().state("Dev Done")
    assert found is not None
    assert (found[0].category, found[0].final) == (StateCategory.WAITING, StateCategory.DONE)


@pytest.mark.parametrize(
    ("name", "following", "after", "ends"),
    [
        ("Declaration FINAL_APPROVED by SUPERVISOR", "approval", None, None),
        ("Declaration REJECTED by PRE_APPROVER", "approval", "hand_off", "cancelled"),
        ("Declaration SUBMITTED by EMPLOYEE", "hand_off", None, None),
        ("T02 Check confirmation of receipt", "approval", None, None),
        ("Request Payment", "hand_off", "hand_off", None),
        ("Payment Handled", None, None, "done"),
        ("Send Reminder", "status_query", "status_query", None),
        ("W_Nabellen offertes", "status_query", "status_query", None),
        ("Take in charge ticket", "hand_off", None, None),
        ("Resolve ticket", None, None, "done"),
        ("A_DECLINED", "approval", None, "cancelled"),
        ("Antrag genehmigen", "approval", None, None),
    ],
)
def test_activity_names(name: str, following: str | None, after: str | None, ends: str | None) -> None:
    found = vocabulary().activity(name)
    assert found is not None
    assert (found.next, found.after, found.ends) == (following, after, ends)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("feature", "Story, User Story, Epic, New Feature, Anforderung, Change Request"),
        ("defect", "Bug, Defect, Fehler, Softwarefehler, Incident, Störung, Problem"),
        ("risk", "Risk, Vulnerability, Security Incident, Compliance, Audit-Feststellung, Datenschutz"),
        ("debt", "Tech Debt, Technical Story, Refactoring, Chore, Maintenance, Wartung, Technische Schuld"),
        (None, "Task, Sub-task, Aufgabe, Xyz, Not a bug"),
    ],
)
def test_type_names(kind: str | None, names: str) -> None:
    assert {name: vocabulary().kind(name) for name in names.split(", ")} == dict.fromkeys(names.split(", "), kind)


def test_words_are_compared_without_case_accents_signs_and_umlauts() -> None:
    assert words_of("  Prüfung—FERTIG_geschloßen!") == ["pruefung", "fertig", "geschlossen"]
    assert words_of("ToDo") == ["to", "do"]
    assert words_of("Assess openICPSR") == ["assess", "openicpsr"]
    assert words_of("Clôturé / ﬁxed") == ["cloture", "fixed"]


def test_every_name_in_the_file_means_what_its_entry_says() -> None:
    for entry in DATA["states"]:
        for name in entry.get("names", ()):
            found = vocabulary().state(name)
            assert found is not None
            assert (name, found[0].category, found[0].friction, found[1]) == (
                name,
                entry["category"],
                entry.get("friction"),
                True,
            )


def test_every_word_in_the_file_is_text_in_the_form_the_reader_knows() -> None:
    """YAML reads a bare no, on or off as a truth value; a * inside a word would be taken literally."""
    entries = [*DATA["states"], *DATA["activities"], *({"words": words} for words in DATA["items"].values())]
    texts = [text for entry in entries for key in ("names", "words") for text in entry.get(key, ())]
    texts += [word for words in DATA["groups"].values() for word in words] + DATA["negations"]
    for text in texts:
        assert isinstance(text, str)
        for word in text.removeprefix("^").replace("(", " ").replace(")", " ").replace("|", " ").split():
            assert "*" not in word[1:-1], text
            assert word.strip("*").casefold() == word.strip("*"), text
            assert word == "…" or word.startswith("<") or len(words_of(word)) == 1, text


@given(st.text(max_size=60))
def test_any_text_is_a_name(name: str) -> None:
    assert vocabulary().state(name) == vocabulary().state(name.strip())
    vocabulary().activity(name)
    vocabulary().kind(name)


def test_long_names_take_bounded_time() -> None:
    started = perf_counter()
    for number in range(20):
        vocabulary().state("warten " * 70 + str(number))
        vocabulary().state("(" * 500 + str(number))
        vocabulary().state("1." * 250 + str(number))
    assert perf_counter() - started < 5
