"""A case as the role "evidence" sees it: its files, what was found in them, and their way through the custody log."""

from uuid import UUID

import msgspec
from django.db.models import Count, Q

from amparo.desk import bulk, custody, opening, policy, reading
from amparo.desk.accounts import OpenStaff
from amparo.desk.pages import EvidenceCard, FindingCard
from amparo.desk.records import Grant, LogEntry
from amparo.words.findings import NotChecked


class EvidencePage(msgspec.Struct, frozen=True):
    """What somebody of the role "evidence" is shown of a case: no answers, no dialogue, no notes, no reasons."""

    case: UUID
    evidence: tuple[EvidenceCard, ...]
    findings: tuple[FindingCard, ...]
    not_checked: tuple[NotChecked, ...]
    consents: tuple[tuple[str, bool], ...]
    log: tuple[custody.LogLine, ...]


def evidence_page(staff: OpenStaff, case_id: UUID) -> EvidencePage:
    """The files of a case with their examinations and their way through the custody log.

    The key that opens them would open more of the staff channel: here the policy narrows, cryptography does not.
    """
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "evidence.see")
    bulk.count(staff, (case_id,))
    page = reading.build(opened)
    return EvidencePage(
        case_id, page.evidence, tuple(msgspec.structs.replace(one, verdict_why="") for one in page.findings),
        page.not_checked, page.consents,
        custody.lines(case=case_id, newest=LogEntry.objects.filter(case=case_id).count()),
    )


def cases_with_evidence(staff: OpenStaff) -> tuple[tuple[UUID, int], ...]:
    """(case, number of files) of the cases to which this colleague was added: structure only, nothing is opened."""
    policy.require(staff.role, "none", "files.list")
    mine = Grant.objects.filter(kind="staff", staff_id=staff.id).exclude(case__state="erasing")
    files = Count("case__items", filter=Q(case__items__kind="file"))
    return tuple(mine.annotate(files=files).order_by("-case__changed").values_list("case_id", "files"))
