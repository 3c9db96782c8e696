"""A colleague gets new keys (a forgotten password): what hung on the old ones must not be lost with them.

What they had signed about cases' keys stands on by a lead's signature, or by the site's word. Each of their cases waits
until a reader gives it back: the lead who signs the new keys, and every other one at their next sign-in or on the page
“Return cases” (bringing_back). A case that nobody else reads is closed for good; the page says which, before.
"""

from collections import Counter, defaultdict
from uuid import UUID

import msgspec
from django.db.models import Q

from amparo import seal
from amparo.desk import directory, opening, policy
from amparo.desk.accounts import OpenStaff
from amparo.desk.records import Case, CaseEpoch, Grant, HandedOver, Item, Staff


class Ahead(msgspec.Struct, frozen=True):
    """What new keys would do to the cases of a colleague."""

    with_me: int  # I give them back when I sign
    by_others: dict[str, int]  # pseudonym -> how many of the rest this colleague could give back
    lost: tuple[UUID, ...]  # nobody else reads them


class Waits(msgspec.Struct, frozen=True):
    """Cases of mine that wait for me to give them back to a colleague with new keys."""

    who: UUID
    pseudonym: str
    cases: tuple[UUID, ...]


def keep_words(lead: OpenStaff, row: Staff) -> None:
    """Keep what this colleague signed about cases' keys, proven as it stands now: a case whose keys nobody vouches
    for opens to nobody. Where the lead read the case then, they sign it anew; else the site gives its word."""
    people = directory.everyone()
    signed = Q(epochs__signer=row.id) | Q(epochs__added__gt=b"")
    for case in Case.objects.filter(signed).distinct():
        try:
            readers = directory.epoch_of(case, people).readers_by_epoch
        except seal.Tampered:
            continue
        for epoch in CaseEpoch.objects.filter(case=case):
            if epoch.signer == row.id:
                stated = directory.epoch_bytes(
                    case.id, epoch.epoch, epoch.staff_public, epoch.dialogue_public, epoch.readers
                )
                if lead.id in readers.get(epoch.epoch - 1, ()):
                    epoch.signer, epoch.signature = lead.id, seal.sign(lead.keys.sign.private, stated)
                else:
                    epoch.signature = directory.kept_word(row.id, stated)
            if epoch.added:
                epoch.added = _added(lead, row.id, case.id, epoch, readers.get(epoch.epoch, frozenset()))
            epoch.save(update_fields=["signer", "signature", "added"])


def _added(lead: OpenStaff, old: UUID, case: UUID, epoch: CaseEpoch, readers: frozenset[UUID]) -> bytes:
    raw = bytes(epoch.readers)
    first = {UUID(bytes=raw[at : at + 16]) for at in range(0, len(raw), 16)}  # those signed with the epoch itself
    kept = []
    for who, by, signature in msgspec.msgpack.decode(bytes(epoch.added), type=list[tuple[UUID, UUID, bytes]]):
        stated = directory.added_bytes(case, epoch.epoch, who)
        if by != old or who not in readers:
            kept.append((who, by, signature))
        elif lead.id in first:
            kept.append((who, lead.id, seal.sign(lead.keys.sign.private, stated)))
        else:
            kept.append((who, by, directory.kept_word(old, stated)))
    return msgspec.msgpack.encode(kept)


def let_wait(lead: OpenStaff, row: Staff) -> None:
    """Note each case whose grant is for the key that goes. Inside the transaction in which it goes."""
    held = Grant.objects.filter(staff=row, kind="staff").exclude(case__state="erasing")
    HandedOver.objects.bulk_create(
        [HandedOver(case_id=one, giver=row, holder_id=lead.id) for one in held.values_list("case_id", flat=True)],
        ignore_conflicts=True,
    )


def reads_by_record(opened: opening.OpenCase, who: UUID) -> bool:
    """Whether this colleague is a reader of the present epoch, as signed, and nobody has taken them off since."""
    rows = Item.objects.filter(case=opened.case, kind="state").select_related("key").order_by("sequence")
    last = ""
    for one in opening.read_items(opened, rows)[0]:
        said = one.payload
        if one.author_kind == "staff" and getattr(said, "who", None) == who:
            last = getattr(said, "what", "")
    return who in opened.epoch.reader_ids and last != "member-removed"


def ahead(staff: OpenStaff, who: UUID) -> Ahead:
    """What new keys for this colleague would do, before they are made."""
    policy.require(staff.role, "none", "people.sign")
    people = directory.everyone()
    theirs = Grant.objects.filter(staff_id=who, kind="staff").exclude(case__state="erasing").values("case_id")
    readers: dict[UUID, set[UUID]] = defaultdict(set)
    for case, reader in Grant.objects.filter(case_id__in=theirs, kind="staff").values_list("case_id", "staff_id"):
        readers[case].add(reader)
    for case, waiting in HandedOver.objects.filter(case_id__in=theirs).values_list("case_id", "giver_id"):
        readers[case].discard(waiting)
    able = {one.id for one in people.values() if one.active and one.role in policy.CASE_ROLES} - {who}
    mine, others, lost = 0, Counter[str](), []
    for case, some in sorted(readers.items()):
        if staff.id in some:
            mine += 1
        elif some & able:
            others.update(people[one].pseudonym for one in some & able)
        else:
            lost.append(case)
    return Ahead(mine, dict(others), tuple(lost))


def waits(staff: OpenStaff) -> tuple[Waits, ...]:
    """Which of my cases wait for me to give them back, by colleague."""
    policy.require(staff.role, "none", "people.return")
    people, found = directory.everyone(), defaultdict(list)
    stale = HandedOver.objects.filter(giver_id=staff.id).values("case_id")  # these wait for somebody themselves
    rows = HandedOver.objects.filter(case__grants__staff_id=staff.id, case__grants__kind="staff")
    for case, giver in rows.exclude(case_id__in=stale).values_list("case_id", "giver_id").distinct():
        if giver in people and people[giver].active:
            found[giver].append(case)
    return tuple(Waits(who, people[who].pseudonym, tuple(sorted(cases))) for who, cases in found.items())


def waiting_for_others(staff: OpenStaff) -> int:
    """How many of my own cases a colleague must give back to me, after I got new keys."""
    return waiting_for(staff.id)


def waiting_for(who: UUID) -> int:
    """The same of any colleague."""
    held = Grant.objects.filter(staff_id=who, kind="staff").values("case_id")
    return HandedOver.objects.filter(giver_id=who, case_id__in=held).exclude(case__state="erasing").count()
