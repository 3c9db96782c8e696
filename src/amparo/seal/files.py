"""Sealing a file while it streams in: nothing of it is ever in clear outside two small buffers."""

import hashlib
import os
import platform
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from nacl.utils import random as random_bytes

from amparo.seal.context import Context
from amparo.seal.errors import SealError
from amparo.seal.fileformat import (
    AES_256_GCM,
    CHACHA20_POLY1305,
    LARGEST_CHUNK,
    MOST_CHUNKS,
    PREFIX_SIZE,
    SALT_SIZE,
    SMALLEST_CHUNK,
    Header,
    chunk_nonce,
    file_cipher,
)

CHUNK: Final = 65536
BATCH: Final = 8  # chunks hashed and written at once: 512 KiB; larger is little faster and costs memory
PATIENCE: Final = 0.002  # seconds to wait for the hashing thread before the cores count as busy
ALONE: Final = 1024  # chunks then hashed in the calling thread: 64 MiB


class FileFacts(msgspec.Struct, frozen=True):
    """What is known of a file once it is sealed.

    `sha256` is of the plaintext: it recognises the file, so it belongs into sealed metadata only.
    `sealed_sha256` is of the ciphertext: that one may stand in the custody log.
    """

    size: int
    sealed_size: int
    sha256: bytes
    sealed_sha256: bytes
    chunk: int


@cache
def has_aes() -> bool:
    """Whether this processor does AES itself; else ChaCha20-Poly1305 is faster and safer."""
    try:
        words = Path("/proc/cpuinfo").read_text(errors="replace").split()
    except OSError:
        return platform.machine().lower() in ("arm64", "aarch64", "amd64", "x86_64")
    return "aes" in words


_hashers: ThreadPoolExecutor | None = None


def hashers() -> ThreadPoolExecutor:
    """The threads that hash ciphertext (which hashlib does without the interpreter's lock)."""
    global _hashers
    if _hashers is None:
        _hashers = ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1), thread_name_prefix="seal")
    return _hashers


def forget_hashers() -> None:
    """A forked child has no threads: it makes its own."""
    global _hashers
    _hashers = None


os.register_at_fork(after_in_child=forget_hashers)


class FileSealer:
    """Seals what `update` is given and writes it through `write`; `finish` gives the facts.

    `write` gets bytes it may keep. `abandon` wipes the buffer of a file that will not be finished.
    """

    def __init__(
        self, data_key: bytes, ctx: Context, write: Callable[[bytes], object], chunk: int = CHUNK,
        *, unsafe_alg: int | None = None, unsafe_salt: bytes | None = None,
        unsafe_prefix: bytes | None = None,
    ) -> None:
        """`chunk`: bytes, a power of two from 4 KiB to 4 MiB. The `unsafe_` ones are for test vectors."""
        log2 = chunk.bit_length() - 1
        if chunk != 1 << log2 or not SMALLEST_CHUNK <= log2 <= LARGEST_CHUNK:
            raise ValueError("a chunk is a power of two from 4 KiB to 4 MiB")
        alg = unsafe_alg or (AES_256_GCM if has_aes() else CHACHA20_POLY1305)
        self._header = Header(
            alg, log2, ctx.case.bytes, ctx.item.bytes, ctx.epoch,
            unsafe_salt or random_bytes(SALT_SIZE), unsafe_prefix or random_bytes(PREFIX_SIZE),
        )
        self._cipher = file_cipher(data_key, self._header, ctx)
        self._write = write
        self._chunk = chunk
        self._held = memoryview(b"")  # plaintext that may turn out to be the last chunk: at most one chunk
        self._own = bytearray()  # where it is gathered when it comes in smaller pieces
        self._counter = 0
        self._size = 0
        self._plain_hash = hashlib.sha256()
        self._sealed_hash = hashlib.sha256()
        self._batch: list[bytes] = []
        self._hashing: Future[None] | None = None
        self._alone = 0
        self._open = True
        self._sealed_size = 0
        self._emit(self._header.encode())

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Seal more of the file. What `write` raises comes through, and the file is then abandoned."""
        if not self._open:
            raise SealError("This file was finished already.", code="seal.finished")
        view = memoryview(data).cast("B")
        if not view:
            return
        try:
            self._take(view, lasting=isinstance(data, bytes))
        except BaseException:
            self.abandon()
            raise

    def _take(self, view: memoryview, lasting: bool) -> None:
        chunk, at = self._chunk, 0
        if self._held:
            at = min(chunk - len(self._held), len(view))
            self._gather(view[:at])
            if at == len(view):
                return  # even if it is full now, it may be the last chunk
            self._seal(self._held, last=False)
            self._drop()
        while len(view) - at > chunk:
            self._seal(view[at : at + chunk], last=False)
            at += chunk
        if lasting:
            self._held = view[at:]  # bytes cannot change under us: no copy is made
        else:
            self._gather(view[at:])

    def _gather(self, more: memoryview) -> None:
        have = len(self._held)
        if not more:
            return
        if not self._own:
            self._own = bytearray(self._chunk)
        whole = memoryview(self._own)
        if have and self._held.obj is not self._own:
            whole[:have] = self._held
        whole[have : have + len(more)] = more
        self._held = whole[: have + len(more)]

    def finish(self) -> FileFacts:
        """Seal the last chunk, flagged as the last, and tell what was sealed."""
        if not self._open:
            raise SealError("This file was finished already.", code="seal.finished")
        try:
            self._seal(self._held, last=True)
            self._hand_on()
            self._settle()
        finally:
            self.abandon()
        return FileFacts(
            self._size, self._sealed_size, self._plain_hash.digest(), self._sealed_hash.digest(), self._chunk
        )

    def abandon(self) -> None:
        """Wipe the held plaintext and take no more. The part that was written cannot be opened."""
        self._open = False
        self._drop()
        self._batch = []

    def _seal(self, plain: memoryview, last: bool) -> None:
        if self._counter >= MOST_CHUNKS:
            raise SealError("This file is too large for its chunk size.", code="seal.too-large")
        self._plain_hash.update(plain)  # here and not in `update`: the chunk is still in the processor's cache
        self._size += len(plain)
        self._emit(self._cipher.encrypt(chunk_nonce(self._header.prefix, self._counter, last), plain, None))
        self._counter += 1

    def _emit(self, sealed: bytes) -> None:
        self._sealed_size += len(sealed)
        if self._alone:
            self._alone -= 1
            self._sealed_hash.update(sealed)
            self._write(sealed)
            return
        self._batch.append(sealed)
        if len(self._batch) >= BATCH:
            self._hand_on()

    def _hand_on(self) -> None:
        self._settle()
        if not self._batch:
            return
        joined = b"".join(self._batch)  # one long piece: the hashing thread asks for the lock once
        self._batch = []
        if self._alone:
            self._sealed_hash.update(joined)
        else:
            self._hashing = hashers().submit(self._sealed_hash.update, joined)
        self._write(joined)

    def _settle(self) -> None:
        """Wait for the batch that is being hashed: order is kept, and at most two batches are alive."""
        if self._hashing is None:
            return
        try:
            self._hashing.result(timeout=PATIENCE)
        except TimeoutError:
            self._alone = ALONE  # the other cores are busy: for a while this thread is faster by itself
            self._hashing.result()
        self._hashing = None

    def _drop(self) -> None:
        if self._held and self._held.obj is self._own:
            self._held[:] = bytes(len(self._held))
        self._held = memoryview(b"")
