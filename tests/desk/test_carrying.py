"""A report sealed on a laptop without a desk, carried as a file, taken in: a case like any other."""

import datetime as dt
import hashlib
import io
import re
from pathlib import Path

import pytest

from amparo import seal
from amparo.desk import (
    cards,
    carrying,
    casework,
    configuration,
    custody,
    opening,
    people,
    queue,
    reading,
    returning,
    site,
    waking,
    workers,
)
from amparo.desk.errors import NotAllowedHere
from amparo.desk.records import Blob, Case, Grant, Item
from amparo.words.writings import Exclusion
from tests.desk import laptop
from tests.desk import people as made_up

STORY = "Since Monday a white van stands before the school. لا أعرف من أرسلهم."
PHOTO = b"\xff\xd8" + bytes(range(256)) * 1500
CANARY = b"canary-5b1f-in-a-file"


def take_in(file: bytes, staff: object = None) -> carrying.Taken:
    return carrying.take_in(below=io.BytesIO(file), size=len(file), staff=staff)  # type: ignore[arg-type]


def test_sealed_in_a_process_without_desk_and_database_it_opens_here(desk: made_up.Desk, tmp_path: Path) -> None:
    away = laptop.bare(tmp_path)
    (away / "DESK.card").write_text(laptop.card_of(desk))
    (away / "photo.jpg").write_bytes(PHOTO)
    (away / "empty.txt").write_bytes(b"")
    before = set(away.rglob("*"))
    done = laptop.run(
        away, "seal", "--to", "DESK.card", "--text", "-", "--allow", "examine", "--danger", "--out", "r.amparo",
        "--fingerprint", cards.fingerprint(desk.lead), "photo.jpg", "empty.txt", typed=STORY.encode(),
    )
    assert done.returncode == 0, done.stderr.decode()
    words = done.stdout.decode().split()
    assert len(words) == 9 and done.stdout.count(b"\n") == 1
    said = done.stderr.decode()
    assert cards.fingerprint(desk.lead) in said and "3 people" in said and "its size" in said
    assert not any(word in said.split() for word in words), "the words stand on the output once"
    after = set(away.rglob("*"))
    assert after - before == {away / "r.amparo"}, "nothing else was written"
    file = (away / "r.amparo").read_bytes()
    for clear in (STORY.encode(), PHOTO[2:100], b"photo.jpg", b"https://desk.example", site.desk_id(), b"opening"):
        assert clear not in file

    taken = take_in(file)
    assert not taken.before
    wren = desk.team["Wren"]
    row, = queue.load(wren).rows
    assert row.case == taken.case and row.why == "life" and row.consents == ("examine",)
    page = reading.case_page(wren, taken.case)
    assert [a.text for a in page.answers if a.code == "what-happened"] == [STORY]
    assert not page.unreadable and "filing-not-proven" not in page.notices
    assert [(one.name, one.size, one.proven, one.lost) for one in page.evidence] == [
        ("photo.jpg", len(PHOTO), True, False), ("empty.txt", 0, True, False)]
    for card, content in zip(page.evidence, (PHOTO, b""), strict=True):
        reader, _, _ = reading.original(wren, taken.case, card.item)
        with reader:
            assert reader.read() == content

    assert [one.case for one in waking.alarms(wren)] == [taken.case], "danger wakes somebody, as on the web"
    casework.reply(staff=wren, case_id=taken.case, text="We read it. Stay away from the school today.")
    access = returning.open_receipt(" ".join(words))
    line, = returning.dialogue(access)
    assert line.text == "We read it. Stay away from the school today." and line.proven
    returning.say(access, "Thank you.")
    assert returning.earlier(access) is None


def test_custody_says_how_it_came_when_and_what(desk: made_up.Desk) -> None:
    file, _ = laptop.sealed(card=laptop.card_of(desk), files=(("a.txt", b"first"), ("b.txt", b"second")))
    case = take_in(file, desk.team["Wren"]).case
    lines = [one.entry for one in reversed(custody.lines(case=case))]
    assert [(one.action, one.actor_kind, one.detail) for one in lines] == [
        ("carried", "staff", ()), ("collected", "reporter", ("answers",)),
        ("collected", "reporter", ("file",)), ("collected", "reporter", ("file",))]
    assert lines[0].actor == desk.team["Wren"].id
    assert all(one.commitment and one.ciphertext_sha256 for one in lines[2:])
    stored = {bytes(one.sha256) for one in Blob.objects.all()}
    assert {one.ciphertext_sha256 for one in lines[2:]} == stored and custody.log().audit()
    for entry, content in zip(lines[2:], (b"first", b"second"), strict=True):
        opened = opening.for_staff(desk.lead.id, desk.lead.keys.kex.private, case)
        assert entry.item is not None
        meta = opening.read_one(opened, entry.item, "file").payload
        assert meta is not None and meta.sha256 == hashlib.sha256(content).digest()  # type: ignore[union-attr]
        assert seal.commit(meta.salt, meta.sha256) == entry.commitment  # type: ignore[union-attr]


def test_whoever_brings_it_needs_no_account_and_then_only_the_day_is_noted(desk: made_up.Desk) -> None:
    file, _ = laptop.sealed(card=laptop.card_of(desk))
    case = take_in(file).case
    assert not waking.alarms(desk.lead), "nothing presses"
    first = custody.lines(case=case)[-1].entry
    assert (first.action, first.actor_kind, first.actor) == ("carried", "reporter", None) and first.at % 86_400 == 0


def test_the_same_file_twice_makes_one_case(desk: made_up.Desk) -> None:
    file, _ = laptop.sealed(card=laptop.card_of(desk), files=(("a.txt", b"x" * 100_000),))
    first, again = take_in(file), take_in(file)
    assert (first.before, again.before) == (False, True) and first.case == again.case
    assert Case.objects.count() == 1 and Blob.objects.count() == 1
    assert len([one for one in site.sealed_folder().rglob("*") if one.is_file()]) == 1


def test_files_of_like_size_look_alike(desk: made_up.Desk) -> None:
    card = laptop.card_of(desk)
    sizes = {len(laptop.sealed(text, card=card)[0]) for text in ("Short.", "Long. " * 2000)}
    assert len(sizes) == 1
    with_files = {
        len(laptop.sealed(card=card, files=(("a", b"x" * size),))[0]) for size in (280_000, 300_000, 450_000)
    }
    assert len(with_files) == 1 and with_files != sizes


def test_who_is_kept_out_gets_no_key(desk: made_up.Desk) -> None:
    file, _ = laptop.sealed(card=laptop.card_of(desk), excluded=Exclusion(pseudonyms=("swift",)))
    case = take_in(file).case
    assert set(Grant.objects.filter(case=case, kind="staff").values_list("staff_id", flat=True)) == {
        desk.lead.id, desk.team["Wren"].id}
    assert not queue.load(desk.team["Swift"]).rows
    only, _ = laptop.sealed(card=laptop.card_of(desk), excluded=Exclusion(lead_only=True))
    case = take_in(only).case
    assert list(Grant.objects.filter(case=case, kind="staff").values_list("staff_id", flat=True)) == [desk.lead.id]


def test_a_name_that_is_nobodys_keeps_nobody_out_and_is_refused(desk: made_up.Desk) -> None:
    with pytest.raises(laptop.carried.CarriedRefused, match="Nobody on this card"):
        laptop.sealed(card=laptop.card_of(desk), excluded=Exclusion(pseudonyms=("Swfit",)))


def test_somebody_removed_since_the_card_was_made_does_not_keep_the_case(desk: made_up.Desk) -> None:
    file, _ = laptop.sealed(card=laptop.card_of(desk))
    swift = desk.team["Swift"].id
    people.remove_staff(lead=desk.lead, staff_id=swift)
    case = take_in(file).case
    assert people.rekey_waiting(staff=desk.team["Wren"]) == 1, "the next reader who signs in gives it new keys"
    assert not Grant.objects.filter(case=case, staff_id=swift).exists()
    assert Case.objects.get(id=case).epoch == 2
    page = reading.case_page(desk.team["Wren"], case)
    assert [a.text for a in page.answers if a.code == "what-happened"] == ["They wait at my gate."]


def test_a_minor_is_kept_for_a_shorter_time(desk: made_up.Desk) -> None:
    file, _ = laptop.sealed(card=laptop.card_of(desk), under_18=["yes"])
    case = Case.objects.get(id=take_in(file).case)
    assert (case.retention_on - case.opened_on).days == configuration.current().minor_retention_days


def test_files_wait_to_be_examined_and_the_page_says_so(desk: made_up.Desk) -> None:
    file, _ = laptop.sealed(card=laptop.card_of(desk), files=(("a.txt", b"x"),), purposes=("examine",))
    case = take_in(file).case
    page = reading.case_page(desk.lead, case)
    assert "carried" in page.notices and page.evidence[0].exam == "none"
    assert queue.load(desk.lead).rows[0].waiting == "carried"
    workers.register()
    assert casework.request_exam(staff=desk.lead, case_id=case, file=page.evidence[0].item) == "queued"
    assert Case.objects.get(id=case).exam_code == "" and "carried" not in reading.case_page(desk.lead, case).notices


def test_files_that_may_not_be_examined_wait_for_nobody(desk: made_up.Desk) -> None:
    file, _ = laptop.sealed(card=laptop.card_of(desk), files=(("a.txt", b"x"),))
    take_in(file)
    assert queue.load(desk.lead).rows[0].waiting == ""


def test_nothing_clear_of_it_lies_in_the_data_folder(desk: made_up.Desk) -> None:
    file, words = laptop.sealed(CANARY.decode(), card=laptop.card_of(desk), files=((CANARY.decode(), CANARY * 3000),))
    take_in(file)
    for path in configuration.data_folder().rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert CANARY not in held and " ".join(words).encode() not in held, path.name


def test_only_a_lead_signs_a_card_and_the_log_says_who(desk: made_up.Desk) -> None:
    with pytest.raises(NotAllowedHere):
        cards.make(lead=desk.team["Wren"], address="", days=90)
    text = laptop.card_of(desk)
    assert laptop.card_of(desk) == text
    entry = custody.lines(newest=1)[0].entry
    assert (entry.action, entry.actor) == ("card-made", desk.lead.id)
    card = seal.read_card(text, dt.date.today())
    assert {one.id for one in card.readers} == {desk.lead.id, *(one.id for one in desk.team.values())}
    assert card.fingerprint() == cards.fingerprint(desk.lead)
    assert all(re.fullmatch(r"AMPARO-CARD:1:\d/\d:[A-Z2-7]+", line) for line in text.splitlines())


def test_items_stand_in_the_order_of_a_report_that_was_sent_here(desk: made_up.Desk) -> None:
    file, _ = laptop.sealed(card=laptop.card_of(desk), files=(("a", b"x"),), see_again=["yes"])
    case = take_in(file).case
    made_up.report("sent here", files=(("a", b"x"),), see_again=True)
    by_case = [
        list(Item.objects.filter(case=one).order_by("sequence").values_list("kind", "channel"))
        for one in (case, Case.objects.exclude(id=case).get().id)
    ]
    assert by_case[0] == by_case[1]
