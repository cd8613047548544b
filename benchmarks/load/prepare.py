"""Fill a data folder with the demonstration and fifty people who can sign in; say who they are.

``python benchmarks/load/prepare.py DEMO_FOLDER OUT.json [--all-streams]``

``--all-streams``: units of the organisation adopt every stream of the lake in turn, and all are computed.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pegel_web.config.settings")

import django

django.setup()

from django.contrib.auth.hashers import make_password
from django.db import transaction

from pegel_web.commands.preparing import collect_static, migrate
from pegel_web.core.person_keys import new_key
from pegel_web.demo.loading import load_demonstration
from pegel_web.demo.making import Making
from pegel_web.flow.models import ValueStream
from pegel_web.flow.place import lake_folder, tables_folder
from pegel_web.flow.queries.streams import lake_streams
from pegel_web.flow.services.snapshots import Watch, compute, outdated, read_lake, streams_of_today
from pegel_web.flow.services.streams import adopt_stream
from pegel_web.organisation.models import Identity, Person, RoleAssignment, Unit, UnitPeriod, User
from pegel_web.organisation.queries.structure import structure_on

_PEOPLE = 50


def main() -> None:
    """Write the data folder and the file."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    migrate()
    collect_static()
    load_demonstration(folder, language="en", tell=lambda *_, **__: None)
    if "--all-streams" in sys.argv:
        _adopt_all()
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
    streams = ValueStream.objects.everything(because="a benchmark").order_by("name")
    units = Unit.objects.everything(because="a benchmark")
    said = {
        "emails": emails,
        "password": password,
        "streams": [str(one.id) for one in streams],
        "unit": str(units.order_by("code")[0].id),
    }
    out.write_text(json.dumps(said), encoding="utf-8")


def _adopt_all() -> None:
    making = Making(now=datetime.now(UTC), language="en")
    actor = making.itself(making.now)
    units = sorted(structure_on(making.now.date()).nodes)
    for number, one in enumerate(lake_streams(actor=actor)):
        adopt_stream(actor=actor, lake_name=one.lake_name, name=one.lake_name, unit_id=units[number % len(units)])
    began = time.perf_counter()
    lake = read_lake(lake_folder(), at=making.now)
    assert lake is not None
    todo = outdated(streams_of_today(making.now))
    watch = Watch(step=lambda _: None, writing=transaction.atomic, kept=lambda _: None)
    compute(todo, lake, tables_folder(), at=making.now, watch=watch)
    print(f"{len(todo)} streams computed in {time.perf_counter() - began:.0f} s", file=sys.stderr)


main()
