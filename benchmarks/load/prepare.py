"""Fill a data folder with the demonstration and fifty people who can sign in; say who they are.

``python benchmarks/load/prepare.py DEMO_FOLDER OUT.json``
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pegel_web.config.settings")

import django

django.setup()

from django.contrib.auth.hashers import make_password

from pegel_web.commands.preparing import collect_static, migrate
from pegel_web.core.person_keys import new_key
from pegel_web.demo.loading import load_demonstration
from pegel_web.flow.models import ValueStream
from pegel_web.organisation.models import Identity, Person, RoleAssignment, Unit, UnitPeriod, User

_PEOPLE = 50


def main() -> None:
    """Write the data folder and the file."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    migrate()
    collect_static()
    load_demonstration(folder, language="en", tell=lambda *_, **__: None)
    password = secrets.token_urlsafe(12)
    digest = make_password(password)
    top = UnitPeriod.objects.filter(parent__isnull=True).first()
    assert top is not None
    now = datetime.now(UTC)
    emails = []
    for number in range(_PEOPLE):
        email = f"load{number}@example.org"
        person = Person.objects.create(user=User.objects.create(email=email, password=digest), created_at=now)
        Identity.objects.create(person=person, name=f"Load {number}", email=email, key=new_key())
        RoleAssignment.objects.create(person=person, role="programme_lead", unit_id=top.unit_id, valid_from=now.date())
        emails.append(email)
    streams = ValueStream.objects.everything(because="a benchmark")
    units = Unit.objects.everything(because="a benchmark")
    said = {
        "emails": emails,
        "password": password,
        "streams": [str(one.id) for one in streams],
        "unit": str(units.order_by("code")[0].id),
    }
    out.write_text(json.dumps(said), encoding="utf-8")


main()
