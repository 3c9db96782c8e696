"""An archive written while it is read: documents go in one after the other, and no more than a piece is held."""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, cast

from amparo.share.casefile import Document, checksums

if TYPE_CHECKING:
    from typing_extensions import Buffer

Entry = tuple[str, Iterable[bytes]]


class _Sink(io.RawIOBase):
    """What zipfile writes to: it cannot be sought, and hands on what it got."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: "Buffer") -> int:
        self.kept.append(bytes(data))
        return len(self.kept[-1])

    def take(self) -> bytes:
        found, self.kept = b"".join(self.kept), []
        return found


def packed(entries: Iterable[Entry]) -> Iterator[bytes]:
    """A ZIP archive of these documents, with SHA256SUMS as the last. Times in it are constant."""
    sink = _Sink()
    sums: list[tuple[str, str]] = []
    with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in entries:
            digest = hashlib.sha256()
            with archive.open(_info(name), "w", force_zip64=True) as file:
                for piece in pieces:
                    digest.update(piece)
                    file.write(piece)
                    if found := sink.take():
                        yield found
            sums.append((name, digest.hexdigest()))
            yield sink.take()
        last = checksums(sums)
        archive.writestr(_info(last.name), last.data)
    yield sink.take()


def whole(document: Document, folder: str = "") -> Entry:
    """A document that is in memory, as an entry."""
    return folder + document.name, (document.data,)


def stored(entries: Iterable[Entry]) -> Iterator[bytes]:
    """An outer archive without compression: for parts that are encrypted already."""
    sink = _Sink()
    with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_STORED) as archive:
        for name, pieces in entries:
            with archive.open(_info(name, zipfile.ZIP_STORED), "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece)
                    if found := sink.take():
                        yield found
    yield sink.take()


def _info(name: str, kind: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
    info.compress_type = kind
    info.external_attr = 0o600 << 16
    return info
