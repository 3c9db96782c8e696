"""Working together on a case: taking, tasks, triage, waves, hand-overs; each as its colleagues and the queue see it."""

import datetime as dt
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from amparo.desk import (
    assigning,
    casework,
    clock,
    duties,
    handing,
    payloads,
    profile,
    queue,
    reading,
    triaging,
    waves,
    working,
    writing,
)
from amparo.desk.errors import ChangedMeanwhile, DeskError, NotFound
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Case
from tests.desk import people
from tests.desk.people import Desk

HOUR = dt.timedelta(hours=1)


def one_case(**answers: list[str]) -> UUID:
    before = set(Case.objects.values_list("id", flat=True))
    people.report("They wait before the house.", **answers)
    return next(iter(set(Case.objects.values_list("id", flat=True)) - before))


def test_who_comes_second_is_told_who_has_it(desk: Desk) -> None:
    case, wren, swift = one_case(), desk.team["Wren"], desk.team["Swift"]
    assigning.take(staff=wren, case_id=case)
    assigning.take(staff=wren, case_id=case)  # twice is once
    with pytest.raises(ChangedMeanwhile) as told:
        assigning.take(staff=swift, case_id=case)
    assert "Wren" in str(told.value)
    assert queue.load(desk.lead).rows[0].who == wren.id
    assigning.take(staff=swift, case_id=case, over=True)
    assert [row.case for row in queue.load(wren).rows.of(swift.id)] == [case]
    assert len(queue.load(wren).rows.of(None)) == 0
    with pytest.raises(DeskError):
        assigning.let_go(staff=wren, case_id=case)
    assigning.let_go(staff=swift, case_id=case)
    assert reading.case_page(wren, case).work.who is None


def test_a_case_is_given_only_to_who_can_read_it(desk: Desk) -> None:
    people.report("Not for Swift.", excluded=Exclusion(pseudonyms=("swift",)))
    case = Case.objects.get().id
    with pytest.raises(NotFound):
        assigning.give(staff=desk.lead, case_id=case, to=desk.team["Swift"].id)
    with pytest.raises(NotFound):
        assigning.take(staff=desk.team["Swift"], case_id=case)
    assigning.give(staff=desk.lead, case_id=case, to=desk.team["Wren"].id)
    assert queue.load(desk.lead).rows[0].who == desk.team["Wren"].id


def test_taking_a_case_is_no_answer_to_its_reporter(desk: Desk) -> None:
    case = one_case()
    assigning.take(staff=desk.lead, case_id=case)
    duties.add(staff=desk.lead, case_id=case, text="call", due=None, who=None)
    assert queue.load(desk.lead).rows[0].new
    casework.reply(staff=desk.lead, case_id=case, text="We read it.")
    row = queue.load(desk.lead).rows[0]
    assert not row.new and not row.unanswered and not row.waits


def test_only_words_that_reach_the_reporter_or_closing_end_the_wait(desk: Desk) -> None:
    """Nobody was told anything by a mask, a decision, a note, a state or a triage."""
    case, now = one_case(), clock.now()

    def row() -> queue.QueueRow:
        return queue.load(desk.lead).rows[0]

    def write(payload: payloads.Payload, channel: str = "staff") -> None:
        with transaction.atomic():
            writing.write_item(case=Case.objects.get(), payload=payload, author=desk.lead.author(), channel=channel)

    write(payloads.Mask(at=now, mask=uuid4(), text="house", why="x"))
    write(payloads.Decision(at=now, finding=uuid4(), verdict="accepted", why="x"))
    casework.note(staff=desk.lead, case_id=case, text="Somebody should call.")
    casework.set_state(staff=desk.lead, case_id=case, state="waiting-on-reporter")
    assert row().new and row().waits
    triaging.triage(staff=desk.lead, case_id=case, threats=[], needs=[])
    assert not row().new and row().triaged and row().waits
    casework.set_state(staff=desk.lead, case_id=case, state="closed", why="a double")
    assert not row().waits and row().unanswered
    casework.set_state(staff=desk.lead, case_id=case, state="open")
    assert row().waits
    write(payloads.Result(at=now, finding=uuid4(), says="A trace.", does_not_say="No proof."), "dialogue")
    assert not row().waits


def test_a_case_closed_unread_is_not_new(desk: Desk) -> None:
    case = one_case()
    casework.set_state(staff=desk.lead, case_id=case, state="closed", why="a test of a colleague")
    assert not queue.load(desk.lead).rows[0].new


def order(desk: Desk) -> list[UUID]:
    return [row.case for row in queue.load(desk.lead).rows]


def test_danger_right_now_comes_first_then_what_nobody_has_read_then_the_older(desk: Desk) -> None:
    held = one_case(soon=["detention"])
    later, now = one_case(threats=["offline-attack"], ongoing=["yes"]), one_case(danger=["yes"])
    Case.objects.filter(id=later).update(opened_on=dt.date(2026, 1, 1))
    assert {row.level for row in queue.load(desk.lead).rows} == {"P0"}
    assert order(desk) == [now, later, held]
    triaging.triage(staff=desk.lead, case_id=later, threats=["offline-attack"], needs=[])
    assert order(desk) == [now, held, later]
    triaging.triage(staff=desk.lead, case_id=now, threats=[], needs=[])
    assert order(desk) == [now, held, later]  # read, and still in danger without a word of ours
    casework.reply(staff=desk.lead, case_id=now, text="We are calling you.")
    assert order(desk) == [held, now, later]
    low = one_case(threats=["smear"])
    assert order(desk)[-1] == low  # unread, yet of a lower level


def test_a_raised_row_keeps_the_reason_of_the_report(desk: Desk) -> None:
    case = one_case(threats=["smear"], danger=["no"])
    reason = queue.load(desk.lead).rows[0].reason
    triaging.triage(staff=desk.lead, case_id=case, threats=["other"], needs=[], level="P0", why="she called")
    row = queue.load(desk.lead).rows[0]
    assert (row.level, row.why, row.reason, row.raised) == ("P0", "life", reason, True)
    assert row.threats == ("smear", "other")


def test_tasks_are_ticked_dropped_and_taken_up_again(desk: Desk) -> None:
    case, wren, now = one_case(), desk.team["Wren"], clock.now()
    late = duties.add(staff=desk.lead, case_id=case, text="call the contact", due=now - HOUR, who=wren.id)
    later = duties.add(staff=wren, case_id=case, text="write to the platform", due=now + HOUR, who=None)
    rows = queue.load(wren).rows
    assert rows[0].due is not None and abs((rows[0].due - (now - HOUR)).total_seconds()) < 60
    assert len(rows.due_before(clock.now())) == 1
    assert [one.duty.task for one in duties.mine(wren)] == [late]
    assigning.take(staff=wren, case_id=case)
    assert [one.duty.task for one in duties.mine(wren)] == [late, later]
    assert duties.mine(desk.team["Swift"]) == ()

    duties.end(staff=wren, case_id=case, task=late, state="done", outcome="reached, is safe")
    assert [one.duty.task for one in duties.mine(wren)] == [later]
    assert len(queue.load(wren).rows.due_before(clock.now())) == 0
    done = next(one for one in reading.case_page(wren, case).work.duties if one.task == late)
    assert (done.state, done.outcome, done.ended_by, done.by) == ("done", "reached, is safe", wren.id, desk.lead.id)
    duties.end(staff=wren, case_id=case, task=late, state="open")
    duties.end(staff=wren, case_id=case, task=later, state="dropped")
    assert [one.duty.task for one in duties.mine(wren)] == [late]
    with pytest.raises(NotFound):
        duties.end(staff=wren, case_id=case, task=uuid4(), state="done")
    with pytest.raises(NotFound):
        duties.add(staff=wren, case_id=case, text="x", due=None, who=uuid4())


def level_of(desk: Desk) -> tuple[str, str]:
    row = queue.load(desk.lead).rows[0]
    return row.why, row.level


def test_a_colleague_raises_with_a_reason_and_another_opinion_lowers_nothing(desk: Desk) -> None:
    case = one_case(threats=["smear"], danger=["no"])
    before = level_of(desk)
    assert before[1] != "P0"
    with pytest.raises(casework.WhyMissing):
        triaging.triage(staff=desk.lead, case_id=case, threats=["smear"], needs=[], level="P0")
    assert level_of(desk) == before
    triaging.triage(
        staff=desk.lead, case_id=case, threats=["smear"], needs=["safety"], level="P0", why="she was followed today"
    )
    assert level_of(desk) == ("life", "P0")
    page = reading.case_page(desk.team["Wren"], case)
    assert (page.level, page.why[0].code) == ("P0", "raised")
    assert page.work.seen.by == desk.lead.id and page.work.seen.why == "she was followed today"
    triaging.triage(staff=desk.team["Wren"], case_id=case, threats=[], needs=[], level="P3", why="I think not")
    triaging.triage(staff=desk.team["Wren"], case_id=case, threats=[], needs=[])
    assert level_of(desk) == ("life", "P0")
    triaging.triage(
        staff=desk.team["Wren"], case_id=case, threats=[], needs=[], refuted=[working.RAISED], why="it was her uncle"
    )
    assert level_of(desk) == before


def test_only_a_refuted_fact_lowers_and_a_new_answer_counts_again(desk: Desk) -> None:
    case = one_case(danger=["yes"])
    assert level_of(desk) == ("life", "P0")
    with pytest.raises(casework.WhyMissing):
        triaging.triage(staff=desk.lead, case_id=case, threats=[], needs=[], refuted=["danger"])
    triaging.triage(staff=desk.lead, case_id=case, threats=[], needs=[], refuted=["danger"], why="asked her: a slip")
    assert level_of(desk)[1] != "P0"
    said = reading.case_page(desk.lead, case).work.seen.refuted
    assert [(one.fact, one.by, one.why) for one in said] == [("danger", desk.lead.id, "asked her: a slip")]
    folded = working._Triages()
    folded.answered({"danger": ["no"]})
    folded.add(payloads.Triage(at=clock.now(), refuted=("danger",), why="a slip"), desk.lead.id)
    folded.answered({})
    assert [one.fact for one in folded.seen().refuted] == ["danger"]
    folded.answered({"danger": ["yes"]})
    assert folded.seen().refuted == ()


def test_kinds_of_threat_that_a_colleague_adds_only_raise(desk: Desk) -> None:
    case = one_case(threats=["offline-attack"], ongoing=["yes"])
    high = level_of(desk)
    assert high == ("life", "P0")
    triaging.triage(staff=desk.lead, case_id=case, threats=["smear"], needs=[])
    assert level_of(desk) == high and queue.load(desk.lead).rows[0].triaged


def test_triage_does_all_or_nothing(desk: Desk) -> None:
    case, version = one_case(), Case.objects.get().version
    assigning.take(staff=desk.team["Wren"], case_id=case)
    with pytest.raises(ChangedMeanwhile):
        triaging.triage(
            staff=desk.lead, case_id=case, threats=[], needs=[], state="closed", why="x", take=True
        )
    assert not queue.load(desk.lead).rows[0].triaged and Case.objects.get().state == "open"
    with pytest.raises(ChangedMeanwhile):
        triaging.triage(staff=desk.lead, case_id=case, threats=[], needs=[], version=version)
    triaging.triage(
        staff=desk.team["Wren"], case_id=case, threats=["doxing"], needs=["legal"], state="waiting-on-partner",
        take=True,
    )
    assert Case.objects.get().state == "waiting-on-partner"
    for fact in ("finding-level", "no such question"):  # what a detector saw is decided finding by finding
        with pytest.raises(DeskError):
            triaging.triage(staff=desk.lead, case_id=case, threats=[], needs=[], refuted=[fact], why="x")
    for threat, need, level in (("love", "legal", ""), ("smear", "wings", ""), ("smear", "legal", "P9")):
        with pytest.raises(DeskError):
            triaging.triage(staff=desk.lead, case_id=case, threats=[threat], needs=[need], level=level, why="x")


def test_what_no_colleague_signed_changes_nothing(desk: Desk) -> None:
    from django.db import transaction

    from amparo import seal

    case = one_case()
    with transaction.atomic():
        for payload in (
            payloads.Assignment(at=clock.now(), who=desk.lead.id),
            payloads.Wave(at=clock.now(), wave=uuid4(), title="x"),
            payloads.Triage(at=clock.now(), refuted=("danger",), why="forged"),
            payloads.HandOver(at=clock.now(), shift=uuid4(), text="forged"),
        ):
            writing.write_item(case=Case.objects.get(), payload=payload, author=seal.UNSIGNED)
    assert reading.case_page(desk.lead, case).work == working.Working()


def test_a_wave_holds_cases_that_stay_cases(desk: Desk) -> None:
    cases = [one_case(threats=["smear"], danger=["no"]) for _ in range(3)] + [one_case(threats=["doxing"])]
    people.report("hidden from Wren", excluded=Exclusion(pseudonyms=("wren",)))
    hidden = next(row.case for row in queue.load(desk.lead).rows if row.case not in cases)
    wave, done = waves.gather(staff=desk.team["Wren"], cases=[*cases, hidden], title="  The   bridge ")
    assert set(done.good) == set(cases) and [case for case, _ in done.failed] == [hidden]
    page = waves.page(desk.lead, wave)
    assert page.title == "The bridge" and {row.case for row in page.rows} == set(cases)
    assert page.threats["smear"] == 3 and page.threats["doxing"] == 1 and sum(page.levels.values()) == 4
    waves.put(staff=desk.lead, wave=wave, cases=[hidden])
    assert len(waves.page(desk.lead, wave).rows) == 5 and len(waves.page(desk.team["Wren"], wave).rows) == 4
    waves.take_out(staff=desk.lead, wave=wave, cases=cases[:1])
    assert len(waves.page(desk.team["Wren"], wave).rows) == 3
    with pytest.raises(NotFound):
        waves.page(desk.lead, uuid4())
    with pytest.raises(DeskError):
        waves.gather(staff=desk.lead, cases=[], title="x")
    with pytest.raises(DeskError):
        waves.gather(staff=desk.lead, cases=cases, title="  ")


def test_a_wave_is_answered_in_each_reporters_language_and_only_there(desk: Desk) -> None:
    people.report("uno", language="es")
    people.report("one", language="en")
    people.report("un", language="fr")
    rows = list(queue.load(desk.lead).rows)
    wave, _ = waves.gather(staff=desk.lead, cases=[row.case for row in rows], title="t")
    chosen = [row.case for row in rows if row.language != "en"]
    done = waves.send(staff=desk.lead, wave=wave, cases=chosen, texts={"es": "Leímos.", "en": "Read."})
    assert len(done.good) == 1 and len(done.failed) == 1
    said = {row.language: [line.text for line in reading.case_page(desk.lead, row.case).dialogue] for row in rows}
    assert said == {"es": ["Leímos."], "en": [], "fr": []}
    other = one_case()
    assert waves.send(staff=desk.lead, wave=wave, cases=[other], texts={"en": "x"}).good == ()


def test_many_cases_at_once(desk: Desk) -> None:
    cases = [one_case() for _ in range(3)]
    assigning.take(staff=desk.team["Swift"], case_id=cases[0])
    done = waves.assign(staff=desk.team["Wren"], cases=cases, to=desk.team["Wren"].id)
    assert set(done.good) == set(cases[1:]) and done.failed[0][0] == cases[0]
    waves.set_state(staff=desk.lead, cases=cases, state="out-of-mandate", why="another desk")
    assert set(Case.objects.values_list("state", flat=True)) == {"out-of-mandate"}


def test_a_shift_is_handed_over_line_by_line_to_who_reads_the_case(desk: Desk) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    pressing, held = one_case(danger=["yes"]), one_case(danger=["no"])
    quiet = one_case(danger=["no"])
    people.report("not for Swift", excluded=Exclusion(pseudonyms=("swift",)))
    closed_to_swift = next(row.case for row in queue.load(wren).rows if row.case not in (pressing, held, quiet))
    assigning.take(staff=wren, case_id=held)
    duties.add(staff=wren, case_id=closed_to_swift, text="call", due=clock.now() + HOUR, who=wren.id)
    drafts = {one.row.case: one for one in handing.draft(wren)}
    assert drafts[held].mine and drafts[pressing].unanswered and drafts[closed_to_swift].duties[0].text == "call"
    assert drafts[held].acts == {"assigned": 1} and quiet not in drafts

    kept = handing.keep(staff=wren, lines={held: "she waits for us", closed_to_swift: "call at ten", pressing: " "},
                        text="The kettle is broken.")
    assert kept == 2
    seen = handing.waiting(swift, queue.load(swift).rows.sheet.notes)
    assert [(one.who, one.text, one.case) for one in seen] == [
        ("Wren", "The kettle is broken.", None), ("Wren", "she waits for us", held)
    ]
    assert len(handing.waiting(desk.lead, queue.load(desk.lead).rows.sheet.notes)) == 3
    assert handing.waiting(wren, queue.load(wren).rows.sheet.notes) == ()
    handing.mark_read(staff=swift, ids=(seen[1].id,))
    assert [one.case for one in handing.waiting(swift, queue.load(swift).rows.sheet.notes)] == [None]
    handing.mark_read(staff=swift, ids=(seen[0].id,))
    assert handing.waiting(swift, queue.load(swift).rows.sheet.notes) == ()
    assert len(handing.waiting(desk.lead, queue.load(desk.lead).rows.sheet.notes)) == 3
    assert held not in {one.row.case for one in handing.draft(wren) if one.acts}  # a new shift began
    with pytest.raises(DeskError):
        handing.keep(staff=wren, lines={held: " "}, text=" ")


def test_a_hand_over_with_a_lost_case_keeps_nothing_and_says_so(desk: Desk) -> None:
    wren = desk.team["Wren"]
    mine, lost = one_case(), one_case()
    casework.remove_colleague(staff=desk.lead, case_id=lost, colleague=wren.id)
    with pytest.raises(NotFound):
        handing.keep(staff=wren, lines={mine: "a", lost: "b"}, text="c")
    assert handing.waiting(desk.lead, queue.load(desk.lead).rows.sheet.notes) == ()


def test_my_time_zone_is_sealed_and_mine(desk: Desk) -> None:
    wren = desk.team["Wren"]
    profile.set_zone(staff=wren, zone="America/Bogota")
    assert profile.load(wren).zone == "America/Bogota" and profile.load(desk.lead).zone == ""
    assert str(profile.zone_named("")) == "UTC" and str(profile.zone_named("America/Bogota")) == "America/Bogota"
    with pytest.raises(DeskError):
        profile.set_zone(staff=wren, zone="Mars/Base")
    from amparo.desk.records import Staff

    raw = bytes(Staff.objects.get(id=wren.id).profile or b"")
    assert raw and b"Bogota" not in raw
    Staff.objects.filter(id=desk.lead.id).update(profile=raw)  # a row put in another's place
    assert profile.load(desk.lead) == profile.Profile()
