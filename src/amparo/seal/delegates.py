"""Delegates: words that open nothing but a key to sign with. Whoever has them adds to a case and reads none of it."""

from uuid import UUID

from amparo.seal.boxes import ALTERED, open_record, seal_record
from amparo.seal.encoding import canonical
from amparo.seal.errors import Tampered
from amparo.seal.keys import KeyPair, sign_pair


def naming_bytes(delegate: UUID, case: UUID, sign_public: bytes) -> bytes:
    """What the reporter, or a colleague who reads the case, signs when naming a delegate."""
    return canonical("delegate", delegate, case, bytes(sign_public))


def wrap_delegate(wrap: bytes, keys: KeyPair, delegate: UUID, case: UUID) -> bytes:
    """The delegate's signing key under their words, bound to delegate and case."""
    return seal_record(wrap, canonical("delegate-wrap", delegate, case), keys.private)


def unwrap_delegate(wrap: bytes, sealed: bytes, delegate: UUID, case: UUID) -> KeyPair:
    """The delegate's signing key; Tampered when the row is another's or was altered."""
    private = open_record(wrap, canonical("delegate-wrap", delegate, case), sealed)
    if len(private) != 32:
        raise Tampered(ALTERED)
    return sign_pair(private)
