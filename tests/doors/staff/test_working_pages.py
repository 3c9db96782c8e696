"""Pages of working together, through the browser a colleague has: presses, triage, tasks, replies, waves, hand-over."""

import datetime as dt
import re
import uuid
from urllib.parse import urljoin

import msgspec
import pytest
from django.test import Client

from amparo.desk import assigning, clock, duplicates, profile, queue, reading
from amparo.desk.records import Item
from amparo.doors.staff import narrowing
from amparo.doors.staff.views.assigning import following
from amparo.words.threats import CODES
from amparo.words.why import WHY
from tests.doors.seeded import TOKEN, Desk
from tests.doors.staff.pressing import press, shown, work

pytestmark = pytest.mark.django_db


def test_rows_carry_their_presses_for_the_keyboard_and_without_scripts(handler: Client, seeded_desk: Desk) -> None:
    page = shown(handler, "/staff/")
    row = re.search(r"<li class=row .*?(?=<li class=row |</ol>\n)", page, re.S)
    assert row
    first = re.search(r"<(a|button|input)\b[^>]*>", row[0])
    assert first and f'href="/staff/case/{seeded_desk.case}/"' in first[0]
    for place in ("take", "triage", "prepared"):  # the script gives each its letter
        assert f'/{place}/"' in row[0]
    assert f'<button form=act formaction="case/{seeded_desk.case}/take/"' in row[0]
    assert "the bridge" in row[0]


def test_actions_of_a_row_lead_to_its_case_from_every_page_of_rows(handler: Client, seeded_desk: Desk) -> None:
    """The addresses begin at the page, so each page is asked where they end."""
    case = f"/staff/case/{seeded_desk.case}/"
    token = TOKEN.search(shown(handler, "/staff/"))
    assert token
    number = {"csrfmiddlewaretoken": token[1], "words": str(seeded_desk.case)[:8]}
    looked_for = handler.post("/staff/find/", number).content.decode()
    narrow = "/staff/?who=nobody"
    pages = {"/staff/": shown(handler, "/staff/"), narrow: shown(handler, narrow), "/staff/find/": looked_for}
    for place, page in pages.items():
        acts = re.findall(r'(?:href|formaction)="([^"]+)"', page)
        ends = {urljoin(f"http://desk{place}", way).removeprefix("http://desk") for way in acts}
        assert {f"{case}take/", f"{case}triage/", f"{case}prepared/"} <= ends, place


def test_one_press_takes_a_case_and_the_second_is_told(handler: Client, seeded_desk: Desk) -> None:
    place = f"/staff/case/{seeded_desk.case}/"
    answer = press(handler, f"{place}take/", shown(handler, "/staff/"), to="/staff/?who=nobody")
    assert answer.redirect_chain[0][0].startswith("/staff/?who=nobody#r")
    assert work(seeded_desk).who == seeded_desk.staff["handler:granted"].id
    assert "You have this case." in shown(handler, place)
    other = seeded_desk.client("lead:granted")
    told = press(other, f"{place}take/", shown(other, "/staff/"), to="/staff/").content.decode()
    assert "handler granted has this case already" in told
    assert press(other, f"{place}take/", shown(other, place), over="yes").status_code == 200
    assert work(seeded_desk).who == seeded_desk.staff["lead:granted"].id
    mine = shown(handler, "/staff/?who=mine")
    assert "<li class=row" not in mine and "<li class=row" in shown(other, "/staff/?who=mine")
    press(other, f"{place}let-go/", shown(other, place))
    assert work(seeded_desk).who is None


def test_take_leads_to_no_address_elsewhere(handler: Client, seeded_desk: Desk) -> None:
    answer = press(handler, f"/staff/case/{seeded_desk.case}/take/", shown(handler, "/staff/"), to="https://evil.example/")
    assert answer.redirect_chain[0][0].startswith(f"/staff/case/{seeded_desk.case}/")


def test_tasks_are_read_in_my_zone_and_shown_in_it(handler: Client, seeded_desk: Desk) -> None:
    account = shown(handler, "/staff/account/")
    press(handler, "/staff/account/zone/", account, zone="America/Bogota")
    place = f"/staff/case/{seeded_desk.case}/"
    press(handler, f"{place}task/", shown(handler, place), text="ring <b>her</b>", due="2031-05-31 17:30",
          who=str(seeded_desk.staff["handler:granted"].id))
    one = next(duty for duty in work(seeded_desk).duties if "ring" in duty.text)
    assert one.due.isoformat() == "2031-05-31T22:30:00+00:00"
    page = shown(handler, "/staff/tasks/")
    assert "31 May 2031, 17:30" in page and "America/Bogota" in page and "ring &lt;b&gt;her&lt;/b&gt;" in page
    other = seeded_desk.client("lead:granted")
    assert "31 May 2031, 22:30 UTC" in shown(other, place)
    wrong = press(handler, f"{place}task/", shown(handler, place), text="what I typed", due="soon", who="")
    assert wrong.status_code == 400 and "what I typed" in wrong.content.decode()
    says = wrong.content.decode()
    assert "This time could not be read" in says and 'href="#task_due"' in says
    folded = says[:says.index('id="task_due"')].rindex("<details")
    assert says[folded:].startswith("<details open>")
    press(handler, f"{place}task/{one.task}/", page, state="done", outcome="she is safe", to="/staff/tasks/")
    assert "ring" not in shown(handler, "/staff/tasks/")
    assert "she is safe" in shown(handler, place)
    press(handler, f"{place}task/{one.task}/", shown(handler, place), state="open")
    assert "ring" in shown(handler, "/staff/tasks/")


def test_a_prepared_reply_goes_only_when_sent_and_without_gaps(handler: Client, seeded_desk: Desk) -> None:
    place = f"/staff/case/{seeded_desk.case}/prepared/"
    assert "<textarea" not in shown(handler, place)
    page = shown(handler, f"{place}?reply=one-fact")
    assert "nobody has reviewed this translation" in page and "[write the one question here]" in page
    messages = Item.objects.filter(case_id=seeded_desk.case, kind="message")
    before = messages.count()
    held = press(handler, place, page, reply="one-fact", text="We ask: [write the one question here]")
    assert held.status_code == 400 and "gap in square brackets" in held.content.decode()
    assert messages.count() == before
    press(handler, place, page, reply="one-fact", text="Where are you now?")
    assert messages.count() == before + 1
    assert "Where are you now?" in shown(handler, f"/staff/case/{seeded_desk.case}/")


def test_a_campaign_page_its_reply_and_who_cannot_read_its_cases(handler: Client, seeded_desk: Desk) -> None:
    place = f"/staff/wave/{seeded_desk.wave}/"
    page = shown(handler, place)
    assert "the bridge" in page and "<title>Campaign" in page  # the name stands in no title
    reply = shown(handler, f"{place}reply/?reply=received")
    assert str(seeded_desk.case) in reply and "Nobody has reviewed this translation." in reply
    messages = Item.objects.filter(case_id=seeded_desk.case, kind="message")
    before = messages.count()
    text = {"language": ["en"], "text": ["We read it."], "case": [str(seeded_desk.case)], "reply": "received"}
    assert press(handler, f"{place}reply/", reply, **text).status_code == 400  # not confirmed
    assert messages.count() == before
    assert "Done for 1 case" in press(handler, f"{place}reply/", reply, **text, sure="yes").content.decode()
    assert messages.count() == before + 1
    gone = press(handler, place, page, case=[str(seeded_desk.case)])
    assert gone.status_code == 404  # the last case was taken out: there is no such campaign any more
    assert work(seeded_desk).waves == {}


def test_ticked_cases_become_a_campaign(handler: Client, seeded_desk: Desk) -> None:
    page = shown(handler, "/staff/")
    answer = press(handler, "/staff/many/", page, act="wave", title="second wave", case=[str(seeded_desk.case)])
    assert "second wave" in answer.content.decode() and "/staff/wave/" in answer.redirect_chain[0][0]
    refused = press(handler, "/staff/many/", page, act="wave", title="words I typed", case=[])
    assert refused.status_code == 400 and "words I typed" in refused.content.decode()
    press(handler, "/staff/many/", page, act="state", state="waiting-on-partner", why="asked",
          case=[str(seeded_desk.case)])
    assert queue.load(seeded_desk.staff["handler:granted"]).rows[0].state == "waiting-on-partner"


def test_the_hand_over_stands_on_top_until_each_has_read_it(handler: Client, seeded_desk: Desk) -> None:
    page = shown(handler, "/staff/shift/")
    assert str(seeded_desk.case) in page and "not answered yet" in page
    press(handler, "/staff/shift/", page, case=[str(seeded_desk.case)], text=["watch <i>this</i> one"],
          keep=[str(seeded_desk.case)], words="to all of you")
    lead = seeded_desk.client("lead:granted")
    top = shown(lead, "/staff/")
    assert "watch &lt;i&gt;this&lt;/i&gt; one" in top and "to all of you" in top
    assert "to all of you" in shown(seeded_desk.client("handler:excluded"), "/staff/")
    assert "watch" not in shown(seeded_desk.client("handler:excluded"), "/staff/")
    notes = re.findall(r'name="note" value="([\w-]+)"', top)
    assert len(notes) == 2
    press(lead, "/staff/shift/read/", top, note=notes)
    after = shown(lead, "/staff/")
    assert "watch" not in after and "to all of you" not in after


def test_a_line_that_is_not_ticked_is_not_kept(handler: Client, seeded_desk: Desk) -> None:
    page = shown(handler, "/staff/shift/")
    answer = press(handler, "/staff/shift/", page, case=[str(seeded_desk.case)], text=["never said"], words=" ")
    assert answer.status_code == 400 and "never said" in answer.content.decode()
    assert not work(seeded_desk).handed


def test_only_i_am_told_what_i_looked_at(handler: Client, seeded_desk: Desk) -> None:
    address = f"/staff/case/{seeded_desk.case}/copy/{seeded_desk.copy}/"
    assert "You opened 0 unblurred pictures" in shown(handler, "/staff/shift/")
    assert seeded_desk.case and seeded_desk.copy
    reading.preview(seeded_desk.staff["handler:granted"], seeded_desk.case, seeded_desk.copy, clear=True)
    assert "You opened 1 unblurred picture this week" in shown(handler, "/staff/shift/")
    assert "You opened 0 unblurred pictures" in shown(seeded_desk.client("lead:granted"), "/staff/shift/")
    assert address not in shown(handler, "/staff/shift/")


def test_filters_are_codes_in_the_address_and_narrow_together(handler: Client, seeded_desk: Desk) -> None:
    case = f'href="/staff/case/{seeded_desk.case}/"'
    for query, there in (
        ("who=nobody", True), ("who=mine", False), ("level=P0", True), ("level=P3", False), ("lang=en", True),
        ("lang=ar", False), (f"wave={seeded_desk.wave}", True), ("wave=nonsense", False), ("triage=none", True),
        ("who=nobody&level=P0&triage=none", True), ("late=yes", False), ("state=closed", False),
    ):
        assert (case in shown(handler, f"/staff/?{query}")) is there, query


def test_what_is_overdue_is_a_task_or_a_first_answer_that_is_late() -> None:
    now, sheet = clock.now(), queue.Sheet()
    waits = queue.Kind(0, "rest", "", "P2", "en", (), "", "open", True, unanswered=True)
    answered = msgspec.structs.replace(waits, new=False, unanswered=False)
    triaged = msgspec.structs.replace(waits, new=False, triaged=True)
    waiting, closed = (msgspec.structs.replace(triaged, state=one) for one in ("waiting-on-reporter", "closed"))
    today, old = now.date(), now.date() - dt.timedelta(days=2)
    late_task, late_answer, fine, done, read, set_aside, over = (uuid.uuid4() for _ in range(7))
    sheet.insert(late_task, today, answered, queue.Own(due=now - dt.timedelta(minutes=5), tasks=True))
    sheet.insert(late_answer, old, waits)
    sheet.insert(fine, today, waits, queue.Own(due=now + dt.timedelta(hours=1), tasks=True))
    sheet.insert(done, old, answered)
    sheet.insert(read, old, triaged)
    sheet.insert(set_aside, old, waiting)
    sheet.insert(over, old, closed)
    assert {row.case for row in narrowing.late(queue.Rows(sheet))} == {late_task, late_answer, read, set_aside}


def test_the_next_case_is_the_next_and_none_is_said(handler: Client, seeded_desk: Desk) -> None:
    answer = handler.get(f"/staff/case/{seeded_desk.case}/next/?to=triage", follow=True)
    assert answer.redirect_chain[-1][0] == "/staff/" and "No other case waits for triage." in answer.content.decode()


def test_whoever_answers_where_nobody_has_the_case_has_it_unless_they_untick(
    handler: Client, seeded_desk: Desk
) -> None:
    place, box = f"/staff/case/{seeded_desk.case}/", '<input type="checkbox" name="take" value="yes"'
    lead, me = seeded_desk.staff["lead:granted"], seeded_desk.staff["handler:granted"]

    def has_it() -> uuid.UUID | None:
        return reading.case_page(me, seeded_desk.case).work.who

    page = shown(handler, place)
    assert box in page and "checked" in page.split(box, 1)[1].split(">", 1)[0]
    assert box in shown(handler, f"{place}prepared/?reply=received")
    done = press(handler, f"{place}reply/", page, text="We read it.", wait="yes")
    assert has_it() is None and "You have case" not in done.content.decode()
    done = press(handler, f"{place}prepared/", shown(handler, place), reply="received", text="Call us.", take="yes")
    assert has_it() == me.id and "You have case" in done.content.decode()
    assert box not in shown(handler, place) and box not in shown(handler, f"{place}prepared/?reply=received")
    assigning.give(staff=lead, case_id=seeded_desk.case, to=lead.id)
    sent = press(handler, f"{place}reply/", shown(handler, place), text="From an old page.", take="yes")
    assert has_it() == lead.id and "From an old page." in sent.content.decode()


def test_a_row_tells_the_kinds_of_threat_in_words_and_languages_are_folded(
    handler: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, sheet = queue.Kind(0, "life", "A reason", "P0", "en", (), "", "open", True), queue.Sheet()
    told = ("surveillance", "doxing", "phishing", "offline-attack")
    sheet.insert(uuid.uuid4(), dt.date(2026, 5, 1), kind, queue.Own(threats=told))
    monkeypatch.setattr(queue, "load", lambda staff: queue.QueuePage(queue.Rows(sheet), False, (1, 1)))
    page = shown(handler, "/staff/")
    assert "<span>Surveillance · Doxing · +2</span>" in page
    assert "By language" not in page  # all are in one
    sheet.insert(uuid.uuid4(), dt.date(2026, 5, 1), msgspec.structs.replace(kind, language="ar"))
    page = shown(handler, "/staff/")
    assert "<details><summary>By language" in page and "lang=ar" in page
    page = shown(handler, "/staff/?lang=ar")
    assert "<details open><summary>By language" in page and "Surveillance" not in page


def test_giving_ticked_cases_needs_a_choice(handler: Client, seeded_desk: Desk) -> None:
    page = shown(handler, "/staff/")
    assert '<select id="to-colleague" name="to-colleague" form="ticks"><option value="">' in page
    answer = press(handler, "/staff/many/", page, act="give", case=str(seeded_desk.case), **{"to-colleague": ""})
    assert answer.status_code == 400 and "Nothing was chosen from the list" in answer.content.decode()
    assert reading.case_page(seeded_desk.staff["handler:granted"], seeded_desk.case).work.who is None


def test_what_is_urgent_and_nobodys_says_so(handler: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(level: str, state: str, who: uuid.UUID | None) -> bool:
        kind, sheet = queue.Kind(0, "life", "A reason", level, "en", (), "", state, True), queue.Sheet()
        sheet.insert(uuid.uuid4(), dt.date(2026, 5, 1), kind, queue.Own(who))
        monkeypatch.setattr(queue, "load", lambda staff: queue.QueuePage(queue.Rows(sheet), False, (1, 1)))
        return "<li class=tag>nobody's" in shown(handler, "/staff/?state=all")

    assert said("P0", "open", None) and said("P0", "waiting-on-reporter", None)
    assert not said("P0", "open", uuid.uuid4()) and not said("P1", "open", None) and not said("P0", "closed", None)


def test_after_a_triage_the_next_is_the_one_that_stood_below(
    monkeypatch: pytest.MonkeyPatch, seeded_desk: Desk
) -> None:
    """Though the triaged row itself moves down, behind all that nobody has read on its level."""
    def kind(level: str, triaged: bool) -> queue.Kind:
        rank = queue.place("life", level, read=triaged, now=False)
        return queue.Kind(rank, "life", "A reason", level, "en", (), "", "open", not triaged, triaged, True)

    sheet, day = queue.Sheet(), dt.date(2026, 5, 1)
    first, second, third, low = (uuid.uuid4() for _ in range(4))
    for number, case in enumerate((first, second, third)):
        sheet.insert(case, day + dt.timedelta(days=number), kind("P0", False))
    sheet.insert(low, day, kind("P1", False))
    monkeypatch.setattr(queue, "load", lambda staff: queue.QueuePage(queue.Rows(sheet), False, (4, 4)))
    staff = seeded_desk.staff["handler:granted"]
    sheet.remove(second)
    sheet.insert(second, day + dt.timedelta(days=1), kind("P0", True))
    assert list(sheet.everything()) == [first, third, second, low]
    assert following(staff, second, untriaged=True) == third
    assert following(staff, third, untriaged=True) == low
    assert following(staff, low, untriaged=True) == first
    assert following(staff, second, untriaged=False) == low


def test_the_queue_says_what_colleagues_did_and_that_nobody_has_answered(
    handler: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet, day = queue.Sheet(), dt.date(2026, 5, 1)
    read = queue.Kind(0, "life", "Danger right now", "P0", "en", (), "", "open", False, True, True, True)
    sheet.insert(uuid.uuid4(), day, read)
    monkeypatch.setattr(queue, "load", lambda staff: queue.QueuePage(queue.Rows(sheet), False, (1, 1)))
    page = shown(handler, "/staff/")
    for words in ("triaged, no answer yet", "raised by a colleague", "overdue", "Danger right now"):
        assert words in page, words
    sheet.replace_all([(uuid.uuid4(), day, msgspec.structs.replace(read, unanswered=False), queue.Own())])
    page = shown(handler, "/staff/")
    assert "<li class=tag>triaged<" in page and "no answer yet" not in page and "<li class=state>" not in page


def test_a_zone_of_a_stranger_is_refused(handler: Client, seeded_desk: Desk) -> None:
    answer = press(handler, "/staff/account/zone/", shown(handler, "/staff/account/"), zone="Mars/Base")
    assert answer.status_code == 400
    assert profile.load(seeded_desk.staff["handler:granted"]).zone == ""


def test_forty_rows_fit_into_sixty_kilobytes(
    handler: Client, monkeypatch: pytest.MonkeyPatch, seeded_desk: Desk
) -> None:
    """A Monday's queue on a slow line, with every mark a row can carry."""
    sheet, me = queue.Sheet(), seeded_desk.staff["handler:granted"].id
    consents = ("examine", "keep-for-court", "statistics", "platform-notices")
    day, due = dt.date(2026, 5, 31), dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    kinds = [queue.Kind(n, why, "Home is known, and a threat names a time or place", "P0", "es", consents,
                        "reporter-wrote", "waiting-on-partner", True) for n, why in enumerate(WHY)]
    wave = uuid.uuid4()
    own = queue.Own(me, due, True, wave, "the bridge campaign", CODES[:3])
    sheet.replace_all((uuid.uuid4(), day, kinds[n % 5], own) for n in range(40))
    cases = list(sheet.everything())
    twins = {case: tuple(one for one in cases if one != case)[:5] for case in cases}
    monkeypatch.setattr(queue, "load", lambda staff: queue.QueuePage(queue.Rows(sheet), False, (40, 40)))
    monkeypatch.setattr(duplicates, "of", lambda staff: twins)
    page = handler.get("/staff/").content
    assert page.count(b"<li class=row ") == 40 and page.count(b"possible duplicate of") == 40
    assert page.count(b"the bridge campaign") > 40 and b"+2" in page
    assert len(page) < 50_000
