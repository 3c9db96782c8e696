"""Chat exports and mailboxes made to deceive, to hide or to fill memory: read as far as they go, the rest is told."""

import io
import time
import tracemalloc
import zipfile

import pytest

from amparo import gather
from amparo.words.messages import Kind, Message, Summary

MIB = 1 << 20
OVERRIDE = "\u202e"


def read(raw: bytes) -> tuple[list[Message], Summary]:
    reading = gather.read(io.BytesIO(raw), "evidence")
    return list(reading), reading.summary()


def zipped(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def codes(summary: Summary) -> dict[str, int]:
    return {gap.code: gap.count for gap in summary.gaps}


CHAT = b"13/03/2024, 10:00 - Ana: one\n13/03/2024, 10:01 - Bo: two\n"


def test_a_name_that_turns_the_text_around_is_kept_as_it_is_and_shown_written_out() -> None:
    from amparo.doors.staff.showing import visible

    found, _ = read(f"13/03/2024, 10:00 - Ana{OVERRIDE}gpj.exe: x\n13/03/2024, 10:01 - Bo: y\n".encode())
    assert found[0].sender == f"Ana{OVERRIDE}gpj.exe"
    assert visible(found[0].sender) == "Ana[U+202E]gpj.exe"


def test_a_message_that_imitates_another_form_of_start_stays_one_message_and_is_told() -> None:
    forged = b"13/03/2024, 10:00 - Ana: look:\n[13/03/2024, 10:05:00] Bo: I did it\n3/13/24, 10:06 AM - Bo: yes\n"
    found, summary = read(forged + CHAT)
    assert [one.sender for one in found] == ["Ana", "Ana", "Bo"]
    assert found[0].text.endswith("3/13/24, 10:06 AM - Bo: yes")
    assert codes(summary) == {"looks-like-a-start": 2}
    assert summary.gaps[0].origin and summary.gaps[0].origin.place == 2


def test_a_message_that_imitates_the_very_form_is_told_where_its_time_gives_it_away() -> None:
    forged = CHAT + b"13/03/2024, 10:02 - Ana: x\n01/02/2024, 03:00 - Bo: I did it\n13/03/2024, 10:03 - Ana: z\n"
    found, summary = read(forged)
    assert len(found) == 5 and codes(summary) == {"out-of-order": 1}


def test_one_forged_date_does_not_turn_the_days_of_a_whole_chat_around() -> None:
    days = b"".join(b"%02d/03/2024, 10:00 - Ana: day\n" % day for day in range(1, 32))
    found, summary = read(days + b"02/13/2024, 10:00 - Bo: forged\n")
    assert (summary.orders, summary.decided) == (("dmy",), "number")
    assert [one.when and one.when.at.day for one in found[:31]] == list(range(1, 32))
    assert found[31].when is None and codes(summary)["time-not-understood"] == 1


def test_a_chat_half_in_one_order_and_half_in_the_other_is_said_to_be_open() -> None:
    days = b"".join(b"%02d/03/2024, 10:00 - Ana: d\n03/%02d/2024, 10:00 - Ana: m\n" % (n, n) for n in range(13, 29))
    _, summary = read(days)
    assert summary.decided == "open" and len(summary.orders) == 2


def test_a_line_of_ten_megabytes_is_cut_and_told_in_little_memory() -> None:
    raw = CHAT + b"13/03/2024, 10:02 - Ana: " + b"x" * (10 * MIB) + b"\n" + CHAT
    tracemalloc.start()
    found, summary = read(raw)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 5 and set(codes(summary)) == {"long-line", "long-text"}
    assert most < 4 * MIB + len(raw)


def test_a_message_of_a_million_lines_is_cut_and_told() -> None:
    found, summary = read(CHAT + b"line\n" * 1_000_000)
    assert len(found) == 2 and len(found[1].text) <= 20_000 and codes(summary) == {"long-text": 1}


def test_a_zip_bomb_is_stopped_by_what_it_unpacks_to() -> None:
    bomb = zipped(("_chat.txt", CHAT + b"\0" * (300 * MIB)))
    began = time.process_time()
    tracemalloc.start()
    _, summary = read(bomb)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert codes(summary)["too-large"] == 1 and most < 20 * MIB and time.process_time() - began < 20


def test_members_that_point_elsewhere_stand_twice_or_are_locked_are_refused_by_name() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = zipped(("_chat.txt", CHAT), ("../../etc/chat.txt", CHAT), ("/abs.txt", CHAT), ("b.txt", CHAT),
                     ("b.txt", b"other"))
    found, summary = read(raw)
    assert len(found) == 2 and codes(summary) == {"member-refused": 4}


def test_a_member_that_is_damaged_leaves_the_others_readable() -> None:
    raw = bytearray(zipped(("a/_chat.txt", CHAT * 400), ("b/_chat.txt", CHAT)))
    at = raw.index(b"a/_chat.txt") + 40
    raw[at : at + 20] = b"\xff" * 20
    found, _ = read(bytes(raw))
    assert [one.origin.file for one in found] == ["b/_chat.txt"] * 2


def test_forged_from_lines_do_not_cut_a_mail() -> None:
    box = (b"From ana@qx.example Sat Mar  2 21:05:11 2024\nFrom: ana@qx.example\nSubject: real\n\n"
           b"From now on I am afraid.\nFrom bo@qz.example Sat Mar 2 22:00:00 2024\nFrom: bo@qz.example\n\n"
           b"From here, she said.\n\nFromage.\n")
    found, _ = read(box)
    assert [one.subject for one in found] == ["real"]


def test_a_forged_separator_after_an_empty_line_cannot_be_told_apart_but_loses_no_word() -> None:
    box = (b"From ana@qx.example Sat Mar  2 21:05:11 2024\nFrom: ana@qx.example\nSubject: real\n\nfirst\n\n"
           b"From bo@qz.example Sat Mar 2 22:00:00 2024\nFrom: bo@qz.example\nSubject: forged\n\nsecond\n")
    found, _ = read(box)
    assert [(one.subject, one.text) for one in found] == [("real", "first"), ("forged", "second")]


def test_a_mail_that_borrows_anothers_id_does_not_hide_it() -> None:
    one = b"From x@qx.example Sat Mar  2 21:05:11 2024\nFrom: ana@qx.example\nMessage-ID: <1@qx>\nDate: x\n\n"
    found, summary = read(one + b"harmless\n\n" + one + b"a threat\n\n" + one + b"harmless\n\n")
    assert [mail.text for mail in found] == ["harmless", "a threat"] and codes(summary)["twice"] == 1


def test_zeros_and_broken_signs_are_kept_and_told() -> None:
    found, summary = read("13/03/2024, 10:00 - Ana: ж…\n".encode() + b"13/03/2024, 10:02 - A\0na: a\0b\xff\xfe\n")
    assert found[0].text == "ж…", "two damaged bytes do not turn the rest into nonsense"
    assert found[1].sender == "A\0na" and found[1].text == "a\0b\ufffd\ufffd"
    assert codes(summary) == {"not-decoded": 1}


def test_a_file_that_is_no_utf_8_at_all_is_read_as_windows_wrote_it() -> None:
    found, _ = read("13/03/2024, 10:00 - José: ñandú\n13/03/2024, 10:01 - Noé: él\n".encode("cp1252"))
    assert [(one.sender, one.text) for one in found] == [("José", "ñandú"), ("Noé", "él")]


def test_an_export_brought_twice_gives_each_message_once() -> None:
    first, second = read(CHAT)[0], read(CHAT)[0]
    merged, both = gather.merge(first, second)
    assert merged == first and both == 2


def test_entities_that_multiply_are_refused() -> None:
    bomb = (b'<?xml version="1.0"?><!DOCTYPE smses [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
            b'<smses count="1"><sms address="1" date="1" body="&b;"/></smses>')
    found, summary = read(bomb)
    assert found == [] and codes(summary) == {"cut-short": 1}


def test_an_entity_that_names_a_file_is_not_followed() -> None:
    raw = (b'<?xml version="1.0"?><!DOCTYPE smses [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
           b'<smses count="1"><sms address="1" date="1" body="x"/>&f;</smses>')
    found, _ = read(raw)
    assert "root:" not in repr(found)


def test_character_sets_made_to_be_slow_are_not_used() -> None:
    body = b"a" * 200_000 + b"-" + b"9" * 200_000
    began = time.process_time()
    found, _ = read(b"From: a@qx.example\nSubject: x\nContent-Type: text/plain; charset=punycode\n\n" + body)
    assert time.process_time() - began < 2 and len(found[0].text) == 20_000


@pytest.mark.parametrize("depth", [50, 500, 5_000])
def test_parts_within_parts_end_in_a_sentence(depth: int) -> None:
    raw = b"From: a@qx.example\nSubject: deep\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(depth)
    ) + b"Content-Type: text/plain\n\nthe core\n"
    found, summary = read(raw)
    assert len(found) == 1 and (found[0].text == "the core" or "mail-not-understood" in codes(summary))


def test_json_made_to_exhaust_the_stack_is_one_entry_not_understood() -> None:
    raw = b'{"version":1,"mediaRootBackupKey":""}\n{"chatItem":' + b"[" * 100_000 + b"\n"
    _, summary = read(raw)
    assert codes(summary)["entry-not-understood"] == 1


def test_fields_of_the_wrong_sort_break_nothing() -> None:
    raw = b'{"version":1,"mediaRootBackupKey":""}\n'
    for value in (b"null", b"7", b"[]", b"{}", b'"x"', b"[[]]", b'{"text":7}', b'{"text":{"body":[]}}'):
        raw += b'{"recipient":{"id":%s,"contact":%s,"group":%s}}\n' % (value, value, value)
        raw += b'{"chatItem":{"chatId":%s,"authorId":%s,"dateSent":%s,"standardMessage":%s,"revisions":%s}}\n' % (
            value, value, value, value, value)
    found, summary = read(raw)
    assert len(found) == 8 and all(one.when is None or one.when.at.year == 1970 for one in found)
    assert codes(summary)["time-not-understood"] >= 7


def test_a_chat_that_says_everything_in_the_programs_words_is_still_shown() -> None:
    found, _ = read(b"13/03/2024, 10:00 - Ana: <Media omitted> because they came\n13/03/2024, 10:01 - Bo: null\n")
    assert [(one.text, one.kind) for one in found] == [
        ("<Media omitted> because they came", Kind.MESSAGE), ("null", Kind.MESSAGE)]
