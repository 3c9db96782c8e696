"""The rows of one worksheet and the strings that all sheets share, while their markup streams by."""

from amparo.gather import serials
from amparo.gather.markup import BROKEN, Parser, local, number, place, unescaped
from amparo.gather.tables import MOST_CELL, MOST_COLUMNS, MOST_ROWS, Note, Row, TableRefused, trimmed

MOST_MERGED = 20_000
MOST_TEXT = 128 << 20  # characters of all shared strings


class Strings(Parser):
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


class Frame:
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


class Rows(Parser):
    """Rows of one sheet while its XML streams by."""

    def __init__(
        self, merged: list[tuple[int, int, int, int]], strings: list[str], styles: list[str], epoch_1904: bool
    ) -> None:
        super().__init__()
        self.merged, self.strings, self.styles, self.epoch_1904 = merged, strings, styles, epoch_1904
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
            if not raw.strip().isdecimal() or place >= len(self.strings):
                raise TableRefused(BROKEN, code="table-broken")
            return self.strings[place], ""
        if self.type in ("str", "inlineStr"):
            return unescaped(raw), ""
        if self.type == "e":
            return raw, "error"
        if self.type == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(raw.strip(), raw), ""
        if self.type == "d":
            return raw.replace("T", " ").removesuffix("Z"), ""
        style = int(self.style) if self.style.isdecimal() and len(self.style) < 8 else -1
        kind = self.styles[style] if 0 <= style < len(self.styles) else ""
        return serials.as_text(raw.strip(), kind, epoch_1904=self.epoch_1904)

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
