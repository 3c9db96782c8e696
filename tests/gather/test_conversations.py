"""What holds for every reader: archives with their pictures, limits that are told, each message once, any bytes."""

import ast
import io
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo import gather
from amparo.gather import limits, recognising
from amparo.words.messages import GAPS, Message, Summary

EXPORTS = Path(__file__).parent / "exports"
SAMPLES = sorted(path for path in EXPORTS.rglob("*") if path.is_file())


def read(raw: bytes, name: str = "x") -> tuple[list[Message], Summary]:
    reading = gather.read(io.BytesIO(raw), name)
    return list(reading), reading.summary()


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return file.getvalue()


def sample(name: str) -> bytes:
    return (EXPORTS / name).read_bytes()


def test_a_chat_with_its_pictures_says_which_are_there() -> None:
    raw = zipped(**{"_chat.txt": sample("whatsapp/ru-iphone.txt"),
                    "00000004-PHOTO-2024-03-02-21-07-40.jpg": b"\xff\xd8\xff"})
    found, summary = read(raw)
    assert [(file.name, file.there) for one in found for file in one.attachments] == [
        ("00000004-PHOTO-2024-03-02-21-07-40.jpg", True), ("", False)]
    assert (summary.attachments, summary.there, summary.form) == (2, 1, "whatsapp")
    assert {one.origin.file for one in found} == {"_chat.txt"}


def test_a_folder_of_mails_is_one_conversation() -> None:
    mails = {f"inbox__{n}.eml": b"From: a@qx.example\nSubject: %d\nDate: Sat, 02 Mar 2024 21:05:11 +0200\n\nt\n" % n
             for n in range(3)}
    found, summary = read(zipped(**mails, notes__readme__txt=b"not a mail"))
    assert [one.subject for one in found] == ["0", "1", "2"] and summary.gaps == ()


def test_a_file_that_holds_no_messages_is_refused_in_one_sentence() -> None:
    for raw in (b"", b"hello\n", b"\xff\xd8\xff\xe0", zipped(a__txt=b"no chat"), b"PK\x03\x04 broken"):
        with pytest.raises(gather.NotGathered) as refused:
            read(raw)
        assert refused.value.says.endswith(".") and refused.value.advice


def test_more_messages_than_are_kept_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MESSAGES", 3)
    found, summary = read(sample("whatsapp/de-android.txt"))
    assert (len(found), summary.kept, summary.messages) == (3, 3, 7)
    (more,) = summary.gaps
    assert (more.code, more.count) == ("more-messages", 4) and more.origin and more.origin.place == 5


def test_more_text_than_is_kept_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CHARACTERS", 100)
    found, summary = read(sample("whatsapp/de-android.txt"))
    assert 0 < len(found) < 7 and summary.messages == 7
    assert [gap.code for gap in summary.gaps] == ["more-messages"]


def test_two_exports_of_one_chat_give_each_message_once() -> None:
    raw = sample("whatsapp/en-GB-android.txt")
    early = raw[: raw.index(b"13/03/2024, 12:31")]
    late = raw[raw.index(b"02/03/2024, 21:07") :]
    first, second = read(early)[0], read(late)[0]
    merged, both = gather.merge(first, second)
    assert [one.text for one in merged] == [one.text for one in read(raw)[0]]
    assert both == len(first) + len(second) - len(merged) == 3


def test_with_and_without_pictures_it_is_the_same_message() -> None:
    with_files = b"13/03/2024, 10:00 - Ana: IMG-20240313-WA0001.jpg (file attached)\n13/03/2024, 10:01 - Bo: ok\n"
    without = b"13/03/2024, 10:00 - Ana: <Media omitted>\n13/03/2024, 10:01 - Bo: ok\n"
    merged, both = gather.merge(read(with_files)[0], read(without)[0])
    assert len(merged) == both == 2 and merged[0].attachments[0].name


def test_what_somebody_said_twice_stays_twice() -> None:
    raw = b"13/03/2024, 10:00 - Ana: help\n13/03/2024, 10:00 - Ana: help\n13/03/2024, 10:01 - Bo: yes\n"
    found, _ = read(raw)
    assert [one.text for one in found] == ["help", "help", "yes"]
    assert gather.merge(found, found) == (found, 3)


def test_a_chat_that_packs_well_is_not_taken_for_a_bomb() -> None:
    """It is read three times over, and counted once."""
    lines = b"".join(b"%02d/03/2024, 10:00 - Ana: the same words again\n" % day for day in range(1, 32))
    long = lines + b"and again and again and again and again and again and again\n" * 600_000
    raw = zipped(**{"_chat.txt": long})
    assert len(long) > 35_000_000 > 100 * len(raw)
    found, summary = read(raw)
    assert len(found) == 31 and {gap.code for gap in summary.gaps} == {"long-text"}


def test_every_gap_that_a_reader_tells_has_a_sentence() -> None:
    told: set[str] = set()
    for path in Path(gather.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Gap":
                told |= {part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)}
    assert {"twice", "mail-cut", "out-of-order", "signal-leaves-out"} <= told <= set(GAPS)
    assert all(says and not says.endswith(".") for says in GAPS.values())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_sample_is_recognised_and_read_twice_alike(path: Path) -> None:
    raw = path.read_bytes()
    assert gather.recognise("", raw) in recognising.FORMS
    first, second = read(raw), read(raw)
    assert first == second and first[0]
    assert gather.merge(first[0], second[0])[1] == len(first[0])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600), st.sampled_from(SAMPLES), st.integers(0, 4000), st.integers(0, 40))
def test_no_bytes_raise_anything_but_our_own_error(noise: bytes, path: Path, at: int, taken: int) -> None:
    raw = path.read_bytes()
    at = min(at, len(raw))
    for one in (noise, raw[:at] + noise + raw[at + taken :]):
        gather.recognise("x", one)
        try:
            found, summary = read(one)
        except gather.NotGathered:
            continue
        assert summary.kept == len(found) and {gap.code for gap in summary.gaps} <= set(GAPS)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.text(max_size=40))
def test_no_text_is_lost_in_a_chat(text: str, name: str) -> None:
    """What stands between two beginnings is the first one's text, sign by sign, but for the ends of lines."""
    from amparo.gather.whatsapp import phrases
    from amparo.gather.whatsapp.starts import start

    text = text.replace("\r", "").encode("utf-8", "replace").decode()
    if any(start(line) for line in text.split("\n")) or phrases.without_edited("x" + text)[1] or "<" in text:
        return
    raw = f"13/03/2024, 10:00 - Ana: x{text}\n13/03/2024, 10:01 - Bo: end\n".encode()
    found, _ = read(raw)
    assert found[0].text == f"x{text}".rstrip("\n")


@pytest.mark.parametrize("unit", [
    b"13/03/2024, 10:00 - Ana: a: b: c <x> <y: z> (file attached)\n", b"[13/03/2024, 10:00:00] \n", b"<", b"\n",
    b"From a@b 10:00\n\n", b"\nFrom ", b"From: a\nTo: b\n",
    b'{"chatItem":{', b"&#55357;", b"<!--", b"[2024-03-02 10:00:00] ",
    "٣".encode(), b"a, b - ", b"<attached: ", b"( ", b"=?utf-8?q?=41?= ", b"Content-Length: 9\n", b"--x\n", b"> ",
])
@pytest.mark.parametrize("start", [
    b"", b"13/03/2024, 10:00 - Ana: x\n13/03/2024, 10:00 - Ana: y\n13/03/2024, 10:00 - Ana: ",
    b"From a@b.example Sat Mar 2 10:00:00 2024\nFrom: a\nTo: b\n\n",
    b'From: a\nTo: b\nContent-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/html\n\n',
    b'{"version":1,"mediaRootBackupKey":""}\n', b"<smses>", b"[2024-03-02 10:00:00] a: b  \n",
])
def test_time_grows_with_the_length_and_no_faster(start: bytes, unit: bytes) -> None:
    def seconds(size: int) -> float:
        raw = start + unit * (size // len(unit))
        began = time.process_time()
        try:
            read(raw)
        except gather.NotGathered:
            pass
        return time.process_time() - began

    small, large = 40_000, 320_000
    first = min(seconds(small) for _ in range(2))
    assert seconds(large) < max(1.0, 30 * first), "eight times as long takes eight times the time, not sixty-four"
