"""Search in session: the sheets are opened in memory, part by part, looked through, and forgotten.

All words must occur, in any writing of the case; words in quotes as they stand. Capitals, accents, Arabic vowel signs
and tatweel make no difference. An identifier (number, address, account, hash) is found by its mark, too, whoever reads
the case: of cases that are not mine the number is told and nothing else. What was looked for is kept nowhere. A piece
of a text counts as an opening of its case (bulk.py); beyond the number, cases are listed without.
"""

import datetime as dt
import re
from uuid import UUID

import msgspec

from amparo.desk import bulk, casetexts, identifiers, marks, policy, searchsheets, team_key
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError
from amparo.desk.folding import FORMS, fold
from amparo.desk.records import Case
from amparo.desk.searchpart import PARTS

ON_A_PAGE = 50
LONGEST = 500
_AROUND = 90  # letters of a snippet on each side of what was found
_QUOTED = re.compile("\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|„([^“”]+)[“”]")


class NothingAsked(DeskError):
    code = "search-empty"
    advice = "Type at least two letters of a word."


class Hit(msgspec.Struct, frozen=True):
    """One case that was found. `snippets`: pieces of text, each with whether it is what was looked for."""

    case: UUID
    day: dt.date
    how: str  # identifier, phrase, word (only one was asked for), words
    state: str = ""
    snippet: tuple[tuple[str, bool], ...] = ()


class Found(msgspec.Struct, frozen=True):
    """One page of what was found. While `building` (cases read, cases to read), nothing is searched yet."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    page: int = 0
    elsewhere: int = 0  # cases of colleagues, which I cannot read, that carry the identifier
    building: tuple[int, int] | None = None
    withheld: int = 0  # hits of this page without their piece: the number of an hour is reached


class _Asked(msgspec.Struct, frozen=True):
    phrase: str  # all of it, as it stands
    terms: tuple[str, ...]
    identifiers: tuple[identifiers.Identifier, ...]


def asked(words: str) -> _Asked:
    """What was typed, folded. Raises NothingAsked."""
    words = words[:LONGEST]
    terms = [" ".join(fold(text).split()) for groups in _QUOTED.findall(words) for text in groups if text]
    rest = _QUOTED.sub(" ", words)
    terms += fold(rest).split()
    kept = tuple(dict.fromkeys(term for term in terms if term and term.strip("\"'“”«»„")))
    if not kept or max(map(len, kept)) < 2:
        raise NothingAsked("There is nothing to look for.")
    phrase = " ".join(fold(_QUOTED.sub(lambda found: next(filter(None, found.groups())), words)).split())
    return _Asked(phrase, kept, identifiers.find([words]))


def find(staff: OpenStaff, words: str, page: int = 0) -> Found:
    """The cases of mine in which all words stand: identifiers and phrases first, then the newest."""
    policy.require(staff.role, "none", "queue.see")
    wanted = asked(words)
    building = searchsheets.refresh(staff)
    if building is not None:
        return Found(building=building)
    mine = searchsheets.held(staff.id)
    by_mark: set[UUID] = set()
    if wanted.identifiers and (key := team_key.open_key(staff)) is not None:
        by_mark = marks.cases_with(key, wanted.identifiers)
    marked = {case for case in by_mark if case.bytes in mine}
    found = _scan(staff, wanted, mine, marked)
    if not searchsheets.whole(staff) and searchsheets.refresh(staff) is None:
        found = _scan(staff, wanted, mine, marked)
    order = {"identifier": 0, "phrase": 1, "word": 1, "words": 2}
    ordered = sorted(found.items(), key=lambda row: (order[row[1][1]], -row[1][0], row[0].bytes))
    shown = ordered[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    allowed = bulk.pieces(staff, [case for case, _ in shown])
    hits = _shown(staff, wanted, [(case, day, how) for case, (day, how) in shown], allowed)
    withheld = sum(hit.case not in allowed for hit in hits)
    return Found(hits, len(ordered), page, len(by_mark - marked), withheld=withheld)


def _scan(
    staff: OpenStaff, wanted: _Asked, mine: set[bytes], by_mark: set[UUID]
) -> dict[UUID, tuple[int, str]]:
    """Case -> (day, how it was found)."""
    terms = [term.encode("utf-8", "surrogatepass") for term in wanted.terms]
    phrase = wanted.phrase.encode("utf-8", "surrogatepass")
    found: dict[UUID, tuple[int, str]] = {}
    for number in range(PARTS):
        part = searchsheets.read_part(staff, number)
        for place in part.places_with(terms):
            if (case := part.case(place)).bytes in mine:
                alone = len(terms) == 1 and b" " not in terms[0]
                how = "word" if alone else "phrase" if phrase in part.text(place) else "words"
                found[case] = (part.day(place), how)
    days = dict(Case.objects.filter(id__in=list(by_mark)[:900]).values_list("id", "opened_on"))
    found.update((case, (day.toordinal(), "identifier")) for case, day in days.items())
    return found


def _shown(
    staff: OpenStaff, wanted: _Asked, rows: list[tuple[UUID, int, str]], allowed: frozenset[UUID]
) -> tuple[Hit, ...]:
    """Only what stands on this page is opened, covered as it is now; of what is not allowed, the state alone."""
    pieces: dict[UUID, tuple[str, tuple[tuple[str, bool], ...]]] = {}
    mine = [case for case, _, _ in rows if case in allowed]
    for opened, reads in searchsheets.open_many(staff, mine, casetexts.KINDS):
        pieces[opened.case.id] = (opened.case.state, _snippet(casetexts.told(reads), wanted))
    closed = [case for case, _, _ in rows if case not in allowed]
    for case, state in Case.objects.filter(id__in=closed).values_list("id", "state"):
        pieces[case] = (state, ())
    return tuple(
        Hit(case, dt.date.fromordinal(day), how, *pieces[case]) for case, day, how in rows if case in pieces
    )


def _snippet(texts: list[str], wanted: _Asked) -> tuple[tuple[str, bool], ...]:
    """The neighbourhood of the first find, with everything found in it marked."""
    for terms in ((wanted.phrase,), wanted.terms):
        for text in texts:
            form, spans = _letters(text)
            first = min((at for term in terms if (at := form.find(term)) >= 0), default=-1)
            if first >= 0:
                return _pieces(text, form, spans, wanted.terms if terms is wanted.terms else terms, first)
    return _plain(texts)


def _plain(texts: list[str]) -> tuple[tuple[str, bool], ...]:
    """Found by a mark whose spelling here is another one: the beginning of the case."""
    text = " ".join(" ".join(texts[:1]).split())
    return ((text[: 2 * _AROUND] + ("…" if len(text) > 2 * _AROUND else ""), False),) if text else ()


def _letters(text: str) -> tuple[str, list[int]]:
    """The searched form of a text (one space between words), and where each letter of it comes from."""
    form: list[str] = []
    spans: list[int] = []
    for place, sign in enumerate(text):
        for letter in FORMS[ord(sign)]:
            if letter != " " or (form and form[-1] != " "):
                form.append(letter)
                spans.append(place)
    return "".join(form), spans


def _pieces(
    text: str, form: str, spans: list[int], terms: tuple[str, ...], first: int
) -> tuple[tuple[str, bool], ...]:
    low, high = max(0, spans[first] - _AROUND), min(len(text), spans[first] + 2 * _AROUND)
    marked = [False] * (high - low)
    for term in terms:
        at = form.find(term)
        while at >= 0:
            start, last = spans[at], spans[at + len(term) - 1]
            for place in range(max(start, low), min(last + 1, high)):
                marked[place - low] = True
            at = form.find(term, at + len(term))
    pieces: list[tuple[str, bool]] = [("…", False)] if low else []
    begin = low
    for place in range(low, high):
        if place + 1 == high or marked[place + 1 - low] != marked[place - low]:
            pieces.append((text[begin : place + 1], marked[place - low]))
            begin = place + 1
    return (*pieces, *([("…", False)] if high < len(text) else ()))
