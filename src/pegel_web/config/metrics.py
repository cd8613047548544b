"""Figures for Prometheus: requests by route, background work by state. Never by person or by address."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from pegel_web.core.address import client_address
from pegel_web.jobs.figures import job_figures

log = structlog.get_logger("pegel.web")

REQUESTS = Counter("pegel_requests", "Requests that were answered.", ["method", "route", "status"], registry=None)
SECONDS = Histogram(
    "pegel_request_seconds",
    "Seconds until the answer was ready.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=None,
)
_WATCHING = {"/health/live": "health", "/health/ready": "health", "/metrics": "metrics"}
_QUIET = frozenset({"static", "health", "metrics"})
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMiddleware:
    """Counts every request, times it, and writes its one log line: route, status, milliseconds, request id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        begun = time.perf_counter()
        status = 500
        try:
            response = self.get_response(request)
            status = response.status_code
        finally:
            _note(request, status, time.perf_counter() - begun)
        return response


def _note(request: HttpRequest, status: int, seconds: float) -> None:
    method = request.method if request.method in _METHODS else "OTHER"
    route = route_of(request)
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(method, route).observe(seconds)
    write = log.debug if route in _QUIET and status < 500 else log.info
    request_id = getattr(request, "request_id", None)
    write("request", request_id=request_id, method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def route_of(request: HttpRequest) -> str:
    """Return the name of the route, never the path: a path holds ids, and whatever a stranger writes into it."""
    found = getattr(request, "resolver_match", None)
    if found is not None:
        return str(found.view_name or "unnamed")
    if request.path_info.startswith(settings.STATIC_URL):
        return "static"
    return _WATCHING.get(request.path_info, "unmatched")


class _Jobs(Collector):
    """Background work as the database tells it at the moment of asking."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        try:
            yield from _job_families()
        except DatabaseError as error:
            log.warning("metrics_without_database", error=type(error).__name__)


def _job_families() -> Iterator[GaugeMetricFamily]:
    found = job_figures()
    jobs = GaugeMetricFamily(
        "pegel_jobs", "Background work by state; ended jobs are kept for 30 days.", labels=["state"]
    )
    for state, count in found.by_state.items():
        jobs.add_metric([state], count)
    yield jobs
    waits = "Seconds for which the job has waited that has been due for longest; 0: none waits."
    yield GaugeMetricFamily("pegel_jobs_longest_wait_seconds", waits, found.longest_wait_seconds)
    yield GaugeMetricFamily("pegel_workers", "Worker processes seen within the last minute.", found.workers)


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus, of all web processes of this machine together."""
    if not _may_read(request):
        return HttpResponse(status=403, content_type="text/plain")
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the package has no types here
    else:
        registry.register(REQUESTS)
        registry.register(SECONDS)
    registry.register(_Jobs())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.PEGEL_METRICS_TOKEN is not None:
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(sent.encode(), settings.PEGEL_METRICS_TOKEN.encode())
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    # Behind a proxy on this machine everybody would seem to come from here.
    if not proxies and ("X-Forwarded-For" in request.headers or "Forwarded" in request.headers):
        return False
    return client_address(request.META, proxies) in _LOOPBACK
