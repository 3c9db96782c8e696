"""What happens by itself: erasing after the grace, never because of a jumping clock; nothing left behind."""

import datetime as dt
import os
import time

import pytest

from amparo.desk import blobs, clock, configuration, founding, intake, returning, shredding, site, tend
from amparo.desk.records import Blob, Case, Item, ItemKey, LogEntry
from tests.desk import people


class Clock:
    """A clock that the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = dt.datetime.now(dt.UTC)
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def run(self, hours: float, step: float = 1.0) -> list[tend.Tended]:
        """Tend every `step` hours while the clock runs evenly."""
        done = []
        while hours > 0:
            self.at += dt.timedelta(hours=min(step, hours))
            hours -= step
            done.append(tend.tend_once())
        return done


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_withdrawn_report_is_gone_after_its_grace(desk: people.Desk, hand: Clock) -> None:
    words, _ = people.report("one", files=(("a.txt", b"x" * 100_000),))
    tend.tend_once()
    returning.withdraw(returning.open_receipt(" ".join(words)))
    hand.run(20)
    assert Case.objects.exists()
    hand.run(6)
    assert not Case.objects.exists() and not Item.objects.exists() and not Blob.objects.exists()
    assert list(site.sealed_folder().glob("*/*")) == []
    assert LogEntry.objects.exists()  # the log says that something was destroyed, and not what it was


def test_an_undone_withdrawal_stays(desk: people.Desk, hand: Clock) -> None:
    words, _ = people.report("one")
    tend.tend_once()
    returning.withdraw(returning.open_receipt(" ".join(words)))
    hand.run(20)
    returning.undo_withdrawal(returning.open_receipt(" ".join(words)))
    hand.run(48)
    assert Case.objects.get().state == "open"


@pytest.mark.parametrize("years", [1, -1, 50])
def test_a_jump_of_the_clock_destroys_nothing(desk: people.Desk, hand: Clock, years: int) -> None:
    people.report("one")
    tend.tend_once()
    hand.at += dt.timedelta(days=365 * years + 30)
    assert not tend.tend_once().clock_even
    hand.run(20)  # the clock is wrong, and runs evenly, for most of a day: still nothing
    hand.at -= dt.timedelta(days=365 * years + 30)
    tend.tend_once()
    hand.run(30)
    assert Case.objects.get().state == "open"


def test_retention_is_kept(desk: people.Desk, hand: Clock) -> None:
    people.report("one")
    Case.objects.update(retention_on=hand.at.date() + dt.timedelta(days=16))
    tend.tend_once()
    hand.run(16 * 24, step=4)
    assert Case.objects.exists()
    hand.run(48, step=4)
    assert not Case.objects.exists()


def test_unfinished_uploads_and_lost_files_are_cleared(desk: people.Desk) -> None:
    session = people.session()
    intake.begin(session, "en")
    session = people.again(session)
    upload = people.upload(session, "a.txt", b"never attached")
    lost = blobs.path_of("ab" + "0" * 30)
    lost.parent.mkdir(exist_ok=True)
    lost.write_bytes(b"no row")
    assert tend.tend_once().parts == 0  # too young: somebody may be writing it now
    long_ago = time.time() - 25 * 3600
    for path in (upload.part, lost):
        os.utime(path, (long_ago, long_ago))
    assert tend.tend_once().parts == 2
    assert not upload.part.exists() and not lost.exists()


def test_a_start_clears_every_part_at_once(desk: people.Desk) -> None:
    session = people.session()
    intake.begin(session, "en")
    session = people.again(session)
    upload = people.upload(session, "a.txt", b"the process was killed")
    assert founding.sweep_at_start() == 1 and not upload.part.exists()


def test_a_draft_left_alone_is_cleared_after_a_day(desk: people.Desk, hand: Clock) -> None:
    session = people.session()
    intake.begin(session, "en")
    session = people.again(session)
    intake.attach(session, people.upload(session, "a.txt", b"x"))
    assert Blob.objects.count() == 1
    hand.run(50, step=2)  # kept by the day, so up to two of them
    assert Blob.objects.count() == 0 and list(site.sealed_folder().glob("*/*")) == []


def test_discarding_a_draft_leaves_nothing(desk: people.Desk) -> None:
    session = people.session()
    intake.begin(session, "en")
    session = people.again(session)
    file = intake.attach(session, people.upload(session, "a.txt", b"x"))
    kept = intake.attach(session, people.upload(session, "b.txt", b"y"))
    intake.detach(session, file.id)
    draft = intake.draft_of(session)
    assert draft is not None and draft.files == [kept]
    intake.discard(session)
    assert intake.draft_of(session) is None
    assert Blob.objects.count() == 0 and list(site.sealed_folder().glob("*/*")) == []


def everything() -> bytes:
    """All bytes of the data folder."""
    return b"".join(p.read_bytes() for p in configuration.data_folder().rglob("*") if p.is_file())


def test_what_was_shredded_is_in_no_file_any_more(desk: people.Desk) -> None:
    people.report("one")
    item = Item.objects.get(kind="answers")
    key, body = bytes(item.key.sealed), bytes(item.body)
    assert key in everything()
    ItemKey.objects.filter(item=item).delete()
    assert key in everything()  # the control: deleted is not gone
    assert shredding.shred_case(item.case_id, actor_kind="desk", actor=None, reason="decided")
    left = everything()
    assert key not in left and body not in left and not shredding.waiting()


def test_a_long_reader_holds_the_erasing_up_and_tend_finishes_it(desk: people.Desk) -> None:
    import sqlite3

    people.report("one")
    case = Case.objects.get()
    key = bytes(ItemKey.objects.first().sealed)  # type: ignore[union-attr]
    from django.db import connection

    reader = sqlite3.connect(connection.settings_dict["NAME"])
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM desk_item").fetchone()
    started = time.monotonic()
    assert not shredding.shred_case(case.id, actor_kind="desk", actor=None, reason="decided")
    assert time.monotonic() - started < 2  # nobody waits for the reader
    assert shredding.waiting() and Case.objects.get().state == "erasing"
    assert tend.tend_once().erasing == 1
    reader.close()
    assert tend.tend_once().erasing == 0
    assert not Case.objects.exists() and not shredding.waiting() and key not in everything()


def test_a_full_disk_can_still_erase(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    people.report("one")
    reserve = configuration.data_folder() / "reserve"
    assert reserve.stat().st_size == configuration.current().reserve
    real, calls = shredding._shred_keys, []

    def full_at_first(*args: object) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError("database or disk is full")
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(shredding, "_shred_keys", full_at_first)
    assert shredding.shred_case(Case.objects.get().id, actor_kind="desk", actor=None, reason="decided")
    assert reserve.stat().st_size == 0 and not Case.objects.exists()
    assert tend.tend_once().reserve and reserve.stat().st_size == configuration.current().reserve
