"""``pegel demo-application``: the application filled with the invented organisation; also behind ``serve --demo``."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pegel.cli.options import language_option
from pegel.words import Language, say
from pegel.words.catalogue import include
from pegel_web.commands.installation import load_apps

if TYPE_CHECKING:
    from pegel_web.demo.loading import Demonstration


@click.command("demo-application")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"))
@language_option
def demo_application(folder: Path, language: Language) -> None:
    """Fill an installation in FOLDER/application with the invented organisation Musterwerke.

    FOLDER: what `pegel demo` wrote (default: demo). A second start finds everything there and takes seconds.
    `pegel serve --demo FOLDER` does this and then serves it.

    \b
    pegel demo && pegel demo-application demo
    """
    use_demo_folder(folder)
    show_access(*make_demo(folder, language), language)


def use_demo_folder(folder: Path) -> None:
    """Let this process and those it starts keep the application's data in the folder of the demonstration.

    Has to come before the settings are read. What the environment says already is left as it is.
    """
    os.environ.setdefault("PEGEL_DATA_DIR", str((folder / "application").resolve()))
    # The people of the demonstration share a password that everybody on this machine may know.
    os.environ.setdefault("PEGEL_TWO_FACTOR", "optional")


def make_demo(folder: Path, language: Language) -> tuple[Demonstration, str, int]:
    """Make the demonstration and tell each step; returns it, the address to open, and the seconds it took.

    Raises
    ------
    NotFoundError: ``demo_lake_missing``.
    """
    begun = time.monotonic()
    include("pegel_web.demo")
    environment = load_apps()
    from pegel_web.commands import preparing  # noqa: PLC0415  (the apps must be loaded first)
    from pegel_web.demo import load  # noqa: PLC0415  (the same)

    preparing.migrate()

    def tell(code: str, **values: object) -> None:
        click.echo(say(code, language, **values))

    made = load(folder, language=language, tell=tell)
    return made, f"{environment.origin}/", round(time.monotonic() - begun)


def show_access(made: Demonstration, address: str, seconds: int, language: Language) -> None:
    """Say how to sign in."""
    click.echo(say("demo.ready", language, seconds=seconds, address=address))
    for one in made.personas:
        click.echo(f"  {one.email:<44} {say(f'role.{one.role}', language)}")
    # Not put into a sentence of the catalogue, which would cut what is long: it is to be copied.
    click.echo(say("demo.password", language, password=made.password))
    click.echo(say("demo.invented", language))
