"""What leaves the desk, in the age format (age-encryption.org/v1), so that it opens without Amparo.

To an age recipient directly; to a passphrase through a key of its own that lies beside, under that passphrase: a
passphrase alone would need the whole file in memory.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from queue import Full, Queue
from typing import Any

import pyrage

from amparo.seal.errors import SealError

PIECE = 1 << 16
WAITING = 32  # pieces between who encrypts and who sends


class NotARecipient(SealError):
    """This is no age recipient."""

    code = "seal.recipient"
    advice = "It begins with “age1” and is one line; whoever will read the file has it."


class Interrupted(SealError):
    """The export ended early: what was sent is cut short, and age says so when it is opened."""

    code = "seal.interrupted"
    advice = "Start it again."


def check_recipient(text: str) -> str:
    """The recipient in its one form. Raises NotARecipient."""
    try:
        return str(pyrage.x25519.Recipient.from_str(text.strip()))
    except (pyrage.RecipientError, ValueError):
        raise NotARecipient("This is not an age recipient.") from None


def new_age_key() -> tuple[str, str]:
    """(identity: a line to keep secret; recipient)."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def to_passphrase(plaintext: bytes, passphrase: str) -> bytes:
    """A small text in age's armoured form, under a passphrase. Costs about a second."""
    return bytes(pyrage.passphrase.encrypt(plaintext, passphrase, armored=True))


def encrypted(pieces: Iterable[bytes], recipient: str) -> Iterator[bytes]:
    """The age file of these pieces, piece by piece: neither is ever held whole.

    A thread encrypts; closing the iterator ends it. Raises Interrupted when the pieces ended with an error.
    """
    out: Queue[bytes | None] = Queue(WAITING)
    stop = threading.Event()
    failed: list[BaseException] = []
    to = pyrage.x25519.Recipient.from_str(recipient)

    def work() -> None:
        try:
            writer = _Writer(out, stop)
            pyrage.encrypt_io(_Reader(pieces), writer, [to])
            writer.flush()  # the library leaves that to its caller
        except BaseException as error:  # handed on to who reads
            failed.append(error)
        finally:
            close: Callable[[], Any] | None = getattr(pieces, "close", None)
            if close is not None:
                close()
            _put(out, None, stop)

    thread = threading.Thread(target=work, name="leaving", daemon=True)
    thread.start()
    try:
        while (piece := out.get()) is not None:
            yield piece
    finally:
        stop.set()
        thread.join()
    if failed:
        raise Interrupted("The export was interrupted.") from None


def _put(out: "Queue[bytes | None]", piece: bytes | None, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            out.put(piece, timeout=0.2)
            return
        except Full:
            continue
    if piece is not None:
        raise Interrupted("The export was interrupted.")


class _Reader:
    """Pieces of any size as a file that is read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces, self.rest = iter(pieces), b""

    def read(self, size: int = -1) -> bytes:
        while not self.rest:
            try:
                self.rest = next(self.pieces)
            except StopIteration:
                return b""
        wanted = len(self.rest) if size < 0 else size
        piece, self.rest = self.rest[:wanted], self.rest[wanted:]
        return piece


class _Writer:
    """A file that is written, as pieces for somebody who waits for them."""

    def __init__(self, out: "Queue[bytes | None]", stop: threading.Event) -> None:
        self.out, self.stop, self.kept, self.size = out, stop, [b""], 0

    def write(self, data: bytes) -> int:
        self.kept.append(bytes(data))
        self.size += len(data)
        if self.size >= PIECE:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self.size:
            _put(self.out, b"".join(self.kept), self.stop)
            self.kept, self.size = [], 0
