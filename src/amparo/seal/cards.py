"""A desk's card: the public keys that a report is sealed to away from the desk, signed by a lead, with a last day.

It is text, so that it goes into a file, a mail, or QR codes: a line each, `AMPARO-CARD:1:part/parts:base32`. Nothing on
it is secret; whoever changes it breaks the signature. That the lead is the desk's is for people to compare: the
fingerprint, on paper or aloud.
"""

import base64
import binascii
import datetime as dt
import re
from typing import Final
from uuid import UUID

import msgspec

from amparo.seal.encoding import canonical
from amparo.seal.errors import SealError
from amparo.seal.keys import fingerprint, sign, verify

MARK: Final = "AMPARO-CARD:1:"
PART_SIZE: Final = 400  # bytes in one line: a code of 85 modules, which a cheap phone reads off paper
MOST_TEXT: Final = 200_000  # characters of a card
MOST_DAYS: Final = 400
MOST_READERS: Final = 1000
_LINE: Final = re.compile(r"AMPARO-CARD:1:([0-9]{1,3})/([0-9]{1,3}):([A-Z2-7]+)")


class CardRefused(SealError):
    """This card must not be sealed to."""

    code = "seal.card"
    advice = "Get a new card from the desk, and compare the fingerprint on it."


class CardReader(msgspec.Struct, frozen=True, array_like=True):
    """Somebody who would read the report. `pseudonym` is "" where the desk does not publish it."""

    id: UUID
    role: str
    pseudonym: str
    kex_public: bytes


class DeskCard(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What a lead signs. Days are ISO dates; `most` is bytes of one carried file that the desk takes."""

    desk: bytes
    name: str
    address: str
    carrier_public: bytes
    recovery_public: bytes  # empty where the desk has no recovery key
    made: str
    last: str
    most: int
    readers: tuple[CardReader, ...]
    lead_kex: bytes
    lead_sign: bytes

    def fingerprint(self) -> str:
        """The lead's, as the desk's own pages show it."""
        return fingerprint(self.lead_sign + self.lead_kex)


def sign_card(lead_sign_private: bytes, card: DeskCard) -> str:
    """The lines of the card, signed."""
    body = msgspec.msgpack.encode(card)
    whole = sign(lead_sign_private, canonical("desk-card", body)) + body
    pieces = [whole[at : at + PART_SIZE] for at in range(0, len(whole), PART_SIZE)]
    return "".join(
        f"{MARK}{number}/{len(pieces)}:{base64.b32encode(piece).decode().rstrip('=')}\n"
        for number, piece in enumerate(pieces, 1)
    )


def read_card(text: str, today: dt.date) -> DeskCard:
    """The card of these lines, in any order, twice or not. CardRefused, with the reason, unless it may be sealed to."""
    whole = _joined(text)
    signature, body = whole[:64], whole[64:]
    try:
        card = msgspec.msgpack.decode(body, type=DeskCard)
        made, last = dt.date.fromisoformat(card.made), dt.date.fromisoformat(card.last)
    except (msgspec.DecodeError, ValueError):
        raise CardRefused("This card is damaged.") from None
    keys = (card.carrier_public, card.lead_kex, card.lead_sign, *(one.kex_public for one in card.readers))
    sizes = {len(key) for key in keys} | {len(card.recovery_public) or 32}
    if sizes != {32} or len(card.desk) != 16 or not 0 < len(card.readers) <= MOST_READERS:
        raise CardRefused("This card is damaged.")
    if not verify(card.lead_sign, canonical("desk-card", body), signature):
        raise CardRefused("A key on this card was not signed by the lead whom it names: somebody may have changed it.")
    if today > last or (last - made).days > MOST_DAYS:
        raise CardRefused(f"This card ended on {card.last}.")
    if today < made - dt.timedelta(days=1):
        raise CardRefused(f"This machine's clock says {today.isoformat()}, before the card was made ({card.made}).",
                          advice="Set the clock of this machine, then try again.")
    return card


def _joined(text: str) -> bytes:
    parts: dict[int, str] = {}
    count = 0
    for number, of, piece in _LINE.findall(text[:MOST_TEXT].upper()):
        if count and int(of) != count:
            raise CardRefused("These are parts of two cards.", advice="Keep the lines of one card only.")
        count = int(of)
        if parts.setdefault(int(number), piece) != piece:
            raise CardRefused("These are parts of two cards.", advice="Keep the lines of one card only.")
    if not count:
        raise CardRefused("This is no card of a desk.", advice="A card has lines that begin with AMPARO-CARD.")
    missing = [str(number) for number in range(1, count + 1) if number not in parts]
    if missing:
        raise CardRefused(f"This card is cut: of {count} parts, {', '.join(missing)} is missing.",
                          advice="Scan or copy every code of the card.")
    try:
        return b"".join(base64.b32decode(parts[n] + "=" * (-len(parts[n]) % 8)) for n in range(1, count + 1))
    except binascii.Error:
        raise CardRefused("This card is damaged.") from None
