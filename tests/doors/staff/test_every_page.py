"""What every page of the staff door keeps, asked for as a colleague who may open it."""

import re
from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.doors.seeded import Desk
from tests.doors.staff.test_templates import DOOR
from tests.doors.test_who_may import VIEWS, address, allowed

pytestmark = pytest.mark.django_db
WHO = ("lead:granted", "handler:granted", "intake", "evidence", "auditor", "analyst", "admin")
WITHOUT_FRAME = ("staff:join", "staff:sign-out")  # of people who are not signed in, or not any more
PAGES = sorted(name for name in VIEWS if name.startswith("staff:"))


def pages(view: str, desk: Desk) -> Iterator[tuple[str, str]]:
    """(actor, text) of a page, for each colleague to whom the table opens it."""
    for actor in WHO:
        if allowed(view, "GET").get(actor) != 200:
            continue
        with transaction.atomic():
            answer = desk.client(actor).get(address(view, desk))
            transaction.set_rollback(True)
        if not answer.streaming and answer.headers["Content-Type"].startswith("text/html"):
            yield actor, answer.content.decode()


@pytest.mark.parametrize("view", PAGES)
def test_no_page_shows_the_inside_of_the_program(view: str, seeded_desk: Desk) -> None:
    """A value that is named like something of the template language shows that instead: Django's `block` did."""
    for actor, page in pages(view, seeded_desk):
        for inside in ("Block Node", "Node:", "TextNode", " object at 0x", "&lt;function", "&lt;class"):
            assert inside not in page, f"{view} {actor}: {inside}"


@pytest.mark.parametrize("view", [one for one in PAGES if one not in WITHOUT_FRAME])
def test_no_page_hides_a_part_of_its_frame(view: str, seeded_desk: Desk) -> None:
    """A value of a page that is named like one of the frame takes its place: the menu lost "More" on one page."""
    for actor, page in pages(view, seeded_desk):
        assert f"<bdi>{seeded_desk.staff[actor].pseudonym}</bdi>" in page, f"{view} {actor}: who is signed in"
        if actor.startswith(("lead", "handler")):
            assert '<details class="more">' in page, f"{view} {actor}: the rest of the menu"


def test_the_pages_were_looked_at(seeded_desk: Desk) -> None:
    assert sum(len(list(pages(view, seeded_desk))) for view in PAGES) > 80


def test_on_a_small_screen_the_menu_is_folded_and_whole(seeded_desk: Desk) -> None:
    """No script folds it: both stand in the page, and the style shows one of them."""
    page = seeded_desk.client("lead:granted").get("/staff/").content.decode()
    wide = re.search(r'<nav class="wide-screen".*?</nav>', page, re.S)
    small = re.search(r'<details class="small-screen"><summary>Menu</summary>(.*?)</nav>', page, re.S)
    assert wide and small
    entries = re.findall(r'<a href="([^"]+)"', wide[0])
    assert re.findall(r'<a href="([^"]+)"', small[1]) == entries and len(entries) > 8
    assert "<details" not in small[1]
    style = (DOOR / "static" / "staff.css").read_text()
    assert ".small-screen { display: none; }" in style and ".wide-screen { display: none; }" in style
