"""Cases from a spreadsheet: brought, read, mapped, tried without writing, run, and taken back within the hour.

Everything said of a sheet stands in one record sealed to the colleague who brought it. The dry run and the real one
ask the same function what becomes of each row (import_runs.account).
"""

import datetime as dt
import functools
from contextlib import suppress
from uuid import UUID, uuid4

import msgspec
from django.db import transaction

from amparo import seal
from amparo.desk import blobs, bulk, clock, import_runs, opening, payloads, policy, site, spreadsheets
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, NotFound, TooLarge
from amparo.desk.import_runs import Account
from amparo.desk.records import Import, Item
from amparo.desk.spreadsheets import Content, Held
from amparo.desk.uploads import SealedUpload
from amparo.gather.tables import Choices, Row
from amparo.share import casebook
from amparo.share.casebook import Mapping

LARGEST = 64 << 20  # bytes of a sheet
UNDO = dt.timedelta(hours=1)
SAMPLE = 5  # rows shown while mapping
NO_IMPORT = "There is no such import, or it is not yours."


class NotMapped(DeskError):
    code = "not-mapped"
    advice = "Say first which column is which, and what is done with rows that have a problem."


class TooLate(DeskError):
    code = "too-late"
    advice = "Erase single cases from their own pages; only a lead can."


class Facts(msgspec.Struct, kw_only=True):
    """What is known of an import. Sealed to the colleague; never stored otherwise."""

    held: Held
    choices: Choices = Choices()
    mapping: Mapping | None = None
    account: Account | None = None

    def __repr__(self) -> str:
        return "<Facts>"


class Known(msgspec.Struct, frozen=True):
    """An import of mine. `name` is of the file; `minutes_left` to take it back, 0 when that is over."""

    id: UUID
    name: str
    state: str
    made_on: dt.date
    done: int
    total: int
    account: Account | None
    minutes_left: int


class Look(msgspec.Struct, frozen=True):
    """A sheet while it is mapped."""

    known: Known
    content: Content
    choices: Choices
    mapping: Mapping
    titles: tuple[str, ...]
    sample: tuple[Row, ...]
    unknown: dict[str, list[str]]


def begin(*, staff: OpenStaff, upload: SealedUpload) -> UUID:
    """Keep a sheet that was brought."""
    policy.require(staff.role, "none", "import.run")
    if upload.context.case != staff.id:
        raise NotFound(NO_IMPORT)
    if upload.facts.size > LARGEST:
        raise TooLarge(
            "A sheet may have %(limit)s MB at most.", limit=LARGEST >> 20, advice="Split it into smaller ones."
        )
    held = Held(
        name=upload.draft_file.name, size=upload.facts.size, blob=upload.part.name.removesuffix(blobs.PART),
        case=upload.context.case, item=upload.context.item, epoch=upload.context.epoch, key=upload.data_key,
        sealed_size=upload.facts.sealed_size,
    )
    row = Import(id=uuid4(), staff_id=staff.id, name=held.blob)
    with transaction.atomic():
        _keep(staff, row, Facts(held=held))
        row.save(force_insert=True)
        blobs.settle(upload.part)
    upload.undo = lambda: _drop(row)
    return row.id


def mine(staff: OpenStaff) -> list[Known]:
    """My imports, newest first; those that cannot be opened are left out."""
    policy.require(staff.role, "none", "import.run")
    found = []
    for row in Import.objects.filter(staff_id=staff.id).order_by("-made_on", "-beat_at", "id"):
        with suppress(seal.SealError):  # brought before these keys, or changed by somebody: `tend` throws it away
            found.append(_known(row, _facts(staff, row)))
    return found


def known(staff: OpenStaff, import_id: UUID) -> Known:
    """One of mine. Goes on with a run that was cut off."""
    row, facts = _mine(staff, import_id)
    if row.state in ("running", "undoing"):
        import_runs.start(staff, row.id)
        row.refresh_from_db()
        facts = _facts(staff, row)
    return _known(row, facts)


def look(staff: OpenStaff, import_id: UUID) -> Look:
    """The sheet as it is read and mapped now. Raises spreadsheets.SheetNotRead."""
    row, facts = _mine(staff, import_id)
    number = facts.mapping.sheet if facts.mapping else 0
    content = spreadsheets.read(facts.held, number, facts.choices)
    mapping = facts.mapping or _proposal(content, number)
    heading = next((one.cells for one in content.rows if one.number == mapping.heading), ())
    below = [one for one in content.rows if one.number > mapping.heading]
    width = max(len(heading), *(len(one.cells) for one in content.rows[:200]))
    if len(mapping.columns) != width:
        again = casebook.propose(heading, width, sheet=number, number=mapping.heading, language=mapping.language)
        columns = (*mapping.columns, *again.columns[len(mapping.columns):])[:width]
        mapping = msgspec.structs.replace(mapping, columns=columns)
    return Look(
        _known(row, facts), content, facts.choices, mapping, casebook.titles(heading, width), tuple(below[:SAMPLE]),
        casebook.unknown(content.rows, mapping),
    )


def _proposal(content: Content, sheet: int) -> Mapping:
    first = content.rows[0]
    width = max(len(one.cells) for one in content.rows[:200])
    return casebook.propose(first.cells, width, sheet=sheet, number=first.number)


def choose_reading(*, staff: OpenStaff, import_id: UUID, sheet: int, heading: int, choices: Choices) -> None:
    """Which sheet, how its letters are written, and where its heading stands: the mapping begins anew."""
    row, facts = _unrun(staff, import_id)
    content = spreadsheets.read(facts.held, sheet, choices)
    mapping = _proposal(content, sheet)
    cells = next((one.cells for one in content.rows if one.number == heading), None)
    if cells is not None:
        mapping = casebook.propose(cells, len(mapping.columns), sheet=sheet, number=heading)
    facts.choices, facts.mapping, facts.account = choices, mapping, None
    _save(staff, row, facts)


def choose_mapping(*, staff: OpenStaff, import_id: UUID, mapping: Mapping) -> None:
    """What each column is. Raises NotMapped for targets or codes that do not exist."""
    row, facts = _unrun(staff, import_id)
    possible = {one.code for one in casebook.targets()} | {
        casebook.RECORD, casebook.LEAVE_OUT, casebook.IDENTITY, casebook.LANGUAGE
    }
    if not set(mapping.columns) <= possible or mapping.language not in casebook.SPOKEN:
        raise NotMapped("A column was given to a field that does not exist.")
    facts.mapping, facts.account = mapping, None
    _save(staff, row, facts)


def try_out(*, staff: OpenStaff, import_id: UUID) -> Account:
    """The dry run: what would happen to each row now. Nothing is written but this account, sealed."""
    row, facts = _unrun(staff, import_id)
    if facts.mapping is None:
        raise NotMapped("It is not said yet which column is which.")
    content = spreadsheets.read(facts.held, facts.mapping.sheet, facts.choices)
    facts.account = import_runs.account(row.id, content, facts.mapping)
    _save(staff, row, facts)
    return facts.account


def run(*, staff: OpenStaff, import_id: UUID) -> None:
    """Make the cases, in the background. A second call, or a second process, changes nothing."""
    row, facts = _mine(staff, import_id)
    if row.state not in ("uploaded", "stopped", "running"):
        return
    if facts.mapping is None or facts.mapping.odd not in casebook.ODD or facts.account is None:
        raise NotMapped("This import was not tried out yet.")
    if row.state != "running":
        Import.objects.filter(id=row.id, state__in=("uploaded", "stopped")).update(
            state="running", beat_at=None, total=facts.account.counts.get("made", 0)
        )
    import_runs.start(staff, row.id)


def undo(*, staff: OpenStaff, import_id: UUID) -> None:
    """Erase the cases of an import that nobody has written to since, in the background. Within the hour."""
    row, facts = _mine(staff, import_id)
    if row.state == "undoing":
        import_runs.start(staff, row.id)
        return
    if row.state != "done" or not _known(row, facts).minutes_left:
        raise TooLate("An import can be taken back within one hour only.")
    if Import.objects.filter(id=row.id, state="done").update(state="undoing", beat_at=None, done=0):
        import_runs.start(staff, row.id)


def drop(*, staff: OpenStaff, import_id: UUID) -> None:
    """Throw the sheet and its account away. Cases that were made stay."""
    row, _ = _mine(staff, import_id)
    if row.state in ("running", "undoing"):
        raise DeskError("This import is still being worked on.", code="busy", advice="Wait until it is done.")
    _drop(row)


def row_of(staff: OpenStaff, case_id: UUID) -> payloads.Imported | None:
    """The row that a case was made from, if it came from a sheet."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.read")
    bulk.count(staff, (case_id,))
    items = Item.objects.filter(case_id=case_id, kind="imported").select_related("key").order_by("sequence")
    for one in opening.read_items(opened, items)[0]:
        if one.proven and isinstance(one.payload, payloads.Imported):
            return one.payload
    return None


def digest_of(content: str) -> bytes:
    """What a row is recognised by: only this installation can make it, and only of the whole row."""
    return site.keyed_hash("imported-row", content)


# --- the sealed record ---

def _label(row: Import) -> str:
    return f"import:{row.id}"


def _keep(staff: OpenStaff, row: Import, facts: Facts) -> None:
    row.facts = seal.seal_to_self(staff.keys.kex.public, _label(row), staff.id, msgspec.msgpack.encode(facts))


def _save(staff: OpenStaff, row: Import, facts: Facts) -> None:
    _keep(staff, row, facts)
    Import.objects.filter(id=row.id).update(facts=row.facts)


def _facts(staff: OpenStaff, row: Import) -> Facts:
    raw = seal.open_to_self(staff.keys.kex.private, _label(row), staff.id, bytes(row.facts))
    try:
        return msgspec.msgpack.decode(raw, type=Facts)
    except msgspec.DecodeError:
        raise seal.Tampered("The record of this import is not of the kind that it says.") from None


def _mine(staff: OpenStaff, import_id: UUID) -> tuple[Import, Facts]:
    policy.require(staff.role, "none", "import.run")
    row = Import.objects.filter(id=import_id, staff_id=staff.id).first()
    if row is None:
        raise NotFound(NO_IMPORT, advice="Go back to the list of imports.")
    return row, _facts(staff, row)


def _unrun(staff: OpenStaff, import_id: UUID) -> tuple[Import, Facts]:
    row, facts = _mine(staff, import_id)
    if row.state != "uploaded":
        raise DeskError("This import was run already.", code="run-already", advice="Bring the sheet once more.")
    return row, facts


def _known(row: Import, facts: Facts) -> Known:
    left = 0
    if row.state == "done" and row.beat_at is not None:
        left = max(0, int((row.beat_at + UNDO - clock.now()).total_seconds() // 60))
    return Known(row.id, facts.held.name, row.state, row.made_on, row.done, row.total, facts.account, left)


def _drop(row: Import) -> None:
    Import.objects.filter(id=row.id).delete()
    if row.name:
        transaction.on_commit(functools.partial(blobs.remove, row.name))
