"""``pegel test-mail``."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import click

from pegel.cli.options import language_option
from pegel.errors import InputError, UserError
from pegel.words import Language, say
from pegel_web.commands.installation import load_apps


@click.command("test-mail")
@click.argument("address")
@language_option
def mail_test(address: str, language: Language) -> None:
    """Send a mail that says nothing to ADDRESS, through the mail server of the settings.

    Says whether the server took it. That it arrives depends on what comes after the server, too.

    \b
    pegel test-mail erika@example.org
    """
    load_apps()
    from pegel_web.core.errors import ConflictError  # noqa: PLC0415  (the apps must be loaded first)
    from pegel_web.notifications.digests.message import check_message  # noqa: PLC0415  (the same)
    from pegel_web.notifications.digests.registry import Mailbox  # noqa: PLC0415  (the same)
    from pegel_web.notifications.mail.sending import hand_over, opened  # noqa: PLC0415  (the same)
    from pegel_web.notifications.mail.settings import checked_address  # noqa: PLC0415  (the same)
    from pegel_web.notifications.place import mail_place  # noqa: PLC0415  (the same)

    place = mail_place()
    if place.server is None:
        raise ConflictError("mail_not_configured")
    try:
        mailbox = Mailbox(address=checked_address(address), language=language)
    except ValueError:
        raise InputError("mail_address_invalid") from None
    message = check_message(mailbox, number=uuid4(), at=datetime.now(UTC), place=place, server=place.server)
    connection, answer = opened(place.server)
    answer = answer or hand_over(connection, message)
    if answer.outcome != "taken":
        raise UserError("mail_untaken", reason=say(f"notifications.mail.problem.{answer.problem}", language))
    click.echo(say("commands.test_mail.taken", language, address=mailbox.address))
