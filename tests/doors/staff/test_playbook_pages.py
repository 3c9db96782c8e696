"""Playbooks at the staff door: to read, to print, and the hand-out."""

import pytest

from amparo import seal
from amparo.desk import handouts
from amparo.mitigate import playbook, ways
from tests.doors.seeded import Desk

pytestmark = pytest.mark.django_db


def test_every_playbook_is_listed_and_shown_whole(seeded_desk: Desk) -> None:
    client = seeded_desk.client("handler:none")
    page = client.get("/staff/playbooks/").content.decode()
    for code in playbook.codes():
        where = f"/staff/playbooks/{ways.mark(code)}/"
        assert where in page
        book, shown = playbook.load(code, "en"), client.get(where).content.decode()
        assert book is not None
        for node in book.nodes:
            assert node.title.replace("'", "&#x27;") in shown, (code, node.id)
        assert "has reviewed these steps" in shown
    assert client.get("/staff/playbooks/000000/").status_code == 404


@pytest.mark.parametrize("language", ["en", "es", "fr", "ar", "all"])
def test_the_hand_out_is_signed_with_the_number_that_the_page_shows(seeded_desk: Desk, language: str) -> None:
    client = seeded_desk.client("intake")
    page = client.get("/staff/hand-out/").content.decode()
    number = handouts.number()
    assert number in page and len(number.split()) == 8
    answer = client.get(f"/staff/hand-out/{language}/")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="steps-{language}.html"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert seal.fingerprint(seal.check_handout(answer.content)) == number and number.encode() in answer.content
    assert len(answer.content) < (1_500_000 if language == "all" else 600_000)
    for name in ("Lantern", "heron", "testserver", "localhost"):
        assert name.encode() not in answer.content, "the file does not name the desk"


def test_there_is_no_file_in_another_language(seeded_desk: Desk) -> None:
    assert seeded_desk.client("intake").get("/staff/hand-out/xx/").status_code == 404
