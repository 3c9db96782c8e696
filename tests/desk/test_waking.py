"""Alarms: who is told, in which order, until somebody acknowledges; what lies in the database; what a ping says."""

import ast
import datetime as dt
import sys
from pathlib import Path

import pytest

from amparo.desk import (
    configuration,
    pinged_at,
    pinging,
    policy,
    ringing,
    rota,
    site,
    tend,
    triaging,
    waking,
)
from amparo.desk.errors import NotFound
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Alarm, Letter, Ping
from tests.desk import mailserver, nights, people


@pytest.fixture
def night(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> nights.Clock:
    """Three in the morning; Wren is first, Swift second, Heron leads. All have an address."""
    clock = nights.Clock(monkeypatch)
    evening = nights.NIGHT - dt.timedelta(hours=3)
    nights.on_duty(desk, desk.team["Wren"], "first", evening)
    nights.on_duty(desk, desk.team["Swift"], "second", evening)
    for one in (desk.lead, *desk.team.values()):
        nights.address(one)
    return clock


def box(one: object) -> str:
    return f"box-{one.id.hex[:8]}@mail.test"  # type: ignore[attr-defined]


def test_first_then_second_then_every_lead_until_somebody_acknowledges(
    desk: people.Desk, night: nights.Clock
) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    with mailserver.serving() as server:
        nights.mail(server.port, second_after_minutes=10, repeat_minutes=20)
        people.report("They are at the door.", danger=["yes"])
        assert server.spool == []  # nothing is sent in the reporter's request
        night.wait(0)
        assert nights.told(server.spool) == [box(wren)]
        night.wait(9)
        assert len(server.spool) == 1
        night.wait(1)
        assert nights.told(server.spool[1:]) == [box(swift)]
        night.wait(10)
        assert sorted(nights.told(server.spool[2:])) == sorted(map(box, (wren, swift, desk.lead)))
        night.wait(20)
        assert len(server.spool) == 8
        mine = waking.alarms(swift)
        assert [(one.kind, one.case) for one in mine] == [("danger", nights.case_of(desk))]
        assert waking.acknowledge(staff=swift, alarm=mine[0].id)
        assert not waking.acknowledge(staff=wren, alarm=mine[0].id)  # a colleague was faster
        night.wait(200)
        assert len(server.spool) == 8
    seen = waking.alarms(wren)[0]
    assert seen.acknowledged_by == swift.id and seen.acknowledged_at == nights.NIGHT + dt.timedelta(minutes=40)
    assert [(one.step, one.who) for one in seen.rung][:2] == [(0, wren.id), (1, swift.id)]


@pytest.mark.parametrize(("answers", "rings"), [
    ({"danger": ["yes"]}, True), ({"danger": ["unsure"]}, True), ({"danger": ["no"]}, False), ({}, False),
])
def test_a_report_rings_where_it_says_danger_or_is_not_sure(
    desk: people.Desk, answers: dict[str, list[str]], rings: bool
) -> None:
    people.report("one", **answers)
    assert Alarm.objects.exists() is rings


def test_a_level_raised_to_act_now_rings(desk: people.Desk) -> None:
    people.report("one", danger=["no"])
    case = nights.case_of(desk)
    for level, count in (("P1", 0), ("P0", 1)):
        triaging.triage(staff=desk.lead, case_id=case, threats=(), needs=(), level=level, why="he called again")
        assert Alarm.objects.count() == count
    assert waking.alarms(desk.team["Wren"])[0].kind == "raised"


def test_whom_a_reporter_excluded_is_neither_pinged_nor_told(desk: people.Desk, night: nights.Clock) -> None:
    wren = desk.team["Wren"]
    with mailserver.serving() as server:
        nights.mail(server.port)
        people.report("It is Wren.", danger=["yes"], excluded=Exclusion(pseudonyms=("Wren",)))
        night.wait(0)
        assert nights.told(server.spool) == [box(desk.team["Swift"])]  # the second, at once
        night.wait(60)
        assert box(wren) not in nights.told(server.spool)
    assert waking.alarms(wren) == () and waking.open_count(wren.id) == 0
    with pytest.raises(NotFound):
        waking.acknowledge(staff=wren, alarm=Alarm.objects.get().id)
    assert Alarm.objects.get().acknowledged_at is None


def test_a_case_that_nobody_here_reads_any_more_still_wakes_a_lead_who_is_not_told_which(
    desk: people.Desk
) -> None:
    people.report("one", danger=["no"], excluded=Exclusion(pseudonyms=("Heron", "Swift")))
    case = nights.case_of(desk)
    from amparo.desk import people as colleagues

    colleagues.remove_staff(lead=desk.lead, staff_id=desk.team["Wren"].id)
    waking.wake("check-in", case)
    seen = waking.alarms(desk.lead)
    assert [(one.kind, one.case, one.proven) for one in seen] == [("check-in", None, True)]


def test_the_row_tells_no_case_and_the_letter_opens_to_its_reader_only(desk: people.Desk) -> None:
    people.report("one", danger=["yes"])
    case, wren = nights.case_of(desk), desk.team["Wren"]
    stored = b"".join(
        repr(values).encode() for model in (Alarm, Ping, Letter) for values in model.objects.values_list())
    assert case.bytes not in stored and str(case).encode() not in stored and case.hex.encode() not in stored
    assert b"danger" not in stored
    assert waking.alarms(wren)[0].case == case


def test_a_row_that_the_desk_did_not_raise_says_so_and_leads_nowhere(desk: people.Desk) -> None:
    from uuid import uuid4

    from amparo.desk import clock, letters

    people.report("one", danger=["no"])
    case, alarm = nights.case_of(desk), uuid4()
    Alarm.objects.create(id=alarm, raised_at=clock.now(), next_at=clock.now())
    letters.write(staff=None, to=[desk.lead.id], kind=letters.ALARM, text="", thread=alarm,
                  facts={"kind": "check-in", "case": str(case), "mac": "00" * 32})
    seen = waking.alarms(desk.lead)[0]
    assert (seen.kind, seen.case, seen.proven) == ("unreadable", None, False)


def test_what_is_not_urgent_waits_at_random_and_goes_out_together(desk: people.Desk, night: nights.Clock) -> None:
    with mailserver.serving() as server:
        nights.mail(server.port, jitter_minutes=15)
        for _ in range(12):
            waking.wake("test", urgent=False)
        waits = [(one.next_at - one.raised_at).total_seconds() / 60 for one in Alarm.objects.all()]
        assert all(0 <= one <= 15 for one in waits) and len({round(one, 3) for one in waits}) > 6
        night.wait(15)
        assert nights.told(server.spool) == [box(desk.team["Wren"])]  # twelve alarms, one ping


def test_every_ping_has_the_same_text_and_size(desk: people.Desk, night: nights.Clock) -> None:
    with mailserver.serving() as server:
        nights.mail(server.port, second_after_minutes=1)
        people.report("A long story about a gate.", danger=["yes"])
        waking.wake("test")
        waking.wake("raised", nights.case_of(desk), urgent=False)
        for _ in range(6):
            night.wait(5)
        bodies = {text.split("\r\n\r\n", 1)[1] for _, text in server.spool}
        assert bodies == {"Amparo: please look.\r\n"}
        assert len({len(text) for _, text in server.spool}) == 1  # all addresses here are equally long
        assert {line for _, text in server.spool for line in text.split("\r\n") if line.startswith("Subject")} == {
            "Subject: Amparo"}


def test_without_a_rota_the_leads_are_pinged_at_once(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = nights.Clock(monkeypatch)
    to = nights.address(desk.lead)
    with mailserver.serving() as server:
        nights.mail(server.port)
        people.report("one", danger=["yes"])
        clock.wait(0)
        assert nights.told(server.spool) == [to]
    assert not waking.unsent()


def test_a_desk_without_a_way_to_ping_shows_the_alarm_and_writes_no_endless_log(
    desk: people.Desk, night: nights.Clock
) -> None:
    people.report("one", danger=["yes"])
    for _ in range(5):
        assert night.wait(60) == 0
    assert Ping.objects.count() == 0 and waking.open_count(desk.team["Wren"].id) == 1


def test_a_clock_set_back_does_not_put_an_alarm_off(desk: people.Desk, night: nights.Clock) -> None:
    with mailserver.serving() as server:
        nights.mail(server.port)
        night.at += dt.timedelta(days=2)
        people.report("one", danger=["yes"])
        night.at -= dt.timedelta(days=2)
        night.wait(0)
        assert len(server.spool) == 1


def test_of_two_processes_one_rings(desk: people.Desk, night: nights.Clock) -> None:
    with mailserver.serving() as server, ringing._alone() as first:
        nights.mail(server.port)
        people.report("one", danger=["yes"])
        assert first and night.wait(0) == 0 and server.spool == []


def test_a_command_is_given_the_text_and_nothing_else(
    desk: people.Desk, night: nights.Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "of the desk")
    wrote = tmp_path / "wrote"
    bridge = tmp_path / "bridge.py"
    bridge.write_text("import os, sys\n"
                      f"open({str(wrote)!r}, 'w').write(repr((sys.argv[1:], sys.stdin.read(), dict(os.environ))))")
    nights.configure(command=[sys.executable, str(bridge), "--to", "{to}"], seconds=10)
    pinged_at.keep(staff=desk.team["Wren"], mail="nobody@mail.test", command="+34600000000")
    people.report("one", danger=["yes"])
    assert night.wait(0) == 1
    arguments, text, environment = ast.literal_eval(wrote.read_text())
    assert arguments == ["--to", "+34600000000"] and text == "Amparo: please look.\n"
    assert not environment.keys() - {"LC_CTYPE"}  # what Python itself sets


@pytest.mark.parametrize("to", ["-oProxy", "two words", "a\nb", "a;b", "$(x)"])
def test_an_address_can_never_be_an_option_or_two_words(desk: people.Desk, to: str) -> None:
    with pytest.raises(pinged_at.AddressUnclear):
        pinged_at.keep(staff=desk.lead, command=to)
    with pytest.raises(pinged_at.AddressUnclear):
        pinged_at.keep(staff=desk.lead, mail=to)


def test_addresses_lie_in_the_site_folder_alone_and_go_with_their_owner(desk: people.Desk) -> None:
    wren = desk.team["Wren"]
    to = nights.address(wren)
    files = [one for one in configuration.data_folder().rglob("*") if one.is_file() and to.encode() in one.read_bytes()]
    assert files == [site.folder() / "pings" / str(wren.id)] and files[0].stat().st_mode & 0o777 == 0o400
    from amparo.desk import people as colleagues

    colleagues.remove_staff(lead=desk.lead, staff_id=wren.id)
    tend.tend_once()
    assert not files[0].exists()


def test_covered_means_that_somebody_can_be_woken(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    nights.Clock(monkeypatch)
    wren = desk.team["Wren"]
    assert not waking.covered()
    nights.on_duty(desk, wren, "first", nights.NIGHT - dt.timedelta(hours=1))
    assert not waking.covered()  # no way to ping
    nights.mail(1)
    assert not waking.covered()  # no address
    nights.address(wren)
    assert waking.covered()
    assert not waking.covered(nights.NIGHT + dt.timedelta(hours=7))  # the end is no part of a turn
    rota.away(staff=wren, until=nights.NIGHT + dt.timedelta(hours=2))
    assert not waking.covered() and waking.covered(nights.NIGHT + dt.timedelta(hours=2))


def test_what_a_reporter_is_told(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    nights.Clock(monkeypatch)
    wren = desk.team["Wren"]
    assert waking.standing() == waking.Standing(False, False)
    nights.mail(1)
    nights.address(wren)
    morning = nights.NIGHT + dt.timedelta(hours=5)
    nights.on_duty(desk, wren, "first", morning)
    assert waking.standing() == waking.Standing(True, False, morning)
    assert waking.standing(morning) == waking.Standing(True, True)
    rota.away(staff=wren, until=morning + dt.timedelta(hours=1))
    assert waking.standing() == waking.Standing(True, False, morning + dt.timedelta(hours=1))


def test_alarms_go_a_week_after_they_were_acknowledged(desk: people.Desk, night: nights.Clock) -> None:
    people.report("one", danger=["yes"])
    alarm = Alarm.objects.get().id
    night.at += dt.timedelta(days=30)
    tend.tend_once()
    assert Alarm.objects.exists()  # nobody has looked yet
    waking.acknowledge(staff=desk.lead, alarm=alarm)
    night.at += dt.timedelta(days=8)
    tend.tend_once()
    assert not Alarm.objects.exists() and not Letter.objects.filter(kind="alarm").exists()


def test_only_those_who_work_on_cases_see_alarms() -> None:
    assert {role for role in policy.ROLES if policy.may(role, "none", "alarm.see")} == {"handler", "lead"}


@pytest.mark.parametrize("line", [
    'mail_tls = "none"\nmail_host = "mail.example"\nmail_from = "a@b.example"', 'text = "two\\nlines"', 'text = ""',
    'command = ["bridge"]', 'mail_host = "mail.example"', 'mail_tls = "perhaps"',
])
def test_a_configuration_that_could_tell_something_is_refused(line: str) -> None:
    with pytest.raises(configuration.BadConfiguration):
        configuration.parse(f"[pings]\n{line}\n".encode())


def test_mail_over_starttls_with_a_certificate_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = mailserver.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with mailserver.serving(certificate=file) as server:
        pings = configuration.Pings(mail_host="localhost", mail_port=server.port, mail_from="desk@desk.test", seconds=5)
        assert pinging.deliver(pings, pinged_at.Addresses(mail="a@mail.test")) == pinging.SENT
        assert nights.told(server.spool) == ["a@mail.test"]


def test_the_loop_beside_tend_rings_by_itself(desk: people.Desk) -> None:
    import threading

    to = nights.address(desk.lead)
    with mailserver.serving() as server:
        nights.mail(server.port)
        stop = threading.Event()
        loop = threading.Thread(target=ringing.keep_ringing, args=(stop, 0.1))
        loop.start()
        try:
            people.report("one", danger=["yes"])
            assert server.taken.wait(20)
        finally:
            stop.set()
            loop.join(20)
        assert nights.told(server.spool) == [to]


def test_the_doctor_says_whether_anybody_can_be_woken(desk: people.Desk) -> None:
    from amparo.desk import clock, doctor

    def says() -> tuple[str, str]:
        (one,) = doctor.pings()
        return one.level, one.says

    assert says()[0] == "warn" and "Nobody is woken" in says()[1]
    nights.mail(1, mail_user="desk")
    assert says() == ("bad", "Pings can't be sent by mail: the file site/mail-password is missing.")
    (site.folder() / "mail-password").write_text("secret")
    assert says()[0] == "warn" and "no duty rota" in says()[1]
    nights.on_duty(desk, desk.team["Wren"], "first", clock.now())
    assert says() == ("bad", "No colleague has said where to be pinged.")
    nights.address(desk.team["Wren"])
    assert says()[0] == "good"
