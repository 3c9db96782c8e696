"""A stolen session opens case after case: it comes as far as the number of an hour, and no further without a word."""

import re

import pytest
from django.test import Client

from amparo.desk import custody, second
from amparo.desk.records import Case
from tests.desk import conftest as given
from tests.desk import people
from tests.desk.test_second import configure

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


def enter(desk: people.Desk, name: str) -> Client:
    client = Client()
    client.post("/staff/in/", {"login": f"login of {name}", "password": people.PASSWORD})
    client.post("/staff/in/code/", {"code": desk.factors[name].recovery_codes[0]})
    return client


@pytest.fixture
def cases(desk: people.Desk) -> list[str]:
    configure("bulk_per_hour = 5")
    for number in range(7):
        people.report(f"report {number}", files=(("a.txt", b"evidence"),) if number == 0 else ())
    return [f"/staff/case/{one}/" for one in Case.objects.order_by("changed").values_list("id", flat=True)]


def test_it_is_stopped_told_and_goes_on_with_a_colleagues_word(desk: people.Desk, cases: list[str]) -> None:
    thief = enter(desk, "Swift")
    assert [thief.get(one).status_code for one in cases] == [200] * 5 + [429] * 2
    page = thief.get(cases[6]).content.decode()
    assert "at most 5 cases" in page
    ask = re.search(r'href="(/staff/requests/ask/\?to=[^"]+)"', page)
    assert ask and cases[6].replace("/", "%2F") in ask[1]
    kept = thief.get(ask[1]).content.decode()
    assert f'name="to" value="{cases[6]}"' in kept
    told = thief.post(ask[1], {"act": "bulk", "why": "A wave came in.", "to": cases[6]}).content.decode()
    assert f'href="{cases[6]}"' in told, "what was asked for is one click away"
    assert thief.get(cases[6]).status_code == 429
    (waits,) = second.waiting(desk.team["Wren"])
    with pytest.raises(second.NotFound):
        second.answer_desk(staff=desk.team["Swift"], request=waits.request, approve=True)
    second.answer_desk(staff=desk.team["Wren"], request=waits.request, approve=True)
    assert [thief.get(one).status_code for one in cases] == [200] * 7
    acts = [line.entry.action for line in custody.lines(newest=5)]
    assert "asked" in acts and "approved" in acts


def test_another_way_in_is_the_same_count(desk: people.Desk, cases: list[str]) -> None:
    """Forms that show the case, the files of a case, a new sign-in: none of them begins at nothing."""
    thief = enter(desk, "Swift")
    for one in cases[:5]:
        thief.get(one)
    thief.cookies.clear()
    again = Client()
    again.post("/staff/in/", {"login": "login of Swift", "password": people.PASSWORD})
    again.post("/staff/in/code/", {"code": desk.factors["Swift"].recovery_codes[1]})
    assert again.get(cases[5]).status_code == 429
    assert again.post(f"{cases[6]}note/", {"text": ""}).status_code == 429
    piece = re.search(r'(/staff/case/[^"]+/evidence/[^"]+/)original/', again.get(cases[0]).content.decode())
    assert piece
    assert again.post(f"{piece[1]}original/").status_code == 429


def test_what_was_typed_is_shown_where_the_number_is_reached(desk: people.Desk, cases: list[str]) -> None:
    thief = enter(desk, "Swift")
    for one in cases[:5]:
        thief.get(one)
    answer = thief.post(f"{cases[6]}note/", {"text": "", "why": "a long thought"})
    assert answer.status_code == 429 and "a long thought" in answer.content.decode()


def test_a_mondays_work_never_meets_it(desk: people.Desk) -> None:
    """Forty reports, each opened several times, with the number as it comes."""
    from amparo.desk import reading

    for number in range(40):
        people.report(f"report {number}")
    for _ in range(2):
        for case in Case.objects.values_list("id", flat=True):
            reading.case_page(desk.team["Swift"], case)
