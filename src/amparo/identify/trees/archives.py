"""Zip and tar archives, read in place: nothing is ever unpacked onto a disk.

Names are looked at before use, members that are links, devices, encrypted or named twice are refused with a reason,
and what is unpacked is counted against a budget while it is read, because declared sizes lie.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import BinaryIO, TypeVar

from amparo.identify.trees import MIB, Budget, Problem, TooLarge, Unreadable
from amparo.identify.trees.naming import one_form, shown, why_refused
from amparo.words.errors import AmparoError

_MOST_MEMBERS = 2_000_000
_MOST_PROBLEMS = 50
_MOST_IN_MEMORY = 4096 * MIB
_DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, struct.error, ValueError,
    NotImplementedError, RuntimeError, UnicodeError, IndexError, KeyError, OSError, OverflowError,
)  # fmt: skip
Result = TypeVar("Result")


class Metered(io.RawIOBase):
    """A reader that counts what it hands out and turns every damage into one clear sentence."""

    def __init__(self, opener: Callable[[], BinaryIO], budget: Budget):
        self._budget = budget
        self._stream = _guarded(opener)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return _guarded(lambda: self._stream.seek(offset, whence))

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = _guarded(lambda: self._stream.read(len(buffer)))
        self._budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


def _guarded(action: Callable[[], Result]) -> Result:
    try:
        return action()
    except AmparoError:
        raise
    except _DAMAGE:
        raise Unreadable("This file inside the archive is damaged or cut short.") from None


class _Members:
    """What zip and tar share: a table of accepted members, and the list of refused ones."""

    def __init__(self, name: str, budget: Budget):
        self.name, self.problems, self.budget = name, list[Problem](), budget
        self._refused = 0

    def _refuse(self, part: str, why: str) -> None:
        self._refused += 1
        if self._refused <= _MOST_PROBLEMS:
            self.problems.append(Problem(shown(part), why))

    def _refusals_end(self) -> None:
        if self._refused > _MOST_PROBLEMS:
            more = self._refused - _MOST_PROBLEMS
            self.problems.append(
                Problem("the rest", f"{more} more members of the archive were refused as well")
            )

    def _twice(self, names: Iterable[str]) -> set[str]:
        return {name for name, count in Counter(map(one_form, names)).items() if count > 1}

    def place(self, name: str) -> Path | None:
        return None


class ZipTree(_Members):
    """A zip archive over a seekable stream."""

    def __init__(self, stream: BinaryIO, name: str, budget: Budget):
        super().__init__(name, budget)
        self._stream = stream
        try:
            self._zip = zipfile.ZipFile(stream)
            members = self._zip.infolist()
        except _DAMAGE:
            raise Unreadable(
                "This zip archive is damaged or cut short, so nothing in it could be read."
            ) from None
        if len(members) > _MOST_MEMBERS:
            raise TooLarge(f"This archive names {len(members)} files, which no phone does.")
        twice = self._twice(member.filename for member in members if not member.is_dir())
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            if member.is_dir():
                continue
            # zipfile cuts a name at NUL; the original tells.
            given = member.orig_filename
            why = why_refused(given)
            if why is None and one_form(given) in twice:
                why = "the archive holds more than one file of this name, so it cannot be known which one is meant"
            if why is None and stat.S_ISLNK(member.external_attr >> 16):
                why = "it is a link, and links are not followed"
            if why is None and member.flag_bits & 0x1:
                why = "encrypted: this file in the archive is protected by a password"
            if why is not None:
                self._refuse(given, why)
                continue
            self._members[one_form(member.filename)] = member
        self._refusals_end()

    def names(self) -> Collection[str]:
        return self._members.keys()

    def size(self, name: str) -> int:
        return self._members[name].file_size

    def open(self, name: str) -> BinaryIO:
        member = self._members[name]
        return io.BufferedReader(Metered(lambda: self._zip.open(member), self.budget), 256 * 1024)  # type: ignore[arg-type, return-value]

    def close(self) -> None:
        self._zip.close()
        self._stream.close()


class TarTree(_Members):
    """A tar archive over a seekable, uncompressed stream."""

    def __init__(self, stream: BinaryIO, name: str, budget: Budget):
        super().__init__(name, budget)
        self._stream = stream
        found: list[tarfile.TarInfo] = []
        try:
            self._tar = tarfile.open(fileobj=stream, mode="r:", errorlevel=0, encoding="utf-8")  # noqa: SIM115 - close()
            for member in self._tar:
                found.append(member)
                if len(found) > _MOST_MEMBERS:
                    raise TooLarge("This archive names more files than any phone does.")
        except _DAMAGE:
            if not found:
                raise Unreadable(
                    "This tar archive is damaged or cut short, so nothing in it could be read."
                ) from None
            self.problems.append(Problem(name, "the archive is cut short: files after the cut are missing"))
        twice = self._twice(member.name for member in found if not member.isdir())
        self._members: dict[str, tarfile.TarInfo] = {}
        for member in found:
            if member.isdir():
                continue
            why = why_refused(member.name)
            if why is None and one_form(member.name) in twice:
                why = "the archive holds more than one file of this name, so it cannot be known which one is meant"
            if why is None and (member.issym() or member.islnk()):
                why = "it is a link, and links are not followed"
            if why is None and not member.isreg():
                why = "it is not a plain file"
            if why is not None:
                self._refuse(member.name, why)
                continue
            self._members[one_form(member.name)] = member
        self._refusals_end()

    def names(self) -> Collection[str]:
        return self._members.keys()

    def size(self, name: str) -> int:
        return self._members[name].size

    def open(self, name: str) -> BinaryIO:
        member = self._members[name]
        return io.BufferedReader(Metered(lambda: self._extracted(member), self.budget), 256 * 1024)

    def _extracted(self, member: tarfile.TarInfo) -> BinaryIO:
        stream = self._tar.extractfile(member)
        if stream is None:
            raise Unreadable("This member of the archive holds no data.")
        return stream  # type: ignore[return-value]

    def close(self) -> None:
        self._tar.close()
        self._stream.close()


def private_copy(stream: BinaryIO, budget: Budget, *, unzip: bool = False) -> BinaryIO:
    """A copy in memory that can be read in any order; never a file on a disk.

    On Linux the memory belongs to an anonymous file, which another process cannot find by name.
    """
    copy = _anonymous_file()
    # read1 hands out what is there; read would throw away what came before a cut.
    read = gzip.GzipFile(fileobj=stream).read1 if unzip else stream.read
    copied = 0
    try:
        while chunk := _guarded(lambda: read(MIB)):
            budget.spend(len(chunk))
            copied += len(chunk)
            if copied > _MOST_IN_MEMORY:
                raise TooLarge(f"This archive unpacks to more than {_MOST_IN_MEMORY // MIB} MiB of memory.")
            copy.write(chunk)
    except Unreadable:
        if not copied:
            copy.close()
            raise Unreadable(
                "This archive is damaged or cut short, so nothing in it could be read."
            ) from None
        # What came before the cut is still worth reading: the tar reader tells that the end is missing.
    except AmparoError:
        copy.close()
        raise
    copy.seek(0)
    return copy


def _anonymous_file() -> BinaryIO:
    try:
        return os.fdopen(os.memfd_create("amparo", os.MFD_CLOEXEC), "w+b")
    except (AttributeError, OSError):  # not Linux, or a sandbox that refuses it
        return io.BytesIO()
