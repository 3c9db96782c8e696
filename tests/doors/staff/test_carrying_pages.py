"""The desk's card to print and as a file, and taking a carried file in by the staff door."""

from uuid import UUID

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from amparo import seal
from amparo.desk import cards, clock, custody, reading, site
from amparo.desk.records import Case
from tests.desk import laptop
from tests.doors import seeded
from tests.doors.staff.test_adding import browser

pytestmark = pytest.mark.django_db


def made(client: Client, token: str, **fields: str):
    return client.post("/staff/card/", {"csrfmiddlewaretoken": token, "days": "90", "go": "file"} | fields)


def card(desk: seeded.Desk) -> str:
    answer = made(*browser(desk, "lead:granted"), address="https://desk.example")
    assert answer.status_code == 200 and 'filename="DESK.card"' in answer.headers["Content-Disposition"]
    return answer.content.decode()


def send(client: Client, token: str, content: bytes):
    file = SimpleUploadedFile("report-1.amparo", content, "application/octet-stream")
    return client.post("/staff/new/carried/", {"csrfmiddlewaretoken": token, "file": [file]})


def on_disk() -> list[str]:
    return [path.name for path in site.sealed_folder().rglob("*") if path.is_file()]


def test_a_lead_saves_the_card_and_prints_the_same_one(seeded_desk: seeded.Desk) -> None:
    lead = seeded_desk.staff["lead:granted"]
    text = card(seeded_desk)
    read = seal.read_card(text, clock.today())
    assert read.address == "https://desk.example" and read.fingerprint() == cards.fingerprint(lead)
    names = {one.id for one in read.readers}
    assert names == {one.id for one in cards.directory.case_people()}
    client, token = browser(seeded_desk, "lead:granted")
    page = made(client, token, go="page", address="https://desk.example").content.decode()
    assert page.count("<svg") == len(text.splitlines()) and "style=" not in page.partition("<main")[2]
    assert cards.fingerprint(lead) in page and read.last in page and "https://desk.example" in page
    drawn = page.split("<figure")[1:]
    for line, shown in zip(text.splitlines(), drawn, strict=True):
        wanted = segno.make(line, error="m", micro=False).svg_inline(scale=4, border=4, dark="#000", light="#fff")
        assert wanted in shown, "the codes say what the file says"


@pytest.mark.parametrize("fields", [{"days": "3650"}, {"days": ""}, {"address": "x" * 300}])
def test_what_can_not_stand_on_a_card_is_told(seeded_desk: seeded.Desk, fields: dict[str, str]) -> None:
    before = custody.head()[0]
    assert made(*browser(seeded_desk, "lead:granted"), **fields).status_code == 400
    assert custody.head()[0] == before


def test_a_handler_takes_a_file_in_and_is_led_to_its_case(seeded_desk: seeded.Desk) -> None:
    file, _ = laptop.sealed("It came on a stick.", card=card(seeded_desk), files=(("a.txt", b"x" * 70_000),))
    handler = seeded_desk.staff["handler:granted"]
    client, token = browser(seeded_desk, "handler:granted")
    before = set(Case.objects.values_list("id", flat=True))
    parts = len(on_disk())
    answer = send(client, token, file)
    case, = set(Case.objects.values_list("id", flat=True)) - before
    assert answer.status_code == 302 and answer.headers["Location"] == f"/staff/case/{case}/"
    page = client.get(answer.headers["Location"]).content.decode()
    assert "taken in and sealed" in page and "It came on a stick." in page and "carried here as a file" in page
    assert len(on_disk()) == parts + 1, "the upload itself is gone, the sealed file stays"
    again = send(client, token, file)
    assert again.headers["Location"].endswith(f"/staff/case/{case}/")
    assert "taken in before" in client.get(again.headers["Location"]).content.decode()
    entry = next(one.entry for one in custody.lines(case=case) if one.entry.action == "carried")
    assert entry.actor == handler.id and reading.relation(handler, case) == "granted"


def test_whoever_only_takes_reports_down_may_bring_one_and_reads_nothing(seeded_desk: seeded.Desk) -> None:
    file, _ = laptop.sealed("Not for intake.", card=card(seeded_desk))
    client, token = browser(seeded_desk, "intake")
    answer = send(client, token, file)
    page = answer.content.decode()
    assert answer.status_code == 200 and "taken in and sealed" in page and "Not for intake." not in page


def test_a_bad_file_is_told_in_one_sentence_and_nothing_stays(seeded_desk: seeded.Desk) -> None:
    file, _ = laptop.sealed(card=card(seeded_desk))
    client, token = browser(seeded_desk, "handler:granted")
    before, cases = on_disk(), Case.objects.count()
    for bad in (b"hello", file[:-1], file[:300] + b"x" + file[301:]):
        answer = send(client, token, bad)
        assert answer.status_code == 400 and "Nothing was stored" in answer.content.decode()
    assert send(client, token, b"").status_code == 400
    assert on_disk() == before and Case.objects.count() == cases


@pytest.mark.parametrize("actor", ["auditor", "admin", "evidence", "anonymous"])
def test_others_send_not_one_byte(seeded_desk: seeded.Desk, actor: str) -> None:
    before = on_disk()
    client, token = browser(seeded_desk, actor)
    assert send(client, token, b"x" * 300_000).status_code == 403
    assert on_disk() == before and isinstance(seeded_desk.case, UUID)
