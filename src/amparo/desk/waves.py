"""Waves: many reports, one campaign. Each report stays a case of its own; the campaign's name is sealed in each.

Every step over many cases is a transaction for each: one that fails keeps none of the others back, and is told.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from uuid import UUID, uuid4

import msgspec

from amparo import seal
from amparo.desk import assigning, casework, clock, custody, payloads, policy, queue, working, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.sheet import QueueRow
from amparo.words.errors import AmparoError

LONGEST = 200  # characters of a title
MOST = 500  # cases in one step


class Done(msgspec.Struct, frozen=True):
    """What one step over many cases did: in which it worked, and where not, with the reason."""

    good: tuple[UUID, ...]
    failed: tuple[tuple[UUID, AmparoError], ...]


class WavePage(msgspec.Struct, frozen=True):
    """A campaign as one colleague sees it: only the cases they can read. Counts are by code."""

    wave: UUID
    title: str
    rows: tuple[QueueRow, ...]
    threats: dict[str, int]
    levels: dict[str, int]
    states: dict[str, int]
    languages: dict[str, int]
    first: dt.date
    last: dt.date


def _over(cases: Collection[UUID], act: Callable[[UUID], object]) -> Done:
    wanted = tuple(dict.fromkeys(cases))
    if not wanted:
        raise DeskError("No case is chosen.", advice="Tick the cases first.", code="none-chosen")
    if len(wanted) > MOST:
        raise DeskError("These are too many at once.", advice="Choose at most 500.", code="too-many")
    good: list[UUID] = []
    failed: list[tuple[UUID, AmparoError]] = []
    for case_id in wanted:
        try:
            act(case_id)
            good.append(case_id)
        except (DeskError, seal.SealError) as error:
            failed.append((case_id, error))
    return Done(tuple(good), tuple(failed))


def _put(staff: OpenStaff, case_id: UUID, wave: UUID, title: str, *, out: bool) -> None:
    with change(staff, case_id, "case.wave", None) as opened:
        payload = payloads.Wave(at=clock.now(), wave=wave, title=title, out=out)
        writing.write_item(case=opened.case, payload=payload, author=staff.author(), epoch=opened.epoch)
        # Not which campaign: the log stands in clear, and one id in several cases would tie them together.
        custody.record(custody.entry(
            "waved", case=case_id, actor_kind="staff", actor=staff.id, detail=("out",) if out else ()
        ))


def gather(*, staff: OpenStaff, cases: Collection[UUID], title: str) -> tuple[UUID, Done]:
    """Begin a wave of these cases; its id."""
    named = " ".join(title.split())[:LONGEST]
    if not named:
        raise DeskError("The campaign has no name.", advice="Give it a few words; no names of people.", code="empty")
    wave = uuid4()
    return wave, _over(cases, lambda case_id: _put(staff, case_id, wave, named, out=False))


def put(*, staff: OpenStaff, wave: UUID, cases: Collection[UUID]) -> Done:
    """More cases of the same campaign."""
    title = page(staff, wave).title
    return _over(cases, lambda case_id: _put(staff, case_id, wave, title, out=False))


def take_out(*, staff: OpenStaff, wave: UUID, cases: Collection[UUID]) -> Done:
    """These do not belong to it after all."""
    title = page(staff, wave).title
    return _over(cases, lambda case_id: _put(staff, case_id, wave, title, out=True))


def page(staff: OpenStaff, wave: UUID) -> WavePage:
    """The campaign. Raises NotFound where no case of mine belongs to it."""
    policy.require(staff.role, "none", "queue.see")
    rows = tuple(queue.load(staff).rows.in_wave(wave))
    if not rows:
        raise NotFound("There is no such campaign among your cases.", advice="Go back to the queue.")
    threats: Counter[str] = Counter()
    for _case, reads in queue.opened_now(staff, [row.case for row in rows], ("answers", *working.KINDS)):
        found: set[str] = set(working.fold(reads).seen.threats)
        for one in reads:
            if isinstance(one.payload, payloads.Answers) and one.proven and one.item.channel == "staff":
                found |= set(one.payload.answers.get("threats", ()))
        threats.update(found)
    return WavePage(
        wave, rows[0].title, rows, dict(threats.most_common()), dict(Counter(row.level for row in rows)),
        dict(Counter(row.state for row in rows)), dict(Counter(row.language for row in rows)),
        min(row.day for row in rows), max(row.day for row in rows),
    )


def send(
    *, staff: OpenStaff, wave: UUID, cases: Collection[UUID], texts: Mapping[str, str]
) -> Done:
    """Send each chosen reporter of the wave the text of their language. A person has read it and pressed send.

    A case whose language has no text gets nothing and is told among the failed.
    """
    rows = {row.case: row for row in page(staff, wave).rows}

    def one(case_id: UUID) -> None:
        if case_id not in rows:
            raise NotFound("This case is not of this campaign.", advice="Load the page again.")
        text = texts.get(rows[case_id].language, "").strip()
        if not text:
            raise DeskError("There is no text in this reporter's language.", code="empty",
                            advice="Write to this reporter from the page of the case.")
        casework.reply(staff=staff, case_id=case_id, text=text, language=rows[case_id].language)

    return _over(cases, one)


def assign(*, staff: OpenStaff, cases: Collection[UUID], to: UUID) -> Done:
    """Give many cases to a colleague, or take them."""
    if to == staff.id:
        return _over(cases, lambda case_id: assigning.take(staff=staff, case_id=case_id))
    return _over(cases, lambda case_id: assigning.give(staff=staff, case_id=case_id, to=to))


def set_state(*, staff: OpenStaff, cases: Collection[UUID], state: str, why: str) -> Done:
    """A new state for many cases, with one reason."""
    return _over(cases, lambda case_id: casework.set_state(staff=staff, case_id=case_id, state=state, why=why))
