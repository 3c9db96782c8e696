"""Reports that a colleague writes down: one case a form, words read out or made later, evidence, no key for intake."""

import threading
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from amparo import seal
from amparo.desk import (
    casework,
    clock,
    custody,
    directory,
    filing,
    identities,
    membership,
    opening,
    payloads,
    queue,
    reading,
    returning,
    site,
    taking,
    writing,
)
from amparo.desk.errors import NotFound
from amparo.desk.records import Blob, Case, Grant, Item, ItemKey
from amparo.desk.sessions import SessionStore
from tests.desk import people

STORY = "Two men wait at the gate since Tuesday."
CHAT = "[12.03.26, 21:14:07] Them: we know your street\n[12.03.26, 21:15:00] She: who is this?"


def take(desk: people.Desk, by: str = "Wren", one: SessionStore | None = None, form: UUID | None = None,
         **told: object) -> tuple[UUID, SessionStore, UUID]:
    one, form = one or people.session(), form or uuid4()
    told = {"way": "call", "text": STORY, "language": "es", **told}
    staff = desk.lead if by == "Heron" else desk.team[by]
    case = taking.take_down(session=one, staff=staff, told=taking.Told(**told), form=form)  # type: ignore[arg-type]
    return case, one, form


def words_of(one: SessionStore, form: UUID) -> tuple[str, ...]:
    slip = taking.slip_of(one, form)
    assert slip is not None and slip.words
    return slip.words


def reads(desk: people.Desk, case: UUID, kind: str, by: str = "Wren") -> list[opening.Read]:
    staff = desk.team[by]
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case)
    found, bad = opening.read_items(opened, Item.objects.filter(case=case, kind=kind).select_related("key"))
    assert not bad
    return found


def test_what_was_heard_is_a_case_that_its_words_open(desk: people.Desk) -> None:
    case, one, form = take(desk, danger="yes", threats=("doxing", "no such"), on_behalf="does-not-know",
                           purposes=("statistics", "un-public-name"))
    words = words_of(one, form)
    assert len(words) == 9 and set(words) <= set(seal.receipts.words_of("es"))
    access = returning.open_receipt(" ".join(words))
    assert access.case == case and returning.consents(access) == ("statistics",)
    page = reading.case_page(desk.team["Swift"], case)
    assert STORY in [answer.text for answer in page.answers]
    assert {answer.code: answer.values for answer in page.answers if answer.values} == {
        "danger": ("yes",), "threats": ("doxing",), "target": ("someone-else",), "they-know": ("no",)}
    assert page.heading == "life" and not page.notices and not page.unreadable
    (taken,) = reads(desk, case, "taken-down")
    assert taken.proven and isinstance(taken.payload, payloads.TakenDown)
    assert (taken.payload.way, taken.payload.on_behalf) == ("call", "does-not-know")
    assert not Item.objects.filter(case=case, kind="unclaimed").exists()
    assert returning.say(access, "I read your words.") and casework.reply(
        staff=desk.team["Wren"], case_id=case, text="And we yours.")


def test_a_form_sent_twice_or_at_once_makes_one_case(desk: people.Desk) -> None:
    one, form = people.session(), uuid4()
    first, one, _ = take(desk, one=one, form=form)
    words = words_of(one, form)
    again, one, _ = take(desk, one=people.again(one), form=form)
    assert first == again and words_of(one, form) == words and Case.objects.count() == 1
    assert taking.confirm(one, form, None)
    assert take(desk, one=people.again(one), form=form)[0] == first and Case.objects.count() == 1

    shared, form, found = people.session(), uuid4(), []
    shared.save()

    def press() -> None:
        try:
            found.append(take(desk, one=SessionStore(shared.session_key), form=form)[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(set(found)) == 1 and Case.objects.count() == 2


def test_words_are_shown_until_two_are_read_back_and_then_gone(desk: people.Desk) -> None:
    _, one, form = take(desk)
    words = words_of(one, form)
    slip = taking.slip_of(people.again(one), form)
    assert slip is not None and slip.words == words and slip.reporter_keys is None and slip.channel_keys is None
    first, second = taking.challenge(slip)
    assert not taking.confirm(one, form, f"{words[second - 1]} wrong") and words_of(one, form) == words
    assert taking.confirm(one, form, f"{words[first - 1].upper()}, {words[second - 1]}")
    kept = str(dict(people.again(one).items()))
    assert not any(word in kept for word in words if len(word) > 5)


def test_a_pasted_chat_is_sealed_as_evidence_signed_by_who_pasted_it(desk: people.Desk) -> None:
    case, _, _ = take(desk, way="messenger", text=CHAT, chat=True)
    (file,) = reads(desk, case, "file")
    assert file.proven and file.author_id == desk.team["Wren"].id
    content, size, _ = reading.original(desk.team["Swift"], case, file.item.id)
    assert content.read() == CHAT.encode() and size == len(CHAT.encode())
    entries = [line.entry for line in custody.lines(case=case) if line.entry.action == "collected"]
    assert (file.item.id, "staff", desk.team["Wren"].id) in [(e.item, e.actor_kind, e.actor) for e in entries]
    for path in site.sealed_folder().rglob("*"):
        assert not path.is_file() or b"we know your street" not in path.read_bytes()


def test_a_filing_that_fails_leaves_no_file_and_no_case(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("power is gone")

    monkeypatch.setattr(taking.blobs, "settle", fails)
    with pytest.raises(RuntimeError):
        take(desk, text=CHAT, chat=True)
    assert not Case.objects.exists() and not Blob.objects.exists() and not Item.objects.exists()
    assert [path for path in site.sealed_folder().rglob("*") if path.is_file()] == []


def test_colleagues_in_conflict_get_no_key_and_cannot_be_added(desk: people.Desk) -> None:
    case, _, _ = take(desk, excluded=("Swift",))
    held = set(Grant.objects.filter(case=case, kind="staff").values_list("staff_id", flat=True))
    assert held == {desk.lead.id, desk.team["Wren"].id}
    with pytest.raises(membership.Excluded):
        casework.add_colleague(staff=desk.lead, case_id=case, colleague=desk.team["Swift"].id)
    with pytest.raises(filing.NobodyReads):
        take(desk, excluded=("Swift", "Wren", "Heron"))


def test_who_she_is_stands_apart_from_the_case(desk: people.Desk) -> None:
    case, _, _ = take(desk, identity="Amal, phone 0044 7700 900123")
    page = reading.case_page(desk.team["Swift"], case)
    assert "7700" not in repr(page) and identities.kept_apart(case)
    assert "7700" in repr(identities.ask(staff=desk.team["Wren"], case_id=case, why="She asked to be called."))


def test_intake_files_and_holds_no_key(desk: people.Desk) -> None:
    (site.folder().parent / "desk.toml").write_text('reserve = 1000000\nroles = ["intake"]\n')
    robin = people.join(desk, "Robin", "intake")
    case, one, form = take(desk, by="Robin", text=CHAT, chat=True, identity="A name")
    assert words_of(one, form)
    assert not Grant.objects.filter(case=case, staff_id=robin.id).exists()
    with pytest.raises(NotFound):
        reading.case_page(robin, case)
    with pytest.raises(NotFound):
        opening.for_staff(robin.id, robin.keys.kex.private, case)
    assert len(queue.load(robin).rows) == 0 and len(queue.load(desk.lead).rows) == 1
    for kind in ("taken-down", "file", "identity"):
        (read,) = reads(desk, case, kind)
        assert read.proven and read.author_id == robin.id
    assert [taken.who for taken in reading.case_page(desk.team["Wren"], case).timeline
            if taken.kind == "taken-down"] == ["Robin"]


def test_intake_proves_nothing_but_what_was_taken_down(desk: people.Desk) -> None:
    """With the database in hand, an intake colleague writes a note into a case: it reads "origin not proven"."""
    (site.folder().parent / "desk.toml").write_text('reserve = 1000000\nroles = ["intake"]\n')
    robin = people.join(desk, "Robin", "intake")
    case, _, _ = take(desk, by="Robin")
    with transaction.atomic():
        row = Case.objects.get(id=case)
        writing.write_item(case=row, payload=payloads.Note(at=clock.now(), text="Close it."), author=robin.author(),
                           epoch=directory.epoch_of(row))
    (note,) = reads(desk, case, "note")
    assert not note.proven


def test_a_receipt_made_later_opens_the_case_and_the_kept_keys_are_shredded(desk: people.Desk) -> None:
    case, one, form = take(desk, words=False)
    assert taking.slip_of(one, form).words is None  # type: ignore[union-attr]
    wren, (kept,) = desk.team["Wren"], Item.objects.filter(case=case, kind="unclaimed")
    assert taking.unclaimed(wren, case)
    later, slip = people.session(), uuid4()
    taking.make_receipt(session=later, staff=wren, case_id=case, form=slip)
    words = words_of(later, slip)
    taking.make_receipt(session=people.again(later), staff=wren, case_id=case, form=slip)
    assert words_of(later, slip) == words and returning.open_receipt(" ".join(words)).case == case
    assert not ItemKey.objects.filter(item_id=kept.id).exists() and not taking.unclaimed(wren, case)
    actions = [line.entry.action for line in custody.lines(case=case)]
    assert actions.count("receipt-made") == 1
    with pytest.raises(taking.HasWords):
        taking.make_receipt(session=people.session(), staff=desk.lead, case_id=case, form=uuid4())
    assert returning.open_receipt(" ".join(words)).case == case


def test_four_letters_tell_every_word_of_every_list() -> None:
    """What the page says to whoever reads words out."""
    for language in ("en", "es", "fr"):
        listed = [seal.receipts.fold(word) for word in seal.receipts.words_of(language)]
        assert len({word[:4] for word in listed}) == len(listed) == 2048
