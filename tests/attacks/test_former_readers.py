"""A colleague who was on the case and is not any more, own key kept, with the database: what is left to them."""

from uuid import UUID

import pytest

from amparo import seal
from amparo.desk import casework, clock, directory, payloads, people, returning
from amparo.desk.records import Case, CaseEpoch, Grant, Item
from tests.attacks.test_insider_with_the_database import plant
from tests.desk import conftest as given
from tests.desk import people as desks

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


@pytest.fixture
def gone(desk: desks.Desk, request: pytest.FixtureRequest) -> tuple[desks.Desk, UUID, returning.Access]:
    """Wren read the case in its first epoch; the second began without her."""
    words, _ = desks.report("They wait at my gate.")
    access = returning.open_receipt(" ".join(words))
    wren = desk.team["Wren"].id
    if request.param == "desk":
        people.remove_staff(lead=desk.lead, staff_id=wren)
    else:
        casework.remove_colleague(staff=desk.lead, case_id=access.case, colleague=wren)
    assert Case.objects.get(id=access.case).epoch == 2
    return desk, access.case, access


@pytest.mark.parametrize("gone", ["case", "desk"], indirect=True)
def test_a_former_reader_cannot_begin_a_rival_epoch(gone: tuple[desks.Desk, UUID, returning.Access]) -> None:
    desk, case, access = gone
    wren = desk.team["Wren"]
    mine = seal.new_channel_keys()
    public = (mine.staff.public, mine.dialogue.public)
    readers = directory.reader_bytes([wren.id])
    CaseEpoch.objects.filter(case_id=case, epoch=2).update(
        staff_public=public[0], dialogue_public=public[1], signer=wren.id, readers=readers, added=b"",
        signature=seal.sign(wren.keys.sign.private, directory.epoch_bytes(case, 2, *public, readers)))
    row = Case.objects.get(id=case)
    Grant.objects.filter(case_id=case).delete()
    Grant.objects.create(case_id=case, epoch=2, kind="reporter", sealed=seal.grant_dialogue(
        mine, case, 2, seal.Grantee("reporter", case), bytes(row.reporter_kex), wren.author()))
    with pytest.raises(seal.SealError):
        returning.say(access, "I sleep at my sister's house now.")


@pytest.mark.parametrize("gone", ["case", "desk"], indirect=True)
def test_a_former_readers_new_message_in_the_new_epoch_is_not_the_desks(
    gone: tuple[desks.Desk, UUID, returning.Access]
) -> None:
    desk, case, access = gone
    plant(case, payloads.Message(at=clock.now(), text="Come alone."), desk.team["Wren"].author(), channel="dialogue")
    (line,) = returning.dialogue(access)
    assert not line.proven
    assert Item.objects.filter(case_id=case, kind="message").count() == 1
