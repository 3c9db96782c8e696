"""A sheet that a colleague brought: sealed on the disk, read by a child behind walls and by nothing else.

The process that holds keys never parses it. What the child says is believed as far as its shape goes, no further.
"""

import os
from typing import TypeVar
from uuid import UUID

import msgspec

from amparo.desk import blobs, configuration, exam_tables, sandbox
from amparo.desk.errors import DeskError
from amparo.gather import tables

LIMITS = sandbox.Limits(memory=3 << 30, private=64 << 20, cpu=60, wall=90.0)
T = TypeVar("T")


class SheetNotRead(DeskError):
    """The sheet could not be read, or may not be believed. `code` tells why."""

    code = "sheet"
    advice = "Open it in your spreadsheet program, save it as .xlsx or as CSV, and try again."


def _failed(code: str) -> SheetNotRead:
    if code == "no-private-memory":
        return SheetNotRead(
            "This machine can raise no walls, so no sheet is read on it.", code="sheet-walls",
            advice="Tell whoever runs this desk; “amparo doctor” says what is missing.",
        )
    if code == "timeout":
        return SheetNotRead("Reading this sheet took longer than allowed.", code="sheet-timeout")
    if code == "memory":
        return SheetNotRead("Reading this sheet needed more memory than allowed.", code="sheet-memory")
    if code == "tampered":
        return SheetNotRead("The sealed sheet was changed.", code="sheet-tampered", advice="Bring it once more.")
    return SheetNotRead(
        "This sheet could not be read; it may be made to break the program that reads it.", code="sheet-crashed"
    )


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed file and its key: stands sealed in the colleague's own record of the import."""

    name: str
    size: int
    blob: str
    case: UUID
    item: UUID
    epoch: int
    key: bytes
    sealed_size: int

    def __repr__(self) -> str:
        return "<Held>"


class Content(msgspec.Struct, frozen=True):
    about: tables.About
    rows: tuple[tables.Row, ...]
    said: tuple[tables.Said, ...]


def read(held: Held, sheet: int = 0, choices: tables.Choices = tables.Choices()) -> Content:
    """All rows of one sheet. Raises SheetNotRead."""
    outcome = _run(held, sheet, choices)
    if outcome.code != "done":
        raise _failed(outcome.code)
    about, rows, said = None, [], ()
    for piece in outcome.pieces:
        if piece.kind == exam_tables.REFUSED:
            told = _decode(piece.data, exam_tables.Refused)
            raise SheetNotRead(told.says, advice=told.advice, code=told.code, **told.params)
        if piece.kind == exam_tables.ABOUT:
            about = _decode(piece.data, tables.About)
        elif piece.kind == exam_tables.ROWS:
            rows += _decode(piece.data, list[tables.Row])
        elif piece.kind == exam_tables.SAID:
            said = _decode(piece.data, tuple[tables.Said, ...])
    if about is None or not _sound(rows):
        raise SheetNotRead("The program that reads sheets gave no proper answer.", code="sheet-malformed")
    if not rows:
        raise SheetNotRead("This sheet has no rows.", code="sheet-empty", advice="Choose another sheet or file.")
    return Content(about, tuple(rows), tuple(said))


def _run(held: Held, sheet: int, choices: tables.Choices) -> sandbox.Outcome:
    try:
        descriptor = os.open(blobs.path_of(held.blob), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise SheetNotRead(
            "The sheet is no longer here.", code="sheet-gone", advice="Bring it once more."
        ) from None
    try:
        order = sandbox.Order(
            key=held.key, case=held.case, item=held.item, kind="file", epoch=held.epoch, schema=1, body=b"",
            sealed_size=held.sealed_size,
            options={"sheet": sheet, "encoding": choices.encoding, "separator": choices.separator},
        )
        return sandbox.run(
            sandbox.TABULATE, order, blob=descriptor, limits=LIMITS, hidden=(str(configuration.data_folder()),)
        )
    finally:
        os.close(descriptor)


def _decode(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(raw, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise SheetNotRead("The program that reads sheets gave no proper answer.", code="sheet-malformed") from None


def _sound(rows: list[tables.Row]) -> bool:
    """Whether the rows keep the bounds that the child promises: it may have been captured."""
    before = 0
    for row in rows:
        good = before < row.number and len(row.cells) <= tables.MOST_COLUMNS and all(
            len(cell) <= tables.MOST_CELL for cell in row.cells
        ) and all(
            -1 <= note.column <= tables.MOST_COLUMNS and note.code in tables.NOTES and len(note.detail) <= 1_000
            for note in row.notes
        )
        if not good:
            return False
        before = row.number
    return len(rows) <= tables.MOST_ROWS
