"""Letters: a signed writing sealed to one colleague, outside any case."""

from uuid import UUID

from amparo.seal.boxes import ALTERED, open_envelope, seal_envelope
from amparo.seal.context import UNSIGNED, Author, Verifier, Written
from amparo.seal.encoding import canonical
from amparo.seal.errors import Tampered
from amparo.seal.frames import read_frame, write_frame
from amparo.seal.padding import pad, unpad


def letter_aad(kind: str, thread: UUID, to: UUID) -> bytes:
    """What a letter is bound to: its kind, its thread and its reader."""
    return canonical("letter", kind, thread, to)


def seal_letter(
    kex_public: bytes, kind: str, thread: UUID, to: UUID, payload: bytes, author: Author = UNSIGNED
) -> bytes:
    """Padded bytes that one colleague opens, signed by `author` where there is one."""
    aad = letter_aad(kind, thread, to)
    return seal_envelope(kex_public, aad, pad(write_frame(aad, payload, author)))


def open_letter(
    private: bytes, kind: str, thread: UUID, to: UUID, sealed: bytes, verifier: Verifier | None
) -> Written:
    """The letter and whether its signature proves who wrote it; Tampered for another key, kind, thread or reader."""
    aad = letter_aad(kind, thread, to)
    try:
        return read_frame(aad, unpad(open_envelope(private, aad, sealed)), verifier)
    except ValueError:
        raise Tampered(ALTERED) from None
