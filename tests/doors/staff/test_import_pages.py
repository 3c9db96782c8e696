"""The import from a colleague's side: bring, map, see, run, read, take back, all without a script."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from amparo.desk import import_runs, sandbox
from amparo.desk.records import Case, Import
from tests.desk import sheets
from tests.doors import seeded

SHEET = (
    "What happened,Type,Date,Name\n"
    '"<b>They</b> wait at the school",harassment,2024-05-31,Person Q\n'
    "Which day?,brigading,05/06/2024,\n"
)


@pytest.fixture(autouse=True)
def walls() -> None:
    if not sandbox.capabilities().level:
        pytest.skip("LOUD: this machine raises no walls, so no sheet is read on it")


@pytest.fixture
def handler(seeded_desk: seeded.Desk, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(import_runs, "_in_background", import_runs.work)
    return seeded_desk.client("handler:granted")


def bring(client: Client, content: bytes, name: str = "register.csv") -> str:
    """The address of the page of its columns."""
    token = seeded.TOKEN.search(client.get("/staff/import/").content.decode())
    assert token
    answer = client.post("/staff/import/", {
        "csrfmiddlewaretoken": token[1], "to": "sheet", "file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def form(page: str) -> dict[str, str]:
    """What the browser would send back of the columns' form, untouched."""
    part = page.split('name="part" value="columns"')[1]
    found = {"part": "columns"}
    for name, inside in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', part, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', inside)[0]
    return found


def test_a_sheet_from_its_file_to_its_cases_and_back(handler: Client) -> None:
    where = bring(handler, SHEET.encode())
    page = handler.get(where).content.decode()
    assert "2 rows" in page
    assert "brigading" in page, "a text without a code is asked for"
    sent = form(page)
    refused = handler.post(where, {**sent, "next": "try"})
    assert refused.status_code == 400 and "Rows with a problem" in refused.content.decode()
    before = Case.objects.count()
    tried = handler.post(where, {**sent, "odd": "make", "order": "", "next": "try"})
    account = tried["Location"]
    told = handler.get(account).content.decode()
    assert "What would happen" in told and "2 rows become a case each." in told
    assert "Either number could be the month." in told and "05/06/2024" in told
    assert "Name" not in told.split("<main")[1], "nothing is left out here"
    assert Case.objects.count() == before
    assert handler.post(account.replace("account", "run")).status_code == 302
    done = handler.get(account).content.decode()
    assert "What happened" in done and "2 rows became a case each." in done and Case.objects.count() == before + 2
    everything = handler.get(account + "?rows=all").content.decode()
    case = re.findall(r"/staff/case/[0-9a-f-]{36}/", everything)[0]
    read = handler.get(case).content.decode()
    assert "&lt;b&gt;They&lt;/b&gt; wait at the school" in read and "The row this case was made from" in read
    row = handler.get(case + "row/").content.decode()
    assert "2024-05-31" in row and "Person Q" not in row
    assert handler.post(account.replace("account", "undo")).status_code == 302
    assert "taken back" in handler.get(account).content.decode()
    assert Case.objects.exclude(state="erasing").count() == before


def test_a_text_is_given_a_code_and_the_order_of_dates_is_said(handler: Client) -> None:
    where = bring(handler, SHEET.encode())
    sent = form(handler.get(where).content.decode())
    again = handler.post(where, {**sent, "odd": "leave", "order": "dmy", "value_0": "harassment", "next": "again"})
    assert again["Location"] == where
    account = handler.post(where, {
        **form(handler.get(where).content.decode()), "odd": "leave", "order": "dmy", "next": "try"})["Location"]
    told = handler.get(account).content.decode()
    assert "2 rows become a case each." in told and "left out" not in told


def test_a_sheet_read_in_another_way_is_mapped_anew(handler: Client) -> None:
    where = bring(handler, "ماذا حدث;النوع\nتهديد;تهديدات\n".encode("windows-1256"))
    assert "windows-1252" in handler.get(where).content.decode()
    answer = handler.post(where, {
        "part": "reading", "sheet": "0", "heading": "1", "encoding": "windows-1256", "separator": ";"})
    assert answer.status_code == 302
    assert "ماذا حدث" in handler.get(where).content.decode()


def test_what_is_no_sheet_is_told_and_can_be_thrown_away(handler: Client) -> None:
    where = bring(handler, b"%PDF-1.7 not a sheet", "sheet.csv")
    page = handler.get(where)
    assert page.status_code == 400 and "This is a PDF, not a sheet." in page.content.decode()
    assert handler.post(where + "drop/").status_code == 302
    assert handler.get(where).status_code == 404


def test_no_file_is_one_sentence_and_no_sheet_goes_to_another_field(handler: Client) -> None:
    token = seeded.TOKEN.search(handler.get("/staff/import/").content.decode())
    assert token
    before = Import.objects.count()
    page = handler.post("/staff/import/", {"csrfmiddlewaretoken": token[1], "to": "sheet"})
    assert page.status_code == 400 and "No sheet was chosen." in page.content.decode()
    astray = handler.post("/staff/import/", {
        "csrfmiddlewaretoken": token[1], "file": SimpleUploadedFile("a.csv", b"a,b")})
    assert astray.status_code == 400 and Import.objects.count() == before


def test_only_roles_that_may_import_see_the_entry_in_the_menu(seeded_desk: seeded.Desk) -> None:
    assert "/staff/import/" in seeded_desk.client("lead:none").get("/staff/").content.decode()
    assert "/staff/import/" not in seeded_desk.client("auditor").get("/staff/log/").content.decode()


def test_a_colleague_without_the_role_cannot_send_a_sheet(seeded_desk: seeded.Desk) -> None:
    before = Import.objects.count()
    client = seeded_desk.client("auditor")
    token = seeded.TOKEN.search(client.get("/staff/account/").content.decode())
    assert token
    answer = client.post("/staff/import/", {
        "csrfmiddlewaretoken": token[1], "to": "sheet", "file": SimpleUploadedFile("a.csv", sheets.register(1))})
    assert answer.status_code == 403 and Import.objects.count() == before
