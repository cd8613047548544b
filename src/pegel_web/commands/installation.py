"""What the commands share: the apps are loaded, and mistakes in the settings end in one sentence."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from pegel.words.catalogue import include
from pegel_web.config.env import Environment, environment
from pegel_web.config.loading import no_garbage
from pegel_web.core.actor import Actor, Through

SETTINGS: Final = "pegel_web.config.settings"


def settings_read() -> Environment:
    """Read the settings and the words to complain about them; no app is loaded yet, so it is quick.

    Raises
    ------
    UserError: ``setting_invalid``.
    """
    for package in ("pegel_web.organisation", "pegel_web.commands"):
        include(package)
    return environment()


def load_apps() -> Environment:
    """Load the application into this process.

    Raises
    ------
    UserError: ``setting_invalid``.
    """
    found = settings_read()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django  # noqa: PLC0415  (loaded only where it is needed: every start is quick)

    with no_garbage():
        django.setup()
    return found


def whoever_has_the_machine(language: str) -> Actor:
    """Return the actor of commands for which it takes access to the machine itself: it may everything."""
    from pegel_web.core.actor import Grant  # noqa: PLC0415  (every start is quick: only these commands need it)
    from pegel_web.core.permissions import permissions  # noqa: PLC0415  (the same)

    grants = tuple(Grant(permission=one.code, units=None, source="machine") for one in permissions())
    return Actor(
        person_id=None,
        at=datetime.now(UTC),
        through=Through.CLI,
        request_id=f"cli-{uuid4().hex}",
        grants=grants,
        language=language,
    )
