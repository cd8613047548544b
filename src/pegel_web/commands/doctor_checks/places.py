"""The disk: the data folder, its file system and its room, the static files, the lake."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pegel.errors import NotFoundError, PegelError
from pegel.lake.store import open_lake
from pegel_web.commands.doctor_checks.findings import Finding, bad, good, warning
from pegel_web.config.folders import folder_writable

_LITTLE: Final = 5_000_000_000
_NONE: Final = 500_000_000
_NETWORK: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "glusterfs", "lustre", "fuse.sshfs", "afs"})


def check_folder(folder: Path, *, sqlite: bool) -> Iterator[Finding]:
    """Look at the data folder."""
    if not folder.is_dir():
        yield bad("folder_missing", folder=str(folder))
        return
    if not folder_writable(folder):
        yield bad("folder_not_writable", folder=str(folder), user=_user())
        return
    mode = folder.stat().st_mode
    yield bad("folder_open", folder=str(folder)) if mode & 0o002 else good("folder", folder=str(folder))
    free = shutil.disk_usage(folder).free
    judge = bad if free < _NONE else warning if free < _LITTLE else good
    yield judge("disk" if free >= _LITTLE else "disk_full", gigabytes=free / 1e9)
    kind = file_system(folder)
    if kind in _NETWORK:
        yield (bad if sqlite else warning)("network_folder", kind=kind, folder=str(folder))


def check_lake(folder: Path) -> Iterator[Finding]:
    """Look whether the lake can be read."""
    try:
        streams = open_lake(folder).streams()
    except NotFoundError:
        yield good("lake_none", folder=str(folder))
    except PegelError as error:
        yield bad("lake_unreadable", folder=str(folder), reason=error.code)
    except (OSError, ValueError, KeyError) as error:
        yield bad("lake_unreadable", folder=str(folder), reason=type(error).__name__)
    else:
        yield good("lake", n=len(streams))


def file_system(folder: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """Return the kind of file system a folder lies on, such as ``ext4``; empty: unknown."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    kind, longest = "", -1
    for line in lines:
        parts = line.split(" ")
        # Blanks in a mount point are written as \040.
        point = parts[1].replace("\\040", " ") if len(parts) > 2 else ""
        inside = point == "/" or folder == Path(point) or Path(point) in folder.parents
        if point and inside and len(point) > longest:
            kind, longest = parts[2], len(point)
    return kind


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else ""
