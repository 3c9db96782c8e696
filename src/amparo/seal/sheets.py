"""Sheets: what a colleague keeps for themselves alone (the queue, a profile), sealed to their own key."""

from uuid import UUID

from amparo.seal.boxes import ALTERED, open_envelope, seal_envelope
from amparo.seal.encoding import canonical
from amparo.seal.errors import Tampered
from amparo.seal.padding import pad, unpad


def seal_to_self(kex_public: bytes, label: str, staff_id: UUID, plaintext: bytes) -> bytes:
    """Padded bytes sealed to one colleague under a label ("queue", "profile")."""
    return seal_envelope(kex_public, canonical("sheet", label, staff_id), pad(plaintext))


def open_to_self(private: bytes, label: str, staff_id: UUID, sealed: bytes) -> bytes:
    """The bytes back; Tampered for another key, label or colleague.

    The seal proves nothing about who wrote the sheet: rebuild it when in doubt.
    """
    try:
        return unpad(open_envelope(private, canonical("sheet", label, staff_id), sealed))
    except ValueError:
        raise Tampered(ALTERED) from None
