"""Filing: a draft becomes a case in one transaction, sealed to those who may read it."""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from django.db import transaction

from amparo import mitigate, seal
from amparo.desk import adopting, clock, configuration, custody, directory, payloads, site, waking, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.drafts import Draft
from amparo.desk.errors import DeskError, Expired
from amparo.desk.records import Blob, Case, CaseEpoch, Grant, Item, ItemKey
from amparo.words import consents, questionnaires, reports
from amparo.words.risk import Priority

log = logging.getLogger("amparo.desk.filing")
RECOVERY_ID = UUID(int=0)
NO_WORKER = "no-worker"


class NobodyReads(DeskError):
    code = "nobody-reads"
    advice = "Take back one of your exclusions, or write to another desk."


def file_report(draft: Draft, words: tuple[str, ...], filer: tuple[str, ...] | None = None) -> None:
    """Seal and store the draft as a case that `words` open. A case that is filed already stays as it is.

    `filer`: words of whoever files for somebody else: they add to the case and open nothing.
    """
    if draft.reporter_keys is None or draft.channel_keys is None:
        raise Expired("Your draft is no longer here.")
    people = [
        one for one in directory.case_people() if not draft.excluded.covers(one.role, one.pseudonym)
    ]
    if not people:
        raise NobodyReads("With these exclusions, nobody at this desk could read your report.")
    receipt = _derived(words)
    may_add = None if filer is None else _derived(filer)
    with transaction.atomic():  # IMMEDIATE: of two equal requests the second waits here, then finds the case
        if Case.objects.filter(id=draft.case).exists():
            return
        _Filing(draft, receipt, people).run()
        if may_add is not None:
            from amparo.desk import delegates

            author = seal.Author("reporter", draft.case, draft.reporter_keys.sign.private)
            delegates.enter(case=Case.objects.get(id=draft.case), author=author, keys=may_add, label="")


def presses(answers: Mapping[str, list[str]]) -> bool:
    """Whether somebody has to be woken: danger now, not sure about it, or another reason to act now."""
    said = {"yes", "unsure"} & set(answers.get("danger", ()))
    return bool(said) or mitigate.urgency(answers).level == Priority.P0


def _derived(words: tuple[str, ...]) -> seal.ReceiptKeys:
    with seal.kdf_gate(site.gate_folder(), configuration.current().kdf_slots):
        return seal.derive_receipt(seal.normalise_receipt(" ".join(words)).canonical, site.desk_id())


def file_written_down(
    draft: Draft, *, staff: OpenStaff, beside: Sequence[payloads.AnyPayload], action: str = "taken-down",
    receipt: seal.ReceiptKeys | None = None,
) -> None:
    """Seal and store, inside the caller's transaction, a report that a colleague wrote down.

    `beside`: writings of the colleague, signed by them, among them TakenDown. Without a receipt the reporter's keys
    are kept in the case (Unclaimed), so that one can be made later. `action`: "taken-down" or "imported".
    """
    if draft.reporter_keys is None or draft.channel_keys is None:
        raise Expired("Your draft is no longer here.")
    people = [one for one in directory.case_people() if not draft.excluded.covers(one.role, one.pseudonym)]
    if not people:
        raise NobodyReads("With these exclusions, nobody at this desk could read your report.")
    if not any(isinstance(one, payloads.TakenDown) for one in beside):
        raise ValueError("a report that was written down says so")
    if receipt is None:
        keys = draft.reporter_keys
        unclaimed = payloads.Unclaimed(
            at=clock.now(), kex_private=keys.kex.private, sign_private=keys.sign.private
        )
        beside = (*beside, unclaimed)
    _Filing(draft, receipt, people, staff, tuple(beside), action).run()


class _Filing:
    """One filing; `run` inside a transaction. `staff`: who wrote it down, if it was not the reporter."""

    def __init__(
        self, draft: Draft, receipt: seal.ReceiptKeys | None, people: list[directory.Colleague],
        staff: OpenStaff | None = None, beside: tuple[payloads.AnyPayload, ...] = (), action: str = "collected",
    ) -> None:
        assert draft.reporter_keys is not None and draft.channel_keys is not None
        self.draft, self.receipt, self.people = draft, receipt, people
        self.keys, self.channels = draft.reporter_keys, draft.channel_keys
        self.author = seal.Author("reporter", draft.case, self.keys.sign.private)
        self.staff, self.beside, self.action = staff, beside, action
        self.minor = reports.is_minor(draft.answers)
        self.consents = consents.given(draft.consents, minor=self.minor)
        self.now = clock.now()
        self.items: list[Item] = []
        self.item_keys: list[ItemKey] = []
        self.leaves: list[seal.CustodyEntry] = []

    def run(self) -> None:
        asked = questionnaires.load("report")
        answers = asked.kept(asked.check(self.draft.answers).answers, self.consents)
        files = adopting.open_draft(self.draft)
        if files:
            answers["files"] = [str(blob.id) for blob, _, _ in files]
        else:
            answers.pop("files", None)
        case = self._case()
        self._grants(case)
        see_again = reports.sees_again(answers)
        self._write("staff", payloads.Opening(
            at=self.now, language=self.draft.language, excluded=self.draft.excluded, minor=self.minor,
            see_again=see_again, gender=next(iter(answers.get("answered-by", ())), "any"),
        ))
        self._write("dialogue", payloads.Consent(
            at=self.now, purposes=self.consents, minor=self.minor, language=self.draft.language
        ))
        told = payloads.Answers(at=self.now, answers=answers, language=self.draft.language)
        self._write("staff", told)
        self._leaf("collected", self.items[-1])
        if see_again:
            self._write("dialogue", told)
        for one in self.beside:
            assert self.staff is not None
            self._write("staff", one, self.staff.author())
        if self.staff is not None:
            self.leaves.append(custody.entry(
                self.action, case=self.draft.case, actor_kind="staff", actor=self.staff.id
            ))
        file_items = [self._adopt(*one) for one in files]
        Item.objects.bulk_create(self.items)
        ItemKey.objects.bulk_create(self.item_keys)
        for blob, _, _ in files:
            blob.draft, blob.draft_meta, blob.draft_key, blob.item_id = None, None, None, blob.id
        Blob.objects.bulk_update([blob for blob, _, _ in files], ["draft", "draft_meta", "draft_key", "item"])
        custody.record(*self.leaves)
        if self.action != "imported" and presses(answers):  # an old sheet wakes nobody
            waking.wake_safely(waking.DANGER, case.id)
        if "examine" in self.consents and file_items:
            keys = {blob.id: key for blob, _, key in files}
            queue_exams(case, file_items, keys, answers)

    def _case(self) -> Case:
        settings = configuration.current()
        days = settings.minor_retention_days if self.minor else settings.retention_days
        case = Case(
            id=self.draft.case, opened_on=self.now.date(), changed=writing.next_change(),
            retention_on=self.now.date() + dt.timedelta(days=days),
            lookup=seal.lookup(self.receipt.lookup_seed, site.pepper()) if self.receipt else None,
            reporter_wrap=(
                seal.wrap_reporter(self.receipt.wrap, self.keys, self.draft.case) if self.receipt else None
            ),
            reporter_kex=self.keys.kex.public, reporter_sign=self.keys.sign.public,
        )
        case.save(force_insert=True)
        readers = directory.reader_bytes(one.id for one in self.people)
        public = (self.channels.staff.public, self.channels.dialogue.public, readers)
        stated = directory.epoch_bytes(case.id, 1, *public)
        CaseEpoch.objects.create(
            case=case, epoch=1, staff_public=public[0], dialogue_public=public[1], signer_kind="reporter",
            readers=readers, signature=seal.sign(self.keys.sign.private, stated), mac=site.epoch_mac(stated),
        )
        return case

    def _grants(self, case: Case) -> None:
        grants = [
            Grant(case=case, epoch=1, kind="staff", staff_id=one.id, sealed=seal.grant(
                self.channels, case.id, 1, seal.Grantee("staff", one.id), one.kex_public, self.author))
            for one in self.people
        ]
        grants.append(Grant(case=case, epoch=1, kind="reporter", sealed=seal.grant_dialogue(
            self.channels, case.id, 1, seal.Grantee("reporter", case.id), self.keys.kex.public, self.author)))
        if recovery := site.recovery_public():
            grants.append(Grant(case=case, epoch=1, kind="recovery", sealed=seal.grant(
                self.channels, case.id, 1, seal.Grantee("recovery", RECOVERY_ID), recovery, self.author)))
        Grant.objects.bulk_create(grants)

    def _write(self, channel: str, payload: payloads.AnyPayload, author: seal.Author | None = None) -> None:
        kind = payloads.KIND_OF[type(payload)]
        context = seal.Context(self.draft.case, uuid4(), kind, 1)
        public = (self.channels.staff if channel == "staff" else self.channels.dialogue).public
        sealed = seal.seal_item(public, context, 1, payloads.encode(payload), author or self.author)
        self._keep(context, channel, sealed.body, sealed.sealed_key)

    def _keep(self, context: seal.Context, channel: str, body: bytes, sealed_key: bytes) -> Item:
        item = Item(
            id=context.item, case_id=context.case, sequence=len(self.items) + 1, kind=context.kind,
            channel=channel, written_epoch=1, schema=context.schema, body=body,
        )
        self.items.append(item)
        self.item_keys.append(ItemKey(item_id=item.id, epoch=1, sealed=sealed_key))
        return item

    def _adopt(self, blob: Blob, meta: payloads.FileMeta, key: bytes) -> Item:
        context = seal.Context(self.draft.case, blob.id, "file", 1)
        assert blob.draft_meta is not None and blob.draft_key is not None
        self.leaves.append(adopting.collected(self.draft.case, blob.id, meta))
        return self._keep(context, "staff", bytes(blob.draft_meta), bytes(blob.draft_key))

    def _leaf(self, action: str, item: Item) -> None:
        self.leaves.append(custody.entry(
            action, case=self.draft.case, item=item.id, actor_kind="reporter", detail=(item.kind,)
        ))


def queue_exams(
    case: Case, items: list[Item], data_keys: Mapping[UUID, bytes], answers: Mapping[str, list[str]]
) -> None:
    """Lease the files to the live workers. A report is never refused because nobody examines it yet."""
    try:
        from amparo.desk import examining

        with transaction.atomic():
            queued = examining.queue_exams(
                case=case, items=items, data_keys=data_keys, device_consent=reports.device_consent(answers)
            )
        code = NO_WORKER if not queued.workers else queued.code
    except Exception as error:
        log.error("exams-not-queued %s", type(error).__name__)
        code = NO_WORKER
    Case.objects.filter(id=case.id).update(exam_code=code or "")
