"""``pegel migrate``."""

from __future__ import annotations

import click

from pegel.cli.options import language_option
from pegel.words import Language, say
from pegel_web.commands.installation import load_apps


@click.command()
@language_option
def migrate(language: Language) -> None:
    """Bring the database and the static files to this version.

    Run it once after every upgrade, before `pegel web` and `pegel worker` start; several at once do no harm.
    `pegel serve` does it by itself.

    \b
    pegel migrate
    """
    load_apps()
    from pegel_web.commands import preparing  # noqa: PLC0415  (the apps must be loaded first)

    applied = preparing.migrate()
    preparing.collect_static()
    click.echo(say("commands.migrated" if applied else "commands.migrated_already", language, n=len(applied)))
