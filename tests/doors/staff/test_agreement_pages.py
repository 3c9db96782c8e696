"""The page on which an answer is written down: kept, shown again when refused, strict for somebody under 18."""

from uuid import UUID

import pytest
from django.test import Client

from amparo.desk import agreements, clock, reading
from amparo.doors.staff.views.agreements import STEPS
from tests.desk.test_agreements import young
from tests.doors.seeded import Desk
from tests.doors.staff.pressing import press, shown

pytestmark = pytest.mark.django_db


def place(case: UUID | None) -> str:
    return f"/staff/case/{case}/consent/"


def test_an_answer_is_written_down_and_read_again(handler: Client, seeded_desk: Desk) -> None:
    assert seeded_desk.case
    where = place(seeded_desk.case)
    assert where in shown(handler, f"/staff/case/{seeded_desk.case}/")
    page = shown(handler, where)
    assert "no consent stands" not in page and "Steps that protect" not in page
    version = page.split('name="version" value="')[1].split('"')[0]
    told = {"by": "guardian", "given": "yes", "way": "call", "day": clock.today().isoformat(), "text": "To her lawyer."}
    after = press(handler, where, page, version=version, **told).content.decode()
    assert "A parent or guardian: agreed" in after and "To her lawyer." in after and "counts now" in after
    (one,) = agreements.page(seeded_desk.staff["handler:granted"], seeded_desk.case).records
    assert (one.by, one.way, one.given, one.on) == ("guardian", "call", True, clock.today())


def test_what_was_typed_is_shown_again_when_something_is_missing(handler: Client, seeded_desk: Desk) -> None:
    where = place(seeded_desk.case)
    answer = press(handler, where, shown(handler, where), text="They may tell the lawyer.", by="own")
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "They may tell the lawyer." in page and "still empty" in page


def test_under_18_the_page_says_what_is_missing_and_makes_the_steps_tasks(handler: Client, seeded_desk: Desk) -> None:
    case = young()
    assert "without a consent that is written down" in shown(handler, f"/staff/case/{case}/")
    page = shown(handler, place(case))
    assert "no consent stands" in page and STEPS[0] in page
    after = press(handler, place(case), page, steps="make").content.decode()
    assert "no consent stands" in after and "Make these steps" not in after
    work = reading.case_page(seeded_desk.staff["handler:granted"], case).work
    assert [one.text for one in work.duties] == list(STEPS)


def test_an_export_that_is_refused_says_where_the_consent_is_written(handler: Client, seeded_desk: Desk) -> None:
    case = young()
    where = f"/staff/case/{case}/export/"
    answer = press(handler, where, shown(handler, where), what="whole", way="passphrase",
                   passphrase="seven quiet herons walk along", again="seven quiet herons walk along")
    assert answer.status_code == 400
    assert "Nobody&#x27;s consent is written down" in answer.content.decode()


def test_an_age_that_is_learned_later_is_marked_with_a_reason(handler: Client, seeded_desk: Desk) -> None:
    where = place(seeded_desk.case)
    page = shown(handler, where)
    version = page.split('name="version" value="')[1].split('"')[0]
    assert press(handler, where, page, version=version, young="mark", why=" ").status_code == 400
    after = press(handler, where, page, version=version, young="mark", why="Her teacher said so.").content.decode()
    assert "no consent stands" in after and "Mark as under 18" not in after
    case = shown(handler, f"/staff/case/{seeded_desk.case}/")
    assert "under 18: never publish" in case and "Marked as under 18<" in case and "Her teacher said so." in case
