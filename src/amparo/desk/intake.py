"""A report from its first answer to its receipt (J1). Filing itself is in filing.py."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from django.contrib.sessions.backends.base import SessionBase

from amparo import seal
from amparo.desk import adopting, directory, drafts, filing, sessions, shredding, site
from amparo.desk.configuration import current
from amparo.desk.drafts import Draft, DraftFile
from amparo.desk.errors import Expired
from amparo.desk.payloads import Exclusion
from amparo.desk.uploads import SealedUpload
from amparo.words import consents, questionnaires, reports

__all__ = [
    "Draft", "DraftFile", "Exclusion", "Readers", "answer", "attach", "begin", "challenge", "confirm", "detach",
    "discard", "draft_of", "keep", "readers", "send",
]
QUESTIONNAIRE = "report"
RECOVERY_HANDS = 3  # seal.new_recovery makes three shares


class Readers(msgspec.Struct, frozen=True):
    """Who will be able to read a report sent now: numbers and roles, never names."""

    count: int
    roles: dict[str, int]
    pseudonyms: tuple[str, ...]  # that the desk publishes, hidden ones left out: for choosing whom to exclude
    recovery_hands: int  # 0: no recovery key exists
    answer_as: dict[str, int]  # how many answer as "woman", "man", "any"


def draft_of(session: SessionBase) -> Draft | None:
    """The session's draft with its files and receipt, or None."""
    draft = drafts.stored_draft(session)
    if draft is not None and not draft.sent:
        draft.files = adopting.draft_files(draft)
    return draft


def begin(session: SessionBase, language: str) -> Draft:
    """A new draft with fresh keys, kept in the session; the draft that is there, if one is.

    A draft whose receipt was confirmed makes room for a new one.
    """
    draft = draft_of(session)
    if draft is not None and not draft.confirmed:
        return draft
    session.pop(drafts.RECEIPT, None)
    session.pop(drafts.FILER, None)
    keys = seal.new_reporter_keys()
    draft = Draft(
        case=seal.case_id_for(keys.kex.public, keys.sign.public), reporter_keys=keys,
        channel_keys=seal.new_channel_keys(), language=language,
    )
    drafts.store(session, draft)
    session.cycle_key()  # somebody who used this browser before may have noted its cookie
    return draft


def keep(session: SessionBase, draft: Draft) -> None:
    """Keep a changed draft. The questionnaire looks at all answers again: hidden ones are dropped."""
    stored = drafts.stored_draft(session)
    if stored is None or stored.case != draft.case:
        raise Expired("Your draft is no longer here.")
    if stored.sent:
        return  # a late page of a report that is filed changes nothing
    draft.answers = questionnaires.load(QUESTIONNAIRE).check(draft.answers).answers
    draft.consents = list(consents.given(draft.consents, minor=reports.is_minor(draft.answers)))
    draft.see_again = reports.sees_again(draft.answers)
    drafts.store(session, draft)


def answer(
    session: SessionBase, raw: Mapping[str, Sequence[str]], codes: Sequence[str] | None = None
) -> tuple[questionnaires.Problem, ...]:
    """Put one page's fields into the draft; the problems of these fields (their answers are then not kept).

    `codes`: the questions that the page showed, so that one left empty is emptied; by default those in `raw`.
    """
    draft = draft_of(session)
    if draft is None:
        raise Expired("Your draft is no longer here.")
    asked = set(codes if codes is not None else raw)
    merged = {code: values for code, values in draft.answers.items() if code not in asked}
    merged |= {code: list(raw[code]) for code in asked if code in raw}
    checked = questionnaires.load(QUESTIONNAIRE).check(merged)
    draft.answers = checked.answers
    keep(session, draft)
    return tuple(problem for problem in checked.problems if problem.question in asked)


def attach(session: SessionBase, upload: SealedUpload) -> DraftFile:
    """Make a finished upload part of the draft (or, from a returning session, of the case).

    Call it in the view that answers the upload; what is not attached when the request ends is deleted.
    """
    return adopting.attach(session, upload)


def detach(session: SessionBase, file: UUID | str) -> None:
    """Shred one file of the draft by its id. Unknown ids change nothing."""
    draft = drafts.stored_draft(session)
    if draft is not None and not draft.sent:
        adopting.detach(draft.case, UUID(str(file)))


def discard(session: SessionBase) -> None:
    """Shred the draft: files, keys and answers. The session ends; nothing remains of it."""
    draft = drafts.stored_draft(session)
    if draft is not None and not draft.sent:
        adopting.drop_draft(draft.case)
    session.flush()
    shredding.checkpoint()


def readers(excluded: Exclusion = Exclusion()) -> Readers:
    """Who would read a report sent now with these exclusions."""
    people = directory.case_people()
    kept = [one for one in people if not excluded.covers(one.role, one.pseudonym)]
    hands = (current().recovery_hands or RECOVERY_HANDS) if site.recovery_public() else 0
    return Readers(
        len(kept), dict(Counter(one.role for one in kept)),
        tuple(one.pseudonym for one in people if not one.hidden), hands,
        dict(Counter(one.answers_as for one in kept)),
    )


def send(session: SessionBase, draft: Draft | None = None) -> tuple[str, ...]:
    """Seal and file the report; the receipt's words. Sending twice gives the same words.

    Whoever files for somebody else gets words of their own, too (`filer_words`): the receipt is hers, who is attacked.

    Raises Expired without a draft, filing.NobodyReads when the exclusions leave no reader.
    """
    stored = draft_of(session)
    if stored is None or stored.reporter_keys is None:
        raise Expired("Your draft is no longer here.")
    if stored.sent and stored.receipt is not None:
        return stored.receipt
    words = tuple(sessions.once(session, drafts.RECEIPT, lambda: list(seal.new_receipt(stored.language))))
    filer = None
    if reports.for_somebody_else(stored.answers):
        filer = tuple(sessions.once(session, drafts.FILER, lambda: list(seal.new_receipt(stored.language))))
    filing.file_report(stored, words, filer)
    stored.sent, stored.receipt = True, words
    drafts.store(session, stored)
    return words


def challenge(session: SessionBase, *, filer: bool = False) -> tuple[int, ...]:
    """Which words (1-based places) are typed again to confirm; constant for one receipt. `filer`: of who filed."""
    draft = drafts.stored_draft(session)
    words = filer_words(session) if filer else draft.receipt if draft is not None else None
    if draft is None or words is None:
        return ()
    mark = draft.case.bytes[2:4] if filer else draft.case.bytes[:2]
    first = mark[0] % len(words)
    second = (first + 1 + mark[1] % (len(words) - 1)) % len(words)
    return tuple(sorted((first + 1, second + 1)))


def filer_words(session: SessionBase) -> tuple[str, ...] | None:
    """The words of who filed for somebody else, until they are confirmed."""
    words = session.get(drafts.FILER)
    return tuple(words) if words else None


def confirm_filer(session: SessionBase, text: str) -> bool:
    """True when the words asked for were typed, in order; they are then wiped."""
    words = filer_words(session)
    if words is None:
        return True
    asked = " ".join(words[place - 1] for place in challenge(session, filer=True))
    if seal.normalise_receipt(text).canonical != seal.normalise_receipt(asked).canonical:
        return False
    session.pop(drafts.FILER, None)
    session.cycle_key()  # the old cookie's row, which held the words, is gone
    return True


def confirm(session: SessionBase, text: str) -> bool:
    """True when the words asked for by `challenge` were typed, in order; the receipt and keys are then wiped.

    The choices (not the texts) stay in the session for the first-aid page, until it ends.
    """
    draft = drafts.stored_draft(session)
    if draft is None or draft.receipt is None:
        raise Expired("The words are no longer here.", advice="If you wrote them down, they open your report.")
    asked = " ".join(draft.receipt[place - 1] for place in challenge(session))
    if seal.normalise_receipt(text).canonical != seal.normalise_receipt(asked).canonical:
        return False
    wipe(session, draft)
    return True


def wipe(session: SessionBase, draft: Draft) -> None:
    """Take receipt, keys and texts out of the session; choices stay for the first-aid page."""
    asked = questionnaires.load(QUESTIONNAIRE)
    chosen = {
        code: values for code, values in draft.answers.items()
        if (question := asked.question(code)) is not None and question.kind in ("one", "many", "yesno")
    }
    session.pop(drafts.RECEIPT, None)
    drafts.store(session, Draft(
        case=draft.case, reporter_keys=None, channel_keys=None, answers=chosen, language=draft.language,
        sent=True, confirmed=True,
    ))
    session.cycle_key()  # the old cookie's row, which held the words, is gone


