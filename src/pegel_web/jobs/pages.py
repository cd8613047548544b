"""What the pages of background work are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.errors import InternalError, PegelError
from pegel.words import say
from pegel.words.catalogue import has
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.jobs.contracts import JobReport
from pegel_web.ui.components import (
    Badge,
    Column,
    EmptyState,
    Facts,
    Notice,
    PageHeader,
    Progress,
    Tab,
    Table,
    Tabs,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_TONES: Final[Mapping[str, Tone]] = {
    "waiting": "neutral",
    "running": "info",
    "done": "good",
    "failed": "bad",
    "cancelled": "neutral",
}


def jobs_page(request: HttpRequest, found: Sequence[JobReport], *, everybody: bool) -> dict[str, Any]:
    """Return the context of the list."""
    language = language_now()
    kind = "everybody" if everybody else "mine"
    table: Table = table_of(
        request,
        identity="jobs",
        caption=say(f"jobs.list.{kind}", language),
        columns=(
            Column(key="label", label=say("jobs.column.label", language), href_key="href"),
            Column(key="state", label=say("jobs.column.state", language), kind="badge"),
            *((Column(key="asked_by", label=say("jobs.column.asked_by", language)),) if everybody else ()),
            Column(key="created_at", label=say("jobs.column.created_at", language), kind="datetime"),
            Column(key="ended_at", label=say("jobs.column.ended_at", language), kind="datetime"),
        ),
        rows=[_row(job) for job in found],
        empty=EmptyState(title=say(f"jobs.empty.{kind}", language), text=say("jobs.empty.text", language)),
    )
    offered = acting(request).has("jobs.job.view")
    tabs = [
        Tab(label=say("jobs.list.mine", language), href=reverse("jobs"), current=not everybody),
        Tab(label=say("jobs.list.everybody", language), href=reverse("jobs_of_everybody"), current=everybody),
    ]
    title = say("jobs.title", language)
    return {
        "title": title,
        "header": PageHeader(title=title, lead=say("jobs.lead", language)),
        "tabs": Tabs(items=tabs, label=title) if offered else None,
        "table": table,
    }


def job_page(job: JobReport) -> dict[str, Any]:
    """Return the context of one job."""
    language = language_now()
    title = job_label(job)
    trail = ((say("jobs.title", language), reverse("jobs")), (title, None))
    return {
        "title": title,
        "header": PageHeader(title=title, breadcrumbs=trail),
        "progress": job_progress(job) if job.open else None,
        "notice": _notice(job),
        "facts": Facts(
            pairs=(
                (say("jobs.column.state", language), _badge(job)),
                (say("jobs.column.asked_by", language), _asked_by(job)),
                (say("jobs.column.created_at", language), job.created_at),
                *(
                    (say(f"jobs.column.{name}", language), value)
                    for name, value in (("started_at", job.started_at), ("ended_at", job.ended_at))
                    if value is not None
                ),
                *(((say("jobs.column.attempts", language), job.attempts),) if job.attempts > 1 else ()),
            )
        ),
    }


def job_label(job: JobReport) -> str:
    """Return what a job is about; a task of a newer version has no words here and is called by its kind."""
    return say(job.label_code, language_now(), **job.label_values) if has(job.label_code) else job.kind


def _row(job: JobReport) -> dict[str, object]:
    return {
        "label": job_label(job),
        "href": reverse("job_report", args=[job.id]),
        "state": _badge(job),
        "asked_by": _asked_by(job),
        "created_at": job.created_at,
        "ended_at": job.ended_at,
    }


def _badge(job: JobReport) -> Badge:
    if job.cancelling:
        return Badge(text=say("jobs.state.cancelling", language_now()), tone="warning")
    return Badge(text=say(f"jobs.state.{job.state}", language_now()), tone=_TONES[job.state])


def _asked_by(job: JobReport) -> str:
    asked_by = "me" if job.mine else "pegel" if job.by_pegel else "another"
    return say(f"jobs.asked_by.{asked_by}", language_now())


def job_progress(job: JobReport, *, href: str | None = None) -> Progress:
    """Return how far a job is, for its own page or (``href``) for the page of what it works on."""
    words = f"jobs.state.{'cancelling' if job.cancelling else job.state}"
    said = say(words, language_now())
    if job.state == "running" and not job.cancelling and has(job.progress_code):
        said = say(job.progress_code, language_now(), **job.progress_values)
    return Progress(
        label=said,
        done=job.done or 0,
        # All steps done is not yet the end: until then the bar keeps asking.
        total=job.total if job.total is not None and (job.done or 0) < job.total else None,
        cancel_href=reverse("cancel_job", args=[job.id]) if job.may_cancel else None,
        href=href or reverse("job_report", args=[job.id]),
    )


def _notice(job: JobReport) -> Notice | None:
    """Return why it failed, in words; or that it is tried again, or that it is done."""
    language = language_now()
    if job.state == "done":
        return Notice(kind="good", text=say("jobs.notice.done", language))
    if not job.error_code:
        return None
    words = explain(_error(job), language)
    if job.state == "failed":
        return Notice(kind="bad", title=words.says, text=words.do)
    return Notice(kind="warning", title=say("jobs.notice.again", language), text=words.says) if job.open else None


def _error(job: JobReport) -> PegelError:
    if not has(f"error.{job.error_code}"):
        return InternalError("job_unexpected", kind=job.error_code)
    return PegelError(job.error_code, **job.error_values)
