"""WhatsApp exports of fifteen phones, made by hand in the forms that the program writes: one story in each.

Nine lines: the program's notice, a message of two lines, one with a colon, a picture, a picture left out, a deleted and
an edited message; on 2 and 13 March 2024. What stands in a file decides what must come out, never the reader.
"""

import datetime as dt
import io
from pathlib import Path

import pytest

from amparo import gather
from amparo.gather import whatsapp
from amparo.gather.whatsapp import dates
from amparo.words.messages import Kind, Message, Summary
from amparo.words.times import Precision

EXPORTS = Path(__file__).parent / "exports" / "whatsapp"
IPHONES = {"en-US-iphone", "es-MX-iphone", "ru-iphone", "ar-iphone", "vi-iphone"}
PHONES = (
    *sorted(IPHONES), "en-GB-android", "de-android", "fr-android", "pt-BR-android", "tr-android", "hi-android",
    "fa-android", "sv-android", "th-android", "zh-TW-android",
)
# the mark of an edited message is not known in these languages: it is not in their files either
NO_MARK = {"hi-android", "fa-android", "sv-android", "vi-iphone", "th-android", "zh-TW-android"}
ORDER = {"en-US-iphone": "mdy", "fa-android": "ymd", "sv-android": "ymd", "zh-TW-android": "ymd"}
SECOND_LINE = {
    "en-US-iphone": "Two cars, grey.", "de-android": "Zwei Autos, grau.", "ar-iphone": "سيارتان رماديتان.",
    "hi-android": "दो सलेटी गाड़ियाँ।", "fa-android": "دو ماشین خاکستری.", "zh-TW-android": "兩輛灰色的車。",
}


def read(name: str, **choice: str) -> tuple[list[Message], Summary]:
    reading = gather.read(io.BytesIO((EXPORTS / f"{name}.txt").read_bytes()), name, **choice)
    return list(reading), reading.summary()


@pytest.mark.parametrize("phone", PHONES)
def test_each_message_is_there_once_with_order_sender_time_and_attachment(phone: str) -> None:
    found, summary = read(phone)
    iphone = phone in IPHONES
    assert [one.sender.removeprefix("Ana Quell") or "A" for one in found[1:]] == ["A", "Bo", "A", "Bo", "A", "Bo"]
    assert found[0].kind is Kind.SYSTEM and found[0].sender == ("Ana Quell" if iphone else "")
    seconds = (0, 11, 2, 40, 0, 0, 0) if iphone else (0,) * 7
    minutes = ((2, 21, 5), (2, 21, 5), (2, 21, 6), (2, 21, 7), (13, 8, 15), (13, 12, 30), (13, 12, 31))
    assert [one.when and one.when.at for one in found] == [
        dt.datetime(2024, 3, day, hour, minute, second, tzinfo=dt.UTC)
        for (day, hour, minute), second in zip(minutes, seconds, strict=True)
    ]
    precision = Precision.SECOND if iphone else Precision.MINUTE
    assert {(one.when.precision, one.when.zone) for one in found if one.when} == {(precision, "unknown")}
    picture = "00000004-PHOTO-2024-03-02-21-07-40.jpg" if iphone else "IMG-20240302-WA0004.jpg"
    assert [[file.name for file in one.attachments] for one in found] == [[], [], [], [picture], [""], [], []]
    assert [one.text for one in found[3:5]] == ["", ""]
    assert found[1].text.count("\n") == 1 and found[1].text.endswith(SECOND_LINE.get(phone, ""))
    assert ": " in found[2].text
    assert found[5].kind is Kind.DELETED
    assert found[6].kind is (Kind.MESSAGE if phone in NO_MARK else Kind.EDITED) and "<" not in found[6].text
    assert [one.origin.place for one in found] == [1, 2, 4, 5, 6, 7, 8]
    assert summary.orders == (ORDER.get(phone, "dmy"),) and summary.decided == "number"
    assert (summary.form, summary.messages, summary.kept, summary.people, summary.zone, summary.gaps) == (
        "whatsapp", 7, 7, 2, "unknown", ())


def test_the_time_as_it_is_written_is_kept() -> None:
    found, _ = read("es-MX-iphone")
    assert found[1].written == "2/3/24, 9:05:11 p. m."


def test_a_zone_that_is_given_is_used() -> None:
    found, summary = read("en-GB-android", zone="Asia/Tehran")
    assert found[1].when and found[1].when.at.astimezone(dt.UTC) == dt.datetime(2024, 3, 2, 17, 35, tzinfo=dt.UTC)
    assert summary.zone == "told"


def test_where_day_and_month_stay_open_both_readings_are_kept_and_a_person_chooses() -> None:
    found, summary = read("open-order")
    assert (summary.orders, summary.decided) == (("dmy", "mdy"), "open")
    third = found[2]
    assert third.when and third.otherwise
    assert (third.when.at.date(), third.otherwise.at.date()) == (dt.date(2024, 3, 4), dt.date(2024, 4, 3))
    chosen, after = read("open-order", order="mdy")
    assert (after.orders, after.decided) == (("mdy",), "given")
    assert chosen[2].when and chosen[2].when.at.date() == dt.date(2024, 4, 3) and chosen[2].otherwise is None


def test_an_export_runs_forward_in_time_and_that_decides_where_no_number_does() -> None:
    found, summary = read("decided-by-order")
    assert (summary.orders, summary.decided) == (("dmy", "mdy"), "order")
    assert [one.when.at.date().isoformat() for one in found if one.when] == [
        "2024-02-11", "2024-02-12", "2024-03-01", "2024-03-02"]
    assert found[0].otherwise and found[0].otherwise.at.date() == dt.date(2024, 11, 2), "a person can still choose"


def test_names_may_hold_colons_and_sentences_of_the_program_are_nobodys() -> None:
    found, _ = read("colons-in-names")
    assert [(one.sender, one.text) for one in found[:4]] == [("Desk: Quell", f"line {n}") for n in range(4)]
    assert [(one.sender, one.text) for one in found[4:6]] == [("Bo", "Note: one"), ("Bo", "two")]
    assert [(one.sender, one.kind) for one in found[6:]] == [("", Kind.SYSTEM), ("", Kind.SYSTEM)]


@pytest.mark.parametrize(("solar", "gregorian"), [
    ((1403, 1, 1), "2024-03-20"), ((1402, 1, 1), "2023-03-21"), ((1399, 12, 30), "2021-03-20"),
    ((1370, 1, 1), "1991-03-21"), ((1357, 11, 22), "1979-02-11"),
])
def test_dates_of_iran_and_afghanistan(solar: tuple[int, int, int], gregorian: str) -> None:
    found = dates.solar_to_gregorian(*solar)
    assert found is not None and found.isoformat() == gregorian


def test_a_day_that_is_none_is_said_and_shown_as_it_stands() -> None:
    text = b"13/03/2024, 10:00 - Ana: one\n31/02/2024, 10:01 - Ana: two\n1445/9/3, 10:02 - Ana: three\n"
    reading = gather.read(io.BytesIO(text), "x")
    found = list(reading)
    assert [one.when is None for one in found] == [False, True, True]
    assert found[1].written == "31/02/2024, 10:01"
    assert {gap.code: gap.count for gap in reading.summary().gaps} == {
        "time-not-understood": 1, "calendar-not-known": 1}
    assert dates.solar_to_gregorian(1400, 12, 30) is None


def test_text_copied_from_the_web_is_read_as_well() -> None:
    text = "[21:05, 3/13/2024] Ana Quell: they called\n[21:06, 3/13/2024] Bo: who?\n"
    found = list(gather.read(io.BytesIO(text.encode()), "pasted"))
    assert [(one.sender, one.text, one.when and one.when.at.hour) for one in found] == [
        ("Ana Quell", "they called", 21), ("Bo", "who?", 21)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_other_encodings_give_the_same(encoding: str) -> None:
    raw = (EXPORTS / "fr-android.txt").read_text("utf-8").encode(encoding)
    assert [one.text for one in gather.read(io.BytesIO(raw), "x")] == [one.text for one in read("fr-android")[0]]


def test_the_form_is_known_by_content_alone() -> None:
    for phone in PHONES:
        assert gather.recognise("photo.jpg", (EXPORTS / f"{phone}.txt").read_bytes()) == "whatsapp", phone
    for other in (b"", b"\xff\xd8\xff\xe0 JFIF", b"3/2/24 was a cold day.\nWe left.\n", b"1. first\n2. second\n",
                  b"13/03/2024, 10:00 - only one such line\n"):
        assert gather.recognise("_chat.txt", other) == ""
    assert whatsapp.looks_like(b"") is False
