"""Check-ins: missed, pressed late or twice, forced, over a clock that jumps and a desk that is down, never silent."""

import datetime as dt
from uuid import UUID

import msgspec
import pytest

from amparo import seal
from amparo.desk import checkins, checkplans, configuration, opening, protocols, returning, site, tend, waking
from amparo.desk.errors import DeskError, NotFound, WhyMissing
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Alarm, CheckIn, Item, Turn
from tests.attacks import seizure_scan
from tests.attacks.seizure_scan import canary
from tests.desk import nights, people

FORM = {
    "who-1": "Amal, my sister", "how-1": "+999 5550 101", "say-1": "That I am late.", "never-1": "Where I was.",
    "otherwise": "Go to the meeting place with two colleagues.", "word": "Blue umbrella", "in": "4", "every": "0",
    "days": "1", "grace": "30",
}
HOURLY = {**FORM, "every": "6", "days": "2"}


@pytest.fixture
def night(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> nights.Clock:
    """Somebody is on duty for a week without a gap, and the desk's clock was looked at just now."""
    moved = nights.Clock(monkeypatch)
    with_pings()
    for day in range(7):
        start = nights.NIGHT + dt.timedelta(days=day)
        nights.on_duty(desk, desk.team["Wren"], "first", start, hours=24)
    for one in (desk.lead, *desk.team.values()):
        nights.address(one)
    tend.tend_once()
    return moved


def with_pings() -> None:
    nights.mail(9, second_after_minutes=10)  # nothing listens there: what is sent is not the matter here


def go(moved: nights.Clock, minutes: float) -> int:
    """Time passes as it does, `tend` looking at each hour; how many alarms of check-ins rang."""
    before = Alarm.objects.count()
    while minutes > 0:
        moved.at += dt.timedelta(minutes=min(minutes, 60))
        minutes -= 60
        tend.tend_once()
    return Alarm.objects.count() - before


def reporter(**more: object) -> returning.Access:
    words, _ = people.report("They watch the office.", **more)  # type: ignore[arg-type]
    return returning.open_receipt(" ".join(words))


def begun(form: dict[str, str] = FORM) -> returning.Access:
    access = reporter()
    checkins.begin(access, checkplans.read(form))
    return access


def shown(access: returning.Access) -> str:
    """The time that her page carries."""
    standing = checkins.of_reporter(access)
    assert standing and standing.due
    return standing.due.isoformat()


def due(access: returning.Access) -> dt.datetime | None:
    standing = checkins.of_reporter(access)
    assert standing
    return standing.due


def test_missed_rings_once_after_grace_and_the_protocol_opens_only_then(
    desk: people.Desk, night: nights.Clock
) -> None:
    access, wren = begun(), desk.team["Wren"]
    assert due(access) == nights.NIGHT + dt.timedelta(hours=4)
    assert go(night, 4 * 60 + 29) == 0, "in time and grace"
    with pytest.raises(NotFound):
        protocols.open_protocol(staff=wren, case_id=access.case)
    assert protocols.of_case(wren, access.case).protocol is None
    assert go(night, 7) == 1 and go(night, 180) == 0, "once, and not again while it is open"
    (alarm,) = waking.alarms(wren)
    assert (alarm.kind, alarm.case, alarm.urgent) == ("check-in", access.case, True)
    assert protocols.of_case(wren, access.case).protocol is None, "not before it was opened by name"
    protocols.open_protocol(staff=wren, case_id=access.case)
    view = protocols.of_case(wren, access.case)
    assert view.protocol and view.protocol.contacts[0] == checkplans.Contact(
        "Amal, my sister", "+999 5550 101", "That I am late.", "Where I was.")
    assert protocols.of_case(desk.team["Swift"], access.case).protocol is None, "each opens it by name"
    assert waking.alarms(wren)[0].acknowledged_by == wren.id
    protocols.note(staff=wren, case_id=access.case, step=0, text="No answer.")
    protocols.note(staff=wren, case_id=access.case, step=protocols.OTHERWISE, text="Two colleagues are on the way.")
    with pytest.raises(NotFound):
        protocols.note(staff=wren, case_id=access.case, step=1, text="There is no second person.")
    with pytest.raises(WhyMissing):
        protocols.close(staff=wren, case_id=access.case, why="  ", go_on=False)
    assert protocols.close(staff=wren, case_id=access.case, why="She was found, and is well.", go_on=True) is None
    view = protocols.of_case(wren, access.case)
    assert view.protocol is None and view.alarm is None and not CheckIn.objects.exists()
    assert [(one.what, one.step, one.text) for one in view.done if one.who] == [
        ("opened", 0, ""), ("called", 0, "No answer."), ("called", 100, "Two colleagues are on the way."),
        ("closed", 0, "She was found, and is well."), ("closed", 0, "")]
    for one in returning.read_kinds(access, ("check-in",)):
        assert isinstance(one, opening.Read) and one.payload and not one.payload.text, "her words open no outcome"


def test_pressed_in_time_twice_and_late(desk: people.Desk, night: nights.Clock) -> None:
    access = begun(HOURLY)
    first = nights.NIGHT + dt.timedelta(hours=4)
    checkins.press(access, "well", due=shown(access))
    assert due(access) == first, "too early to count: the time stays"
    go(night, 3 * 60)
    before = shown(access)
    checkins.press(access, "well", due=before)
    checkins.press(access, "well", due=before)
    assert due(access) == first + dt.timedelta(hours=6), "pressed twice, counted once"
    checkins.press(access, "well", due=shown(access))
    assert due(access) == first + dt.timedelta(hours=6), "and a fresh page changes nothing of it"
    assert go(night, 7 * 60 + 36) == 1
    checkins.press(access, "well", due=shown(access))
    assert due(access) == first + dt.timedelta(hours=12)
    row = CheckIn.objects.get()
    assert row.alarm is None, "a false alarm: the protocol is closed again"
    with pytest.raises(NotFound):
        protocols.open_protocol(staff=desk.team["Wren"], case_id=access.case)
    assert waking.open_count(desk.team["Wren"].id) == 1, "a colleague still looks at it"
    assert go(night, 6 * 60 + 20) == 1, "the next one rings, too"


@pytest.mark.parametrize("what", checkins.PRESSES)
def test_the_agreed_word_rings_at_once_and_looks_like_any_press(
    desk: people.Desk, night: nights.Clock, what: str
) -> None:
    forced, free = begun(HOURLY), begun(HOURLY)
    go(night, 3 * 60)
    for access, word in ((forced, "all fine, BLUE umbrella!"), (free, "all fine, green umbrella")):
        checkins.press(access, what, due=shown(access), word=word, hours=4)
    assert Alarm.objects.count() == (2 if what == "help" else 1)
    assert checkins.of_reporter(forced).due == checkins.of_reporter(free).due  # type: ignore[union-attr]
    kinds = [[(one.payload.what, one.payload.due) for one in returning.read_kinds(access, ("check-in",))]  # type: ignore[union-attr]
             for access in (forced, free)]
    assert kinds[0] == kinds[1], "her words open nothing that tells the two apart"
    wren = desk.team["Wren"]
    protocols.open_protocol(staff=wren, case_id=forced.case)
    view = protocols.of_case(wren, forced.case)
    assert view.firm and view.protocol and "forced" in [one.what for one in view.done]
    if due(forced) is not None:
        night.at += dt.timedelta(hours=2)
        checkins.press(forced, "well", due=shown(forced))
        checkins.press(forced, "ended", due=shown(forced))
    assert protocols.of_case(wren, forced.case).alarm == view.alarm, "only a colleague ends it"
    protocols.close(staff=wren, case_id=forced.case, why="Reached, and safe.", go_on=False)
    assert not CheckIn.objects.filter(case=forced.case).exists()


def test_another_plan_in_its_place_tells_nothing_and_takes_no_alarm_away(
    desk: people.Desk, night: nights.Clock
) -> None:
    access, wren = begun(), desk.team["Wren"]
    checkins.press(access, "well", due=shown(access), word="blue umbrella")
    first = CheckIn.objects.get()
    checkins.begin(access, checkplans.read({**FORM, "who-1": "Somebody else", "in": "8"}))
    assert due(access) == nights.NIGHT + dt.timedelta(hours=8) and CheckIn.objects.count() == 2
    with pytest.raises(DeskError):
        protocols.begin(staff=wren, case_id=access.case, plan=checkplans.read(FORM))
    protocols.open_protocol(staff=wren, case_id=access.case)
    view = protocols.of_case(wren, access.case)
    assert view.alarm == first.alarm and not view.newest, "the protocol that was agreed when the alarm rang"
    assert view.protocol and view.protocol.contacts[0].who == "Amal, my sister"
    protocols.close(staff=wren, case_id=access.case, why="Reached by phone.", go_on=True)
    assert [row.id for row in CheckIn.objects.all()] == [protocols.of_case(wren, access.case).standing.plan]  # type: ignore[union-attr]
    assert go(night, 9 * 60) == 1, "and the new plan is watched on its own"


def test_help_rings_without_waiting_and_only_once(desk: people.Desk, night: nights.Clock) -> None:
    access = begun()
    for _ in range(3):
        checkins.press(access, "help", due="anything")
    assert Alarm.objects.count() == 1 and CheckIn.objects.get().alarm == Alarm.objects.get().id


def test_desk_down_over_the_time_rings_at_its_start_and_says_how_late(
    desk: people.Desk, night: nights.Clock
) -> None:
    access = begun()
    night.at += dt.timedelta(hours=30)  # nobody looked at any clock
    tend.tend_once()
    view = protocols.of_case(desk.team["Wren"], access.case)
    assert view.alarm and view.raised_at and view.standing and view.standing.rings()
    assert view.raised_at - view.standing.rings() == dt.timedelta(hours=25, minutes=30)


def test_clock_forward_rings_at_once(desk: people.Desk, night: nights.Clock) -> None:
    begun()
    night.at += dt.timedelta(days=40)
    tend.tend_once()
    assert Alarm.objects.count() == 1


def test_clock_set_back_delays_nothing(desk: people.Desk, night: nights.Clock) -> None:
    begun()
    go(night, 60)
    night.at -= dt.timedelta(days=3)
    assert go(night, 0) == 0
    tend.tend_once()
    assert go(night, 3 * 60) == 0, "three of the four hours, and not the grace"
    assert go(night, 60) == 1, "as many hours as were agreed, whatever the clock shows"


def test_withdrawal_ends_them_all_and_open_alarms_stay(desk: people.Desk, night: nights.Clock) -> None:
    quiet, rang = begun(), begun()
    checkins.press(rang, "help", due=shown(rang))
    for access in (quiet, rang):
        returning.withdraw(access)
    assert [row.case_id for row in CheckIn.objects.all()] == [rang.case]
    assert go(night, 10 * 60) == 0
    with pytest.raises(DeskError):
        checkins.begin(quiet, checkplans.read(FORM))
    returning.undo_withdrawal(quiet)
    assert due(quiet) is None, "her page does not say that a plan runs for which nothing rings"
    protocols.open_protocol(staff=desk.team["Wren"], case_id=rang.case)
    protocols.close(staff=desk.team["Wren"], case_id=rang.case, why="Spoke with her.", go_on=True)
    assert not CheckIn.objects.exists()


def test_not_switched_on_where_nobody_is_awake(desk: people.Desk, night: nights.Clock) -> None:
    access = reporter()
    plan = checkplans.read(HOURLY)
    Turn.objects.filter(starts_at__lte=nights.NIGHT + dt.timedelta(hours=30),
                        ends_at__gt=nights.NIGHT + dt.timedelta(hours=30)).delete()
    with pytest.raises(checkplans.NobodyAwake) as told:
        checkplans.read(HOURLY)
    assert "2027-03-04 07:00 UTC" in str(told.value), "the first time that is not covered"
    with pytest.raises(checkplans.NobodyAwake):
        checkins.begin(access, plan)  # the rota changed since the try-out
    assert checkins.of_reporter(access) is None and not CheckIn.objects.exists()
    Turn.objects.all().delete()
    with pytest.raises(checkplans.NobodyAwake):
        checkplans.read(FORM)


def test_pause_moves_the_time_and_asks_the_rota(desk: people.Desk, night: nights.Clock) -> None:
    access = begun(HOURLY)
    checkins.press(access, "paused", due=shown(access), hours=11)
    assert due(access) == nights.NIGHT + dt.timedelta(hours=16)
    assert go(night, 16 * 60 + 29) == 0 and go(night, 7) == 1
    again = begun()
    with pytest.raises(checkplans.NobodyAwake):
        checkins.press(again, "paused", due=shown(again), hours=160)
    assert due(again) is not None


def test_ended_by_either_and_changed_for_a_new_one(desk: people.Desk, night: nights.Clock) -> None:
    access, wren = begun(), desk.team["Wren"]
    checkins.begin(access, checkplans.read({**FORM, "in": "8"}))
    assert CheckIn.objects.count() == 1 and due(access) == nights.NIGHT + dt.timedelta(hours=8)
    checkins.press(access, "ended", due=shown(access))
    assert due(access) is None and not CheckIn.objects.exists()
    protocols.begin(staff=wren, case_id=access.case, plan=checkplans.read(FORM))
    standing = checkins.of_reporter(access)
    assert standing and standing.by == "staff"
    protocols.end(staff=wren, case_id=access.case)
    assert go(night, 600) == 0
    with pytest.raises(checkins.NoPlan):
        checkins.press(access, "well", due="")


@pytest.mark.parametrize(("wrong", "field"), [
    ({"who-1": "", "how-1": "", "say-1": "", "never-1": ""}, "who-1"), ({"how-1": " "}, "how-1"),
    ({"say-1": ""}, "say-1"), ({"otherwise": ""}, "otherwise"), ({"word": "a!"}, "word"), ({"in": "soon"}, "in"),
    ({"in": "nan"}, "in"), ({"in": "1e9"}, "in"), ({"begins": "2020-01-01T00:00:00+00:00"}, "in"),
    ({"begins": "yesterday"}, "in"), ({"every": "5"}, "every"), ({"every": "1", "grace": "120"}, "grace"),
    ({"days": ""}, "days"), ({"who-2": "Nobody's number"}, "how-2"), ({"otherwise": "x" * 2001}, "otherwise"),
])
def test_what_is_wrong_in_a_plan_is_named(
    desk: people.Desk, night: nights.Clock, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(checkplans.BadPlan) as told:
        checkplans.read({**FORM, **wrong})
    assert told.value.field == field and told.value.advice


def test_a_row_that_somebody_moved_rings(desk: people.Desk, night: nights.Clock) -> None:
    begun()
    CheckIn.objects.update(due_at=nights.NIGHT + dt.timedelta(days=300), even_at=1e12)
    assert go(night, 1) == 1
    assert CheckIn.objects.get().alarm == Alarm.objects.get().id
    other = begun()
    CheckIn.objects.filter(case=other.case).update(alarm=UUID(int=7))  # as if it rang: opens nothing, silences nothing
    with pytest.raises(NotFound):
        protocols.open_protocol(staff=desk.team["Wren"], case_id=other.case)
    assert go(night, 1) == 1


def test_a_row_that_somebody_took_out_is_told(desk: people.Desk, night: nights.Clock) -> None:
    access = begun()
    assert protocols.of_case(desk.lead, access.case).watched
    CheckIn.objects.all().delete()
    assert not protocols.of_case(desk.lead, access.case).watched
    checkins.press(access, "paused", due=shown(access), hours=6)
    assert protocols.of_case(desk.lead, access.case).watched, "her next press mends it"
    assert go(night, 7 * 60) == 1


def test_an_alarm_whose_plan_was_taken_out_can_be_ended(desk: people.Desk, night: nights.Clock) -> None:
    access, wren = begun(), desk.team["Wren"]
    go(night, 5 * 60)
    Item.objects.filter(kind="check-in").delete()
    view = protocols.of_case(wren, access.case)
    assert view.standing is None and view.alarm and view.raised_at, "told, though nothing is left to open"
    with pytest.raises(NotFound):
        protocols.open_protocol(staff=wren, case_id=access.case)
    protocols.close(staff=wren, case_id=access.case, why="Reached by phone.", go_on=True)
    assert not CheckIn.objects.exists()


def test_the_protocol_needs_both_the_case_and_the_site(
    desk: people.Desk, night: nights.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = begun()
    item = Item.objects.select_related("key").get(kind="check-in")
    # The database and every colleague's keys, without the site folder: one layer opens, the other does not.
    lead = opening.for_staff(desk.lead.id, desk.lead.keys.kex.private, access.case)
    (read,) = opening.read_items(lead, [item])[0]
    assert read.payload and b"Amal" not in read.raw and b"Amal" not in msgspec.msgpack.encode(read.payload)
    plan, sealed = read.payload.plan, read.payload.protocol  # type: ignore[union-attr]
    assert checkplans.open_up(access.case, plan, sealed).contacts[0].who == "Amal, my sister", "with both it opens"
    for secret in (bytes(32), seal.new_data_key()):
        with pytest.raises(seal.Tampered):
            seal.open_protocol(secret, access.case, plan, sealed)
    # The site folder and the database, without a colleague's keys: the outer layer does not even open.
    secret = site.keyed_hash("check-in", "protocol")
    for stored in (bytes(item.body), bytes(item.key.sealed)):
        with pytest.raises(seal.Tampered):
            seal.open_protocol(secret, access.case, plan, stored)
    with pytest.raises(seal.Tampered):
        seal.open_data_key(seal.new_data_key(), bytes(item.key.sealed), access.case, item.id, item.kind, item.key.epoch)
    # Sealed to another plan or case, it opens nowhere else.
    with pytest.raises(seal.Tampered):
        checkplans.open_up(access.case, UUID(int=1), sealed)


def test_whom_she_excluded_neither_sees_nor_opens(desk: people.Desk, night: nights.Clock) -> None:
    access = reporter(excluded=Exclusion(pseudonyms=("Wren",)))
    checkins.begin(access, checkplans.read(FORM))
    checkins.press(access, "help", due="")
    wren = desk.team["Wren"]
    assert waking.alarms(wren) == ()
    with pytest.raises(NotFound):
        protocols.open_protocol(staff=wren, case_id=access.case)
    protocols.open_protocol(staff=desk.team["Swift"], case_id=access.case)


def test_nothing_of_a_plan_is_on_the_disk(
    desk: people.Desk, night: nights.Clock, caplog: pytest.LogCaptureFixture
) -> None:
    form = {name: canary(number, name) if name in (
        "who-1", "how-1", "say-1", "never-1", "otherwise", "word") else text
        for number, (name, text) in enumerate(FORM.items())}
    access, wren = begun(form), desk.team["Wren"]
    go(night, 5 * 60)
    protocols.open_protocol(staff=wren, case_id=access.case)
    protocols.note(staff=wren, case_id=access.case, step=0, text=canary(50, "outcome"))
    protocols.close(staff=wren, case_id=access.case, why=canary(51, "reason"), go_on=False)
    again = begun(form)
    checkins.press(again, "well", due=shown(again), word=form["word"])
    assert Alarm.objects.count() == 2
    assert seizure_scan.scan([configuration.data_folder()]) == []
    assert seizure_scan.PLAIN not in caplog.text
