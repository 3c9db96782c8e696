"""Reports that may be told twice: proposed from identifiers that few cases share and from texts that are nearly alike.

Only among cases that the same person reads, and never decided by the machine: somebody compares the two side by side,
and says same, related or different, with a reason that stands in both. "Same" links them; nothing is moved or merged.
A pair about which a person has spoken is not proposed again, unless they take it back.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Max

from amparo.desk import (
    bulk,
    casetexts,
    casework,
    clock,
    custody,
    identifiers,
    likeness,
    marks,
    opening,
    payloads,
    policy,
    searchsheets,
    team_key,
    writing,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import DeskError
from amparo.desk.folding import fold
from amparo.desk.opening import OpenCase, Read
from amparo.desk.records import Case, Grant, Item
from amparo.desk.searchpart import PARTS

VERDICTS = ("same", "related", "different")
TAKEN_BACK = "open"  # a verdict that undoes the one before
RARE = 5  # cases of the whole desk: what more of them carry is a platform's or a campaign's, and no sign of a double
WEAK = ("domain",)  # a sign only beside another one: a newspaper is not a duplicate
WEAK_LIKENESS = 0.2
_FEW = 800  # ids of one question to the database
CHEAP = 1_000  # cases up to which a page compares by itself what has changed


class NoVerdict(DeskError):
    code = "verdict"
    advice = "Choose whether the two reports are the same, related or different."


class Proposal(msgspec.Struct, frozen=True):
    """Two cases of mine to compare. `alike`: the Jaccard index of their accounts; `shared`: how many identifiers."""

    case: UUID
    other: UUID
    alike: float
    shared: int


class Side(msgspec.Struct, frozen=True):
    """One of two reports, covered, as it is compared."""

    case: UUID
    version: int
    state: str
    opened_on: dt.date
    texts: tuple[str, ...]


class Comparison(msgspec.Struct, frozen=True):
    """What a person said of a pair."""

    other: UUID
    verdict: str
    why: str
    who: str
    at: dt.datetime


class Pair(msgspec.Struct, frozen=True):
    """Two reports side by side, and what they share in what is not covered."""

    left: Side
    right: Side
    shared: tuple[identifiers.Identifier, ...]
    alike: float
    said: Comparison | None


_Stored = list[tuple[bytes, bytes, float, int]]
_Sharing = dict[tuple[int, int], list[identifiers.Identifier]]


def proposals(staff: OpenStaff) -> tuple[Proposal, ...]:
    """The pairs to compare, likeliest first, brought up to date; those known so far while sheets are being built."""
    policy.require(staff.role, "none", "queue.see")
    if searchsheets.refresh(staff) is None:
        head = searchsheets.read_head(staff)
        if head.compared != head.seen:
            head.twins, head.compared = msgspec.msgpack.encode(_compare(staff)), head.seen
            searchsheets.write_head(staff, head)
    return _known(staff)


def of(staff: OpenStaff) -> dict[UUID, tuple[UUID, ...]]:
    """Case -> the cases it may be a double of, for a queue: cheap, so that a large desk is compared on its own page."""
    head = searchsheets.read_head(staff)
    last = Case.objects.aggregate(last=Max("changed"))["last"] or 0
    if head.compared != last and Case.objects.count() <= CHEAP:
        found = proposals(staff)
    else:
        found = _known(staff)
    pairs: dict[UUID, tuple[UUID, ...]] = defaultdict(tuple)
    for one in found:
        pairs[one.case] += (one.other,)
        pairs[one.other] += (one.case,)
    return dict(pairs)


def _known(staff: OpenStaff) -> tuple[Proposal, ...]:
    raw = searchsheets.read_head(staff).twins
    stored = msgspec.msgpack.decode(raw, type=_Stored) if raw else []
    named = {UUID(bytes=one) for row in stored for one in row[:2]}
    if len(named) > _FEW:
        mine = {UUID(bytes=one) for one in searchsheets.held(staff.id)}
    else:
        grants = Grant.objects.filter(staff_id=staff.id, kind="staff", case_id__in=named)
        mine = set(grants.exclude(case__state="erasing").values_list("case_id", flat=True))
    found = (Proposal(UUID(bytes=left), UUID(bytes=right), alike, shared) for left, right, alike, shared in stored)
    return tuple(one for one in found if one.case in mine and one.other in mine)


def _compare(staff: OpenStaff) -> _Stored:
    """All pairs among the cases of the sheets: two passes over the parts, the second for candidates only."""
    mine = searchsheets.held(staff.id)
    cases: list[UUID] = []
    signatures: list[bytes] = []
    carried: dict[identifiers.Identifier, list[int]] = defaultdict(list)
    decided: set[tuple[bytes, bytes]] = set()
    for number in range(PARTS):
        part = searchsheets.read_part(staff, number)
        for place in range(len(part)):
            case = part.case(place)
            if case.bytes not in mine:
                continue
            for identifier in part.identifiers(place):
                carried[identifier].append(len(cases))
            decided.update((case.bytes, other) for other, verdict in part.decided(place) if verdict != TAKEN_BACK)
            cases.append(case)
            signatures.append(part.signature(place))
    strong, weak = _sharing(staff, carried)
    near = set(likeness.candidates(signatures)) | strong.keys() | weak.keys()
    open_pairs = {
        (left, right) for left, right in near
        if not {(cases[left].bytes, cases[right].bytes), (cases[right].bytes, cases[left].bytes)} & decided
    }
    accounts = _accounts(staff, {cases[place] for pair in open_pairs for place in pair})
    nothing = _Account(set(), set())
    found: _Stored = []
    for left, right in open_pairs:
        one, other = accounts.get(cases[left], nothing), accounts.get(cases[right], nothing)
        alike = likeness.jaccard(one.shingles, other.shingles)
        if not signatures[left] or not signatures[right]:
            alike = 0.0  # too short to be alike by more than chance
        # The same sender in two people's evidence is one campaign; one of them must have told of it herself.
        shared = sum(_plain(each) in one.identifiers | other.identifiers for each in strong.get((left, right), ()))
        if shared or alike >= likeness.ALIKE or ((left, right) in weak and alike >= WEAK_LIKENESS):
            found.append((cases[left].bytes, cases[right].bytes, alike, shared))
    return sorted(found, key=lambda row: (-row[2] - min(row[3], 3) / 3, row[0], row[1]))


def _sharing(
    staff: OpenStaff, carried: dict[identifiers.Identifier, list[int]]
) -> tuple[_Sharing, _Sharing]:
    """(pairs that share rare identifiers, pairs that share rare domains), each with which."""
    several = {one: places for one, places in carried.items() if 2 <= len(places) <= RARE}
    often: dict[identifiers.Identifier, int] = {}
    if several and (key := team_key.open_key(staff)) is not None:
        by_mark = {mark: one for one in several for mark in marks.of(key, [one])}
        often = {by_mark[mark]: count for mark, count in marks.how_often(by_mark).items()}
    strong: _Sharing = defaultdict(list)
    weak: _Sharing = defaultdict(list)
    for one, places in several.items():
        if often.get(one, 0) <= RARE:
            for pair in combinations(sorted(places), 2):
                (weak if one[0] in WEAK else strong)[pair].append(one)
    return strong, weak


class _Account(msgspec.Struct, frozen=True):
    """What somebody told, to be compared."""

    shingles: set[int]
    identifiers: set[identifiers.Identifier]


def _plain(one: identifiers.Identifier) -> identifiers.Identifier:
    """As it stands in folded text."""
    return one[0], fold(one[1])


def _accounts(staff: OpenStaff, wanted: set[UUID]) -> dict[UUID, _Account]:
    """The accounts of these cases."""
    found: dict[UUID, _Account] = {}
    if not wanted:
        return found
    for number in range(PARTS):
        part = searchsheets.read_part(staff, number)
        for place in range(len(part)):
            if (case := part.case(place)) in wanted:
                text = part.account(place).decode("utf-8", "surrogatepass")
                named = {_plain(each) for each in identifiers.find([text])}
                found[case] = _Account(likeness.shingles(text), named)
    return found


def side_by_side(staff: OpenStaff, case_id: UUID, other: UUID) -> Pair:
    """The two reports, covered. Raises NotFound unless both are mine."""
    opened = [opening.for_staff(staff.id, staff.keys.kex.private, one) for one in (case_id, other)]
    policy.require(staff.role, "granted", "case.twin")
    bulk.count(staff, (case_id, other))
    reads = [_reads(one) for one in opened]
    accounts = [casetexts.account(one) for one in reads]
    shared = set(identifiers.find(casetexts.told(reads[0]))) & set(identifiers.find(casetexts.told(reads[1])))
    forms = [likeness.shingles(fold("\n".join(one))) for one in accounts]
    left, right = (_side(one, texts) for one, texts in zip(opened, accounts, strict=True))
    said = _said(opened[0], reads[0]).get(other)
    return Pair(left, right, tuple(sorted(shared)), likeness.jaccard(*forms), said)


def linked(staff: OpenStaff, case_id: UUID) -> tuple[Comparison, ...]:
    """What people said of this case beside others, newest word only; what was taken back is left out."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.twin")
    return tuple(_said(opened, _reads(opened)).values())


def _reads(opened: OpenCase) -> list[Read]:
    rows = Item.objects.filter(case=opened.case, kind__in=(*casetexts.KINDS, "twin")).select_related("key")
    return opening.read_items(opened, rows.order_by("sequence"))[0]


def _side(opened: OpenCase, texts: Iterable[str]) -> Side:
    case = opened.case
    return Side(case.id, case.version, case.state, case.opened_on, tuple(texts))


def _said(opened: OpenCase, reads: Iterable[Read]) -> dict[UUID, Comparison]:
    found: dict[UUID, Comparison] = {}
    for one in reads:
        said = one.payload
        if isinstance(said, payloads.Twin) and one.proven:
            found.pop(said.other, None)
            if said.verdict != TAKEN_BACK:
                person = opened.people.get(one.author_id)
                found[said.other] = Comparison(
                    said.other, said.verdict, said.why, person.pseudonym if person else "?", said.at
                )
    return found


def say(
    *, staff: OpenStaff, case_id: UUID, other: UUID, verdict: str, why: str, close: UUID | None = None,
    version: int | None = None, other_version: int | None = None,
) -> None:
    """A person's word about the pair, into both cases. With "same", `close` may name the one to be closed."""
    if verdict not in VERDICTS or (close is not None and (verdict != "same" or close not in (case_id, other))):
        raise NoVerdict("It is not said what the two reports are to one another.")
    _write(staff, case_id, other, verdict, why, version, other_version, close)


def take_back(*, staff: OpenStaff, case_id: UUID, other: UUID, why: str, version: int | None = None) -> None:
    """Undo what was said: the pair is open again. A state that was set stays, and is set back by hand."""
    _write(staff, case_id, other, TAKEN_BACK, why, version, None, None)


def _write(
    staff: OpenStaff, case_id: UUID, other: UUID, verdict: str, why: str, version: int | None,
    other_version: int | None, close: UUID | None,
) -> None:
    if not why.strip():
        raise casework.WhyMissing("There is no reason.")
    if case_id == other:
        raise NoVerdict("A report can't be compared with itself.")
    with (
        transaction.atomic(), change(staff, case_id, "case.twin", version) as mine,
        change(staff, other, "case.twin", other_version) as theirs,
    ):
        for one, to in ((mine, other), (theirs, case_id)):
            said = payloads.Twin(at=clock.now(), other=to, verdict=verdict, why=why.strip())
            writing.write_item(case=one.case, payload=said, author=staff.author(), epoch=one.epoch)
        custody.record(*(
            custody.entry("compared", case=one, actor_kind="staff", actor=staff.id)  # with what, only the seal tells
            for one in (case_id, other)
        ))
        if close is not None:
            casework.set_state(staff=staff, case_id=close, state="closed", why=why)
