"""Prepared replies: chosen with the story in sight."""

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from tests.doors.seeded import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(seeded_desk: Desk) -> Iterator[Client]:
    with transaction.atomic():
        yield seeded_desk.client("handler:granted")
        transaction.set_rollback(True)


def shown(client: Client, where: str) -> str:
    answer = client.get(where)
    assert answer.status_code == 200, where
    return str(answer.content.decode())


def test_a_prepared_reply_stands_beside_the_story_and_begins_in_the_list(handler: Client, seeded_desk: Desk) -> None:
    place = f"/staff/case/{seeded_desk.case}/prepared/"
    listed = shown(handler, place)
    assert len(re.findall(r'<span lang="en" dir="ltr">[A-Z]', listed)) == 8
    for page in (listed, shown(handler, f"{place}?reply=received")):
        told = page[page.index('id="told"'):]
        assert "Somebody waits in front of the door." in told
    assert "Checked on" not in page and "The text is of" in page
