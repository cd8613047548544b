"""Sign-ins that are over: what they leave behind (address, browser, times) is kept for a time only."""

from __future__ import annotations

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session


def old_sign_ins(*, before: datetime) -> int:
    """Return how many sign-ins were last seen before a moment."""
    listed: int = UserSession.objects.filter(last_seen_at__lt=before).count()
    return listed + _ended(before)


def forget_old_sign_ins(*, before: datetime) -> int:
    """Delete sign-ins last seen before a moment; those still open end with it. Returns how many that were."""
    count = old_sign_ins(before=before)
    seen = UserSession.objects.filter(last_seen_at__lt=before)
    keys = list(seen.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    Session.objects.filter(expire_date__lt=before).delete()
    seen.delete()
    return count


def _ended(before: datetime) -> int:
    listed = UserSession.objects.filter(last_seen_at__lt=before).values("session_key")
    return Session.objects.filter(expire_date__lt=before).exclude(session_key__in=listed).count()
