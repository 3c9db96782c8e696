"""Who works on a case: giving it, taking it (a new epoch), and who the signed record says is on it."""

from collections.abc import Collection, Iterable
from uuid import UUID

import msgspec

from amparo import seal
from amparo.desk import clock, custody, directory, opening, payloads, policy, searchpart, site, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, NotAllowedHere
from amparo.desk.filing import RECOVERY_ID
from amparo.desk.opening import OpenCase, Read
from amparo.desk.records import Case, CaseEpoch, Grant, HandedOver, Item, ItemKey


class Excluded(NotAllowedHere):
    """The reporter kept this colleague out."""

    code = "excluded"
    advice = "Only the reporter could change this, with a new report."


def filing_of(reads: Iterable[Read]) -> payloads.Opening | None:
    """The opening record, if it is proven to be the reporter's."""
    for one in reads:
        if isinstance(one.payload, payloads.Opening) and one.proven and one.author_kind == "reporter":
            return one.payload
    return None


class Conflicted(NotAllowedHere):
    """A colleague of the case has said that this one must not read it."""

    code = "conflict"
    advice = "A conflict of interest stays. Another colleague can be added."


def record_of(opened: OpenCase) -> list[Read]:
    """What decides who may read a case, opened: its opening record and the conflicts of interest."""
    rows = Item.objects.filter(case=opened.case, kind__in=("opening", "conflict")).select_related("key")
    return opening.read_items(opened, rows.order_by("sequence"))[0]


def conflicts_in(reads: Iterable[Read], *, doubtful: bool = False) -> frozenset[UUID]:
    """Colleagues who must not read the case, as its readers have signed.

    `doubtful`: also by writings that prove nothing (any more: a colleague with new keys). They keep somebody from
    being given the case, and never take it from anybody.
    """
    return frozenset(
        one.payload.who for one in reads
        if isinstance(one.payload, payloads.Conflict) and one.author_kind == "staff" and (one.proven or doubtful)
    )


def conflicted(opened: OpenCase) -> frozenset[UUID]:
    """The same, read now."""
    return conflicts_in(record_of(opened))


def check(reads: Iterable[Read], colleague: directory.Colleague) -> None:
    """Raises Excluded or Conflicted where this colleague must not be given the case; seal.Tampered without a filing."""
    reads = list(reads)
    filed = filing_of(reads)
    if filed is None:
        raise seal.Tampered("The record of this report's filing is missing or not the reporter's.")
    if filed.excluded.covers(colleague.role, colleague.pseudonym):
        raise Excluded("The reporter asked that this colleague does not read the report.")
    if colleague.id in conflicts_in(reads, doubtful=True):
        raise Conflicted("This colleague has a conflict of interest in this case.")


def give(*, staff: OpenStaff, opened: OpenCase, colleague: directory.Colleague) -> None:
    """Give the case's present epoch to a colleague. Inside a transaction."""
    case = opened.case
    check(record_of(opened), colleague)
    Grant.objects.filter(case=case, kind="staff", staff_id=colleague.id).delete()
    HandedOver.objects.filter(case=case, giver_id=colleague.id).delete()
    Grant.objects.create(case=case, epoch=case.epoch, kind="staff", staff_id=colleague.id, sealed=seal.grant(
        opened.keys, case.id, case.epoch, seal.Grantee("staff", colleague.id), colleague.kex_public, staff.author()
    ))
    if colleague.id not in opened.epoch.reader_ids:
        add_reader(staff, opened.epoch, case.id, colleague.id)
    note(staff, case, opened, "member-added", colleague.id)
    custody.record(custody.entry("granted", case=case.id, item=colleague.id, actor_kind="staff", actor=staff.id))


def readers_now(case_id: UUID) -> set[UUID]:
    """Who holds a key of the case that opens it; not whoever got new keys since and waits for the case."""
    held = Grant.objects.filter(case_id=case_id, kind="staff").values_list("staff_id", flat=True)
    return set(held) - set(HandedOver.objects.filter(case_id=case_id).values_list("giver_id", flat=True))


def _coming_back(case: Case) -> set[UUID]:
    """Colleagues who get new keys just now: nobody can be given the case for them, and they stay its readers."""
    rows = HandedOver.objects.filter(case=case, giver__state__in=("invited", "unsigned"))
    return set(rows.values_list("giver_id", flat=True))


def add_reader(staff: OpenStaff, epoch: CaseEpoch, case_id: UUID, who: UUID) -> None:
    """Sign one more reader onto the epoch."""
    added = msgspec.msgpack.decode(bytes(epoch.added)) if epoch.added else []
    signature = seal.sign(staff.keys.sign.private, directory.added_bytes(case_id, epoch.epoch, who))
    epoch.added = msgspec.msgpack.encode([*added, (who, staff.id, signature)])
    epoch.save(update_fields=["added"])


def note(staff: OpenStaff, case: Case, opened: OpenCase | None, what: str, who: UUID) -> None:
    """Write a member's coming or going into the case, signed."""
    writing.write_item(
        case=case, payload=payloads.StateChange(at=clock.now(), what=what, value="", who=who),
        author=staff.author(), epoch=opened.epoch if opened else None,
    )


def rekey(*, staff: OpenStaff, opened: OpenCase, without: Collection[UUID]) -> int:
    """Begin a new epoch without some colleagues; the number of items re-sealed. Inside one transaction.

    Bodies stay as they are (they are bound to the epoch of writing); each data key is sealed anew. What a
    removed colleague saw or copied before stays seen: the honest limit.
    """
    case, old = opened.case, opened.keys
    if directory.reporter_key(case) is None:
        raise seal.Tampered("The reporter's keys of this case are not those that its id names.")
    for gone in without:
        note(staff, case, opened, "member-removed", gone)
    reads = record_of(opened)
    filed = filing_of(reads)
    if filed is None:
        raise seal.Tampered("The record of this report's filing is missing or not the reporter's.")
    on_case = opened.epoch.reader_ids - conflicts_in(reads)
    held = set(Grant.objects.filter(case=case, kind="staff").values_list("staff_id", flat=True))
    rest = [  # a colleague who is locked out keeps the case: lifting the lock gives everything back
        one for one in opened.people.values()
        if one.state in ("active", "locked") and one.id in held and one.id in on_case and one.id not in without
        and not filed.excluded.covers(one.role, one.pseudonym)
    ]
    if not any(one.active and one.role in policy.CASE_ROLES for one in rest):
        raise DeskError(
            "Nobody would be left on this case.", code="last-member", advice="Give it to a colleague first."
        )
    fresh, number = seal.new_channel_keys(), case.epoch + 1
    readers = {one.id for one in rest} | (_coming_back(case) & on_case - set(without))
    public = (fresh.staff.public, fresh.dialogue.public, directory.reader_bytes(readers))
    stated = directory.epoch_bytes(case.id, number, *public)
    CaseEpoch.objects.create(
        case=case, epoch=number, staff_public=public[0], dialogue_public=public[1], signer_kind="staff",
        signer=staff.id, readers=public[2], signature=seal.sign(staff.keys.sign.private, stated),
        mac=site.epoch_mac(stated),
    )
    count = _reseal(case, old, fresh, number)
    searchpart.forget(case.id, staff_ids=without)
    Grant.objects.filter(case=case).delete()
    _grant_all(staff, case, fresh, number, rest)
    HandedOver.objects.filter(case=case, giver_id__in=[one.id for one in rest]).delete()
    Case.objects.filter(id=case.id).update(epoch=number)
    case.epoch = number
    writing.touch(case)
    leaves = [
        custody.entry("revoked", case=case.id, item=gone, actor_kind="staff", actor=staff.id) for gone in without
    ]
    leaves.append(custody.entry("re-keyed", case=case.id, actor_kind="staff", actor=staff.id, detail=(str(number),)))
    custody.record(*leaves)
    return count


def _reseal(case: Case, old: seal.ChannelKeys, fresh: seal.ChannelKeys, number: int) -> int:
    """Seal every data key to the new epoch. One that does not open stays behind, unreadable as before."""
    changed = []
    for row in ItemKey.objects.filter(item__case=case).select_related("item"):
        item = row.item
        mine, theirs = (old.staff, fresh.staff) if item.channel == "staff" else (old.dialogue, fresh.dialogue)
        try:
            key = seal.open_data_key(mine.private, bytes(row.sealed), case.id, item.id, item.kind, row.epoch)
        except seal.SealError:
            continue
        row.sealed = seal.seal_data_key(theirs.public, key, case.id, item.id, item.kind, number)
        row.epoch = number
        changed.append(row)
    ItemKey.objects.bulk_update(changed, ["sealed", "epoch"], batch_size=200)
    return len(changed)


def _grant_all(
    staff: OpenStaff, case: Case, keys: seal.ChannelKeys, number: int, rest: list[directory.Colleague]
) -> None:
    author = staff.author()
    grants = [
        Grant(case=case, epoch=number, kind="staff", staff_id=one.id, sealed=seal.grant(
            keys, case.id, number, seal.Grantee("staff", one.id), one.kex_public, author))
        for one in rest
    ]
    grants.append(Grant(case=case, epoch=number, kind="reporter", sealed=seal.grant_dialogue(
        keys, case.id, number, seal.Grantee("reporter", case.id), bytes(case.reporter_kex), author)))
    if recovery := site.recovery_public():
        grants.append(Grant(case=case, epoch=number, kind="recovery", sealed=seal.grant(
            keys, case.id, number, seal.Grantee("recovery", RECOVERY_ID), recovery, author)))
    Grant.objects.bulk_create(grants)
