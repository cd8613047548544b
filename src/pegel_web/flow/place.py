"""Where the lake and the tables made from it lie: in the data folder of the installation."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings

#: What the files of the tables behind a selection begin with.
OF_SELECTION: Final = "selection-"


def lake_folder() -> Path:
    """Return the folder of the lake; there may be none yet."""
    return Path(settings.DATA_DIR) / "lake"


def tables_folder() -> Path:
    """Return the folder of the tables behind the figures; it can be deleted at any time and is made again."""
    return Path(settings.DATA_DIR) / "flow"
