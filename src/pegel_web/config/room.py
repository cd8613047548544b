"""So many requests at a time and no more: the others wait in line without taking anything.

Under ASGI Django answers every request in a thread of its own. Without a limit a rush would start hundreds of threads
that keep each other from working, and would take more connections than the pool has.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Final

from django.db import connections
from django.http import HttpRequest, HttpResponse

#: Requests worked on at a time in one process; fewer than the connections of its pool, which health checks use, too.
AT_ONCE: Final = 10

_room = BoundedSemaphore(AT_ONCE)


class RoomMiddleware:
    """Lets a request in when there is room, and gives its connection back before the answer is on its way.

    A client that reads slowly would otherwise hold a connection for as long as it reads.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        with _room:
            try:
                return self.get_response(request)
            finally:
                for connection in connections.all(initialized_only=True):
                    # Inside a transaction there is somebody further up who still needs it: a test.
                    if not connection.in_atomic_block:
                        connection.close()
