"""Progress of a long import on standard error: rows, rate, what remains."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from pegel.lake.importing import Account
from pegel.words import Language, say


class Progress:
    """Writes one line that renews itself; silent when nobody watches."""

    def __init__(self, name: str, *, shown: bool, language: Language) -> None:
        self._name = name
        self._shown = shown and sys.stderr.isatty()
        self._language = language
        self._begun = time.monotonic()

    def part(self, account: Account, share: float | None) -> None:
        """Show the account so far; ``share`` of the input that was read, None if unknown."""
        if not self._shown:
            return
        seconds = max(0.001, time.monotonic() - self._begun)
        remaining = None if not share else seconds / share - seconds
        code = "cli.progress" if remaining is None else "cli.progress_remaining"
        line = say(
            code,
            self._language,
            file=self._name,
            rows=account.rows_read,
            rate=round(account.rows_read / seconds),
            remaining=round(remaining or 0),
        )
        sys.stderr.write(f"\r\033[K{line}")
        sys.stderr.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            sys.stderr.write("\r\033[K")
