"""A stolen session reads on past the number of an hour: by comparing cases, by copies, by rows of a sheet."""

from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import transaction

from amparo import seal
from amparo.desk import bulk, clock, conversations, duplicates, importing, opening, reading, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.records import Case
from amparo.words.messages import Summary
from tests.desk import conftest as given
from tests.desk import people
from tests.desk.test_second import configure

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


@pytest.fixture
def cases(desk: people.Desk) -> list[UUID]:
    """Seven cases, of which five were opened within the hour and no more may be."""
    configure("bulk_per_hour = 5")
    for number in range(7):
        people.report(f"They wrote to me on day {number}.")
    found = list(Case.objects.order_by("changed").values_list("id", flat=True))
    for one in found[:5]:
        reading.case_page(desk.team["Swift"], one)
    return found


def test_by_comparing(desk: people.Desk, cases: list[UUID]) -> None:
    with pytest.raises(bulk.BulkLimit):
        duplicates.side_by_side(desk.team["Swift"], cases[5], cases[6])
    with pytest.raises(bulk.BulkLimit):
        duplicates.side_by_side(desk.team["Swift"], cases[0], cases[6])
    assert duplicates.side_by_side(desk.team["Swift"], cases[0], cases[1]).left.texts


def put(staff: OpenStaff, case: UUID, kind: str, raw: bytes) -> UUID:
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case)
    with transaction.atomic():
        return writing.write_item(
            case=opened.case, payload=raw, kind=kind, author=seal.UNSIGNED, epoch=opened.epoch).item.id


def test_by_the_row_of_a_sheet(desk: people.Desk, cases: list[UUID]) -> None:
    with pytest.raises(bulk.BulkLimit):
        importing.row_of(desk.team["Swift"], cases[6])


def test_by_a_conversation_whose_address_is_known(desk: people.Desk, cases: list[UUID]) -> None:
    head = conversations.Head(clock.now(), uuid4(), "done", Summary("", 0))
    item = put(desk.team["Swift"], cases[6], "conversation", msgspec.msgpack.encode(head))
    with pytest.raises(bulk.BulkLimit):
        conversations.page(desk.team["Swift"], cases[6], item)
    conversations.page(desk.team["Wren"], cases[6], item)


def test_by_a_copy_whose_address_is_known(desk: people.Desk, cases: list[UUID]) -> None:
    with pytest.raises(bulk.BulkLimit):
        reading.preview(desk.team["Swift"], cases[6], uuid4())
