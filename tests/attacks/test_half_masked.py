"""Half-masked: words that are covered on one page and readable on another, in another spelling, or in an attribute.

Every address of the staff door that names a case, and every other page of a signed-in colleague, is asked for; what
comes back is unescaped and compared without case, accents, spaces and unseen signs, by code of this test alone.
"""

import base64
import datetime as dt
import html
import io
import unicodedata
import urllib.parse
import uuid
import zipfile
from collections.abc import Iterator

import msgspec
import pytest
from django.db import transaction
from django.http import HttpResponse

from amparo.desk import clock, directory, masks, opening, payloads, writing
from amparo.desk.examining import FindingItem
from amparo.desk.previews import Preview
from amparo.desk.records import Case
from amparo.mitigate import escalation
from amparo.words.findings import Category, Finding, Knowledge, Level, Where
from amparo.words.times import Moment
from tests.doors import conftest as given
from tests.doors import seeded
from tests.doors.test_who_may import VIEWS, address

seeded_desk, who_works_here = given.seeded_desk, given.who_works_here
pytestmark = pytest.mark.django_db
WORD = "zqxcanary"
SPELLINGS = ("Zqx Canary", "ZQXCANARY", "zqx\ncanary", "Zq\u200bx Cánáry",
             "Ｚｑｘ Ｃａｎａｒｙ", "zqx\u00a0c\u0301anary")
HOLDERS = ("handler:granted", "lead:granted")


def bare(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text).casefold()
    return "".join(one for one in flat if unicodedata.category(one) not in ("Mn", "Cf", "Cc", "Zs"))


def told(answer: HttpResponse) -> str:
    """All that an answer says: its head and its body, unpacked, unescaped and decoded."""
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]
    texts = [body]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            texts += [packed.read(name) for name in packed.namelist()] + [name.encode() for name in packed.namelist()]
    texts += [base64.b64decode(part) for part in body.split(b'"') if part.startswith(b"data:") and b"," in part]
    text = "\n".join(one.decode("utf-8", "replace") for one in texts) + str(dict(answer.items()))
    return bare(text) + bare(html.unescape(text)) + bare(urllib.parse.unquote(html.unescape(text)))


def write_everywhere(desk: seeded.Desk) -> None:
    """The canary into every kind of writing that staff and workers make, in every spelling."""
    staff = desk.staff["handler:granted"]
    case = Case.objects.get(id=desk.case)
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case.id)
    now, who, spelt = clock.now(), staff.id, SPELLINGS
    assert desk.item and desk.finding
    everything: list[tuple[payloads.AnyPayload, str]] = [
        *((payloads.Note(at=now, text=f"about {one}, again"), "staff") for one in spelt),
        *((payloads.Message(at=now, text=one, language="en"), "dialogue") for one in spelt),
        (payloads.Event(at=now, text=spelt[0], when=Moment(now)), "staff"),
        (payloads.Decision(at=now, finding=desk.finding, verdict="rejected", why=spelt[1]), "staff"),
        (payloads.StateChange(at=now, what="state", value="open", why=spelt[2]), "staff"),
        (payloads.Result(at=now, finding=desk.finding, says=spelt[0], does_not_say=spelt[1], text=spelt[2]),
         "dialogue"),
        (payloads.DeviceConsent(at=now, files=(desk.item,), how=spelt[3]), "staff"),
        (payloads.Imported(at=now, sheet=spelt[0], row=1, digest=b"", cells={spelt[1]: spelt[2]}), "staff"),
        (payloads.Vetting(at=now, method="reference", on=dt.date(2026, 1, 1), outcome="confirmed", text=spelt[0]),
         "staff"),
        (payloads.Task(at=now, task=uuid.uuid4(), text=spelt[1], due=now, who=who, outcome=spelt[2]), "staff"),
        (payloads.HandOver(at=now, shift=uuid.uuid4(), text=spelt[3]), "staff"),
        (payloads.Wave(at=now, wave=uuid.uuid4(), title=spelt[4]), "staff"),
        (payloads.Twin(at=now, other=uuid.uuid4(), verdict="related", why=spelt[5]), "staff"),
        (payloads.Request(at=now, request=uuid.uuid4(), act="export", why=spelt[0]), "staff"),
        (payloads.Statement(at=now, what="event", kind="threat", text=spelt[2]), "staff"),
        (payloads.Statement(at=now, what="refute", of="a:danger:yes:1", text=spelt[3]), "staff"),
        (payloads.Assessment(at=now, watch=escalation.watch((), now=now), again=now, task=uuid.uuid4(),
                             text=spelt[4]), "staff"),
        (payloads.Delegate(at=now, who=uuid.uuid4(), label=spelt[1]), "dialogue"),
    ]
    for payload, channel in everything:
        writing.write_item(case=case, payload=payload, author=staff.author(), channel=channel, epoch=opened.epoch)
    worker = FindingItem(now, desk.item, uuid.uuid4(), Finding(
        detector="spyware", detector_version="1", code="link", level=Level.HIGH, category=Category.RECEIVED,
        seen=f"https://x.example/?who={urllib.parse.quote(spelt[0])}", where=Where(spelt[1], spelt[2], spelt[0]),
        says=spelt[0], matters=spelt[1], does_not_say=spelt[2], knowledge=(Knowledge(spelt[0], spelt[1]),)))
    writing.write_item(case=case, payload=msgspec.msgpack.encode(worker), kind="finding", author=staff.author(),
                       epoch=directory.epoch_of(case))
    copy = Preview(now, desk.item, "text", text=spelt[0], says=spelt[1], headers=(("From", spelt[2]),))
    written = writing.write_item(case=case, payload=msgspec.msgpack.encode(copy), kind="preview",
                                 author=staff.author(), epoch=directory.epoch_of(case))
    desk.copy = written.item.id


def pages(desk: seeded.Desk) -> Iterator[tuple[str, str, str]]:
    """(view, actor, all that it says) of every page of the staff door that answers a plain request."""
    for view in sorted(VIEWS):
        if not view.startswith("staff:") or view in ("staff:sign-out", "staff:original"):
            continue
        where = address(view, desk)
        for actor in HOLDERS:
            with transaction.atomic():
                for answer in (desk.client(actor).get(where), desk.client(actor).post(where, {"words": "about"})):
                    if answer.status_code < 300:
                        yield view, actor, told(answer)
                transaction.set_rollback(True)


@pytest.fixture
def written(seeded_desk: seeded.Desk) -> Iterator[seeded.Desk]:
    with transaction.atomic():
        write_everywhere(seeded_desk)
        yield seeded_desk
        transaction.set_rollback(True)


def test_no_page_and_no_export_tells_a_masked_word(written: seeded.Desk) -> None:
    desk = written
    before = {view for view, _actor, text in pages(desk) if WORD in text}
    assert "staff:case" in before, "the test sees nothing: the words stand on no page before they are masked"
    assert desk.case
    masks.mask(staff=desk.staff["lead:granted"], case_id=desk.case, text="Zqx Canary", why="they asked for it")
    seen = {(view, actor): text for view, actor, text in pages(desk)}
    assert before <= {view for view, _actor in seen}
    assert [key for key, text in seen.items() if WORD in text] == []
    assert any("█████" in text for (view, _actor), text in seen.items() if view == "staff:case")


def test_the_list_of_masks_shows_what_is_covered_only_when_asked_with_a_reason(written: seeded.Desk) -> None:
    desk = written
    assert desk.case
    masks.mask(staff=desk.staff["lead:granted"], case_id=desk.case, text="Zqx Canary", why="they asked for it")
    client = desk.client("handler:granted")
    (line,), _version = masks.of(desk.staff["handler:granted"], desk.case)
    listed = address("staff:masks", desk)
    assert WORD not in told(client.get(listed))
    assert WORD not in told(client.post(f"{listed}{line.mask}/show/", {"why": ""}))
    shown = client.post(f"{listed}{line.mask}/show/", {"why": "to call them back"})
    assert shown.status_code == 200
    assert WORD in told(shown)
    assert WORD not in told(client.get(listed)), "shown once"
    assert "to call them back" in client.get(listed).content.decode()


def test_only_the_reporters_door_reads_without_the_cover() -> None:
    """`read_item` covers nothing: the product calls it where it is made, and on the reporter's own dialogue."""
    from tests.test_house import PYTHON, SOURCE

    users = {
        path.relative_to(SOURCE).as_posix() for path in PYTHON
        if path.is_relative_to(SOURCE) and ("read_item(" in (text := path.read_text()) or "open_item(" in text)
    }
    assert users - {name for name in users if name.startswith("seal/")} == {"desk/opening.py", "desk/returning.py"}
