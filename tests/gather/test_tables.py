"""Sheets read as they are: what the two programs write, and what people save as text."""

import io

import pytest

from amparo.gather import serials, tables
from amparo.gather.tables import Choices, Note, Row, TableRefused
from tests.gather import workbook_parts as parts


def read(data: bytes, sheet: int = 0, **chosen: str) -> list[Row]:
    return list(tables.open_table(io.BytesIO(data), Choices(**chosen)).rows(sheet))


def said(data: bytes) -> dict[str, str]:
    table = tables.open_table(io.BytesIO(data))
    list(table.rows())
    return {one.code: one.value for one in table.said()}


def test_a_workbook_as_excel_writes_it() -> None:
    rows = read(parts.excel_register())
    assert [row.number for row in rows] == [1, 2, 3, 5, 6, 7], "numbers as the program shows them; row 4 is empty"
    assert rows[0].cells == ("What happened", "Date", "Kind", "Note")
    assert rows[1].cells == ("They published my address & my phone", "2024-05-31", "doxing; harassment", "12.5")
    assert set(rows[1].notes) == {Note(3, "formula", "=SUM(E2:E9)"), Note(2, "merged")}
    assert rows[2].cells == ("Followed home", "2024-05-31 18:30")
    assert set(rows[2].notes) == {Note(3, "not-calculated", "=E3*2"), Note(2, "covered")}
    assert rows[3].cells == ("two runs", "2024-05", "", "#REF!"), "a month is shown, so no day was told"
    assert set(rows[3].notes) == {Note(-1, "hidden-row"), Note(3, "error")}
    assert rows[4].cells == ("line one\r\nline two", "59", "TRUE", "What happened!")
    assert Note(1, "date-unclear") in rows[4].notes, "before March 1900 the two programs count one day apart"
    assert rows[5].cells == ("A call at night", "", "", "34600123456")
    assert said(parts.excel_register()) == {
        "hidden-sheet": "Old", "comments": "", "hidden-columns": "E, F", "links": "",
    }
    assert read(parts.excel_register(), 1) == [Row(1, ("kept",))]


def test_a_workbook_as_libreoffice_writes_it() -> None:
    rows = read(parts.calc_register())
    assert [row.cells for row in rows] == [
        ("Qué pasó", "Fecha", "Tipo de ataque"), ("Publicaron mi dirección", "2024-05-31", "doxing"),
        ("Me siguieron", "2024-06-01 18:00", "vigilancia"),
    ]
    assert rows[1].notes == (Note(2, "formula", '=LOWER("DOXING")'),)


def test_the_date_system_of_old_macs() -> None:
    row = '<row r="1"><c r="A1" s="1"><v>43981</v></c></row>'
    assert read(parts.excel({"s": parts.sheet(row)}, date1904=True))[0].cells == ("2024-05-31",)
    assert read(parts.excel({"s": parts.sheet(row)}))[0].cells == ("2020-05-30",)


@pytest.mark.parametrize(("code", "kind"), [
    ("General", ""), ("0.00", ""), ('#,##0 "days"', ""), ("[Red]0", ""), ("yyyy\\-mm\\-dd", "date"),
    ("mmm-yy", "month"), ("yyyy", "year"),
    ("h:mm AM/PM", "time"), ("dd/mm/yyyy hh:mm", "both"), ("[h]:mm", "elapsed"), ("0.00E+00", ""),
    ("[$-40A]d\\ \\d\\e\\ mmmm\\ \\d\\e\\ yyyy", "date"), ("@", ""),
])
def test_number_formats_that_show_a_date(code: str, kind: str) -> None:
    assert serials.kind_of("164", code) == kind


@pytest.mark.parametrize(("raw", "kind", "text"), [
    ("45443", "date", "2024-05-31"), ("45443.999999999", "both", "2024-06-01"), ("0.75", "time", "18:00"),
    ("1.5", "elapsed", "36:00"), ("0.10000000000000001", "", "0.1"), ("12345678901", "", "12345678901"),
    ("1e3", "", "1000"), ("61", "date", "1900-03-01"), ("2958465", "date", "9999-12-31"),
])
def test_numbers_and_dates_as_text(raw: str, kind: str, text: str) -> None:
    assert serials.as_text(raw, kind, epoch_1904=False) == (text, "")


def test_numbers_that_are_no_dates_are_said_and_kept() -> None:
    for raw in ("-4", "0", "60", "2958466"):
        assert serials.as_text(raw, "date", epoch_1904=False) == (raw, "date-unclear")


HERONS = "what,when\nséance du 3 mai,2024\n"


@pytest.mark.parametrize(("data", "encoding", "guessed"), [
    (HERONS.encode(), "utf-8", False), (HERONS.encode("utf-8-sig"), "utf-8-sig", False),
    (HERONS.encode("utf-16"), "utf-16", False), (HERONS.encode("utf-16-le"), "utf-16-le", True),
    (HERONS.encode("windows-1252"), "windows-1252", True),
])
def test_encodings_are_told_by_the_file_or_said_to_be_a_guess(data: bytes, encoding: str, guessed: bool) -> None:
    table = tables.open_table(io.BytesIO(data))
    assert table.about.encoding == encoding
    assert [one.code for one in table.said()] == (["encoding-guessed"] if guessed else [])
    assert [row.cells for row in table.rows()] == [("what", "when"), ("séance du 3 mai", "2024")]


def test_the_encoding_that_a_person_chose() -> None:
    arabic = "ماذا حدث;متى\nتهديد;2024\n".encode("windows-1256")
    assert read(arabic, encoding="windows-1256")[0].cells == ("ماذا حدث", "متى")
    with pytest.raises(TableRefused):
        read(arabic, encoding="rot13")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_what_stands_between_cells(separator: str) -> None:
    text = f'a{separator}b{separator}c\n"one, two; three"{separator}"say ""no"""{separator}"two\nlines"\n'
    rows = read(text.encode())
    assert [row.cells for row in rows] == [("a", "b", "c"), ("one, two; three", 'say "no"', "two\nlines")]


def test_excels_own_first_line_is_no_row() -> None:
    assert read(b"sep=;\r\na;b\r\n1,5;2\r\n") == [Row(2, ("a", "b")), Row(3, ("1,5", "2"))]


def test_empty_rows_count_and_ragged_ones_are_whole() -> None:
    assert read(b"a,b\n\n1,2,3,4\n5\n,,\n") == [Row(1, ("a", "b")), Row(3, ("1", "2", "3", "4")), Row(4, ("5",))]


def test_characters_that_could_not_be_read_are_marked() -> None:
    rows = read(b"a,b\nok,1\nx\x81y,2\n")
    assert rows[2] == Row(3, ("x\ufffdy", "2"), (Note(-1, "undecodable"),))
    assert read(b"a,b\nn\0ul,1\n")[1].cells == ("n\ufffdul", "1")


@pytest.mark.parametrize(("data", "code"), [
    (b"", "table-empty"), (b"\x00\x01\x02\x03" * 50, "table-kind"), (b"%PDF-1.7\n", "table-kind"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "table-locked"), (b"PK\x03\x04 broken", "table-broken"),
    (b'a,b\n"never closed,' + b"x" * 50_000, "table-cell"), (b"a" + b"," * 1_001, "table-columns"),
    (parts.archive({"word/document.xml": "<w/>"}), "table-kind"),
    (parts.archive({"mimetype": "an OpenDocument sheet", "content.xml": "<x/>"}), "table-kind"),
])
def test_what_is_no_sheet_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(TableRefused) as refused:
        read(data)
    assert refused.value.code == code
    assert refused.value.advice


def test_columns_are_named_as_the_program_names_them() -> None:
    assert [tables.letters(one) for one in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
