"""What the child does with a sheet: rows as text, in pieces, or why it is none. Runs behind the walls only."""

import importlib

import msgspec

from amparo import seal
from amparo.desk.exam_child import Job, Send
from amparo.desk.sandbox.wire import Ended, Piece
from amparo.gather import separated, tables

PIECE = 1 << 20  # bytes of rows in one frame
ABOUT, ROWS, REFUSED, SAID = "about", "rows", "refused", "said"
_encoder = msgspec.msgpack.Encoder()


class Refused(msgspec.Struct, frozen=True):
    """A sheet that is not read, in words for the page."""

    says: str
    advice: str
    code: str
    params: dict[str, int | str] = {}


def preload(level: str) -> None:
    """Parsers and codecs, loaded before the walls."""
    for name in ("csv", "xml.parsers.expat", "zipfile", "amparo.gather.workbooks", "amparo.gather.worksheets"):
        importlib.import_module(name)
    for name in (*separated.ENCODINGS, "utf-8-sig", "utf-16-le", "utf-16-be", "cp437"):
        "".encode(name)


def tabulate(job: Job, send: Send) -> None:
    """Options: `sheet` (a number), `encoding`, `separator` as a person chose them."""
    options = job.options
    try:
        job.verify()
        choices = tables.Choices(str(options.get("encoding", "")), str(options.get("separator", "")))
        with job.open() as file:
            table = tables.open_table(file, choices)
            send(Piece(ABOUT, _encoder.encode(table.about)))
            _rows(table, int(str(options.get("sheet", 0))), send)
            send(Piece(SAID, _encoder.encode(table.said())))
    except seal.Tampered:
        send(Ended("tampered"))
        return
    except tables.TableRefused as refused:
        params = {name: value for name, value in refused.params.items() if isinstance(value, int | str)}
        send(Piece(REFUSED, _encoder.encode(Refused(refused.says, refused.advice, refused.code, params))))
    send(Ended("done"))


def _rows(table: tables.Table, sheet: int, send: Send) -> None:
    kept: list[bytes] = []
    size = 0
    for row in table.rows(sheet):
        raw = _encoder.encode(row)
        kept.append(raw)
        size += len(raw)
        if size > PIECE:
            send(Piece(ROWS, _packed(kept)))
            kept, size = [], 0
    if kept:
        send(Piece(ROWS, _packed(kept)))


def _packed(rows: list[bytes]) -> bytes:
    """A msgpack array of rows that are encoded already."""
    return b"\xdd" + len(rows).to_bytes(4, "big") + b"".join(rows)
