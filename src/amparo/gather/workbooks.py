"""Workbooks in Office Open XML (ECMA-376), as Excel and LibreOffice write them (.xlsx).

Read here and not by a library: those at hand give either the formula or the stored value, and pass over hidden rows
and covered cells in silence. Part by part, bounded, with a parser that refuses every document type declaration.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO

from amparo.gather import serials, worksheets
from amparo.gather.markup import BROKEN, Parser, Start
from amparo.gather.tables import About, Row, Said, Sheet, TableRefused, letters

MOST_PARTS = 10_000
MOST_BYTES = 256 << 20  # of one part, unpacked
_PIECE = 1 << 16


class Workbook:
    """An .xlsx file. Raises TableRefused for what is no workbook, is protected, or is made to fill memory."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self.parts = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
            raise TableRefused(BROKEN, code="table-broken") from None
        names = self.parts.namelist()
        if len(names) > MOST_PARTS:
            raise TableRefused(BROKEN, code="table-broken")
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
        frame = worksheets.Frame()
        self._parse(self.places[sheet], frame.start)
        if frame.hidden:
            self._found.append(Said("hidden-columns", ", ".join(letters(one) for one in sorted(frame.hidden)[:50])))
        if frame.links:
            self._found.append(Said("links"))
        if frame.too_many:
            self._found.append(Said("many-merged", str(worksheets.MOST_MERGED)))
        reader = worksheets.Rows(sorted(frame.merged), self.strings, self.styles, self.epoch_1904)
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
        reader = worksheets.Strings()
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
            raise TableRefused(BROKEN, code="table-broken") from None

    def _open(self, part: str) -> IO[bytes]:
        try:
            return self.parts.open(part)
        except RuntimeError:  # zipfile's word for an encrypted part
            raise TableRefused("This workbook is protected by a password.", code="table-locked") from None
        except KeyError:
            raise TableRefused(BROKEN, code="table-broken") from None

    def _parse(self, part: str, start: Start) -> None:
        reader = Parser(start)
        for piece in self._pieces(part):
            reader.feed(piece)
        reader.close()
