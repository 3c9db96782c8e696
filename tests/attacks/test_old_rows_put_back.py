"""Rows reordered, put back or left over by somebody with the database, and what a seized disk tells of time."""

import datetime as dt
from uuid import UUID

import pytest
from django.db import connection

from amparo.desk import casework, queue, reading, returning, shredding, workers
from amparo.desk.records import Case, Item, Lease, QueueSheet
from tests.desk import conftest as given
from tests.desk import people as desks

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk

CONSENTED = ("examine",)


@pytest.fixture
def refused(desk: desks.Desk) -> tuple[desks.Desk, UUID, returning.Access]:
    """A reporter who allowed the examination, and took that back."""
    words, _ = desks.report(files=(("a.txt", b"some text"),), consents=CONSENTED)
    access = returning.open_receipt(" ".join(words))
    returning.set_consents(access, ())
    return desk, access.case, access


def test_an_old_consent_does_not_win_by_its_place(refused: tuple[desks.Desk, UUID, returning.Access]) -> None:
    desk, case, access = refused
    first, second = Item.objects.filter(case_id=case, kind="consent").order_by("sequence")
    Item.objects.filter(id=first.id).update(sequence=10_000)
    assert returning.consents(access) == ()
    assert dict(reading.case_page(desk.lead, case).consents)["examine"] is False


def test_a_missing_consent_is_no_consent(refused: tuple[desks.Desk, UUID, returning.Access]) -> None:
    desk, case, _ = refused
    newest = Item.objects.filter(case_id=case, kind="consent").order_by("sequence").last()
    assert newest is not None
    newest.delete()
    file = Item.objects.get(case_id=case, kind="file").id
    workers.register()
    assert casework.request_exam(staff=desk.lead, case_id=case, file=file) == "copy"  # a safe copy to look at
    assert "examine" not in set(Lease.objects.filter(item_id=file).values_list("purpose", flat=True))


def test_an_erased_case_is_in_no_queue_sheet(desk: desks.Desk) -> None:
    words, _ = desks.report("Erase me.")
    case = returning.open_receipt(" ".join(words)).case
    wren = desk.team["Wren"]
    queue.load(wren)
    assert shredding.shred_case(case, actor_kind="desk", actor=None, reason="withdrawn")
    row = QueueSheet.objects.filter(staff_id=wren.id).first()
    assert row is None or case not in queue._read(wren, row).everything()


def test_no_clear_time_of_a_report_is_finer_than_a_day(desk: desks.Desk) -> None:
    """The threat model: "Times are kept by the day in clear". A thief joins them with a provider's log."""
    desks.report(files=(("a.txt", b"some text"),))
    found = []
    with connection.cursor() as cursor:
        for table in [f"desk_{name}" for name in ("case", "caseepoch", "grant", "item", "itemkey", "blob", "lease")]:
            cursor.execute(f"SELECT * FROM {table}")
            names = [one[0] for one in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    moment = None
                    if isinstance(value, dt.datetime):
                        moment = value
                    elif isinstance(value, str) and len(value) >= 19 and value[:2] == "20" and value[13:14] == ":":
                        moment = dt.datetime.fromisoformat(value)
                    if moment is not None and moment.time() != dt.time():
                        found.append(f"{table}.{name}")
    assert found == []


def test_an_older_epoch_of_somebody_else_opens_nothing(desk: desks.Desk) -> None:
    """What holds: after a removal, an epoch turned back leaves pages closed, not wrongly open."""
    words, _ = desks.report()
    access = returning.open_receipt(" ".join(words))
    casework.remove_colleague(staff=desk.lead, case_id=access.case, colleague=desk.team["Wren"].id)
    Case.objects.filter(id=access.case).update(epoch=1)
    assert reading.relation(desk.team["Wren"], access.case) == "none"
    with pytest.raises(Exception, match="not yours"):
        reading.case_page(desk.lead, access.case)
