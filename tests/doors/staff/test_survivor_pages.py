"""What a colleague's pages do for somebody who survived violence: her wish, a veil, and nothing asked twice."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from amparo.desk import reading, returning, speaking
from tests.desk import people
from tests.doors.seeded import Desk
from tests.doors.staff.pressing import press, shown

pytestmark = pytest.mark.django_db
STORY = "He shows them to everybody at work."


@pytest.fixture
def handler(seeded_desk: Desk) -> Iterator[Client]:
    with transaction.atomic():
        yield seeded_desk.client("handler:granted")
        transaction.set_rollback(True)
    for who in ("handler:granted", "lead:granted"):
        speaking.forget(seeded_desk.staff[who].id)


def report(*, threats: tuple[str, ...] = ("intimate-image",), **answers: list[str]) -> UUID:
    words, _ = people.report(STORY, threats=list(threats), answered_by=["woman"], **answers)
    access = returning.open_receipt(" ".join(words))
    returning.say(access, "He wrote again, the same words.")
    return access.case


def holder(desk: Desk, case: UUID) -> UUID | None:
    return reading.case_page(desk.staff["handler:granted"], case).work.who


def test_taking_a_case_that_asks_for_a_woman_is_confirmed(handler: Client, seeded_desk: Desk) -> None:
    case = report()
    where, page = f"/staff/case/{case}/take/", shown(handler, f"/staff/case/{case}/")
    assert "If you answer all the same, say so first." in page and 'name="take"' not in page
    asked = press(handler, where, page)
    assert asked.status_code == 409 and "asks for a woman" in asked.content.decode()
    assert holder(seeded_desk, case) is None
    press(handler, where, asked.content.decode(), sure="yes")
    assert holder(seeded_desk, case) == seeded_desk.staff["handler:granted"].id


def test_giving_it_is_confirmed_and_the_chosen_colleague_kept(handler: Client, seeded_desk: Desk) -> None:
    case, lead = report(), seeded_desk.staff["lead:granted"]
    where, page = f"/staff/case/{case}/give/", shown(handler, f"/staff/case/{case}/")
    asked = press(handler, where, page, **{"to-colleague": str(lead.id)}).content.decode()
    assert f'name="to-colleague" value="{lead.id}"' in asked
    press(handler, where, asked, sure="yes", **{"to-colleague": str(lead.id)})
    assert holder(seeded_desk, case) == lead.id


def test_who_answers_as_a_woman_is_asked_nothing(handler: Client, seeded_desk: Desk) -> None:
    case, me = report(), seeded_desk.staff["handler:granted"]
    speaking.tell(staff=me, languages=(), answers_as="woman")
    page = shown(handler, f"/staff/case/{case}/")
    assert "If you answer all the same" not in page
    assert press(handler, f"/staff/case/{case}/take/", page).status_code == 200
    assert holder(seeded_desk, case) == me.id


def unveiled(page: str) -> str:
    return re.sub(r'<details class="veil">.*?</details>', "", page, flags=re.S)


@pytest.mark.parametrize("where", ["", "triage/"])
def test_her_words_about_intimate_images_stand_behind_a_veil(handler: Client, where: str) -> None:
    page = shown(handler, f"/staff/case/{report()}/{where}")
    for words in (STORY, "the same words"):
        assert words in page and words not in unveiled(page)
    assert "May be hard to read (Abuse of intimate images)" in page


def test_other_reports_stand_open(handler: Client) -> None:
    page = shown(handler, f"/staff/case/{report(threats=('doxing',))}/")
    assert STORY in unveiled(page) and 'class="veil"' not in page


def test_beside_the_answer_stands_what_must_not_be_asked_again(handler: Client) -> None:
    page = shown(handler, f"/staff/case/{report(dependants=['yes'])}/")
    told = page.split("Told already: do not ask again")[1].split("</details>")[0]
    assert "What happened?" in told and "Are children, or people who depend on you, at risk too?" in told
    assert "When did it happen" not in told, "what was not answered is not among it"
