"""Evidence that a colleague adds: decided before the first byte, signed by them, and nothing stays of a refused one."""

import os
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from amparo.desk import blobs, configuration, custody, opening, payloads, reading, site, uploads
from amparo.desk.records import Item
from tests.doors import seeded

pytestmark = pytest.mark.django_db
CHAT = b"12/03/2026, 21:14 - Them: we know your street"


def browser(desk: seeded.Desk, actor: str) -> tuple[Client, str]:
    client = desk.client(actor)
    page = client.get("/staff/account/").content.decode()
    token = seeded.TOKEN.search(page)
    return client, token[1] if token else "x" * 64


def send(client: Client, token: str, case: UUID | None, *names: str, size: int = 0):
    files = [SimpleUploadedFile(name, os.urandom(size) if size else CHAT, "text/plain") for name in names]
    return client.post(f"/staff/case/{case}/evidence/", {"csrfmiddlewaretoken": token, "file": files})


def on_disk() -> set[Path]:
    return {path for path in site.sealed_folder().rglob("*") if path.is_file()}


def test_several_files_become_signed_evidence(seeded_desk: seeded.Desk) -> None:
    assert seeded_desk.case
    handler = seeded_desk.staff["handler:granted"]
    client, token = browser(seeded_desk, "handler:granted")
    before = {row.id for row in Item.objects.filter(kind="file")}
    answer = send(client, token, seeded_desk.case, "chat.txt", "letter.eml")
    assert answer.status_code == 302, answer.content.decode()
    new = Item.objects.filter(kind="file").exclude(id__in=before).select_related("key")
    opened = opening.for_staff(handler.id, handler.keys.kex.private, seeded_desk.case)
    reads, bad = opening.read_items(opened, new)
    assert not bad and {one.payload.name for one in reads if isinstance(one.payload, payloads.FileMeta)} == {
        "chat.txt", "letter.eml"}
    assert all(one.proven and one.author_kind == "staff" and one.author_id == handler.id for one in reads)
    for one in reads:
        file, size, _kind = reading.original(handler, seeded_desk.case, one.item.id)
        assert size == len(CHAT) and file.read() == CHAT
    collected = [line.entry for line in custody.lines(case=seeded_desk.case)
                 if line.entry.action == "collected" and line.entry.item in {one.item.id for one in reads}]
    assert [(entry.actor_kind, entry.actor) for entry in collected] == [("staff", handler.id)] * 2
    told = client.get(f"/staff/case/{seeded_desk.case}/").content.decode()
    assert "2 files were added" in told and "letter.eml" in told


@pytest.mark.parametrize("actor", ["handler:none", "handler:excluded", "lead:none", "intake", "auditor", "admin"])
def test_whoever_has_no_key_of_the_case_seals_not_one_byte(
    seeded_desk: seeded.Desk, actor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(blobs, "open_part", lambda path: opened.append(path))
    client, token = browser(seeded_desk, actor)
    assert send(client, token, seeded_desk.case, "chat.txt").status_code == 404
    assert opened == []


def test_the_staff_door_takes_no_files_elsewhere(seeded_desk: seeded.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(blobs, "open_part", lambda path: opened.append(path))
    client, token = browser(seeded_desk, "handler:granted")
    client.post(f"/staff/case/{seeded_desk.case}/note/", {
        "csrfmiddlewaretoken": token, "text": "words", "file": SimpleUploadedFile("a.txt", CHAT)})
    assert send(client, token, uuid4(), "chat.txt").status_code == 404 and opened == []


def test_a_file_sealed_for_one_case_is_not_kept_in_another(seeded_desk: seeded.Desk) -> None:
    before = on_disk()
    client, token = browser(seeded_desk, "handler:granted")
    here = dict(uploads.STAFF_TARGETS)
    try:
        uploads.STAFF_TARGETS["staff:add-evidence"] = lambda staff, kwargs: uploads.Target(uuid4(), 1)
        answer = send(client, token, seeded_desk.case, "chat.txt")
    finally:
        uploads.STAFF_TARGETS.clear()
        uploads.STAFF_TARGETS.update(here)
    assert answer.status_code == 400 and "another case" in answer.content.decode()
    assert on_disk() == before


def test_no_file_chosen_is_told(seeded_desk: seeded.Desk) -> None:
    client, token = browser(seeded_desk, "handler:granted")
    answer = client.post(f"/staff/case/{seeded_desk.case}/evidence/", {"csrfmiddlewaretoken": token})
    assert answer.status_code == 400 and "No file was chosen." in answer.content.decode()


def test_a_mailbox_over_the_limit_is_told_with_the_way_on_and_the_other_files_stay(
    seeded_desk: seeded.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The advice is for a colleague: a reporter is told something else."""
    assert seeded_desk.case
    small = msgspec.structs.replace(configuration.current(), max_upload=3_000_000)
    monkeypatch.setattr(configuration, "current", lambda: small)
    handler = seeded_desk.staff["handler:granted"]
    client, token = browser(seeded_desk, "handler:granted")
    before, lying = {card.item for card in reading.case_page(handler, seeded_desk.case).evidence}, on_disk()
    box = b"From a@b.example Mon Sep  2 10:00:00 2024\nFrom: a\nSubject: b\n\n" + b"They wrote again.\n" * 400_000
    answer = client.post(f"/staff/case/{seeded_desk.case}/evidence/", {"csrfmiddlewaretoken": token, "file": [
        SimpleUploadedFile("letter.eml", CHAT), SimpleUploadedFile("2019-2024.mbox", box)]})
    page = answer.content.decode()
    assert "This file is larger than 3.0 MB, the most that this desk takes." in page
    assert "Divide it, a mailbox by years for example" in page and "Send the report without" not in page
    assert "1 file was added; another was refused." in page
    after = reading.case_page(handler, seeded_desk.case).evidence
    assert [card.name for card in after if card.item not in before] == ["letter.eml"]
    assert len(on_disk() - lying) == 1, "nothing of the refused one lies on the disk"
