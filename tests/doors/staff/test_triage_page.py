"""The page of triage: the report beside the few questions that a colleague answers."""

import datetime as dt
import re

import pytest
from django.test import Client

from amparo.desk import assigning
from amparo.doors.staff import labels
from amparo.words.threats import CODES
from tests.doors.seeded import Desk
from tests.doors.staff.pressing import press, shown, work

pytestmark = pytest.mark.django_db


def test_triage_is_one_form_with_what_the_reporter_said_proposed(handler: Client, seeded_desk: Desk) -> None:
    place = f"/staff/case/{seeded_desk.case}/triage/"
    page = shown(handler, place)
    assert page.count('name="threats"') == len(CODES) and 'data-key="n"' in page and 'data-key="s"' in page
    assert "Somebody waits in front of the door." in page  # the report stands beside the questions
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    done = press(handler, place, page, threats=["offline-attack", "doxing"], needs=["safety"], state="open",
                 why="", then="take", version=version[1])
    assert done.status_code == 200 and "Triage of case" in done.content.decode()
    seen = work(seeded_desk)
    assert set(seen.seen.threats) == {"offline-attack", "doxing"} and seen.seen.needs == ("safety",)
    assert seen.who == seeded_desk.staff["handler:granted"].id
    again = shown(handler, place)
    for code in ("offline-attack", "doxing"):
        assert re.search(rf'value="{code}"[^>]* checked', again)


def test_links_lead_past_long_parts_where_no_letter_works(handler: Client, seeded_desk: Desk) -> None:
    """Each target exists and takes the focus. The form names its address, else “#keep” would go on with it to the next
    report, and that one would open at its buttons, unread."""
    place = f"/staff/case/{seeded_desk.case}/triage/"
    for where, first in (("/staff/", r"why-[a-z-]+"), (place, "triage")):
        page = shown(handler, where)
        assert re.search(rf'<a class="skip" href="#main">[^\n]*\n?<a class="skip" href="#{first}">', page), where
        targets = set(re.findall(r'href="#([^"]+)"', page)) - {"keyboard"}
        assert len(targets) >= 2
        for target in targets:
            assert re.search(rf'<[^>]*\bid="{target}"[^>]*tabindex="-1"', page), target
    assert {"main", "triage", "keep", "id_needs", "otherwise"} <= targets
    assert f'<form method="post" action="{place}" class="stack triage" id="triage"' in page


def test_triage_that_meets_a_change_keeps_what_was_typed(handler: Client, seeded_desk: Desk) -> None:
    place = f"/staff/case/{seeded_desk.case}/triage/"
    page = shown(handler, place)
    old = re.search(r'name="version" value="(\d+)"', page)
    assert old
    assigning.take(staff=seeded_desk.staff["lead:granted"], case_id=seeded_desk.case)  # type: ignore[arg-type]
    answer = press(handler, place, page, threats=["doxing"], refuted=["danger"], why="she told me", version=old[1])
    body = answer.content.decode()
    assert answer.status_code == 409 and "she told me" in body and re.search(r'value="doxing"[^>]* checked', body)
    fresh = re.search(r'name="version" value="(\d+)"', body)
    assert fresh and fresh[1] != old[1]
    press(handler, place, body, threats=["doxing"], refuted=["danger"], why="she told me", version=fresh[1])
    assert [one.fact for one in work(seeded_desk).seen.refuted] == ["danger"]
    assert "says that this is not so" in shown(handler, f"/staff/case/{seeded_desk.case}/")


def test_raising_or_refuting_without_a_reason_is_refused(handler: Client, seeded_desk: Desk) -> None:
    place = f"/staff/case/{seeded_desk.case}/triage/"
    answer = press(handler, place, shown(handler, place), threats=["doxing"], refuted=["danger"], why=" ")
    assert answer.status_code == 400 and "without saying how you know" in answer.content.decode()
    assert not work(seeded_desk).seen.times


def test_the_story_comes_first_with_its_day_and_its_files(handler: Client, seeded_desk: Desk) -> None:
    """A new colleague read "tomorrow" in a story of two days ago, and never saw the file that named the hour."""
    for place in (f"/staff/case/{seeded_desk.case}/triage/", f"/staff/case/{seeded_desk.case}/"):
        page = shown(handler, place)
        order = [page.index(text) for text in ('id="story"', "told today, ", "Somebody waits in front of the door.",
                                               "Sent with it:", 'id="why"', 'id="answers"')]
        assert order == sorted(order)
        assert page.count("Somebody waits in front of the door.") == 1


def test_what_would_help_is_proposed_from_what_was_asked_for(handler: Client, seeded_desk: Desk) -> None:
    page = shown(handler, f"/staff/case/{seeded_desk.case}/triage/")
    ticked = set(re.findall(r'name="needs" value="([a-z-]+)"[^>]* checked', page))
    assert "safety" in ticked  # somebody waits in front of the door: act now


def test_what_counts_days_says_so_when_it_is_read_later() -> None:
    told, says = dt.date(2026, 11, 23), "An event within three days"
    assert labels.reason(says, told, told) == says
    assert labels.reason(says, told, dt.date(2026, 11, 25)) == f"{says}, as told on Monday: it may be today, or over"
    assert labels.reason("Danger right now", told, dt.date(2026, 11, 25)) == "Danger right now"


def test_what_would_make_it_more_urgent_never_reads_as_said(handler: Client, seeded_desk: Desk) -> None:
    page = shown(handler, f"/staff/case/{seeded_desk.case}/triage/")
    unsaid = re.search(r'<details class="unsaid">(.*?)</details>', page, re.S)
    assert "What would change it" not in page
    assert unsaid is None or "Nobody has said these things." in unsaid[1]


def test_a_wrong_press_is_one_click_away_from_being_mended(handler: Client, seeded_desk: Desk) -> None:
    place = f"/staff/case/{seeded_desk.case}/triage/"
    page = shown(handler, place)
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version and page.count("data-twice") == 2
    done = press(handler, place, page, threats=["doxing"], needs=[], state="", why="", then="take", version=version[1])
    assert "is kept, and you have the case." in done.content.decode()
    back = shown(handler, f"{place}?kept={seeded_desk.case}")
    assert f'href="{place}"' in back and "to change its triage" in back
    assert "to change its triage" not in shown(handler, f"{place}?kept=<script>")


def test_what_lowers_is_folded_and_says_that_it_is_not_true(handler: Client, seeded_desk: Desk) -> None:
    place = f"/staff/case/{seeded_desk.case}/triage/"
    page = shown(handler, place)
    assert not re.search(r'<details class="more"[^>]* open>', page)
    assert "Not true: " in page and "A tick says: not true." in page
    wrong = press(handler, place, page, threats=["doxing"], refuted=["danger"], why="").content.decode()
    assert re.search(r'<details class="more"[^>]* open>', wrong)
