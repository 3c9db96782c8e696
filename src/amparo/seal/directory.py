"""The directory of colleagues: nobody is given a case before a lead has signed their public keys."""

from uuid import UUID

import msgspec

from amparo.seal.encoding import canonical
from amparo.seal.keys import sign, verify


class DirectoryEntry(msgspec.Struct, frozen=True):
    """What a lead vouches for: these keys are this colleague's, in this role."""

    staff: UUID
    pseudonym: str
    role: str
    kex_public: bytes
    sign_public: bytes

    def signed_bytes(self) -> bytes:
        """The bytes that a lead signs."""
        return canonical(
            "directory", self.staff, self.pseudonym, self.role, bytes(self.kex_public),
            bytes(self.sign_public),
        )


def sign_entry(lead_sign_private: bytes, entry: DirectoryEntry) -> bytes:
    """A lead's signature (64 bytes) over an entry."""
    return sign(lead_sign_private, entry.signed_bytes())


def verify_entry(lead_sign_public: bytes, entry: DirectoryEntry, signature: bytes) -> bool:
    """Whether that lead signed exactly this entry."""
    return verify(lead_sign_public, entry.signed_bytes(), signature)
