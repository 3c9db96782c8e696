"""How much is read, each with its reason; what lies beyond is told, never dropped in silence."""

from typing import Final

from amparo.words.errors import AmparoError

MESSAGES: Final = 20_000
"""Kept of one file. A group of a hundred people writes that in a few months; more is counted, and a person who needs
it opens the original. Twenty thousand messages with their seals are some 10 MB, which a page opens in a second."""

CHARACTERS: Final = 12_000_000
"""Of all texts that are kept: what may pass between the examining child and the worker (48 MB of frames)."""

TEXT: Final = 20_000
"""Characters of one message. WhatsApp sends at most 65,536, and a person reads no more than this on one page."""

NAME: Final = 200
"""Characters of a sender's name or a file's name; programs allow 25 to 255."""

LINE: Final = 262_144
"""Bytes of one line that are read. The longest message WhatsApp sends is 65,536 signs of up to four bytes."""

MAIL: Final = 24 << 20
"""Bytes of one mail that are taken apart; most servers refuse more than 25 MB. Of a larger one the beginning."""

NESTED: Final = 8
"""Messages inside messages. A mail that was forwarded as an attachment eight times is no longer evidence of much."""

ATTACHMENTS: Final = 200
"""Named for one message."""

MEMBERS: Final = 5_000
"""Files of an archive that are looked into: a folder of mails saved one by one is the largest that people have."""

NAMES: Final = 200_000
"""Files that an archive may name: a chat of ten years with all its pictures has some fifty thousand."""

GAPS: Final = 200
"""Told one by one (by kind and place they are counted together anyway)."""

UNPACKED: Final = 64 << 20
"""Bytes that any archive may unpack to; above that, forty times its size (as in the examination of phones)."""


class NotGathered(AmparoError):
    """A file in which no messages can be read."""

    code = "not-gathered"
    advice = "Look at the file itself, or ask for another export."
