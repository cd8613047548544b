"""Fill the data folder that ``PEGEL_DATA_DIR`` names: the small organisation, people who can sign in, a value stream.

Prints a JSON object: ids of units, e-mail addresses by name, ids of one thing of each kind.
"""

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pegel_web.config.settings")

import django

django.setup()

from django.core.management import call_command

from pegel_web.organisation.models import Membership
from tests.pegel_web.company import FROM, make_company
from tests.pegel_web.flow.lakes import adopted, make_lake, rows_of_weeks
from tests.pegel_web.things import things_of

PEOPLE = (
    ("Ada", "administrator", "C"),
    ("Petra", "programme_lead", "C"),
    ("Karl", "department_lead", "K"),
    ("Tina", "team_lead", "K1"),
    ("Emil", "employee", "K1"),
    ("Wanda", "works_council", "C"),
    ("Dora", "data_protection_officer", "C"),
)
#: A smaller team's figures would not be shown.
TEAM = ("Tina", "Emil", "Erna", "Ewald", "Else")
#: Roles of Alma, who reaches every page.
EVERY = ("administrator", "programme_lead", "data_protection_officer")

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    call_command("collectstatic", interactive=False, verbosity=0)
    company = make_company()
    for name, role, unit in PEOPLE:
        company.person(name, role, unit)
    for role in EVERY:
        company.person("Alma", role)
    for name in TEAM:
        Membership.objects.create(person=company.person(name), unit=company.units["K1"], valid_from=FROM)
    emails = {name: person.identity.email for name, person in company.people.items()}
    with tempfile.TemporaryDirectory() as logs:
        make_lake(Path(logs), {"Claims": rows_of_weeks(), "Sales": rows_of_weeks(prefix="S")})
    stream = adopted(company.actor("programme_lead", at=datetime.now(UTC)), "Sales", company.unit("S1"))
    things = {**things_of(company), "stream_id": stream.id, "item_id": "S-0"}
    said = {
        "units": {code: str(unit.id) for code, unit in company.units.items()},
        "emails": emails,
        "things": {name: str(one) for name, one in things.items()},
    }
    print(json.dumps(said))
