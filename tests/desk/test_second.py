"""A second person: asked with a reason, answered by another, used once, kept in the history."""

import datetime as dt
from uuid import UUID, uuid4

import pytest

from amparo.desk import bulk, casework, clock, configuration, custody, opening, reading, second
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.records import Case, Setting
from tests.desk import people as made


def configure(lines: str) -> None:
    (configuration.data_folder() / "desk.toml").write_text(f"reserve = 1000000\n{lines}\n")


@pytest.fixture
def case(desk: made.Desk) -> UUID:
    configure("second_person = true")
    made.report("They wait at my gate.")
    return Case.objects.get().id


def later(monkeypatch: pytest.MonkeyPatch, **more: float) -> None:
    moment = clock.now() + dt.timedelta(**more)
    monkeypatch.setattr(clock, "now", lambda: moment)


def only(desk: made.Desk, case: UUID) -> second.Asked:
    (one,) = second.of_case(desk.lead, case)
    return one


def test_erasing_needs_another_reader_and_then_happens_once(desk: made.Desk, case: UUID) -> None:
    with pytest.raises(second.NeedsSecond):
        casework.shred_case(staff=desk.lead, case_id=case, why="asked for")
    request = second.ask(staff=desk.lead, case_id=case, act="shred", why="She asked on the telephone.")
    with pytest.raises(second.NeedsSecond):
        casework.shred_case(staff=desk.lead, case_id=case, why="asked for")
    (waits,) = second.waiting(desk.team["Wren"])
    assert (waits.act, waits.why, waits.who, waits.case) == ("shred", "She asked on the telephone.", "Heron", case)
    assert second.waiting_count(desk.team["Swift"]) == 1 and second.waiting_count(desk.lead) == 0
    second.answer(staff=desk.team["Wren"], case_id=case, request=request, approve=True, words="I heard it too.")
    assert second.waiting_count(desk.team["Swift"]) == 0
    assert casework.shred_case(staff=desk.lead, case_id=case, why="asked for")
    assert not Case.objects.exists()


def test_an_approval_is_used_up(desk: made.Desk, case: UUID) -> None:
    second.answer(staff=desk.team["Wren"], case_id=case, approve=True, request=second.ask(
        staff=desk.lead, case_id=case, act="export", why="for her lawyer"))
    second.allow(staff=desk.lead, act="export", case_ids=[case])
    with pytest.raises(second.NeedsSecond):
        second.allow(staff=desk.lead, act="export", case_ids=[case])
    one = only(desk, case)
    assert one.state == "used" and one.used_at and one.answer and one.answer.who == "Wren"


def test_an_approval_is_for_one_act_one_case_and_one_colleague(desk: made.Desk, case: UUID) -> None:
    made.report("another")
    other = Case.objects.exclude(id=case).get().id
    second.answer(staff=desk.team["Wren"], case_id=case, approve=True, request=second.ask(
        staff=desk.team["Swift"], case_id=case, act="export", why="for her lawyer"))
    for who, act, where in ((desk.lead, "export", case), (desk.team["Swift"], "identity", case),
                            (desk.team["Swift"], "export", other), (desk.team["Wren"], "export", case)):
        with pytest.raises(second.NeedsSecond):
            second.allow(staff=who, act=act, case_ids=[where])
    second.allow(staff=desk.team["Swift"], act="export", case_ids=[case])


def test_approvals_and_requests_are_too_old_after_a_day(
    desk: made.Desk, case: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = second.ask(staff=desk.lead, case_id=case, act="shred", why="asked for")
    second.answer(staff=desk.team["Wren"], case_id=case, request=request, approve=True)
    late = second.ask(staff=desk.lead, case_id=case, act="shred", why="again")
    later(monkeypatch, hours=25)
    with pytest.raises(second.NeedsSecond):
        casework.shred_case(staff=desk.lead, case_id=case, why="asked for")
    with pytest.raises(NotFound):
        second.answer(staff=desk.team["Wren"], case_id=case, request=late, approve=True)
    assert second.waiting(desk.team["Wren"]) == () and second.waiting_count(desk.team["Wren"]) == 0
    assert [one.state for one in second.of_case(desk.lead, case)] == ["expired", "expired"]


def test_a_refusal_stays_in_the_history_and_in_the_log(desk: made.Desk, case: UUID) -> None:
    request = second.ask(staff=desk.lead, case_id=case, act="export", why="curious")
    second.answer(staff=desk.team["Swift"], case_id=case, request=request, approve=False, words="Ask her first.")
    with pytest.raises(NotFound):
        second.answer(staff=desk.team["Wren"], case_id=case, request=request, approve=True)
    with pytest.raises(second.NeedsSecond):
        second.allow(staff=desk.lead, act="export", case_ids=[case])
    one = only(desk, case)
    assert one.state == "refused" and one.answer and (one.answer.who, one.answer.words) == ("Swift", "Ask her first.")
    written = [(line.entry.action, line.entry.detail) for line in custody.lines(case=case)]
    assert ("refused", ("export",)) in written and ("asked", ("export",)) in written


def test_a_desk_without_the_rule_asks_nobody(desk: made.Desk) -> None:
    made.report("one")
    case = Case.objects.get().id
    second.allow(staff=desk.lead, act="export", case_ids=[case])
    assert casework.shred_case(staff=desk.lead, case_id=case, why="asked for")


def test_many_cases_are_exported_with_one_word_of_the_desk(desk: made.Desk, case: UUID) -> None:
    made.report("another")
    both = list(Case.objects.values_list("id", flat=True))
    with pytest.raises(second.NeedsSecond):
        second.allow(staff=desk.lead, act="export", case_ids=both)
    request = second.ask_desk(staff=desk.lead, act="export", why="We leave this desk.")
    (waits,) = second.waiting(desk.team["Wren"])
    assert (waits.case, waits.why) == (None, "We leave this desk.")
    second.answer_desk(staff=desk.team["Wren"], request=request, approve=True)
    second.allow(staff=desk.lead, act="export", case_ids=both)
    with pytest.raises(second.NeedsSecond):
        second.allow(staff=desk.lead, act="export", case_ids=both)


def test_the_word_for_an_export_covers_its_number(desk: made.Desk) -> None:
    configure("bulk_per_hour = 5")
    for number in range(7):
        made.report(f"report {number}")
    every = list(Case.objects.values_list("id", flat=True))
    with pytest.raises(bulk.BulkLimit):
        second.allow(staff=desk.lead, act="export", case_ids=every)
    reading.case_page(desk.lead, every[0])  # what was refused was not counted
    second.answer_desk(staff=desk.team["Wren"], approve=True, request=second.ask_desk(
        staff=desk.lead, act="export", why="We leave this desk."))
    second.allow(staff=desk.lead, act="export", case_ids=every)
    for case in every:
        reading.case_page(desk.lead, case)  # which the export does while it is made
    with pytest.raises(bulk.BulkLimit):
        made.report("one more")
        reading.case_page(desk.lead, Case.objects.exclude(id__in=every).get().id)


def test_bad_requests_are_told(desk: made.Desk, case: UUID) -> None:
    with pytest.raises(DeskError, match="no reason"):
        second.ask(staff=desk.lead, case_id=case, act="export", why=" ")
    with pytest.raises(DeskError, match="no such thing"):
        second.ask(staff=desk.lead, case_id=case, act="everything", why="x")
    with pytest.raises(NotFound):
        second.answer(staff=desk.lead, case_id=case, request=uuid4(), approve=True)
    with pytest.raises(DeskError):
        second.ask(staff=desk.team["Wren"], case_id=case, act="shred", why="only a lead erases")


def test_one_reader_alone_has_nobody_to_ask(desk: made.Desk, case: UUID) -> None:
    for name in ("Wren", "Swift"):
        configure("second_person = false")  # as if that had been so when they left the case
        casework.remove_colleague(staff=desk.lead, case_id=case, colleague=desk.team[name].id)
    configure("second_person = true")
    request = second.ask(staff=desk.lead, case_id=case, act="shred", why="asked for")
    assert second.waiting_count(desk.team["Wren"]) == 0
    with pytest.raises(NotFound):
        second.answer(staff=desk.team["Wren"], case_id=case, request=request, approve=True)


def test_what_was_opened_is_counted_once_and_kept_sealed(desk: made.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    configure("bulk_per_hour = 5")
    for number in range(6):
        made.report(f"report {number}")
    ids = list(Case.objects.order_by("changed").values_list("id", flat=True))
    for case in (*ids[:5], *ids[:5]):
        reading.case_page(desk.lead, case)
    with pytest.raises(bulk.BulkLimit):
        reading.case_page(desk.lead, ids[5])
    reading.case_page(desk.lead, ids[0])
    reading.case_page(desk.team["Wren"], ids[5])  # each colleague has a number of their own
    stored = bytes(Setting.objects.get(name=f"opened:{desk.lead.id.hex}").value)
    assert not any(one.bytes in stored or one.hex.encode() in stored for one in ids)
    later(monkeypatch, minutes=61)
    reading.case_page(desk.lead, ids[5])


def test_reading_a_case_for_the_queue_is_not_opening_it(desk: made.Desk) -> None:
    from amparo.desk import queue

    configure("bulk_per_hour = 5")
    for number in range(12):
        made.report(f"report {number}")
    assert len(queue.load(desk.lead).rows) == 12
    assert not Setting.objects.filter(name__startswith="opened:").exists()
    opening.for_staff(desk.lead.id, desk.lead.keys.kex.private, Case.objects.all()[0].id)
