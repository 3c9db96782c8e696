"""Exports from a colleague's side: the password again, how to encrypt, one file; refusals keep what was chosen."""

import io
import re
import zipfile
from collections.abc import Iterator

import pyrage
import pytest
from django.test import Client

from tests.desk import people
from tests.desk.conftest import desk, ground  # noqa: F401  (fixtures)
from tests.doors import seeded

PHRASE = "seven quiet herons walk along cold rivers"


@pytest.fixture
def lead(desk: people.Desk) -> Iterator[Client]:  # noqa: F811
    client = Client(raise_request_exception=False)
    desk.lead_session.save()
    client.cookies["s"] = str(desk.lead_session.session_key)
    yield client


def case_of(client: Client) -> str:
    people.report("A grey car waits before the house.")
    return re.findall(r"/staff/case/[0-9a-f-]{36}/", client.get("/staff/").content.decode())[0]


def test_a_case_is_taken_along_to_a_recipient(lead: Client) -> None:
    case = case_of(lead)
    assert f"{case}export/" in lead.get(case).content.decode()
    key = pyrage.x25519.Identity.generate()
    answer = lead.post(f"{case}export/", {"what": "owner", "way": "recipient", "recipient": str(key.to_public())})
    assert answer.status_code == 200 and answer.streaming
    assert re.fullmatch(r'attachment; filename="export-\d{4}-\d{2}-\d{2}\.zip\.age"', answer["Content-Disposition"])
    archive = zipfile.ZipFile(io.BytesIO(pyrage.decrypt(b"".join(answer), [key])))
    assert b"grey car" in archive.read("case.html")


def test_the_whole_desk_is_taken_along_under_a_passphrase(lead: Client) -> None:
    case = case_of(lead).split("/")[3]
    assert "/staff/export/" in lead.get("/staff/desk/").content.decode()
    answer = lead.post("/staff/export/", {"way": "passphrase", "passphrase": PHRASE, "again": PHRASE})
    outer = zipfile.ZipFile(io.BytesIO(b"".join(answer)))
    secret = pyrage.passphrase.decrypt(outer.read("key.age"), PHRASE).decode().strip()
    inner = pyrage.decrypt(outer.read("export.zip.age"), [pyrage.x25519.Identity.from_str(secret)])
    assert f"cases/{case}/case.json" in zipfile.ZipFile(io.BytesIO(inner)).namelist()


@pytest.mark.parametrize(("sent", "says"), [
    ({}, "“What is taken” is still empty."), ({"what": "whole"}, "“How it is encrypted” is still empty."),
    ({"what": "whole", "way": "passphrase"}, "The passphrase is still empty."),
    ({"what": "whole", "way": "passphrase", "passphrase": PHRASE, "again": "other"}, "The two passphrases differ."),
    ({"what": "whole", "way": "passphrase", "passphrase": "short", "again": "short"}, "This password is too short."),
    ({"what": "whole", "way": "recipient", "recipient": "age1nobody"}, "This is not an age recipient."),
])
def test_what_is_missing_is_said_and_nothing_leaves(lead: Client, sent: dict[str, str], says: str) -> None:
    answer = lead.post(f"{case_of(lead)}export/", sent)
    page = answer.content.decode()
    assert answer.status_code == 400 and says in page
    assert PHRASE not in page, "a passphrase is never shown again"


def test_the_password_is_asked_for_again_when_it_is_not_fresh(lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from amparo.desk import accounts

    case = case_of(lead)
    monkeypatch.setattr(accounts, "is_fresh", lambda session: False)
    assert lead.get(f"{case}export/")["Location"].startswith("/staff/in/again/")
    key = pyrage.x25519.Identity.generate()
    refused = lead.post(f"{case}export/", {"what": "owner", "way": "recipient", "recipient": str(key.to_public())})
    assert refused.status_code == 403 and not refused.streaming


def test_handlers_see_no_way_to_the_whole_desk(seeded_desk: seeded.Desk) -> None:
    assert seeded_desk.client("handler:granted").get("/staff/export/").status_code == 403
