"""Fill the data folder that ``PEGEL_DATA_DIR`` names with the small organisation and people who can sign in.

Prints a JSON object: ids of units and people, e-mail addresses by name.
"""

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pegel_web.config.settings")

import django

django.setup()

from django.core.management import call_command

from tests.pegel_web.company import make_company

PEOPLE = (
    ("Ada", "administrator", "C"),
    ("Petra", "programme_lead", "C"),
    ("Karl", "department_lead", "K"),
    ("Tina", "team_lead", "K1"),
    ("Emil", "employee", "K1"),
    ("Wanda", "works_council", "C"),
)

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    call_command("collectstatic", interactive=False, verbosity=0)
    company = make_company()
    for name, role, unit in PEOPLE:
        company.person(name, role, unit)
    said = {
        "units": {code: str(unit.id) for code, unit in company.units.items()},
        "emails": {name: person.identity.email for name, person in company.people.items()},
    }
    print(json.dumps(said))
