"""Where the mail of a person goes: to the address of their account, as long as they can sign in with it.

The app that sends mail knows no people; what it keeps about them is handed out and let go from here.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from pegel_web.notifications.digests.choosing import forget_digests_of
from pegel_web.notifications.digests.queries import kept_choices, kept_digests
from pegel_web.notifications.digests.registry import Mailbox, mailboxes_from
from pegel_web.organisation.models import User
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.personal_registry import PersonalRecords, declare_personal_records


def mailbox(person: UUID) -> Mailbox | None:
    """Return the address and the language of a person's account; None: they have none, or it is closed."""
    rows = User.objects.filter(person=person, person__erased_at=None, person__kind=PersonKind.PERSON, is_active=True)
    user = rows.first()
    if user is None or not user.email:
        return None
    return Mailbox(address=user.email, language=user.language or settings.LANGUAGE_CODE)


mailboxes_from(mailbox)
declare_personal_records(PersonalRecords(subject="mails", own=kept_digests, forget=forget_digests_of))
declare_personal_records(PersonalRecords(subject="mail_choice", own=kept_choices))
