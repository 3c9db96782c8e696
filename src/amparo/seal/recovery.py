"""The recovery key: made offline, in three hands, any two of which open it.

Replicated secret sharing (Ito, Saito, Nishizeki 1987): private = p1 xor p2 xor p3, each of p1, p2 random;
hand n holds the two pieces other than its own. Any two hands hold all three pieces; one hand lacks one piece
and so knows nothing of the key. Each share is a file that age encrypted with a passphrase.
"""

from collections.abc import Sequence
from typing import Final

import pyrage
from nacl.utils import random as random_bytes

from amparo.seal.encoding import canonical, split_canonical
from amparo.seal.errors import SealError
from amparo.seal.keys import KeyPair, Veiled, kex_pair, new_kex_pair

HANDS: Final = 3
NEEDED: Final = 2


class Recovery(Veiled, frozen=True):
    """The public key for the desk, and the three share files for three people."""

    public: bytes
    shares: tuple[bytes, bytes, bytes]


class RecoveryRefused(SealError):
    """The shares do not open the recovery key."""

    code = "seal.recovery"
    advice = "Two different share files of the same recovery key are needed, each with its own passphrase."


def xor(*values: bytes) -> bytes:
    """Byte strings of one length, exclusive-or."""
    return bytes(a ^ b ^ c for a, b, c in zip(*values, strict=True)) if len(values) == HANDS else b""


def clamped(private: bytes) -> bytes:
    """The one form of an X25519 private key (RFC 7748, section 5): five of its bits mean nothing."""
    return bytes((private[0] & 248,)) + private[1:31] + bytes((private[31] & 127 | 64,))


def split_key(private: bytes, first: bytes, second: bytes) -> tuple[bytes, bytes, bytes]:
    """The three pieces of a key, two of them given (random)."""
    return first, second, xor(private, first, second)


def share_text(set_id: bytes, hand: int, public: bytes, pieces: Sequence[bytes]) -> bytes:
    """The clear content of hand 1, 2 or 3: everything but the piece of its own number."""
    kept = [piece for number, piece in enumerate(pieces, 1) if number != hand]
    return canonical("recovery-share", set_id, hand, public, *kept)


def new_recovery(passphrases: Sequence[str]) -> Recovery:
    """A fresh recovery key in three shares, each under its own passphrase (about a second each).

    For an offline computer: whoever watches it, watches the key.
    """
    if len(passphrases) != HANDS or len(set(passphrases)) != HANDS or not all(passphrases):
        raise RecoveryRefused("A recovery key needs three different passphrases.")
    pair, set_id = kex_pair(clamped(new_kex_pair().private)), random_bytes(16)
    pieces = split_key(pair.private, random_bytes(32), random_bytes(32))
    first, second, third = (
        pyrage.passphrase.encrypt(share_text(set_id, hand, pair.public, pieces), passphrase, armored=True)
        for hand, passphrase in enumerate(passphrases, 1)
    )
    return Recovery(pair.public, (first, second, third))


def open_share(share: bytes, passphrase: str) -> tuple[bytes, int, bytes, dict[int, bytes]]:
    """(set, hand, public key, pieces by number) of a share file."""
    try:
        plain = pyrage.passphrase.decrypt(share, passphrase)
        set_id, hand_raw, public, one, two = split_canonical("recovery-share", plain)
        hand = int.from_bytes(hand_raw, "big")
        if hand not in (1, 2, 3) or {len(public), len(one), len(two)} != {32}:
            raise ValueError("sizes")
    except (pyrage.DecryptError, ValueError):
        raise RecoveryRefused("A share did not open with its passphrase.") from None
    numbers = [number for number in range(1, HANDS + 1) if number != hand]
    return set_id, hand, public, dict(zip(numbers, (one, two), strict=True))


def join_recovery(shares: Sequence[tuple[bytes, str]]) -> KeyPair:
    """The recovery key pair from two (share file, passphrase); RecoveryRefused otherwise."""
    if len(shares) < NEEDED:
        raise RecoveryRefused("One share alone opens nothing.")
    opened = [open_share(share, passphrase) for share, passphrase in shares]
    if len({(set_id, public) for set_id, _, public, _ in opened}) != 1:
        raise RecoveryRefused("These shares belong to different recovery keys.")
    if len({hand for _, hand, _, _ in opened}) < NEEDED:
        raise RecoveryRefused("This is the same share twice.")
    pieces: dict[int, bytes] = {}
    for _, _, _, held in opened:
        for number, piece in held.items():
            if pieces.setdefault(number, piece) != piece:
                raise RecoveryRefused("These shares contradict each other.")
    pair = kex_pair(xor(pieces[1], pieces[2], pieces[3]))
    if pair.public != opened[0][2] or pair.private != clamped(pair.private):
        raise RecoveryRefused("These shares do not make the key they name.")
    return pair
