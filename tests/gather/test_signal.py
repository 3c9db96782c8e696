"""Signal's exports: its own main.jsonl, the folder of signal-export, and the XML of Signal Android."""

import datetime as dt
import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from amparo import gather
from amparo.words.messages import Kind, Message, Summary
from amparo.words.times import Precision

EXPORTS = Path(__file__).parent / "exports" / "signal"


def read(raw: bytes, name: str = "export") -> tuple[list[Message], Summary]:
    reading = gather.read(io.BytesIO(raw), name)
    return list(reading), reading.summary()


def zipped(*names: str, **more: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.write(EXPORTS / name, name)
        for name, data in more.items():
            archive.writestr(name.replace("__", "/"), data)
    return file.getvalue()


def test_signals_own_export_gives_each_message_with_who_when_and_where() -> None:
    found, summary = read((EXPORTS / "main.jsonl").read_bytes())
    assert [(one.chat, one.sender, str(one.kind)) for one in found] == [
        ("Bo", "Bo", "message"), ("Bo", "Ana Quell", "message"), ("Bo", "Bo", "message"),
        ("Night watch QX", "Bo", "edited"), ("Night watch QX", "Ana Quell", "deleted"),
        ("Night watch QX", "Bo", "system"), ("Night watch QX", "Bo", "message"),
    ]
    assert found[0].text == "They stood in front of the office again.\nTwo cars, grey."
    assert found[1].text == "> Two cars, grey.\nNote: write down the plates"
    assert found[3].text == "at the bridge, not the market"
    assert found[5].text == "simpleUpdate: IDENTITY_UPDATE"
    first = found[0].when
    assert first and first.at == dt.datetime(2024, 3, 2, 21, 5, 11, 123000, tzinfo=dt.UTC) and first.zone == "UTC"
    (file,) = found[2].attachments
    assert (file.name, file.media_type, file.size, file.there) == ("gate.jpg", "image/jpeg", 48211, False)
    assert {gap.code: gap.count for gap in summary.gaps} == {
        "signal-leaves-out": 1, "kind-not-known": 1, "entry-not-understood": 1}
    assert (summary.form, summary.messages, summary.people, summary.chats) == (
        "signal", 7, 2, ("Bo", "Night watch QX"))


def test_a_file_of_signals_export_is_found_by_its_hash() -> None:
    stored = hashlib.sha256(b"\x01" * 32 + b"\x02" * 32).hexdigest()
    found, _ = read(zipped("main.jsonl", **{f"files__{stored[:2]}__{stored}.jpg": b"\xff\xd8\xff"}))
    assert [file.there for one in found for file in one.attachments] == [True]


@pytest.mark.parametrize("name", ["tool/Bo/data.json", "tool/Bo/chat.md"])
def test_both_files_of_signal_export_tell_the_same(name: str) -> None:
    found, summary = read(zipped(name, **{"tool__Bo__media__2024-03-02_00_gate.jpg": b"\xff\xd8\xff"}))
    assert [one.sender for one in found] == ["Bo", "Me", "Bo", "Me", "Bo"]
    assert [one.when and one.when.at.replace(microsecond=0) for one in found] == [
        dt.datetime(2024, 3, *day, tzinfo=dt.UTC)
        for day in ((2, 21, 5, 11), (2, 21, 6, 2), (2, 21, 7, 40), (13, 12, 30, 0), (13, 12, 31, 0))
    ]
    assert {(one.when.zone, one.when.precision) for one in found if one.when} == {("unknown", Precision.SECOND)}
    assert found[0].text == "They stood in front of the office again.\nTwo cars, grey."
    assert "> Two cars, grey." in found[1].text and found[1].text.endswith("Note: write down the plates")
    assert [[(file.name, file.there) for file in one.attachments] for one in found] == [
        [], [], [("2024-03-02_00_gate.jpg", True)], [], []]
    assert found[2].text == ""
    assert found[3].kind is Kind.DELETED
    assert summary.gaps == () and {one.chat for one in found} == {"Bo"}


def test_a_chat_that_is_there_as_json_and_as_markdown_is_read_once() -> None:
    found, summary = read(zipped("tool/Bo/data.json", "tool/Bo/chat.md"))
    assert len(found) == 5 and {one.origin.file for one in found} == {"tool/Bo/data.json"}
    assert summary.form == "signal-export"


def test_the_xml_of_signal_android_is_read_with_its_broken_signs() -> None:
    found, summary = read((EXPORTS / "sms.xml").read_bytes())
    assert [(one.sender, one.to, one.chat) for one in found] == [
        ("Bo", "", "Bo"), ("Me", "Bo", "Bo"), ("+15550100123", "", "+15550100123")]
    assert found[0].text == "They stood in front of the office again.\nTwo cars, grey. \U0001f6a7"
    assert found[1].text == 'Note: write down the "plates" & times'
    assert found[2].text == "the gate"
    assert [(file.name, file.media_type, file.there) for file in found[2].attachments] == [
        ("gate.jpg", "image/jpeg", True)]
    assert found[0].when and found[0].when.at == dt.datetime(2024, 3, 2, 21, 5, 11, 123000, tzinfo=dt.UTC)
    assert [one.origin.place for one in found] == [1, 2, 3] and summary.gaps == ()


@pytest.mark.parametrize("cut", range(1, 60))
def test_signs_written_as_two_references_are_one_wherever_a_block_ends(
    monkeypatch: pytest.MonkeyPatch, cut: int,
) -> None:
    from amparo.gather import sms_backups

    monkeypatch.setattr(sms_backups, "_BLOCK", cut)
    text = b'<smses count="1"><sms address="1" date="1" body="a&#55357;&#56999;b&#55357;c&#65;&amp;"/></smses>'
    (found,) = [one for one in sms_backups.read(lambda: io.BytesIO(text), "x") if isinstance(one, Message)]
    assert found.text == "a\U0001f6a7b\ufffdcA&"


def test_an_export_that_is_cut_short_says_so_and_keeps_what_came() -> None:
    whole = (EXPORTS / "sms.xml").read_bytes()
    found, summary = read(whole[: whole.index(b"<mms")])
    assert len(found) == 2 and [gap.code for gap in summary.gaps] == ["cut-short"]


@pytest.mark.parametrize(("name", "form"), [
    ("main.jsonl", "signal"), ("tool/Bo/data.json", "signal-export"), ("tool/Bo/chat.md", "signal-markdown"),
    ("sms.xml", "sms"),
])
def test_each_form_is_known_by_its_content(name: str, form: str) -> None:
    assert gather.recognise("x", (EXPORTS / name).read_bytes()) == form
    assert gather.recognise(name, b'{"date": 1}\n') == gather.recognise(name, b"<a/>") == ""
