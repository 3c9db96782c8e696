"""A second person: what one colleague alone may not do, asked with a reason and answered by another.

What is about one case is asked inside it, sealed like a note, so that every reader sees who asked for what and why;
what is about the desk travels in letters. An approval is good for a day and for one act; a refusal stays on record.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID, uuid4

import msgspec
from django.db import transaction

from amparo.desk import (
    agreements,
    clock,
    configuration,
    custody,
    directory,
    letters,
    membership,
    opening,
    payloads,
    policy,
    writing,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, NotAllowedHere, NotFound
from amparo.desk.opening import OpenCase
from amparo.desk.records import Grant, Item, Letter

GOOD_FOR = dt.timedelta(hours=24)
LIFTED_FOR = dt.timedelta(hours=1)  # how long an approved bulk opening goes on
ACTION = {  # act -> what one must be allowed to do in the case to ask for it
    "identity": "case.identity", "export": "case.export", "shred": "case.shred", "keep": "case.keep",
    "conflict": "case.conflict", "original": "evidence.original",
}
LEAVING = ("export", "original")  # of somebody under 18 never by one person's decision
DESK_ACTS = {"bulk": "queue.see", "export": "desk.export"}


class NeedsSecond(DeskError):
    """A colleague must approve first."""

    code = "second-person"
    advice = "Ask with a reason on the page “A second person” of the case; a colleague who reads it can approve."


class OwnRequest(NotAllowedHere):
    code = "own-request"
    advice = "Another colleague must answer, from their own account and their own computer."


class WhyMissing(DeskError):
    code = "why-missing"
    advice = "Write in a few words why; whoever answers, and a court, may ask."


class Answered(msgspec.Struct, frozen=True):
    by: UUID
    who: str
    at: dt.datetime
    words: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request with what came of it. state: waiting, approved, refused, used, expired."""

    request: UUID
    act: str
    why: str
    by: UUID
    who: str
    at: dt.datetime
    state: str
    answer: Answered | None = None
    used_at: dt.datetime | None = None
    case: UUID | None = None


def history(opened: OpenCase, acts: Collection[str] = ()) -> tuple[Asked, ...]:
    """Every request of a case, oldest first; only what is signed by a reader counts."""
    rows = Item.objects.filter(case=opened.case, kind="request").select_related("key").order_by("sequence")
    found: dict[UUID, Asked] = {}
    for one in opening.read_items(opened, rows)[0]:
        wish = one.payload
        if not isinstance(wish, payloads.Request) or not one.proven:
            continue
        known = found.get(wish.request)
        who = opened.people[one.author_id].pseudonym if one.author_id in opened.people else ""
        if known is None and not wish.answer:
            found[wish.request] = Asked(
                request=wish.request, act=wish.act, why=wish.why, by=one.author_id, who=who, at=wish.at,
                state="waiting", case=opened.case.id,
            )
        elif known is not None:
            found[wish.request] = _after(known, wish, one.author_id, who)
    return tuple(_aged(one, opened.people) for one in found.values() if not acts or one.act in acts)


def _after(known: Asked, wish: payloads.Request, by: UUID, who: str) -> Asked:
    """The request after one more writing about it; a writing that may not stand changes nothing."""
    if wish.answer in ("approved", "refused") and known.state == "waiting" and by != known.by:
        return msgspec.structs.replace(known, state=wish.answer, answer=Answered(by, who, wish.at, wish.why))
    if wish.answer == "used" and by == known.by and known.state in ("approved", "waiting"):
        return msgspec.structs.replace(known, state="used", used_at=wish.at)
    return known


def _aged(one: Asked, people: dict[UUID, directory.Colleague]) -> Asked:
    since = one.answer.at if one.answer else one.at
    old = one.state in ("waiting", "approved") and clock.now() - since > GOOD_FOR
    if old or (one.state == "approved" and one.answer and not _answers(people.get(one.answer.by))):
        return msgspec.structs.replace(one, state="expired")
    return one


def _answers(one: directory.Colleague | None) -> bool:
    """Whether this colleague's word counts now: not that of somebody who was locked out since, or has left."""
    return one is not None and one.active and policy.may(one.role, "none", "requests.answer")


def write(staff: OpenStaff, opened: OpenCase, payload: payloads.Request, action: str) -> None:
    """One writing about a request, and its entry in the log. Inside a transaction."""
    writing.write_item(case=opened.case, payload=payload, author=staff.author(), epoch=opened.epoch)
    custody.record(custody.entry(
        action, case=opened.case.id, item=payload.request, actor_kind="staff", actor=staff.id, detail=(payload.act,)
    ))


def ask(*, staff: OpenStaff, case_id: UUID, act: str, why: str) -> UUID:
    """Ask the other readers of a case; the request's id. `act`: a key of ACTION."""
    if act not in ACTION:
        raise DeskError("There is no such thing to ask for.", advice="Choose one from the list.", code="act")
    if not why.strip():
        raise WhyMissing("There is no reason.")
    with transaction.atomic():
        opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
        policy.require(staff.role, "granted", ACTION[act])
        request = uuid4()
        said = "identity-asked" if act == "identity" else "asked"
        write(staff, opened, payloads.Request(at=clock.now(), request=request, act=act, why=why.strip()), said)
        readers = Grant.objects.filter(case_id=case_id, kind="staff").values_list("staff_id", flat=True)
        to = [one for one in _answerers(opened.people, staff) if one in set(readers)]
        letters.write(
            staff=staff, to=to, kind=letters.REQUEST, text="", thread=request,
            facts={"act": act, "case": str(case_id)},
        )
    return request


def _answerers(people: dict[UUID, directory.Colleague], staff: OpenStaff) -> list[UUID]:
    return [
        one.id for one in people.values()
        if one.id != staff.id and _answers(one)
    ]


def answer(
    *, staff: OpenStaff, case_id: UUID, request: UUID, approve: bool, words: str = "", beside: Collection[UUID] = ()
) -> None:
    """Approve or refuse. `beside`: who else was signed in within this browser's session; they count as oneself."""
    with transaction.atomic():
        opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
        policy.require(staff.role, "none", "requests.answer")
        asked = next((one for one in history(opened) if one.request == request), None)
        if asked is None or asked.state != "waiting":
            raise NotFound("This request does not wait any more.", advice="Load the list again.")
        _not_own(staff, asked.by, beside)
        verdict = "approved" if approve else "refused"
        payload = payloads.Request(
            at=clock.now(), request=request, act=asked.act, why=words.strip(), answer=verdict
        )
        write(staff, opened, payload, verdict)
        settle(request)


def _not_own(staff: OpenStaff, by: UUID, beside: Collection[UUID]) -> None:
    if by == staff.id or by in beside:
        raise OwnRequest("Nobody approves what they asked for themselves.")


def settle(thread: UUID) -> None:
    """No copy of this request waits any more."""
    Letter.objects.filter(kind="request", thread=thread).update(read=True)


def use(*, staff: OpenStaff, opened: OpenCase, act: str) -> None:
    """Use up an approval for this act in this case, now. Raises NeedsSecond where there is none.

    Inside the transaction of the act. A desk without `second_person` asks nobody, but that nothing of somebody under
    18 leaves it by one person's decision, nor without a consent that is written down.
    """
    young = act in LEAVING and under_18(opened)
    if young and act == "export":
        agreements.require(opened)
    if not configuration.current().second_person and not young:
        return
    for one in history(opened, (act,)):
        if one.by == staff.id and one.state == "approved":
            payload = payloads.Request(at=clock.now(), request=one.request, act=act, why="", answer="used")
            writing.write_item(case=opened.case, payload=payload, author=staff.author(), epoch=opened.epoch)
            return
    raise NeedsSecond("A colleague must approve this first.", case=opened.case.id)


def under_18(opened: OpenCase) -> bool:
    """Whether the report is of somebody under 18; where the record of its filing is not proven, as if it were."""
    return agreements.young(opened)


def use_for_only_reader(*, staff: OpenStaff, opened: OpenCase, without: UUID) -> None:
    """Use up an approval where nobody but oneself would be left who reads the whole case. Raises NeedsSecond.

    Somebody of the role "evidence" does not read it, nor does whoever is locked out or away now, or
    waits for it with new keys.
    """
    held = set(Grant.objects.filter(case=opened.case, kind="staff").values_list("staff_id", flat=True))
    able = membership.readers_now(opened.case.id)
    left = [
        one.id for one in opened.people.values()
        if one.active and one.role in policy.CASE_ROLES and one.id in able and one.id != without
    ]
    going = opened.people.get(without)
    if without in held and going is not None and going.role in policy.CASE_ROLES and left == [staff.id]:
        use(staff=staff, opened=opened, act="conflict")


def allow(*, staff: OpenStaff, act: str, case_ids: Sequence[UUID]) -> bool:
    """Whether these cases may be exported now: one by an approval in it, many by one of the desk. Uses it up.

    True where a second person has approved many. Raises NeedsSecond, or bulk.BulkLimit beyond the number of an hour.
    """
    from amparo.desk import bulk

    with transaction.atomic():
        approved = _approved(staff, act, GOOD_FOR) if len(case_ids) > 1 else None
        bulk.count(staff, case_ids, lifted=approved is not None)
        if approved is not None:
            Letter.objects.filter(id=approved.id).delete()  # used once
        elif len(case_ids) > 1 and configuration.current().second_person:
            raise NeedsSecond(
                "A colleague must approve this first.", desk=True,
                advice="Ask with a reason on the page “Requests”; any colleague who works on cases can approve.",
            )
        elif len(case_ids) == 1:
            use(staff=staff, opened=opening.for_staff(staff.id, staff.keys.kex.private, case_ids[0]), act=act)
        return approved is not None


def ask_desk(*, staff: OpenStaff, act: str, why: str) -> UUID:
    """Ask all colleagues for something beyond one case: "bulk" or "export"."""
    if act not in DESK_ACTS:
        raise DeskError("There is no such thing to ask for.", advice="Choose one from the list.", code="act")
    policy.require(staff.role, "none", DESK_ACTS[act])
    if not why.strip():
        raise WhyMissing("There is no reason.")
    request = uuid4()
    with transaction.atomic():
        to = _answerers(directory.everyone(), staff)
        if not to:
            raise DeskError("There is no colleague whom you could ask.", advice="Wait for one.", code="nobody")
        letters.write(
            staff=staff, to=to, kind=letters.REQUEST, text=why.strip(), thread=request, facts={"act": act}
        )
        custody.record(custody.entry("asked", item=request, actor_kind="staff", actor=staff.id, detail=(act,)))
    return request


def answer_desk(
    *, staff: OpenStaff, request: UUID, approve: bool, words: str = "", beside: Collection[UUID] = ()
) -> None:
    """Approve or refuse what was asked of all colleagues."""
    policy.require(staff.role, "none", "requests.answer")
    with transaction.atomic():
        found = next((one for one in _waiting_letters(staff) if one.thread == request), None)
        if found is None or found.writer is None or "case" in found.facts:
            raise NotFound("This request does not wait any more.", advice="Load the list again.")
        _not_own(staff, found.writer, beside)
        verdict, act = "approved" if approve else "refused", found.facts.get("act", "")
        letters.write(
            staff=staff, to=[found.writer], kind=letters.NOTICE, text=words.strip(), thread=request,
            facts={"act": act, "answer": verdict},
        )
        custody.record(custody.entry(verdict, item=request, actor_kind="staff", actor=staff.id, detail=(act,)))
        settle(request)


def lifted(staff: OpenStaff) -> bool:
    """Whether a colleague has approved within the hour that this one opens more than the number of an hour."""
    return _approved(staff, "bulk", LIFTED_FOR) is not None


def _approved(staff: OpenStaff, act: str, within: dt.timedelta) -> letters.Letter | None:
    """A colleague's signed yes, sealed to this one: nobody writes it to themselves."""
    people = directory.everyone()
    for one in letters.read(staff, letters.NOTICE):
        said = (one.facts.get("act"), one.facts.get("answer"))
        good = one.writer not in (None, staff.id) and _answers(people.get(one.writer or staff.id))
        if said == (act, "approved") and good and clock.now() - one.at < within:
            return one
    return None


def _waiting_letters(staff: OpenStaff) -> tuple[letters.Letter, ...]:
    return letters.read(staff, letters.REQUEST, unread=True)


def waiting_count(staff: OpenStaff) -> int:
    """How many requests wait for this colleague, for the menu: by structure alone, nothing is opened."""
    return letters.unread_count(staff.id, letters.REQUEST)


def waiting(staff: OpenStaff) -> tuple[Asked, ...]:
    """What waits for this colleague's answer, oldest first; what is too old or gone leaves the count."""
    policy.require(staff.role, "none", "requests.answer")
    found, over = [], []
    for one in _waiting_letters(staff):
        asked = _asked(staff, one)
        if asked is None or asked.state != "waiting":
            over.append(one.id)
        else:
            found.append(asked)
    Letter.objects.filter(id__in=over).update(read=True)
    return tuple(found)


def _asked(staff: OpenStaff, letter: letters.Letter) -> Asked | None:
    if letter.writer is None:
        return None
    if "case" not in letter.facts:
        return _aged(Asked(
            request=letter.thread, act=letter.facts.get("act", ""), why=letter.text, by=letter.writer,
            who=letter.who, at=letter.at, state="waiting",
        ), {})
    try:
        opened = opening.for_staff(staff.id, staff.keys.kex.private, UUID(letter.facts["case"]))
    except (NotFound, ValueError):
        return None
    return next((one for one in history(opened) if one.request == letter.thread), None)


def of_case(staff: OpenStaff, case_id: UUID, acts: Collection[str] = ()) -> tuple[Asked, ...]:
    """The history of one case, for a reader of it."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.read")
    return history(opened, acts)
