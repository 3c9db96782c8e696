"""Reports that a colleague writes down: what was heard becomes a case at once, and its words are read out.

Until a form is sent nothing is kept. Sent, it becomes a *slip* in the sealed session: the keys of the case it makes
and the words to read out, so that the same form sent twice makes one case and shows one set of words. A confirmed
slip keeps nothing but the id of the case.
"""

from uuid import UUID, uuid4

import msgspec
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from amparo import seal
from amparo.desk import (
    adopting,
    blobs,
    casework,
    clock,
    custody,
    directory,
    drafts,
    filing,
    opening,
    paper_cards,
    payloads,
    policy,
    sessions,
    shredding,
    site,
    uploads,
    writing,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Case, Item, ItemKey
from amparo.desk.returning import derive, tidy
from amparo.words import consents, questionnaires
from amparo.words.errors import AmparoError

WAYS = ("call", "in-person", "paper", "messenger", "mail")
BEHALF = ("", "knows", "does-not-know", "cannot-be-asked")
SLIP = "slip-"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said, as the colleague wrote it. Texts are sealed; codes are those of the questionnaire."""

    way: str
    text: str
    language: str = "en"
    danger: str = ""  # yes, no, or not said
    threats: tuple[str, ...] = ()
    access: str = ""  # whether the person still gets into an account that was attacked: yes, no; "" not said
    purposes: tuple[str, ...] = ()  # what the person allowed
    on_behalf: str = ""
    minor: bool = False
    chat: bool = False  # `text` is a pasted chat: it is sealed as a file of evidence, too
    identity: str = ""  # who the person is: kept apart
    excluded: tuple[str, ...] = ()  # pseudonyms of colleagues who must not read it
    words: bool = True  # whether there are words to read out now
    card: str = ""  # the words of a printed card as they were typed: the report is filed under them


class Slip(msgspec.Struct, kw_only=True):
    """What was just made, as long as its words are not confirmed. `words` None: none were made, or confirmed."""

    case: UUID
    language: str = "en"
    reporter_keys: seal.ReporterKeys | None = None
    channel_keys: seal.ChannelKeys | None = None
    words: tuple[str, ...] | None = None
    of: str = "case"  # case, receipt, delegate: for whom the words are

    def __repr__(self) -> str:
        return f"<Slip: of={self.of}>"


class HasWords(DeskError):
    code = "has-words"
    advice = "Only she can get new ones, on her page."


def case_answers(told: Told) -> dict[str, list[str]]:
    """The answers of the questionnaire that this makes; a code that is no option is left out."""
    raw: dict[str, list[str]] = {"what-happened": [tidy(told.text)]}
    if told.danger:
        raw["danger"] = [told.danger]
    asked = questionnaires.load("report")
    question = asked.question("threats")
    kinds = {*told.threats, "account-attack"} if told.access else {*told.threats}
    raw["threats"] = [one.code for one in (question.options if question else ()) if one.code in kinds]
    if told.access:
        raw["access"] = [told.access]
    if told.minor:
        raw["under-18"] = ["yes"]
    if told.on_behalf:
        raw["target"] = ["someone-else"]
    if told.on_behalf in ("knows", "does-not-know"):
        raw["they-know"] = ["yes" if told.on_behalf == "knows" else "no"]
    return asked.check({code: values for code, values in raw.items() if values}).answers


def take_down(*, session: SessionBase, staff: OpenStaff, told: Told, form: UUID) -> UUID:
    """File what was heard; the id of the case. `form`: of the page that was sent, the same for the same form.

    Raises DeskError for what is missing, filing.NobodyReads when the exclusions leave no reader.
    """
    policy.require(staff.role, "none", "intake.write")
    if told.way not in WAYS or told.on_behalf not in BEHALF:
        raise DeskError("It is not said how this report came.", advice="Choose one.", code="way")
    answers = case_answers(told)
    before = slip_of(session, form)
    if before is not None and Case.objects.filter(id=before.case).exists():
        return before.case
    card = paper_cards.keys_of(told.card) if told.card.strip() else None
    slip = msgspec.convert(sessions.once(session, SLIP + form.hex, lambda: _new_slip(told)), Slip)
    if Case.objects.filter(id=slip.case).exists():
        return slip.case
    excluded = Exclusion(pseudonyms=told.excluded)
    draft = drafts.Draft(
        case=slip.case, reporter_keys=slip.reporter_keys, channel_keys=slip.channel_keys, answers=answers,
        consents=list(consents.given(told.purposes, minor=told.minor)), excluded=excluded, language=told.language,
    )
    now = clock.now()
    beside: list[payloads.AnyPayload] = [payloads.TakenDown(at=now, way=told.way, on_behalf=told.on_behalf)]
    if told.identity.strip():
        beside.append(payloads.Identity(at=now, text=tidy(told.identity)))
    receipt = card or (derive(slip.words) if slip.words else None)
    file: UUID | None = None
    upload: uploads.SealedUpload | None = None
    try:
        with transaction.atomic():  # IMMEDIATE: of two equal requests the second waits here, then finds the case
            if Case.objects.filter(id=slip.case).exists():
                return slip.case
            if card is not None:
                paper_cards.use(card)
            filing.file_written_down(draft, staff=staff, beside=beside, receipt=receipt)
            if told.chat:
                upload = _sealed_text(slip.case, tidy(told.text))
                adopting.attach_to_case(Case.objects.get(id=slip.case), upload, staff.author())
                blobs.settle(upload.part)
                file = upload.id
    except BaseException:
        if upload is not None:
            upload.part.unlink(missing_ok=True)
        session.pop(SLIP + form.hex, None)
        raise
    put_slip(session, form, Slip(case=slip.case, language=slip.language, words=slip.words))  # its keys are not needed
    if file is not None:
        _ask_a_worker(staff, slip.case, file)
    return slip.case


def _new_slip(told: Told) -> dict[str, object]:
    keys = seal.new_reporter_keys()
    made: dict[str, object] = msgspec.to_builtins(Slip(
        case=seal.case_id_for(keys.kex.public, keys.sign.public), language=told.language, reporter_keys=keys,
        channel_keys=seal.new_channel_keys(),
        words=seal.new_receipt(told.language) if told.words and not told.card.strip() else None,
    ))
    return made


def _sealed_text(case: UUID, text: str) -> uploads.SealedUpload:
    """A pasted text as a sealed file, never in clear on the disk."""
    _, part = blobs.new_part()
    key, context = seal.new_data_key(), seal.Context(case, uuid4(), "file", 1)
    with blobs.open_part(part) as out:
        sealer = seal.FileSealer(key, context, out.write)
        sealer.update(text.encode())
        facts = sealer.finish()
    file = drafts.DraftFile(context.item, "pasted-chat.txt", facts.size, "text/plain")
    return uploads.SealedUpload(context=context, data_key=key, facts=facts, part=part, file=file)


def _ask_a_worker(staff: OpenStaff, case: UUID, file: UUID) -> None:
    """Lease the pasted chat at once where its writer holds a key; else whoever reads the case asks."""
    try:
        casework.request_exam(staff=staff, case_id=case, file=file)
    except AmparoError:
        return


def slip_of(session: SessionBase, form: UUID) -> Slip | None:
    """The slip of this form in this session, or None."""
    raw = session.get(SLIP + form.hex)
    return None if raw is None else msgspec.convert(raw, Slip)


def put_slip(session: SessionBase, form: UUID, slip: Slip) -> None:
    """Keep words that were just made, until they are confirmed."""
    session[SLIP + form.hex] = msgspec.to_builtins(slip)


def challenge(slip: Slip) -> tuple[int, ...]:
    """Which words (1-based places) are read back; constant for one slip."""
    if not slip.words:
        return ()
    mark = site.keyed_hash("read-back", " ".join(slip.words))
    first = mark[0] % len(slip.words)
    second = (first + 1 + mark[1] % (len(slip.words) - 1)) % len(slip.words)
    return tuple(sorted((first + 1, second + 1)))


def confirm(session: SessionBase, form: UUID, typed: str | None) -> bool:
    """True when the two words were read back (or `typed` is None: the colleague is sure); the words are then gone."""
    slip = slip_of(session, form)
    if slip is None or not slip.words:
        return True
    if typed is not None:
        asked = " ".join(slip.words[place - 1] for place in challenge(slip))
        if seal.normalise_receipt(typed).canonical != seal.normalise_receipt(asked).canonical:
            return False
    put_slip(session, form, Slip(case=slip.case, language=slip.language, of=slip.of))
    session.save()
    shredding.checkpoint()
    return True


def unclaimed(staff: OpenStaff, case_id: UUID) -> bool:
    """Whether the case has no receipt yet."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.receipt")
    return opened.case.lookup is None and Item.objects.filter(case=opened.case, kind="unclaimed").exists()


def make_receipt(*, session: SessionBase, staff: OpenStaff, case_id: UUID, form: UUID) -> None:
    """Words for a case without a receipt, from the keys that were kept for it; those are shredded.

    The words stand in the session's slip until they are confirmed. The same form sent twice makes one receipt.
    """
    language = language_of(staff, case_id)
    slip = msgspec.convert(sessions.once(session, SLIP + form.hex, lambda: msgspec.to_builtins(Slip(
        case=case_id, language=language, words=seal.new_receipt(language), of="receipt"))), Slip)
    if slip.case != case_id or not slip.words:
        raise HasWords("This page was used already.", advice="Open the page again.")
    receipt = derive(slip.words)
    found = seal.lookup(receipt.lookup_seed, site.pepper())
    with change(staff, case_id, "case.receipt", None) as opened:
        if opened.case.lookup is not None and bytes(opened.case.lookup) == found:
            return
        if opened.case.lookup is not None:
            session.pop(SLIP + form.hex, None)
            raise HasWords("The person has her words already.")
        keys = _kept_keys(opened)
        Case.objects.filter(id=case_id).update(
            lookup=found, reporter_wrap=seal.wrap_reporter(receipt.wrap, keys, case_id)
        )
        rows = Item.objects.filter(case_id=case_id, kind="unclaimed")
        ItemKey.objects.filter(item__in=rows).delete()
        rows.delete()
        writing.touch(opened.case)  # an import that is taken back leaves a case with words alone
        custody.record(custody.entry("receipt-made", case=case_id, actor_kind="staff", actor=staff.id))
    shredding.finish()


def language_of(staff: OpenStaff, case_id: UUID) -> str:
    """The language the report was taken down in; English where nothing proven says it."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    rows = Item.objects.filter(case=opened.case, kind="opening").select_related("key")
    for read in opening.read_items(opened, rows)[0]:
        if read.proven and isinstance(read.payload, payloads.Opening):
            return read.payload.language
    return "en"


def _kept_keys(opened: opening.OpenCase) -> seal.ReporterKeys:
    """The reporter's keys out of the case: those that its id names."""
    rows = Item.objects.filter(case=opened.case, kind="unclaimed").select_related("key")
    for read in opening.read_items(opened, rows)[0]:
        if not isinstance(read.payload, payloads.Unclaimed):
            continue
        keys = seal.ReporterKeys(
            seal.kex_pair(read.payload.kex_private), seal.sign_pair(read.payload.sign_private)
        )
        if seal.case_id_for(keys.kex.public, keys.sign.public) == opened.case.id:
            return keys
    raise NotFound("The keys of this person are no longer here.", advice="Ask a lead of the desk.")


def colleagues() -> tuple[str, ...]:
    """The pseudonyms that may be excluded: all who would get the case."""
    return tuple(one.pseudonym for one in directory.case_people())

