"""The work of a full day with canaries in all that a person types or brings, for the seizure tests.

Sheets (tried out, cut off, run, left lying, taken back, damaged), pasted mails and a mailbox that a worker reads,
security keys, a campaign written to, covered words shown and uncovered, searches, complaints, exports, a journey.
Every flow reads its words back: a flow that did not happen would leave no word either.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

from amparo import seal
from amparo.desk import (
    casework,
    conversations,
    exporting,
    import_runs,
    importing,
    leaving,
    letters,
    masks,
    opening,
    profile,
    queue,
    reading,
    replies,
    search,
    security_keys,
    taking,
    watching,
    waves,
    workers,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.records import Case, Import, Lease, Staff
from amparo.desk.spreadsheets import SheetNotRead
from amparo.share import casebook
from tests.attacks.seizure_scan import PLAIN, canary
from tests.desk import people, sheets
from tests.gather import workbook_parts
from tests.seal.software_key import ORIGIN, SoftwareKey

PLACE = seal.Place("desk.example", frozenset({ORIGIN}))
Word = Callable[[str], str]


def words(number: int) -> Word:
    return lambda kind: canary(number, kind)


def queue_of(staff: OpenStaff) -> queue.Rows:
    """Her queue, once it is whole: after an erasure a large one is read anew in the background."""
    until = time.monotonic() + 120
    while (page := queue.load(staff)).building:
        assert time.monotonic() < until
        time.sleep(0.1)
    return page.rows


def found(staff: OpenStaff, text: str) -> list[UUID]:
    """The cases that a search gives, once it is ready."""
    until = time.monotonic() + 120
    while (page := search.find(staff, text)).building is not None:
        assert time.monotonic() < until
        time.sleep(0.1)
    return [one.case for one in page.hits]


def rows(word: Word) -> list[tuple[str, ...]]:
    """A heading and four rows: two ordinary, one with two problems, one that is there twice."""
    first = (word("cell"), "harassment", "2024-05-31", word("person"), word("rest"))
    return [
        ("What happened", "Type", "Date", "Name", word("heading")), first,
        (word("second"), "doxing", "2024-05-30", word("other"), ""),
        (word("odd"), word("kind"), word("day"), "", word("left")), first,
    ]


def sheet_bytes(word: Word, *, workbook: bool) -> bytes:
    if workbook:
        lines = "".join(workbook_parts.text_row(at, *cells) for at, cells in enumerate(rows(word), 1))
        return workbook_parts.excel({word("tab"): workbook_parts.sheet(lines)})
    return "\r\n".join(",".join(f'"{cell}"' for cell in cells) for cells in rows(word)).encode()


@contextmanager
def in_turn() -> Iterator[pytest.MonkeyPatch]:
    """Runs in a thread of their own, as always, but waited for."""
    def thread(staff: OpenStaff, import_id: UUID) -> None:
        one = threading.Thread(target=import_runs._and_close, args=(staff, import_id))
        one.start()
        one.join()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_runs, "_in_background", thread)
        yield patch


def tried(wren: OpenStaff, word: Word, *, workbook: bool) -> UUID:
    """A sheet brought, mapped and tried out; a text that is no choice is given one."""
    name = f"{word('sheet')}.{'xlsx' if workbook else 'csv'}"
    one = sheets.bring(wren, sheet_bytes(word, workbook=workbook), name)
    look = importing.look(wren, one)
    assert look.known.name == name and word("kind") in look.unknown["threats"]
    importing.choose_mapping(staff=wren, import_id=one, mapping=msgspec.structs.replace(
        look.mapping, odd="make", columns=(*look.mapping.columns[:4], casebook.RECORD),
        values={"threats": {word("kind").casefold(): ""}},
    ))
    dry = importing.try_out(staff=wren, import_id=one)
    assert dry.counts["made"] == 3 and dry.counts["again"] == 1 and word("heading") in dry.titles
    assert word("day") in {problem.value for line in dry.lines for problem in line.problems}
    return one


def sheet(desk: people.Desk, number: int, end: str, *, workbook: bool) -> None:
    """Tried out and cut off after its first row; for the ends "done" and "undone" gone on with, then taken back."""
    word, wren = words(number), desk.team["Wren"]
    one = tried(wren, word, workbook=workbook)
    real, calls = import_runs._file, iter(range(9))

    def cut(*told: object) -> UUID:
        if next(calls) == 1:
            raise KeyError(word("cut"))
        return real(*told)  # type: ignore[arg-type]

    with in_turn() as patch:
        patch.setattr(import_runs, "BATCH", 1)
        patch.setattr(import_runs, "_file", cut)
        importing.run(staff=wren, import_id=one)
        row = Import.objects.get(id=one)
        assert (row.state, row.done) == ("stopped", 1)
        if end == "stopped":  # stays as it was cut off: its sealed sheet is on the disk
            return
        importing.run(staff=wren, import_id=one)
        done = importing.known(wren, one)
        assert done.state == "done" and done.account is not None
        case = next(line.case for line in done.account.lines if line.case)
        told = importing.row_of(wren, case)
        assert told is not None and told.cells[word("heading")] == word("rest")
        if end == "undone":
            importing.undo(staff=wren, import_id=one)
            assert importing.known(wren, one).state == "undone"


def sheets_left(desk: people.Desk, number: int) -> None:
    """One only tried out, one thrown away, one that is damaged."""
    wren = desk.team["Wren"]
    tried(wren, words(number), workbook=False)
    importing.drop(staff=wren, import_id=tried(wren, words(number + 1), workbook=True))
    word = words(number + 2)
    broken = sheets.bring(wren, sheet_bytes(word, workbook=True)[:-300] + word("broken").encode(), word("broken"))
    with pytest.raises(SheetNotRead):
        importing.look(wren, broken)


def mail(word: Word, at: int = 1) -> str:
    return (
        f"From: {word('writer')} <writer@example.org>\nTo: {word('addressee')} <desk@example.org>\n"
        f"Subject: {word('subject')}\nDate: Mon, 02 Sep 2024 10:{at:02d}:00 +0200\nMessage-ID: <{at}@{PLAIN}.example>\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{word('mail')} {at}\n"
    )


def mails(desk: people.Desk, number: int) -> None:
    """A mail pasted by a colleague, and a mailbox that a reporter sends; a worker reads both."""
    word, wren = words(number), desk.team["Wren"]
    one = people.session()
    pasted = taking.take_down(session=one, staff=wren, form=uuid4(), told=taking.Told(
        way="mail", text=mail(word), chat=True, identity=word("identity"), purposes=("examine",)))
    one.save()
    read(wren, pasted, word)
    box = "".join(f"From a@b.example Mon Sep  2 10:{at:02d}:00 2024\n{mail(word, at)}\n" for at in range(1, 4))
    before = set(Case.objects.values_list("id", flat=True))
    people.report(word("story"), consents=("examine",), files=((f"{word('box')}.mbox", box.encode()),))
    (sent,) = set(Case.objects.values_list("id", flat=True)) - before
    read(wren, sent, word)
    assert word("addressee") in heard(wren, sent)


def heard(wren: OpenStaff, case: UUID) -> str:
    card = reading.case_page(wren, case).evidence[0]
    item = next(copy.conversation for copy in card.previews if copy.conversation)
    messages = conversations.page(wren, case, item).messages
    return " ".join(f"{one.sender} {one.to} {one.subject} {one.text}" for one in messages)


def read(wren: OpenStaff, case: UUID, word: Word) -> None:
    """Every lease of this case, carried out as a worker does: a child behind walls for each."""
    assert workers._own is not None
    workers.beat(workers._own.id)
    card = reading.case_page(wren, case).evidence[0]
    if not Lease.objects.filter(item_id=card.item).exists():
        casework.request_exam(staff=wren, case_id=case, file=card.item)
    for lease in Lease.objects.filter(item_id=card.item, state="waiting"):
        workers.carry_out(lease.id)
    text = heard(wren, case)
    assert all(word(kind) in text for kind in ("writer", "subject", "mail"))


def keys(desk: people.Desk, number: int, password: str) -> None:
    """Two security keys with names; one is taken out again."""
    wren, word, one = desk.team["Wren"], words(number), people.session()
    for label in ("key", "lost"):
        options = security_keys.begin_adding(session=one, staff=wren, place=PLACE)
        one = people.again(one)
        security_keys.add(session=one, staff=wren, place=PLACE, password=password, label=word(label),
                          answer=SoftwareKey().create(options))
    shown = {key.label: key.id for key in profile.load(wren).security_keys}
    assert set(shown) == {word(label)[:security_keys.LONGEST_LABEL] for label in ("key", "lost")}
    security_keys.remove(staff=wren, password=password, key=shown[word("lost")[:security_keys.LONGEST_LABEL]])
    with pytest.raises(seal.KeyRefused):
        security_keys.begin_adding(session=one, staff=wren, place=PLACE)
        security_keys.add(session=people.again(one), staff=wren, place=PLACE, password=password,
                          label=word("forged"), answer=f'{{"id": "{word("forged")}"}}')


def campaign(desk: people.Desk, number: int) -> None:
    """Two reports become a campaign that is written to; words in them are covered, shown and uncovered."""
    word, wren = words(number), desk.team["Wren"]
    before = set(Case.objects.values_list("id", flat=True))
    for language in ("en", "es"):
        people.report(f"{word('story')} {word('covered')}", language=language)
    cases = sorted(set(Case.objects.values_list("id", flat=True)) - before)
    wave, _done = waves.gather(staff=wren, cases=cases, title=word("campaign"))
    queue_of(wren)
    assert waves.page(wren, wave).title == word("campaign")
    waves.send(staff=wren, wave=wave, cases=cases, texts={"en": word("all"), "es": word("todas")})
    waves.take_out(staff=wren, wave=wave, cases=cases[:1])
    masks.mask(staff=wren, case_id=cases[0], text=word("covered"), why=word("why"))
    (line,) = masks.of(wren, cases[0])[0]
    assert masks.show(staff=wren, case_id=cases[0], mask=line.mask, why=word("shown")) == word("covered")
    masks.unmask(staff=wren, case_id=cases[0], mask=line.mask, why=word("off"))
    prepared, spoken = replies.load().replies[0].text("es")
    casework.reply(staff=wren, case_id=cases[1], text=f"{prepared} {word('own')}", language=spoken)
    assert found(wren, word("own")) == [cases[1]] and found(wren, word("nowhere")) == []


def complaints(desk: people.Desk, number: int) -> None:
    word = words(number)
    if "Owl" not in desk.team:
        people.join(desk, "Owl", "auditor")
    watching.complain(text=word("complaint"), language="en")
    told = watching.complaints(desk.team["Owl"]).letters
    assert told[-1].text == word("complaint")
    letters.mark_read(staff=desk.team["Owl"], letter=told[-1].id)


def exports(desk: people.Desk, number: int, folder: Path) -> None:
    """One given up in the middle, and finished ones left lying on the disk."""
    case = queue_of(desk.lead)[0].case
    assert opening.for_staff(desk.lead.id, desk.lead.keys.kex.private, case)
    _secret, recipient = seal.new_age_key()
    for way in (exporting.Way(passphrase=f"{canary(number, 'phrase')} along cold rivers"),
                exporting.Way(recipient=recipient)):
        export = exporting.one(staff=desk.lead, case_id=case, whole=True, originals=True, way=way)
        next(export.pieces)
        export.pieces.close()  # type: ignore[attr-defined]
        export = exporting.one(staff=desk.lead, case_id=case, whole=True, originals=True, way=way)
        lying = folder / f"{number}-{'phrase' if way.passphrase else 'key'}-{export.name}"
        lying.write_bytes(b"".join(export.pieces))
        assert lying.stat().st_size > 1000
    whole = exporting.everything(staff=desk.lead, originals=False, way=exporting.Way(recipient=recipient))
    (folder / f"{number}-desk-{whole.name}").write_bytes(b"".join(whole.pieces))


def journey(desk: people.Desk) -> None:
    """A colleague hands everything over before a border; her account is empty."""
    leaving.begin(staff=desk.team["Swift"])
    leaving.run(desk.team["Swift"])
    assert Staff.objects.get(id=desk.team["Swift"].id).state == "away"


def work(desk: people.Desk, number: int, folder: Path, password: str) -> None:
    """All of it but the journey, once. `number`: of ten numbers for canaries."""
    first = 600_000 + 10 * number
    for at, end in enumerate(("done", "undone", "stopped")):
        sheet(desk, first + at, end, workbook=at != 1)
    sheets_left(desk, first + 3)
    for at, flow in enumerate((mails, campaign, complaints), 6):
        flow(desk, first + at)
    exports(desk, first + 9, folder)
    if not profile.load(desk.team["Wren"]).security_keys:
        keys(desk, first + 9, password)
