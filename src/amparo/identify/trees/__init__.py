"""Evidence as a tree of named files, whatever holds it: a folder, a zip, a tar(.gz), or one file.

A tree only reads. Links are never followed, names that point outside are refused, what an archive unpacks to is
limited in proportion to its size, and everything that was refused stands in `problems`, to be told as not checked.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from amparo.words.errors import AmparoError

MIB = 1024 * 1024


class Unreadable(AmparoError):
    """A file that is damaged, cut short, or of a kind that is not understood."""

    code = "unreadable"
    advice = "Make the copy again from the phone, and compare the sizes of the two files."


class TooLarge(AmparoError):
    """A file that unpacks to far more than its size justifies, or more than can be held in memory."""

    code = "too-large"
    advice = "If you trust this archive, unpack it into a folder and examine the folder."


class Locked(AmparoError):
    """A file that is encrypted, and for which no key is at hand."""

    code = "encrypted"
    advice = "Make the copy again without a password, or unlock it first."


class Problem(msgspec.Struct, frozen=True):
    """A part of the evidence that was refused before any detector saw it, and why."""

    part: str
    why: str


class Tree(Protocol):
    """Named files, read-only. Names use "/" and are relative."""

    name: str
    problems: list[Problem]

    def names(self) -> Collection[str]:
        """Every regular file, in a stable order."""
        ...

    def size(self, name: str) -> int:
        """Size in bytes, as declared by whoever made the tree: never trusted for reading."""
        ...

    def open(self, name: str) -> BinaryIO:
        """A seekable reader. Raises Unreadable, TooLarge or Locked, at opening or while reading."""
        ...

    def place(self, name: str) -> Path | None:
        """Where the file lies on disk in clear, or None when it lies inside an archive."""
        ...

    def close(self) -> None:
        """Give back open files and memory."""
        ...


class Budget:
    """How many bytes an archive may unpack to, shared with the archives inside it.

    64 MiB plus 40 times the size of the outer file: phone backups unpack to three to ten times their size; what
    unpacks to a thousand times is made to fill a disk.
    """

    def __init__(self, size: int):
        self.limit = self.left = 64 * MIB + 40 * size

    def spend(self, amount: int) -> None:
        self.left -= amount
        if self.left < 0:
            raise TooLarge(
                f"This archive unpacks to more than {self.limit // MIB} MiB, far more than its size justifies.",
                advice="Do not open it by hand. Ask whoever sent it for a folder or a plain zip.",
            )


def read_small(tree: Tree, name: str, limit: int = 64 * MIB) -> bytes:
    """The whole file, when it is no larger than `limit` bytes; TooLarge otherwise."""
    refusal = TooLarge(f"The file is larger than {limit // MIB} MiB, which no phone writes for this kind.")
    # A declared size that is too large is believed; one that is small is not, so what comes is counted too.
    if tree.size(name) > limit:
        raise refusal
    whole = io.BytesIO()
    with tree.open(name) as stream:
        while chunk := stream.read(MIB):
            if whole.tell() + len(chunk) > limit:
                raise refusal
            whole.write(chunk)
    return whole.getvalue()


class SingleFile:
    """A tree of exactly one file."""

    def __init__(self, source: Path | BinaryIO, name: str):
        self.name, self.problems, self._source = name, list[Problem](), source

    def names(self) -> Collection[str]:
        return (self.name,)

    def size(self, name: str) -> int:
        if isinstance(self._source, Path):
            return self._source.stat().st_size
        return self._source.seek(0, io.SEEK_END)

    def open(self, name: str) -> BinaryIO:
        if isinstance(self._source, Path):
            return self._source.open("rb")
        self._source.seek(0)
        return Unclosed(self._source)

    def place(self, name: str) -> Path | None:
        return self._source if isinstance(self._source, Path) else None

    def close(self) -> None:
        """Nothing is held open."""


class Unclosed(io.BufferedReader):
    """A reader over somebody else's stream: closing it leaves the stream open."""

    def __init__(self, stream: BinaryIO):
        super().__init__(_Lent(stream), 256 * 1024)


class _Lent(io.RawIOBase):
    def __init__(self, stream: BinaryIO):
        self._stream = stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def open_tree(source: Path | BinaryIO, name: str, budget: Budget | None = None) -> Tree:
    """The tree for a path or a seekable stream. `name` is only shown, never trusted.

    Raises Unreadable, Locked or TooLarge when nothing of it can be read.
    """
    from amparo.identify.trees.archives import TarTree, ZipTree, private_copy
    from amparo.identify.trees.folders import FolderTree

    if isinstance(source, Path):
        if source.is_dir():
            return FolderTree(source, name)
        try:
            stream: BinaryIO = source.open("rb")
        except OSError as error:
            raise Unreadable(
                f"The file could not be opened ({error.strerror}).", advice="Check that you may read it."
            ) from None
        owned = True
    else:
        stream, owned = Unclosed(source), False
    head = _head(stream)
    if budget is None:
        budget = Budget(stream.seek(0, io.SEEK_END))
        stream.seek(0)
    try:
        if not head:
            raise Unreadable("This file is empty.")
        if head.startswith(b"age-encryption.org/"):
            raise Locked("This file is encrypted with age, and its key is not here.")
        if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
            return ZipTree(stream, name, budget)
        if head.startswith(b"\x1f\x8b"):
            unpacked = private_copy(stream, budget, unzip=True)
            if _is_tar(_head(unpacked)):
                return TarTree(unpacked, name, budget)
            return SingleFile(unpacked, name.removesuffix(".gz"))
        if _is_tar(head):
            return TarTree(stream, name, budget)
        if head.startswith((b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")):
            raise Unreadable(
                "This kind of archive is not read here.",
                advice="Unpack it, or pack it again as zip or tar.gz.",
            )
    except AmparoError:
        if owned:
            stream.close()
        raise
    if owned:
        stream.close()
    return SingleFile(source, name)


def _head(stream: BinaryIO) -> bytes:
    stream.seek(0)
    head = stream.read(512)
    stream.seek(0)
    return head


def _is_tar(head: bytes) -> bool:
    return len(head) == 512 and head[257:262] == b"ustar"
