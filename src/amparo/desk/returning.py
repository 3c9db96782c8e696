"""The reporter comes back with the receipt."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from amparo import seal
from amparo.desk import (
    clock,
    configuration,
    consenting,
    custody,
    directory,
    drafts,
    opening,
    payloads,
    sessions,
    shredding,
    site,
    throttle,
    writing,
)
from amparo.desk.errors import DeskError, Expired
from amparo.desk.records import Case, CheckIn, Grant, Item
from amparo.words import consents as purposes

KEY = "access"
NEW_WORDS = "new-words"
ADDING = ("adding", "named-words")  # what delegates keeps in a session
GRACE = dt.timedelta(hours=24)
LONGEST = 20_000  # characters of one message
_STATES = {"waiting-on-reporter": "waiting-for-you", "closed": "closed", "withdrawn": "withdrawn"}


class WrongReceipt(seal.WrongReceipt):
    """These words open no report. `unknown`: the typed words that are in no list, whatever exists."""

    def __init__(self, unknown: tuple[str, ...]) -> None:
        super().__init__("No report opens with these words.")
        self.unknown = unknown


class Access(msgspec.Struct, frozen=True):
    """What a right receipt opens: the case and the reporter's own keys. Lives only in the sealed session."""

    case: UUID
    keys: seal.ReporterKeys

    def author(self) -> seal.Author:
        """The reporter as a writer."""
        return seal.Author("reporter", self.case, self.keys.sign.private)


class Line(msgspec.Struct, frozen=True):
    """One line of the dialogue. `proven` False: the origin is not proven, and the page must say so."""

    id: UUID
    who: str  # "desk", "you", or "other": somebody who may add
    text: str
    at: dt.datetime
    proven: bool
    kind: str = "message"  # message, result (a confirmed finding), withdrawal, unreadable
    does_not_say: str = ""


class Status(msgspec.Struct, frozen=True):
    """What the reporter may know of the case's frame."""

    state: str  # received, with-us, waiting-for-you, closed, withdrawn
    language: str
    withdrawn_until: dt.datetime | None
    retention_on: dt.date
    see_again: bool
    minor: bool


def read_words(text: str) -> tuple[seal.ReceiptText, seal.ReceiptKeys]:
    """Words as they were typed, and their keys: one Argon2id, in its turn, after a pause for everybody."""
    throttle.pause("receipt", rate=5.0, burst=40)
    typed = seal.normalise_receipt(text)
    with seal.kdf_gate(site.gate_folder(), configuration.current().kdf_slots):
        return typed, seal.derive_receipt(typed.canonical, site.desk_id())


def derive(words: tuple[str, ...]) -> seal.ReceiptKeys:
    """The keys of words that were just made."""
    with seal.kdf_gate(site.gate_folder(), configuration.current().kdf_slots):
        return seal.derive_receipt(seal.normalise_receipt(" ".join(words)).canonical, site.desk_id())


def access_by(keys: seal.ReceiptKeys, found: bytes) -> Access | None:
    """The access of the case that is stored under the lookup `found`, if these keys open it."""
    case = Case.objects.filter(lookup=found).first()
    if case is None or case.reporter_wrap is None or not standing(case):
        return None
    try:
        reporter = seal.unwrap_reporter(keys.wrap, bytes(case.reporter_wrap), case.id)
    except seal.Tampered:
        return None
    if seal.case_id_for(reporter.kex.public, reporter.sign.public) != case.id:
        return None
    return Access(case.id, reporter)


def open_receipt(text: str) -> Access:
    """The access behind a receipt, however it was typed (delegates.open_words also knows who may only add).

    Raises WrongReceipt (with `.unknown`: words that are in no list) at the cost of a right one; wrong,
    withdrawn and expired receipts are told alike.
    """
    typed, keys = read_words(text)
    access = access_by(keys, seal.lookup(keys.lookup_seed, site.pepper()))
    if access is None:
        seal.dummy_open(keys.wrap)
        raise WrongReceipt(typed.unknown)
    return access


def standing(case: Case) -> bool:
    """Whether the case still opens for its reporter: not erased, not expired, not withdrawn beyond the grace."""
    if case.state == "erasing" or case.retention_on < clock.today():
        return False
    return case.withdrawn_at is None or clock.now() < case.withdrawn_at + GRACE


def keep_access(session: SessionBase, access: Access) -> None:
    """Keep it in a session of its own (the cookie changes); a draft in this session is left behind."""
    session.pop(drafts.KEY, None)
    session.pop(drafts.RECEIPT, None)
    session.pop(drafts.FILER, None)
    session.pop(NEW_WORDS, None)
    for name in ADDING:
        session.pop(name, None)
    session[KEY] = msgspec.to_builtins(access)
    session.cycle_key()


def access_of(session: SessionBase) -> Access | None:
    """The session's access, while its case can still be opened."""
    raw: Any = session.get(KEY)
    if raw is None:
        return None
    access = msgspec.convert(raw, Access)
    case = Case.objects.filter(id=access.case).first()
    return access if case is not None and standing(case) else None


def leave(session: SessionBase) -> None:
    """End the session; its row is deleted and its traces with it."""
    session.flush()
    shredding.checkpoint()


def case_of(access: Access) -> Case:
    """The case as it is now. Raises Expired when it can no longer be opened."""
    case = Case.objects.filter(id=access.case).first()
    if case is None or not standing(case):
        raise Expired("This report can no longer be opened.")
    return case


def _dialogue_key(access: Access, case: Case) -> seal.KeyPair:
    """The dialogue's key pair, checked against the proven epoch."""
    grant = Grant.objects.filter(case=case, kind="reporter", epoch=case.epoch).first()
    if grant is None:
        raise Expired("This report can no longer be opened.")
    grantee = seal.Grantee("reporter", case.id)
    pair = seal.open_dialogue_grant(access.keys.kex.private, bytes(grant.sealed), case.id, case.epoch, grantee)
    if pair.public != bytes(directory.epoch_of(case).dialogue_public):
        raise seal.Tampered("The keys of this report were changed by somebody who may not.")
    return pair


def read_kinds(access: Access, kinds: tuple[str, ...]) -> list[opening.Read | Item]:
    """What stands on the dialogue channel, of these kinds, in order; an Item where it could not be opened."""
    case = case_of(access)
    pair = _dialogue_key(access, case)
    verifier = directory.verifier(case)
    found: list[opening.Read | Item] = []
    rows = Item.objects.filter(case=case, channel="dialogue", kind__in=kinds).select_related("key")
    for item in rows.order_by("sequence"):
        try:
            found.append(opening.read_item(pair.private, case, item, verifier))
        except (seal.SealError, DeskError):
            found.append(item)
    return found


def status(access: Access) -> Status:
    """The frame of the case."""
    case = case_of(access)
    stated = _consent(access)
    see_again = Item.objects.filter(case=case, channel="dialogue", kind="answers").exists()
    state = _STATES.get(case.state, "with-us")
    if state == "with-us" and not Item.objects.filter(case=case, channel="dialogue", kind="message").exists():
        state = "received"
    until = case.withdrawn_at + GRACE if case.withdrawn_at else None
    return Status(state, stated.language, until, case.retention_on, see_again, stated.minor)


def dialogue(access: Access) -> tuple[Line, ...]:
    """Everything said on the dialogue channel, oldest first. What can't be opened is shown as unreadable."""
    lines = []
    for one in read_kinds(access, ("message", "result", "withdrawal")):
        if isinstance(one, Item):
            lines.append(Line(one.id, "desk", "", clock.now(), False, "unreadable"))
            continue
        payload = one.payload
        who = {"reporter": "you", "delegate": "other"}.get(one.author_kind, "desk")
        if isinstance(payload, payloads.Message):
            lines.append(Line(one.item.id, who, payload.text, payload.at, one.proven))
        elif isinstance(payload, payloads.Result):
            text = f"{payload.says}\n\n{payload.text}".strip()
            lines.append(Line(one.item.id, who, text, payload.at, one.proven, "result", payload.does_not_say))
        elif isinstance(payload, payloads.Withdrawal):
            lines.append(Line(one.item.id, who, "undo" if payload.undo else "", payload.at, one.proven, "withdrawal"))
    return tuple(lines)


class NothingWritten(DeskError):
    code = "empty"
    advice = "Write a few words first."


def tidy(text: str) -> str:
    """A message as it is kept. Raises NothingWritten or, over the limit, DeskError."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise NothingWritten("There is no text.")
    if len(text) > LONGEST:
        raise DeskError(
            "This text is longer than %(limit)s characters.", limit=LONGEST, code="too-long",
            advice="Send it in two parts.",
        )
    return text


def say(access: Access, text: str) -> UUID:
    """Write to the desk."""
    message = payloads.Message(at=clock.now(), text=tidy(text))
    with transaction.atomic():
        case = case_of(access)
        written = writing.write_item(case=case, payload=message, author=access.author(), channel="dialogue")
    return written.item.id


def new_words(session: SessionBase, access: Access, language: str) -> tuple[str, ...]:
    """change_words() for a page: the same words on reload, until `forget_new_words`."""
    made = sessions.once(session, NEW_WORDS, lambda: list(seal.new_receipt(language)))
    words = tuple(made)
    change_words(access, language, words)
    return words


def words_shown(session: SessionBase) -> tuple[str, ...] | None:
    """The new words not yet confirmed, or None."""
    words = session.get(NEW_WORDS)
    return tuple(words) if words else None


def forget_new_words(session: SessionBase) -> None:
    """The reporter wrote them down: take them out of the session."""
    session.pop(NEW_WORDS, None)
    session.cycle_key()


def change_words(access: Access, language: str, words: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """A new receipt; the old one opens nothing from now on."""
    words = words or seal.new_receipt(language)
    keys = derive(words)
    found = seal.lookup(keys.lookup_seed, site.pepper())
    with transaction.atomic():
        case = case_of(access)
        if case.lookup is not None and bytes(case.lookup) == found:
            return words
        if case.withdrawn_at is not None:
            # Whoever forced the words out could else withdraw and lock her out before she can undo it.
            raise DeskError(
                "There are no new words for a report that is being taken back.", code="withdrawn",
                advice="Let the report stand first; then ask for new words.",
            )
        case.lookup = found
        case.reporter_wrap = seal.wrap_reporter(keys.wrap, access.keys, case.id)
        case.save(update_fields=["lookup", "reporter_wrap"])
        custody.record(custody.entry("words-changed", case=case.id, actor_kind="reporter"))
    shredding.finish()
    return words


def withdraw(access: Access) -> dt.datetime:
    """Take the report back; it is destroyed at the moment returned (24 hours), and the handlers are told."""
    with transaction.atomic():
        case = case_of(access)
        if case.withdrawn_at is not None:
            return case.withdrawn_at + GRACE
        now = clock.now()
        writing.write_item(
            case=case, payload=payloads.Withdrawal(at=now, before=case.state), author=access.author(),
            channel="dialogue",
        )
        Case.objects.filter(id=case.id).update(state="withdrawn", withdrawn_at=now)
        for row in CheckIn.objects.filter(case=case):  # undone, it does not run again by itself: her page must say so
            writing.write_item(case=case, payload=payloads.CheckIn(at=now, plan=row.id, what="ended"),
                               author=access.author(), channel="dialogue")
        CheckIn.objects.filter(case=case, alarm=None).delete()  # an open alarm stays until a colleague ends it
        custody.record(custody.entry("withdrawn", case=case.id, actor_kind="reporter"))
    return now + GRACE


def undo_withdrawal(access: Access) -> None:
    """Let the report stand after all, within the 24 hours."""
    before = "open"
    for one in read_kinds(access, ("withdrawal",)):
        if isinstance(one, opening.Read) and isinstance(one.payload, payloads.Withdrawal) and not one.payload.undo:
            before = one.payload.before
    with transaction.atomic():
        case = case_of(access)
        if case.withdrawn_at is None:
            return
        writing.write_item(
            case=case, payload=payloads.Withdrawal(at=clock.now(), undo=True, before=before),
            author=access.author(), channel="dialogue",
        )
        Case.objects.filter(id=case.id).update(state=before, withdrawn_at=None)
        custody.record(custody.entry("withdrawal-undone", case=case.id, actor_kind="reporter"))


def _consent(access: Access) -> payloads.Consent:
    """The reporter's newest proven statement; none standing where there is none."""
    reads = [one for one in read_kinds(access, ("consent",)) if isinstance(one, opening.Read)]
    return consenting.standing(access.case, reads)


def consents(access: Access) -> tuple[str, ...]:
    """The purposes that stand now."""
    return _consent(access).purposes


def set_consents(access: Access, codes: Iterable[str]) -> tuple[str, ...]:
    """Replace the consents; what really stands is returned."""
    before = _consent(access)
    given = purposes.given(codes, minor=before.minor)
    now_stated = payloads.Consent(
        at=clock.now(), purposes=given, minor=before.minor, language=before.language
    )
    with transaction.atomic():
        case = case_of(access)
        item = writing.write_item(
            case=case, payload=now_stated, author=access.author(), channel="dialogue"
        ).item
        custody.record(custody.entry("consented", case=case.id, item=item.id, actor_kind="reporter"))
    return given


def earlier(access: Access) -> dict[str, list[str]] | None:
    """What was reported, only when that was chosen at filing."""
    for one in read_kinds(access, ("answers",)):
        if isinstance(one, opening.Read) and isinstance(one.payload, payloads.Answers) and one.proven:
            return one.payload.answers
    return None
