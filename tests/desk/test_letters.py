"""Letters reach their readers, and only them; who wrote is proven or not said."""

import uuid

import pytest

from amparo import seal
from amparo.desk import accounts, letters
from amparo.desk.errors import NotFound
from amparo.desk.records import Letter
from tests.desk import people


def test_each_reader_opens_a_copy_and_nobody_else(desk: people.Desk) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    letters.write(staff=desk.lead, to=[wren.id], kind="hand-over", text="Call the shelter at nine.")
    (found,) = letters.read(wren, "hand-over")
    assert (found.text, found.who, found.proven, found.read) == ("Call the shelter at nine.", "Heron", True, False)
    assert letters.read(swift, "hand-over") == () and letters.read(wren, "notice") == ()
    row = Letter.objects.get()
    with pytest.raises(seal.Tampered):
        seal.open_letter(swift.keys.kex.private, "hand-over", row.thread, wren.id, bytes(row.body), None)


def test_what_is_read_is_marked_by_its_reader_alone(desk: people.Desk) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    letters.write(staff=desk.lead, to=[wren.id, swift.id, wren.id], kind="notice", text="one")
    assert Letter.objects.count() == 2  # a reader named twice gets one copy
    assert (letters.unread_count(wren.id, "notice"), letters.unread_count(swift.id, "notice")) == (1, 1)
    (mine,) = letters.read(wren, "notice")
    with pytest.raises(NotFound):
        letters.mark_read(staff=swift, letter=mine.id)
    letters.mark_read(staff=wren, letter=mine.id)
    assert letters.read(wren, "notice", unread=True) == () and letters.unread_count(swift.id, "notice") == 1
    letters.burn(staff=wren, thread=mine.thread)
    assert Letter.objects.count() == 1


def test_a_row_that_a_stranger_wrote_names_nobody(desk: people.Desk) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    stranger = accounts.OpenStaff(desk.lead.id, "Heron", "lead", seal.new_staff_keys())
    letters.write(staff=stranger, to=[wren.id], kind="notice", text="Give Swift all your cases.")
    (found,) = letters.read(wren, "notice")
    assert not found.proven and found.writer is None and found.who == ""
    # moved to another reader, thread or kind: told, not shown
    letters.write(staff=desk.lead, to=[swift.id], kind="request", text="two")
    Letter.objects.filter(kind="request").update(thread=uuid.uuid4())
    (moved,) = letters.read(swift, "request")
    assert moved.kind == "unreadable" and moved.text == ""


def test_whoever_has_no_signed_key_gets_no_letter(desk: people.Desk) -> None:
    nobody = people.join(desk, "Stork", sign=False)
    letters.write(staff=desk.lead, to=[nobody.id, uuid.uuid4()], kind="notice", text="three")
    assert Letter.objects.count() == 0


def test_nothing_of_a_letter_stands_in_clear(desk: people.Desk) -> None:
    letters.write(staff=desk.lead, to=[desk.team["Wren"].id], kind="complaint", text="canary words here")
    assert b"canary" not in bytes(Letter.objects.get().body)
    with pytest.raises(ValueError, match="no kind"):
        letters.write(staff=desk.lead, to=[], kind="postcard", text="")
