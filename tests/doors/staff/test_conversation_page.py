"""The page of a conversation: in order, with everything that must be known before anyone relies on it."""

import re

import pytest
from django.test import Client

from amparo.doors.staff import conversing
from tests.doors.seeded import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(seeded_desk: Desk) -> Client:
    return seeded_desk.client("handler:granted")


@pytest.fixture
def place(seeded_desk: Desk) -> str:
    return f"/staff/case/{seeded_desk.case}/conversation/{seeded_desk.conversation}/"


def shown(client: Client, place: str) -> str:
    answer = client.get(place)
    assert answer.status_code == 200
    return answer.content.decode()


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_case_and_the_piece_lead_to_it(handler: Client, place: str, seeded_desk: Desk) -> None:
    for page in (f"/staff/case/{seeded_desk.case}/", f"/staff/case/{seeded_desk.case}/evidence/{seeded_desk.item}/"):
        text = shown(handler, page)
        assert place in text and "Read the conversation (250 messages)" in text


def test_counts_stand_on_top_and_what_is_missing_is_said(handler: Client, place: str) -> None:
    text = plain(shown(handler, place))
    assert "250 messages, 2 people, 2 March 2024, 2 files sent (1 of them in the export)" in text
    assert "Time zone not known" in text
    assert "Only the first 2 are shown. 248 more stand in the file" in text
    assert "look like the start of another message, in another form: 2 (first at line 9)" in text
    assert "Page 1 of 1" in text and "Origin not proven" not in text


def test_messages_stand_in_order_with_sender_time_files_and_place(handler: Client, place: str) -> None:
    page = shown(handler, place)
    first, second = re.findall(r'<li class="said">(.*?)</li>\s*(?=<li class="said">|</ol>)', page, re.S)
    assert "Ana [U+202E]gpj" in first and "\u202e" not in page
    assert "We wait<br>at the &lt;b&gt;gate&lt;/b&gt;." in first and 'dir="auto"' in first
    assert "2 March 2024, 21:05" in plain(first) and "line 1" in first
    assert "gate.jpg in the export" in plain(first)
    assert "a file whose name is not told not in the export" in plain(first)
    assert "time not understood, it says: 99/99/2024, 21:06" in plain(second)
    assert "deleted; the text is not in the file" in second and "line 3" in second


def test_two_readings_of_the_dates_are_said_and_a_person_chooses(handler: Client, place: str) -> None:
    page = shown(handler, place)
    assert "nothing in the file decides. They are shown as day, month, year" in plain(page)
    assert f'href="{place}?read=other"' in page and "Show them as month, day, year" in plain(page)
    other = plain(shown(handler, place + "?read=other"))
    assert "3 February 2024, 21:05" in other and "2 March 2024" not in other
    assert "The dates are shown as you chose: month, day, year." in other


@pytest.mark.parametrize("query", ["?page=2", "?page=0", "?page=99999"])
def test_a_page_that_is_not_there_answers_in_a_sentence(handler: Client, place: str, query: str) -> None:
    answer = handler.get(place + query)
    assert answer.status_code == 404 and "no such page" in answer.content.decode()


@pytest.mark.parametrize("query", ["?page=x", "?page=-1", "?page=٣", "?page=1111111111", "?read=x"])
def test_a_strange_address_shows_the_first_page(handler: Client, place: str, query: str) -> None:
    assert "Page 1 of 1" in plain(shown(handler, place + query))


def test_another_item_of_the_case_is_no_conversation(handler: Client, seeded_desk: Desk) -> None:
    for item in (seeded_desk.item, seeded_desk.copy, seeded_desk.finding):
        assert handler.get(f"/staff/case/{seeded_desk.case}/conversation/{item}/").status_code == 404


def test_the_title_is_neutral_and_the_page_is_not_kept(handler: Client, place: str) -> None:
    answer = handler.get(place)
    title = re.search(r"<title>(.*?)</title>", answer.content.decode())
    assert title and re.fullmatch(r"Conversation in case [0-9A-F]{4}-[0-9A-F]{4}", title[1])
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(("text", "kept"), [
    ("علی\u200cرضا", "علی\u200cرضا"), ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
    ("a\u202eb\u2066c", "a[U+202E]b[U+2066]c"), ("a\u200bb\ufeffc\x00", "a[U+200B]b[U+FEFF]c[U+0000]"),
])
def test_texts_hide_nothing_and_keep_what_scripts_need(text: str, kept: str) -> None:
    assert conversing.readable(text, 100) == conversing.readable(text, 100, line=True) == kept


def test_a_name_holds_no_line_end_and_no_mark_a_text_may() -> None:
    assert conversing.readable("a\nb\u200fc", 100) == "a\nb\u200fc"
    assert conversing.readable("a\nb\u200fc", 100, line=True) == "a[U+000A]b[U+200F]c"
