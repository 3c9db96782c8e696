"""Giving and taking cases: epochs, what a stranger with the database can't do, what the record says."""

from uuid import uuid4

import pytest

from amparo import seal
from amparo.desk import casework, directory, membership, opening, people, queue, reading, returning
from amparo.desk.errors import ChangedMeanwhile, DeskError, NotAllowedHere, NotFound
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Case, CaseEpoch, Grant, Item, ItemKey, Staff
from tests.desk import people as made


def one_case(desk: made.Desk, **more: object) -> tuple[tuple[str, ...], Case]:
    words, _ = made.report("A story.", files=(("a.txt", b"evidence"),), **more)  # type: ignore[arg-type]
    return words, Case.objects.get()


def test_removing_a_colleague_begins_an_epoch_that_their_keys_do_not_open(desk: made.Desk) -> None:
    words, case = one_case(desk)
    wren = desk.team["Wren"]
    old = opening.for_staff(wren.id, wren.keys.kex.private, case.id)
    casework.remove_colleague(staff=desk.lead, case_id=case.id, colleague=wren.id)

    with pytest.raises(NotFound):
        reading.case_page(wren, case.id)
    assert queue.load(wren).rows == ()
    case.refresh_from_db()
    assert case.epoch == 2
    for key in ItemKey.objects.select_related("item"):
        with pytest.raises(seal.SealError):
            seal.open_data_key(
                old.private(key.item.channel), bytes(key.sealed), case.id, key.item.id, key.item.kind, key.epoch
            )
    # everybody else goes on, the evidence included, and the reporter too
    page = reading.case_page(desk.team["Swift"], case.id)
    assert page.epoch == 2 and not page.unreadable and page.notices == ()
    reader, _, _ = reading.original(desk.team["Swift"], case.id, page.evidence[0].item)
    with reader:
        assert reader.read() == b"evidence"
    access = returning.open_receipt(" ".join(words))
    returning.say(access, "Still here.")
    assert reading.case_page(desk.lead, case.id).dialogue[-1].text == "Still here."
    assert {m.pseudonym for m in page.members} == {"Heron", "Swift"}
    assert {m.pseudonym for m in page.addable} == {"Wren"}


def test_a_colleague_given_back_reads_everything(desk: made.Desk) -> None:
    _, case = one_case(desk)
    wren = desk.team["Wren"]
    casework.remove_colleague(staff=desk.lead, case_id=case.id, colleague=wren.id)
    casework.add_colleague(staff=desk.lead, case_id=case.id, colleague=wren.id)
    assert [a.text for a in reading.case_page(wren, case.id).answers if a.text] == ["A story."]
    assert len(queue.load(wren).rows) == 1


def test_removing_from_the_desk_rekeys_every_case_and_ends_the_account(desk: made.Desk) -> None:
    for text in ("one", "two", "three"):
        made.report(text)
    wren = desk.team["Wren"]
    assert people.remove_staff(lead=desk.lead, staff_id=wren.id) == 3
    assert set(Case.objects.values_list("epoch", flat=True)) == {2}
    assert not Grant.objects.filter(staff_id=wren.id).exists()
    assert len(queue.load(desk.team["Swift"]).rows) == 3
    made.report("four")
    assert len(queue.load(desk.team["Swift"]).rows) == 4
    assert not Grant.objects.filter(staff_id=wren.id).exists()


def test_a_case_that_the_lead_cannot_open_waits_for_one_who_can(desk: made.Desk) -> None:
    made.report("about the lead", excluded=Exclusion(roles=("lead",)))
    wren = desk.team["Wren"]
    assert people.remove_staff(lead=desk.lead, staff_id=wren.id) == 0
    swift = desk.team["Swift"]
    case = Case.objects.get()
    assert "rekey-waiting" in reading.case_page(swift, case.id).notices
    assert people.rekey_waiting(staff=swift) == 1
    assert "rekey-waiting" not in reading.case_page(swift, case.id).notices
    assert not Grant.objects.filter(staff_id__in=(wren.id, desk.lead.id)).exists()


def test_nobody_the_reporter_excluded_is_ever_added(desk: made.Desk) -> None:
    _, case = one_case(desk, excluded=Exclusion(pseudonyms=("Wren",)))
    with pytest.raises(membership.Excluded):
        casework.add_colleague(staff=desk.lead, case_id=case.id, colleague=desk.team["Wren"].id)


def test_a_bogus_grant_row_gets_no_place_in_the_next_epoch(desk: made.Desk) -> None:
    """A stranger with the database writes a grant row for an excluded colleague, hoping for the next re-key."""
    _, case = one_case(desk, excluded=Exclusion(pseudonyms=("Wren",)))
    Grant.objects.create(case=case, epoch=1, kind="staff", staff_id=desk.team["Wren"].id, sealed=b"nonsense")
    crane = made.join(desk, "Crane")
    Grant.objects.create(case=case, epoch=1, kind="staff", staff_id=crane.id, sealed=b"nonsense")
    assert "stranger-granted" in reading.case_page(desk.lead, case.id).notices
    casework.remove_colleague(staff=desk.lead, case_id=case.id, colleague=desk.team["Swift"].id)
    assert list(Grant.objects.filter(kind="staff").values_list("staff_id", flat=True)) == [desk.lead.id]


def test_the_last_reader_stays(desk: made.Desk) -> None:
    _, case = one_case(desk, excluded=Exclusion(lead_only=True))
    with pytest.raises(DeskError, match="Nobody would be left"):
        casework.remove_colleague(staff=desk.lead, case_id=case.id, colleague=desk.lead.id)
    assert reading.case_page(desk.lead, case.id).epoch == 1


def test_a_half_rekey_leaves_the_old_epoch_whole(desk: made.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, case = one_case(desk)

    def dies(*_: object) -> None:
        raise RuntimeError("killed here")

    monkeypatch.setattr(membership, "_grant_all", dies)
    with pytest.raises(RuntimeError):
        casework.remove_colleague(staff=desk.lead, case_id=case.id, colleague=desk.team["Wren"].id)
    page = reading.case_page(desk.team["Wren"], case.id)
    assert page.epoch == 1 and not page.unreadable


def test_a_page_that_is_too_old_changes_nothing(desk: made.Desk) -> None:
    _, case = one_case(desk)
    version = reading.case_page(desk.lead, case.id).version
    casework.note(staff=desk.team["Wren"], case_id=case.id, text="first", version=version)
    with pytest.raises(ChangedMeanwhile):
        casework.note(staff=desk.lead, case_id=case.id, text="second", version=version)


def test_a_handler_may_not_shred(desk: made.Desk) -> None:
    _, case = one_case(desk)
    with pytest.raises(NotAllowedHere):
        casework.shred_case(staff=desk.team["Wren"], case_id=case.id, why="tidy")


def test_nothing_is_sealed_to_an_account_that_no_lead_signed(desk: made.Desk) -> None:
    staff = made.join(desk, "Crane", sign=False)
    Staff.objects.filter(id=staff.id).update(state="active", role="lead")  # by somebody with the database
    made.report("one")
    assert not Grant.objects.filter(staff_id=staff.id).exists()
    with pytest.raises(NotFound):
        casework.add_colleague(staff=desk.lead, case_id=Case.objects.get().id, colleague=staff.id)


@pytest.mark.parametrize("what", ["kex_public", "sign_public", "role", "pseudonym"])
def test_a_swapped_directory_entry_gets_nothing(desk: made.Desk, what: str) -> None:
    wren = desk.team["Wren"]
    swap = {"kex_public": seal.new_kex_pair().public, "sign_public": seal.new_sign_pair().public,
            "role": "lead", "pseudonym": "Wrenn"}
    Staff.objects.filter(id=wren.id).update(**{what: swap[what]})
    made.report("one")
    assert not Grant.objects.filter(staff_id=wren.id).exists()
    assert Grant.objects.filter(staff_id=desk.team["Swift"].id).exists()


def test_a_whole_swapped_directory_is_refused_by_the_anchor(desk: made.Desk) -> None:
    """Every row signed anew by a lead of the attacker's own: the fingerprint in the site folder says no."""
    evil = seal.new_staff_keys()
    for row in Staff.objects.all():
        row.kex_public, row.sign_public = evil.kex.public, evil.sign.public
        row.signed_by_id = desk.lead.id
        row.directory_signature = seal.sign_entry(evil.sign.private, directory.entry_of(row))
        row.save()
    assert directory.everyone() == {}
    from amparo.desk import site
    from amparo.desk.filing import NobodyReads
    from amparo.desk.records import Setting

    with pytest.raises(NobodyReads):
        made.report("one")
    Setting.objects.filter(name="root").update(
        value=directory.key_fingerprint(evil.kex.public, evil.sign.public).encode()
    )
    with pytest.raises(site.AnchorMoved):
        made.report("one")


def test_swapped_case_keys_are_refused_by_everyone_who_writes_and_reads(desk: made.Desk) -> None:
    words, case = one_case(desk)
    access = returning.open_receipt(" ".join(words))
    evil = seal.new_channel_keys()
    CaseEpoch.objects.update(staff_public=evil.staff.public, dialogue_public=evil.dialogue.public)
    for attempt in (
        lambda: returning.say(access, "a secret"), lambda: returning.dialogue(access),
        lambda: reading.case_page(desk.lead, case.id),
        lambda: casework.reply(staff=desk.lead, case_id=case.id, text="a secret"),
    ):
        with pytest.raises(seal.Tampered):
            attempt()
    assert queue.load(desk.lead).rows[0].waiting == "unreadable"


def test_a_forged_reporter_does_not_fit_the_case_id(desk: made.Desk) -> None:
    words, case = one_case(desk)
    evil = seal.new_reporter_keys()
    public = directory.epoch_of(case)
    Case.objects.update(reporter_kex=evil.kex.public, reporter_sign=evil.sign.public)
    CaseEpoch.objects.update(signature=seal.sign(evil.sign.private, directory.epoch_bytes(
        case.id, 1, public.staff_public, public.dialogue_public)))
    with pytest.raises(seal.Tampered):
        reading.case_page(desk.lead, case.id)


def test_writings_sealed_by_a_stranger_read_not_proven(desk: made.Desk) -> None:
    """Anyone who can write to the database can seal to a public key; nobody can sign for somebody else."""
    from django.db import transaction

    from amparo.desk import clock, payloads, writing

    words, case = one_case(desk)
    evil = seal.new_sign_pair()
    with transaction.atomic():
        for author in (
            seal.Author("staff", desk.lead.id, evil.private), seal.Author("staff", uuid4(), evil.private),
            seal.Author("unsigned"),
        ):
            writing.write_item(
                case=case, payload=payloads.Message(at=clock.now(), text="Come to the bridge alone."),
                author=author, channel="dialogue",
            )
    lines = returning.dialogue(returning.open_receipt(" ".join(words)))
    assert len(lines) == 3 and not any(line.proven for line in lines)
    assert {(line.who, line.proven) for line in reading.case_page(desk.lead, case.id).dialogue} == {("?", False)}


def test_rows_moved_between_cases_items_kinds_and_epochs_do_not_open(desk: made.Desk) -> None:
    made.report("mine")
    made.report("theirs")
    first, second = Case.objects.order_by("changed")
    source = Item.objects.get(case=first, kind="answers")
    target = Item.objects.get(case=second, kind="answers")
    whole = {"body": bytes(target.body)}, {"sealed": bytes(target.key.sealed)}

    def unreadable() -> list[str]:
        return [one.kind for one in reading.case_page(desk.lead, second.id).unreadable]

    def restore() -> None:
        Item.objects.filter(id=target.id).update(kind="answers", written_epoch=1, channel="staff", **whole[0])
        ItemKey.objects.filter(item=target).update(epoch=1, **whole[1])

    assert unreadable() == []
    Item.objects.filter(id=target.id).update(body=source.body)
    ItemKey.objects.filter(item=target).update(sealed=source.key.sealed)
    assert unreadable() == ["answers"]  # body and key of another case, both sealed well
    restore()
    for change in ({"kind": "consent"}, {"written_epoch": 2}, {"channel": "dialogue"}, {"schema": 2}):
        Item.objects.filter(id=target.id).update(**change)
        assert len(unreadable()) == 1, change
        Item.objects.filter(id=target.id).update(schema=1)
        restore()
    ItemKey.objects.filter(item=target).update(epoch=2)
    assert unreadable() == ["answers"]
    restore()
    assert unreadable() == []
