"""What a colleague tells of themselves, from the account page to where a case is given and to the queue."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from amparo.desk import assigning, queue, reading, site, speaking
from tests.doors.seeded import TOKEN, Desk
from tests.doors.staff.pressing import shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(seeded_desk: Desk) -> Iterator[Client]:
    before = site.told_lines()
    with transaction.atomic():
        yield seeded_desk.client("handler:granted")
        transaction.set_rollback(True)
    site.write_told(before)


def tell(client: Client, **fields: str | list[str]) -> str:
    token = TOKEN.search(shown(client, "/staff/account/"))
    assert token
    answer = client.post("/staff/account/told/", {"csrfmiddlewaretoken": token[1], **fields}, follow=True)
    return str(answer.content.decode())


def test_it_is_off_until_told_and_gone_when_taken_back(handler: Client, seeded_desk: Desk) -> None:
    page, me = shown(handler, "/staff/account/"), seeded_desk.staff["handler:granted"]
    for code in ("es", "fr", "ar", "en"):
        box = re.search(rf'<input[^>]*id="speaks-{code}"[^>]*>', page)
        assert box and "checked" not in box[0]
    assert re.search(r'id="as-none"[^>]* checked', page)
    page = tell(handler, speaks=["es", "fr"], **{"answers-as": "woman"})
    assert "What your colleagues see of you is kept." in page and re.search(r'id="speaks-fr"[^>]* checked', page)
    for place in (f"/staff/case/{seeded_desk.case}/", "/staff/"):
        assert f"{me.pseudonym} · español, français · woman<" in shown(seeded_desk.client("lead:granted"), place), place
    tell(handler)
    assert "français · woman" not in shown(seeded_desk.client("lead:granted"), "/staff/")
    assert speaking.everyone() == {}


def test_the_queue_names_a_language_without_a_known_reader(
    handler: Client, seeded_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = queue.Sheet()
    for case, language in ((seeded_desk.case, "ar"), (uuid.uuid4(), "en")):
        kind = queue.Kind(0, "life", "A reason", "P1", language, (), "", "open", True)
        sheet.insert(case, dt.date(2026, 5, 1), kind)
    monkeypatch.setattr(queue, "load", lambda staff: queue.QueuePage(queue.Rows(sheet), False, (2, 2)))
    assert "no reader known" not in shown(handler, "/staff/")
    tell(handler, speaks=["en"])
    assert "<li>العربية: no reader known<" in shown(handler, "/staff/")
    tell(handler, speaks=["en", "ar"])
    page, me = shown(handler, "/staff/"), seeded_desk.staff["handler:granted"]
    assert "العربية: no reader known" not in page and f"العربية ({me.pseudonym})" in page


def test_giving_begins_with_nobody_and_says_who_has_it(handler: Client, seeded_desk: Desk) -> None:
    place, lead = f"/staff/case/{seeded_desk.case}/", seeded_desk.staff["lead:granted"]
    page = shown(handler, place)
    assert '<select id="give" name="to-colleague"><option value="">' in page
    token = TOKEN.search(page)
    assert token
    nobody = handler.post(f"{place}give/", {"csrfmiddlewaretoken": token[1], "to-colleague": ""})
    assert nobody.status_code == 400 and "No colleague was chosen." in nobody.content.decode()
    assert assigning.is_free(reading.case_page(lead, seeded_desk.case).work.who, {})
    done = handler.post(
        f"{place}give/", {"csrfmiddlewaretoken": token[1], "to-colleague": str(lead.id)}, follow=True
    ).content.decode()
    assert re.search(rf"{lead.pseudonym} has case [0-9A-F-]{{9}} now, and sees it among theirs\.", done)
