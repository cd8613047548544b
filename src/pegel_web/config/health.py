"""Health: is the process alive, and can it do its work? Asked by the machines that start and route to it.

Answered before everything else: such a machine calls by an address of its own, without TLS and without signing in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from pegel_web.config.folders import folder_writable
from pegel_web.config.metrics import metrics

_ADDRESSES: Final[Mapping[str, Callable[[HttpRequest], HttpResponse]]] = {
    "/health/live": lambda _: JsonResponse({"live": True}),
    "/health/ready": lambda _: ready(),
    "/metrics": metrics,
}


class HealthMiddleware:
    """Answers ``/health/live``, ``/health/ready`` and ``/metrics``; stands in front of all other middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        answer = _ADDRESSES.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response = answer(request)
        response["Cache-Control"] = "no-store"
        return response


def ready() -> HttpResponse:
    """Answer 200 where this process can do its work, otherwise 503 and what is missing."""
    found = checks()
    return JsonResponse({"ready": all(found.values()), "checks": found}, status=200 if all(found.values()) else 503)


def checks() -> dict[str, bool]:
    """Return what has to be there: the database, its migrations, the data folder."""
    reachable = database_reachable()
    return {
        "database": reachable,
        "migrations": reachable and not unapplied_migrations(),
        "data_dir": folder_writable(settings.DATA_DIR),
    }


def database_reachable() -> bool:
    """Tell whether the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, OSError):
        return False
    return True


_applied = False


def unapplied_migrations() -> list[str]:
    """Return the migrations that the database still lacks; asked until it lacks none, for then it stays so."""
    global _applied  # noqa: PLW0603  (what is true once stays true for the life of this process)
    if _applied:
        return []
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return ["?"]
    _applied = not plan
    return [str(migration) for migration, _ in plan]
