"""Protocols: what is to be done when a check-in is missed, under a second lock that the site folder holds.

The record lies inside an item of the case. Who has the case's keys and not the site's secret reads nothing of it, and
neither does who has the secret and no key of the case.
"""

from uuid import UUID

from amparo.seal.boxes import ALTERED, open_record, seal_record
from amparo.seal.derive import subkey
from amparo.seal.encoding import canonical
from amparo.seal.errors import Tampered
from amparo.seal.padding import pad, unpad


def seal_protocol(secret: bytes, case: UUID, plan: UUID, plaintext: bytes) -> bytes:
    """A padded record under a key of this plan alone; `secret` is 32 bytes of the site."""
    label = canonical("protocol", case, plan)
    return seal_record(subkey(secret, label), label, pad(plaintext))


def open_protocol(secret: bytes, case: UUID, plan: UUID, sealed: bytes) -> bytes:
    """The bytes back; Tampered for another secret, case or plan, or any other byte."""
    label = canonical("protocol", case, plan)
    try:
        return unpad(open_record(subkey(secret, label), label, sealed))
    except ValueError:
        raise Tampered(ALTERED) from None
