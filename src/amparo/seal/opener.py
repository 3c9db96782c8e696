"""Reading a sealed file as if it were open in clear: seekable, read-only, one chunk in memory at a time."""

import io
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag

from amparo.seal.boxes import ALTERED
from amparo.seal.context import Context
from amparo.seal.errors import Tampered
from amparo.seal.fileformat import (
    HEADER_SIZE,
    TAG_SIZE,
    chunk_nonce,
    file_cipher,
    plain_size_of,
    read_header,
)

NONE_HELD: Final = -1


class FileOpener(io.RawIOBase):
    """A sealed file of `sealed_size` bytes, opened with its data key.

    On opening it checks the header, the size of the file and the last chunk with its flag; every other chunk
    is checked when it is read. Tampered for any difference, and none of that chunk is shown. The underlying
    file stays open when this is closed; it belongs to the caller. Wrap it in io.BufferedReader for many
    small reads. Not for several threads at once.
    """

    def __init__(self, data_key: bytes, ctx: Context, fileobj: BinaryIO, sealed_size: int) -> None:
        super().__init__()
        self._file = fileobj
        self._held_number = NONE_HELD
        self._held = b""
        self._at = 0
        if fileobj.seek(0, io.SEEK_END) != sealed_size:
            raise Tampered(ALTERED)
        fileobj.seek(0)
        raw = self._read_exactly(HEADER_SIZE) if sealed_size >= HEADER_SIZE else b""
        self._header = read_header(raw, ctx)
        self._chunk = self._header.chunk
        self._size, self._chunks = plain_size_of(sealed_size, self._chunk)
        self._cipher = file_cipher(data_key, self._header, ctx)
        self._load(self._chunks - 1)

    @property
    def size(self) -> int:
        """Bytes of plaintext."""
        return self._size

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """The position in the plaintext."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move in the plaintext; beyond its end reads as its end."""
        self._check_open()
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}.get(whence)
        if base is None or base + offset < 0:
            raise ValueError("no such position")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: object, /) -> int:
        """Fill a buffer with what follows; 0 at the end. At most to the end of the current chunk."""
        self._check_open()
        target = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        if self._at >= self._size or not target:
            return 0
        number, start = divmod(self._at, self._chunk)
        plain = self._load(number)
        count = min(len(target), len(plain) - start)
        target[:count] = memoryview(plain)[start : start + count]
        self._at += count
        return count

    def readall(self) -> bytes:
        """All that follows."""
        self._check_open()
        pieces = []
        while self._at < self._size:
            number, start = divmod(self._at, self._chunk)
            plain = self._load(number)
            pieces.append(plain[start:] if start else plain)
            self._at += len(plain) - start
        return b"".join(pieces)

    def close(self) -> None:
        """Forget what was held in clear."""
        self._held_number, self._held = NONE_HELD, b""
        super().close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("this file is closed")

    def _read_exactly(self, count: int) -> bytes:
        pieces, left = [], count
        while left:
            piece = self._file.read(left)
            if not piece:
                raise Tampered(ALTERED)
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def _load(self, number: int) -> bytes:
        if number == self._held_number:
            return self._held
        last = number == self._chunks - 1
        plain_size = self._size - number * self._chunk if last else self._chunk
        self._file.seek(HEADER_SIZE + number * (self._chunk + TAG_SIZE))
        sealed = self._read_exactly(plain_size + TAG_SIZE)
        try:
            plain = self._cipher.decrypt(chunk_nonce(self._header.prefix, number, last), sealed, None)
        except InvalidTag:
            raise Tampered(ALTERED) from None
        self._held_number, self._held = number, plain
        return plain
