"""One look into one folder: what is there, what may be brought, how far it has come, where it goes.

Every step is written down before it is done, so that the next look goes on wherever a worker was killed:
``seen`` → (stable) ``claimed`` with the id it will be brought under → brought, read, confirmed, imported by the same
services as an upload → ``imported``, ``repeated`` or ``refused`` → moved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final, cast
from uuid import UUID, uuid4

from django.db import transaction

from pegel.errors import InputError, NotFoundError, UserError
from pegel.words import LANGUAGES
from pegel.words.explanation import explain
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError, LimitedError
from pegel_web.ingestion import services as ingestion
from pegel_web.ingestion.contracts import FileReport, Reading
from pegel_web.ingestion.models import BroughtFile, FileState
from pegel_web.ingestion.place import safe_name
from pegel_web.ingestion.queries import brought_file
from pegel_web.jobs.plain import plain_values
from pegel_web.jobs.registry import RunningJob
from pegel_web.pickup import place
from pegel_web.pickup.models import PickedFile, PickState, PickupFolder
from pegel_web.pickup.place import Entry, GrewError, OpenFolder, UnreadableError

#: So many files are brought, and so many more are noted, in one look at a folder.
MOST_BROUGHT: Final = 10
MOST_NOTED: Final = 200
#: A file whose reading was broken off is brought again so often.
_MOST_ATTEMPTS: Final = 3
_ENDED: Final = (PickState.IMPORTED, PickState.REPEATED, PickState.REFUSED)
#: Bytes of a name that are kept: with the id and the ending of the note no disk refuses it.
_LONGEST_STEM: Final = 150
#: What is over by itself: the file waits, and the folder says why.
_WAITS: Final = ("brought_too_many", "brought_no_room")


class Look:
    """A look into a folder, with the rights that the person who declared it has now."""

    def __init__(self, job: RunningJob, folder: PickupFolder, actor: Actor) -> None:
        self._job = job
        self._folder = folder
        self._actor = actor

    def run(self) -> None:
        """Look.

        Raises
        ------
        UserError: why the folder cannot be looked into, or why a file in it has to wait.
        """
        with place.opened(self._folder.name) as disk:
            entries = disk.entries()
            for row in self._rows(PickState.CLAIMED):
                self._job.stop_if_cancelled()
                self._follow(row)
            for row in self._rows(*_ENDED):
                self._put_away(disk, row, entries)
            for row in self._stable(entries)[:MOST_BROUGHT]:
                self._job.stop_if_cancelled()
                self._bring(disk, row, entries[row.file_name])

    def _rows(self, *states: PickState) -> list[PickedFile]:
        """Return the files that lie in the folder still."""
        rows = PickedFile.objects.everything(because="Pegel looks after the folder")
        found = rows.filter(folder=self._folder, moved=False, state__in=states).order_by("file_name")
        return cast("list[PickedFile]", list(found))

    def _follow(self, row: PickedFile) -> None:
        """Do what comes next for a file that was brought."""
        try:
            found = brought_file(actor=self._actor, file_id=cast("UUID", row.brought))
        except NotFoundError:
            # Killed before it was brought: it is brought as if it had just been seen.
            self._set(row, state=PickState.SEEN, brought=None)
            return
        state, problem = found.line.state, found.problem
        try:
            if state in ("imported", "undone"):
                self._set(row, state=PickState.IMPORTED, target=_target(row, found.line.id))
            elif state == "discarded":
                self._refuse(row, "pickup_discarded")
            elif state == "ready" and found.content is not None and not found.content.items:
                self._refuse(row, "pickup_nothing_in_it", found=found)
            elif state == "ready":
                ingestion.confirm_file(actor=self._actor, file_id=found.line.id, seen=found.seen)
            elif problem is not None and problem.code == "brought_left" and row.attempts < _MOST_ATTEMPTS:
                with transaction.atomic():
                    ingestion.discard_file(actor=self._actor, file_id=found.line.id)
                    self._set(row, state=PickState.SEEN, brought=None)
            elif state in ("asking", "unreadable") and problem is not None:
                self._refuse(row, problem.code, problem.values, found=found)
        except ConflictError:
            # Somebody was quicker in the browser: the next look sees what they did.
            return

    def _put_away(self, disk: OpenFolder, row: PickedFile, entries: dict[str, Entry]) -> None:
        """Move a file whose way has ended. Another one under its name is left alone: it is a new file."""
        entry = entries.get(row.file_name)
        if entry is not None and entry.stamp == row.stamp:
            refused = row.state == PickState.REFUSED
            into = place.REFUSED if refused else place.DONE
            disk.move(entry, into, row.target, _note(row) if refused else "")
            del entries[row.file_name]
        self._set(row, moved=True)

    def _stable(self, entries: dict[str, Entry]) -> list[PickedFile]:
        """Note what is new or has changed, and return what has not changed since the last look."""
        known = {row.file_name: row for row in self._rows(PickState.SEEN)}
        stable = []
        for row in known.values():
            entry = entries.get(row.file_name)
            if entry is None:
                row.delete()
            elif entry.stamp != row.stamp:
                self._set(row, stamp=entry.stamp, size=entry.size, seen_at=self._actor.at)
            elif entry.plain:
                stable.append(row)
            else:
                self._refuse(row, "pickup_no_plain_file")
        taken = {*known, *(row.file_name for row in self._rows(PickState.CLAIMED, *_ENDED))}
        new = [entry for entry in entries.values() if entry.shown not in taken][:MOST_NOTED]
        at = self._actor.at
        with transaction.atomic():
            self._job.hold()
            PickedFile.objects.bulk_create(
                PickedFile(
                    folder=self._folder, file_name=one.shown, stamp=one.stamp, size=one.size, seen_at=at, changed_at=at
                )
                for one in new
            )
        return stable

    def _bring(self, disk: OpenFolder, row: PickedFile, entry: Entry) -> None:
        """Bring a file, unless its content was imported already."""
        if entry.size > place.most_bytes():
            self._refuse(row, "brought_too_large", {"most": place.most_bytes() // 1024**2})
            return
        try:
            digest = hashlib.sha256()
            for part in self._parts(disk, entry):
                digest.update(part)
            if self._repeats(row, digest.hexdigest()):
                return
            self._set(
                row, state=PickState.CLAIMED, brought=uuid4(), digest=digest.hexdigest(), attempts=row.attempts + 1
            )
            ingestion.bring_file(
                actor=self._actor,
                unit_id=self._folder.unit_id,
                file_name=row.file_name,
                parts=self._parts(disk, entry),
                reading=Reading(**self._folder.options),
                file_id=row.brought,
            )
        except GrewError:
            # The next look sees how it stands then.
            self._set(row, state=PickState.SEEN, brought=None, stamp="")
        except UnreadableError:
            self._refuse(row, "pickup_unreadable", {"file": row.file_name})
        except (InputError, LimitedError) as error:
            if error.code in _WAITS:
                self._set(row, state=PickState.SEEN, brought=None)
                raise
            self._refuse(row, error.code, error.values)

    def _parts(self, disk: OpenFolder, entry: Entry) -> Iterator[bytes]:
        for part in disk.parts(entry):
            self._job.stop_if_cancelled()
            yield part
        # Whoever lost the job meanwhile must not bring what another worker brings.
        self._job.stop_if_cancelled()

    def _repeats(self, row: PickedFile, digest: str) -> bool:
        """Tell whether a file has to wait or is done with, because another one with the same content came before."""
        picked = PickedFile.objects.everything(because="the same content must not come in twice").exclude(pk=row.pk)
        if picked.filter(folder__unit_id=self._folder.unit_id, state=PickState.CLAIMED, digest=digest).exists():
            return True
        brought = BroughtFile.objects.everything(because="the same")
        same = brought.filter(unit_id=self._folder.unit_id, digest=digest, state=FileState.IMPORTED)
        stream = self._folder.options["stream"]
        earlier = next((one for one in same.defer("look", "result") if one.options["stream"] in ("", stream)), None)
        if earlier is None:
            return False
        with transaction.atomic():
            end = {"brought": earlier.pk, "target": _target(row, earlier.pk, repeated=True), "digest": digest}
            self._set(row, state=PickState.REPEATED, **end)
            self._record("repeated", row, brought=str(earlier.pk))
        return True

    def _refuse(
        self, row: PickedFile, code: str, values: Mapping[str, object] | None = None, *, found: FileReport | None = None
    ) -> None:
        with transaction.atomic():
            if found is not None:
                ingestion.discard_file(actor=self._actor, file_id=found.line.id)
            reason = {"code": code, "values": plain_values(values or {})}
            self._set(row, state=PickState.REFUSED, reason=reason, target=_target(row, row.pk))
            self._record("refused", row, reason=code)

    def _record(self, event: str, row: PickedFile, **after: object) -> None:
        folder = self._folder
        said = {"folder": folder.name, "file": row.file_name, **after}
        subject = ("pickup_folder", folder.id)
        record(self._actor, f"pickup.file.{event}", subject=subject, unit=folder.unit_id, after=said)

    def _set(self, row: PickedFile, **values: Any) -> None:
        with transaction.atomic():
            self._job.hold()
            for name, value in values.items():
                setattr(row, name, value)
            rows = PickedFile.objects.everything(because="Pegel looks after the folder").filter(pk=row.pk)
            if not rows.update(**values, changed_at=self._actor.at):
                # Somebody removed the folder meanwhile: what lies in it is left alone.
                raise NotFoundError("pickup_unknown", id=self._folder.pk)


def _target(row: PickedFile, brought: object, *, repeated: bool = False) -> str:
    """Return the name under which a file is put away: with the id of its import, or of its refusal, in it."""
    name = PurePosixPath(safe_name(row.file_name))
    again = f".again-{str(row.pk)[:8]}" if repeated else ""
    stem = name.stem.encode()[:_LONGEST_STEM].decode(errors="ignore")
    return f"{stem}.{brought}{again}{name.suffix}"


def _note(row: PickedFile) -> str:
    """Return why a file was refused, in both languages."""
    reason = cast("dict[str, Any]", row.reason)
    said = [explain(UserError(reason["code"], **reason["values"]), language) for language in LANGUAGES]
    return "".join(f"{one.says} {one.do}\n" for one in said)
