"""The rows of the result as Markdown, and their place in the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

BEGIN = "<!-- written by benchmarks/run.py: begin -->"
END = "<!-- written by benchmarks/run.py: end -->"


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: what, by whom, how long, how much memory, what it is compared with, and the target."""

    what: str
    program: str
    time: str
    peak_gb: float | None = None
    ratio: str = ""
    target: str = ""
    met: bool | None = None


def table(rows: list[Row]) -> str:
    """Return a Markdown table."""
    head = (
        "| What | Program | Time (median) | Peak memory | Compared | Target | Met |\n|---|---|---:|---:|---|---|---|\n"
    )
    return head + "\n".join(
        f"| {row.what} | {row.program} | {row.time} | {'' if row.peak_gb is None else f'{row.peak_gb:.2f} GB'} "
        f"| {row.ratio} | {row.target} | {'' if row.met is None else 'yes' if row.met else '**no**'} |"
        for row in rows
    )


def write_between_markers(page: Path, text: str) -> None:
    """Replace what stands between the markers of a page."""
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
