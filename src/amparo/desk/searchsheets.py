"""Keeping the search sheets of a colleague true: opened once, and again where a case has changed since.

Parts are written whole, in transactions that look again at who holds what: a case that was erased, or taken from
this colleague meanwhile, is never written back. First builds run in the background; no clear text touches the disk.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import F, Max

from amparo import seal
from amparo.desk import casetexts, directory, identifiers, likeness, marks, opening, payloads, team_key
from amparo.desk.accounts import OpenStaff
from amparo.desk.folding import fold
from amparo.desk.opening import OpenCase, Read
from amparo.desk.records import Case, CaseEpoch, Grant, Item, SearchSheet
from amparo.desk.searchpart import HEAD, PARTS, Entry, Part, part_of

log = logging.getLogger("amparo.desk.search")
AT_ONCE = 300  # changed cases that a page waits for; more are read in the background
CHUNK = 200  # cases opened at a time
TOGETHER = 16  # parts written in one transaction, about 1.3 MB each at 20,000 cases
_LABEL = "search-2"  # another one whenever other texts are searched: sheets of before are made anew
_KINDS = (*casetexts.KINDS, "opening", "twin")
_HELD = ("SELECT case_id FROM desk_grant WHERE staff_id = %s AND kind = 'staff' "
         "AND case_id NOT IN (SELECT id FROM desk_case WHERE state = 'erasing')")
# "+" keeps SQLite off the index of the colleague, which holds all their cases
_HELD_OF_PART = _HELD.replace("WHERE staff_id", "WHERE +staff_id") + " AND case_id >= %s AND case_id < %s"
_building: dict[UUID, tuple[int, int]] = {}  # colleague -> (cases read, cases to read); this process serves alone
_lock = threading.Lock()


class Head(msgspec.Struct, array_like=True):
    """How far all parts are together, and what was found by comparing them (duplicates.py)."""

    seen: int = 0
    generation: int = 0
    twins: bytes = b""  # of duplicates.py
    compared: int = 0  # the place of the last change that `twins` knows of


def read_head(staff: OpenStaff) -> Head:
    raw = _read(staff, HEAD)
    try:
        return msgspec.msgpack.decode(raw, type=Head) if raw else Head()
    except msgspec.DecodeError:
        return Head()


def write_head(staff: OpenStaff, head: Head) -> None:
    _write(staff, {HEAD: _sealed(staff, HEAD, msgspec.msgpack.encode(head))})


def read_part(staff: OpenStaff, number: int) -> Part:
    """A stored part; an empty one if there is none, or if it is not as it was sealed."""
    raw = _read(staff, number)
    try:
        return Part.decode(raw) if raw else Part()
    except ValueError:
        _lost(staff, number)
        return Part()


def _read(staff: OpenStaff, number: int) -> bytes:
    row = SearchSheet.objects.filter(staff_id=staff.id, number=number).values_list("body", flat=True).first()
    if row is None:
        return b""
    try:
        return seal.open_to_self(staff.keys.kex.private, f"{_LABEL}-{number}", staff.id, bytes(row))
    except seal.SealError:
        _lost(staff, number)
        return b""


def _lost(staff: OpenStaff, number: int) -> None:
    """A part is not as it was sealed: away with it, and with the word that all parts are there."""
    log.warning("search.part-rebuilt")
    SearchSheet.objects.filter(staff_id=staff.id, number__in=(number, HEAD)).delete()


def whole(staff: OpenStaff) -> bool:
    """Whether every part could be read since the last refresh."""
    return SearchSheet.objects.filter(staff_id=staff.id, number=HEAD).exists()


def _sealed(staff: OpenStaff, number: int, raw: bytes) -> bytes:
    return seal.seal_to_self(staff.keys.kex.public, f"{_LABEL}-{number}", staff.id, raw)


def _write(staff: OpenStaff, sealed: Mapping[int, bytes]) -> None:
    rows = [SearchSheet(staff_id=staff.id, number=number, body=body) for number, body in sealed.items()]
    SearchSheet.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["staff", "number"], update_fields=["body"]
    )


def held(staff_id: UUID, number: int | None = None) -> set[bytes]:
    """The cases that this colleague holds a key of, 16 bytes each, erased ones left out: all, or those of one part."""
    question, given = _HELD, [staff_id.hex]
    if number is not None:
        question = _HELD_OF_PART
        given += [f"{number * 256 // PARTS:02x}", f"{(number + 1) * 256 // PARTS - 1:02x}g"]  # "g": after every digit
    with connection.cursor() as cursor:
        cursor.execute(question, given)
        return {bytes.fromhex(row[0]) for row in cursor.fetchall()}


def _stale(staff: OpenStaff, head: Head, key: team_key.OpenKey | None) -> tuple[dict[int, list[UUID]], set[int], int]:
    """(changed cases by part, parts whose marks are of another key, the place of the last change of all)."""
    last = Case.objects.aggregate(last=Max("changed"))["last"] or 0
    generation = key.generation if key else 0
    there = set(SearchSheet.objects.filter(staff_id=staff.id).values_list("number", flat=True))
    if HEAD in there and head.seen == last and head.generation == generation:
        return {}, set(), last
    by_part: dict[int, list[UUID]] = defaultdict(list)
    unmarked: set[int] = set()
    seen: dict[int, int] = {}
    if HEAD not in there or not head.seen or head.generation != generation:
        for number in range(PARTS):
            part = read_part(staff, number) if number in there else Part()
            seen[number] = part.seen
            if key and len(part) and part.generation != generation:
                unmarked.add(number)
    floor = min(seen.values(), default=head.seen)
    mine = Case.objects.filter(changed__gt=floor, grants__staff_id=staff.id, grants__kind="staff")
    for case, changed in mine.exclude(state="erasing").values_list("id", "changed"):
        number = part_of(case)
        if changed > seen.get(number, head.seen):
            by_part[number].append(case)
    return by_part, unmarked, last


def refresh(staff: OpenStaff) -> tuple[int, int] | None:
    """Bring the sheets up to date. None when they are; else (cases read, to read) of a build in the background."""
    with _lock:
        if staff.id in _building:
            return _building[staff.id]
    key = team_key.keep(staff)
    head = read_head(staff)
    by_part, unmarked, last = _stale(staff, head, key)
    count = sum(map(len, by_part.values()))
    if count > AT_ONCE:
        with _lock:
            if staff.id not in _building:
                _building[staff.id] = (0, count)
                threading.Thread(target=_build_and_close, args=(staff,), name="search", daemon=True).start()
        return (0, count)
    if by_part or unmarked or last != head.seen:
        _renew(staff, key, head, by_part, unmarked, last)
    return None


def _build_and_close(staff: OpenStaff) -> None:
    try:
        build(staff)
    except Exception as error:
        log.error("search.build-failed %s", type(error).__name__)
    finally:
        with _lock:
            _building.pop(staff.id, None)
        connection.close()


def build(staff: OpenStaff) -> None:
    """Read every changed case, part by part: a build that dies goes on where it was."""
    key = team_key.keep(staff)
    head = read_head(staff)
    _renew(staff, key, head, *_stale(staff, head, key))


def _renew(
    staff: OpenStaff, key: team_key.OpenKey | None, head: Head, by_part: dict[int, list[UUID]], unmarked: set[int],
    last: int,
) -> None:
    """A few parts at a time: a build of everything takes little memory and loses little when it dies, and what changes
    between two searches is opened with one question to the database and written in one or two transactions."""
    done, total = 0, sum(map(len, by_part.values()))
    for some in _loads(sorted({*by_part, *unmarked}), by_part):
        wanted = [case for number in some for case in by_part.get(number, ())]
        fresh: dict[int, list[Entry]] = defaultdict(list)
        for at in range(0, len(wanted), CHUNK):
            for opened, reads in open_many(staff, wanted[at : at + CHUNK], _KINDS):
                fresh[part_of(opened.case.id)].append(_entry(opened, reads))
            with _lock:
                if staff.id in _building:
                    _building[staff.id] = (done + at, total)
        parts = {number: read_part(staff, number) for number in some}
        marked: dict[UUID, tuple[identifiers.Identifier, ...]] = {}
        for number, part in parts.items():
            part.replace(fresh[number], by_part.get(number, ()))
            part.seen = last
            if key is not None:  # of the whole part where its marks are of another key
                entries = fresh[number] if part.generation == key.generation else part.entries()
                marked.update((one.case, one.identifiers) for one in entries)
                part.generation = key.generation
        if key is not None:
            marks.write(key, marked)
        _save(staff, parts)
        done += len(wanted)
    head.seen, head.generation = last, key.generation if key else 0
    write_head(staff, head)


def _loads(numbers: list[int], by_part: Mapping[int, list[UUID]]) -> Iterator[list[int]]:
    """The parts, TOGETHER at a time, or one by one where they hold more than CHUNK cases to read."""
    some: list[int] = []
    for number in numbers:
        some.append(number)
        if len(some) == TOGETHER or sum(len(by_part.get(one, ())) for one in some) > CHUNK:
            yield some
            some = []
    if some:
        yield some


def _save(staff: OpenStaff, parts: Mapping[int, Part]) -> None:
    """Sealed first, so that nobody else's writing waits for it; sealed again where something was taken meanwhile."""
    sealed = {number: _sealed(staff, number, part.encode()) for number, part in parts.items()}
    with transaction.atomic():
        for number, part in parts.items():
            mine = held(staff.id, number)
            if gone := [UUID(bytes=case) for case in part.ids() if case not in mine]:
                part.replace((), gone)
                sealed[number] = _sealed(staff, number, part.encode())
        _write(staff, sealed)


def open_many(
    staff: OpenStaff, wanted: Iterable[UUID], kinds: Iterable[str]
) -> Iterator[tuple[OpenCase, list[Read]]]:
    """Cases of mine, opened and covered, a few questions to the database for all. Unreadable ones are left out."""
    ids = list(wanted)
    people = directory.everyone()
    epochs: dict[UUID, list[CaseEpoch]] = defaultdict(list)
    for epoch in CaseEpoch.objects.filter(case_id__in=ids):
        epochs[epoch.case_id].append(epoch)
    items: dict[UUID, list[Item]] = defaultdict(list)
    rows = Item.objects.filter(case_id__in=ids, kind__in=(*kinds, "mask")).select_related("key")
    for item in rows.order_by("sequence"):
        items[item.case_id].append(item)
    grants = Grant.objects.select_related("case").filter(
        case_id__in=ids, kind="staff", staff_id=staff.id, epoch=F("case__epoch")
    ).exclude(case__state="erasing")
    for grant in grants:
        mine = items[grant.case_id]
        try:
            opened = opening.open_grant(
                staff.id, staff.keys.kex.private, grant.case, grant, people, epochs[grant.case_id]
            )
        except seal.SealError:
            continue
        yield opened, opening.read_items(opened, mine, [one for one in mine if one.kind == "mask"])[0]


def _entry(opened: OpenCase, reads: list[Read]) -> Entry:
    texts = casetexts.told(reads)
    decided = {
        one.payload.other.bytes: one.payload.verdict for one in reads
        if isinstance(one.payload, payloads.Twin) and one.proven
    }
    account = _form(casetexts.account(reads))
    form = _form(texts).encode("utf-8", "surrogatepass")
    return Entry(
        opened.case.id, opened.case.opened_on.toordinal(), form, identifiers.find(texts),
        likeness.signature(likeness.shingles(account)), tuple(sorted(decided.items())),
        len(account.encode("utf-8", "surrogatepass")),
    )


def _form(texts: list[str]) -> str:
    """Folded, a line for each text."""
    return "\n".join(" ".join(fold(text).split()) for text in texts)
