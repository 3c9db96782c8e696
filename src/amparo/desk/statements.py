"""The statements of one case for the escalation watch: what the report, the examinations and colleagues say.

Ids are made of what is said, not of where it lies, so that the same answer given again is the same statement. What
the reporter changes or takes back stays, as withdrawn; only a refutation that a colleague signed takes it away.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from uuid import UUID

import msgspec

from amparo.desk import consenting, payloads, weighing, working
from amparo.desk.opening import Read
from amparo.mitigate.escalation import Watch
from amparo.words import escalation as said
from amparo.words import times
from amparo.words.errors import AmparoError
from amparo.words.findings import Verdict

KINDS = ("answers", "finding", "decision", "triage", "statement", "assessment", "withdrawal", "consent", "taken-down")
SOON = dt.timedelta(days=3)  # "within the next three days", asked on the day of the report
_ASKED = {
    "danger": "danger-now", "home-known": "home-known", "dated-threat": "dated-threat",
    "earlier-offline": "earlier-offline", "dependants": "dependants", "under-18": "under-18",
    "device-use": "device-use",
}
_ANSWERS = {  # what else is an answer to a standing question
    ("threats", "offline-attack"): ("earlier-offline", "yes"),
    ("threats", "surveillance"): ("earlier-offline", "unsure"),
    # "a possible arrest, or somebody is detained now": which of the two is not said
    ("soon", "detention"): ("danger-now", "unsure"),
    ("they-know", "no"): ("knows", "no"), ("they-know", "unsure"): ("knows", "unsure"),
}
_EVENTS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("exposed", "home"): ("doxing", ("home-address",)), ("exposed", "workplace"): ("doxing", ("workplace",)),
    ("exposed", "family"): ("doxing", ("family",)), ("access", "no"): ("account-taken", ()),
    ("threats", "harassment"): ("insult", ()), ("threats", "doxing"): ("doxing", ()),
    ("threats", "stalkerware"): ("stalkerware-sign", ()), ("threats", "phishing"): ("phishing", ()),
    ("threats", "impersonation"): ("impersonation", ()), ("threats", "intimate-image"): ("intimate-image", ()),
    ("threats", "smear"): ("smear", ()), ("threats", "gendered-disinformation"): ("smear", ()),
    ("threats", "censorship"): ("takedown", ()), ("threats", "shutdown"): ("shutdown", ()),
}
_AHEAD = {"hearing": "hearing", "travel": "travel", "event": "event"}
_KNOWS = {"does-not-know": "no", "cannot-be-asked": "unsure"}


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a statement comes from. `sort`: report, finding, colleague, triage.

    `question` and `answer` are of the report; `item` is the finding or the colleague's writing; `case` and `origin`
    name the statement of another case that it was taken along from.
    """

    sort: str
    said: said.Statement
    who: UUID | None = None
    at: dt.datetime | None = None
    question: str = ""
    answer: str = ""
    item: UUID | None = None
    text: str = ""
    timeline: UUID | None = None
    case: UUID | None = None
    origin: str = ""
    proven: bool = True


class Signed(msgspec.Struct, frozen=True):
    """The newest signed assessment."""

    by: UUID
    payload: payloads.Assessment


class Told(msgspec.Struct, frozen=True):
    """Everything said about one case, by id; `begun`: a colleague has added to the watch, or signed it.

    `before`: what earlier assessments rested on, all of them together: a row that is gone, or whose writer has new
    keys, takes nothing away.
    """

    sources: dict[str, Source]
    signed: Signed | None
    before: Watch | None
    begun: bool

    @property
    def statements(self) -> tuple[said.Statement, ...]:
        """In the order in which it was said."""
        return tuple(one.said for one in self.sources.values())

    @property
    def refuted(self) -> frozenset[str]:
        """Ids that do not hold, by a colleague's word."""
        gone: set[str] = set()
        for one in reversed(self.statements):
            if isinstance(one, said.Refutation) and one.id not in gone:
                gone.add(one.of)
        return frozenset(gone)

    def turns(self, today: dt.date) -> dt.date | None:
        """The next day on which the level may change though nobody writes: something comes near, or is over."""
        days = (
            one.on + dt.timedelta(days=off) for one in self.statements if isinstance(one, said.Ahead)
            for off in (-4, -3, 1, 2)
        )
        return min((day for day in days if day > today), default=None)


def told(case_id: UUID, reads: Iterable[Read]) -> Told:
    """From the opened items of a case (of KINDS at least), in their order."""
    everything = list(reads)
    report, found = _Report(), _Found()
    for one in everything:
        payload = one.payload
        if isinstance(payload, payloads.Statement) and (one.proven or payload.what != "refute"):
            found.written(one, payload)
        if not one.proven:
            continue
        if isinstance(payload, payloads.Answers) and one.item.channel == "staff":
            report.answered(payload, found)
        elif isinstance(payload, payloads.TakenDown) and payload.on_behalf in _KNOWS:
            found.add(Source(sort="colleague", who=one.author_id, at=payload.at, item=one.item.id, said=said.Answer(
                id=f"s:{one.item.id}", at=payload.at.date(), question="knows", value=_KNOWS[payload.on_behalf])))
    _findings(everything, found)
    by_sort = {id_: source.sort for id_, source in found.sources.items()}
    gone = set(report.gone())
    if _withdrawn(everything):
        gone |= {id_ for id_, sort in by_sort.items() if sort in ("report", "finding")}
    if "finding" in by_sort.values() and "examine" not in consenting.standing(case_id, everything).purposes:
        gone |= {id_ for id_, sort in by_sort.items() if sort == "finding"}
    for of in [one for one in found.sources if one in gone]:
        source = found.sources[of]
        found.add(Source(sort=source.sort, at=source.at, said=said.Withdrawal(
            id=f"w:{of}", at=source.said.at, of=of)))
    _triage(everything, found)
    signed, before = _assessed(everything)
    return Told(found.sources, signed, before, found.begun or before is not None)


class _Found:
    """Statements by id in the order in which they were said."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self.begun = False

    def add(self, source: Source) -> None:
        self.sources.setdefault(source.said.id, source)

    def written(self, one: Read, payload: payloads.Statement) -> None:
        """Also of unproven origin: a colleague with new keys proves nothing any more, and what they added must still
        count. What a stranger puts there can only raise, is marked, and any colleague refutes it."""
        self.begun = True
        try:
            made = statement(payload, id_=f"s:{one.item.id}", by=str(one.author_id))
        except AmparoError:  # written by a newer desk, with codes that this one does not know
            return
        self.add(Source(
            sort="colleague", said=made, who=one.author_id if one.proven else None, at=payload.at, item=one.item.id,
            text=payload.text, proven=one.proven, timeline=payload.timeline, case=payload.case, origin=payload.origin,
        ))


def on_timeline(payload: payloads.Statement) -> tuple[times.Moment, str, str, str]:
    """An event for the timeline of its case: its day, venue, kind and words."""
    day = dt.datetime.combine(payload.on or payload.at.date(), dt.time(), dt.UTC)
    where = "online" if payload.kind in said.ONLINE else "offline"
    return times.Moment(day, times.Precision.DAY), where, payload.kind, payload.text


def statement(payload: payloads.Statement, *, id_: str, by: str) -> said.Statement:
    """The payload as a statement; AmparoError where it cannot be one."""
    at = payload.on if payload.what == "event" and payload.on else payload.at.date()
    match payload.what:
        case "event":
            return said.Event(id=id_, at=at, kind=payload.kind, marks=payload.marks, by=payload.by)
        case "answer":
            return said.Answer(id=id_, at=at, question=payload.kind, value=payload.value)
        case "ahead" if payload.on is not None:
            return said.Ahead(id=id_, at=at, kind=payload.kind, on=payload.on)
        case "capacity":
            return said.Capacity(id=id_, at=at, kind=payload.kind)
        case "finding":
            return said.Traced(id=id_, at=at, level=payload.kind, state=payload.value)
        case "refute":
            return said.Refutation(id=id_, at=at, of=payload.of, by=by, why=payload.text)
    raise said.StatementRefused("This is no statement.")


class _Report:
    """Answers, version after version. An answer that is gone is withdrawn; given again later, it is said anew."""

    def __init__(self) -> None:
        self.ids: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.stands: dict[tuple[str, str], str] = {}  # -> by whom the attack was, when it was said

    def answered(self, payload: payloads.Answers, found: _Found) -> None:
        answers = payload.answers
        by = next(iter(answers.get("perpetrator", ())), "unknown")
        now = {(code, value): by if (code, value) in _EVENTS else ""
               for code, values in answers.items() for value in values if _means((code, value))}
        for pair, doer in now.items():
            if self.stands.get(pair) == doer:
                continue
            id_ = f"a:{pair[0]}:{pair[1]}:{len(self.ids[pair]) + 1}"
            self.ids[pair].append(id_)
            found.add(Source(sort="report", said=_answered(id_, pair, doer, payload), at=payload.at, question=pair[0],
                             answer=pair[1]))
        self.stands = now

    def gone(self) -> Iterator[str]:
        """Ids of answers that do not stand any more."""
        for pair, ids in self.ids.items():
            if pair not in self.stands:
                yield from ids


def _means(pair: tuple[str, str]) -> bool:
    code, value = pair
    return pair in _EVENTS or pair in _ANSWERS or (code == "soon" and value in _AHEAD) or (
        code in _ASKED and value in ("yes", "no", "unsure"))


def _answered(id_: str, pair: tuple[str, str], by: str, payload: payloads.Answers) -> said.Statement:
    code, value = pair
    day = payload.at.date()
    if pair in _EVENTS:
        kind, marks = _EVENTS[pair]
        return said.Event(id=id_, at=_when(payload.answers) or day, kind=kind, marks=marks, by=by)
    if code == "soon" and value in _AHEAD:
        return said.Ahead(id=id_, at=day, kind=_AHEAD[value], on=day + SOON)
    question, meant = _ANSWERS.get(pair) or (_ASKED[code], value)
    return said.Answer(id=id_, at=day, question=question, value=meant)


def _when(answers: dict[str, list[str]]) -> dt.date | None:
    """The first day that the told time can mean: early, so that what came after it is seen as coming after."""
    try:
        return times.told(answers["when"][0]).at.date() if answers.get("when") else None
    except AmparoError:
        return None


def _findings(reads: list[Read], found: _Found) -> None:
    states = {Verdict.ACCEPTED.value: "accepted", Verdict.REJECTED.value: "rejected"}
    for one in weighing.judged(reads):
        if one.read.proven:
            seen = one.found.finding
            found.add(Source(sort="finding", item=one.read.item.id, at=one.found.at, text=seen.says, said=said.Traced(
                id=f"f:{one.read.item.id}", at=one.found.at.date(), level=seen.level.value,
                state=states.get(one.verdict or "", "open"))))


def _withdrawn(reads: list[Read]) -> bool:
    stands = False
    for one in reads:
        if isinstance(one.payload, payloads.Withdrawal) and one.proven:
            stands = not one.payload.undo
    return stands


def _triage(reads: list[Read], found: _Found) -> None:
    """A fact that a colleague refuted in triage is refuted here, too; what the reporter said anew is not."""
    for gone in working.fold(reads).seen.refuted:
        for of, source in list(found.sources.items()):
            if source.question == gone.fact:
                found.add(Source(sort="triage", who=gone.by, text=gone.why, said=said.Refutation(
                    id=f"r:{of}", at=source.said.at, of=of, by=str(gone.by), why=gone.why)))


def _assessed(reads: list[Read]) -> tuple[Signed | None, Watch | None]:
    signed, every = None, []
    for one in reads:
        if isinstance(one.payload, payloads.Assessment):
            every.append(one.payload.watch)
            if one.proven:
                signed = Signed(one.author_id, one.payload)
    if not every:
        return None, None
    newest = signed.payload.watch if signed else msgspec.structs.replace(every[-1], exposure=said.UNKNOWN_EXPOSURE)
    grounds = dict.fromkeys(ground for watch in (newest, *every) for ground in watch.grounds)
    return signed, msgspec.structs.replace(newest, grounds=tuple(grounds))
