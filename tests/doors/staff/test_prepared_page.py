"""Prepared replies: chosen with the story in sight."""

import re

import pytest
from django.test import Client

from tests.doors.seeded import Desk
from tests.doors.staff.pressing import shown

pytestmark = pytest.mark.django_db


def test_a_prepared_reply_stands_beside_the_story_and_begins_in_the_list(handler: Client, seeded_desk: Desk) -> None:
    place = f"/staff/case/{seeded_desk.case}/prepared/"
    listed = shown(handler, place)
    assert len(re.findall(r'<span lang="en" dir="ltr">[A-Z]', listed)) == 8
    for page in (listed, shown(handler, f"{place}?reply=received")):
        told = page[page.index('id="told"'):]
        assert "Somebody waits in front of the door." in told
    assert "Checked on" not in page and "The text is of" in page
