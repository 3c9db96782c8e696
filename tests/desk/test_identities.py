"""An identity kept apart: never with the case, shown once, and everybody sees who asked and why."""

from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client

from amparo.desk import clock, custody, identities, opening, payloads, queue, reading, second, writing
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.records import Case
from tests.desk import people as made
from tests.desk.test_second import configure

NAME = "Fictional Person, Lantern street 5"


@pytest.fixture
def case(desk: made.Desk) -> UUID:
    made.report("They wait at my gate.")
    one = Case.objects.get()
    opened = opening.for_staff(desk.lead.id, desk.lead.keys.kex.private, one.id)
    with transaction.atomic():
        writing.write_item(case=one, payload=payloads.Identity(at=clock.now(), text=NAME),
                           author=desk.lead.author(), epoch=opened.epoch)
    return one.id


def browser(desk: made.Desk, name: str) -> Client:
    client = Client()
    client.post("/staff/in/", {"login": f"login of {name}", "password": made.PASSWORD})
    client.post("/staff/in/code/", {"code": desk.factors[name].recovery_codes[0]})
    return client


def test_the_case_says_only_that_there_is_one(desk: made.Desk, case: UUID) -> None:
    page = reading.case_page(desk.team["Wren"], case)
    assert "identity" in page.notices and NAME not in repr(page)
    assert len(queue.load(desk.team["Wren"]).rows) == 1
    client = browser(desk, "Wren")
    shown = client.get(f"/staff/case/{case}/").content.decode()
    assert "An identity is kept apart" in shown and "Lantern" not in shown
    assert "Lantern" not in client.get(f"/staff/case/{case}/identity/").content.decode()
    assert "Lantern" not in client.post("/staff/find/", {"words": "Lantern"}).content.decode().replace(
        'value="Lantern"', "")


def test_without_a_second_person_the_reason_alone_opens_it_once(desk: made.Desk, case: UUID) -> None:
    with pytest.raises(DeskError, match="no reason"):
        identities.ask(staff=desk.team["Wren"], case_id=case, why=" ")
    client = browser(desk, "Wren")
    where = f"/staff/case/{case}/identity/"
    answer = client.post(where, {"why": "The court asks tomorrow."}).content.decode()
    assert NAME in answer and "<details" in answer  # which the print leaves out
    assert NAME not in client.get(where).content.decode()
    for reader in (desk.lead, desk.team["Swift"]):
        (one,) = identities.page(reader, case).history
        assert (one.who, one.why, one.state) == ("Wren", "The court asks tomorrow.", "used") and one.used_at
    with pytest.raises(second.NeedsSecond):
        identities.show(staff=desk.team["Wren"], case_id=case, request=one.request)
    assert second.waiting_count(desk.lead) == 0
    acts = [line.entry.action for line in custody.lines(case=case)]
    assert acts.count("identity-asked") == acts.count("identity-shown") == 1


def test_with_a_second_person_it_waits_and_then_opens_once(desk: made.Desk, case: UUID) -> None:
    configure("second_person = true")
    wren = desk.team["Wren"]
    assert identities.ask(staff=wren, case_id=case, why="The court asks tomorrow.") == ()
    (waits,) = second.waiting(desk.team["Swift"])
    with pytest.raises(second.NeedsSecond):
        identities.show(staff=wren, case_id=case, request=waits.request)
    second.answer(staff=desk.team["Swift"], case_id=case, request=waits.request, approve=True)
    for other in (desk.lead, desk.team["Swift"]):
        with pytest.raises(second.NeedsSecond):
            identities.show(staff=other, case_id=case, request=waits.request)
    client = browser(desk, "Wren")
    where = f"/staff/case/{case}/identity/"
    page = client.get(where).content.decode()
    assert f'value="{waits.request}"' in page and NAME not in page
    assert NAME in client.post(where, {"show": str(waits.request)}).content.decode()
    again = client.post(where, {"show": str(waits.request)})
    assert again.status_code == 403 and NAME not in again.content.decode()
    (one,) = identities.page(desk.lead, case).history
    assert one.answer and (one.answer.who, one.state) == ("Swift", "used")


def test_a_refusal_shows_nothing_and_stays(desk: made.Desk, case: UUID) -> None:
    configure("second_person = true")
    identities.ask(staff=desk.team["Wren"], case_id=case, why="curious")
    (waits,) = second.waiting(desk.lead)
    second.answer(staff=desk.lead, case_id=case, request=waits.request, approve=False, words="No need.")
    with pytest.raises(second.NeedsSecond):
        identities.show(staff=desk.team["Wren"], case_id=case, request=waits.request)
    assert identities.page(desk.team["Swift"], case).history[0].state == "refused"


def test_what_is_not_there_is_told(desk: made.Desk) -> None:
    made.report("without")
    case = Case.objects.get().id
    with pytest.raises(NotFound):
        identities.ask(staff=desk.lead, case_id=case, why="x")
    with pytest.raises(second.NeedsSecond):
        identities.show(staff=desk.lead, case_id=case, request=uuid4())
    assert not identities.page(desk.lead, case).there
