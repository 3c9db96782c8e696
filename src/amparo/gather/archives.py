"""An export as it comes: one file, or a zip with the chat and its pictures. Nothing is unpacked onto a disk.

A zip's members are streamed, counted against a budget while they unpack (declared sizes lie), and refused by name
where the name points elsewhere, stands twice, is a link or is encrypted.
"""

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from amparo.gather import limits
from amparo.gather.limits import NotGathered
from amparo.words.messages import Gap, Origin

_DRIVE = re.compile(r"^[A-Za-z]:")
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, UnicodeError,
           OSError, OverflowError, IndexError, KeyError, MemoryError)


class TooLarge(NotGathered):
    """An archive that unpacks to far more than its size justifies."""

    code = "too-large"
    advice = "Do not open it by hand. Ask whoever sent it for the chat alone."


class CutShort(NotGathered):
    """A member that is damaged or ends too early."""

    code = "cut-short"


class _Counted(io.RawIOBase):
    """Tells how far it has read, and turns every damage into one error."""

    def __init__(self, stream: BinaryIO, reached: Callable[[int], None]) -> None:
        self._stream, self._reached, self._at = stream, reached, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except NotGathered:
            raise
        except _DAMAGE:
            raise CutShort("This file inside the archive is damaged or cut short.") from None
        self._at += len(data)
        self._reached(self._at)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


def is_zip(head: bytes) -> bool:
    """By its first bytes."""
    return head[:4] in (b"PK\x03\x04", b"PK\x05\x06")


class Archive:
    """A zip over a seekable stream. Errors: NotGathered where nothing of it can be read."""

    def __init__(self, stream: BinaryIO, file: str) -> None:
        size = stream.seek(0, io.SEEK_END)
        self._left = limits.UNPACKED + 40 * size
        self._far: dict[str, int] = {}  # how far each member was unpacked: reading it twice costs nothing more
        self.gaps: list[Gap] = []
        try:
            self._zip = zipfile.ZipFile(stream)
            found = self._zip.infolist()
        except _DAMAGE:
            raise NotGathered("This archive is damaged or cut short.") from None
        if len(found) > limits.NAMES:
            raise NotGathered("This archive names more files than any export has.")
        twice = Counter(_one_form(one.filename) for one in found if not one.is_dir())
        self.members: dict[str, zipfile.ZipInfo] = {}
        for one in found:
            if one.is_dir():
                continue
            if _refused(one) or twice[_one_form(one.filename)] > 1:
                self.gaps.append(Gap("member-refused", 1, Origin(file, len(self.gaps) + 1), one.orig_filename[:120]))
            else:
                self.members[_one_form(one.filename)] = one

    def _reached(self, name: str, at: int) -> None:
        before = self._far.get(name, 0)
        if at > before:
            self._far[name] = at
            self._left -= at - before
        if self._left < 0:
            raise TooLarge("This archive unpacks to far more than its size justifies.")

    def open(self, name: str) -> BinaryIO:
        """The member from its beginning. Errors, also while reading: NotGathered."""
        try:
            stream = self._zip.open(self.members[name])
        except _DAMAGE:
            raise CutShort("This file inside the archive is damaged or cut short.") from None
        return io.BufferedReader(_Counted(stream, partial(self._reached, name)), 1 << 16)  # type: ignore[arg-type]

    def head(self, name: str) -> bytes:
        """Its first 64 KiB, b"" where it cannot be read."""
        try:
            with self.open(name) as stream:
                return stream.read(1 << 16)
        except CutShort:
            return b""


def _one_form(name: str) -> str:
    return unicodedata.normalize("NFC", "/".join(part for part in name.split("/") if part not in ("", ".")))


def _refused(one: zipfile.ZipInfo) -> bool:
    given = one.orig_filename  # zipfile cuts a name at NUL; this one tells
    return (
        not given or "\x00" in given or given.startswith(("/", "\\")) or bool(_DRIVE.match(given))
        or ".." in re.split(r"[/\\]", given) or stat.S_ISLNK(one.external_attr >> 16) or bool(one.flag_bits & 1)
    )
