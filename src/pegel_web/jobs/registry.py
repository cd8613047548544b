"""The tasks that can be run in the background: each app registers its own in ``tasks.py``.

    @task("flow.refresh")
    def refresh(job: RunningJob, *, lake: str) -> None:
        ...

    @every(seconds=3600)
    @task("jobs.tidy")
    def tidy(job: RunningJob) -> None:
        ...

A task may run more than once (its worker was killed, an error was temporary), so it is written to bear that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar

from django.db import OperationalError

from pegel.errors import BusyError, InternalError
from pegel_web.core.actor import Actor

F = TypeVar("F", bound=Callable[..., None])


class RunningJob(Protocol):
    """What a task sees of the job it works on."""

    @property
    def actor(self) -> Actor:
        """Pegel acting for the person who asked, with the rights this person has now; ``at``: when it was begun."""

    def progress(self, done: int, total: int | None, code: str, **values: str | int | float | bool | None) -> None:
        """Say how far it is and what it does, in words of the catalogue. Cheap: call it as often as you like."""

    def stop_if_cancelled(self) -> None:
        """Leave the task here when somebody cancelled it, its worker ends or another worker has taken it over."""

    def hold(self) -> None:
        """Within a transaction: make sure that this job is still ours until the transaction is committed.

        A task calls it before it writes what must not be written twice.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A kind of job.

    ``temporary``: errors after which it is tried again. ``most_attempts``: how often it is begun at most. ``every``:
    seconds between two runs; None: only when somebody asks.
    """

    kind: str
    function: Callable[..., None]
    temporary: tuple[type[Exception], ...]
    most_attempts: int
    every: int | None = None


_TASKS: Final[dict[str, Task]] = {}


def task(
    kind: str,
    *,
    temporary: tuple[type[Exception], ...] = (BusyError, OperationalError),
    most_attempts: int = 3,
) -> Callable[[F], F]:
    """Register a function ``(job, **arguments)`` as a kind of job.

    Raises
    ------
    InternalError: ``task_twice``.
    """

    def registered(function: F) -> F:
        if kind in _TASKS and _TASKS[kind].function is not function:
            raise InternalError("task_twice", name=kind)
        _TASKS[kind] = Task(kind=kind, function=function, temporary=temporary, most_attempts=most_attempts)
        return function

    return registered


def every(*, seconds: int) -> Callable[[F], F]:
    """Let a task run again and again, in one worker at a time. Stands above ``@task``; the task takes no arguments.

    Raises
    ------
    InternalError: ``task_unknown`` when it does not stand above ``@task``.
    """

    def recurring(function: F) -> F:
        for kind, known in _TASKS.items():
            if known.function is function:
                _TASKS[kind] = replace(known, every=seconds)
                return function
        raise InternalError("task_unknown", name=function.__name__)

    return recurring


def task_of(kind: str) -> Task:
    """Return a registered task.

    Raises
    ------
    InternalError: ``task_unknown``.
    """
    try:
        return _TASKS[kind]
    except KeyError:
        raise InternalError("task_unknown", name=kind) from None


def tasks() -> tuple[Task, ...]:
    """Return every registered task, by kind."""
    return tuple(_TASKS[kind] for kind in sorted(_TASKS))


def forget_task(kind: str) -> None:
    """Take a task out again, for tests that register their own."""
    _TASKS.pop(kind, None)
