"""Who may add, on the staff's pages: named for an owner who asked, words read out, taken back."""

import re
from uuid import UUID

import pytest

from amparo.desk import delegates, returning
from tests.doors import seeded
from tests.doors.staff.test_taking_pages import WORD

pytestmark = pytest.mark.django_db


def test_somebody_is_named_and_taken_back(seeded_desk: seeded.Desk) -> None:
    client, where = seeded_desk.client("handler:granted"), f"/staff/case/{seeded_desk.case}/delegates/"
    page = client.get(where).content.decode()
    assert "Nobody but the owner." in page
    form = re.search(r'name="form" value="([0-9a-f-]{36})"', page)
    assert form
    empty = client.post(where, {"form": form[1], "label": " "})
    assert empty.status_code == 400 and "still empty" in empty.content.decode()
    first = client.post(where, {"form": form[1], "label": "her lawyer"})
    again = client.post(where, {"form": form[1], "label": "her lawyer"})
    assert first.headers["Location"] == again.headers["Location"]
    words = WORD.findall(client.get(first.headers["Location"]).content.decode())
    opened = delegates.open_words(" ".join(words))
    assert isinstance(opened, delegates.Adding) and opened.case == seeded_desk.case
    client.post(first.headers["Location"], {"go": "sure"})
    page = client.get(client.get(first.headers["Location"]).headers["Location"]).content.decode()
    assert page.count("her lawyer") == 1 and "handler granted" in page and "taken back" not in page
    delegates.say(opened, "I hold the papers.")
    case = client.get(f"/staff/case/{seeded_desk.case}/").content.decode()
    assert "I hold the papers." in case and "somebody who may add" in case
    revoke = re.search(r'action="([^"]+/revoke/)"', page)
    assert revoke and UUID(revoke[1].split("/")[-3]) == opened.id
    assert client.post(revoke[1]).status_code == 302
    assert "taken back" in client.get(where).content.decode()
    with pytest.raises(returning.WrongReceipt):
        delegates.open_words(" ".join(words))
    case = client.get(f"/staff/case/{seeded_desk.case}/").content.decode()
    assert "I hold the papers." in case and "somebody who may add, origin not proven" not in case
