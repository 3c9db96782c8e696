"""Somebody approves their own request: directly, by a forged row, by a second account in the same browser."""

from uuid import UUID, uuid4

import pytest
from django.test import Client

from amparo import seal
from amparo.desk import clock, letters, payloads, second
from amparo.desk.records import Case, SessionRow
from tests.attacks.test_insider_with_the_database import plant
from tests.desk import conftest as given
from tests.desk import people
from tests.desk.test_second import configure

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


@pytest.fixture
def asked(desk: people.Desk) -> tuple[UUID, UUID]:
    """(case, request): Swift wants to export."""
    configure("second_person = true")
    people.report("They wait at my gate.")
    case = Case.objects.get().id
    return case, second.ask(staff=desk.team["Swift"], case_id=case, act="export", why="for a friend")


def refused(desk: people.Desk, case: UUID) -> None:
    with pytest.raises(second.NeedsSecond):
        second.allow(staff=desk.team["Swift"], act="export", case_ids=[case])


def test_directly(desk: people.Desk, asked: tuple[UUID, UUID]) -> None:
    with pytest.raises(second.OwnRequest):
        second.answer(staff=desk.team["Swift"], case_id=asked[0], request=asked[1], approve=True)
    refused(desk, asked[0])


def approval(request: UUID, answer: str = "approved") -> payloads.Request:
    return payloads.Request(at=clock.now(), request=request, act="export", why="", answer=answer)


def test_by_a_writing_of_their_own_put_into_the_database(desk: people.Desk, asked: tuple[UUID, UUID]) -> None:
    plant(asked[0], approval(asked[1]), desk.team["Swift"].author())
    refused(desk, asked[0])


def test_by_a_writing_in_anothers_name(desk: people.Desk, asked: tuple[UUID, UUID]) -> None:
    plant(asked[0], approval(asked[1]), seal.Author("staff", desk.lead.id, desk.team["Swift"].keys.sign.private))
    plant(asked[0], approval(asked[1]), seal.Author("staff", uuid4(), seal.new_sign_pair().private))
    refused(desk, asked[0])


def test_by_an_answer_that_comes_before_the_question(desk: people.Desk, asked: tuple[UUID, UUID]) -> None:
    other = uuid4()
    plant(asked[0], approval(other), desk.team["Wren"].author())
    plant(asked[0], payloads.Request(at=clock.now(), request=other, act="export", why="x"),
          desk.team["Swift"].author())
    refused(desk, asked[0])


def test_by_a_colleague_who_may_not_read_the_case(desk: people.Desk, asked: tuple[UUID, UUID]) -> None:
    stranger = people.join(desk, "Crane")
    plant(asked[0], approval(asked[1]), stranger.author())
    refused(desk, asked[0])


def test_by_an_approval_used_twice(desk: people.Desk, asked: tuple[UUID, UUID]) -> None:
    second.answer(staff=desk.team["Wren"], case_id=asked[0], request=asked[1], approve=True)
    second.allow(staff=desk.team["Swift"], act="export", case_ids=[asked[0]])
    plant(asked[0], approval(asked[1]), desk.team["Wren"].author())
    refused(desk, asked[0])


def test_by_a_letter_to_oneself(desk: people.Desk, asked: tuple[UUID, UUID]) -> None:
    people.report("another")
    both = list(Case.objects.values_list("id", flat=True))
    swift, lead = desk.team["Swift"], desk.lead
    request = second.ask_desk(staff=lead, act="export", why="we leave")
    with pytest.raises(second.NotFound):
        second.answer_desk(staff=lead, request=request, approve=True)
    letters.write(staff=lead, to=[lead.id], kind="notice", text="", thread=request,
                  facts={"act": "export", "answer": "approved"})
    with pytest.raises(second.NeedsSecond):
        second.allow(staff=lead, act="export", case_ids=both)
    second.answer_desk(staff=swift, request=request, approve=True)
    second.allow(staff=lead, act="export", case_ids=both)


def enter(client: Client, desk: people.Desk, name: str, code: int) -> None:
    login = f"login of {name}"
    page = client.post("/staff/in/", {"login": login, "password": people.PASSWORD})
    assert page.status_code == 302, page.content
    page = client.post("/staff/in/code/", {"code": desk.factors[name].recovery_codes[code]})
    assert page.status_code == 302


def test_by_a_second_account_in_the_same_browser(desk: people.Desk, asked: tuple[UUID, UUID]) -> None:
    """Swift holds Wren's password, too, and signs in as her where Swift was signed in."""
    client = Client()
    enter(client, desk, "Swift", 0)
    enter(client, desk, "Wren", 0)
    where = f"/staff/case/{asked[0]}/second/{asked[1]}/answer/"
    assert str(asked[1]) in client.get("/staff/requests/").content.decode()
    answer = client.post(where, {"answer": "approve"})
    assert answer.status_code == 403 and "Nobody approves" in answer.content.decode()
    refused(desk, asked[0])
    other = Client()
    enter(other, desk, "Wren", 1)
    assert other.post(where, {"answer": "approve"}).status_code == 302
    second.allow(staff=desk.team["Swift"], act="export", case_ids=[asked[0]])


def test_the_trace_of_earlier_accounts_is_sealed_with_the_session(desk: people.Desk) -> None:
    client = Client()
    enter(client, desk, "Swift", 0)
    enter(client, desk, "Wren", 0)


    assert not any(str(desk.team["Swift"].id).encode() in bytes(row.body) for row in SessionRow.objects.all())


def test_whoever_is_refused_is_shown_where_to_ask(desk: people.Desk, asked: tuple[UUID, UUID]) -> None:
    client = Client()
    client.post("/staff/in/", {"login": "lead-login-name", "password": people.PASSWORD})
    client.post("/staff/in/code/", {"code": desk.founded.set_up.recovery_codes[0]})
    where = f"/staff/case/{asked[0]}/erase/"
    answer = client.post(where, {"why": "asked for on the telephone", "sure": "yes"})
    page = answer.content.decode()
    assert answer.status_code == 403 and f'href="/staff/case/{asked[0]}/second/"' in page
    assert "asked for on the telephone" in page and Case.objects.filter(id=asked[0]).exists()
