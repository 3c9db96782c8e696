"""What is signed when an epoch of a case begins: the first by its reporter, others by a reader of the one before."""

from collections.abc import Iterable
from uuid import UUID


def epoch_bytes(
    case_id: UUID, epoch: int, staff_public: bytes, dialogue_public: bytes, readers: bytes = b""
) -> bytes:
    """Its keys, and who reads it (16 bytes each)."""
    return (
        b"amparo/epoch/v1\0" + case_id.bytes + epoch.to_bytes(4, "big") + bytes(staff_public)
        + bytes(dialogue_public) + bytes(readers)
    )


def reader_bytes(readers: Iterable[UUID]) -> bytes:
    """Ids as they are signed."""
    return b"".join(sorted(one.bytes for one in readers))
