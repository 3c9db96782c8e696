"""Rows of one case put into another, bodies cut and flipped: told as unreadable, never shown, nothing lost beside."""

import pytest

from amparo.desk import reading, returning
from amparo.desk.records import Blob, Case, Item, ItemKey
from tests.desk import conftest as given
from tests.desk import people as desks

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


def two_cases(desk: desks.Desk) -> tuple[Case, Case]:
    one = returning.open_receipt(" ".join(desks.report("The first told this.")[0])).case
    other = returning.open_receipt(" ".join(desks.report("The second told that.")[0])).case
    return Case.objects.get(id=one), Case.objects.get(id=other)


def told(desk: desks.Desk, case: Case) -> tuple[str, int]:
    page = reading.case_page(desk.lead, case.id)
    return " ".join(one.text for one in page.answers), len(page.unreadable)


def test_answers_of_another_case_are_not_shown(desk: desks.Desk) -> None:
    one, other = two_cases(desk)
    mine, theirs = (Item.objects.get(case=case, kind="answers", channel="staff") for case in (one, other))
    keys = ItemKey.objects.get(item=mine), ItemKey.objects.get(item=theirs)
    Item.objects.filter(id=mine.id).update(body=theirs.body, written_epoch=theirs.written_epoch)
    ItemKey.objects.filter(item=mine).update(sealed=keys[1].sealed, epoch=keys[1].epoch)
    assert told(desk, one) == ("", 1)
    assert "The second told that." in told(desk, other)[0]


def test_a_whole_row_given_to_another_case_is_not_shown(desk: desks.Desk) -> None:
    one, other = two_cases(desk)
    theirs = Item.objects.get(case=other, kind="answers", channel="staff")
    Item.objects.filter(id=theirs.id).update(case=one, sequence=999)
    shown, unreadable = told(desk, one)
    assert "The second told that." not in shown and unreadable == 1


@pytest.mark.parametrize("change", [
    lambda body: body[:-1], lambda body: body[: len(body) // 2], lambda body: b"", lambda body: body + b"\0",
    lambda body: bytes([body[0] ^ 1]) + body[1:], lambda body: body[:-1] + bytes([body[-1] ^ 1]),
])
def test_cut_and_flipped_rows_are_told(desk: desks.Desk, change: object) -> None:
    one, other = two_cases(desk)
    row = Item.objects.get(case=one, kind="answers", channel="staff")
    Item.objects.filter(id=row.id).update(body=change(bytes(row.body)))  # type: ignore[operator]
    assert told(desk, one) == ("", 1)
    assert "The second told that." in told(desk, other)[0]


def test_files_swapped_on_the_disk_are_refused(desk: desks.Desk) -> None:
    words = [desks.report("With a file.", files=((name, name.encode() * 5000),))[0] for name in ("one.txt", "two.txt")]
    first, second = (Case.objects.get(id=returning.open_receipt(" ".join(one)).case) for one in words)
    blobs = [Blob.objects.get(item__case=case) for case in (first, second)]
    names = [blob.name for blob in blobs]
    Blob.objects.filter(id=blobs[0].id).update(name="held")
    Blob.objects.filter(id=blobs[1].id).update(name=names[0])
    Blob.objects.filter(id=blobs[0].id).update(name=names[1])
    with pytest.raises(Exception) as refused:
        reader, size, _ = reading.original(desk.lead, first.id, blobs[0].id)
        reader.read(size)
    assert getattr(refused.value, "code", "").startswith("seal.")
