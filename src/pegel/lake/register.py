"""The register of imports: which are committed, and which parts a reader may therefore see."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pegel.errors import NotFoundError
from pegel.lake import tables


@dataclass(frozen=True, slots=True)
class Register:
    """The last line of each import, in the order of their numbers."""

    lines: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, root: Path) -> Register:
        """Read the register of a lake."""
        last: dict[str, dict[str, Any]] = {}
        for line in tables.read_imports(root).to_dicts():
            last[line["import_id"]] = line
        return cls(tuple(sorted(last.values(), key=lambda line: line["import_no"])))

    @property
    def committed(self) -> tuple[dict[str, Any], ...]:
        """Lines of the imports that readers see."""
        return tuple(line for line in self.lines if line["event"] == "committed")

    @property
    def last_number(self) -> int:
        """Highest number given so far, 0 if none."""
        return max((line["import_no"] for line in self.lines), default=0)

    def committed_with(self, fingerprint: str) -> dict[str, Any] | None:
        """Return the committed import of this content and these options, if there is one."""
        return next((line for line in self.committed if line["fingerprint"] == fingerprint), None)

    def line(self, import_id: str) -> dict[str, Any]:
        """Return a committed import's line.

        Raises
        ------
        NotFoundError: ``unknown_import`` with the ids that exist.
        """
        for line in self.committed:
            if line["import_id"] == import_id:
                return line
        raise NotFoundError("unknown_import", name=import_id, known=[line["import_id"] for line in self.committed])

    def visible_parts(self) -> set[str]:
        """Return the parts of committed imports."""
        return {part for line in self.committed for part in parts_of(line)}


def parts_of(line: dict[str, Any]) -> list[str]:
    """Return the parts of one import: its own, and those with records that it took over from undone imports."""
    own = [f"{line['import_id']}.{number:05d}" for number in range(line["parts"])]
    return own + [rescued_part(line, number) for number in range(line["rescued"])]


def rescued_part(line: dict[str, Any], number: int) -> str:
    """Return the name of a part with records that an import took over."""
    return f"{line['import_id']}.r{number:04d}"
