"""What tests of digests share."""

from collections.abc import Sequence

import pytest

from pegel_web.core.actor import Actor
from pegel_web.notifications.digests import registry
from pegel_web.notifications.digests.registry import DigestLine, DigestSource


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Sequence[DigestLine]]:
    """Return what calls now, by the name of the person who may see it."""
    calling: dict[str, Sequence[DigestLine]] = {}

    def lines(actor: Actor) -> Sequence[DigestLine]:
        return calling.get(str(actor.person_id), ())

    source = DigestSource(name="alerts", url_name="alerts", function=lines)
    monkeypatch.setattr(registry, "_SOURCES", {"alerts": source})
    return calling
