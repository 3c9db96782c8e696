"""From a file in a report to a conversation on a page: a real worker, a real child behind its walls."""

import datetime as dt
import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection, transaction

from amparo import seal
from amparo.desk import (
    casework,
    configuration,
    conversations,
    directory,
    masks,
    opening,
    previews,
    reading,
    sandbox,
    workers,
    writing,
)
from amparo.desk.errors import NotFound
from amparo.desk.records import Case, Item, Lease, LogEntry, Worker
from amparo.desk.sandbox import wire
from amparo.identify.spyware import specimens
from amparo.words.messages import Gap, Kind, Message, Origin, Summary
from amparo.words.times import Moment, Precision
from tests.attacks import seizure_scan
from tests.desk import people

EXPORTS = Path(__file__).parents[1] / "gather" / "exports"


def walls() -> None:
    if not sandbox.capabilities().level:
        pytest.skip("LOUD: this machine raises no walls, so no conversation is read on it")


@pytest.fixture
def worker(desk: people.Desk) -> Iterator[None]:
    """A worker process on the tests' database."""
    walls()
    environment = dict(os.environ, AMPARO_TEST_DATABASE=str(connection.settings_dict["NAME"]))
    environment.pop("TMPDIR", None)
    one = subprocess.Popen(
        [sys.executable, "-m", "tests.desk.worker_process"], env=environment, cwd=Path(__file__).parents[2]
    )
    until(lambda: Worker.objects.exists())
    yield
    one.kill()
    one.wait()


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def over() -> bool:
    return Lease.objects.exists() and not Lease.objects.filter(state__in=("waiting", "running")).exists()


def chat_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(EXPORTS / "whatsapp" / "ru-iphone.txt", "_chat.txt")
        archive.writestr("00000004-PHOTO-2024-03-02-21-07-40.jpg", b"\xff\xd8\xff\xe0 picture \xff\xd9")
    return file.getvalue()


def only(desk: people.Desk) -> tuple[UUID, reading.CasePage]:
    case = Case.objects.get().id
    return case, reading.case_page(desk.lead, case)


def talks(page: reading.CasePage) -> dict[str, UUID]:
    return {card.name: copy.conversation for card in page.evidence for copy in card.previews if copy.conversation}


def test_exports_of_a_report_become_conversations(desk: people.Desk, worker: None) -> None:
    mailbox = (EXPORTS / "mail" / "mboxrd.mbox").read_bytes()
    signal = (EXPORTS / "signal" / "main.jsonl").read_bytes()
    people.report("They write to me.", consents=("examine",), files=(
        ("chat.zip", chat_zip()), ("box", mailbox), ("main.jsonl", signal), ("note.txt", b"13 March: they came.\n"),
    ))
    until(over)
    case, page = only(desk)
    found = talks(page)
    assert set(found) == {"chat.zip", "box", "main.jsonl"}, "a plain note is no conversation"
    chat = conversations.page(desk.lead, case, found["chat.zip"])
    assert chat.proven and not chat.missing and (chat.name, chat.code) == ("chat.zip", "done")
    assert [(one.sender, str(one.kind)) for one in chat.messages] == [
        ("Ana Quell", "system"), ("Ana Quell", "message"), ("Bo", "message"), ("Ana Quell", "message"),
        ("Bo", "message"), ("Ana Quell", "deleted"), ("Bo", "edited")]
    assert chat.messages[1].when == Moment(dt.datetime(2024, 3, 2, 21, 5, 11, tzinfo=dt.UTC), zone="unknown")
    assert [file.there for one in chat.messages for file in one.attachments] == [True, False]
    box = conversations.page(desk.lead, case, found["box"]).messages
    assert [one.subject for one in box] == ["plates", "Re: plates"]
    assert box[1].when == Moment(dt.datetime(2024, 3, 13, 13, 15, tzinfo=dt.UTC), zone="-05:00")
    assert conversations.page(desk.lead, case, found["main.jsonl"]).summary.chats == ("Bo", "Night watch QX")
    assert {row.channel for row in Item.objects.filter(kind="conversation")} == {"staff"}
    assert [card.previews[0].messages for card in page.evidence if card.name == "chat.zip"] == [7]


def test_nothing_of_a_conversation_lies_in_clear_on_the_disk(desk: people.Desk, worker: None) -> None:
    words = [seizure_scan.canary(number, kind) for number, kind in enumerate(("name", "text", "file"))]
    chat = "".join(f"{day}/03/2024, 10:00 - {words[0]}: {words[1]}\n" for day in range(10, 30))
    chat += f"30/03/2024, 10:00 - {words[0]}: {words[2]}.jpg (file attached)\n"
    people.report("text", consents=("examine",), files=(("chat.txt", chat.encode()),))
    until(over)
    case, page = only(desk)
    shown = conversations.page(desk.lead, case, talks(page)["chat.txt"])
    assert len(shown.messages) == 21 and shown.messages[0].text == words[1]
    assert seizure_scan.scan([configuration.data_folder()]) == []


def test_a_phones_copy_is_no_conversation(desk: people.Desk, worker: None) -> None:
    people.report("text", consents=("examine",), files=(("phone.zip", specimens.demo_ios()),),
                  device_owner=["me"], threats=["spyware"])
    until(over)
    assert not talks(only(desk)[1]) and not Item.objects.filter(kind="conversation").exists()


def test_without_the_consent_a_handler_asks_for_the_copy_and_gets_the_conversation(
    desk: people.Desk, worker: None,
) -> None:
    people.report("text", files=(("chat.zip", chat_zip()),), consents=())
    case, page = only(desk)
    assert not Lease.objects.exists() and not talks(page)
    assert casework.request_exam(staff=desk.lead, case_id=case, file=page.evidence[0].item) == "copy"
    until(over)
    assert set(Item.objects.values_list("kind", flat=True)) >= {"preview", "conversation"}
    assert not Item.objects.filter(kind__in=("exam", "finding")).exists()
    assert len(conversations.page(desk.lead, case, talks(only(desk)[1])["chat.zip"]).messages) == 7


def message(number: int, text: str = "text") -> Message:
    at = dt.datetime(2024, 3, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=number)
    return Message(Origin("chat.txt", number + 1), f"person {number % 3}", f"{text} {number}",
                   Moment(at, Precision.MINUTE, "unknown"))


def outcome(said: tuple[Message, ...], code: str = "done", heard: Summary | None = None) -> sandbox.Outcome:
    return sandbox.Outcome(code, "namespaces", 0.1, said=said, heard=heard, ended=sandbox.Ended(code))


@pytest.fixture
def written(desk: people.Desk) -> Callable[..., UUID]:
    """Writes a conversation of the one case as a worker would, and gives its head's id."""
    people.report("text", files=(("chat.txt", b"x"),), consents=())
    keys = workers.register()

    def write(made: sandbox.Outcome, by: seal.WorkerKeys = keys) -> UUID:
        case = Case.objects.get()
        file = Item.objects.get(kind="file")
        author = seal.Author("worker", by.id, by.sign.private)
        with transaction.atomic():
            head = conversations.write(
                case=case, of=file.id, outcome=made, author=author, epoch=directory.epoch_of(case)
            )
        assert head is not None
        return head

    return write


def test_a_long_conversation_is_cut_into_items_and_read_page_by_page(
    desk: people.Desk, written: Callable[..., UUID],
) -> None:
    said = tuple(message(number) for number in range(2_350))
    head = written(outcome(said, heard=Summary("whatsapp", 5_000, 20_000, 3)))
    assert Item.objects.filter(kind="conversation").count() == 4
    case = Case.objects.get().id
    seen: list[Message] = []
    for number in range(1, 13):
        page = conversations.page(desk.lead, case, head, number)
        assert page.pages == 12 and len(page.messages) == (150 if number == 12 else 200)
        seen += page.messages
    assert tuple(seen) == said
    assert page.summary.kept == 2_350, "how many can be shown is counted, not believed"
    for wrong in (0, 13, -1):
        with pytest.raises(NotFound):
            conversations.page(desk.lead, case, head, wrong)


def test_each_look_stands_in_the_custody_log(desk: people.Desk, written: Callable[..., UUID]) -> None:
    head = written(outcome((message(1),)))
    conversations.page(desk.lead, Case.objects.get().id, head)
    entries = [seal.CustodyEntry.decode(bytes(row.body)) for row in LogEntry.objects.all()]
    (viewed,) = [one for one in entries if one.action == "viewed"]
    assert (viewed.item, viewed.actor, viewed.detail) == (head, desk.lead.id, ("conversation",))


def test_one_that_ended_early_keeps_what_came_and_says_why(desk: people.Desk, written: Callable[..., UUID]) -> None:
    head = written(outcome((message(1),), "timeout"))
    page = conversations.page(desk.lead, Case.objects.get().id, head)
    assert (page.code, page.says, len(page.messages)) == ("timeout", sandbox.WHY["timeout"], 1)


def test_what_a_stranger_signs_is_shown_as_not_proven(desk: people.Desk, written: Callable[..., UUID]) -> None:
    head = written(outcome((message(1),)), seal.new_worker_keys())
    assert not conversations.page(desk.lead, Case.objects.get().id, head).proven


def test_a_part_of_another_conversation_is_not_shown_in_this_one(
    desk: people.Desk, written: Callable[..., UUID],
) -> None:
    mine, other = written(outcome((message(1),))), written(outcome((message(2, "other"),)))
    case = Case.objects.get()
    opened = opening.for_staff(desk.lead.id, desk.lead.keys.kex.private, case.id)
    strange = conversations.read_head(opening.read_one(opened, other, "conversation").raw)
    real = conversations.read_head(opening.read_one(opened, mine, "conversation").raw)
    forged = msgspec.structs.replace(real, parts=strange.parts)
    keys = workers.register()
    with transaction.atomic():
        head = writing.write_item(
            case=case, payload=msgspec.msgpack.encode(forged), kind="conversation", item_id=uuid4(),
            author=seal.Author("worker", keys.id, keys.sign.private), epoch=directory.epoch_of(case),
        ).item.id
    page = conversations.page(desk.lead, case.id, head)
    assert page.messages == () and page.missing


def test_masked_words_are_covered_in_messages_names_and_places(
    desk: people.Desk, written: Callable[..., UUID],
) -> None:
    said = (Message(Origin("chat with Quell.txt", 1), "Ana Quell", "Quell lives at the unknown bridge, message",
                    message(1).when, chat="Quell"),)
    head = written(outcome(said, heard=Summary("whatsapp", 1, 1, 1, chats=("Quell",), orders=("dmy",), zone="unknown",
                                               gaps=(Gap("long-text", 1, said[0].origin, "Quell"),))))
    case = Case.objects.get().id
    for word in ("Quell", "unknown", "message", "line", "dmy"):
        masks.mask(staff=desk.lead, case_id=case, text=word, why="names somebody")
    page = conversations.page(desk.lead, case, head)
    assert "uell" not in repr(page)
    (one,) = page.messages
    assert one.sender.startswith("Ana ") and one.when and one.when.zone == "unknown" and one.kind is Kind.MESSAGE
    assert one.origin.unit == "line" and page.summary.orders == ("dmy",)


def test_a_colleague_without_a_key_finds_nothing(desk: people.Desk, written: Callable[..., UUID]) -> None:
    head = written(outcome((message(1),)))
    late = people.join(desk, "Plover")
    with pytest.raises(NotFound):
        conversations.page(late, Case.objects.get().id, head)


def test_the_case_page_opens_no_conversation(desk: people.Desk, written: Callable[..., UUID]) -> None:
    written(outcome(tuple(message(number) for number in range(10))))
    before = Item.objects.filter(kind="conversation").first()
    assert before is not None
    Item.objects.filter(id=before.id).update(body=b"damaged")
    assert only(desk)[1].unreadable == ()


@pytest.mark.parametrize("frame", [
    wire.Said((Message(Origin("x", 1), text="x" * 20_001),)), wire.Said((message(1),) * 201),
    wire.Heard(Summary("whatsapp", chats=("x",) * 65)), wire.Heard(Summary("x" * 8_001)),
])
def test_a_captured_child_can_send_no_more_than_is_allowed(frame: wire.Said | wire.Heard) -> None:
    with pytest.raises(wire.Malformed):
        wire.Frames().feed(wire.frame(frame))


def test_a_captured_child_can_send_no_flood_no_second_summary_and_no_zone_that_is_none() -> None:
    frames = wire.Frames()
    for _ in range(100):
        frames.feed(wire.frame(wire.Said((message(1),) * 200)))
    with pytest.raises(wire.Malformed):
        frames.feed(wire.frame(wire.Said((message(1),))))
    frames = wire.Frames()
    frames.feed(wire.frame(wire.Heard(Summary("mail"))))
    with pytest.raises(wire.Malformed):
        frames.feed(wire.frame(wire.Heard(Summary("mail"))))
    raw = wire.frame(wire.Said((message(1),))).replace(b"unknown", b"nowhere")
    with pytest.raises(wire.Malformed):
        wire.Frames().feed(raw)


def test_a_copy_stays_where_its_conversation_could_not_be_read(desk: people.Desk) -> None:
    keys = workers.register()
    people.report("text", files=(("chat.txt", b"x"),), consents=("examine",))
    lease = Lease.objects.get(purpose="preview")
    drawn = sandbox.Outcome("done", "namespaces", 0.1, rendering=sandbox.Rendering("text", text="the beginning"),
                            ended=sandbox.Ended("done", detected="whatsapp"))
    assert conversations.in_it(drawn)
    assert previews.record(lease=lease, outcome=drawn, worker=keys, version="v", talk=outcome((), "crashed")) == "done"
    case, page = only(desk)
    (copy,) = page.evidence[0].previews
    assert copy.kind == "text" and copy.conversation
    assert conversations.page(desk.lead, case, copy.conversation).says == sandbox.WHY["crashed"]
