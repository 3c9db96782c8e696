"""Mail: one message and mailboxes of each kind, each message once; a mailbox is read as a stream."""

import datetime as dt
import io
import re
import time
import tracemalloc
from pathlib import Path
from typing import BinaryIO

import pytest

from amparo import gather
from amparo.gather import limits, mail, pages
from amparo.words.messages import Gap, Message, Summary

EXPORTS = Path(__file__).parent / "exports" / "mail"
SEPARATOR = b"From ana@qx.example Sat Mar  2 21:05:11 2024\n"


def read(raw: bytes | BinaryIO) -> tuple[list[Message], Summary]:
    reading = gather.read(io.BytesIO(raw) if isinstance(raw, bytes) else raw, "x")
    return list(reading), reading.summary()


def test_a_mail_with_its_words_its_files_and_the_mail_inside_it() -> None:
    found, summary = read((EXPORTS / "letter.eml").read_bytes())
    outer, inner = found
    assert (outer.sender, outer.to) == ("Ana Quéll <ana@qx.example>", "desk@qy.example, bo@qz.example")
    assert outer.subject == "Photos from the café and a forwarded threat"
    assert outer.text == "They stood in front of the café again."
    assert outer.when and (outer.when.zone, outer.when.at.astimezone(dt.UTC)) == (
        "+03:30", dt.datetime(2024, 3, 2, 17, 35, 11, tzinfo=dt.UTC))
    assert [(one.name, one.media_type, one.size, one.there) for one in outer.attachments] == [
        ("café gate.jpg", "image/jpeg", 6, True), ("threat.eml", "message/rfc822", None, False)]
    assert (inner.subject, inner.origin.place, inner.origin.inside) == ("last warning", 1, "1")
    assert inner.text == "We know where you live.\nhttps://mail.qx.example <https://login.qz.example/x>"
    assert inner.when and inner.when.zone == "unknown", "-0000 says that the zone is not known"
    assert {gap.code: gap.count for gap in summary.gaps} == {"only-html": 1}
    assert (summary.form, summary.zone) == ("mail", "unknown")


def test_a_mailbox_gives_each_mail_once_and_names_what_stood_there_twice() -> None:
    found, summary = read((EXPORTS / "mboxrd.mbox").read_bytes())
    assert [(one.subject, one.origin.place) for one in found] == [("plates", 1), ("Re: plates", 2)]
    assert found[0].text.split("\n")[2:] == [
        "From the office I could see both cars.", ">From is how quoted quotes look.", "",
        "From here on it was dark.",
        "From bo@qz.example Sat Mar 2 22:00:00 2024 is a line in the middle of a text."]
    assert [one.when and one.when.zone for one in found] == ["+02:00", "-05:00"]
    (twice,) = summary.gaps
    assert (twice.code, twice.count, twice.text) == ("twice", 1, "plates")
    assert twice.origin and twice.origin.place == 3


def test_a_mailbox_that_tells_lengths_is_cut_by_them() -> None:
    found, _ = read((EXPORTS / "mboxcl2.mbox").read_bytes())
    assert [one.subject for one in found] == ["one", "two"]
    assert found[0].text.endswith("is quoted here, unquoted as mboxcl2 does it.")


@pytest.mark.parametrize("length", [0, 1, 17, 10**6, 10**11])
def test_a_length_that_lies_is_not_believed(length: int) -> None:
    one = b"From: a@qx.example\nSubject: one\nContent-Length: %d\n\nbody of one\n\n" % length
    found, _ = read(SEPARATOR + one + SEPARATOR + b"From: b@qx.example\nSubject: two\n\nbody of two\n")
    assert [(mail.subject, mail.text) for mail in found] == [("one", "body of one"), ("two", "body of two")]


@pytest.mark.parametrize("block", [1, 2, 3, 7, 64, 401, 5000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_mails_are_found_wherever_a_block_ends(monkeypatch: pytest.MonkeyPatch, block: int, end: bytes) -> None:
    monkeypatch.setattr(mail, "_BLOCK", block)
    monkeypatch.setattr(mail, "_HEADERS", 200)
    box = b"".join(
        SEPARATOR + b"From: a@qx.example\nSubject: %d\n\n" % number + b"text %d\n" % number * (number % 5) + b"\n"
        for number in range(40)
    ).replace(b"\n", end)
    found = [one for one in mail.mailbox(lambda: io.BytesIO(box), "x") if isinstance(one, Message)]
    assert [one.subject for one in found] == [str(number) for number in range(40)]
    assert [one.text.count("text") for one in found] == [number % 5 for number in range(40)]


class Endless(io.RawIOBase):
    """A mailbox made while it is read: `count` mails of `size` bytes each."""

    def __init__(self, count: int, size: int) -> None:
        self.count, self.size, self.made, self.rest = count, size, 0, b""
        self.given = self.begun = 0  # bytes that were read; how often from the beginning

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        assert offset == 0 and whence == io.SEEK_SET
        self.made, self.rest = 0, b""
        self.begun += 1
        return 0

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while len(self.rest) < len(buffer) and self.made < self.count:
            self.made += 1
            head = b"From: a@qx.example\nSubject: %d\nMessage-ID: <%d@qx>\n\n" % (self.made, self.made)
            line = b"They came back at night and waited by the gate.\n"
            self.rest += SEPARATOR + head + line * (self.size // len(line)) + b"\n"
        piece, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(piece)] = piece
        self.given += len(piece)
        return len(piece)


def streamed(count: int, size: int) -> tuple[int, Summary, int]:
    """(mails that came, the summary, the most memory it took in bytes)."""
    stream = Endless(count, size)
    tracemalloc.start()
    reading = gather.read(stream, "x")  # type: ignore[arg-type]
    came = sum(1 for _ in reading)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return came, reading.summary(), most


def test_a_mailbox_is_never_held_whole() -> None:
    came, summary, most = streamed(240, 100_000)
    assert (came, summary.messages) == (240, 240)
    assert most < 12_000_000, "24 MB went through; one mail and the window are some megabytes"


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("count", "size"), [(100_000, 53_600), (250, 21_440_000)], ids=["many", "large"])
def test_a_mailbox_of_five_gigabytes_is_read_whole_once(count: int, size: int) -> None:
    """Every mail is counted, the first are kept, and the process grows by no more than the texts it hands out."""
    stream = Endless(count, size)
    Path("/proc/self/clear_refs").write_text("5")  # the highest mark of memory begins here
    before, began = memory("VmHWM"), time.monotonic()
    reading = gather.read(stream, "mailbox")  # type: ignore[arg-type]
    came = signs = 0
    for one in reading:
        came, signs = came + 1, signs + len(one.text)
    summary, seconds, grown = reading.summary(), time.monotonic() - began, memory("VmHWM") - before
    print(f"{stream.given / 1e9:.2f} GB, {summary.messages} mails, {came} kept with {signs} signs: "
          f"{seconds:.0f} s, {grown:.0f} MiB more at the most")
    assert stream.given >= 5_000_000_000 and stream.begun == 2, "its beginning, to recognise it, and then once"
    assert summary.messages == count and came == summary.kept
    more = sum(gap.count for gap in summary.gaps if gap.code == "more-messages")
    assert came + more == count and came >= min(count, 500)
    assert grown < 64 + 16 * size / (1 << 20), "one mail that is taken apart, whatever the mailbox's size"


def memory(field: str) -> float:
    """MiB of this process."""
    found = re.search(rf"{field}:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


def test_beyond_the_limit_mails_are_counted_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MESSAGES", 20)
    monkeypatch.setitem(mail.mailbox.__kwdefaults__, "keep", 20)
    came, summary, _ = streamed(300, 2_000)
    assert (came, summary.kept, summary.messages) == (20, 20, 300)
    more = {gap.code: gap for gap in summary.gaps}["more-messages"]
    assert more.count == 280 and more.origin and more.origin.place == 21


@pytest.mark.long
def test_a_mailbox_of_400_megabytes_takes_no_more_memory_than_a_small_one() -> None:
    came, summary, most = streamed(4_000, 100_000)
    assert summary.messages == 4_000, "all are counted"
    assert came == summary.kept and 0.97 < came * limits.TEXT / limits.CHARACTERS < 1.01, "as much text as is kept"
    assert most < 12_000_000


def test_a_mail_larger_than_is_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAIL", 10_000)
    found, summary = read(SEPARATOR + b"From: a@qx.example\nSubject: long\n\n" + b"line of it\n" * 5_000)
    assert found[0].subject == "long"
    assert {gap.code for gap in summary.gaps} >= {"mail-cut"}


def test_messages_inside_messages_end_somewhere() -> None:
    raw = b"From: a@qx.example\nSubject: core\n\ncore\n"
    for _ in range(20):
        raw = b"From: a@qx.example\nSubject: shell\nContent-Type: message/rfc822\n\n" + raw
    found, summary = read(raw)
    assert len(found) == limits.NESTED + 1
    assert [gap.count for gap in summary.gaps if gap.code == "deep"] == [1]


@pytest.mark.parametrize("header", [
    b"Date: Sat, 99 Mar 2024 21:05:11 +0200", b"Date: yesterday", b"Date: Sat, 02 Mar 2024 21:05:11 +9999",
])
def test_a_date_that_is_none_is_shown_as_it_stands(header: bytes) -> None:
    found, summary = read(b"From: a@qx.example\nSubject: x\n" + header + b"\n\ntext\n")
    assert found[0].when is None and found[0].written == header.partition(b": ")[2].decode()
    assert [gap.code for gap in summary.gaps] == ["time-not-understood"]


def test_a_page_becomes_text_and_says_where_its_links_lead() -> None:
    page = ("<html><head><title>x</title></head><!-- no --><body>One<br>two &amp; three<script>alert(1)</script>"
            "<p><a href='https://a.qz.example/?q=1&amp;r=2'>https://b.qz.example</a></p><x")
    assert pages.plain_text(page) == "One\ntwo & three\nhttps://b.qz.example <https://a.qz.example/?q=1&r=2>"


def test_headers_that_are_not_ascii_are_read_anyway() -> None:
    found, _ = read("From: Ana Quéll <a@qx.example>\nSubject: Straße\n\ntext\n".encode())
    assert (found[0].sender, found[0].subject) == ("Ana Quéll <a@qx.example>", "Straße")


def test_gaps_of_one_kind_are_told_once_with_their_number() -> None:
    gaps = [one for one in mail.mailbox(lambda: io.BytesIO((SEPARATOR + b"To: x\n\nt\n\n") * 3), "x")
            if isinstance(one, Gap)]
    _, summary = read((SEPARATOR + b"From: a\nTo: x\n\nt\n\n") * 3)
    assert len(gaps) == 3 and [(gap.code, gap.count) for gap in summary.gaps] == [("undated", 3)]
