"""A mail server that is down, hangs, drips, takes a ping and then refuses it, or shows a wrong certificate; a command
that fails or never returns. Each time the next way is tried, then the next person, and the pages say so."""

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from amparo.desk import configuration, pinged_at, pinging, waking
from amparo.desk.records import LogEntry, Ping
from tests.desk import conftest as given
from tests.desk import mailserver, nights, people

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk
TO = pinged_at.Addresses(mail="somebody@mail.test")


def settings(port: int, **more: object) -> configuration.Pings:
    told = {"mail_host": "localhost", "mail_port": port, "mail_tls": "none", "mail_from": "a@desk.test", "seconds": 1}
    return configuration.Pings(**{**told, **more})  # type: ignore[arg-type]


def test_down() -> None:
    assert pinging.deliver(settings(mailserver.free_port()), TO) == "no-answer"


@pytest.mark.parametrize(("fault", "code"), [
    ("after-data", "refused"), ("no-recipient", "refused"), ("hangs", "no-answer"), ("drips", "late"),
])
def test_each_lie_has_a_name_and_an_end(fault: str, code: str) -> None:
    began = time.monotonic()
    with mailserver.serving(fault) as server:
        assert pinging.deliver(settings(server.port), TO) == code
        assert server.spool == []
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("wrong", ["stranger", "other-name", "none"])
def test_a_certificate_that_is_not_right_gets_no_address_and_no_word(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = mailserver.certificate(tmp_path, "elsewhere" if wrong == "other-name" else "localhost")
    if wrong == "other-name":
        monkeypatch.setenv("SSL_CERT_FILE", str(file))  # trusted, but of another host
    with mailserver.serving(certificate=None if wrong == "none" else file) as server:
        assert pinging.deliver(settings(server.port, mail_tls="starttls", seconds=5), TO) == "no-tls"
        assert not any(b"somebody" in one for one in server.heard)


@pytest.fixture
def night(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[nights.Clock]:
    clock = nights.Clock(monkeypatch)
    for one, place in ((desk.team["Wren"], "first"), (desk.team["Swift"], "second")):
        nights.on_duty(desk, one, place, nights.NIGHT - dt.timedelta(hours=1))
    yield clock


@pytest.mark.parametrize("script", ["import sys; sys.exit(3)", "import time; time.sleep(60)", None])
def test_a_command_that_fails_hangs_or_is_not_there_leads_to_the_next_person_and_the_pages_say_so(
    desk: people.Desk, night: nights.Clock, tmp_path: Path, script: str | None
) -> None:
    import sys

    for one in (desk.lead, *desk.team.values()):
        pinged_at.keep(staff=one, command=f"@{one.pseudonym}")
    command = [sys.executable, "-c", script] if script else [str(tmp_path / "not-there")]
    nights.configure(command=command, seconds=1)
    people.report("one", danger=["yes"])
    assert night.wait(0) == 0 and waking.unsent()
    assert set(Ping.objects.values_list("step", flat=True)) == {0, 1, 2}  # all of them were tried at once
    bridge = tmp_path / "bridge"
    bridge.write_text("#!/bin/sh\ncat > /dev/null\n")
    bridge.chmod(0o700)
    nights.configure(command=[str(bridge)], seconds=5)
    assert night.wait(2) == 1
    assert dict(Ping.objects.values_list("step", "code"))[0] == "" and waking.unsent()  # for the others it still stands


def test_mail_fails_and_the_command_wakes_the_same_person(
    desk: people.Desk, night: nights.Clock, tmp_path: Path
) -> None:
    wren, wrote = desk.team["Wren"], tmp_path / "wrote"
    bridge = tmp_path / "bridge"
    bridge.write_text(f"#!/bin/sh\necho \"$1\" > {wrote}\n")
    bridge.chmod(0o700)
    pinged_at.keep(staff=wren, mail="wren@mail.test", command="@wren")
    with mailserver.serving("after-data") as server:
        nights.mail(server.port, command=[str(bridge), "{to}"])
        people.report("one", danger=["yes"])
        assert night.wait(0) == 1 and wrote.read_text() == "@wren\n"
    assert not waking.unsent() and Ping.objects.get().staff_id == wren.id


def test_the_first_persons_mail_is_refused_and_the_second_is_woken_in_the_same_minute(
    desk: people.Desk, night: nights.Clock
) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    nights.address(wren)
    pinged_at.keep(staff=swift, command="@swift")
    with mailserver.serving("no-recipient") as server:
        nights.mail(server.port, command=["/bin/true"])
        people.report("one", danger=["yes"])
        assert night.wait(0) == 1
    seen = waking.alarms(swift)[0]
    assert [(one.who, one.code) for one in seen.rung] == [(wren.id, "refused"), (swift.id, "")]
    assert waking.unsent()  # Wren's mail is broken, and somebody has to know
    logged = [row.body for row in LogEntry.objects.filter(item=seen.id)]
    assert any(b"not-pinged" in bytes(body) and b"refused" in bytes(body) for body in logged)


def test_a_server_that_hangs_holds_up_neither_other_people_nor_the_reporter(
    desk: people.Desk, night: nights.Clock
) -> None:
    for one in (desk.lead, *desk.team.values()):
        nights.address(one)
    with mailserver.serving("hangs") as server:
        nights.configure(mail_host="127.0.0.1", mail_port=server.port, mail_tls="none", mail_from="a@b.test", seconds=1)
        began = time.monotonic()
        people.report("one", danger=["yes"])
        filed = time.monotonic() - began
        night.wait(0)
        assert time.monotonic() - began - filed < 8 and not server.heard
    assert Ping.objects.exclude(code="no-answer").count() == 0
