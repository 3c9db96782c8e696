"""What staff read of a case: opened in memory for one page, verified, never kept."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db import transaction

from amparo.desk import (
    accounts,
    agreements,
    blobs,
    bulk,
    consenting,
    custody,
    escalating,
    examining,
    identities,
    membership,
    opening,
    payloads,
    policy,
    previews,
    second,
    statements,
    vetting,
    weighing,
    working,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import NotFound
from amparo.desk.opening import OpenCase, Read
from amparo.desk.pages import (
    Answer,
    CasePage,
    Copy,
    Entry,
    EvidenceCard,
    FindingCard,
    Line,
    Member,
    Unreadable,
    WhyReason,
)
from amparo.desk.records import Blob, Case, Grant, Item, LogEntry
from amparo.desk.returning import GRACE
from amparo.words import consents as purposes
from amparo.words import questionnaires, reports, times
from amparo.words.findings import NotChecked

__all__ = [
    "Answer", "CasePage", "Copy", "Entry", "EvidenceCard", "FindingCard", "Line", "Member", "Unreadable", "WhyReason",
    "case_page", "original", "preview", "relation",
]
# Not on the timeline: these have a place of their own on the page.
_ELSEWHERE = (
    payloads.Answers, payloads.Note, payloads.Decision, payloads.Assignment, payloads.Task, payloads.Wave,
    payloads.HandOver, payloads.Walk, payloads.CheckIn,
)
LARGEST_SHOWN = 16_000_000  # bytes of a preview
APART = ("preview", "identity", "conversation")  # not opened with the case: copies are read below, the others elsewhere


def relation(staff: OpenStaff, case_id: UUID) -> str:
    """"granted" or "none": whether this colleague holds a key of the case (a case that is not there: none)."""
    held = Grant.objects.filter(case_id=case_id, kind="staff", staff_id=staff.id).exclude(case__state="erasing")
    return "granted" if held.exists() else "none"


def version_of(case_id: UUID) -> int:
    """The version that a form about this case is made from."""
    return Case.objects.get(id=case_id).version


def _open(staff: OpenStaff, case_id: UUID, action: str) -> OpenCase:
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", action)
    return opened


def case_page(staff: OpenStaff, case_id: UUID) -> CasePage:
    """The case, opened. Raises NotFound when this colleague has no key of it."""
    opened = _open(staff, case_id, "case.read")
    bulk.count(staff, (case_id,))
    return build(opened)


def build(opened: OpenCase) -> CasePage:
    """The page of a case that is open: whoever calls this has asked the policy."""
    return _Page(opened).build()


class _Page:
    """One page being built from the items of one opened case."""

    def __init__(self, opened: OpenCase) -> None:
        self.opened, self.case = opened, opened.case
        rows = Item.objects.filter(case=self.case).exclude(kind__in=APART).select_related("key").order_by("sequence")
        self.reads, bad = opening.read_items(opened, rows)
        self.unreadable = [Unreadable(item.id, item.kind, code) for item, code in bad]
        self.filed = membership.filing_of(self.reads)
        self.judged = weighing.judged(self.reads)
        self.young = bool(self.filed and self.filed.minor) or agreements.marked(self.reads)
        self.answers = self._answers()
        self.given = self._consents()
        self.work = working.fold(self.reads)

    def who(self, read: Read) -> str:
        """The pseudonym, "reporter", "worker", or "?" where no signature proves it."""
        if not read.proven:
            return "?"
        if read.author_kind == "staff":
            person = self.opened.people.get(read.author_id)
            return person.pseudonym if person else "?"
        return read.author_kind

    def of(self, kind: type) -> list[Read]:
        return [one for one in self.reads if isinstance(one.payload, kind)]

    def _answers(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for one in self.of(payloads.Answers):
            if one.item.channel == "staff" and one.proven and isinstance(one.payload, payloads.Answers):
                found = one.payload.answers
        return found

    def _consents(self) -> tuple[str, ...]:
        return purposes.given(consenting.standing(self.case.id, self.reads).purposes, minor=self.young)

    def build(self) -> CasePage:
        case, filed = self.case, self.filed
        watch, _turns = escalating.of_case(case.id, self.reads)
        weighed = escalating.with_watch(weighing.weigh(self.answers, self.judged, self.work.seen), watch)
        members, addable = self._people()
        evidence = self._evidence()
        return CasePage(
            case=case.id, version=case.version, state=case.state, epoch=case.epoch, opened_on=case.opened_on,
            retention_on=case.retention_on, grace_until=case.withdrawn_at + GRACE if case.withdrawn_at else None,
            language=filed.language if filed else "", minor=self.young,
            gender=filed.gender if filed else "any", level=str(weighed.level.value),
            heading=weighed.why, reason=weighed.reason,
            why=tuple(WhyReason(one.code, one.says, one.facts) for one in weighed.reasons),
            would_change=weighed.would_change,
            timeline=self._timeline(), answers=self._told(), evidence=evidence, findings=self._findings(),
            not_checked=self._not_checked(evidence), dialogue=self._lines("dialogue"), notes=self._lines("notes"),
            members=members, addable=addable,
            consents=tuple((code, code in self.given) for code in purposes.CODES),
            unreadable=tuple(self.unreadable), notices=self._notices(), work=self.work,
            vetted=vetting.newest(self.reads),
        )

    def _told(self) -> tuple[Answer, ...]:
        asked = questionnaires.load("report")
        found = []
        for code, values in self.answers.items():
            question = asked.question(code)
            if code == "files":
                continue
            typed = question is None or question.kind in ("text", "date")
            found.append(Answer(
                code, question.text if question else code, () if typed else tuple(values),
                "\n".join(values) if typed else "",
            ))
        return tuple(found)

    def _lines(self, which: str) -> tuple[Line, ...]:
        lines = []
        for one in self.reads:
            payload = one.payload
            if which == "notes" and isinstance(payload, payloads.Note):
                lines.append(Line(one.item.id, self.who(one), payload.text, payload.at, one.proven, "note"))
            elif which == "dialogue" and isinstance(payload, payloads.Message):
                lines.append(Line(one.item.id, self.who(one), payload.text, payload.at, one.proven))
            elif which == "dialogue" and isinstance(payload, payloads.Result):
                text = f"{payload.says}\n{payload.does_not_say}\n\n{payload.text}".strip()
                lines.append(Line(one.item.id, self.who(one), text, payload.at, one.proven, "result"))
            elif which == "dialogue" and isinstance(payload, payloads.Withdrawal):
                kind = "withdrawal-undone" if payload.undo else "withdrawal"
                lines.append(Line(one.item.id, self.who(one), "", payload.at, one.proven, kind))
        return tuple(lines)

    def _timeline(self) -> tuple[Entry, ...]:
        entries = []
        told = reports.from_answers(self.case.id, self.answers)
        if told.when is not None:
            text = " ".join(self.answers.get("what-happened", ()))[:300]
            venue = told.venue.value if told.venue else "both"
            entries.append(Entry(told.when, "told", venue, text, self.case.id, "reporter", True))
        for one in self.reads:
            entry = self._entry(one)
            if entry is not None:
                entries.append(entry)
        for one in self.judged:
            seen = one.found.finding
            entries.append(Entry(
                seen.when, "finding", "online", seen.says, one.read.item.id, self.who(one.read), one.read.proven,
                value=one.verdict or "undecided",
            ))
        return tuple(times.timeline(entries, when=lambda entry: entry.when))

    def _entry(self, one: Read) -> Entry | None:
        payload = one.payload
        if payload is None or isinstance(payload, _ELSEWHERE):
            return None
        when: times.When | None = times.Moment(payload.at, times.Precision.MINUTE)
        venue, text, value = "desk", "", ""
        if isinstance(payload, payloads.Event):
            when, venue, text = payload.when, payload.venue, payload.text
        elif isinstance(payload, payloads.Statement):
            if payload.what != "event" or payload.timeline is not None:
                return None  # on the page of the escalation watch
            when, venue, value, text = statements.on_timeline(payload)
        elif isinstance(payload, payloads.FileMeta):
            text = payload.name
        elif isinstance(payload, payloads.StateChange):
            person = self.opened.people.get(payload.who) if payload.who else None
            value = person.pseudonym if person else payload.value
            return Entry(
                when, "state", venue, payload.why, one.item.id, self.who(one), one.proven, payload.what, value
            )
        elif isinstance(payload, payloads.DeviceConsent):
            text = payload.how
        elif isinstance(payload, payloads.TakenDown | payloads.Opening):
            value = payload.way
        elif isinstance(payload, payloads.Consent):
            text = ", ".join(payload.purposes)
        return Entry(when, one.item.kind, venue, text, one.item.id, self.who(one), one.proven, value=value)

    def _evidence(self) -> tuple[EvidenceCard, ...]:
        files = self.of(payloads.FileMeta)
        ids = [one.item.id for one in files]
        states = examining.states(ids)
        places = custody.places("collected", ids)
        on_disk = {blob.item_id: blob for blob in Blob.objects.filter(item_id__in=ids)}
        shown = self._previews()
        consented = {
            file for one in self.of(payloads.DeviceConsent) if one.proven
            and isinstance(one.payload, payloads.DeviceConsent) for file in one.payload.files
        }
        agreed = reports.device_consent(self.answers)
        exams = {exam.of: exam for exam in self._exams()}
        cards = []
        for one in files:
            meta, id_ = one.payload, one.item.id
            assert isinstance(meta, payloads.FileMeta)
            exam = exams.get(id_)
            device = exam is not None and (exam.code == "needs-device-consent" or bool(exam.detected))
            state = states[id_]
            if state == "none" and "examine" in self.given and self.case.exam_code == "no-worker":
                state = "waiting-for-worker"
            cards.append(EvidenceCard(
                id_, meta.name, meta.size, meta.type, meta.sha256.hex(), places.get(id_), meta.at, state,
                tuple(shown.get(id_, ())), device, agreed or id_ in consented, one.proven,
                _lost(on_disk.get(id_), meta),
            ))
        return tuple(cards)

    def _previews(self) -> dict[UUID, list[Copy]]:
        """Rendered copies by the file they show."""
        rows = Item.objects.filter(case=self.case, kind="preview").select_related("key").order_by("sequence")
        reads, bad = opening.read_items(self.opened, rows)
        self.unreadable += [Unreadable(item.id, item.kind, code) for item, code in bad]
        found: dict[UUID, list[Copy]] = {}
        for one in reads:
            try:
                shown = previews.read_preview(one.raw)
            except msgspec.DecodeError:
                self.unreadable.append(Unreadable(one.item.id, "preview", "not-understood"))
                continue
            if one.proven:
                found.setdefault(shown.of, []).append(Copy(
                    one.item.id, shown.kind, shown.says, shown.conversation, shown.messages,
                ))
        return found

    def _exams(self) -> list[examining.ExamResult]:
        found = []
        for one in self.reads:
            if one.item.kind == "exam" and one.proven:
                try:
                    found.append(examining.read_exam(one.raw))
                except msgspec.DecodeError:
                    self.unreadable.append(Unreadable(one.item.id, "exam", "not-understood"))
        return found

    def _findings(self) -> tuple[FindingCard, ...]:
        cards = []
        told = {one.payload.finding for one in self.of(payloads.Result)
                if one.proven and isinstance(one.payload, payloads.Result)}
        for one in self.judged:
            by = self.opened.people.get(one.by) if one.by else None
            cards.append(FindingCard(
                one.read.item.id, one.found.of, one.found.finding, one.verdict, one.why,
                by.pseudonym if by else "", one.read.proven, one.read.item.id in told,
            ))
        return tuple(cards)

    def _not_checked(self, evidence: Iterable[EvidenceCard]) -> tuple[NotChecked, ...]:
        """What no detector looked at: as the exams say, and every file that has no finished exam."""
        newest = {exam.of: exam for exam in self._exams()}
        found = [part for exam in newest.values() for part in exam.not_checked]
        for card in evidence:
            if card.item not in newest:
                found.append(NotChecked("exam", card.name, examining.SAYS.get(card.exam, "Not examined.")))
            elif newest[card.item].code not in ("done",):
                found.append(NotChecked("exam", card.name, newest[card.item].says or newest[card.item].code))
        return tuple(found)

    def _people(self) -> tuple[tuple[Member, ...], tuple[Member, ...]]:
        held = set(Grant.objects.filter(case=self.case, kind="staff").values_list("staff_id", flat=True))
        kept_out = membership.conflicts_in(self.reads)
        on, off = [], []
        for one in sorted(self.opened.people.values(), key=lambda person: person.pseudonym):
            if not one.active or one.role not in policy.MEMBER_ROLES:
                continue
            member = Member(one.id, one.pseudonym, one.role)
            if one.id in held:
                on.append(member)
            elif one.id not in kept_out and self.filed is not None and not (
                self.filed.excluded.covers(one.role, one.pseudonym)
            ):
                off.append(member)
        return tuple(on), tuple(off)

    def _notices(self) -> tuple[str, ...]:
        found = []
        if self.filed is None:
            found.append("filing-not-proven")
        if self.case.exam_code in ("no-worker", "carried") and "examine" in self.given:
            found.append(self.case.exam_code)
        if self.case.state == "withdrawn":
            found.append("withdrawn")
        if identities.kept_apart(self.case.id):
            found.append("identity")
        if Grant.objects.filter(case=self.case, kind="staff", staff__state="removed").exists():
            found.append("rekey-waiting")
        claimed = Grant.objects.filter(case=self.case, kind="staff").values_list("staff_id", flat=True)
        if self.filed is not None and set(claimed) - self.opened.epoch.reader_ids:
            found.append("stranger-granted")
        return tuple(found)


def _lost(blob: Blob | None, meta: payloads.FileMeta) -> bool:
    """Whether the sealed file is gone, or not the one whose facts the reporter signed."""
    if blob is None or blob.size != meta.sealed_size or bytes(blob.sha256) != meta.sealed_sha256:
        return True
    try:
        return blobs.path_of(blob.name).stat().st_size != blob.size
    except OSError:
        return True


def _viewed(staff: OpenStaff, case: Case, item: UUID, what: str) -> None:
    with transaction.atomic():
        custody.record(custody.entry(
            "viewed", case=case.id, item=item, actor_kind="staff", actor=staff.id, detail=(what,)
        ))


def original(staff: OpenStaff, case_id: UUID, item: UUID) -> tuple[blobs.BlobReader, int, str]:
    """(readable, seekable file; its size; its media type as sent). Writes "viewed" to the custody log.

    Of somebody under 18 a second person approves it first (NeedsSecond): what is on a colleague's disk has left. The
    reader holds no database connection: a slow download stalls nobody.
    """
    opened = _open(staff, case_id, "evidence.original")
    read = opening.read_one(opened, item, "file")
    assert isinstance(read.payload, payloads.FileMeta)
    bulk.count(staff, (item,))
    reader = blobs.open_blob(read.item, opening.data_key(opened, read.item))
    reader.still = lambda: accounts.stands(staff) and relation(staff, case_id) == "granted"
    with transaction.atomic():
        if second.under_18(opened):
            second.use(staff=staff, opened=opened, act="original")
        _viewed(staff, opened.case, item, "original")
    return reader, read.payload.size, read.payload.type


def preview(staff: OpenStaff, case_id: UUID, item: UUID, clear: bool = False) -> tuple[bytes, str]:
    """(bytes, media type) of a rendered copy: pictures blurred unless `clear`. Writes "viewed" to the log."""
    opened = _open(staff, case_id, "evidence.preview")
    bulk.count(staff, (case_id,))
    read = opening.read_one(opened, item, "preview")
    if not read.proven:
        raise NotFound("No worker of this desk has signed this copy.", advice="Ask for an examination again.")
    shown = previews.read_preview(read.raw)
    _viewed(staff, opened.case, item, "clear" if clear and shown.kind == "image" else "copy")
    if shown.kind == "image":
        return (shown.data if clear else shown.blurred)[:LARGEST_SHOWN], shown.media_type
    headers = "".join(f"{name}: {value}\n" for name, value in shown.headers)
    text = "\n".join(part for part in (shown.says, headers, shown.text) if part)
    return text.encode(), "text/plain"


def log_of(staff: OpenStaff, case_id: UUID) -> tuple[custody.LogLine, ...]:
    """The custody log's lines of one case."""
    _open(staff, case_id, "case.read")
    return custody.lines(case=case_id, newest=LogEntry.objects.filter(case=case_id).count())


