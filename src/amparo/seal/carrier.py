"""One file around a report that somebody carries: who holds it sees its size, and that it is such a file.

`AMPC` 0x01 | envelope to the desk's carrier key (the key of what follows) | a sealed file (fileformat). In clear that
file holds the pieces one after the other, a last piece that tells what they are, zeros up to a size of the list, and
where the last piece stands. Sealed and opened while it streams: nothing is ever in clear on a disk.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO, Final
from uuid import UUID

from amparo.seal.boxes import open_envelope, seal_envelope
from amparo.seal.context import Context
from amparo.seal.encoding import canonical
from amparo.seal.errors import SealError, Tampered
from amparo.seal.fileformat import HEADER_SIZE, read_header, sealed_size_of
from amparo.seal.files import FileSealer
from amparo.seal.items import new_data_key
from amparo.seal.keys import kex_pair
from amparo.seal.opener import FileOpener
from amparo.seal.padding import padded_size

MAGIC: Final = b"AMPC\x01"
ENVELOPE_SIZE: Final = 1 + 32 + 32 + 16
PREFIX: Final = len(MAGIC) + ENVELOPE_SIZE
TRAILER: Final = 16
SMALLEST: Final = 65_536
DOUBLING_TO: Final = 16 * 1024 * 1024
PLACE: Final = Context(UUID(int=0), UUID(int=0), "carrier", 1)
PIECE: Final = 65_536


class NotCarried(SealError):
    """A file that this desk cannot take: another desk's, changed, cut, or none of these at all."""

    code = "seal.carried"
    advice = "Nothing was stored. Ask whoever made it for another copy, or have it sealed again to a card of this desk."


def not_ours() -> NotCarried:
    """What can't be told apart: a file for another desk, and one that was changed."""
    return NotCarried("This file was sealed for another desk, or it was changed or cut on its way.")


def not_whole() -> NotCarried:
    """It opens, and does not hold what it should."""
    return NotCarried("This file does not hold a whole report.")


def carried_size(size: int) -> int:
    """The size of the list that `size` bytes are filled up to: 64 KiB, doubling to 16 MiB, then Padmé."""
    if size > DOUBLING_TO:
        return padded_size(size)
    step = SMALLEST
    while step < size:
        step *= 2
    return step


def sealed_carried_size(size: int) -> int:
    """Bytes of the file around pieces of `size` bytes, the last one among them."""
    return PREFIX + sealed_size_of(carried_size(size + TRAILER))


class CarrierSealer:
    """Writes the file through `write` while pieces come in; `finish` gives its size in bytes."""

    def __init__(self, carrier_public: bytes, desk: bytes, write: Callable[[bytes], object]) -> None:
        key = new_data_key()
        write(MAGIC + seal_envelope(carrier_public, canonical("carrier", desk), key))
        self._sealer = FileSealer(key, PLACE, write)
        self.position = 0

    def update(self, data: bytes) -> None:
        """Some more of a piece."""
        self._sealer.update(data)
        self.position += len(data)

    def finish(self, last: bytes) -> int:
        """The last piece, the filling, and the end."""
        at = self.position
        self.update(last)
        left = carried_size(self.position + TRAILER) - self.position - TRAILER
        while left:
            some = min(left, PIECE)
            self.update(bytes(some))
            left -= some
        self.update(at.to_bytes(8, "big") + len(last).to_bytes(8, "big"))
        return PREFIX + self._sealer.finish().sealed_size

    def abandon(self) -> None:
        """Take no more."""
        self._sealer.abandon()


class _Behind:
    """A file from `PREFIX` on, as a file."""

    def __init__(self, below: BinaryIO) -> None:
        self.below = below

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.below.seek(offset + (PREFIX if whence == 0 else 0), whence) - PREFIX

    def read(self, count: int) -> bytes:
        return self.below.read(count)


class CarrierOpener:
    """A carried file of `size` bytes, opened with the desk's carrier key. `last` is its last piece.

    Opening verifies every byte of it. Raises NotCarried for any difference.
    """

    def __init__(self, carrier_private: bytes, desk: bytes, below: BinaryIO, size: int, most_last: int) -> None:
        try:
            below.seek(0)
            prefix = _exactly(below, PREFIX)
            if prefix[: len(MAGIC)] != MAGIC:
                raise NotCarried("This is no file of a carried report.")
            key = open_envelope(carrier_private, canonical("carrier", desk), prefix[len(MAGIC) :])
            self._file = FileOpener(key, PLACE, _Behind(below), size - PREFIX)  # type: ignore[arg-type]
            self.size = self._file.size
            for _ in self._pieces(0, self.size):
                pass
            end = b"".join(self._pieces(self.size - TRAILER, TRAILER)) if self.size >= TRAILER else b""
            at, length = int.from_bytes(end[:8], "big"), int.from_bytes(end[8:], "big")
            filled = carried_size(at + length + TRAILER) if at + length <= self.size else -1
            if length > most_last or filled != self.size:
                raise not_ours()
            self.end = at
            self.last = b"".join(self._pieces(at, length))
        except Tampered:
            raise not_ours() from None

    def piece(self, at: int, size: int) -> Iterator[bytes]:
        """A piece, some bytes at a time. NotCarried unless it lies before the last one."""
        if at < 0 or size < 0 or at + size > self.end:
            raise not_ours()
        return self._pieces(at, size)

    def _pieces(self, at: int, size: int) -> Iterator[bytes]:
        self._file.seek(at)
        while size:
            some = self._file.read(min(size, PIECE))
            if not some:
                raise not_ours()
            size -= len(some)
            yield some


def carried_bytes(desk: bytes, last: bytes) -> bytes:
    """What the reporter signs of the last piece: only they make a file of their case, and for this desk."""
    return canonical("carried", desk, last)


def sealed_for(beginning: bytes, ctx: Context) -> bool:
    """Whether a sealed file that begins so says that it stands at `ctx`."""
    try:
        read_header(beginning[:HEADER_SIZE], ctx)
    except Tampered:
        return False
    return True


def carrier_public_of(private: bytes) -> bytes:
    """The half that stands on the card."""
    return kex_pair(private).public


def _exactly(below: BinaryIO, count: int) -> bytes:
    found = b""
    while len(found) < count:
        some = below.read(count - len(found))
        if not some:
            raise NotCarried("This is no file of a carried report.")
        found += some
    return found
