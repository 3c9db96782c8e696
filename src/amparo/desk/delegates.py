"""Delegates: who files for somebody else, or helps her, adds to a report and never reads it.

Their words open a key to sign with and nothing else: what they add is sealed with the case's public keys. The owner
of the report names and revokes them with her receipt; a colleague does it for an owner who asked.
"""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from amparo import seal
from amparo.desk import (
    adopting,
    clock,
    custody,
    directory,
    drafts,
    opening,
    paper_cards,
    payloads,
    policy,
    returning,
    sessions,
    shredding,
    site,
    taking,
    writing,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import DeskError, Expired, NotFound
from amparo.desk.opening import Read
from amparo.desk.records import Case, Delegate, Item
from amparo.desk.returning import Access
from amparo.desk.uploads import SealedUpload

KEY = "adding"
NAMED = "named-words"
LONGEST_LABEL = 80
MOST = 20  # delegates of one case


class Adding(msgspec.Struct, frozen=True):
    """What a delegate's words open: a case's id and a key to sign with. Lives only in the sealed session."""

    case: UUID
    id: UUID
    sign_private: bytes

    def author(self) -> seal.Author:
        """The delegate as a writer."""
        return seal.Author("delegate", self.id, self.sign_private)


class Named(msgspec.Struct, frozen=True):
    """A delegate as owner and staff see them. `label` "" is whoever filed the report; `by` "" is not proven."""

    id: UUID
    label: str
    at: dt.datetime
    by: str  # reporter, or the pseudonym of a colleague
    revoked: bool


class TooMany(DeskError):
    code = "too-many"
    advice = "Revoke one first."


def open_words(text: str) -> Access | Adding:
    """What words open, a report or a page to add to one. All tables are asked each time: wrong words cost the same.

    Raises returning.WrongReceipt, also for words that were revoked.
    """
    typed, keys = returning.read_words(text)
    found = seal.lookup(keys.lookup_seed, site.pepper())
    access, adding, waits = returning.access_by(keys, found), _adding_by(keys, found), paper_cards.waits(found)
    if access is not None or adding is not None:
        return access or adding  # type: ignore[return-value]
    seal.dummy_open(keys.wrap)
    if waits:
        raise paper_cards.NothingYet("This card is right. What you wrote on paper is not entered here yet.")
    raise returning.WrongReceipt(typed.unknown)


def _adding_by(keys: seal.ReceiptKeys, found: bytes) -> Adding | None:
    row = Delegate.objects.select_related("case").filter(lookup=found, revoked=False).first()
    if row is None or row.wrap is None or not returning.standing(row.case):
        return None
    try:
        pair = seal.unwrap_delegate(keys.wrap, bytes(row.wrap), row.id, row.case_id)
    except seal.Tampered:
        return None
    return Adding(row.case_id, row.id, pair.private) if pair.public == bytes(row.sign_public) else None


def keep(session: SessionBase, adding: Adding) -> None:
    """Keep it in a session of its own (the cookie changes); a draft or an open report is left behind."""
    for name in (drafts.KEY, drafts.RECEIPT, drafts.FILER, returning.KEY, returning.NEW_WORDS, NAMED):
        session.pop(name, None)
    session[KEY] = msgspec.to_builtins(adding)
    session.cycle_key()


def adding_of(session: SessionBase) -> Adding | None:
    """The session's delegate, while not revoked and while the case stands."""
    raw: Any = session.get(KEY)
    if raw is None:
        return None
    adding = msgspec.convert(raw, Adding)
    row = Delegate.objects.select_related("case").filter(id=adding.id, case_id=adding.case, revoked=False).first()
    return adding if row is not None and returning.standing(row.case) else None


def _case(adding: Adding) -> Case:
    """Inside a transaction: the case, if this delegate may still add to it."""
    row = Delegate.objects.select_related("case").filter(id=adding.id, case_id=adding.case, revoked=False).first()
    if row is None or not returning.standing(row.case):
        raise Expired("These words do not open this page any more.")
    return row.case


def say(adding: Adding, text: str) -> UUID:
    """Add a message. The owner and the desk read it; who wrote it does not read it again."""
    message = payloads.Message(at=clock.now(), text=returning.tidy(text))
    with transaction.atomic():
        return writing.write_item(
            case=_case(adding), payload=message, author=adding.author(), channel="dialogue"
        ).item.id


def attach(adding: Adding, upload: SealedUpload) -> None:
    """Add a finished upload as evidence, signed by the delegate."""
    with transaction.atomic():
        adopting.keep_in_case(_case(adding), upload, adding.author())


def enter(*, case: Case, author: seal.Author, keys: seal.ReceiptKeys, label: str) -> UUID:
    """Name a delegate whose words gave `keys`. Inside the caller's transaction; the same words again name nobody."""
    found = seal.lookup(keys.lookup_seed, site.pepper())
    known = Delegate.objects.filter(lookup=found, case=case).first()
    if known is not None:
        return known.id
    if Delegate.objects.filter(case=case, revoked=False).count() >= MOST:
        raise TooMany("There are too many who may add to this report.")
    assert author.sign_private is not None
    pair, who = seal.new_sign_pair(), uuid4()
    message = seal.naming_bytes(who, case.id, pair.public)
    Delegate.objects.create(
        id=who, case=case, lookup=found, wrap=seal.wrap_delegate(keys.wrap, pair, who, case.id),
        sign_public=pair.public, named_by_kind=author.kind, named_by=author.id,
        signature=seal.sign(author.sign_private, message), mac=site.epoch_mac(message),
    )
    _note(case, author, payloads.Delegate(at=clock.now(), who=who, label=label), "delegated")
    return who


def _note(case: Case, author: seal.Author, payload: payloads.Delegate, action: str) -> int:
    """Write it into the case and the log; its place in the case."""
    item = writing.write_item(case=case, payload=payload, author=author, channel="dialogue").item
    actor = author.id if author.kind == "staff" else None
    custody.record(custody.entry(action, case=case.id, item=payload.who, actor_kind=author.kind, actor=actor))
    return item.sequence


def _end(case: Case, author: seal.Author, who: UUID) -> None:
    """Revoke: the words open nothing, and nothing that is written from here on is proven."""
    row = Delegate.objects.filter(id=who, case=case).first()
    if row is None:
        raise NotFound("There is nobody of this kind here.", advice="Open the page again.")
    if row.revoked:
        return
    place = _note(case, author, payloads.Delegate(at=clock.now(), who=who, label="", revoked=True), "delegate-revoked")
    row.lookup, row.wrap, row.revoked, row.ended_after = None, None, True, place
    row.save(update_fields=["lookup", "wrap", "revoked", "ended_after"])


def tidy_label(label: str) -> str:
    """What an owner calls somebody: one line."""
    text = " ".join(label.split())
    if not text:
        raise returning.NothingWritten("It is not said who may add.")
    if len(text) > LONGEST_LABEL:
        raise DeskError("This is longer than %(limit)s characters.", limit=LONGEST_LABEL, code="too-long",
                        advice="A word or two are enough.")
    return text


def name_by_owner(*, session: SessionBase, access: Access, label: str, language: str) -> tuple[str, ...]:
    """Name somebody; the words to hand over, the same on reload until `forget_words`."""
    tidy = tidy_label(label)
    words = tuple(sessions.once(session, NAMED, lambda: list(seal.new_receipt(language))))
    keys = returning.derive(words)
    try:
        with transaction.atomic():
            enter(case=returning.case_of(access), author=access.author(), keys=keys, label=tidy)
    except DeskError:
        session.pop(NAMED, None)
        raise
    return words


def words_shown(session: SessionBase) -> tuple[str, ...] | None:
    """Words to hand over that are not confirmed yet, or None."""
    words = session.get(NAMED)
    return tuple(words) if words else None


def forget_words(session: SessionBase) -> None:
    """The owner wrote them down: out of the session."""
    session.pop(NAMED, None)
    session.cycle_key()


def revoke_by_owner(access: Access, who: UUID) -> None:
    """The owner takes it back."""
    with transaction.atomic():
        _end(returning.case_of(access), access.author(), who)
    shredding.finish()


def of_owner(access: Access) -> tuple[Named, ...]:
    """Who may add to the report, as its owner named them."""
    reads = [one for one in returning.read_kinds(access, ("delegate",)) if isinstance(one, Read)]
    return _listed(access.case, reads, {})


def name_by_staff(
    *, session: SessionBase, staff: OpenStaff, case_id: UUID, label: str, language: str, form: UUID
) -> None:
    """A colleague names somebody for an owner who asked; the words stand in the slip of this form."""
    tidy = tidy_label(label)
    slip = msgspec.convert(sessions.once(session, taking.SLIP + form.hex, lambda: msgspec.to_builtins(taking.Slip(
        case=case_id, language=language, words=seal.new_receipt(language), of="delegate"))), taking.Slip)
    if slip.case != case_id or not slip.words:
        raise Expired("This page was used already.", advice="Open the page again.")
    keys = returning.derive(slip.words)
    try:
        with change(staff, case_id, "case.delegate", None) as opened:
            enter(case=opened.case, author=staff.author(), keys=keys, label=tidy)
    except DeskError:
        session.pop(taking.SLIP + form.hex, None)
        raise


def revoke_by_staff(*, staff: OpenStaff, case_id: UUID, who: UUID) -> None:
    """A colleague takes it back."""
    with change(staff, case_id, "case.delegate", None) as opened:
        _end(opened.case, staff.author(), who)
    shredding.finish()


def of_case(staff: OpenStaff, case_id: UUID) -> tuple[Named, ...]:
    """Who may add to a case. Raises NotFound when this colleague has no key of it."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.delegate")
    rows = Item.objects.filter(case=opened.case, kind="delegate").select_related("key").order_by("sequence")
    return _listed(case_id, opening.read_items(opened, rows)[0], opened.people)


def _listed(case: UUID, reads: list[Read], people: dict[UUID, directory.Colleague]) -> tuple[Named, ...]:
    """The named ones in order. Ended by a proven writing or by the row: whichever says so."""
    told = [(one, one.payload) for one in reads if isinstance(one.payload, payloads.Delegate) and one.proven]
    ended = {payload.who for _, payload in told if payload.revoked}
    ended |= set(Delegate.objects.filter(case_id=case, revoked=True).values_list("id", flat=True))
    found = []
    for one, payload in told:
        if not payload.revoked:
            person = people.get(one.author_id)
            by = person.pseudonym if person else one.author_kind
            found.append(Named(payload.who, payload.label, payload.at, by, payload.who in ended))
    return tuple(found)
