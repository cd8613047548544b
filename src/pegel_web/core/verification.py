"""Checking the audit: does every entry say what it said, is none missing, is the chain whole up to its end?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db import connection

from pegel_web.core.append_only import AUDIT_GUARDS, missing
from pegel_web.core.audit import entry_digest
from pegel_web.core.contracts import AuditVerification, Finding
from pegel_web.core.heads import Head, HeadsFile
from pegel_web.core.models import AuditEntry, AuditSeal
from pegel_web.core.seals import GENESIS, seal_digest

#: How many seals are looked at together, so that memory does not grow with the audit.
_WINDOW: Final = 50
_CHUNK: Final = 2_000
_REASON: Final = "the whole audit is checked"


def verify_audit(*, heads: HeadsFile | None = None, expect: str | None = None) -> AuditVerification:
    """Check every entry and every seal.

    Parameters
    ----------
    heads: the file outside the database in which every seal was noted. expect: a digest of the chain that somebody
    noted elsewhere; it has to be in the chain.

    Findings: ``entry_altered``, ``entry_deleted``, ``entry_moved``, ``entry_foreign``, ``seal_altered``,
    ``seal_missing``, ``chain_broken``, ``tail_cut``, ``head_differs``, ``head_unreadable``, ``heads_missing``,
    ``expected_unknown``, ``guard_missing``.
    """
    # Read first: whatever is noted by now is committed, and what is noted meanwhile is not asked for.
    noted = None if heads is None else heads.read()
    findings = [Finding(code="guard_missing", values={"name": name}) for name in missing(connection, AUDIT_GUARDS)]
    digests: dict[int, str] = {}
    count = 0
    for window in _windows():
        found, read = _check_window(window, digests)
        findings += found
        count += read
    last = max(digests, default=0)
    unsealed, found = _check_unsealed()
    findings += [*found, *_check_strays(), *_check_heads(heads, noted, digests, last)]
    if expect is not None and expect.strip().lower() not in digests.values():
        findings.append(Finding(code="expected_unknown", values={"digest": expect[:64]}))
    return AuditVerification(
        entries=count + unsealed,
        unsealed=unsealed,
        seals=len(digests),
        head_number=last,
        head_digest=digests.get(last, GENESIS),
        findings=tuple(findings),
    )


def _windows() -> Iterator[list[AuditSeal]]:
    after = -1
    while window := list(AuditSeal.objects.filter(number__gt=after).order_by("number")[:_WINDOW]):
        yield window
        after = window[-1].number


def _check_window(window: Sequence[AuditSeal], digests: dict[int, str]) -> tuple[list[Finding], int]:
    """Check some seals in their order and the entries they hold; adds their digests to those already seen."""
    findings: list[Finding] = []
    first, last = window[0].number, window[-1].number
    entries = AuditEntry.objects.everything(because=_REASON).filter(seal_id__gte=first, seal_id__lte=last)
    held = {
        number: list(group)
        for number, group in groupby(
            entries.order_by("seal_id", "at", "id").iterator(_CHUNK), key=lambda entry: entry.seal_id
        )
    }
    for seal in window:
        previous = max(digests, default=0)
        findings += [
            Finding(code="seal_missing", values={"number": number}) for number in range(previous + 1, seal.number)
        ]
        if seal.previous_digest != digests.get(seal.number - 1, GENESIS if seal.number == 1 else None):
            findings.append(Finding(code="chain_broken", values={"number": seal.number}))
        if seal_digest(seal) != seal.digest:
            findings.append(Finding(code="seal_altered", values={"number": seal.number}))
        digests[seal.number] = seal.digest
        findings += _check_entries(seal, held.get(seal.number, []))
    return findings, sum(len(group) for group in held.values())


def _check_entries(seal: AuditSeal, entries: Sequence[AuditEntry]) -> list[Finding]:
    findings = [found for entry in entries if (found := _altered(entry)) is not None]
    altered = {found.values["id"] for found in findings}
    listed = dict(str(one).split(":", 1) for one in seal.contents)
    there = {str(entry.id): entry for entry in entries}
    for entry_id, entry in there.items():
        if entry_id not in listed:
            findings.append(Finding(code="entry_foreign", values={"id": entry_id, "number": seal.number}))
        elif listed[entry_id] != entry.digest and entry_id not in altered:
            findings.append(Finding(code="entry_altered", values=_named(entry)))
    gone = [entry_id for entry_id in listed if entry_id not in there]
    if gone:
        elsewhere = set(
            AuditEntry.objects.everything(because=_REASON)
            .filter(id__in=[UUID(one) for one in gone])
            .values_list("id", flat=True)
        )
        for entry_id in gone:
            code = "entry_moved" if UUID(entry_id) in elsewhere else "entry_deleted"
            findings.append(Finding(code=code, values={"id": entry_id, "number": seal.number}))
    return findings


def _check_unsealed() -> tuple[int, list[Finding]]:
    entries = AuditEntry.objects.everything(because=_REASON).filter(seal__isnull=True).order_by("at", "id")
    count, findings = 0, []
    for entry in entries.iterator(_CHUNK):
        count += 1
        if (found := _altered(entry)) is not None:
            findings.append(found)
    return count, findings


def _check_strays() -> list[Finding]:
    """Find entries that say they are in a seal which is not there."""
    numbers = AuditSeal.objects.values("number")
    strays = (
        AuditEntry.objects.everything(because=_REASON)
        .filter(seal__isnull=False)
        .exclude(seal_id__in=numbers)
        .order_by("seal_id", "at", "id")
    )
    return [
        Finding(code="entry_foreign", values={"id": str(entry.id), "number": entry.seal_id})
        for entry in strays.iterator(_CHUNK)
    ]


def _check_heads(
    heads: HeadsFile | None, noted: Iterable[Head] | None, digests: dict[int, str], last: int
) -> list[Finding]:
    if heads is None:
        return []
    if noted is None:
        return [Finding(code="heads_missing", values={"file": heads.path.name})] if digests else []
    findings: list[Finding] = []
    for head in noted:
        if head.number == 0:
            findings.append(Finding(code="head_unreadable", values={"file": heads.path.name, "line": head.line}))
        elif head.number > last:
            findings.append(Finding(code="tail_cut", values={"number": head.number, "digest": head.digest}))
        elif head.number in digests and digests[head.number] != head.digest:
            findings.append(Finding(code="head_differs", values={"number": head.number, "digest": head.digest}))
    return findings


def _altered(entry: AuditEntry) -> Finding | None:
    return None if entry_digest(entry) == entry.digest else Finding(code="entry_altered", values=_named(entry))


def _named(entry: AuditEntry) -> dict[str, object]:
    return {"id": str(entry.id), "event": entry.event, "at": entry.at.isoformat()}
