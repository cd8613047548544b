"""Run by ``test_erasure``: an installation of its own on a SQLite file, a backup, an erasure, the backup put back."""

import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import django


def restored_backup(folder: Path) -> dict[str, object]:
    """Return what the installation knew of a person at each step."""
    # Models exist only once Django is set up, and Django only once it knows the folder.
    from django.core.management import call_command  # noqa: PLC0415  (see above)
    from django.db import connection, connections  # noqa: PLC0415  (see above)

    from pegel_web.core.heads import HeadsFile  # noqa: PLC0415  (see above)
    from pegel_web.core.seals import seal_entries  # noqa: PLC0415  (see above)
    from pegel_web.core.verification import verify_audit  # noqa: PLC0415  (see above)
    from pegel_web.jobs.actors import pegel_itself  # noqa: PLC0415  (see above)
    from pegel_web.organisation.models import Identity, Person, User  # noqa: PLC0415  (see above)
    from pegel_web.privacy.erased_people import ErasedPeople  # noqa: PLC0415  (see above)
    from pegel_web.privacy.services import erase_person, reapply_erasures  # noqa: PLC0415  (see above)

    def named() -> str | None:
        return Identity.objects.values_list("name", flat=True).first()

    call_command("migrate", verbosity=0)
    actor = pegel_itself(at=datetime.now(UTC), request_id="restored-backup")
    user = User.objects.create_user("anna@example.org", "correct horse battery")
    person = Person.objects.create(user=user, created_at=actor.at)
    Identity.objects.create(person=person, name="Anna Example", email="anna@example.org", key="")
    said: dict[str, object] = {"person": str(person.id), "named_before": named()}
    file, backup = folder / "pegel.sqlite3", folder / "backup.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(backup)])
    erased = ErasedPeople(folder)
    erase_person(actor=actor, person_id=person.id, reason="asked for it", erased=erased)
    connections.close_all()
    for part in folder.glob("pegel.sqlite3*"):
        part.unlink()
    shutil.copy(backup, file)
    said["named_after_restore"] = named()
    said["again"] = reapply_erasures(actor=actor, erased=erased)
    said["named_at_last"] = named()
    said["accounts_at_last"] = User.objects.count()
    seal_entries(at=actor.at, heads=HeadsFile(folder))
    said["findings"] = [one.code for one in verify_audit(heads=HeadsFile(folder)).findings]
    return said


if __name__ == "__main__":
    os.environ |= {"PEGEL_DATA_DIR": sys.argv[1], "DJANGO_SETTINGS_MODULE": "pegel_web.config.settings"}
    os.environ.pop("PEGEL_DATABASE_URL", None)
    django.setup()
    print(json.dumps(restored_backup(Path(sys.argv[1]))))
