"""The case page: what it shows, what can be written, and that nothing typed is lost."""

import datetime as dt
import re
import time
import uuid
from pathlib import Path

import pytest
from django.test import Client

from amparo.desk import casework, previews, queue, returning, sandbox, workers
from amparo.desk import examining as desk_examining
from amparo.desk.records import Case, Lease
from amparo.desk.sandbox.wire import Rendering
from amparo.desk.sheet import NOTHING
from amparo.doors.staff import labels, unchecked
from amparo.identify import examining
from amparo.words.findings import NotChecked
from amparo.words.why import WHY
from tests.doors.seeded import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(seeded_desk: Desk) -> Client:
    return seeded_desk.client("handler:granted")


@pytest.fixture
def place(seeded_desk: Desk) -> str:
    return f"/staff/case/{seeded_desk.case}/"


def shown(client: Client, place: str) -> str:
    answer = client.get(place)
    assert answer.status_code == 200
    return answer.content.decode()


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def test_the_queue_shows_the_case_with_its_reason_and_no_name(handler: Client, seeded_desk: Desk) -> None:
    page = shown(handler, "/staff/")
    code = str(seeded_desk.case)[:8].upper()
    assert f"{code[:4]}-{code[4:]}" in page
    assert "Danger right now" in page and "Danger to life" in page and "act now" in page
    assert "photo of the gate" not in page and "waits in front of the door" not in page
    assert "<title>Queue</title>" in page


@pytest.mark.parametrize(("words", "found"), [("danger", True), ("DANGER right", True), ("english", True),
                                              ("{code}", True), ("danger {code}", True), ("danger ffff-0000", False),
                                              ("submarine", False), ("danger submarine", False)])
def test_search_finds_in_what_the_row_shows(handler: Client, place: str, words: str, found: bool) -> None:
    sign = place.split("/")[3][:8]
    words = words.format(code=f"{sign[:4]}-{sign[4:]}".upper())
    answer = handler.post("/staff/find/", {"words": words})
    assert (place in answer.content.decode()) is found
    assert words in answer.content.decode()  # still in its field


def test_a_filter_by_state_and_an_empty_list(handler: Client, place: str) -> None:
    assert place in shown(handler, "/staff/?state=new")
    closed = shown(handler, "/staff/?state=closed")
    assert place not in closed and "Nothing waits here" in closed


def test_the_page_holds_the_report_its_evidence_and_its_findings(handler: Client, place: str) -> None:
    page = shown(handler, place)
    for text in ("Somebody waits in front of the door.", "photo of the gate.txt", "custody log", "SHA-256",
                 "A link of a known set arrived.", "It does not show that it was opened.", "bait.example",
                 "Where", "sms.db", "Not checked", "absent: no call log", "set one"):
        assert text in page, text
    title = re.search(r"<title>(.*?)</title>", page)
    assert title and re.fullmatch(r"Case [0-9A-F]{4}-[0-9A-F]{4}", title[1])


def test_a_reply_reaches_the_reporter_and_nothing_is_sent_without_one(handler: Client, place: str,
                                                                      seeded_desk: Desk) -> None:
    access = returning.open_receipt(" ".join(seeded_desk.receipt))
    assert returning.dialogue(access) == ()
    answer = handler.post(place + "reply/", {"text": "We have read it. Are you safe now?",
                                             "version": version(shown(handler, place))})
    assert answer.headers["Location"] == place + "#dialogue"
    (line,) = returning.dialogue(access)
    assert line.who == "desk" and line.proven and line.text == "We have read it. Are you safe now?"


def test_a_note_never_reaches_the_reporter(handler: Client, place: str, seeded_desk: Desk) -> None:
    handler.post(place + "note/", {"text": "Call the cousin at noon."})
    assert "Call the cousin at noon." in shown(handler, place)
    assert returning.dialogue(returning.open_receipt(" ".join(seeded_desk.receipt))) == ()


@pytest.mark.parametrize("form", ["reply/", "note/"])
def test_a_colleague_was_faster_and_the_text_is_kept(handler: Client, place: str, seeded_desk: Desk,
                                                     form: str) -> None:
    old = version(shown(handler, place))
    seeded_desk.client("lead:granted").post(place + "note/", {"text": "I was first."})
    answer = handler.post(place + form, {"text": "A long thought that took an hour.", "version": old})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "A long thought that took an hour." in page and "I was first." in page
    assert version(page) != old  # sending it once more works
    sent = handler.post(place + form, {"text": "A long thought that took an hour.", "version": version(page)})
    assert sent.status_code == 302


def test_an_empty_form_comes_back_with_its_error_on_top(handler: Client, place: str) -> None:
    answer = handler.post(place + "event/", {"text": "A car without plates", "start": "last week", "venue": "offline"})
    page = answer.content.decode()
    assert answer.status_code == 400 and 'role="alert"' in page and "<title>Error:" in page
    assert "A car without plates" in page and 'value="last week"' in page
    assert 'href="#event_start"' in page and 'id="event_start"' in page
    assert re.search(r"<details open><summary>Add an event", page)


def test_an_event_stands_on_the_timeline_with_its_precision(handler: Client, place: str) -> None:
    handler.post(place + "event/", {"text": "Break-in at the office", "start": "2026-03", "venue": "offline"})
    page = shown(handler, place)
    assert re.search(r'class="offline"><p class="when">2026-03 ', page) and "Break-in at the office" in page


def test_a_decision_is_kept_with_its_reason_and_tells_only_when_asked(handler: Client, place: str,
                                                                     seeded_desk: Desk) -> None:
    access = returning.open_receipt(" ".join(seeded_desk.receipt))
    where = f"{place}finding/{seeded_desk.finding}/"
    assert handler.post(where, {"verdict": "accepted"}).status_code == 400  # a reason is needed
    given = {"verdict": "rejected", "why": "A test message of a friend.", "tell": "You are infected!"}
    for act in ("record", "tell"):
        refused = handler.post(where, {**given, "act": act})
        assert refused.status_code == 400 and "You are infected!" in refused.content.decode()
    handler.post(where, {**given, "tell": "", "act": "record"})
    page = shown(handler, place)
    assert "rejected by handler granted" in page and "A test message of a friend." in page
    assert returning.dialogue(access) == ()  # what was rejected is never told
    handler.post(where, {"verdict": "accepted", "why": "Looked again at the row."})
    assert returning.dialogue(access) == ()
    assert "Nothing was sent to the reporter" in shown(handler, place)
    told = {"verdict": "accepted", "why": "Looked again.", "tell": "Do not open that link."}
    assert handler.post(where, {**told, "act": "record"}).status_code == 400  # a text, and the button that sends none
    assert handler.post(where, {**told, "tell": "", "act": "tell"}).status_code == 400
    assert returning.dialogue(access) == ()
    handler.post(where, {**told, "act": "tell"})
    (line,) = returning.dialogue(access)
    assert line.kind == "result" and "Do not open that link." in line.text


def test_a_decision_shows_where_it_is_seen_and_what_was_told(handler: Client, place: str, seeded_desk: Desk) -> None:
    page = shown(handler, place)
    assert "not decided</span>" in page and "not decided: 1" in page and "not checked: 1" in page
    assert "told to the reporter" not in page
    answer = handler.post(f"{place}finding/{seeded_desk.finding}/", {
        "verdict": "accepted", "why": "Looked at the row.", "tell": "Do not open that link.", "act": "tell"})
    assert answer.headers["Location"] == place + "#notice"
    page = shown(handler, place)
    assert 'id="notice"' in page and "told to the reporter" in page
    assert 'class="tag">accepted</span>' in page and "not decided: 0" in page


def test_a_finding_is_left_to_a_specialist_with_a_task(handler: Client, place: str, seeded_desk: Desk) -> None:
    before = shown(handler, place)
    assert 'href="#findings">1 finding waits for a decision' in before and "Nothing is to be done" not in before
    access = returning.open_receipt(" ".join(seeded_desk.receipt))
    lines = returning.dialogue(access)
    answer = handler.post(f"{place}finding/{seeded_desk.finding}/", {
        "verdict": "undecided", "why": "Needs the whole backup.", "act": "record"})
    assert answer.status_code == 302
    page = shown(handler, place)
    assert "a specialist must look, says handler granted" in page
    assert "A specialist must look at a finding: Needs the whole backup." in page
    assert "1 finding waits for a decision" in page and "Accept, reject, or ask a specialist" in page
    assert returning.dialogue(access) == lines
    handler.post(f"{place}finding/{seeded_desk.finding}/", {"verdict": "accepted", "why": "Looked.", "act": "record"})
    assert "waits for a decision" not in shown(handler, place)


def test_an_answer_and_a_note_are_no_twins(handler: Client, place: str) -> None:
    page = shown(handler, place)
    reply = re.search(r'<form method="post" action="[^"]*/reply/" class="([^"]*)">.*?</form>', page, re.S)
    note = re.search(r'<form method="post" action="[^"]*/note/" class="([^"]*)">.*?</form>', page, re.S)
    assert reply and note and "outward" in reply[1] and "inward" in note[1]
    assert "Send to the reporter</button>" in reply[0] and "Keep this note (colleagues only)</button>" in note[0]
    assert "Your answer to the reporter" in reply[0] and "for colleagues" in note[0]


def test_a_text_of_evidence_has_a_way_back(handler: Client, place: str, seeded_desk: Desk) -> None:
    worker, staff = workers.register(), seeded_desk.staff["handler:granted"]
    assert seeded_desk.case and seeded_desk.item
    casework.request_exam(staff=staff, case_id=seeded_desk.case, file=seeded_desk.item)
    written = Rendering("text", "text/plain", text="استدعاء <b>غدا</b>\nthe second line")
    previews.record(lease=Lease.objects.get(item=seeded_desk.item, purpose="preview", state="waiting"), worker=worker,
                    version="v", outcome=sandbox.Outcome("done", "namespaces", 0.1, rendering=written))
    workers.retire(worker.id)
    links = re.findall(r'<a href="([^"]+)">Read it as plain text', shown(handler, place))
    page = shown(handler, links[-1])
    assert f'href="{place}#evidence"' in page and 'dir="auto">' in page
    assert "استدعاء &lt;b&gt;غدا&lt;/b&gt;" in page and "<b>غدا" not in page


def test_what_no_program_examines_is_said_once_and_still_said(handler: Client) -> None:
    why = unchecked.NO_DETECTOR
    found = unchecked.gaps((
        NotChecked("archive", "IMG_1.jpg", why[0]), NotChecked("exam", "IMG_1.jpg", why[1]),
        NotChecked("exam", "chat.txt", why[2]), NotChecked("spyware", "calls", "absent: no call log"),
    ))
    assert found["files"] == ["IMG_1.jpg", "chat.txt"] and found["count"] == 3
    assert found["rows"] == [{"part": "calls", "why": "absent: no call log"}]
    assert "Not checked" in found["says"] and "A person must look" in found["says"]
    said = Path(examining.__file__).read_text() + "".join((*sandbox.WHY.values(), *desk_examining.SAYS.values()))
    assert all(one in said for one in why)  # they are the sentences that the examination writes


def test_a_reply_may_leave_the_case_waiting_for_the_reporter(handler: Client, place: str, seeded_desk: Desk) -> None:
    handler.post(place + "reply/", {"text": "Which day was it?"})
    assert Case.objects.get(id=seeded_desk.case).state == "open"
    handler.post(place + "reply/", {"text": "And at which hour?", "wait": "yes"})
    assert Case.objects.get(id=seeded_desk.case).state == "waiting-on-reporter"


@pytest.mark.parametrize(("level", "days", "late"), [("P0", 0, False), ("P0", 1, True), ("P1", 1, True),
                                                     ("P2", 1, False), ("P2", 2, True), ("P3", 3, False),
                                                     ("P3", 4, True)])
def test_a_first_answer_is_overdue_after_the_promised_time(level: str, days: int, late: bool) -> None:
    today = dt.date(2026, 11, 24)
    assert labels.overdue(level, today - dt.timedelta(days=days), today) is late


def test_times_name_the_month_and_the_zone() -> None:
    assert labels.moment(dt.datetime(2026, 11, 24, 0, 24, tzinfo=dt.UTC)) == "24 November 2026, 00:24 UTC"


def test_states_and_retention_keep_their_reason(handler: Client, place: str, seeded_desk: Desk) -> None:
    handler.post(place + "state/", {"state": "awaiting-vetting", "why": "We do not know the sender."})
    handler.post(place + "retention/", {"day": "2031-05-31", "why": "The trial is long."})
    page = shown(handler, place)
    assert "State: awaiting vetting" in page and "We do not know the sender." in page
    assert "31 May 2031" in page and "The trial is long." in page
    assert handler.post(place + "state/", {"state": "erasing", "why": "x"}).status_code == 400
    assert handler.post(place + "retention/", {"day": "2001-05-31", "why": "x"}).status_code == 400
    assert Case.objects.get(id=seeded_desk.case).retention_on.year == 2031


def test_pictures_are_blurred_until_asked_and_never_the_original(handler: Client, place: str,
                                                                 seeded_desk: Desk) -> None:
    copy = f"{place}copy/{seeded_desk.copy}/"
    assert copy in shown(handler, place)
    veiled, clear = handler.get(copy), handler.get(copy + "?clear=1")
    assert b"veiled" in veiled.content and b"clear" in clear.content
    for answer in (veiled, clear):
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Cache-Control"] == "no-store"
    piece = f"{place}evidence/{seeded_desk.item}/"
    assert 'class="veil"' in shown(handler, piece) and 'class="veil"' not in shown(handler, piece + "?clear=1")


def test_the_original_comes_after_a_warning_under_a_neutral_name(handler: Client, place: str,
                                                                 seeded_desk: Desk) -> None:
    where = f"{place}evidence/{seeded_desk.item}/original/"
    warning = shown(handler, where)
    assert "attacks your computer" in warning and "a text that is not a picture" not in warning
    answer = handler.post(where)
    body = b"".join(answer)
    assert body == b"a text that is not a picture\n" * 40
    assert answer.headers["Content-Type"] == "application/octet-stream"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment") and "photo" not in disposition
    assert int(answer.headers["Content-Length"]) == len(body)
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_copy_or_an_original_of_another_case_is_not_there(handler: Client, place: str, seeded_desk: Desk) -> None:
    file, drawn = seeded_desk.item, seeded_desk.copy
    for wrong in (f"copy/{file}/", f"evidence/{drawn}/", f"evidence/{seeded_desk.case}/original/"):
        assert handler.get(place + wrong).status_code == 404
    assert handler.post(f"{place}evidence/{seeded_desk.copy}/original/").status_code == 404


def test_adding_and_removing_a_colleague(handler: Client, place: str, seeded_desk: Desk) -> None:
    newcomer = seeded_desk.staff["handler:none"]
    theirs = seeded_desk.client("handler:none")
    assert theirs.get(place).status_code == 404
    handler.post(place + "members/", {"colleague": str(newcomer.id), "version": version(shown(handler, place))})
    assert theirs.get(place).status_code == 200
    epoch = Case.objects.get(id=seeded_desk.case).epoch
    leave = f"{place}members/{newcomer.id}/remove/"
    assert "new epoch" in shown(handler, leave)
    assert handler.post(leave, {}).status_code == 400 and theirs.get(place).status_code == 200
    handler.post(leave, {"sure": "yes"})
    assert theirs.get(place).status_code == 404
    assert Case.objects.get(id=seeded_desk.case).epoch == epoch + 1
    assert "Somebody waits in front of the door." in shown(handler, place)


def test_somebody_the_reporter_excluded_cannot_be_added(handler: Client, place: str, seeded_desk: Desk) -> None:
    excluded = seeded_desk.staff["handler:excluded"]
    assert str(excluded.id) not in shown(handler, place)  # not offered
    answer = handler.post(place + "members/", {"colleague": str(excluded.id)})
    assert answer.status_code == 400
    assert seeded_desk.client("handler:excluded").get(place).status_code == 404


def test_a_withdrawal_is_told_with_the_time_that_is_left(handler: Client, place: str, seeded_desk: Desk) -> None:
    returning.withdraw(returning.open_receipt(" ".join(seeded_desk.receipt)))
    page = shown(handler, place)
    assert "The reporter has withdrawn this report" in page and "erased for good" in page
    assert place in shown(handler, "/staff/")  # in sight until it is gone
    assert handler.post(place + "state/", {"state": "closed", "why": "x"}).status_code == 400


def test_what_a_person_wrote_is_text_and_nothing_else(handler: Client, place: str) -> None:
    handler.post(place + "note/", {"text": '<script>alert(1)</script> <a href="https://x.example">here</a>'})
    page = shown(handler, place)
    assert "<script>" not in page and page.count("<script") == 1  # ours, in the head
    assert "&lt;script&gt;" in page and 'href="https://x.example"' not in page


def test_erasing_needs_a_lead_a_reason_and_a_tick(place: str, seeded_desk: Desk) -> None:
    lead = seeded_desk.client("lead:granted")
    assert "Erase this case" in shown(lead, place)
    assert "Erase this case" not in shown(seeded_desk.client("handler:granted"), place)
    assert lead.post(place + "erase/", {"why": "asked by the reporter"}).status_code == 400
    assert Case.objects.filter(id=seeded_desk.case).exists()


def test_a_device_is_examined_after_a_consent_that_was_recorded(handler: Client, place: str,
                                                                seeded_desk: Desk) -> None:
    consent = f"{place}evidence/{seeded_desk.item}/consent/"
    unticked = handler.post(consent, {"text": "By telephone, with her own words, on Monday."})
    assert unticked.status_code == 400
    handler.post(consent, {"text": "By telephone, with her own words, on Monday.", "agreed": "yes"})
    page = shown(handler, place)
    assert "The person who uses the device agreed" in page and "with her own words" in page
    started = handler.post(f"{place}evidence/{seeded_desk.item}/exam/", follow=True)
    assert "No worker is running" in started.content.decode()  # said, never silently queued for nobody


def test_a_queue_that_is_being_built_says_how_far_it_is(handler: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "load", lambda staff: queue.QueuePage(queue.Rows(queue.Sheet()), True, (120, 400)))
    page = shown(handler, "/staff/")
    assert "120 of 400 cases read" in page and '<progress id="done" max="400" value="120">' in page
    assert '<a class="button" href="/staff/">Load again</a>' in page


def test_a_hundred_thousand_rows_are_passed_once_and_quickly(monkeypatch: pytest.MonkeyPatch, handler: Client) -> None:
    day = dt.date(2026, 5, 31)
    sheet = queue.Sheet()
    kinds = [queue.Kind(n, why, "A reason", "P2", "en", ("examine",), "", "open", n == 1) for n, why in enumerate(WHY)]
    sheet.replace_all((uuid.UUID(int=n), day, kinds[n % 5], NOTHING) for n in range(100_000))
    monkeypatch.setattr(queue, "load", lambda staff: queue.QueuePage(queue.Rows(sheet), False, (100_000, 100_000)))
    shown(handler, "/staff/")
    begun = time.process_time()
    page = shown(handler, "/staff/")
    assert time.process_time() - begun < 1.0  # CPU seconds; about 0.15 on a quiet core
    assert page.count("<li class=row ") == 250 and "100000 cases" in page.replace(",", "")
    begun = time.process_time()
    found = handler.post("/staff/find/", {"words": "0001-86a0"[-6:]})
    assert time.process_time() - begun < 2.0 and found.status_code == 200
    more = shown(handler, "/staff/?state=&why=rest")
    assert more.count("<li class=row ") == 500
