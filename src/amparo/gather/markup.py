"""The markup inside a workbook: a parser without entities, and the small words of its cells."""

import re
from collections.abc import Callable
from xml.parsers import expat

from amparo.gather.tables import TableRefused

BROKEN = "This workbook is damaged, or it is not one."
Start = Callable[[str, dict[str, str]], None]
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def local(name: str) -> str:
    """A name without its namespace: the transitional and the strict one differ in nothing else here."""
    return name.rsplit(" ", 1)[-1]


class Parser:
    """Expat with local names, and without any document type: no entity is ever declared, so none is expanded."""

    def __init__(self, start: Start | None = None) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.started = start or self.start

    def _refuse(self, *anything: object) -> None:
        raise TableRefused("This workbook holds declarations that no spreadsheet program writes.", code="table-hostile")

    def _start(self, name: str, given: dict[str, str]) -> None:
        self.started(local(name), {local(key): value for key, value in given.items()})

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""

    def feed(self, piece: bytes, final: bool = False) -> None:
        try:
            self.parser.Parse(piece, final)
        except expat.ExpatError:
            raise TableRefused(BROKEN, code="table-broken") from None

    def close(self) -> None:
        self.feed(b"", True)


def place(ref: str) -> tuple[int, int] | None:
    """(column from 0, row from 1) of a name like "AB12"."""
    found = _PLACE.fullmatch(ref.replace("$", ""))
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return column - 1, int(found[2])


def number(text: str) -> int:
    """A small whole number, 0 where there is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def unescaped(text: str) -> str:
    """Excel writes characters that XML does not hold as _x000D_; half a character or none becomes U+FFFD."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    point = int(found[1], 16)
    return "\ufffd" if point == 0 or 0xD800 <= point < 0xE000 else chr(point)
