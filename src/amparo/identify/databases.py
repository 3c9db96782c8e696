"""Foreign SQLite databases, opened so that neither their bytes nor their schema can do harm.

Nothing is written anywhere: a database on disk is opened read-only and immutable; one inside an archive, or one with
a write-ahead log, is put together in memory. The schema is the evidence's and not ours: views, triggers and functions
are refused by an authorizer, and a progress limit in proportion to the size ends what would run for ever.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator
from types import TracebackType
from typing import Any
from urllib.parse import quote

from amparo.identify.trees import MIB, Locked, TooLarge, Tree, Unreadable
from amparo.words.errors import AmparoError

_MAGIC = b"SQLite format 3\x00"
_MOST_IN_MEMORY = 2048 * MIB
_LONGEST_VALUE = 64 * MIB
_STEP = 100_000


class NotUnderstood(AmparoError):
    """A database without the tables or columns that this version reads."""

    code = "not-understood"
    advice = "A newer version of Amparo may read it. Keep the original."


class Database:
    """One opened database. Use as a context manager; `rows` takes narrow SELECTs over plain tables only."""

    def __init__(self, connection: sqlite3.Connection, size: int):
        self._connection = connection
        # About 12 steps a row and 40 bytes a row at least: 10 steps a byte is generous for a scan, finite for a trap.
        self._steps_left = 20_000_000 // _STEP + 10 * size // _STEP
        try:
            for pragma in (
                "trusted_schema=OFF", "cell_size_check=ON", "temp_store=MEMORY", "query_only=ON", "mmap_size=0",
            ):  # fmt: skip
                connection.execute(f"PRAGMA {pragma}")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            connection.set_progress_handler(self._progress, _STEP)
            self._tables = {
                name: sql or ""
                for name, kind, sql in connection.execute("SELECT name, type, sql FROM sqlite_schema")
                if kind in ("table", "view") and isinstance(name, str) and isinstance(sql, str | None)
            }
            connection.text_factory = _lenient
            connection.set_authorizer(_authorize)
        except sqlite3.Error as error:
            connection.close()
            raise _damaged(error) from None
        self._columns: dict[str, set[str]] = {}

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def _progress(self) -> int:
        self._steps_left -= 1
        return int(self._steps_left < 0)

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether a plain table, and a column of it, is there. A view or a virtual table counts as absent."""
        if not _is_plain(self._tables.get(table, "")):
            return False
        if column is None:
            return True
        if table not in self._columns:
            self._columns[table] = self._columns_of(table)
        return column in self._columns[table]

    def _columns_of(self, table: str) -> set[str]:
        try:
            # Only our own literal names come here.
            cursor = self._connection.execute(f'SELECT * FROM "{table}" LIMIT 0')  # noqa: S608
        except sqlite3.Error as error:
            raise _damaged(error) from None
        return {part[0] for part in cursor.description or ()}

    def require(self, table: str, *columns: str) -> None:
        """Raise NotUnderstood, naming what is missing."""
        if not self.has(table):
            other = "is not a plain table" if table in self._tables else "is missing"
            raise NotUnderstood(f"The table {table} {other} in this database.")
        missing = [column for column in columns if not self.has(table, column)]
        if missing:
            raise NotUnderstood(f"The table {table} has no column {', '.join(missing)} in this version.")

    def column_or_null(self, table: str, column: str, alias: str = "") -> str:
        """The column's name for a SELECT, or NULL where this version of the schema lacks it."""
        return f"{alias}{column}" if self.has(table, column) else "NULL"

    def rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Rows of one SELECT. Damage met half-way raises Unreadable after the rows before it."""
        try:
            # Not `yield from`: it would close the cursor of a connection that is closed already.
            for row in self._connection.execute(query, values):  # noqa: UP028
                yield row
        except sqlite3.Error as error:
            raise _damaged(error) from None


def _lenient(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _is_plain(sql: str) -> bool:
    return sql[:40].upper().split()[:2] == ["CREATE", "TABLE"]


_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
_FUNCTIONS = {"max", "min", "count", "length"}


def _authorize(
    action: int, first: str | None, second: str | None, database: str | None, inside: str | None
) -> int:
    # `inside` names the view or trigger that asks: no stored code of the evidence gets to read or call anything.
    if inside is not None:
        return sqlite3.SQLITE_DENY
    if action in _ALLOWED:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _damaged(error: sqlite3.Error) -> AmparoError:
    text = str(error).lower()
    if "interrupted" in text:
        return Unreadable(
            "Reading this database took far more steps than its size justifies, so it was stopped."
        )
    if "encrypted or is not" in text or "not a database" in text:
        return Unreadable("This file is not a readable SQLite database; it may be damaged or encrypted.")
    return Unreadable("This database is damaged: it could be read only in part or not at all.")


def open_database(tree: Tree, name: str, wal: str | None = None) -> Database:
    """Open a SQLite file of a tree; `wal` names its write-ahead log where there is one.

    Raises Unreadable (damaged, not SQLite), Locked or TooLarge.
    """
    with tree.open(name) as stream:
        head = stream.read(100)
    if not head:
        raise Unreadable("This file is empty.")
    if not head.startswith(_MAGIC):
        raise Unreadable("This file is not a readable SQLite database; it may be damaged or encrypted.")
    place = tree.place(name)
    with_wal = wal is not None and tree.size(wal) > 32
    if place is not None and not with_wal:
        uri = "file:" + quote(str(place).encode("utf-8", "surrogateescape")) + "?mode=ro&immutable=1"
        try:
            return Database(sqlite3.connect(uri, uri=True, isolation_level=None), tree.size(name))
        except sqlite3.Error as error:
            raise _damaged(error) from None
    image = _read_into_memory(tree, name)
    if with_wal and wal is not None:
        apply_wal(image, _read_into_memory(tree, wal))
    size = len(image)
    # Bytes 18 and 19 say "write-ahead log"; an image in memory can only be opened as a plain one.
    image[18:20] = b"\x01\x01"
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.deserialize(image)
    except (sqlite3.Error, MemoryError, OverflowError) as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise _damaged(error) from None
        raise TooLarge("This database is too large for the memory of this computer.") from None
    del image
    return Database(connection, size)


def _read_into_memory(tree: Tree, name: str) -> bytearray:
    image = bytearray()
    with tree.open(name) as stream:
        while chunk := stream.read(4 * MIB):
            image += chunk
            if len(image) > _MOST_IN_MEMORY:
                raise TooLarge(
                    f"This database is larger than {_MOST_IN_MEMORY // MIB} MiB, too large to open inside an archive."
                )
    return image


def apply_wal(image: bytearray, log: bytes | bytearray) -> int:
    """Write the committed pages of a write-ahead log into a database image; the number of pages written.

    Format: https://www.sqlite.org/fileformat2.html#walformat (32-byte header; frames of 24 bytes plus a page; salts and
    a running checksum tell where the valid part ends; a frame with a database size ends a transaction).
    """
    magic = int.from_bytes(log[0:4], "big")
    if magic not in (0x377F0682, 0x377F0683) or len(image) < 100:
        return 0
    order = "big" if magic & 1 else "little"
    page = int.from_bytes(log[8:12], "big")
    if page < 512 or page > 65536 or page & (page - 1):
        return 0
    salts = bytes(log[16:24])
    sums = _checksum(log[0:24], order, (0, 0))
    if sums != (int.from_bytes(log[24:28], "big"), int.from_bytes(log[28:32], "big")):
        return 0
    waiting: dict[int, int] = {}
    written = 0
    for start in range(32, len(log) - 24 - page + 1, 24 + page):
        header = log[start : start + 24]
        if bytes(header[8:16]) != salts:
            break
        sums = _checksum(log[start : start + 8], order, sums)
        sums = _checksum(log[start + 24 : start + 24 + page], order, sums)
        if sums != (int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")):
            break
        waiting[int.from_bytes(header[0:4], "big")] = start + 24
        pages = int.from_bytes(header[4:8], "big")
        if not pages:
            continue
        if pages * page > len(image) + len(log):
            break  # a transaction cannot make the file longer than file and log together
        if len(image) < pages * page:
            image.extend(bytes(pages * page - len(image)))
        for number, offset in waiting.items():
            if 1 <= number <= pages:
                image[(number - 1) * page : number * page] = log[offset : offset + page]
                written += 1
        del image[pages * page :]
        waiting.clear()
    return written


def _checksum(data: bytes | bytearray, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    import sys

    words = array("I", bytes(data))
    if order != sys.byteorder:
        words.byteswap()
    first, second = sums
    for index in range(0, len(words), 2):
        first = (first + words[index] + second) & 0xFFFFFFFF
        second = (second + words[index + 1] + first) & 0xFFFFFFFF
    return first, second


__all__ = ["Database", "Locked", "NotUnderstood", "apply_wal", "open_database"]
