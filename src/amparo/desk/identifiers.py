"""Identifiers in texts: what the blind index can find again (seal.blind). By simple patterns of linear time.

A number without its country code is found by its last nine digits, so that "+380 67 123 45 67" and "067 123 45 67"
meet. Two numbers of different countries may meet there, too: a person compares.
"""

import re
from collections.abc import Iterable

from amparo import seal
from amparo.desk.folding import fold

Identifier = tuple[str, str]  # (kind of seal.blind, its one form)

MOST = 200  # of one case
TAIL = 9  # digits of a number without what differs at home and abroad
_DEFANGED = (
    (re.compile(r"\[\.\]|\(\.\)|\{\.\}"), "."), (re.compile(r"\[@\]|\[at\]", re.IGNORECASE), "@"),
    (re.compile(r"\bh(?:xx|tt)p(s?)(?:\[:\]|:)//", re.IGNORECASE), r"http\1://"),
)
_URL = re.compile(r"https?://[^\s<>\"'«»“”]{3,2000}", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}\b")
_HANDLE = re.compile(r"(?<![\w@/.+%-])@[\w.]{3,40}\b")
_DOMAIN = re.compile(r"(?<![\w@.+%/-])(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}\b(?![@\w-])")
_PHONE = re.compile(r"(?<![\w.+-])(?:\+|00)?\(?\d[\d\s().\-/]{6,22}\d(?![\w])")
_HASH = re.compile(r"(?<![\w])[0-9a-f]{32,128}(?![\w])", re.IGNORECASE)
_HASH_SIZES = (32, 40, 64, 128)
_DATE = re.compile(r"(?:19|20)\d\d[-./ ]\d|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d\d")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
# Names of files end like this; none of them is a domain of the top level, as `zip` and `mov` are (IANA, 2026).
_FILES = frozenset((
    "eml", "msg", "pst", "vcf", "txt", "log", "pdf", "rtf", "doc", "docx", "xls", "xlsx", "csv", "odt",
    "ods", "json", "xml", "html", "htm", "jpg", "jpeg", "png", "gif", "webp", "heic", "bmp", "mp3", "mp4",
    "m4a", "ogg", "opus", "wav", "avi", "mkv", "webm", "rar", "gz", "tar", "apk", "ipa", "exe", "msi",
    "dmg", "plist", "sqlite", "db", "bak",
))
_TRAILING = ".,;:!?)]}'\"…"


def find(texts: Iterable[str]) -> tuple[Identifier, ...]:
    """What stands in these texts, each once, in the order of the alphabet."""
    found: set[Identifier] = set()
    for text in texts:
        found.update(_in(text))
    return tuple(sorted(found)[:MOST])


def _in(text: str) -> set[Identifier]:
    for pattern, plain in _DEFANGED:
        text = pattern.sub(plain, text)
    found: set[Identifier] = set()

    def take(kind: str, value: str) -> None:
        try:
            found.add((kind, seal.normalise_identifier(kind, value)))
        except seal.NotAnIdentifier:
            return

    rest = text
    for place in _URL.finditer(text):
        address = place[0].rstrip(_TRAILING)
        take("url", address)
        host = address.split("//", 1)[1].partition("/")[0].partition("?")[0]
        take("domain", host.rpartition("@")[2].partition(":")[0].removeprefix("www."))
    rest = _URL.sub(" ", rest)
    for place in _EMAIL.finditer(rest):
        take("email", place[0])
    rest = _EMAIL.sub(" ", rest)
    for place in _HANDLE.finditer(rest):
        take("handle", place[0].rstrip("."))
    rest = _HANDLE.sub(" ", rest)
    for place in _HASH.finditer(rest):
        if len(place[0]) in _HASH_SIZES:
            take("hash", place[0])
    rest = _HASH.sub(" ", rest)
    for place in _DOMAIN.finditer(rest):
        if place[0].rpartition(".")[2].lower() in _FILES:
            continue
        if not place[0][0].isdigit() or not _ADDRESS.match(place[0]):
            take("domain", place[0].removeprefix("www."))
    for place in _PHONE.finditer(rest):
        found.update(_numbers(place[0]))
    return found


def _numbers(written: str) -> set[Identifier]:
    """A number abroad and at home; nothing where it reads like a date or the address of a machine."""
    digits = seal.normalise_identifier("phone", written)
    abroad = written.startswith(("+", "00"))
    if _ADDRESS.fullmatch(written) or not 8 <= len(digits) <= 15:
        return set()
    if not abroad and (_DATE.match(written) or (len(digits) < TAIL + 1 and not fold(written).startswith(("0", "(0")))):
        return set()
    found = {("phone", digits)}
    if len(digits) >= TAIL:
        found.add(("phone", digits[-TAIL:]))
    return found
