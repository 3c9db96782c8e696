"""Covering words: what counts as the same words, what is left alone, and what stays readable for whom."""

import datetime as dt
import types
import typing
from uuid import UUID, uuid4

import msgspec
import pytest

from amparo.desk import (
    casework,
    custody,
    duties,
    masking,
    masks,
    opening,
    payloads,
    previews,
    reading,
    returning,
)
from amparo.desk.casework import WhyMissing
from amparo.desk.errors import ChangedMeanwhile, NotFound
from amparo.desk.examining import ExamResult, FindingItem, read_exam, read_finding
from amparo.desk.masking import BLOCK, Cover
from amparo.desk.records import Item
from amparo.mitigate import escalation
from amparo.words.findings import Category, Finding, Knowledge, Level, NotChecked, Where
from amparo.words.times import Moment
from tests.desk import people as desks

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(("mask", "text", "shown"), [
    ("Anna Kovács", "I saw anna kovacs there", f"I saw {BLOCK} there"),
    ("anna kovacs", "ANNA  KOVÁCS", BLOCK),
    ("Anna Kovacs", "Anna\nKovacs!", f"{BLOCK}!"),
    ("Anna Kovacs", "AnnaKovacs", BLOCK),
    ("AnnaKovacs", "Anna Kovacs", BLOCK),
    ("Kovacs", "An\u200bna Ko\u200dva\u00adcs", f"An\u200bna {BLOCK}"),
    ("José", "Jose\u0301 and JOSÉ", f"{BLOCK} and {BLOCK}"),
    ("Jose", "Jose\u0301", BLOCK),
    ("Kovacs", "Ｋｏｖａｃｓ", BLOCK),
    ("Straße", "STRASSE 5", f"{BLOCK} 5"),
    ("YILDIZ", "yıldız", BLOCK),
    ("Łukasz", "lukasz", BLOCK),
    ("محمد", "مُحَمَّــد هنا", f"{BLOCK} هنا"),
    ("O'Neil", "O’NEIL", BLOCK),
    ("+380 67 123 45 67", "call +380(67)123-45-67 now", f"call {BLOCK} now"),
    ("+380671234567", "+٣٨٠٦٧١٢٣٤٥٦٧", BLOCK),
    ("Анна", "see x.example/?n=%D0%90%D0%BD%D0%BD%D0%B0&b=1", f"see x.example/?n={BLOCK}&b=1"),
    ("a%bc", "xa%bcx", f"x{BLOCK}x"),
    ("(067)", "8(067)1", f"8{BLOCK}1"),
    ("王", "王", "王"),  # one letter is no mask
    ("王伟", "见到王伟了", f"见到{BLOCK}了"),
])
def test_the_same_words_however_they_are_written(mask: str, text: str, shown: str) -> None:
    assert Cover([mask]).text(text) == shown


@pytest.mark.parametrize(("mask", "text"), [
    ("Anna Kovacs", "Ann Kovacs"), ("12", "1-2"), ("Petra", "Peter"), ("", "anything"), (" \u200b", "a \u200b b"),
])
def test_other_words_stay(mask: str, text: str) -> None:
    assert Cover([mask]).text(text) == text


def test_masks_that_overlap_touch_or_hold_one_another_leave_nothing_between() -> None:
    cover = Cover(["Anna Kovacs", "Kovacs Street", "Street 5", "Kov"])
    assert cover.text("by Anna Kovacs Street 5, Kovno") == f"by {BLOCK}, {BLOCK}no"
    assert Cover(["aba"]).text("xababax") == f"x{BLOCK}x"


def test_the_block_tells_no_length() -> None:
    shown = {Cover([word]).text(f"<{word}>") for word in ("ab", "a longer name", "x" * 900)}
    assert shown == {f"<{BLOCK}>"}


def _filled(kind: type, text: str) -> payloads.AnyPayload:
    """A writing of this kind with `text` in every field that can hold it."""
    def value(hint: typing.Any) -> typing.Any:
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if isinstance(hint, types.UnionType):
            return value(args[0])
        if origin is tuple:
            return (value(args[0]),)
        if origin is list:
            return [value(args[0])]
        if origin is dict:
            return {text: value(args[1])}
        made: dict[typing.Any, typing.Any] = {
            str: text, int: 1, bool: False, bytes: b"b", UUID: uuid4(), dt.datetime: NOW, dt.date: NOW.date(),
            payloads.Exclusion: payloads.Exclusion(pseudonyms=(text,)), Moment: Moment(NOW),
            escalation.Watch: escalation.watch((), now=NOW),
        }
        return made[hint]

    hints = typing.get_type_hints(kind)
    return kind(**{name: value(hints[name]) for name in kind.__struct_fields__})


@pytest.mark.parametrize("kind", [one for one in payloads.KIND_OF if one is not payloads.Mask])
def test_every_text_of_every_kind_is_covered_but_codes(kind: type) -> None:
    """Also of kinds and fields to come: what is not named as a code is covered."""
    written = _filled(kind, "Zqx Canary")
    shown = Cover(["zqxcanary"]).payload(written)
    for name in kind.__struct_fields__:
        kept = name in masking.CODES.get(kind, ())
        if kind is payloads.Answers and name == "answers":
            assert shown.answers == {"Zqx Canary": [BLOCK]}  # type: ignore[union-attr]
        elif kept:
            assert getattr(shown, name) == getattr(written, name)
        else:
            assert "Canary" not in repr(getattr(shown, name)), name


def test_codes_are_named_for_fields_that_exist() -> None:
    for kind, names in masking.CODES.items():
        assert set(names) <= set(kind.__struct_fields__), kind  # type: ignore[attr-defined]


def test_what_workers_wrote_is_covered_and_still_read() -> None:
    name = "Zqx Canary"
    finding = FindingItem(NOW, uuid4(), uuid4(), Finding(
        detector="spyware", detector_version="1", code="link", level=Level.HIGH, category=Category.RECEIVED,
        seen=f"https://x.example/{name}", where=Where(f"{name}.db", f"row of {name}", name), when=Moment(NOW),
        says=f"says {name}", matters=name, does_not_say=name, knowledge=(Knowledge(name, name),)))
    exam = ExamResult(NOW, uuid4(), "done", name, "1", "namespaces", 0.1, coverage={f"{name}.db": 3, "sms.db": 1},
                      not_checked=(NotChecked("spyware", name, name),))
    copy = previews.Preview(NOW, uuid4(), "email", text=name, headers=(("From", name),), data=b"\xff\xd8", says=name)
    cover = Cover([name, "link", "done", "email", "spyware", "says", "utc"])
    found = cover.raw(msgspec.msgpack.encode(finding))
    assert b"Canary" not in found
    read = read_finding(found)
    assert (read.of, read.finding.code, read.finding.when) == (finding.of, "link", finding.finding.when)
    assert read.finding.seen == f"https://x.example/{BLOCK}"
    assert read_exam(cover.raw(msgspec.msgpack.encode(exam))).coverage == {f"{BLOCK}.db": 3, "sms.db": 1}
    shown = previews.read_preview(cover.raw(msgspec.msgpack.encode(copy)))
    assert (shown.kind, shown.text, shown.headers, shown.data) == ("email", BLOCK, (("From", BLOCK),), b"\xff\xd8")
    assert cover.raw(b"\xc1 broken Zqx Canary") == b""


def test_a_text_that_a_machine_cut_within_a_masked_name_keeps_no_part_of_it() -> None:
    copy = previews.Preview(NOW, uuid4(), "text", text="x" * 7_990 + "Anna Kovac")
    shown = previews.read_preview(Cover(["Anna Kovacs"]).raw(msgspec.msgpack.encode(copy)))
    assert shown.text == "x" * 7_990 + BLOCK


@pytest.fixture
def told(desk: desks.Desk) -> tuple[desks.Desk, returning.Access]:
    words, _ = desks.report("Anna Kovács lives at Mill Street 5.", files=(("anna-kovacs.txt", b"Anna Kovacs"),),
                            see_again=True)
    access = returning.open_receipt(" ".join(words))
    returning.say(access, "It is ANNA KOVÁCS again")
    casework.note(staff=desk.lead, case_id=access.case, text="anna  kovacs called")
    return desk, access


def test_a_mask_holds_for_every_colleague_and_not_for_the_reporter(
    told: tuple[desks.Desk, returning.Access],
) -> None:
    desk, access = told
    places = masks.mask(staff=desk.lead, case_id=access.case, text="Anna Kovács", why="She asked for it")
    assert places == 4  # the answers twice (staff and dialogue), the message, the note; not the file's hyphenated name
    for staff in (desk.lead, desk.team["Wren"]):
        page = reading.case_page(staff, access.case)
        shown = repr(page)
        assert "kov" not in shown.casefold().replace("anna-kovacs", "")
        assert page.notes[0].text == f"{BLOCK} called"
        assert page.answers[0].text == f"{BLOCK} lives at Mill Street 5."
    assert [line.text for line in returning.dialogue(access)] == ["It is ANNA KOVÁCS again"]
    assert (returning.earlier(access) or {})["what-happened"] == ["Anna Kovács lives at Mill Street 5."]


def test_who_covered_why_who_looked_and_who_took_it_off(told: tuple[desks.Desk, returning.Access]) -> None:
    desk, access = told
    wren = desk.team["Wren"]
    masks.mask(staff=desk.lead, case_id=access.case, text="Anna Kovács", why="Anna Kovács asked for it")
    (line,), version = masks.of(wren, access.case)
    assert (line.made.who, line.made.why, line.proven, line.off) == ("Heron", f"{BLOCK} asked for it", True, None)
    shown = masks.show(staff=wren, case_id=access.case, mask=line.mask, why="to call her")
    assert shown == "Anna Kovács"
    with pytest.raises(ChangedMeanwhile):
        masks.unmask(staff=wren, case_id=access.case, mask=line.mask, why="x", version=version)
    with pytest.raises(WhyMissing):
        masks.unmask(staff=wren, case_id=access.case, mask=line.mask, why=" ")
    masks.unmask(staff=wren, case_id=access.case, mask=line.mask, why="it was the wrong name")
    (line,), _version = masks.of(desk.lead, access.case)
    assert [(one.who, one.why) for one in line.shown] == [("Wren", "to call her")]
    assert line.off is not None
    assert (line.off.who, line.off.why) == ("Wren", "it was the wrong name")
    assert "Anna Kovács" in repr(reading.case_page(desk.lead, access.case))
    with pytest.raises(NotFound):
        masks.show(staff=wren, case_id=access.case, mask=line.mask, why="again")
    logged = [one.entry for one in custody.lines(case=access.case)]
    assert [one.action for one in logged if one.item == line.mask] == ["unmasked", "viewed", "masked"]
    assert not any("kov" in part.casefold() for one in logged for part in one.detail)


def test_a_task_ended_under_a_mask_has_its_words_again_when_the_mask_is_off(
    told: tuple[desks.Desk, returning.Access],
) -> None:
    """What is written again from what was read must not carry the block: it would cover the words for good."""
    desk, access = told
    task = duties.add(staff=desk.lead, case_id=access.case, text="Ring Anna Kovács", due=None, who=None)
    masks.mask(staff=desk.lead, case_id=access.case, text="Anna Kovács", why="She asked for it")
    (line,), _version = masks.of(desk.lead, access.case)
    duties.end(staff=desk.lead, case_id=access.case, task=task, state="done", outcome="Rang Anna Kovács")
    (one,) = reading.case_page(desk.lead, access.case).work.duties
    assert (one.text, one.outcome, one.state) == (f"Ring {BLOCK}", f"Rang {BLOCK}", "done")
    masks.unmask(staff=desk.lead, case_id=access.case, mask=line.mask, why="it was the wrong name")
    (one,) = reading.case_page(desk.lead, access.case).work.duties
    assert (one.text, one.outcome) == ("Ring Anna Kovács", "Rang Anna Kovács")


def test_a_mask_of_nobody_that_is_there(told: tuple[desks.Desk, returning.Access]) -> None:
    desk, access = told
    assert masks.mask(staff=desk.lead, case_id=access.case, text="Petra", why="in case she is named") == 0
    for bad in ("", "a", " \u200b a "):
        with pytest.raises(masks.MaskTooShort):
            masks.mask(staff=desk.lead, case_id=access.case, text=bad, why="x")


def test_a_mask_never_lifts_an_exclusion(desk: desks.Desk) -> None:
    """Covering the pseudonym of somebody whom the reporter kept out must not let them in."""
    words, _ = desks.report("Wren did it.", excluded=payloads.Exclusion(pseudonyms=("Wren",)))
    case = returning.open_receipt(" ".join(words)).case
    masks.mask(staff=desk.lead, case_id=case, text="Wren", why="a colleague")
    opened = opening.for_staff(desk.lead.id, desk.lead.keys.kex.private, case)
    rows = Item.objects.filter(case_id=case, kind="opening").select_related("key")
    (record,), _bad = opening.read_items(opened, rows)
    assert isinstance(record.payload, payloads.Opening)
    assert record.payload.excluded.pseudonyms == ("Wren",)
    with pytest.raises(casework.membership.Excluded):
        casework.add_colleague(staff=desk.lead, case_id=case, colleague=desk.team["Wren"].id)


def test_a_covered_date_breaks_no_page(desk: desks.Desk) -> None:
    words, _ = desks.report("x y", when=["2026-01-05"])
    case = returning.open_receipt(" ".join(words)).case
    masks.mask(staff=desk.lead, case_id=case, text="2026-01-05", why="the day tells who")
    assert "2026-01-05" not in repr(reading.case_page(desk.lead, case).answers)
