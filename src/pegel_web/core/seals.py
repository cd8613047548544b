"""Sealing the audit: committed entries are bound to everything sealed before them.

Changes never wait for each other because of the audit: each writes its entry with a digest of its own. Shortly
afterwards one sealer at a time takes whatever is committed and not sealed, and makes the next link of the chain. What
commits later goes into the next link.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import structlog
from django.db import connection, transaction

from pegel_web.core.audit import audit_key
from pegel_web.core.heads import HeadsFile
from pegel_web.core.models import AuditEntry, AuditSeal

#: What comes before the first seal.
GENESIS: Final = "0" * 64
_MOST_ENTRIES: Final = 5_000
_MOST_IN_QUERY: Final = 500
#: The number of the advisory lock: "pegel" as digits of a telephone.
_LOCK: Final = 73435

log = structlog.get_logger("pegel.audit")


def seal_entries(*, at: datetime, heads: HeadsFile | None = None) -> int:
    """Seal everything that is committed and not sealed; returns how many entries that were.

    ``heads``: the file outside the database in which every seal is noted.
    """
    sealed = 0
    while True:
        with transaction.atomic():
            made = _next_seal(at)
        if made is None:
            break
        sealed += made.entries
        log.info("audit_sealed", number=made.number, entries=made.entries, digest=made.digest)
    if heads is not None:
        heads.note_from(AuditSeal.objects.order_by("number"))
    return sealed


def contents_of(entries: Sequence[AuditEntry]) -> list[str]:
    """Return what a seal lists of its entries."""
    return [f"{entry.id}:{entry.digest}" for entry in entries]


def seal_digest(seal: AuditSeal) -> str:
    """Return the keyed digest of everything a seal says (HMAC-SHA-256 under the installation's secret, hex)."""
    said = {
        "number": seal.number,
        "sealed_at": seal.sealed_at.astimezone(UTC).isoformat(),
        "entries": seal.entries,
        "contents": seal.contents,
        "previous": seal.previous_digest,
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(audit_key(), canonical.encode(), hashlib.sha256).hexdigest()


def _next_seal(at: datetime) -> AuditSeal | None:
    _one_sealer_at_a_time()
    waiting = AuditEntry.objects.everything(because="the sealer seals everything").filter(seal__isnull=True)
    entries = list(waiting.order_by("at", "id")[:_MOST_ENTRIES])
    if not entries:
        return None
    last = AuditSeal.objects.order_by("-number").first()
    seal = AuditSeal(
        number=1 if last is None else last.number + 1,
        sealed_at=at,
        entries=len(entries),
        contents=contents_of(entries),
        previous_digest=GENESIS if last is None else last.digest,
    )
    seal.digest = seal_digest(seal)
    seal.save(force_insert=True)
    for start in range(0, len(entries), _MOST_IN_QUERY):
        ids = [entry.id for entry in entries[start : start + _MOST_IN_QUERY]]
        waiting.filter(id__in=ids).update(seal=seal)
    return seal


def _one_sealer_at_a_time() -> None:
    # In SQLite a transaction is the only writer from its beginning.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
