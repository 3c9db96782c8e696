"""A stolen session reads the desk in pieces, by searching for words that stand everywhere."""

from uuid import UUID

import pytest
from django.test import Client

from amparo.desk import bulk, reading, search, second
from amparo.desk.records import Case
from tests.attacks.test_bulk_opening import enter
from tests.desk import conftest as given
from tests.desk import people
from tests.desk.test_second import configure

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk
NUMBER = 6


@pytest.fixture
def cases(desk: people.Desk) -> list[UUID]:
    configure(f"bulk_per_hour = {NUMBER}")
    for number in range(8):
        people.report(f"marigold and heather{number} by the river")
    return list(Case.objects.order_by("changed").values_list("id", flat=True))


def shown(found: search.Found) -> set[UUID]:
    return {hit.case for hit in found.hits if hit.snippet}


def test_pieces_are_half_of_the_number_and_all_cases_are_found(desk: people.Desk, cases: list[UUID]) -> None:
    swift = desk.team["Swift"]
    found = search.find(swift, "marigold")
    assert {hit.case for hit in found.hits} == set(cases) and found.total == 8
    assert (len(shown(found)), found.withheld) == (3, 5)
    assert all(hit.state for hit in found.hits)
    for word in (f"heather{number}" for number in range(8)):  # other words, the same hour
        assert shown(search.find(swift, word)) <= shown(found), word
    assert shown(search.find(desk.team["Wren"], "marigold")), "another colleague has a number of their own"


def test_pieces_and_openings_are_one_count(desk: people.Desk, cases: list[UUID]) -> None:
    swift = desk.team["Swift"]
    seen = shown(search.find(swift, "marigold"))
    others = [one for one in cases if one not in seen]
    for one in seen:
        reading.case_page(swift, one)  # counted already
    for one in others[:3]:
        reading.case_page(swift, one)  # what is kept for opening
    with pytest.raises(bulk.BulkLimit):
        reading.case_page(swift, others[3])
    assert shown(search.find(swift, "marigold")) == seen | set(others[:3]), "what was opened may be shown"


def test_no_pieces_after_opening_and_as_many_as_wanted_with_a_colleagues_word(
    desk: people.Desk, cases: list[UUID]
) -> None:
    swift = desk.team["Swift"]
    for one in cases[:4]:
        reading.case_page(swift, one)
    assert shown(search.find(swift, "marigold")) == set(cases[:4])
    second.ask_desk(staff=swift, act="bulk", why="A wave came in.")
    (waits,) = second.waiting(desk.team["Wren"])
    second.answer_desk(staff=desk.team["Wren"], request=waits.request, approve=True)
    found = search.find(swift, "marigold")
    assert shown(found) == set(cases) and found.withheld == 0


def test_the_page_says_why_keeps_what_was_typed_and_shows_no_text(desk: people.Desk, cases: list[UUID]) -> None:
    client: Client = enter(desk, "Swift")
    page = client.post("/staff/search/", {"words": "river"}).content.decode()
    assert "pieces of the texts of at most 3 cases an hour" in page
    assert "5 cases here are listed without their pieces" in page
    assert page.count("heather") == 3 and all(str(one) in page for one in cases)
    assert 'value="river"' in page and 'href="/staff/requests/ask/"' in page
