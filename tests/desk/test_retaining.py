"""What will be erased: on a list first, kept with a reason, and never because a clock jumped."""

import datetime as dt
import sqlite3

import pytest
from django.db import connection

from amparo import seal
from amparo.desk import (
    casework,
    clock,
    configuration,
    custody,
    doctor,
    reading,
    retaining,
    returning,
    shredding,
    tend,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, NotAllowedHere, NotFound
from amparo.desk.records import Case, Grant, Setting
from tests.desk import people
from tests.desk.test_tend import Clock

DAY = dt.timedelta(days=1)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def days(hand: Clock, count: float) -> None:
    """The clock runs evenly for so many days."""
    hand.run(count * 24, step=4)


def due_in(hand: Clock, count: int) -> Case:
    """A report kept since long ago, whose last day is `count` days ahead."""
    people.report("one")
    case = Case.objects.get()
    Case.objects.update(opened_on=hand.at.date() - 300 * DAY, retention_on=hand.at.date() + count * DAY)
    return case


def acts(action: str) -> list[seal.CustodyEntry]:
    return [one.entry for one in custody.lines() if one.entry.action == action]


def test_a_case_stands_on_the_list_for_thirty_days_before_its_day(desk: people.Desk, hand: Clock) -> None:
    case = due_in(hand, 31)
    tend.tend_once()
    assert retaining.coming(desk.lead).rows == () and retaining.soon(desk.lead) is None
    days(hand, 1)
    row, = retaining.coming(desk.lead).rows
    assert (row.case, row.why, row.at, row.kept) == (case.id, "retention", None, False)
    assert row.on == hand.at.date() + 31 * DAY  # the day after its last
    assert row.told is not None and row.row is not None and row.row.case == case.id
    soon = retaining.soon(desk.lead)
    assert soon is not None and (soon.count, soon.first, soon.last, soon.held) == (1, row.on, row.on, False)
    assert [(one.case, one.actor_kind) for one in acts("announced")] == [(case.id, "desk")]
    days(hand, 30.5)
    assert Case.objects.exists()
    days(hand, 1.5)
    assert not Case.objects.exists()
    assert [one.detail for one in acts("destroyed")] == [("case", "retention")]
    assert len(acts("announced")) == 1
    assert not Setting.objects.filter(name__contains=case.id.hex).exists()  # nothing of it stays behind


def test_nothing_is_erased_by_its_day_before_it_was_announced_for_long_enough(
    desk: people.Desk, hand: Clock
) -> None:
    due_in(hand, -200)  # long over, on a desk that comes to this program only now
    tend.tend_once()
    row, = retaining.coming(desk.lead).rows
    assert row.on == hand.at.date() + 14 * DAY
    days(hand, 13.9)
    assert Case.objects.exists()
    days(hand, 0.5)
    assert not Case.objects.exists()


def test_a_desk_that_keeps_reports_shorter_than_the_notice_still_erases_on_the_day(
    desk: people.Desk, hand: Clock
) -> None:
    (configuration.data_folder() / "desk.toml").write_text("reserve = 1000000\nretention_days = 3\n")
    people.report("one")
    Case.objects.update(opened_on=hand.at.date(), retention_on=hand.at.date() + 3 * DAY)
    tend.tend_once()
    days(hand, 3)
    assert Case.objects.exists()
    days(hand, 2)
    assert not Case.objects.exists()


@pytest.mark.parametrize("way", [365, -365, 3650])
def test_a_jump_over_the_day_erases_nothing_and_is_told(desk: people.Desk, hand: Clock, way: int) -> None:
    case = due_in(hand, 10)
    tend.tend_once()
    days(hand, 8)  # announced for eight days already
    before = hand.at
    hand.at += way * DAY
    assert not tend.tend_once().clock_even
    jump = retaining.coming(desk.lead).jump
    assert jump is not None
    assert (jump.before.date(), jump.landed.date()) == (before.date(), hand.at.date())
    told = {one.code: one for one in doctor.time()}
    assert told["clock"].level == "bad" and f"{hand.at:%Y-%m-%d}" in told["clock"].says
    days(hand, 40)  # the wrong clock runs evenly, and nobody says that it is right
    assert Case.objects.get().state == "open"
    hand.at -= way * DAY  # somebody sets it right
    tend.tend_once()
    assert retaining.coming(desk.lead).jump is None
    assert {one.code: one.level for one in doctor.time()}["clock"] == "good"
    assert Case.objects.get().id == case.id
    days(hand, 13.5)
    assert Case.objects.exists(), "the notice began anew"
    days(hand, 1.5)
    assert not Case.objects.exists()


def test_after_a_jump_a_colleague_says_that_the_day_is_right(desk: people.Desk, hand: Clock) -> None:
    due_in(hand, 10)
    tend.tend_once()
    days(hand, 8)
    hand.at += 30 * DAY  # the machine slept for a month
    tend.tend_once()
    soon = retaining.soon(desk.lead)
    assert soon is not None and soon.held
    days(hand, 20)
    assert Case.objects.exists()
    retaining.accept_clock(staff=desk.team["Wren"])
    assert retaining.coming(desk.lead).jump is None
    assert [one.detail[0] for one in acts("retention")] == ["clock"]
    days(hand, 13.5)
    assert Case.objects.exists(), "whoever relied on “nothing is erased” has the full time to look"
    days(hand, 1)
    assert not Case.objects.exists()


def test_a_desk_that_slept_for_a_month_announces_first(desk: people.Desk, hand: Clock) -> None:
    due_in(hand, 20)
    tend.tend_once()
    days(hand, 15)  # already long enough on the list, its day still ahead
    hand.at += 30 * DAY
    tend.tend_once()
    retaining.accept_clock(staff=desk.lead)
    days(hand, 13.5)
    assert Case.objects.exists()
    row, = retaining.coming(desk.lead).rows
    assert row.told is not None and row.told.since.date() == hand.at.date() - 13 * DAY - dt.timedelta(hours=12)
    days(hand, 1)
    assert not Case.objects.exists()
    assert len(acts("announced")) == 2


def test_a_machine_that_is_off_every_night_still_erases(desk: people.Desk, hand: Clock) -> None:
    due_in(hand, 25)
    tend.tend_once()
    for _ in range(26):
        days(hand, 14 / 24)
        hand.at += dt.timedelta(hours=10)
        tend.tend_once()
    assert retaining.coming(desk.lead).jump is None
    days(hand, 1.5)
    assert not Case.objects.exists()


def test_a_withdrawal_waits_for_its_day_and_no_longer_whatever_the_list_says(desk: people.Desk, hand: Clock) -> None:
    words, _ = people.report("one")
    tend.tend_once()
    hand.at += 400 * DAY
    tend.tend_once()  # a jump that nobody has looked at
    hand.at -= 400 * DAY
    hand.at += 5 * DAY
    tend.tend_once()
    returning.withdraw(returning.open_receipt(" ".join(words)))
    row, = retaining.coming(desk.lead).rows
    assert (row.why, row.at) == ("withdrawn", hand.at + returning.GRACE)
    days(hand, 1)
    days(hand, 0.4)
    assert not Case.objects.exists()


def test_who_has_seen_the_list_is_said_and_nobody_unseen_stops_it(desk: people.Desk, hand: Clock) -> None:
    due_in(hand, 20)
    tend.tend_once()
    row, = retaining.coming(desk.lead).rows
    assert row.told is not None and row.told.seen is None
    days(hand, 3)
    retaining.seen(staff=desk.lead, cases=[row.case])
    first = hand.at
    days(hand, 1)
    retaining.seen(staff=desk.team["Wren"], cases=[row.case])
    row, = retaining.coming(desk.lead).rows
    assert row.told is not None and row.told.seen == first


def test_nobody_signs_in_for_weeks_and_only_what_was_announced_goes(desk: people.Desk, hand: Clock) -> None:
    early = due_in(hand, 15)
    days(hand, 10)
    people.report("two")
    late = Case.objects.exclude(id=early.id).get()
    Case.objects.filter(id=late.id).update(opened_on=hand.at.date() - 90 * DAY, retention_on=hand.at.date())
    days(hand, 7)
    assert list(Case.objects.values_list("id", flat=True)) == [late.id]
    days(hand, 8)
    assert not Case.objects.exists()


def veto(staff: OpenStaff, case: Case, day: dt.date) -> None:
    retaining.keep(staff=staff, case_id=case.id, day=day, why="A court asked for it.")


def test_a_lead_keeps_a_case_against_erasing(desk: people.Desk, hand: Clock) -> None:
    case = due_in(hand, 5)
    tend.tend_once()
    until = hand.at.date() + 25 * DAY
    with pytest.raises(NotAllowedHere):
        veto(desk.team["Wren"], case, until)
    with pytest.raises(casework.WhyMissing):
        retaining.keep(staff=desk.lead, case_id=case.id, day=until, why=" ")
    veto(desk.lead, case, until)
    assert [(one.case, one.actor, one.detail) for one in acts("kept")] == [
        (case.id, desk.lead.id, (until.isoformat(),))
    ]
    with pytest.raises(retaining.Kept) as refused:
        casework.set_retention(staff=desk.team["Wren"], case_id=case.id, day=until - 10 * DAY, why="no need")
    assert until.isoformat() in str(refused.value)
    with pytest.raises(retaining.Kept):
        casework.shred_case(staff=desk.lead, case_id=case.id, why="enough")
    row, = retaining.coming(desk.team["Wren"]).rows
    assert row.kept and row.on == until + DAY
    entry = next(one for one in reading.case_page(desk.lead, case.id).timeline if one.what == "kept")
    assert (entry.value, entry.text, entry.who, entry.proven) == (
        until.isoformat(), "A court asked for it.", "Heron", True
    )
    days(hand, 25)
    assert Case.objects.exists()
    days(hand, 2)
    assert not Case.objects.exists()


def test_a_lead_lifts_a_veto_and_a_handler_may_go_beyond_it(desk: people.Desk, hand: Clock) -> None:
    case = due_in(hand, 5)
    until = hand.at.date() + 25 * DAY
    veto(desk.lead, case, until)
    casework.set_retention(staff=desk.team["Wren"], case_id=case.id, day=until + DAY, why="longer still")
    casework.set_retention(staff=desk.lead, case_id=case.id, day=until - 20 * DAY, why="the court is done")
    assert retaining.kept_until(case.id) is None
    casework.set_retention(staff=desk.team["Wren"], case_id=case.id, day=until - 21 * DAY, why="no need")
    assert Case.objects.get().retention_on == until - 21 * DAY


def test_a_veto_never_keeps_a_minor_longer_than_the_desk_may(desk: people.Desk, hand: Clock) -> None:
    people.report("one", under_18=["yes"])
    case = Case.objects.get()
    longest = hand.at.date() + dt.timedelta(days=configuration.current().minor_retention_days)
    assert case.retention_on == longest
    with pytest.raises(DeskError) as refused:
        veto(desk.lead, case, longest + DAY)
    assert refused.value.code == "day"
    days(hand, 61)
    row, = retaining.coming(desk.lead).rows
    assert row.why == "minor"


def test_a_veto_does_not_hold_a_withdrawal_up(desk: people.Desk, hand: Clock) -> None:
    words, _ = people.report("one")
    case = Case.objects.get()
    tend.tend_once()
    veto(desk.lead, case, hand.at.date() + 300 * DAY)
    returning.withdraw(returning.open_receipt(" ".join(words)))
    with pytest.raises(DeskError):
        veto(desk.lead, case, hand.at.date() + 300 * DAY)
    days(hand, 1.5)
    assert not Case.objects.exists()


def test_a_veto_in_the_middle_of_a_pass_wins(
    desk: people.Desk, hand: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = due_in(hand, 0)
    tend.tend_once()
    days(hand, 13.5)
    real = retaining.may_erase

    def while_a_lead_keeps_it(*given: object) -> bool:
        may = real(*given)  # type: ignore[arg-type]
        if may:
            veto(desk.lead, case, hand.at.date() + 20 * DAY)
        return may

    monkeypatch.setattr(retaining, "may_erase", while_a_lead_keeps_it)
    days(hand, 2)
    kept = Case.objects.get()
    assert kept.state == "open" and kept.retention_on > hand.at.date()
    assert reading.case_page(desk.lead, case.id).answers


def test_a_long_reader_and_those_who_could_read_it_are_told_until_it_is_over(
    desk: people.Desk, hand: Clock
) -> None:
    case = due_in(hand, 0)
    casework.remove_colleague(staff=desk.lead, case_id=case.id, colleague=desk.team["Swift"].id)
    tend.tend_once()
    days(hand, 13)
    reader = sqlite3.connect(connection.settings_dict["NAME"])
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM desk_item").fetchone()
    days(hand, 2)
    assert Case.objects.get().state == "erasing" and not Grant.objects.exists()
    for reads in (desk.lead, desk.team["Wren"]):
        found = retaining.coming(reads)
        assert found.erasing == (case.id,) and found.rows == () and found.traces
        soon = retaining.soon(reads)
        assert soon is not None and soon.erasing == (case.id,) and soon.count == 0
    assert retaining.coming(desk.team["Swift"]).erasing == ()
    with pytest.raises(NotFound):
        reading.case_page(desk.lead, case.id)
    reader.close()
    assert tend.tend_once().erasing == 0
    assert retaining.soon(desk.lead) is None and not retaining.coming(desk.lead).traces
    assert not Setting.objects.filter(name__contains=case.id.hex).exists()


class Killed(BaseException):
    """The process ends here: nothing after this line runs, what was committed stays."""


@pytest.mark.parametrize("at", ["finish", "finish_case", "remove", "forget"])
def test_a_process_killed_in_the_middle_leaves_nothing_half_erased(
    desk: people.Desk, hand: Clock, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    people.report("one", files=(("a.txt", b"x" * 50_000),))
    case = Case.objects.get()
    Case.objects.update(opened_on=hand.at.date() - 300 * DAY, retention_on=hand.at.date())
    tend.tend_once()
    days(hand, 13.9)

    def dies(*_: object, **__: object) -> None:
        raise Killed

    where = {"finish": shredding, "finish_case": shredding, "remove": shredding.blobs, "forget": retaining}[at]
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(where, at, dies)
        days(hand, 1)
    assert not Grant.objects.exists(), "the keys go first"
    tend.tend_once()
    tend.tend_once()
    assert not Case.objects.exists() and not shredding.waiting()
    assert not Setting.objects.filter(name__contains=case.id.hex).exists()
    assert [one.detail for one in acts("destroyed") if one.case == case.id] == [("case", "retention")]


def test_marks_tell_no_word_of_a_case(desk: people.Desk, hand: Clock) -> None:
    case = due_in(hand, 3)
    tend.tend_once()
    veto(desk.lead, case, hand.at.date() + 20 * DAY)
    retaining.seen(staff=desk.lead, cases=[case.id])
    rows = Setting.objects.filter(name__contains=case.id.hex)
    assert {row.name.partition(":")[0]: len(bytes(row.value)) for row in rows} == {"told": 24, "kept": 4}


def test_the_clock_is_accepted_only_by_those_who_work_on_cases(desk: people.Desk, hand: Clock) -> None:
    admin = people.join(desk, "Rook", "admin")
    tend.tend_once()
    hand.at += 90 * DAY
    tend.tend_once()
    for refused in (retaining.accept_clock, retaining.seen):
        with pytest.raises(NotAllowedHere):
            refused(staff=admin, **({"cases": []} if refused is retaining.seen else {}))
    with pytest.raises(NotAllowedHere):
        retaining.coming(admin)
    assert clock.jumped() is not None
