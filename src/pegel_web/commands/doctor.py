"""``pegel doctor``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import click

from pegel.cli.options import json_option, language_option
from pegel.words import Language, say
from pegel.words.catalogue import has
from pegel_web.commands.doctor_checks.findings import Finding
from pegel_web.commands.installation import load_apps, settings_read, whoever_has_the_machine

_SIGNS: Final = {"good": "✓", "warning": "!", "bad": "✗"}


@click.command()
@json_option
@language_option
def doctor(as_json: bool, language: Language) -> None:
    """Say what is wrong with this installation and what to do about it.

    Looks at settings, secrets, data folder, disk, database, static files, workers, background work, audit, lake and
    mail server; changes nothing and sends no mail. Exit code 0: it works (perhaps with warnings). 1: something has to
    be put right.

    \b
    pegel doctor
    pegel doctor --json
    """
    from pegel.cli.output import print_json  # noqa: PLC0415  (other commands start without tables)

    found = list(examined(language))
    if as_json:
        print_json([{"state": one.state, "code": one.code, "values": one.values, **_words(one, "en")} for one in found])
    else:
        for one in found:
            words = _words(one, language)
            click.echo(f"{_SIGNS[one.state]} {words['says']}")
            if words["do"]:
                click.echo(f"  → {words['do']}")
        worst = max((list(_SIGNS).index(one.state) for one in found), default=0)
        click.echo(say(f"doctor.result.{list(_SIGNS)[worst]}", language))
    sys.exit(1 if any(one.state == "bad" for one in found) else 0)


def examined(language: Language) -> Iterator[Finding]:
    """Yield everything that was found, what others rest on first."""
    from pegel_web.commands.doctor_checks import configured, places  # noqa: PLC0415  (quick start of the others)

    environment = settings_read()
    yield from configured.check_settings(environment)
    yield from configured.check_secret(environment)
    folder = environment.data_dir.resolve()
    place = list(places.check_folder(folder, sqlite=environment.database_url is None))
    yield from place
    if any(one.code in ("folder_missing", "folder_not_writable") for one in place):
        return
    load_apps()
    from pegel_web.commands.doctor_checks import databases, life, mails  # noqa: PLC0415  (the apps come first)

    database = list(databases.check_database())
    yield from database
    yield from places.check_lake(folder / "lake")
    yield from mails.check_mail_server(environment.mail)
    if not any(one.code in ("database_unreachable", "migrations_missing") for one in database):
        yield from life.check_life(whoever_has_the_machine(language))
        yield from mails.check_digests(datetime.now(UTC))


def _words(one: Finding, language: Language) -> dict[str, str]:
    code = f"doctor.{one.code}"
    do = say(f"{code}.do", language, **one.values) if has(f"{code}.do") else ""
    return {"says": say(code, language, **one.values), "do": do}
