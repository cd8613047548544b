"""Making an installation ready for this version: the schema of the database, and the static files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

from pegel import __version__
from pegel.errors import BusyError

#: The number of the advisory lock: "migrate" as digits of a telephone.
_LOCK: Final = 6447283
_STAMP: Final = "collected.txt"


def migrate() -> list[str]:
    """Bring the schema of the database to this version; returns the names of the migrations that were applied.

    Several processes may ask at once: one does it, the others find it done.
    """
    from django.core.management import call_command  # noqa: PLC0415  (the apps must be loaded first)

    from pegel_web.config.health import unapplied_migrations  # noqa: PLC0415  (the same)

    if not (unapplied_migrations() or _cache_missing()):
        return []
    with _alone():
        missing = unapplied_migrations()
        if missing:
            call_command("migrate", interactive=False, verbosity=0)
        if _cache_missing():
            call_command("createcachetable", verbosity=0)
    return missing


def forget_again() -> int:
    """Forget whom a restored backup brought back, before anybody can see them; returns how many that were.

    A database that is not reachable or not of this version yet is left to the workers, who do it every few minutes.
    """
    from django.db import DatabaseError  # noqa: PLC0415  (the apps must be loaded)

    from pegel_web.commands.installation import whoever_has_the_machine  # noqa: PLC0415  (the apps must be loaded)
    from pegel_web.privacy.installation import erased_people  # noqa: PLC0415  (the same)
    from pegel_web.privacy.services import reapply_erasures  # noqa: PLC0415  (the same)

    try:
        return reapply_erasures(actor=whoever_has_the_machine("en"), erased=erased_people())
    except DatabaseError:
        return 0


def collect_static() -> bool:
    """Put the static files in their folder when the ones of another version lie there; True: it was needed."""
    from django.conf import settings  # noqa: PLC0415  (the apps must be loaded first)
    from django.core.management import call_command  # noqa: PLC0415  (the same)

    if static_is_current():
        return False
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    _stamp().write_text(_fingerprint(), encoding="utf-8")
    return True


def static_is_current() -> bool:
    """Tell whether the static files of this version lie in their folder."""
    return _stamp().exists() and _stamp().read_text(encoding="utf-8") == _fingerprint()


def _stamp() -> Path:
    from django.conf import settings  # noqa: PLC0415  (the apps must be loaded first)

    return Path(settings.STATIC_ROOT) / _STAMP


def _fingerprint() -> str:
    """Return what tells the files of one version from those of another: names, sizes and times of change."""
    from django.contrib.staticfiles.finders import get_finders  # noqa: PLC0415  (the apps must be loaded first)

    digest = hashlib.sha256(__version__.encode())
    for finder in get_finders():
        for path, storage in finder.list(None):
            known = Path(storage.path(path)).stat()
            digest.update(f"{path} {known.st_size} {known.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _cache_missing() -> bool:
    from django.conf import settings  # noqa: PLC0415  (the apps must be loaded first)
    from django.db import connection  # noqa: PLC0415  (the same)

    caches = cast("Mapping[str, Mapping[str, str]]", settings.CACHES)
    wanted = {one["LOCATION"] for one in caches.values() if one["BACKEND"].endswith(".DatabaseCache")}
    return not wanted <= set(connection.introspection.table_names())


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time change the schema."""
    from django.conf import settings  # noqa: PLC0415  (the apps must be loaded first)
    from django.db import connection  # noqa: PLC0415  (the same)

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        return
    import fcntl  # noqa: PLC0415  (only where there is no server that holds locks)

    with open(Path(settings.DATA_DIR) / "migrate.lock", "w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:
            raise BusyError("migration_lock_missing", detail=error.strerror or "") from None
        yield
