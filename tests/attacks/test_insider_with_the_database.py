"""A colleague (auditor, excluded, removed) who can also write to the database: what a page may still believe.

Everything here uses public keys, the insider's own signing key, and rows; never a key that was not given to them.
"""

from typing import Any
from uuid import UUID, uuid4

import pytest

from amparo import seal
from amparo.desk import accounts, casework, clock, directory, opening, payloads, people, reading, returning
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Case, CaseEpoch, Grant, Item, ItemKey, Staff
from amparo.words.findings import Category, Finding, Level, Where
from tests.desk import conftest as given
from tests.desk import people as desks

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


def plant(
    case: UUID, payload: Any, author: seal.Author, *, channel: str = "staff", kind: str = "", last: bool = True
) -> UUID:
    """A row as somebody with the database can make it: sealed to a public key, signed with a key of one's own."""
    row = CaseEpoch.objects.get(case_id=case, epoch=Case.objects.get(id=case).epoch)
    public = bytes(row.staff_public if channel == "staff" else row.dialogue_public)
    raw = payload if isinstance(payload, bytes) else payloads.encode(payload)
    context = seal.Context(case, uuid4(), kind or payloads.KIND_OF[type(payload)], row.epoch)
    sealed = seal.seal_item(public, context, row.epoch, raw, author)
    place = Item.objects.filter(case_id=case).order_by("-sequence").values_list("sequence", flat=True)[0] + 1
    item = Item.objects.create(
        id=context.item, case_id=case, sequence=place, kind=context.kind, channel=channel,
        written_epoch=row.epoch, schema=context.schema, body=sealed.body)
    ItemKey.objects.create(item=item, epoch=row.epoch, sealed=sealed.sealed_key)
    return item.id


def granted(staff: accounts.OpenStaff, case: UUID) -> bool:
    """Whether this colleague's private key opens the case's present keys (with or without our pages)."""
    try:
        opening.for_staff(staff.id, staff.keys.kex.private, case)
    except Exception:
        return False
    return True


@pytest.fixture
def told(desk: desks.Desk) -> tuple[desks.Desk, UUID, returning.Access]:
    words, one = desks.report("They wait at my gate.", excluded=Exclusion(pseudonyms=("Swift",)))
    access = returning.open_receipt(" ".join(words))
    return desk, access.case, access


def test_an_auditor_cannot_write_himself_onto_a_case(told: tuple[desks.Desk, UUID, returning.Access]) -> None:
    desk, case, _ = told
    auditor = desks.join(desk, "Auditor Owl", "auditor")
    desks.join(desk, "Robin")
    plant(case, payloads.StateChange(at=clock.now(), what="member-added", value="", who=auditor.id), auditor.author())
    Grant.objects.create(case_id=case, epoch=1, kind="staff", staff_id=auditor.id, sealed=b"nothing")
    casework.remove_colleague(staff=desk.lead, case_id=case, colleague=desk.team["Wren"].id)  # any re-key
    assert not granted(auditor, case)


@pytest.mark.parametrize("who", ["excluded", "auditor", "removed"])
def test_a_stranger_to_the_case_cannot_begin_its_next_epoch(
    told: tuple[desks.Desk, UUID, returning.Access], who: str
) -> None:
    desk, case, access = told
    insider = desks.join(desk, "Auditor Owl", "auditor") if who == "auditor" else desk.team["Swift"]
    if who == "removed":
        people.remove_staff(lead=desk.lead, staff_id=insider.id)
    mine = seal.new_channel_keys()
    public = (mine.staff.public, mine.dialogue.public)
    CaseEpoch.objects.create(
        case_id=case, epoch=2, staff_public=public[0], dialogue_public=public[1], signer_kind="staff",
        signer=insider.id,
        signature=seal.sign(insider.keys.sign.private, directory.epoch_bytes(case, 2, *public)))
    row = Case.objects.get(id=case)
    Grant.objects.filter(case_id=case).delete()
    Grant.objects.create(case_id=case, epoch=2, kind="reporter", sealed=seal.grant_dialogue(
        mine, case, 2, seal.Grantee("reporter", case), bytes(row.reporter_kex), insider.author()))
    Case.objects.filter(id=case).update(epoch=2)
    with pytest.raises(seal.SealError):
        returning.say(access, "I sleep at my sister's house now.")
    # what happens today: the insider reads it
    item = Item.objects.select_related("key").filter(case_id=case, kind="message").last()
    assert item is None


@pytest.mark.parametrize("who", ["excluded", "auditor"])
def test_a_message_of_a_stranger_to_the_case_is_not_the_desks(
    told: tuple[desks.Desk, UUID, returning.Access], who: str
) -> None:
    desk, case, access = told
    insider = desks.join(desk, "Auditor Owl", "auditor") if who == "auditor" else desk.team["Swift"]
    plant(case, payloads.Message(at=clock.now(), text="Come to the café alone."), insider.author(), channel="dialogue")
    (line,) = returning.dialogue(access)
    assert line.who == "desk" and not line.proven


@pytest.mark.parametrize("by", ["staff", "reporter"])
def test_only_a_worker_signs_findings(told: tuple[desks.Desk, UUID, returning.Access], by: str) -> None:
    from amparo.desk import examining

    desk, case, access = told
    author = access.author() if by == "reporter" else desk.team["Swift"].author()
    seen = Finding(
        detector="spyware", detector_version="1", code="link", level=Level.HIGH, category=Category.RECEIVED,
        seen="x", where=Where("sms.db", "1"), says="Forged.", matters="m", does_not_say="d", knowledge=())
    raw = examining._encoder.encode(examining.FindingItem(clock.now(), uuid4(), uuid4(), seen))
    plant(case, raw, author, kind="finding")
    (card,) = reading.case_page(desk.lead, case).findings
    assert not card.proven


def test_a_preview_that_no_worker_made_does_not_close_the_page(
    told: tuple[desks.Desk, UUID, returning.Access]
) -> None:
    desk, case, access = told
    plant(case, b"\xc1 not msgpack", access.author(), kind="preview")
    assert reading.case_page(desk.lead, case).case == case


def test_a_removed_colleague_stays_removed(told: tuple[desks.Desk, UUID, returning.Access]) -> None:
    desk, _, _ = told
    wren = desk.team["Wren"]
    people.remove_staff(lead=desk.lead, staff_id=wren.id)
    Staff.objects.filter(id=wren.id).update(state="active")
    words, _ = desks.report("New words after Wren left.")
    case = returning.open_receipt(" ".join(words)).case
    assert not granted(wren, case)


def test_replaced_keys_stay_replaced(told: tuple[desks.Desk, UUID, returning.Access]) -> None:
    desk, _, _ = told
    wren = desk.team["Wren"]
    old = Staff.objects.filter(id=wren.id).values("kex_public", "sign_public", "directory_signature", "signed_by")[0]
    people.reset_account(lead=desk.lead, staff_id=wren.id)
    Staff.objects.filter(id=wren.id).update(
        state="active", kex_public=old["kex_public"], sign_public=old["sign_public"],
        directory_signature=old["directory_signature"], signed_by=old["signed_by"])
    words, _ = desks.report("New words after the laptop was taken.")
    assert not granted(wren, returning.open_receipt(" ".join(words)).case)


@pytest.mark.xfail(strict=True, reason="a captured parser's own sentences are shown and told on in the desk's voice")
def test_a_captured_parser_speaks_only_sentences_of_ours(desk: desks.Desk) -> None:
    from amparo.desk import examining, sandbox, workers
    from amparo.desk.records import Lease

    worker = workers.register()
    words, _ = desks.report(files=(("a.zip", b"x"),), consents=("examine",))
    lie = Finding(
        detector="spyware", detector_version="1", code="link", level=Level.INFO, category=Category.RECEIVED,
        seen="x", where=Where("sms.db", "1"), says="This phone is clean.", matters="Nothing to fear.", does_not_say="",
        knowledge=())
    made = sandbox.Outcome(
        code="done", level="namespaces", seconds=0.1, findings=(lie,), ended=sandbox.Ended("done", digest="ab" * 32))
    examining.record(lease=Lease.objects.get(purpose="examine"), outcome=made, worker=worker, version="v")
    page = reading.case_page(desk.lead, returning.open_receipt(" ".join(words)).case)
    assert all("clean" not in card.finding.says and card.finding.does_not_say for card in page.findings)


def test_a_stranger_without_a_colleagues_key_gains_nothing(told: tuple[desks.Desk, UUID, returning.Access]) -> None:
    """What holds: the same rows signed with a key that no lead has signed."""
    desk, case, access = told
    stranger = seal.new_staff_keys()
    author = seal.Author("staff", desk.lead.id, stranger.sign.private)
    plant(case, payloads.Message(at=clock.now(), text="Come alone."), author, channel="dialogue")
    (line,) = returning.dialogue(access)
    assert not line.proven
    mine = seal.new_channel_keys()
    public = (mine.staff.public, mine.dialogue.public)
    CaseEpoch.objects.create(
        case_id=case, epoch=2, staff_public=public[0], dialogue_public=public[1], signer_kind="staff",
        signer=desk.lead.id, signature=seal.sign(stranger.sign.private, directory.epoch_bytes(case, 2, *public)))
    Case.objects.filter(id=case).update(epoch=2)
    with pytest.raises(seal.SealError):
        returning.say(access, "Nobody reads this.")
