"""The signed frame inside every sealed writing: who wrote it, the proof, and the payload."""

from typing import Final
from uuid import UUID

from amparo.seal.boxes import ALTERED
from amparo.seal.context import AUTHOR_BYTES, AUTHOR_KINDS, NOBODY, Author, Verifier, Written
from amparo.seal.encoding import canonical
from amparo.seal.errors import Tampered
from amparo.seal.keys import sign, verify

FRAME_VERSION: Final = 1
SIGNATURE_SIZE: Final = 64
FRAME_SIZE: Final = 1 + 1 + 16 + SIGNATURE_SIZE
NO_SIGNATURE: Final = bytes(SIGNATURE_SIZE)


def signed_bytes(aad: bytes, author_kind: str, author_id: UUID, payload: bytes) -> bytes:
    """What an author signs: the place, the author and the payload."""
    return canonical("writing", aad, author_kind, author_id, payload)


def write_frame(aad: bytes, payload: bytes, author: Author) -> bytes:
    """`0x01 | author kind(1) | author id(16) | Ed25519 signature(64) | payload`."""
    if author.kind == "unsigned":
        return bytes((FRAME_VERSION, 0)) + NOBODY.bytes + NO_SIGNATURE + payload
    signature = NO_SIGNATURE
    if author.sign_private is not None:
        signature = sign(author.sign_private, signed_bytes(aad, author.kind, author.id, payload))
    return bytes((FRAME_VERSION, AUTHOR_BYTES[author.kind])) + author.id.bytes + signature + payload


def read_frame(aad: bytes, frame: bytes, verifier: Verifier | None) -> Written:
    """The writing in a frame. Unsigned, signed by someone unknown or signed wrongly: proven is False."""
    if len(frame) < FRAME_SIZE or frame[0] != FRAME_VERSION or frame[1] not in AUTHOR_KINDS:
        raise Tampered(ALTERED)
    kind, author, payload = AUTHOR_KINDS[frame[1]], UUID(bytes=frame[2:18]), frame[FRAME_SIZE:]
    signature, proven = frame[18:FRAME_SIZE], False
    if kind != "unsigned" and verifier is not None:
        public = verifier(kind, author)
        if public is not None:
            proven = verify(bytes(public), signed_bytes(aad, kind, author, payload), signature)
    return Written(payload, kind, author, proven)
