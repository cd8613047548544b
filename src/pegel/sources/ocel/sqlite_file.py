"""Opens an SQLite file that may be hostile: read-only, without anything that a file could bring along.

Follows https://www.sqlite.org/security.html for untrusted files: ``immutable`` (no locks, no journals, nothing beside
the file is read), ``trusted_schema=OFF``, ``cell_size_check=ON``, no memory map, limits on lengths, and an authorizer
that allows reading tables and counting rows, nothing else. Views, virtual tables and generated columns are treated as
missing; no extension is loaded and no other file attached. A packed file is unpacked to a folder that only its owner
can enter and that is removed afterwards.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pegel.errors import InputError
from pegel.sources.reading import container_of, open_bytes

MAGIC: Final = b"SQLite format 3\x00"
#: A packed database is unpacked to disk: this much at most.
MAX_UNPACKED_BYTES: Final = 16 * 1024**3
#: Bytes of one value or row.
LONGEST_VALUE: Final = 64 << 20
_LONGEST_STATEMENT: Final = 1 << 20
_BLOCK: Final = 1 << 20
#: Where changes lie that did not reach the database yet.
_UNFINISHED: Final = ("-wal", "-journal")
_FUNCTIONS: Final = ("count", "row_number")
_ACTIONS: Final = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ)


class Database:
    """An open database: its base tables, and rows of them.

    ``encoding``: of texts that are read as bytes.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self.encoding = str(self._only("PRAGMA encoding"))
        # Names of tables are the same in any case of letters.
        # Views and virtual tables have no pages of their own.
        names = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0")
        self._tables: dict[str, str] = {str(name).lower(): str(name) for (name,) in names}

    def has(self, table: str) -> bool:
        """Tell whether there is such a base table."""
        return table.lower() in self._tables

    def columns(self, table: str) -> list[str]:
        """Names of a table's stored columns; none where the table is missing.

        Columns that are computed (generated) are left out, because that would run what the file says.
        """
        if not self.has(table):
            return []
        found = self.rows(f"PRAGMA table_xinfo({quoted(self._tables[table.lower()])})")
        return [str(name) for _, name, _, _, _, _, hidden in found if hidden == 0]

    def require(self, table: str, *columns: str) -> None:
        """Check that a table is there and has the columns.

        Raises
        ------
        InputError: ``ocel_table_missing``, ``ocel_column_missing``.
        """
        if not self.has(table):
            raise InputError("ocel_table_missing", path=str(self._path), table=table)
        missing = sorted(set(columns) - {name.lower() for name in self.columns(table)})
        if missing:
            raise InputError("ocel_column_missing", path=str(self._path), table=table, column=missing[0])

    def rows(self, statement: str, values: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a statement.

        Raises
        ------
        InputError: ``sqlite_broken``.
        """
        cursor = self._run(statement, values)
        try:
            yield from cursor
        except (sqlite3.Error, UnicodeError) as error:
            raise self._broken(error) from None
        finally:
            with suppress(sqlite3.Error):  # a reader that gave up may be let go after the database was closed
                cursor.close()

    def lock(self) -> None:
        """Allow nothing from here on but reading tables."""
        self._connection.set_authorizer(_authorize)

    def _only(self, statement: str) -> object:
        return next(self.rows(statement))[0]

    def _run(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except (sqlite3.Error, UnicodeError) as error:
            raise self._broken(error) from None

    def _broken(self, error: Exception) -> InputError:
        return InputError("sqlite_broken", path=str(self._path), detail=str(error)[:200])


@contextmanager
def open_database(path: Path) -> Iterator[Database]:
    """Open a database, plain or packed, for as long as the context lasts.

    Raises
    ------
    InputError: ``not_sqlite``, ``sqlite_broken``, ``sqlite_unfinished`` (a journal lies beside the file),
    ``no_space_to_unpack``, as :func:`pegel.sources.reading.open_bytes`.
    """
    if container_of(path) == "plain":
        for ending in _UNFINISHED:
            beside = path.with_name(path.name + ending)
            if beside.exists() and beside.stat().st_size:
                raise InputError("sqlite_unfinished", path=str(path), beside=beside.name)
        with open_bytes(path) as stream:
            _check_magic(path, stream.peek(len(MAGIC)))
        with _connect(path, path) as database:
            yield database
        return
    with TemporaryDirectory(prefix="pegel-") as folder:
        unpacked = Path(folder) / "unpacked.sqlite"
        _unpack(path, unpacked)
        with _connect(path, unpacked) as database:
            yield database


def quoted(name: str) -> str:
    """Name as an identifier in SQL, whatever it holds.

    >>> quoted('event_a"; DROP TABLE x')
    '"event_a""; DROP TABLE x"'
    """
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _check_magic(path: Path, start: bytes) -> None:
    if not start.startswith(MAGIC):
        raise InputError("not_sqlite", path=str(path))


def _unpack(path: Path, target: Path) -> None:
    with open_bytes(path, max_bytes=MAX_UNPACKED_BYTES) as stream:
        _check_magic(path, stream.peek(len(MAGIC)))
        with target.open("wb") as file:
            while block := stream.read(_BLOCK):
                try:
                    file.write(block)
                except OSError as error:
                    raise InputError("no_space_to_unpack", path=str(path), detail=str(error)[:200]) from error


@contextmanager
def _connect(path: Path, file: Path) -> Iterator[Database]:
    try:
        connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise InputError("sqlite_broken", path=str(path), detail=str(error)[:200]) from None
    with closing(connection):
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, _LONGEST_STATEMENT)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.text_factory = _decoded
        try:
            for setting in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "query_only=ON", "temp_store=1"):
                connection.execute(f"PRAGMA {setting}").close()
        except sqlite3.Error as error:
            raise InputError("sqlite_broken", path=str(path), detail=str(error)[:200]) from None
        database = Database(path, connection)
        database.lock()
        yield database


def _decoded(raw: bytes) -> str:
    # The error handler marks what is not UTF-8, so that the row it stands in is rejected as ``broken_encoding``.
    return raw.decode("utf-8", "pegel.mark_broken")


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    if action in _ACTIONS or (action == sqlite3.SQLITE_FUNCTION and second in _FUNCTIONS):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo":
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
