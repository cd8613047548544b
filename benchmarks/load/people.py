"""What fifty people do, one action every five seconds each: reading and writing mixed (run by locust).

Environment: ``LOAD_PEOPLE`` names a JSON file with e-mail addresses, the password, ids of units and streams;
``LOAD_WRITTEN`` a file to which every title that the application said it had kept is appended.
"""

from __future__ import annotations

import json
import os
import re
from collections import deque
from itertools import count
from pathlib import Path
from random import Random
from uuid import uuid4

from locust import HttpUser, task

_SAID = json.loads(Path(os.environ["LOAD_PEOPLE"]).read_text(encoding="utf-8"))
_WRITTEN = Path(os.environ["LOAD_WRITTEN"])
_NUMBERS = count()
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class SignedIn(HttpUser):
    """Somebody at work with Pegel."""

    abstract = True

    def wait_time(self) -> float:
        """Return the seconds until the next action: five on average. In step, they would be a crowd at the door."""
        return self.random.uniform(2, 8)

    def on_start(self) -> None:
        """Sign in."""
        self.number = next(_NUMBERS)
        self.random = Random(self.number)
        self.open: deque[str] = deque()
        page = self.client.get("/account/login/", name="sign in (page)")
        self.client.post(
            "/account/login/",
            {
                "login": _SAID["emails"][self.number % len(_SAID["emails"])],
                "password": _SAID["password"],
                "csrfmiddlewaretoken": _TOKEN.search(page.text)[1],
            },
            headers={"Referer": page.url},
            name="sign in",
        )


class Person(SignedIn):
    """Somebody who looks at everything, asks for decisions, and takes questions back."""

    @task(3)
    def home(self) -> None:
        """Look at the first page."""
        self.client.get("/", name="home")

    @task(4)
    def streams(self) -> None:
        """Compare the streams."""
        self.client.get("/streams/", name="streams")

    @task(4)
    def stream(self) -> None:
        """Look at one stream."""
        stream = _SAID["streams"][self.number % len(_SAID["streams"])]
        self.client.get(f"/streams/{stream}/", name="stream")

    @task(2)
    def organisation(self) -> None:
        """Look at the tree of units."""
        self.client.get("/organisation/", name="organisation")

    @task(2)
    def decisions(self) -> None:
        """Look at what has been decided."""
        self.client.get("/organisation/decisions/", name="decisions")

    @task(1)
    def search(self) -> None:
        """Look something up."""
        self.client.get("/search?q=claims", name="search")

    @task(1)
    def through_rest(self) -> None:
        """Ask as a program does."""
        self.client.get("/api/v1/streams", name="REST: streams")

    @task(2)
    def raise_question(self) -> None:
        """Ask for a decision: a write with its audit entry."""
        address, title = "/organisation/decisions/new/", f"load {uuid4()}"
        answer = self._sent(address, "question", {"title": title, "unit_id": _SAID["unit"]})
        if answer is not None:
            self.open.append(answer)
            _note("raised", title)

    @task(2)
    def withdraw_question(self) -> None:
        """Take back one's oldest question; who has none looks at the log."""
        if not self.open:
            self.decisions()
            return
        address = self.open.popleft()
        if self._sent(address, "withdrawal", {"withdrawal-reason": "load"}, action=f"{address}withdraw/") is not None:
            _note("withdrawn", address)

    def _sent(self, page: str, name: str, values: dict[str, str], *, action: str | None = None) -> str | None:
        """Open a page, fill its form and send it; return where the answer leads, None: it was not kept."""
        shown = self.client.get(page, name=f"{name} (page)")
        form = {**values, "csrfmiddlewaretoken": _TOKEN.search(shown.text)[1]}
        with self.client.post(
            action or page,
            form,
            headers={"Referer": shown.url},
            allow_redirects=False,
            name=f"{name} (write)",
            catch_response=True,
        ) as answer:
            if answer.status_code == 302:
                answer.success()
                return answer.headers["Location"]
            answer.failure(f"status {answer.status_code}")
            return None


class StreamReader(SignedIn):
    """Somebody who reads value streams: each time another one of them all."""

    @task(3)
    def streams(self) -> None:
        """Compare the streams."""
        self.client.get("/streams/", name="overview")

    @task(4)
    def stream(self) -> None:
        """Look at one stream."""
        self.client.get(f"/streams/{self.random.choice(_SAID['streams'])}/", name="stream")

    @task(3)
    def items(self) -> None:
        """Look at the items behind a figure."""
        stream = self.random.choice(_SAID["streams"])
        self.client.get(f"/streams/{stream}/items/?metric=work_item_age", name="items")


def _note(what: str, which: str) -> None:
    with _WRITTEN.open("a", encoding="utf-8") as file:
        file.write(f"{what} {which}\n")
