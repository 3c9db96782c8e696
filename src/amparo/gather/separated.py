"""Text files with one record a line: comma, semicolon, tab or bar between the cells."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from amparo.gather.tables import (
    MOST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    About,
    Choices,
    Note,
    Row,
    Said,
    Sheet,
    TableRefused,
    trimmed,
)

ENCODINGS = ("utf-8", "utf-16", "windows-1252", "windows-1256", "windows-1251", "windows-1250", "windows-1254")
"""What a person may choose. All of 125x read nearly any bytes: which one is right only a reader can tell."""
SEPARATORS = (",", ";", "\t", "|")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE = 1 << 16  # bytes by which the separator is told
_LOST = "\ufffd"


class Separated:
    """A CSV file. Encoding: chosen, by its mark, valid UTF-8, or windows-1252, which is then said to be a guess."""

    def __init__(self, file: BinaryIO, choices: Choices = Choices()) -> None:
        self.file = file
        self.encoding, guessed = _encoding(file, choices.encoding)
        sample = self._lines(_SAMPLE)
        self.skip, declared = _declared(sample)
        self.separator = choices.separator or declared or _separator(sample)
        said = (Said("encoding-guessed", self.encoding),) if guessed else ()
        self.about = About("csv", (Sheet(""),), self.encoding, self.separator, said)

    def said(self) -> tuple[Said, ...]:
        return self.about.said

    def rows(self, sheet: int = 0) -> Iterator[Row]:
        """Raises TableRefused for a cell without end or too many columns; rows before it were given."""
        if sheet:
            raise TableRefused("There is no such sheet.", code="table-sheet", advice="Choose one from the list.")
        self.file.seek(0)
        kept_open = io.BufferedReader(_Kept(self.file))
        text = io.TextIOWrapper(kept_open, encoding=self.encoding, errors="replace", newline="")
        csv.field_size_limit(MOST_CELL)
        reader = csv.reader(text, delimiter=self.separator)
        number = 0
        try:
            for number, cells in enumerate(reader, start=1):
                if number == 1 and self.skip:
                    continue
                if number > MOST_ROWS:
                    raise TableRefused("This sheet has more than %(most)s rows.", code="table-rows", most=MOST_ROWS,
                                       advice="Split it into smaller ones.")
                if len(cells) > MOST_COLUMNS:
                    raise _columns(number)
                kept = trimmed([cell.replace("\0", _LOST) for cell in cells])
                if kept:
                    lost = any(_LOST in cell for cell in kept)
                    yield Row(number, kept, (Note(-1, "undecodable"),) if lost else ())
        except csv.Error:
            raise TableRefused(
                "After row %(row)s stands a cell longer than %(most)s characters.", code="table-cell",
                row=number, most=MOST_CELL,
                advice="A quotation mark may be missing there. Mend it, or save the sheet again, and try once more.",
            ) from None
        finally:
            text.detach()

    def _lines(self, size: int) -> str:
        self.file.seek(0)
        raw = self.file.read(size)
        text = codecs.getincrementaldecoder(self.encoding)("replace").decode(raw)
        if sum(c < " " and c not in "\t\r\n" for c in text) * 10 > len(text):
            raise TableRefused("This file is not a text with rows.", code="table-kind")
        if not text.strip():
            raise TableRefused("This file is empty.", code="table-empty")
        return text


class _Kept(io.RawIOBase):
    """The file without its end: closing a text wrapper must not close the file."""

    def __init__(self, below: BinaryIO) -> None:
        self.below = below

    def readable(self) -> bool:
        return True

    def readinto(self, into: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = self.below.read(len(into))
        into[: len(piece)] = piece
        return len(piece)


def _columns(number: int) -> TableRefused:
    return TableRefused("Row %(row)s has more than %(most)s columns.", code="table-columns", row=number,
                        most=MOST_COLUMNS, advice="Check the file, and what stands between its cells.")


def _encoding(file: BinaryIO, chosen: str) -> tuple[str, bool]:
    """(Python's name, whether it is a guess)."""
    file.seek(0)
    head = file.read(4096)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, False
    if chosen:
        if chosen not in ENCODINGS:
            raise TableRefused("There is no such way to write letters.", code="table-encoding",
                               advice="Choose one from the list.")
        return chosen, False
    for name, half in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if len(head) >= 4 and half.count(0) * 10 > len(half) * 7 and head.count(0) * 10 < len(head) * 6:
            return name, True
    return ("utf-8", False) if _is_utf8(file) else ("windows-1252", True)


def _is_utf8(file: BinaryIO) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(1 << 20):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _declared(sample: str) -> tuple[bool, str]:
    """Excel's first line “sep=;”, which is no row."""
    first = sample.splitlines()[0].strip().strip('"') if sample.strip() else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        return True, first[4]
    return False, ""


def _separator(sample: str) -> str:
    """The one by which most records have the same number of cells, more than one."""
    best, chosen = (0.0, 0), ","
    whole = sample.rsplit("\n", 1)[0] if "\n" in sample else sample  # the last line may be cut
    for one in SEPARATORS:
        try:
            records = islice(csv.reader(io.StringIO(whole, newline=""), delimiter=one), 100)
            counts = Counter(len(record) for record in records if record)
        except csv.Error:
            continue
        if not counts:
            continue
        cells, often = max(counts.items(), key=lambda found: (found[1] * (found[0] > 1), found[0]))
        if cells > 1 and (often / counts.total(), cells) > best:
            best, chosen = (often / counts.total(), cells), one
    return chosen
