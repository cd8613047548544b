"""``pegel audit``: checking the audit from outside the application."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from pegel.cli.options import json_option, language_option
from pegel.errors import UserError
from pegel.words import Language, say
from pegel_web.commands.installation import load_apps


class AuditBrokenError(UserError):
    """The audit was tampered with, or part of it is missing."""

    exit_code = 9


@click.group()
def audit() -> None:
    """Check that nobody has changed what was recorded."""


@audit.command()
@click.option("--expect", metavar="DIGEST", help="A digest noted elsewhere that has to be in the chain.")
@json_option
@language_option
def verify(expect: str | None, as_json: bool, language: Language) -> None:
    """Check every entry and every seal, and say exactly what is wrong.

    Exit codes: 0 whole · 9 something was found · others as everywhere.

    \b
    pegel audit verify
    pegel audit verify --expect 3f5a…  --json
    """
    environment = load_apps()
    from pegel.cli.output import print_json  # noqa: PLC0415  (the apps come first)
    from pegel_web.core.heads import HeadsFile  # noqa: PLC0415  (the same)
    from pegel_web.core.verification import verify_audit  # noqa: PLC0415  (the same)

    found = verify_audit(heads=HeadsFile(environment.data_dir.resolve()), expect=expect)
    if as_json:
        print_json({"whole": found.whole, "verification": found})
    else:
        for one in found.findings:
            click.echo(say(f"audit.finding.{one.code}", language, **one.values))
        numbers = {"entries": found.entries, "seals": found.seals, "unsealed": found.unsealed}
        if found.whole:
            click.echo(say("audit.verified.whole", language, **numbers))
        click.echo(say("audit.verified.head", language, number=found.head_number, digest=found.head_digest))
    if not found.whole:
        raise AuditBrokenError("audit_broken", n=len(found.findings))


@audit.command()
@language_option
def seal(language: Language) -> None:
    """Seal now what is not sealed yet; a worker does it every minute.

    \b
    pegel audit seal
    """
    environment = load_apps()
    from pegel_web.core.heads import HeadsFile  # noqa: PLC0415  (the apps come first)
    from pegel_web.core.seals import seal_entries  # noqa: PLC0415  (the same)

    n = seal_entries(at=datetime.now(UTC), heads=HeadsFile(environment.data_dir.resolve()))
    click.echo(say("audit.verified.sealed", language, n=n))
