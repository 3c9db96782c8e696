"""The child that examines one item: raises its walls, only then reads the item's key, answers, ends.

Started by `amparo.desk.sandbox.run` as `python -I -m amparo.desk.exam_child` with an empty environment. It imports
no Django, opens no database, and holds three things: the order (standard input), the sealed file (read only) and
the pipe for its answer. What a person handed in decides what runs here, so nothing here is trusted afterwards.
"""

import importlib
import io
import os
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from amparo.desk.sandbox import walls as walling
from amparo.desk.sandbox.wire import Ended, Heard, Order, Piece, Rendering, Said, Walls, frame, read_frame
from amparo.words.findings import Finding, NotChecked

EXIT_NO_WALLS = 97
EXIT_OUT_OF_MEMORY = 98
EXIT_BROKEN = 99

Answer = Finding | NotChecked | Rendering | Piece | Said | Heard | Ended
Send = Callable[[Answer], None]

# Loaded before the walls: our own code and well-known parsers, from files nobody but the admin writes.
_EARLY = (
    "amparo.seal", "bz2", "csv", "email.parser", "email.policy", "gzip", "hashlib", "json", "lzma",
    "plistlib", "sqlite3", "tarfile", "tempfile", "unicodedata", "zipfile", "zlib",
)

# What each kind of work loads before the walls.
_WORK = {
    "amparo.desk.exam_child:examine": "amparo.desk.exam_detectors",
    "amparo.desk.exam_child:render": "amparo.desk.exam_rendering",
    "amparo.desk.exam_child:gather": "amparo.desk.exam_gathering",
    "amparo.desk.exam_child:tabulate": "amparo.desk.exam_tables",
}

_CODECS = (
    "ascii", "latin-1", "cp437", "cp1250", "cp1251", "cp1252", "cp1256", "mac-roman", "utf-8-sig", "utf-16",
    "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "idna", "punycode", "unicode-escape",
)


class Job:
    """One item, opened with its key: `meta` is its sealed body in clear, `open()` its file."""

    def __init__(self, order: Order, blob: int) -> None:
        self.order = order
        self._blob = blob

    @property
    def options(self) -> dict[str, bool | int | str | tuple[str, ...]]:
        """Codes only: device_consent, and what else the order carries."""
        return self.order.options

    def meta(self) -> bytes:
        """The item's own payload (for a file: its name, size and type). Errors: seal.Tampered."""
        from amparo import seal

        order = self.order
        context = seal.Context(order.case, order.item, order.kind, order.epoch, order.schema)
        return seal.open_item_with_key(order.key, context, order.body, lambda kind, author: None).payload

    def open(self) -> BinaryIO:
        """The file in clear, seekable, read only, decrypted as it is read. Errors: seal.Tampered."""
        from amparo import seal

        order = self.order
        if self._blob < 0:
            return io.BytesIO(self.meta())
        context = seal.Context(order.case, order.item, order.kind, order.epoch, order.schema)
        sealed = os.fdopen(os.dup(self._blob), "rb", buffering=0)
        sealed.seek(0)
        opener = seal.FileOpener(order.key, context, sealed, order.sealed_size)
        return io.BufferedReader(opener, buffer_size=1 << 17)

    def verify(self) -> None:
        """Reads the whole file once: what was changed anywhere is told as that, not as a damaged archive.

        Errors: seal.Tampered.
        """
        with self.open() as evidence:
            while evidence.read(1 << 20):
                pass


def probe(job: Job | None, send: Send) -> None:
    """Examines nothing: says that the walls stand."""
    send(Ended("done"))


def examine(job: Job, send: Send) -> None:
    """Runs the detectors over one item."""
    from amparo.desk.exam_detectors import examine as run

    run(job, send)


def render(job: Job, send: Send) -> None:
    """Makes the copy that staff look at."""
    from amparo.desk.exam_rendering import render as run

    run(job, send)


def tabulate(job: Job, send: Send) -> None:
    """Reads a sheet into rows."""
    from amparo.desk.exam_tables import tabulate as run

    run(job, send)


def gather(job: Job, send: Send) -> None:
    """Reads the messages of a chat export or a mailbox."""
    from amparo.desk.exam_gathering import gather as run

    run(job, send)


def _resolve(target: str) -> Callable[[Any, Send], None]:
    module, _, name = target.partition(":")
    found: Callable[[Any, Send], None] = getattr(importlib.import_module(module), name)
    return found


def _preload(walls: Walls) -> None:
    for name in (*_EARLY, *walls.preload):
        try:
            importlib.import_module(name)
        except ImportError:
            continue  # a machine without that part says "not checked" later, where it is missed
    # codecs are found by name at first use; where nothing can be opened any more they must be there already
    for name in _CODECS:
        "".encode(name)


def main() -> int:
    """Walls, order, work, end. Returns the exit status; prints nothing."""
    walls = msgspec.msgpack.decode(read_frame(0), type=Walls)
    walling.die_with(walls.parent)
    walling.close_all_but((walls.blob,))
    answer = os.dup(1)
    os.dup2(2, 1)  # a parser that prints must not write into the answer
    sys.path.extend(walls.search)
    try:
        _preload(walls)
        target = _resolve(walls.target)
        if walls.target in _WORK:
            importlib.import_module(_WORK[walls.target]).preload(walls.level)
        walling.raise_all(walls)
    except OSError:
        return EXIT_NO_WALLS

    def send(message: Answer) -> None:
        rest = memoryview(frame(message))
        while rest:
            rest = rest[os.write(answer, rest) :]

    try:
        order = msgspec.msgpack.decode(read_frame(0), type=Order)
        job: Job | None = Job(order, walls.blob)
    except EOFError:
        job = None  # a probe has no order
    try:
        target(job, send)
    except MemoryError:
        return EXIT_OUT_OF_MEMORY
    except BaseException:  # whatever it was, its text may hold the words of a case: only the code leaves
        return EXIT_BROKEN
    return 0


if __name__ == "__main__":
    status = main()
    os._exit(status)  # no interpreter shutdown: nothing of the evidence's making gets a last word
