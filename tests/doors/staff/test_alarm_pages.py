"""Alarms and the duty rota on their pages: seen by who reads the case, one press, gaps in words, times in my zone."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from amparo.desk import clock, configuration, custody, letters, pinged_at, profile, ringing, rota, waking
from amparo.desk.records import Absence, Alarm, Turn
from tests.doors.seeded import Desk
from tests.doors.staff.pressing import press, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(seeded_desk: Desk) -> Iterator[Desk]:
    path = configuration.data_folder() / "desk.toml"
    before = path.read_text()
    with transaction.atomic():
        yield seeded_desk
        transaction.set_rollback(True)
    path.write_text(before)
    configuration._read.cache_clear()
    for one in seeded_desk.staff.values():
        (configuration.data_folder() / "site" / "pings" / str(one.id)).unlink(missing_ok=True)


@pytest.fixture
def handler(desk: Desk) -> Client:
    return desk.client("handler:granted")


@pytest.fixture
def lead(desk: Desk) -> Client:
    return desk.client("lead:granted")


def with_mail(port: int = 9) -> None:
    path = configuration.data_folder() / "desk.toml"
    path.write_text(path.read_text() + f'\n[pings]\nmail_host = "127.0.0.1"\nmail_port = {port}\nmail_tls = "none"\n'
                                       'mail_from = "a@desk.test"\nseconds = 1\n')
    configuration._read.cache_clear()


def test_who_reads_the_case_sees_its_alarm_on_every_page_and_says_that_they_look(
    desk: Desk, handler: Client
) -> None:
    assert "1 alarm waits. Look now." in shown(handler, "/staff/")
    page = shown(handler, "/staff/alarms/")
    assert "A report says that somebody is in danger" in page and f"/staff/case/{desk.case}/" in page
    alarm = Alarm.objects.get().id
    after = press(handler, f"/staff/alarms/{alarm}/", page).content.decode()
    assert "No more pings go out" in after and "No alarm waits" in after and "handler granted looks at it." in after
    assert "alarm waits" not in shown(desk.client("lead:granted"), "/staff/")
    again = press(desk.client("lead:granted"), f"/staff/alarms/{alarm}/", page).content.decode()
    assert "A colleague was faster" in again


@pytest.mark.parametrize("actor", ["handler:excluded", "handler:none", "lead:excluded"])
def test_whoever_does_not_read_the_case_learns_of_no_alarm(desk: Desk, actor: str) -> None:
    client = desk.client(actor)
    assert "alarm waits" not in shown(client, "/staff/")
    page = shown(client, "/staff/alarms/")
    assert "No alarm waits" in page and str(desk.case) not in page
    assert press(client, f"/staff/alarms/{Alarm.objects.get().id}/", page).status_code == 404
    assert Alarm.objects.get().acknowledged_at is None


def test_a_ping_that_could_not_be_sent_stands_above_the_pages_also_of_who_mends_it(desk: Desk) -> None:
    with_mail()
    ringing.ring_due()
    for actor in ("handler:granted", "handler:none", "admin"):
        assert "A ping could not be sent." in shown(desk.client(actor), "/staff/account/"), actor
    assert "A ping could not be sent." not in shown(desk.client("auditor"), "/staff/account/")
    assert "has not said where to be pinged" in shown(desk.client("lead:granted"), "/staff/alarms/")


def test_a_lead_plans_in_her_zone_and_a_handler_reads_it_in_his(desk: Desk, lead: Client, handler: Client) -> None:
    with transaction.atomic():
        profile.set_zone(staff=desk.staff["handler:granted"], zone="Asia/Kathmandu")
    page = shown(lead, "/staff/rota/")
    day = clock.today() + dt.timedelta(days=3)
    after = press(lead, "/staff/rota/plan/", page, who=str(desk.staff["handler:granted"].id), place="first",
                  day=str(day), begins="22:00", ends="06:00", days="2", weeks="1").content.decode()
    assert "2 turns are planned." in after and "22:00" in after and Turn.objects.count() == 2
    mine = shown(desk.client("handler:granted"), "/staff/rota/")
    turns = re.findall("<bdi>you</bdi> · first · [^<]* 03:45\u201311:45", mine)  # 22:00 to 06:00 in UTC
    assert "Asia/Kathmandu" in mine and len(turns) == 2
    assert "Plan turns" not in mine


def test_a_gap_is_an_error_in_words_on_the_rota_and_a_line_on_the_leads_queue(
    desk: Desk, lead: Client, handler: Client
) -> None:
    now = clock.now().replace(second=0, microsecond=0)
    who = desk.staff["handler:granted"].id
    for begins in (2, 6):
        Turn.objects.create(staff_id=who, place="first", starts_at=now + dt.timedelta(hours=begins),
                            ends_at=now + dt.timedelta(hours=begins + 2))
    page = shown(lead, "/staff/rota/")
    gaps = re.findall(r'<li class="error">(Nobody: [^<]+)</li>', page)
    assert len(gaps) == 2 and f"{now + dt.timedelta(hours=4):%H:%M}" in gaps[1]
    queue = shown(lead, "/staff/")
    assert all(one in queue for one in gaps) and "Nobody: " not in shown(handler, "/staff/")


def test_a_break_tells_the_leads_and_ends_with_a_press(desk: Desk, handler: Client) -> None:
    me = desk.staff["handler:granted"]
    now = clock.now()
    Turn.objects.create(staff_id=me.id, place="first", starts_at=now, ends_at=now + dt.timedelta(hours=4))
    page = shown(handler, "/staff/rota/")
    until = now + dt.timedelta(days=2)
    after = press(handler, "/staff/rota/away/", page, day=f"{until:%Y-%m-%d}", hour="08:00").content.decode()
    assert "1 turn of yours lies in it; the leads are told" in after and rota.on_duty(clock.now()) == ()
    (letter,) = letters.read(desk.staff["lead:granted"], letters.HAND_OVER)
    assert letter.text.startswith("handler granted is away until") and letter.proven
    press(handler, "/staff/rota/back/", after)
    assert rota.on_duty(clock.now()) == (me.id,) and not Absence.objects.filter(ends_at__gt=clock.now()).exists()


def test_a_turn_is_handed_on_and_taken_out(desk: Desk, lead: Client, handler: Client) -> None:
    now = clock.now()
    turn = Turn.objects.create(staff_id=desk.staff["handler:granted"].id, place="second", starts_at=now,
                               ends_at=now + dt.timedelta(hours=4))
    page = shown(handler, "/staff/rota/")
    press(handler, "/staff/rota/hand/", page, turn=str(turn.id), **{"to-colleague": str(desk.staff["handler:none"].id)})
    assert rota.on_duty(now) == (desk.staff["handler:none"].id,)
    assert str(turn.id) not in shown(handler, "/staff/rota/")  # a colleague's turn has no button for me
    assert press(handler, "/staff/rota/hand/", page, turn=str(turn.id),
                 **{"to-colleague": str(desk.staff["handler:granted"].id)}).status_code == 404
    press(lead, "/staff/rota/drop/", shown(lead, "/staff/rota/"), turn=str(turn.id))
    assert not Turn.objects.exists()


def test_where_i_am_pinged_is_shown_to_me_and_tried_on_me_alone(desk: Desk, handler: Client, lead: Client) -> None:
    with_mail()
    page = shown(handler, "/staff/account/pings/")
    wrong = press(handler, "/staff/account/pings/", page, mail="", command="-o two")
    assert wrong.status_code == 400 and "-o two" in wrong.content.decode()
    after = press(handler, "/staff/account/pings/", page, mail="box@mail.test", command="", **{"try": "yes"})
    assert "a test goes to you" in after.content.decode()
    assert pinged_at.of(desk.staff["handler:granted"].id).mail == "box@mail.test"
    assert "box@mail.test" not in shown(lead, "/staff/rota/") + shown(lead, "/staff/account/pings/")
    test = waking.alarms(desk.staff["handler:granted"])[0]
    assert test.kind == "test" and waking.holders(test.id) == {desk.staff["handler:granted"].id}
    assert "A test: nobody is in danger" in shown(handler, "/staff/alarms/")


def test_what_i_looked_at_is_told_to_me_and_a_colleague_can_look_instead(desk: Desk, handler: Client) -> None:
    me = desk.staff["handler:granted"]
    assert "Swap" not in shown(handler, "/staff/shift/")
    with transaction.atomic():
        custody.record(custody.entry("viewed", case=desk.case, actor_kind="staff", actor=me.id, detail=("clear",)))
    page = shown(handler, "/staff/shift/")
    assert "You opened 1 unblurred picture this week" in page and "guessed from when you went on" in page
    assert "Swap" not in shown(desk.client("lead:granted"), "/staff/shift/")
    lead = desk.staff["lead:granted"]
    after = press(handler, f"/staff/case/{desk.case}/swap/", page, **{"to-colleague": str(lead.id)}).content.decode()
    assert "Your colleague has it as a task." in after
    assert "in place of handler granted" in shown(desk.client("lead:granted"), "/staff/tasks/")


def test_a_rota_that_is_full_for_half_a_year_stays_a_small_page(desk: Desk, lead: Client) -> None:
    people = [desk.staff[one].id for one in ("handler:granted", "handler:none", "lead:granted")]
    start = clock.now().replace(hour=6, minute=0, second=0, microsecond=0)
    Turn.objects.bulk_create(
        Turn(staff_id=people[(shift + place) % 3], place=rota.PLACES[place], starts_at=start + shift * hours,
             ends_at=start + (shift + 1) * hours)
        for hours in (dt.timedelta(hours=8),) for shift in range(3 * 182) for place in (0, 1))
    page = shown(lead, "/staff/rota/")
    assert len(page.encode()) < 50_000 and page.count('name="turn"') > 80
    assert "?page=1" in page and "Nobody: " not in page
    last = shown(lead, "/staff/rota/?page=12")
    assert "?page=11" in last and "?page=13" not in last and 'name="turn"' in last
    assert "?page=1" in shown(lead, "/staff/rota/?page=x")
