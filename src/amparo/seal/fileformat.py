"""The file format: the header, its key, and the arithmetic of chunks. See docs/envelope-v1.md, section 6."""

from typing import Final, Protocol

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from amparo.seal.boxes import ALTERED
from amparo.seal.context import Context
from amparo.seal.derive import subkey
from amparo.seal.encoding import U64_MAX, canonical
from amparo.seal.errors import Tampered

MAGIC: Final = b"AMPF\x01"
AES_256_GCM: Final = 1
CHACHA20_POLY1305: Final = 2
HEADER_SIZE: Final = 86
SALT_SIZE: Final = 32
PREFIX_SIZE: Final = 7
TAG_SIZE: Final = 16
MOST_CHUNKS: Final = 2**32
SMALLEST_CHUNK: Final = 12  # log2: 4 KiB
LARGEST_CHUNK: Final = 22  # log2: 4 MiB


class Cipher(Protocol):
    """An AEAD of the cryptography package."""

    def encrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
        """Plaintext, or InvalidTag."""
        ...


class Header(msgspec.Struct, frozen=True):
    """The first 86 bytes of a sealed file."""

    alg: int
    log2_chunk: int
    case: bytes
    item: bytes
    epoch: int
    salt: bytes
    prefix: bytes

    def encode(self) -> bytes:
        """`AMPF` 0x01 | alg | log2 chunk | case(16) | item(16) | epoch(u64) | salt(32) | nonce prefix(7)."""
        return (
            MAGIC + bytes((self.alg, self.log2_chunk)) + self.case + self.item
            + self.epoch.to_bytes(8, "big") + self.salt + self.prefix
        )

    @property
    def chunk(self) -> int:
        """Bytes of plaintext in a full chunk."""
        return 1 << self.log2_chunk


def read_header(raw: bytes, ctx: Context) -> Header:
    """The header of a file that should stand at `ctx`; Tampered if it says otherwise."""
    if len(raw) != HEADER_SIZE or raw[:5] != MAGIC:
        raise Tampered(ALTERED)
    header = Header(
        raw[5], raw[6], raw[7:23], raw[23:39], int.from_bytes(raw[39:47], "big"), raw[47:79], raw[79:86]
    )
    known = header.alg in (AES_256_GCM, CHACHA20_POLY1305)
    if not known or not SMALLEST_CHUNK <= header.log2_chunk <= LARGEST_CHUNK:
        raise Tampered(ALTERED)
    if (header.case, header.item, header.epoch) != (ctx.case.bytes, ctx.item.bytes, ctx.epoch):
        raise Tampered(ALTERED)
    return header


def file_cipher(data_key: bytes, header: Header, ctx: Context) -> Cipher:
    """The cipher of one file: its key depends on every byte of the header and on the whole context."""
    info = canonical("file", header.encode(), ctx.aad())
    key = subkey(data_key, info, header.salt)
    return AESGCM(key) if header.alg == AES_256_GCM else ChaCha20Poly1305(key)


def chunk_nonce(prefix: bytes, counter: int, last: bool) -> bytes:
    """`prefix(7) | counter(u32) | last flag(1)` (STREAM; Hoang, Reyhanitabar, Rogaway, Vizar 2015)."""
    return prefix + counter.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def sealed_size_of(size: int, chunk: int = 65536) -> int:
    """The size on disk of a sealed file whose plaintext has `size` bytes."""
    return HEADER_SIZE + size + TAG_SIZE * max(1, -(-size // chunk))


def plain_size_of(sealed_size: int, chunk: int) -> tuple[int, int]:
    """(plaintext bytes, chunks) of a sealed size; Tampered when no file has that size."""
    body = sealed_size - HEADER_SIZE
    if not TAG_SIZE <= body <= U64_MAX:
        raise Tampered(ALTERED)
    chunks = -(-body // (chunk + TAG_SIZE))
    rest = body - (chunks - 1) * (chunk + TAG_SIZE)
    # An empty last chunk is written for an empty file only: one plaintext has one form.
    if chunks > MOST_CHUNKS or rest < TAG_SIZE or (rest == TAG_SIZE and chunks > 1):
        raise Tampered(ALTERED)
    return body - chunks * TAG_SIZE, chunks
