"""Custody entries: the leaves of the log. A leaf holds ids, codes, hashes of ciphertext, commitments."""

import hashlib
import hmac
import re
from typing import Final
from uuid import UUID

import msgspec
from nacl.utils import random as random_bytes

from amparo.seal.encoding import canonical, split_canonical
from amparo.seal.errors import SealError

CODE: Final = re.compile(r"[a-z0-9][a-z0-9.:_+-]{0,63}")
LABEL: Final = "custody-entry"
SALT_SIZE: Final = 32


class CustodyEntry(msgspec.Struct, frozen=True):
    """One thing that was done. `at`: whole seconds since 1970 (UTC); give a day's start where the exact time
    could point to an anonymous person. Text of a case has no place here: everything is an id or a code."""

    action: str
    case: UUID | None
    item: UUID | None
    actor_kind: str
    actor: UUID | None
    at: int
    ciphertext_sha256: bytes | None = None
    commitment: bytes | None = None
    detail: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        codes = (self.action, self.actor_kind, *self.detail)
        hashes = (self.ciphertext_sha256, self.commitment)
        right = all(CODE.fullmatch(code) for code in codes) and self.at >= 0
        if not right or any(h is not None and len(h) != 32 for h in hashes):
            raise SealError("A custody entry may hold only ids, codes and hashes.", code="seal.custody")

    def encode(self) -> bytes:
        """The canonical bytes of the leaf. What is absent is an empty part."""
        return canonical(
            LABEL, self.action, self.case or b"", self.item or b"", self.actor_kind, self.actor or b"",
            self.at, self.ciphertext_sha256 or b"", self.commitment or b"", *self.detail,
        )

    @classmethod
    def decode(cls, body: bytes) -> "CustodyEntry":
        """The entry of a leaf; SealError when the bytes are not the canonical bytes of one."""
        try:
            action, case, item, actor_kind, actor, at, digest, commitment, *detail = split_canonical(
                LABEL, bytes(body)
            )
            entry = cls(
                action.decode("ascii"), uuid_or_none(case), uuid_or_none(item), actor_kind.decode("ascii"),
                uuid_or_none(actor), int.from_bytes(at, "big"), digest or None, commitment or None,
                tuple(code.decode("ascii") for code in detail),
            )
        except (ValueError, UnicodeDecodeError):
            raise SealError("This is not a custody entry.", code="seal.custody") from None
        if entry.encode() != bytes(body):
            raise SealError("This is not a custody entry.", code="seal.custody")
        return entry


def uuid_or_none(raw: bytes) -> UUID | None:
    """The id in 16 bytes, None for an empty part."""
    return UUID(bytes=raw) if raw else None


def new_salt() -> bytes:
    """32 random bytes, kept sealed with the item: destroy them, and the commitment tells nothing."""
    return random_bytes(SALT_SIZE)


def commit(salt: bytes, sha256: bytes) -> bytes:
    """A commitment to a plaintext's SHA-256 that nobody without the salt can test a file against."""
    return hmac.new(salt, canonical("commitment", sha256), hashlib.sha256).digest()
