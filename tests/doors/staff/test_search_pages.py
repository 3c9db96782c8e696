"""The pages of search and of doubles: what they show, what they keep to themselves."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from amparo.desk import masks, returning
from amparo.desk.sessions import SessionStore
from tests.desk import people as desks
from tests.doors import conftest as given
from tests.doors import seeded

seeded_desk = given.seeded_desk
pytestmark = pytest.mark.django_db
STORY = "Three men in a grey car waited before our office on Tuesday and wrote down who came in and who left again."


@pytest.fixture
def two(seeded_desk: seeded.Desk) -> Iterator[tuple[seeded.Desk, UUID, UUID]]:
    with transaction.atomic():
        made = []
        for text in (STORY, STORY + " Café Zentral, <b>+380671234567</b>"):
            words, _ = desks.report(text)
            made.append(returning.open_receipt(" ".join(words)).case)
        yield seeded_desk, made[0], made[1]
        transaction.set_rollback(True)


def found(client: Client, words: str) -> str:
    answer = client.post("/staff/search/", {"words": words})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_find_is_marked_and_escaped_and_stands_in_no_address(two: tuple[seeded.Desk, UUID, UUID]) -> None:
    desk, _one, other = two
    client = desk.client("handler:granted")
    page = found(client, "cafe zentral")
    assert "<mark>Café Zentral</mark>" in page
    assert "&lt;b&gt;" in page
    assert "<b>+" not in page
    assert str(other) in page
    assert not [url for url in re.findall(r'(?:href|action)="([^"]*)"', page) if "zentral" in url.lower()]
    assert client.get("/staff/search/?words=zentral").status_code == 302
    assert "zentral" not in repr(dict(SessionStore(client.cookies["s"].value).items())).lower()


def test_case_numbers_and_reasons_are_found_with_the_same_words(two: tuple[seeded.Desk, UUID, UUID]) -> None:
    desk, one, _other = two
    page = found(desk.client("handler:granted"), one.hex[:8])
    assert str(one) in page


def test_an_empty_search_asks_for_words_and_a_fruitless_one_says_so(two: tuple[seeded.Desk, UUID, UUID]) -> None:
    desk, _one, _other = two
    client = desk.client("handler:granted")
    answer = client.post("/staff/search/", {"words": " "})
    assert answer.status_code == 400
    assert "Type at least two letters" in answer.content.decode()
    assert "stand in no text of your cases" in found(client, "xylophone")


def test_doubles_are_listed_compared_and_noted(two: tuple[seeded.Desk, UUID, UUID]) -> None:
    desk, one, other = two
    client = desk.client("lead:granted")
    listed = client.get("/staff/twins/").content.decode()
    address = next(url for url in re.findall(r'href="([^"]+)"', listed) if str(one) in url and str(other) in url)
    page = client.get(address).content.decode()
    assert page.count("Three men in a grey car") == 2
    assert "checked" not in page, "nothing is chosen beforehand"
    versions = dict(re.findall(r'name="((?:other_)?version)" value="(\d+)"', page))
    empty = client.post(address, {**versions, "why": "my reason"})
    assert empty.status_code == 400
    assert "my reason" in empty.content.decode()
    done = client.post(address, {**versions, "verdict": "same", "why": "sent twice", "close": "none"})
    assert done.status_code == 302
    assert address not in client.get("/staff/twins/").content.decode()
    for case in (one, other):
        assert "sent twice" in client.get(f"/staff/case/{case}/twins/").content.decode()
    undone = client.post(address, {"back": "yes", "why": "no, another car"})
    assert undone.status_code == 302
    assert "sent twice" not in client.get(f"/staff/case/{one}/twins/").content.decode()


def test_what_is_masked_stands_on_none_of_these_pages(two: tuple[seeded.Desk, UUID, UUID]) -> None:
    desk, one, other = two
    client = desk.client("lead:granted")
    masks.mask(staff=desk.staff["lead:granted"], case_id=other, text="Cafe Zentral", why="asked for")
    pages = [found(client, "grey car"), client.get("/staff/twins/").content.decode()]
    pages += [client.get(f"/staff/case/{one}/twins/{other}/").content.decode()]
    assert all("Zentral" not in page for page in pages)
    assert "█████" in pages[2]
    assert "stand in no text" in found(client, "zentral")


def test_doubles_of_others_are_not_told(two: tuple[seeded.Desk, UUID, UUID]) -> None:
    desk, one, other = two
    assert desk.case
    client = desk.client("handler:none")  # hired after the seeded case, before these two
    assert client.get(f"/staff/case/{one}/twins/{desk.case}/").status_code == 404
    assert client.get(f"/staff/case/{desk.case}/twins/{one}/").status_code == 404
    assert client.get(f"/staff/case/{one}/twins/{other}/").status_code == 200
