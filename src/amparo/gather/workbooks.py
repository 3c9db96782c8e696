"""Workbooks in Office Open XML (ECMA-376), as Excel and LibreOffice write them (.xlsx).

Read here and not by a library: those at hand give either the formula or the stored value, and pass over hidden rows
and covered cells in silence. Part by part, bounded, with a parser that refuses every document type declaration.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, BinaryIO
from xml.parsers import expat

from amparo.gather import serials
from amparo.gather.tables import (
    MOST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    About,
    Note,
    Row,
    Said,
    Sheet,
    TableRefused,
    letters,
    trimmed,
)

MOST_PARTS = 10_000
MOST_BYTES = 256 << 20  # of one part, unpacked
MOST_MERGED = 20_000
MOST_TEXT = 128 << 20  # characters of all shared strings
_PIECE = 1 << 16
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BROKEN = "This workbook is damaged, or it is not one."
Start = Callable[[str, dict[str, str]], None]


class Workbook:
    """An .xlsx file. Raises TableRefused for what is no workbook, is protected, or is made to fill memory."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self.parts = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
            raise TableRefused(_BROKEN, code="table-broken") from None
        names = self.parts.namelist()
        if len(names) > MOST_PARTS:
            raise TableRefused(_BROKEN, code="table-broken")
        self.names = set(names)
        if "mimetype" in self.names and "content.xml" in self.names:
            raise TableRefused("This is an OpenDocument sheet, which is not read here.", code="table-kind")
        place = self._start()
        self.epoch_1904 = False
        self.places: list[str] = []
        sheets = self._sheets(place)
        self.styles = self._styles()
        self.strings = self._strings()
        self._found: list[Said] = []
        self.about = About("xlsx", tuple(sheets), said=tuple(self._beside(sheets)))

    def said(self) -> tuple[Said, ...]:
        """With what was met while rows were read."""
        return (*self.about.said, *dict.fromkeys(self._found))

    def rows(self, sheet: int = 0) -> Iterator[Row]:
        """The rows of one sheet that are not empty, in order."""
        if not 0 <= sheet < len(self.places):
            raise TableRefused("There is no such sheet.", code="table-sheet", advice="Choose one from the list.")
        frame = _Frame()
        self._parse(self.places[sheet], frame.start)
        if frame.hidden:
            self._found.append(Said("hidden-columns", ", ".join(letters(one) for one in sorted(frame.hidden)[:50])))
        if frame.links:
            self._found.append(Said("links"))
        if frame.too_many:
            self._found.append(Said("many-merged", str(MOST_MERGED)))
        reader = _Rows(self, sorted(frame.merged))
        for piece in self._pieces(self.places[sheet]):
            reader.feed(piece)
            yield from reader.take()
        reader.close()
        yield from reader.take()

    # --- the parts beside the sheets ---

    def _start(self) -> str:
        found = [target for kind, target in self._relations("_rels/.rels").values() if kind.endswith("/officeDocument")]
        place = found[0] if found else "xl/workbook.xml"
        if place not in self.names:
            raise TableRefused("This archive is not a workbook.", code="table-kind")
        return place

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """(type, part name) by id; targets are names within the archive and never lead out of it."""
        found: dict[str, tuple[str, str]] = {}
        base = posixpath.dirname(posixpath.dirname(part))

        def start(name: str, given: dict[str, str]) -> None:
            if name == "Relationship" and given.get("TargetMode") != "External":
                target = given.get("Target", "")
                whole = target.lstrip("/") if target.startswith("/") else posixpath.join(base, target)
                found[given.get("Id", "")] = (given.get("Type", ""), posixpath.normpath(whole))

        if part in self.names:
            self._parse(part, start)
        return found

    def _sheets(self, place: str) -> list[Sheet]:
        folder, name = posixpath.split(place)
        relations = self._relations(f"{folder}/_rels/{name}.rels")
        found: list[Sheet] = []

        def start(name: str, given: dict[str, str]) -> None:
            if name == "workbookPr":
                self.epoch_1904 = given.get("date1904") in ("1", "true", "on")
            elif name == "sheet":
                kind, part = relations.get(given.get("id", ""), ("", ""))
                if kind.endswith("/worksheet") and part in self.names:  # charts on sheets of their own have no rows
                    self.places.append(part)
                    found.append(Sheet(given.get("name", "")[:200], given.get("state", "visible") != "visible"))

        self._parse(place, start)
        self.related = {kind.rsplit("/", 1)[-1]: part for kind, part in relations.values()}
        if not found:
            raise TableRefused("This workbook has no sheet.", code="table-empty")
        return found

    def _styles(self) -> list[str]:
        """The number format of each cell style, "" where it is none of dates."""
        formats: dict[str, str] = {}
        styles: list[str] = []
        inside = [False]

        def start(name: str, given: dict[str, str]) -> None:
            if name == "numFmt":
                formats[given.get("numFmtId", "")] = given.get("formatCode", "")[:200]
            elif name in ("cellXfs", "cellStyleXfs", "dxfs"):
                inside[0] = name == "cellXfs"
            elif name == "xf" and inside[0] and len(styles) < 100_000:
                number = given.get("numFmtId", "0")
                styles.append(serials.kind_of(number, formats.get(number)))

        if (part := self.related.get("styles", "")) in self.names:
            self._parse(part, start)
        return styles

    def _strings(self) -> list[str]:
        part = self.related.get("sharedStrings", "")
        if part not in self.names:
            return []
        reader = _Strings()
        for piece in self._pieces(part):
            reader.feed(piece)
        reader.close()
        return reader.found

    def _beside(self, sheets: list[Sheet]) -> Iterator[Said]:
        for sheet in sheets:
            if sheet.hidden:
                yield Said("hidden-sheet", sheet.name)
        if any("comments" in name.lower() and name.endswith(".xml") for name in self.names):
            yield Said("comments")
        if any(name.startswith(("xl/media/", "xl/drawings/drawing")) for name in self.names):
            yield Said("pictures")

    # --- reading a part ---

    def _pieces(self, part: str) -> Iterator[bytes]:
        size = 0
        try:
            with self._open(part) as stream:
                while piece := stream.read(_PIECE):
                    size += len(piece)
                    if size > MOST_BYTES:
                        raise TableRefused("This workbook unpacks to more than is read here.", code="table-large",
                                           advice="Split it into smaller ones, or save the sheet as CSV.")
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
            raise TableRefused(_BROKEN, code="table-broken") from None

    def _open(self, part: str) -> IO[bytes]:
        try:
            return self.parts.open(part)
        except RuntimeError:  # zipfile's word for an encrypted part
            raise TableRefused("This workbook is protected by a password.", code="table-locked") from None
        except KeyError:
            raise TableRefused(_BROKEN, code="table-broken") from None

    def _parse(self, part: str, start: Start) -> None:
        reader = _Parser(start)
        for piece in self._pieces(part):
            reader.feed(piece)
        reader.close()


def local(name: str) -> str:
    """A name without its namespace: the transitional and the strict one differ in nothing else here."""
    return name.rsplit(" ", 1)[-1]


class _Parser:
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
            raise TableRefused(_BROKEN, code="table-broken") from None

    def close(self) -> None:
        self.feed(b"", True)


class _Strings(_Parser):
    """Shared strings: the runs of rich text joined, without the readings beside East Asian words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text: list[str] = []
        self.taking = self.beside = False
        self.size = 0
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "si":
            self.text = []
        elif name == "rPh":
            self.beside = True
        elif name == "t":
            self.taking = not self.beside

    def _end(self, name: str) -> None:
        name = local(name)
        if name == "si":
            self.found.append(unescaped("".join(self.text)))
        elif name == "rPh":
            self.beside = False
        elif name == "t":
            self.taking = False

    def _data(self, text: str) -> None:
        if self.taking:
            self.size += len(text)
            if self.size > MOST_TEXT:
                raise TableRefused("This workbook holds more text than is read here.", code="table-large",
                                   advice="Split it into smaller ones.")
            self.text.append(text)


class _Frame:
    """What stands around the rows: merged ranges (they follow the rows in the file), hidden columns, links."""

    def __init__(self) -> None:
        self.merged: list[tuple[int, int, int, int]] = []  # first row, last row, first column, last column
        self.hidden: set[int] = set()
        self.links = self.too_many = False

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "mergeCell":
            first, _, last = given.get("ref", "").partition(":")
            if len(self.merged) >= MOST_MERGED:
                self.too_many = True
            elif (a := place(first)) and (b := place(last or first)):
                self.merged.append((a[1], b[1], a[0], min(b[0], MOST_COLUMNS)))
        elif name == "col" and given.get("hidden") in ("1", "true"):
            low, high = number(given.get("min", "")), number(given.get("max", ""))
            self.hidden |= set(range(max(low, 1) - 1, min(high, MOST_COLUMNS)))
        elif name == "hyperlink":
            self.links = True


class _Rows(_Parser):
    """Rows of one sheet while its XML streams by."""

    def __init__(self, book: Workbook, merged: list[tuple[int, int, int, int]]) -> None:
        super().__init__()
        self.book, self.merged = book, merged
        self.next_merged = 0
        self.active: list[tuple[int, int, int, int]] = []
        self.done: list[Row] = []
        self.row = self.column = self.count = 0
        self.cells: list[str] = []
        self.notes: list[Note] = []
        self.type = self.style = self.within = ""
        self.formula: str | None = None
        self.value: list[str] = []
        self.code: list[str] = []
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def take(self) -> list[Row]:
        """Rows finished since the last call."""
        done, self.done = self.done, []
        return done

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "row":
            self.row = number(given.get("r", "")) or self.row + 1
            self.column, self.cells, self.notes = -1, [], []
            if given.get("hidden") in ("1", "true"):
                self.notes.append(Note(-1, "hidden-row"))
        elif name == "c":
            found = place(given.get("r", ""))
            self.column = found[0] if found else self.column + 1
            if self.column >= MOST_COLUMNS:
                raise TableRefused("Row %(row)s has more than %(most)s columns.", code="table-columns",
                                   row=self.row, most=MOST_COLUMNS, advice="Check that this is the right file.")
            self.type, self.style = given.get("t", "n"), given.get("s", "")
            self.formula, self.value, self.code = None, [], []
        elif name == "f":
            self.formula, self.within = "", "f"
        elif name == "v" or (name == "t" and self.within != "rPh" and self.type == "inlineStr"):
            self.within = "v"
        elif name == "rPh":
            self.within = "rPh"

    def _end(self, name: str) -> None:
        name = local(name)
        if name in ("v", "t", "f", "rPh"):
            if not (self.within == "rPh" and name == "t"):
                self.within = ""
        elif name == "c":
            self._cell()
        elif name == "row":
            self._finish()

    def _data(self, text: str) -> None:
        if self.within == "v":
            self.value.append(text)
        elif self.within == "f":
            self.code.append(text)

    def _cell(self) -> None:
        raw = "".join(self.value)
        text, note = self._text(raw)
        if len(text) > MOST_CELL:
            raise TableRefused("Row %(row)s has a cell longer than %(most)s characters.", code="table-cell",
                               row=self.row, most=MOST_CELL)
        if self.formula is not None:
            code = "=" + "".join(self.code)[:200]
            self.notes.append(Note(self.column, "formula" if raw else "not-calculated", code if len(code) > 1 else ""))
        if note:
            self.notes.append(Note(self.column, note))
        if text:
            while len(self.cells) < self.column:
                self.cells.append("")
            self.cells[self.column : self.column + 1] = [text]

    def _text(self, raw: str) -> tuple[str, str]:
        """(the cell as text, a note's code or "")."""
        if self.type == "s":
            place = number(raw)
            if not raw.strip().isdecimal() or place >= len(self.book.strings):
                raise TableRefused(_BROKEN, code="table-broken")
            return self.book.strings[place], ""
        if self.type in ("str", "inlineStr"):
            return unescaped(raw), ""
        if self.type == "e":
            return raw, "error"
        if self.type == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(raw.strip(), raw), ""
        if self.type == "d":
            return raw.replace("T", " ").removesuffix("Z"), ""
        style = int(self.style) if self.style.isdecimal() and len(self.style) < 8 else -1
        kind = self.book.styles[style] if 0 <= style < len(self.book.styles) else ""
        return serials.as_text(raw.strip(), kind, epoch_1904=self.book.epoch_1904)

    def _finish(self) -> None:
        self._covered()
        cells = trimmed(self.cells)
        if not cells and not any(note.code == "not-calculated" for note in self.notes):
            return
        self.count += 1
        if self.count > MOST_ROWS:
            raise TableRefused("This sheet has more than %(most)s rows.", code="table-rows", most=MOST_ROWS,
                               advice="Split it into smaller ones.")
        self.done.append(Row(self.row, cells, tuple(self.notes)))

    def _covered(self) -> None:
        while self.next_merged < len(self.merged) and self.merged[self.next_merged][0] <= self.row:
            self.active.append(self.merged[self.next_merged])
            self.next_merged += 1
        self.active = [one for one in self.active if one[1] >= self.row]
        for first, _, left, right in self.active:
            if first == self.row:
                self.notes.append(Note(left, "merged"))
                left += 1
            for column in range(left, right + 1):
                self.notes.append(Note(column, "covered"))


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
