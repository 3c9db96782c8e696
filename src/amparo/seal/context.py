"""What a sealed thing is bound to: where it stands, who may open it, who wrote it."""

from collections.abc import Callable
from typing import Final, Literal
from uuid import UUID

import msgspec

from amparo.seal.encoding import canonical
from amparo.seal.errors import SealError
from amparo.seal.keys import Veiled

GranteeKind = Literal["staff", "reporter", "recovery"]
AuthorKind = Literal["reporter", "staff", "worker", "delegate", "unsigned"]

AUTHOR_BYTES: Final[dict[str, int]] = {
    "unsigned": 0, "reporter": 1, "staff": 2, "worker": 3, "delegate": 4,
}
AUTHOR_KINDS: Final[dict[int, AuthorKind]] = {
    0: "unsigned", 1: "reporter", 2: "staff", 3: "worker", 4: "delegate",
}
NOBODY: Final = UUID(int=0)

Verifier = Callable[[str, UUID], bytes | None]
"""Answers (author kind, author id) with the Ed25519 public key registered for it, or None."""


class Context(msgspec.Struct, frozen=True):
    """Where a writing stands. `epoch` is the epoch of *writing*: it stays when a case is re-keyed."""

    case: UUID
    item: UUID
    kind: str
    epoch: int
    schema: int = 1

    def aad(self) -> bytes:
        """The canonical associated data."""
        return canonical("context", self.case, self.item, self.kind, self.epoch, self.schema)


class Grantee(msgspec.Struct, frozen=True):
    """Who may open a case epoch."""

    kind: GranteeKind
    id: UUID

    def __post_init__(self) -> None:
        if self.kind not in ("staff", "reporter", "recovery"):
            raise SealError("Nobody of this kind can be given access.", code="seal.grantee")


class Author(Veiled, frozen=True):
    """Who writes. Without a private key (or as "unsigned") the writing reads "origin not proven"."""

    kind: AuthorKind
    id: UUID = NOBODY
    sign_private: bytes | None = None

    def __post_init__(self) -> None:
        if self.kind not in AUTHOR_BYTES:
            raise SealError("Nobody of this kind can write here.", code="seal.author")


UNSIGNED: Final = Author("unsigned")


class Written(Veiled, frozen=True):
    """What was read: the payload, who is said to have written it, and whether a signature proves it."""

    payload: bytes
    author_kind: AuthorKind
    author_id: UUID
    proven: bool

    def __repr__(self) -> str:
        return f"<Written: {len(self.payload)} bytes by {self.author_kind}, proven={self.proven}>"
