"""Somebody with the database brings a consent back that was taken back: the newer record removed, moved, or broken."""

from uuid import UUID

import pytest
from django.db import transaction

from amparo import seal
from amparo.desk import agreements, clock, custody, directory, opening, payloads, second, writing
from amparo.desk.records import Case, Item
from tests.desk import conftest as given
from tests.desk import people
from tests.desk.test_agreements import agree, grown, young

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


@pytest.fixture
def taken_back(desk: people.Desk) -> tuple[UUID, UUID, UUID]:
    case = young()
    return case, agree(desk, case), agree(desk, case, given=False)


def stands(desk: people.Desk, case: UUID) -> bool:
    return agreements.stands(opening.for_staff(desk.lead.id, desk.lead.keys.kex.private, case))


def test_the_newer_record_removed(desk: people.Desk, taken_back: tuple[UUID, UUID, UUID]) -> None:
    case, _yes, no = taken_back
    Item.objects.get(id=no).delete()
    assert not stands(desk, case)


def test_the_older_record_moved_behind_it(desk: people.Desk, taken_back: tuple[UUID, UUID, UUID]) -> None:
    case, yes, _no = taken_back
    Item.objects.filter(id=yes).update(sequence=10_000)
    assert not stands(desk, case)


def test_the_newer_record_broken(desk: people.Desk, taken_back: tuple[UUID, UUID, UUID]) -> None:
    case, _yes, no = taken_back
    row = Item.objects.get(id=no)
    Item.objects.filter(id=no).update(body=bytes(row.body)[:-1] + bytes([bytes(row.body)[-1] ^ 1]))
    assert not stands(desk, case)


def test_a_yes_that_no_colleague_signed(desk: people.Desk) -> None:
    """Anybody may seal to the case's public keys; only a colleague of the case is believed."""
    case = young()
    row = Case.objects.get(id=case)
    stranger = seal.Author("staff", desk.team["Wren"].id, seal.new_sign_pair().private)
    with transaction.atomic():
        planted = writing.write_item(
            case=row, author=stranger, epoch=directory.epoch_of(row),
            payload=payloads.Agreement(at=clock.now(), by="own", way="call", on=clock.today(), given=True),
        ).item
        custody.record(custody.entry(
            "agreed", case=case, item=planted.id, actor_kind="staff", actor=desk.team["Wren"].id))
    (shown,) = agreements.page(desk.lead, case).records
    assert shown.given and not shown.proven and not shown.stands
    assert not stands(desk, case)


def test_the_mark_of_an_age_taken_out_of_the_database(desk: people.Desk) -> None:
    case = grown()
    agreements.mark_young(staff=desk.team["Wren"], case_id=case, why="She is fifteen.")
    Item.objects.filter(case_id=case, kind="state").delete()
    with pytest.raises(agreements.NobodyAgreed):
        second.allow(staff=desk.lead, act="export", case_ids=[case])
