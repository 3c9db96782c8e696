"""One form of a text for comparing it: without case, accents, unseen signs and ways of writing digits.

Works sign by sign (no sign changes what its neighbour becomes), so a text that contains another contains its form,
and every place in the form leads back to a place in the text. Compatibility forms as in NFKC (Unicode TR 15).
"""

import unicodedata

# Signs that leave nothing to see, though their category does not say so: fillers, selectors, joiners, tatweel.
_UNSEEN = {0x034F, 0x0640, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10)}
# Written alike or typed one for the other, and not decomposed by Unicode.
_ALIKE = {
    "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d",
    "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا",
    "‘": "'", "’": "'", "ʼ": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-",
}


class _Forms(dict[int, str]):
    """The form of each sign, made when it is first met: for str.translate."""

    def __missing__(self, code: int) -> str:
        form = self[code] = _form(chr(code))
        return form


def _form(sign: str) -> str:
    if sign.isspace():
        return " "
    if ord(sign) in _UNSEEN or unicodedata.category(sign) in ("Cf", "Cc", "Cs"):
        return ""
    flat = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", sign).casefold())
    kept = "".join(_ALIKE.get(one, one) for one in flat if not unicodedata.combining(one) and ord(one) not in _UNSEEN)
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in kept)


FORMS = _Forms()


def fold(text: str) -> str:
    """The form of a text; any white space is one space a sign."""
    return text.translate(FORMS)


def words(text: str) -> list[str]:
    """The folded words of a text."""
    return fold(text).split()
