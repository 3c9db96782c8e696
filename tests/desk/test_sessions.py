"""Sealed sessions: the row without the cookie is nothing, and the row ends by itself."""

import datetime as dt

import pytest

from amparo import seal
from amparo.desk import clock
from amparo.desk.records import SessionRow
from amparo.desk.sessions import SessionStore, once
from tests.desk.people import again, session

pytestmark = pytest.mark.usefixtures("ground")


def test_the_row_tells_nothing() -> None:
    one = session()
    one["name"] = "canary-word"
    one.save()
    row = SessionRow.objects.get()
    assert b"canary" not in bytes(row.body)
    assert one.session_key is not None and one.session_key.encode() not in bytes(row.id) + bytes(row.body)
    assert SessionStore(one.session_key)["name"] == "canary-word"


def test_a_row_moved_to_another_cookie_is_no_session() -> None:
    mine, theirs = session(), session()
    theirs["name"] = "theirs"
    theirs.save()
    assert mine.session_key and theirs.session_key
    body = SessionRow.objects.get(id=seal.session_id(theirs.session_key)).body
    SessionRow.objects.filter(id=seal.session_id(mine.session_key)).update(body=body)
    assert SessionStore(mine.session_key).load() == {}


@pytest.mark.parametrize(("data", "minutes"), [({}, 15), ({"draft": 1}, 15), ({"staff": 1}, 30), ({"pending": 1}, 30)])
def test_it_ends_after_resting(data: dict[str, int], minutes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    one = session()
    one.update(data)
    one.save()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(minutes=minutes - 1))
    assert SessionStore(one.session_key).load()
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(minutes=2 * minutes))
    assert SessionStore(one.session_key).load() == {}


def test_being_used_keeps_it_alive_up_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    one = session()
    one["x"] = 1
    one.save()
    start = clock.now()
    for minutes in range(10, 24 * 60, 10):
        monkeypatch.setattr(clock, "now", lambda m=minutes: start + dt.timedelta(minutes=m))
        assert SessionStore(one.session_key).load(), minutes
    monkeypatch.setattr(clock, "now", lambda: start + dt.timedelta(minutes=24 * 60 + 1))
    assert SessionStore(one.session_key).load() == {}


def test_cycling_keeps_the_data_and_deletes_the_old_row() -> None:
    one = session()
    one["x"] = [1, 2]
    before = one.session_key
    one.cycle_key()
    assert one.session_key != before
    assert again(one)["x"] == [1, 2]
    assert SessionRow.objects.count() == 1


def test_a_session_ended_elsewhere_is_not_brought_back() -> None:
    from django.contrib.sessions.backends.base import UpdateError

    one = session()
    other = SessionStore(one.session_key)
    other["x"] = 1
    one.flush()
    with pytest.raises(UpdateError):
        other.save()
    assert SessionRow.objects.count() == 0


def test_once_gives_concurrent_requests_one_value() -> None:
    one = session()
    first, second = SessionStore(one.session_key), SessionStore(one.session_key)
    first.load(), second.load()
    assert once(first, "words", lambda: ["a"]) == ["a"]
    assert once(second, "words", lambda: ["b"]) == ["a"]


def test_expired_rows_are_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    session(), session()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(minutes=20))
    session()
    assert SessionStore.clear_expired() == 2
    assert SessionRow.objects.count() == 1
