"""Folders on the disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def folder_writable(folder: Path) -> bool:
    """Tell whether a file can be written there; nothing is left behind."""
    try:
        handle, name = tempfile.mkstemp(prefix=".health-", dir=folder)
        os.close(handle)
        Path(name).unlink()
    except OSError:
        return False
    return True
