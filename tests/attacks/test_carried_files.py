"""A carried report that was flipped, cut, replayed, made for another desk, or written by a hostile program.

Whoever carries the file may change it; whoever holds a card may make any file at all. Neither stores half a case,
brings an erased one back, fills the disk, or makes a page fail for a handler.
"""

import datetime as dt
import io
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from amparo import seal
from amparo.desk import carrying, clock, exporting, queue, reading, returning, shredding, site
from amparo.desk.records import Blob, Case, Item, LogEntry
from amparo.share import carried
from amparo.words import writings
from amparo.words.errors import AmparoError
from tests.desk import laptop, people
from tests.desk.conftest import cheap_passwords, desk, ground

__all__ = ["cheap_passwords", "desk", "ground"]


def take_in(file: bytes) -> carrying.Taken:
    return carrying.take_in(below=io.BytesIO(file), size=len(file))


def nothing_stored() -> None:
    assert not Case.objects.exists() and not Item.objects.exists() and not Blob.objects.exists()
    assert not [one for one in site.sealed_folder().rglob("*") if one.is_file()]
    assert not LogEntry.objects.exclude(case=None).exists()


def refused(file: bytes) -> AmparoError:
    with pytest.raises(AmparoError) as caught:
        take_in(file)
    error = caught.value
    assert error.says.endswith(".") and error.says.count(".") == 1 and error.advice, error.says
    return error


def test_a_thousand_flipped_or_cut_copies_are_all_refused(desk: people.Desk) -> None:
    file, words = laptop.sealed(card=laptop.card_of(desk), files=(("a.txt", b"x" * 30_000),))
    draw, counted = random.Random(4), {"flipped": 0, "cut": 0, "longer": 0, "moved": 0}
    for number in range(1000):
        kind = ("flipped", "flipped", "cut", "moved" if number % 10 == 3 else "longer")[number % 4]
        changed = bytearray(file)
        if kind == "flipped":  # every byte of the beginning once, then anywhere
            at = number // 4 * 2 + number % 2 if number < 400 else draw.randrange(len(file))
            changed[at] ^= 1 << draw.randrange(8)
        elif kind == "cut":
            del changed[draw.randrange(len(file)) :]
        elif kind == "longer":
            changed += draw.randbytes(draw.randrange(1, 200))
        else:
            at, size = sorted(draw.sample(range(86, len(file)), 2))
            changed[at:size] = changed[at:size][::-1]
        if bytes(changed) == file:
            continue
        assert refused(bytes(changed)).code == "seal.carried"
        counted[kind] += 1
    assert sum(counted.values()) == 1000, counted
    print(f"refused: {counted}")
    nothing_stored()
    assert not take_in(file).before and returning.open_receipt(" ".join(words)), "the file itself is good"


def test_what_was_sealed_for_another_desk_is_refused_in_one_sentence(desk: people.Desk) -> None:
    card = seal.read_card(laptop.card_of(desk), clock.today())
    for changed in (
        msgspec.structs.replace(card, carrier_public=seal.new_kex_pair().public),
        msgspec.structs.replace(card, desk=bytes(16)),  # its wrapping opens with our key, for another id
    ):
        file, _ = laptop.sealed(card=seal.sign_card(desk.lead.keys.sign.private, changed))
        assert "another desk" in refused(file).says
    nothing_stored()


def test_an_erased_report_does_not_come_back(desk: people.Desk) -> None:
    file, words = laptop.sealed(card=laptop.card_of(desk), files=(("a.txt", b"x"),))
    case = take_in(file).case
    assert shredding.shred_case(case, actor_kind="staff", actor=desk.lead.id, reason="decided")
    assert not Case.objects.filter(id=case).exists()
    assert "was erased" in refused(file).says
    assert not Case.objects.exists() and not Blob.objects.exists()
    with pytest.raises(returning.WrongReceipt):
        returning.open_receipt(" ".join(words))


def test_a_file_for_people_who_all_left_is_refused(desk: people.Desk) -> None:
    card = seal.read_card(laptop.card_of(desk), clock.today())
    strangers = tuple(msgspec.structs.replace(one, kex_public=seal.new_kex_pair().public) for one in card.readers)
    file, _ = laptop.sealed(
        card=seal.sign_card(desk.lead.keys.sign.private, msgspec.structs.replace(card, readers=strangers)))
    assert "None of those" in refused(file).says
    nothing_stored()


class Hostile:
    """A program that follows the format and not the rules."""

    def __init__(self, desk: people.Desk) -> None:
        self.card = seal.read_card(laptop.card_of(desk), clock.today())

    def file(
        self, change: Callable[[carried.Manifest], carried.Manifest] = lambda found: found, *,
        payload: Callable[[dict[str, Any]], dict[str, Any]] = lambda told: told, files: int = 1, sign: bool = True,
    ) -> bytes:
        """A carried file whose manifest, and whose writings before they were sealed, were changed."""
        out = io.BytesIO()
        now = dt.datetime.now(dt.UTC)
        sealing = carried._Sealing(self.card, self.card.readers, now, out.write)
        plain = sealing._sealed

        def altered(channel: Any, kind: Any, told: writings.Payload, item: UUID, key: bytes | None) -> carried.Writing:
            raw = payload(msgspec.to_builtins(told, builtin_types=(bytes, dt.datetime)))
            return plain(channel, kind, raw, item, key)  # type: ignore[arg-type]

        sealing._sealed = altered  # type: ignore[method-assign]
        for number in range(files):
            sealing.file(carried.File(f"{number}.txt", "text/plain", io.BytesIO(b"x" * 1000)))
        answers = {"what-happened": ["A hostile one."]}
        told = carried.Told(answers=answers)
        made = sealing._manifest

        def other(minor: bool, presses: bool, words: tuple[str, ...]) -> carried.Manifest:
            return change(made(minor, presses, words))

        sealing._manifest = other  # type: ignore[method-assign]
        if not sign:
            sealing.keys = msgspec.structs.replace(sealing.keys, sign=seal.new_sign_pair())
        sealing.finish(told, answers, (), False, seal.new_receipt("en"))
        return out.getvalue()


def replaced(**changed: Any) -> Callable[[carried.Manifest], carried.Manifest]:
    return lambda found: msgspec.structs.replace(found, **changed)


def test_a_manifest_that_lies_is_refused_and_nothing_is_stored(desk: people.Desk) -> None:
    hostile = Hostile(desk)
    assert not take_in(hostile.file()).before, "positive control: unchanged, it is taken"
    Case.objects.all().delete()
    for one in site.sealed_folder().rglob("*"):
        if one.is_file():
            one.unlink()
    known = LogEntry.objects.count()
    lies: dict[str, Callable[[carried.Manifest], carried.Manifest]] = {
        "another case": replaced(case=uuid4()),
        "other keys": replaced(reporter_kex=seal.new_kex_pair().public),
        "channel keys that the reporter did not sign": replaced(staff_public=seal.new_kex_pair().public),
        "a reader more": lambda found: msgspec.structs.replace(
            found, readers=(*found.readers, carried.Given(uuid4(), bytes(32), bytes(100)))),
        "a reader twice": lambda found: msgspec.structs.replace(found, readers=(*found.readers, found.readers[0])),
        "no answers": lambda found: msgspec.structs.replace(
            found, writings=tuple(one for one in found.writings if one.kind != "answers")),
        "the opening twice": lambda found: msgspec.structs.replace(
            found, writings=(found.writings[0], *found.writings)),
        "a note of the desk": lambda found: msgspec.structs.replace(
            found, writings=(*found.writings, msgspec.structs.replace(
                found.writings[0], id=uuid4(), kind="note"))),  # type: ignore[arg-type]
        "a file without its writing": lambda found: msgspec.structs.replace(
            found, files=(*found.files, found.files[0])),
        "a file that stands elsewhere": lambda found: msgspec.structs.replace(
            found, files=tuple(msgspec.structs.replace(one, at=one.at + 1) for one in found.files)),
        "a file that is longer": lambda found: msgspec.structs.replace(
            found, files=tuple(msgspec.structs.replace(one, size=2**61) for one in found.files)),
        "a file of another item": lambda found: msgspec.structs.replace(
            found, files=(msgspec.structs.replace(found.files[0], sha256=bytes(32)),)),
    }
    for name, lie in lies.items():
        assert refused(hostile.file(lie)).code == "seal.carried", name
    assert refused(hostile.file(sign=False)).code == "seal.carried"
    assert not Case.objects.exists() and not Blob.objects.exists() and LogEntry.objects.count() == known
    assert not [one for one in site.sealed_folder().rglob("*") if one.is_file()]


def test_the_words_of_another_report_are_not_taken_over(desk: people.Desk) -> None:
    words, _ = people.report("the first report")
    keys = seal.derive_receipt(seal.normalise_receipt(" ".join(words)).canonical, site.desk_id())
    error = refused(Hostile(desk).file(replaced(lookup_seed=keys.lookup_seed)))
    assert error.code == "not-taken" and Case.objects.count() == 1
    assert returning.open_receipt(" ".join(words))


def test_items_of_another_case_are_not_taken_over(desk: people.Desk) -> None:
    people.report("the first report")
    known = Item.objects.first()
    assert known is not None

    def stolen(found: carried.Manifest) -> carried.Manifest:
        first = msgspec.structs.replace(found.writings[0], id=known.id)
        return msgspec.structs.replace(found, writings=(first, *found.writings[1:]))

    assert refused(Hostile(desk).file(stolen)).code == "not-taken"
    assert Case.objects.count() == 1 and Item.objects.get(id=known.id).case_id == known.case_id


ODD: list[dict[str, Any]] = [
    {"at": dt.datetime(1, 1, 1, tzinfo=dt.UTC)}, {"at": dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)},
    {"at": dt.datetime(2026, 5, 1)}, {"at": "yesterday"}, {"language": "x" * 500}, {"language": "../../en"},
    {"language": "\x1b[2J"}, {"gender": "nobody"}, {"excluded": {"roles": ["lead"], "pseudonyms": ["Heron"]}},
    {"answers": {"what-happened": []}}, {"answers": {"what-happened": ["x" * 400_000]}},
    {"answers": {"threats": ["no-such-threat"], "channels": ["no-such"], "target": ["no-such"]}},
    {"answers": {"danger": ["perhaps"], "when": ["99-99-9999"], "perpetrator": ["no-such"], "grounds": ["no-such"]}},
    {"answers": {"no-such-question": ["x"], "files": ["not-an-id", "../.."]}},
    {"answers": {"what-happened": ["\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "<script>"]}},
    {"purposes": ["everything", "un-public-name"]}, {"questionnaire": "no-such"}, {"is": "note", "text": "forged"},
    {"name": "../../../etc/passwd"}, {"name": "\u202egpj.exe"}, {"name": ""}, {"type": "text/html\r\nX: y"},
    {"size": -1}, {"size": 2**62}, {"chunk": 0}, {"sha256": b""}, {"salt": b""}, {"sealed_size": 5},
]


def test_what_a_stranger_s_program_wrote_breaks_no_page(desk: people.Desk) -> None:
    people.report("an honest report")
    made, hostile, wren = {}, Hostile(desk), desk.team["Wren"]
    way = exporting.Way(recipient=seal.new_age_key()[1])
    for odd in ODD:
        def put(told: dict[str, Any], odd: dict[str, Any] = odd) -> dict[str, Any]:
            return told | {key: value for key, value in odd.items() if key in told or key in ("is", "text")}

        made[take_in(hostile.file(payload=put)).case] = str(odd)[:60]
    assert len(queue.load(wren).rows) == len(ODD) + 1, "the queue shows each, and the honest one"
    for case, odd_one in made.items():
        page = reading.case_page(wren, case)
        for card in page.evidence:
            assert "/" not in card.name and "\u202e" not in card.name and card.name, odd_one
            assert "\n" not in card.media_type, odd_one
        assert page.unreadable or page.answers, odd_one
        with suppress(AmparoError):  # told, not crashed
            b"".join(exporting.one(staff=wren, case_id=case, whole=True, originals=True, way=way).pieces)
