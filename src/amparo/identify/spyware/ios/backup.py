"""The layout of an iOS backup: which file of the tree is which file of the phone.

A file lies under the SHA-1 of "domain-path", in a folder named by its first two signs; Manifest.db lists them all.
"""

from __future__ import annotations

import hashlib
import plistlib
import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from amparo.identify.databases import Database, open_database
from amparo.identify.trees import Locked, Tree, Unreadable, read_small

_FILE_ID = re.compile(r"[0-9a-f]{40}")
_MARKS = ("Manifest.db", "Manifest.plist", "Info.plist", "Status.plist", "Manifest.mbdb")


class Located(NamedTuple):
    """A file of the phone: its name in the tree, and the place to show (domain and path)."""

    name: str
    artefact: str


class Row(NamedTuple):
    """One row of Manifest.db; `flags` 1 file, 2 folder, 4 link."""

    file_id: str
    domain: str
    path: str
    flags: int


def roots(names: Collection[str]) -> list[str]:
    """Folders ("" or ending in "/") that hold an iOS backup: Manifest.db, or two of its other marks."""
    found: dict[str, int] = {}
    for name in names:
        folder, slash, last = name.rpartition("/")
        if last in _MARKS:
            weight = 2 if last.startswith("Manifest.") and last != "Manifest.plist" else 1
            found[folder + slash] = found.get(folder + slash, 0) + weight
    return sorted(root for root, weight in found.items() if weight >= 2)


class Backup:
    """One backup inside a tree. Reading Manifest.db fills the index; without it, names are computed."""

    def __init__(self, tree: Tree, root: str):
        self.tree, self.root = tree, root
        self._names = tree.names() if isinstance(tree.names(), set | dict) else set(tree.names())
        self.domains: set[str] = set()
        self.profiles: list[Row] = []
        self.safari: list[Row] = []
        self.manifest_read = False

    def has(self, name: str) -> bool:
        """Whether the backup's own folder holds this file."""
        return self.root + name in self._names

    def plist(self, name: str) -> Any:
        """One of the backup's own property lists (Info.plist and the like)."""
        return read_plist(read_small(self.tree, self.root + name))

    def manifest(self) -> Database:
        """Manifest.db. Raises Locked when the backup is encrypted, Unreadable when it is damaged or missing."""
        name = self.root + "Manifest.db"
        if name not in self._names:
            raise Unreadable("Manifest.db, the list of all files, is missing from this backup.")
        with self.tree.open(name) as stream:
            head = stream.read(16)
        if head and not head.startswith(b"SQLite format 3") and self.encrypted():
            raise Locked("The backup is encrypted.")
        wal = name + "-wal"
        return open_database(self.tree, name, wal if wal in self._names else None)

    def encrypted(self) -> bool:
        """Whether Manifest.plist says that the backup has a password."""
        try:
            found = self.plist("Manifest.plist")
        except (Unreadable, KeyError):
            return False
        return isinstance(found, dict) and bool(found.get("IsEncrypted"))

    def locate(self, domain: str, path: str) -> Located | None:
        """The file of the phone, or None when the backup does not hold it."""
        digest = hashlib.sha1(
            f"{domain}-{path}".encode("utf-8", "surrogateescape"), usedforsecurity=False
        ).hexdigest()
        return self.stored(digest, f"{domain}/{path}")

    def stored(self, file_id: str, artefact: str) -> Located | None:
        """The file with this id. An id that is not 40 hex signs names nothing."""
        if not _FILE_ID.fullmatch(file_id):
            return None
        name = f"{self.root}{file_id[:2]}/{file_id}"
        return Located(name, artefact) if name in self._names else None

    def database(self, domain: str, path: str, found: Located) -> Database:
        """Open a database of the phone together with its write-ahead log, where the backup holds one."""
        log = self.locate(domain, path + "-wal")
        return open_database(self.tree, found.name, log.name if log else None)

    def rows(self, database: Database) -> Iterator[Row]:
        """Every row of the manifest; rows with values of a wrong type are passed over."""
        database.require("Files", "fileID", "domain", "relativePath")
        flags = database.column_or_null("Files", "flags")
        for file_id, domain, path, flag in database.rows(
            f"SELECT fileID, domain, relativePath, {flags} FROM Files"  # noqa: S608 - our own column names
        ):
            if type(domain) is str and type(path) is str and type(file_id) is str:
                yield Row(file_id, domain, path, flag if type(flag) is int else 1)


def read_plist(data: bytes) -> Any:
    """A property list, XML or binary. Raises Unreadable for anything else, however it is broken."""
    try:
        return plistlib.loads(data)
    except (
        plistlib.InvalidFileException, ValueError, TypeError, LookupError, OverflowError, RecursionError,
        AttributeError, MemoryError, EOFError, OSError,
    ):  # fmt: skip
        raise Unreadable("This property list is damaged.") from None
    except Exception:  # expat raises its own class, which belongs to no family above
        raise Unreadable("This property list is damaged.") from None


def strings(value: Any, most: int = 200_000) -> Iterator[str]:
    """Every text inside a property list, cycles and depth guarded."""
    waiting, seen = [value], 0
    entered: set[int] = set()
    while waiting and seen < most:
        item = waiting.pop()
        seen += 1
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict | list):
            if id(item) in entered:
                continue
            entered.add(id(item))
            if isinstance(item, dict):
                waiting.extend(item.keys())
                waiting.extend(item.values())
            else:
                waiting.extend(item)
