"""A night at the desk, told by what it leaves behind: danger at three, the first silent, the second looks.

To see it told: python3 run.py test tests/desk/test_a_night.py -k test_a_night -s -n 0

The desk is the one of every test; the mail server, the pings and the pages are real, the clock is moved by hand.
"""

import datetime as dt

import pytest
from django.test import Client
from django.utils import translation

from amparo.desk import checkins, checkplans, configuration, custody, returning, tend, waking
from amparo.desk.records import Alarm, Case, LogEntry
from amparo.doors.staff import waking as told
from tests.desk import mailserver, nights, people

STORY = "The marigold gate was broken open by Colonel Tanager."
WORDS = ("marigold", "tanager", "gate", "danger", "case", "report", "heron", "wren", "swift", "check-in",
         "amal", "5550", "late", "umbrella")
PLAN = {"in": "1", "every": "0", "days": "1", "grace": "15", "who-1": "Amal", "how-1": "+999 5550 101",
        "say-1": "That I am late.", "otherwise": "Go to the gate.", "word": "umbrella"}


def test_a_night(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = nights.Clock(monkeypatch)
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    for one, place in ((wren, "first"), (swift, "second")):
        nights.on_duty(desk, one, place, nights.NIGHT - dt.timedelta(hours=5))
    boxes = {nights.address(one): one.pseudonym for one in (desk.lead, wren, swift)}
    with mailserver.serving() as server:
        nights.mail(server.port, second_after_minutes=15)
        words, _ = people.report(STORY, danger=["yes"])
        clock.wait(0.5)
        clock.wait(15)
        clock.wait(2)
        mine = waking.alarms(swift)[0]
        assert mine.case == Case.objects.get().id
        waking.acknowledge(staff=swift, alarm=mine.id)
        assert [boxes[to] for to, _ in server.spool] == ["Wren", "Swift"]
        checkins.begin(returning.open_receipt(" ".join(words)), checkplans.read(PLAN))
        clock.wait(74)
        tend.tend_once()
        clock.wait(0)
        assert len(server.spool) == 2, "an hour and a quarter are not over"
        clock.wait(7)
        tend.tend_once()  # then a check-in is missed
        clock.wait(0)
        second = waking.alarms(wren)[0]
        waking.acknowledge(staff=wren, alarm=second.id)
        clock.wait(60)
        assert [boxes[to] for to, _ in server.spool] == ["Wren", "Swift", "Wren"]
        sent = b"".join(server.heard).decode().lower()
    case = Case.objects.get().id
    for word in (*WORDS, str(case), case.hex, case.hex[:8], str(mine.id), mine.id.hex, " ".join(words)):
        assert word.lower() not in sent.replace("auto-generated", ""), word
    with translation.override("en"):
        lines = told.alarm(waking.alarms(swift)[-1], told.names())["lines"]
    assert [(line["at"].split()[-2], line["text"]) for line in lines] == [
        ("03:00", "The alarm was raised."), ("03:00", "Wren was pinged (first on duty)."),
        ("03:15", "Swift was pinged (second on duty)."), ("03:17", "Swift looks at it."),
    ]
    print("\n" + "\n".join(f"  {line['at']}  {line['text']}" for line in lines))
    log = [custody.decode(row) for row in LogEntry.objects.filter(item=mine.id).order_by("index")]
    assert [(one.action, one.detail[:1]) for one in log] == [
        ("alarm", ("urgent",)), ("pinged", ("first",)), ("pinged", ("second",)), ("acknowledged", ())]
    assert [one.detail[1] for one in log[1:3]] == [wren.id.hex, swift.id.hex] and log[3].actor == swift.id
    assert all(one.case is None for one in log)  # nothing of it points to the case, nor to the hour of the report
    midnight = nights.NIGHT.replace(hour=0).timestamp()
    assert {one.at for one in log[:3]} == {midnight} and log[3].at > midnight


def test_no_word_of_the_night_lies_on_the_disk(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = nights.Clock(monkeypatch)
    with mailserver.serving() as server:
        nights.mail(server.port)
        nights.address(desk.lead)
        people.report(STORY, danger=["yes"])
        clock.wait(0)
    for path in configuration.data_folder().rglob("*"):
        if path.is_file():
            content = path.read_bytes().lower()
            assert b"marigold" not in content and b"tanager" not in content, path


@pytest.mark.parametrize(("rota", "at", "says"), [
    (False, 0, ""), (True, 0, "Nobody is awake here until 08:00 (time of this desk, America/Bogota)"),
    (True, 5, "Somebody of this desk is on duty now"),
])
def test_the_reporter_is_told_before_the_first_question(
    desk: people.Desk, monkeypatch: pytest.MonkeyPatch, rota: bool, at: int, says: str
) -> None:
    clock = nights.Clock(monkeypatch, nights.NIGHT + dt.timedelta(hours=5))  # three in the morning in Bogota
    path = configuration.data_folder() / "desk.toml"
    path.write_text('reserve = 1000000\nzone = "America/Bogota"\n')
    nights.mail(1)
    if rota:
        nights.address(desk.team["Wren"])
        nights.on_duty(desk, desk.team["Wren"], "first", clock.at + dt.timedelta(hours=5))
    clock.at += dt.timedelta(hours=at)
    for page in ("/en/", "/en/first/", "/en/write/"):
        text = Client().get(page).content.decode()
        assert says in text, page
        assert ("do not wait for us" in text) is (rota and at == 0), page
        if not rota:
            assert "is awake here" not in text and "on duty" not in text
    assert not Alarm.objects.exists()
