"""What becomes of each row of a sheet: said before (the dry run), and done (the real run). One function says both.

A run writes in small transactions, each row's digest beside its case: a process that is killed goes on later where it
was, two imports at once make nothing twice, and a colleague who is removed meanwhile makes nothing more.
"""

import datetime as dt
import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import F, Q

from amparo import seal
from amparo.desk import blobs, clock, directory, filing, payloads, policy, shredding, spreadsheets
from amparo.desk.accounts import OpenStaff
from amparo.desk.drafts import Draft
from amparo.desk.errors import NotAllowedHere
from amparo.desk.records import Import, ImportedRow
from amparo.desk.spreadsheets import Content
from amparo.gather.tables import Said
from amparo.share import casebook
from amparo.share.casebook import Mapping, Planned, Problem

if TYPE_CHECKING:
    from amparo.desk.importing import Facts

log = logging.getLogger("amparo.desk.importing")
BATCH = 20  # rows in one transaction: others wait for it no longer than a blink
UNDO_BATCH = 50
BEAT_LOST = dt.timedelta(seconds=30)  # without a sign of life
OUTCOMES = ("made", "known", "again", "left")
"""A case is made; a case was made of it before; the same row stands above; it is left out because of a problem."""


class Line(msgspec.Struct, frozen=True, array_like=True):
    """What becomes of one row. `case` is filled in once it is made; `like` is the row above that is the same."""

    number: int
    outcome: str
    problems: tuple[Problem, ...] = ()
    like: int = 0
    case: UUID | None = None


class Account(msgspec.Struct, frozen=True):
    """A whole sheet, row by row. The dry run's and the real run's are equal but for `case`."""

    lines: tuple[Line, ...]
    counts: dict[str, int]
    said: tuple[Said, ...]
    titles: tuple[str, ...] = ()  # of the columns, for telling where a problem stands
    dropped: tuple[str, ...] = ()  # columns that are not kept at all, because somebody said so
    kept: int = 0  # cases of an undone import that somebody had written to

    @property
    def odd(self) -> tuple[Line, ...]:
        """The rows with something to tell, in order."""
        return tuple(line for line in self.lines if line.problems or line.outcome != "made")


class _Weighed(msgspec.Struct, frozen=True):
    planned: Planned
    digest: bytes
    line: Line


def account(import_id: UUID, content: Content, mapping: Mapping) -> Account:
    """What becomes of each row, as the desk stands now; cases that this import made already count as made."""
    lines = tuple(one.line for one in _weigh(import_id, content, mapping))
    counts = {outcome: sum(line.outcome == outcome for line in lines) for outcome in OUTCOMES}
    counts["odd"] = sum(any(problem.grave for problem in line.problems) for line in lines)
    width = max((problem.column + 1 for line in lines for problem in line.problems), default=0)
    heading = next((one.cells for one in content.rows if one.number == mapping.heading), ())
    names = casebook.titles(heading, max(width, len(mapping.columns)))
    dropped = tuple(
        name for name, target in zip(names, mapping.columns, strict=False) if target == casebook.LEAVE_OUT
    )
    return Account(lines, counts, content.said, names, dropped)


def _weigh(import_id: UUID, content: Content, mapping: Mapping) -> Iterator[_Weighed]:
    from amparo.desk.importing import digest_of

    planned = [(one, digest_of(one.content)) for one in casebook.plan(content.rows, mapping)]
    there: dict[bytes, tuple[UUID, UUID | None]] = {}
    digests = [digest for _, digest in planned]
    for start in range(0, len(digests), 500):
        found = ImportedRow.objects.filter(digest__in=digests[start : start + 500])
        for digest, case, source in found.values_list("digest", "case_id", "source_id"):
            there[bytes(digest)] = (case, source)
    seen: dict[bytes, int] = {}
    for one, digest in planned:
        case, source = there.get(digest, (None, None))
        outcome, like = "made", 0
        if case is not None and source != import_id:
            outcome = "known"
        elif digest in seen:
            outcome, like, case = "again", seen[digest], None
        elif one.odd and mapping.odd == "leave":
            outcome = "left"
        seen.setdefault(digest, one.number)
        yield _Weighed(one, digest, Line(one.number, outcome, one.problems, like, case))


def start(staff: OpenStaff, import_id: UUID) -> None:
    """Begin or go on, unless somebody does already, in this process or another."""
    quiet = Q(beat_at=None) | Q(beat_at__lt=clock.now() - BEAT_LOST)
    rows = Import.objects.filter(quiet, id=import_id, staff_id=staff.id, state__in=("running", "undoing"))
    if rows.update(beat_at=clock.now()):
        _in_background(staff, import_id)


def _in_background(staff: OpenStaff, import_id: UUID) -> None:
    threading.Thread(target=_and_close, args=(staff, import_id), name="import", daemon=True).start()


def _and_close(staff: OpenStaff, import_id: UUID) -> None:
    try:
        work(staff, import_id)
    except Exception as error:  # its text may hold a cell: only its kind is told
        log.error("import.stopped %s", type(error).__name__)
        Import.objects.filter(id=import_id, state="running").update(state="stopped", beat_at=None)
    finally:
        connection.close()


def work(staff: OpenStaff, import_id: UUID) -> None:
    """Run or undo to the end. Whatever was done before stays done, and is not done again."""
    from amparo.desk import importing

    row = Import.objects.get(id=import_id, staff_id=staff.id)
    facts = importing._facts(staff, row)
    if row.state == "undoing":
        _take_back(staff, row, facts)
        return
    if facts.mapping is None or row.state != "running":
        return
    busy = dt.timedelta(seconds=spreadsheets.LIMITS.wall)  # no sign of life can be given while a child reads
    Import.objects.filter(id=row.id).update(beat_at=clock.now() + busy)
    content = spreadsheets.read(facts.held, facts.mapping.sheet, facts.choices)
    todo = [one for one in _weigh(row.id, content, facts.mapping) if one.line.outcome == "made"]
    waiting = [one for one in todo if one.line.case is None]
    Import.objects.filter(id=row.id).update(done=len(todo) - len(waiting), total=len(todo), beat_at=clock.now())
    sheet = content.about.sheets[facts.mapping.sheet].name
    heading = next((one.cells for one in content.rows if one.number == facts.mapping.heading), ())
    for begin in range(0, len(waiting), BATCH):
        _file_some(staff, row, sheet, heading, facts.mapping, waiting[begin : begin + BATCH])
    facts.account = account(row.id, content, facts.mapping)
    with transaction.atomic():
        importing._keep(staff, row, facts)
        Import.objects.filter(id=row.id).update(
            facts=row.facts, state="done", beat_at=clock.now(), name=None, done=F("total")
        )
    blobs.remove(facts.held.blob)


def _still_here(staff: OpenStaff) -> None:
    """Raises NotAllowedHere when the colleague was removed, locked or given another role meanwhile."""
    person = directory.everyone().get(staff.id)
    if person is None or not person.active or not policy.may(person.role, "none", "import.run"):
        raise NotAllowedHere("Your role here does not allow this.")


def _file_some(
    staff: OpenStaff, row: Import, sheet: str, heading: tuple[str, ...], mapping: Mapping, some: list[_Weighed]
) -> None:
    with transaction.atomic():  # IMMEDIATE: of two imports at once the second finds the first one's digests
        _still_here(staff)
        taken = {
            bytes(one) for one in ImportedRow.objects.filter(
                digest__in=[one.digest for one in some]).values_list("digest", flat=True)
        }
        made = []
        for one in some:
            if one.digest not in taken:
                case = _file(staff, sheet, heading, mapping, one)
                made.append(ImportedRow(digest=one.digest, case_id=case, source=row))
        ImportedRow.objects.bulk_create(made)
        Import.objects.filter(id=row.id).update(done=F("done") + len(some), beat_at=clock.now())


def _file(staff: OpenStaff, sheet: str, heading: tuple[str, ...], mapping: Mapping, one: _Weighed) -> UUID:
    planned, now = one.planned, clock.now()
    keys = seal.new_reporter_keys()
    draft = Draft(
        case=seal.case_id_for(keys.kex.public, keys.sign.public), reporter_keys=keys,
        channel_keys=seal.new_channel_keys(), answers=planned.answers, language=planned.language,
    )
    names = casebook.titles(heading, max((problem.column + 1 for problem in planned.problems), default=0))
    told = tuple(
        (names[problem.column] if problem.column >= 0 else "", problem.code, problem.value)
        for problem in planned.problems
        if problem.column < 0 or _column(mapping, problem.column) != casebook.IDENTITY
    )
    beside: list[payloads.AnyPayload] = [
        payloads.TakenDown(at=now, way="import"),
        payloads.Imported(
            at=now, sheet=sheet, row=planned.number, digest=one.digest, cells=planned.cells, problems=told
        ),
    ]
    if planned.identity:
        beside.append(payloads.Identity(at=now, text=planned.identity))
    filing.file_written_down(draft, staff=staff, beside=beside, action="imported")
    return draft.case


def _column(mapping: Mapping, column: int) -> str:
    return mapping.columns[column] if column < len(mapping.columns) else casebook.RECORD


def _take_back(staff: OpenStaff, row: Import, facts: "Facts") -> None:
    from amparo.desk import importing

    cases = list(ImportedRow.objects.filter(source=row).values_list("case_id", flat=True))
    for begin in range(0, len(cases), UNDO_BATCH):
        _still_here(staff)
        some = cases[begin : begin + UNDO_BATCH]
        shredding.shred_cases(some, actor_kind="staff", actor=staff.id, reason="import-undone", version=1)
        Import.objects.filter(id=row.id).update(done=F("done") + len(some), beat_at=clock.now())
    if facts.account is not None:
        kept = ImportedRow.objects.filter(source=row).count()
        facts.account = msgspec.structs.replace(facts.account, kept=kept)
    importing._keep(staff, row, facts)
    Import.objects.filter(id=row.id).update(facts=row.facts, state="undone", beat_at=clock.now())
