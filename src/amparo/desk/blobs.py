"""Sealed files on disk: random names, written whole or not at all."""

import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from amparo import seal
from amparo.desk import clock, configuration, site
from amparo.desk.errors import DiskFull, Expired
from amparo.desk.records import Blob, Item
from amparo.words.writings import clean_name as clean_name

PART = ".part"
ASK_AGAIN = 0.2  # seconds between two looks at whether a download may go on


def path_of(name: str) -> Path:
    """Where a blob of this random name lies."""
    return site.sealed_folder() / name[:2] / name


def new_part() -> tuple[str, Path]:
    """A fresh random name and the `.part` to write to. The folder of two letters is made."""
    name = secrets.token_hex(16)
    path = path_of(name)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    return name, path.with_name(name + PART)


def open_part(path: Path) -> BinaryIO:
    """The `.part`, open for writing once, readable by nobody else."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "wb", buffering=0)


def keep(out: BinaryIO) -> None:
    """What was written so far is on the disk for good."""
    os.fsync(out.fileno())


def settle(part: Path) -> None:
    """Rename a finished `.part` to its lasting name and make the rename lasting."""
    part.replace(part.with_name(part.name.removesuffix(PART)))
    folder = os.open(part.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def remove(name: str) -> None:
    """Delete a blob's file, finished or not; one that is not there is no error."""
    path = path_of(name)
    for one in (path, path.with_name(name + PART)):
        one.unlink(missing_ok=True)


def require_room(size: int) -> None:
    """Raises DiskFull unless `size` bytes and the desk's reserve fit on the disk."""
    room = os.statvfs(site.sealed_folder())
    if room.f_bavail * room.f_frsize < size + configuration.current().reserve:
        raise DiskFull("This desk has no room for a file of this size now.")


def is_full(error: OSError) -> bool:
    """Whether the system refused for want of room."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def bytes_of(case: UUID) -> int:
    """Sealed bytes that a draft or a case already has."""
    sizes = Blob.objects.filter(draft=case) | Blob.objects.filter(item__case_id=case)
    return sum(sizes.values_list("size", flat=True))


class BlobReader(seal.FileOpener):
    """The plaintext of a blob; closing it closes the file below.

    `still`, where set, is asked a few times a second: a reader whose session has ended hands out nothing more.
    """

    still: Callable[[], bool] | None = None
    _asked = 0.0

    def __init__(self, data_key: bytes, context: seal.Context, below: BinaryIO, size: int) -> None:
        self.below = below
        super().__init__(data_key, context, below, size)

    def readinto(self, buffer: object, /) -> int:
        if self.still is not None and clock.monotonic() - self._asked > ASK_AGAIN:
            if not self.still():
                raise Expired("The session ended while the file was on its way.")
            self._asked = clock.monotonic()
        return super().readinto(buffer)

    def close(self) -> None:
        super().close()
        self.below.close()


def open_blob(item: Item, data_key: bytes) -> BlobReader:
    """A seekable reader of the plaintext.

    Raises seal.Tampered when the file is missing or not as it was sealed.
    """
    blob = Blob.objects.filter(item=item).first()
    if blob is None:
        raise seal.Tampered("The sealed file is missing.")
    try:
        below = path_of(blob.name).open("rb")
    except FileNotFoundError:
        raise seal.Tampered("The sealed file is missing.") from None
    context = seal.Context(item.case_id, item.id, item.kind, item.written_epoch, item.schema)
    try:
        return BlobReader(data_key, context, below, blob.size)
    except BaseException:
        below.close()
        raise
