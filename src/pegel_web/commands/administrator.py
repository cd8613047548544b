"""``pegel administrator``."""

from __future__ import annotations

import click

from pegel.cli.options import json_option, language_option
from pegel.errors import UserError
from pegel.words import Language, say
from pegel_web.commands.installation import load_apps, whoever_has_the_machine


@click.command()
@click.argument("email")
@click.option("--name", help="Name of the person. Default: what stands before the @.")
@click.option("--organisation", default="Organisation", show_default=True, help="Name of the top unit if none exists.")
@json_option
@language_option
def administrator(email: str, name: str | None, organisation: str, as_json: bool, language: Language) -> None:
    """Make EMAIL an administrator and print a first password.

    For the first person of an installation, and for the day on which nobody can sign in any more. Makes the top unit
    when there is none. Run twice it changes nothing; an account in use keeps its password.

    \b
    pegel administrator erika@example.org --name "Erika Example" --organisation "Example AG"
    """
    environment = load_apps()
    from pegel.cli.output import print_json  # noqa: PLC0415  (tables are not needed for the rest)
    from pegel_web.commands.first_administrator import make_administrator  # noqa: PLC0415  (the apps come first)
    from pegel_web.config.health import database_reachable, unapplied_migrations  # noqa: PLC0415  (the same)

    if not database_reachable():
        raise UserError("database_unreachable")
    if unapplied_migrations():
        raise UserError("database_not_migrated")
    actor = whoever_has_the_machine(language)
    made = make_administrator(
        actor=actor, email=email, name=name or email.split("@", maxsplit=1)[0], organisation=organisation
    )
    address = f"{environment.origin}/"
    if as_json:
        print_json({"person_id": str(made.person_id), "password": made.password, "address": address})
        return
    code = "commands.administrator.made" if made.password else "commands.administrator.there"
    click.echo(say(code, language, email=email, address=address))
    if made.password:
        # Not put into a sentence: it is to be copied, and is shown this once.
        click.echo(made.password)
