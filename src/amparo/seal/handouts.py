"""Hand-outs: a public page that leaves the desk as a file and carries its signature in its last line.

Nothing in it is secret. The signature says that it came from a desk as it is: whoever passes it on, by stick or by
phone, cannot change a step unseen.
"""

import re
from typing import Final

from amparo.seal.encoding import canonical
from amparo.seal.errors import Tampered
from amparo.seal.keys import KeyPair, sign, verify

SIGNED: Final = "<!-- amparo hand-out, signed: v1 {key} {signature} -->\n"
_LAST: Final = re.compile(rb"<!-- amparo hand-out, signed: v1 ([0-9a-f]{64}) ([0-9a-f]{128}) -->\n\Z")


def _stated(body: bytes) -> bytes:
    return canonical("hand-out", body)


def sign_handout(key: KeyPair, body: bytes) -> bytes:
    """The file: the body, and its Ed25519 signature as a last line that a browser does not show."""
    signature = sign(key.private, _stated(body)).hex()
    return body + SIGNED.format(key=key.public.hex(), signature=signature).encode("ascii")


def check_handout(signed: bytes) -> bytes:
    """The Ed25519 public key (32 bytes) under which the file is as it was signed. Raises Tampered.

    It does not say whose key that is: compare its fingerprint with one that came another way.
    """
    found = _LAST.search(signed)
    if found is None:
        raise Tampered("This file carries no signature of a desk, or it was cut.")
    public, signature = bytes.fromhex(found[1].decode()), bytes.fromhex(found[2].decode())
    if not verify(public, _stated(signed[: found.start()]), signature):
        raise Tampered("This file was changed after a desk had signed it.")
    return public
