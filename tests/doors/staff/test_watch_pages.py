"""The page of the escalation watch through the browser a colleague has: read, add, refute, sign, take along."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from amparo.desk import casework, clock, escalating, returning
from amparo.doors.staff import drawing, labels
from amparo.words import escalation as said
from tests.desk import people
from tests.doors.seeded import TOKEN, Desk
from tests.doors.staff.pressing import shown

pytestmark = pytest.mark.django_db


def press(client: Client, where: str, page: str, **fields: Any) -> Any:
    token, version = TOKEN.search(page), re.search(r'name="version" value="(\d+)"', page)
    assert token and version
    return client.post(where, {"csrfmiddlewaretoken": token[1], "version": version[1], **fields}, follow=True)


def place(desk: Desk) -> str:
    return f"/staff/case/{desk.case}/watch/"


def fields_of(page: str, form: str) -> set[str]:
    found = re.search(rf'<form[^>]*id="{form}".*?</form>', page, re.S)
    assert found
    return set(re.findall(r'name="(\w+)"', found[0]))


def level(page: str) -> str:
    found = re.search(r'<p class="lead"><span class="level level-\w+">([^<]+)</span>', page)
    assert found
    return found[1]


def test_an_event_takes_one_choice_and_one_press(handler: Client, seeded_desk: Desk) -> None:
    """Under twenty seconds: the day is there already, everything else may stay empty."""
    where = place(seeded_desk)
    page = shown(handler, where)
    assert fields_of(page, "event") == {"csrfmiddlewaretoken", "version", "what", "kind", "marks", "day", "by", "text"}
    today = re.search(r'name="day" value="(\d{4}-\d\d-\d\d)"', page)
    assert today and today[1] == clock.today().isoformat()
    done = press(handler, f"{where}add/", page, what="event", kind="break-in", day=today[1])
    body = done.content.decode()
    assert done.redirect_chain[0][0] == f"{where}#said" and "The event is kept." in body and "Break-in" in body
    line = re.search(r'<li class="offline">(.*?)</li>', shown(handler, where.removesuffix("watch/")), re.S)
    assert line and labels.day(clock.today()) in line[1] and "Break-in" in line[1]  # on the timeline of its case, too
    assert '<circle cx=' in body and 'class="offline"' in body


def test_a_level_is_read_added_to_refuted_and_signed_by_two(handler: Client, seeded_desk: Desk) -> None:
    where = place(seeded_desk)
    page = shown(handler, where)
    assert level(page) == "act now" and "Danger right now" in page  # the report says so
    assert '<input type="radio" form="refute" name="of" value="a:danger:yes:1">' in page
    body = press(handler, f"{where}refute/", page, of="a:danger:yes:1",
                 why="She is abroad since Monday.").content.decode()
    assert level(body) != "act now" and "Refuted by" in body and "She is abroad since Monday." in body
    lead = seeded_desk.client("lead:granted")
    press(lead, f"{where}add/", shown(lead, where), what="event", kind="doxing", marks=["home-address"],
          day=clock.today().isoformat(), by="private")
    body = press(lead, f"{where}add/", shown(lead, where), what="event", kind="threat", marks=["dated"],
                 day=clock.today().isoformat(), text="on Friday, they wrote").content.decode()
    assert level(body) == "act now" and "Home is known, and a threat names a time or place" in body
    assert body.count("If this were refuted it would be") == 2 and "on Friday, they wrote" in body
    assert "Private facts published (The home address, Private people)" in body
    ids = re.findall(r'\bid="([^"]+)"', body)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'<a href="#([^"]+)"', body):
        assert target in ids, target
    body = press(handler, f"{where}sign/", shown(handler, where), level="P0", due="+12h",
                 text="The lead calls her.").content.decode()
    assert "To be looked at again by" in body and "The lead calls her." in body
    assert "Something has changed since then" not in body
    case = shown(lead, f"/staff/case/{seeded_desk.case}/")
    assert "Look at the level of the escalation watch again" in case and f'href="{where}"' in case
    body = press(lead, f"{where}add/", shown(lead, where), what="answer", question="own-fear", value="yes",
                 ).content.decode()
    assert "Something has changed since then" in body


def test_what_is_typed_comes_back_when_it_cannot_be_kept(handler: Client, seeded_desk: Desk) -> None:
    where = place(seeded_desk)
    page = shown(handler, where)
    answer = press(handler, f"{where}add/", page, what="event", kind="", day="2026-13-01", text="they rang twice")
    body = answer.content.decode()
    assert answer.status_code == 400 and 'value="they rang twice"' in body and "2027-05-31" in body
    answer = press(handler, f"{where}refute/", page, of="a:danger:yes:1", why=" ")
    assert answer.status_code == 400 and 'value="a:danger:yes:1" checked' in answer.content.decode()
    answer = press(handler, f"{where}refute/", page, why="she told me so")
    assert answer.status_code == 400 and "she told me so" in answer.content.decode()
    answer = press(handler, f"{where}refute/", page, of="a:nothing:yes:1", why="she said so")
    assert answer.status_code == 404
    answer = press(handler, f"{where}sign/", page, level="P3", due="+12h", text="quiet now")
    body = answer.content.decode()
    assert answer.status_code == 409 and "quiet now" in body and "Meanwhile the level is another one." in body
    answer = press(handler, f"{where}sign/", page, level="P0", due="+400d", text="quiet now")
    assert answer.status_code == 400 and "90 days" in answer.content.decode()
    casework.note(staff=seeded_desk.staff["lead:granted"], case_id=seeded_desk.case, text="meanwhile")  # type: ignore[arg-type]
    answer = press(handler, f"{where}add/", page, what="event", kind="visit", day=clock.today().isoformat(),
                   text="at six")
    assert answer.status_code == 409 and 'value="at six"' in answer.content.decode()


def test_every_open_question_is_one_press(handler: Client, seeded_desk: Desk) -> None:
    where = place(seeded_desk)
    page = shown(handler, where)
    for code in said.QUESTIONS.codes:
        assert f'name="question" value="{code}"' in page, code
    body = press(handler, f"{where}add/", page, what="answer", question="home-known", value="unsure").content.decode()
    assert "so far: unsure" in body
    body = press(handler, f"{where}add/", body, what="answer", question="exposure", value="violent").content.decode()
    assert '<p class="lead">Violence</p>' in body
    body = press(handler, f"{where}add/", body, what="capacity", kind="lawyer").content.decode()
    assert "<li>Has a lawyer</li>" in body
    answer = press(handler, f"{where}add/", body, what="answer", question="home-known", value="perhaps")
    assert answer.status_code == 400


def test_an_entry_of_the_timeline_is_weighed_with_one_choice(handler: Client, seeded_desk: Desk) -> None:
    where = place(seeded_desk)
    casework.record_event(staff=seeded_desk.staff["lead:granted"], case_id=seeded_desk.case,  # type: ignore[arg-type]
                          text="A lamp was broken.", when=None, venue="offline")
    page = shown(handler, where)
    item = re.search(r'name="timeline" value="([^"]+)"', page)
    assert item and "not weighed here yet" in page
    body = press(handler, f"{where}add/", page, what="weighed", kind="damage", timeline=item[1]).content.decode()
    assert "not weighed here yet" not in body and "Damage to things" in body


def test_another_report_about_the_same_organisation_is_taken_along(handler: Client, seeded_desk: Desk) -> None:
    words, _session = people.report("Again.", threats=["doxing"], exposed=["home"])
    other = returning.open_receipt(" ".join(words)).case
    where = place(seeded_desk)
    page = shown(handler, where)
    code = f"{other.hex[:4]}-{other.hex[4:8]}".upper()
    found = press(handler, f"{where}along/", page, words=code)
    listed = found.content.decode()
    assert found.redirect_chain[0][0] == f"{where}along/{other}/" and "The home address" in listed
    assert press(handler, f"{where}along/{other}/", listed).status_code == 400
    body = press(handler, f"{where}along/{other}/", listed, said=["a:exposed:home:1"]).content.decode()
    assert f"taken along from case {code}" in body and "1 statement is taken along." in body
    for wrong in ("1234-5678", "", f"{seeded_desk.case.hex[:8]}"):  # type: ignore[union-attr]
        answer = press(handler, f"{where}along/", page, words=wrong)
        assert answer.status_code == 400


def test_no_word_of_the_watch_stands_in_an_address_or_a_title(handler: Client, seeded_desk: Desk) -> None:
    where = place(seeded_desk)
    page = shown(handler, where)
    done = press(handler, f"{where}add/", page, what="event", kind="threat", marks=["weapon"],
                 day=clock.today().isoformat(), text="canary")
    assert all(to == f"{where}#said" for to, _ in done.redirect_chain)
    title = re.search(r"<title>(.*?)</title>", done.content.decode())
    assert title and re.fullmatch(r"Escalation watch [0-9A-F]{4}-[0-9A-F]{4}", title[1])


@pytest.mark.parametrize("language", ["es", "fr", "ar"])
def test_the_page_speaks_the_language_of_its_reader(handler: Client, seeded_desk: Desk, language: str) -> None:
    where = place(seeded_desk)
    page = shown(handler, where)
    press(handler, f"{where}add/", page, what="event", kind="threat", marks=["dated"], day=clock.today().isoformat())
    press(handler, "/staff/language/", shown(handler, where), language=language, to=where)
    body = shown(handler, where)
    assert f'<html lang="{language}"' in body
    with translation.override(language):
        for text in ("A threat names a time or place", "Danger right now", "What this does not mean"):
            there = translation.gettext(text)
            assert there != text and there in body.replace("&#x27;", "'"), text


def test_marks_of_the_picture_cover_neither_each_other_nor_their_lane() -> None:
    day = clock.today()
    picture = drawing.draw([(n, day, "online" if n % 2 else "offline") for n in range(1, 30)], day)
    assert picture is not None
    places = [(mark["x"], mark["y"]) for mark in picture["marks"]]
    assert len(set(places)) == 29
    for lane in ("online", "offline"):
        ys = [mark["y"] for mark in picture["marks"] if mark["lane"] == lane]
        end = next(one["line"] for one in picture["lanes"] if one["code"] == lane)
        assert max(ys) + 10 <= end <= picture["height"]
    assert drawing.draw([], day) is None


def test_the_page_says_what_it_does_not_mean(handler: Client, seeded_desk: Desk) -> None:
    page = shown(handler, place(seeded_desk))
    for sentence in ("It is no probability of an attack.", "It is no score of a person", "no police"):
        assert sentence in page
    assert not re.search(r"\d+ ?%", page)
    assert escalating.page(seeded_desk.staff["handler:granted"], seeded_desk.case).signed is None  # type: ignore[arg-type]


def test_a_finding_is_withdrawn_with_its_consent_and_lowered_only_when_a_person_rejects_it(
    handler: Client, seeded_desk: Desk,
) -> None:
    where, case = place(seeded_desk), seeded_desk.case
    staff = seeded_desk.staff["handler:granted"]
    assert case and seeded_desk.finding
    of = f"f:{seeded_desk.finding}"

    def reasons() -> set[str]:
        return {one.code for one in escalating.page(staff, case).watch.reasons if of in one.rests}

    assert reasons() == {"strong-trace"}
    returning.set_consents(returning.open_receipt(" ".join(seeded_desk.receipt)), ())
    page = escalating.page(staff, case)
    assert reasons() == {"strong-trace"} and of in page.watch.taken_back
    assert "Taken back by the reporter." in shown(handler, where)
    casework.decide_finding(staff=staff, case_id=case, finding=seeded_desk.finding, verdict="rejected",
                            why="Our own test message.")
    assert reasons() == set()
