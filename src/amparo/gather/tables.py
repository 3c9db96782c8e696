"""Sheets as they are: rows of text, each with its place, and what was odd about a cell said beside it.

A cell is always text. A date that the program stored as a date is written year first; a date that somebody typed
stays as typed: which number is the month is for a person to say. Nothing is worked out: of a formula the value
stands here that the program had stored, or none.
"""

from collections.abc import Iterator
from typing import BinaryIO, Protocol

import msgspec

from amparo.words.errors import AmparoError

MOST_COLUMNS = 1_000
MOST_ROWS = 200_000
MOST_CELL = 40_000  # characters; a spreadsheet program itself holds 32,767

NOTES = {
    "formula": "This value was worked out by a formula; it stands here as the program had stored it.",
    "not-calculated": "This cell holds a formula that was not calculated. Open the sheet, save it, import it again.",
    "error": "The program shows an error in this cell.",
    "merged": "This cell is merged with others; its value stands in this row alone.",
    "covered": "This cell lies under a merged cell; the value stands in the row above and was not repeated.",
    "date-unclear": "This cell is formatted as a date, and its number is not one that can be read for sure.",
    "hidden-row": "This row is hidden in the sheet.",
    "undecodable": "Some characters of this row could not be read; each stands as “\ufffd”.",
}
"""What may be said of a cell or row, as English message ids."""

SAID = {
    "encoding-guessed": "The file does not say how its letters are written. They were read as %(value)s: "
                        "check accents and other scripts below.",
    "hidden-columns": "Hidden columns were read, too: %(value)s.",
    "hidden-sheet": "A hidden sheet is in the file: %(value)s.",
    "comments": "Comments on cells were not read.",
    "pictures": "Pictures and drawings in the file were not read.",
    "links": "Links behind cells were not read, only their texts.",
    "many-merged": "More merged cells than can be followed; those after the first %(value)s were not marked.",
}
"""What may be said of the whole file; a `%(value)s` gap is filled from the facts."""


class TableRefused(AmparoError):
    """The file is not read; `code` tells why. `params` fills the gaps of the sentence after translation."""

    code = "table"
    advice = "Open it in your spreadsheet program, save it as .xlsx or as CSV, and try again."

    def __init__(self, says: str, *, advice: str | None = None, code: str | None = None, **params: object):
        super().__init__(says, advice=advice, code=code)
        self.params = params

    def __str__(self) -> str:
        return f"{self.says % self.params if self.params else self.says} {self.advice}".strip()


class Note(msgspec.Struct, frozen=True, array_like=True):
    """Something odd about a cell. `column` counts from 0; -1 is the whole row. `code` is a key of NOTES."""

    column: int
    code: str
    detail: str = ""


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One row that is not empty. `number` is the one that the spreadsheet program shows, from 1."""

    number: int
    cells: tuple[str, ...]
    notes: tuple[Note, ...] = ()


class Said(msgspec.Struct, frozen=True, array_like=True):
    """Something to be told of the whole file: a key of SAID and what fills its gap."""

    code: str
    value: str = ""


class Sheet(msgspec.Struct, frozen=True, array_like=True):
    name: str
    hidden: bool = False


class About(msgspec.Struct, frozen=True):
    """What is known of a file before its rows are read. `separator` and `encoding` are of text files only."""

    format: str  # csv, xlsx
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    separator: str = ""
    said: tuple[Said, ...] = ()


class Choices(msgspec.Struct, frozen=True):
    """What a person said of a text file, where it does not say it itself; empty: told by its content."""

    encoding: str = ""
    separator: str = ""


class Table(Protocol):
    """A file being read. `rows` may be asked once or many times; `said` grows while rows are read."""

    about: About

    def rows(self, sheet: int = 0) -> Iterator[Row]: ...

    def said(self) -> tuple[Said, ...]: ...


def open_table(file: BinaryIO, choices: Choices = Choices()) -> Table:
    """A seekable file as a table, told by its content and not by its name. Raises TableRefused."""
    from amparo.gather import separated, workbooks

    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return workbooks.Workbook(file)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableRefused("This is an old .xls file, or one protected by a password.", code="table-locked")
    if head.startswith(b"%PDF"):
        raise TableRefused("This is a PDF, not a sheet.", code="table-kind")
    return separated.Separated(file, choices)


def trimmed(cells: list[str]) -> tuple[str, ...]:
    """Cells without the empty ones at the end of the row."""
    last = len(cells)
    while last and not cells[last - 1].strip():
        last -= 1
    return tuple(cells[:last])


def letters(column: int) -> str:
    """A column's name as the program shows it: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
