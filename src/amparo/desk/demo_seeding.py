"""The fictional desk: a lead, two handlers, some forty reports, filed the way a reporter files them.

Nothing is written past the services: each report is a draft in a sealed session, answered, sent, its receipt
confirmed; its files are sealed while they are "uploaded"; its exams are leased to the worker that is running.
"""

import datetime as dt
import time
from collections.abc import Callable
from uuid import UUID, uuid4

import msgspec
from django.db import connection, transaction

from amparo import seal
from amparo.desk import (
    accounts,
    blobs,
    casework,
    clock,
    demo_evidence,
    demo_links,
    drafts,
    escalating,
    handing,
    intake,
    people,
    uploads,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.demo import PASSWORD
from amparo.desk.demo_reports import DemoReport, load
from amparo.desk.records import Case, Lease, Staff
from amparo.desk.sessions import SessionStore

Progress = Callable[[str, int, int], None]  # what, done, of how many

LEAD = ("Ceiba", "any", PASSWORD)
COLLEAGUES = (  # pseudonym, login, role, answers as, password
    ("Colibrí", "handler1", "handler", "any", "three lanterns on the north bridge"),
    ("Jacaranda", "handler2", "handler", "woman", "bread and thyme before the rain"),
    ("Lechuza", "auditor", "auditor", "any", "a long look at every open window"),  # reads complaints, never a case
)
SPREAD_DAYS = 3  # the reports came over a weekend


class Seeded(msgspec.Struct, frozen=True):
    """What the demonstration tells afterwards."""

    lead: UUID
    danger_case: UUID
    phone_case: UUID
    receipt: tuple[str, ...]


def open_with_password(staff: UUID, password: str) -> OpenStaff:
    """A colleague of the demonstration, opened without a second factor: for this fictional desk only."""
    row = Staff.objects.get(id=staff)
    root = seal.derive_staff(password, msgspec.msgpack.decode(bytes(row.kdf or b""), type=seal.KdfParameters))
    keys = seal.unwrap_staff(root.kek, bytes(row.keys or b""), row.id)
    return OpenStaff(row.id, row.pseudonym, row.role, keys)


def staff(progress: Progress) -> OpenStaff:
    """Found the desk; gives back the opened lead."""
    progress("people", 0, len(COLLEAGUES))
    founded = accounts.found_desk(pseudonym=LEAD[0], login="lead", password=LEAD[2])
    lead = open_with_password(founded.staff, LEAD[2])
    for number, (pseudonym, login, role, answers_as, password) in enumerate(COLLEAGUES):
        progress("people", number, len(COLLEAGUES))
        secret = accounts.invite(lead=lead, pseudonym=pseudonym, role=role, answers_as=answers_as)
        joined = accounts.accept_invitation(secret=secret, login=login, password=password)
        mark = people.fingerprint_of(Staff.objects.get(id=joined))
        people.sign_colleague(lead=lead, staff_id=joined, fingerprint=mark)
    progress("people", len(COLLEAGUES), len(COLLEAGUES))
    return lead


def hasten() -> None:
    """This process need not wait for the disk at each step: what is lost in a power cut was made up anyway."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")


def reports(lead: OpenStaff, progress: Progress) -> Seeded:
    """File all reports, those with a phone first, so that the worker is busy meanwhile."""
    wanted = sorted(load(), key=lambda one: (not any(f in demo_evidence.PHONES for f in one.files), one.ago))
    filed: dict[str, tuple[UUID, tuple[str, ...]]] = {}
    for number, report in enumerate(wanted):
        progress("reports", number, len(wanted))
        filed[report.name] = file_one(report)
    progress("reports", len(wanted), len(wanted))
    cases = {name: case for name, (case, _) in filed.items()}
    _conversation(lead, cases)
    _history(lead, cases["doxing-home"])
    _night_shift(cases)
    return Seeded(lead.id, filed["danger-home"][0], *filed["phone"])


def file_one(report: DemoReport) -> tuple[UUID, tuple[str, ...]]:
    """One report from its first answer to its confirmed receipt: (case, words)."""
    session = SessionStore()
    intake.begin(session, report.language)
    today = clock.today()
    intake.answer(session, report.given(today))
    for name in report.files:
        made = demo_evidence.make(name)
        intake.attach(session, sealed(session, made))
    draft = intake.draft_of(session)
    assert draft is not None
    draft.consents = list(report.consents)
    intake.keep(session, draft)
    words = intake.send(session)
    asked = " ".join(words[place - 1] for place in intake.challenge(session))
    intake.confirm(session, asked)
    session.flush()
    Case.objects.filter(id=draft.case).update(opened_on=today - dt.timedelta(days=min(report.ago, SPREAD_DAYS)))
    return draft.case, words


def sealed(session: SessionStore, made: demo_evidence.DemoFile) -> uploads.SealedUpload:
    """Seal one file into a `.part`, as the upload handler does while a browser sends it."""
    target = uploads.target_of(session)
    _, part = blobs.new_part()
    file_id, key = uuid4(), seal.new_data_key()
    context = seal.Context(target.case, file_id, "file", target.epoch)
    with blobs.open_part(part) as out:
        sealer = seal.FileSealer(key, context, out.write)
        sealer.update(made.data)
        facts = sealer.finish()
    file = drafts.DraftFile(file_id, blobs.clean_name(made.name), facts.size, made.type)
    return uploads.SealedUpload(context=context, data_key=key, facts=facts, part=part, file=file)


def _conversation(lead: OpenStaff, cases: dict[str, UUID]) -> None:
    """A few cases that are already under way, so that states, notes and answers can be seen."""
    casework.reply(
        staff=lead, case_id=cases["minor"], language="en",
        text="We read your report. You did nothing wrong. Is there an adult you trust who could sit with you?",
    )
    casework.set_state(staff=lead, case_id=cases["minor"], state="waiting-on-reporter", why="asked about an adult")
    casework.note(
        staff=lead, case_id=cases["phish-twin-2"], text="Reads like a second copy of the radio's report. Same sender?"
    )
    casework.set_state(staff=lead, case_id=cases["tip"], state="awaiting-vetting", why="no way to verify it yet")
    casework.set_state(staff=lead, case_id=cases["vague"], state="waiting-on-reporter", why="asked what they hear")
    casework.record_event(
        staff=lead, case_id=cases["office-break-in"], when=None, venue="offline",
        text="A neighbour saw a light on the second floor that night, told to us by telephone.",
    )


def _history(lead: OpenStaff, case: UUID) -> None:
    """What happened around one case, online and in person: no single event is act now, all of them together are.

    Nobody has signed the level: that is left for whoever looks.
    """
    today = clock.today()
    for kind, ago, marks, text in (
        ("smear", 45, (), "The first post against her."),
        ("break-in", 33, (), "The office door was forced; nothing was taken but a folder."),
        ("flood", 9, ("growing", "coordinated"), ""),
        ("threat", 1, ("dated",), "“On the day of the hearing we wait for you.”"),
    ):
        escalating.add(staff=lead, case_id=case, what="event", kind=kind, marks=marks, text=text,
                       on=today - dt.timedelta(days=ago))
    escalating.add(staff=lead, case_id=case, what="ahead", kind="hearing", on=today + dt.timedelta(days=6))
    escalating.add(staff=lead, case_id=case, what="capacity", kind="lawyer")


def _night_shift(cases: dict[str, UUID]) -> None:
    """What the shift before left for the morning."""
    pseudonym, *_, password = COLLEAGUES[0]
    colleague = open_with_password(Staff.objects.get(pseudonym=pseudonym).id, password)
    handing.keep(
        staff=colleague, text="A quiet night after two. Coffee is in the left cupboard.",
        lines={cases["minor"]: "Answered, and waiting for her. If she names an adult, ring the school line first."},
    )


def wait_for_exams(case: UUID, progress: Progress, seconds: float) -> int:
    """Until this case's leases are over, or `seconds` passed. Returns how many are still open.

    The others go on while the demonstration is already open, as on a real desk.
    """
    until = time.monotonic() + seconds
    of_case = Lease.objects.filter(item__case_id=case)
    total = of_case.count()
    while True:
        left = of_case.filter(state__in=("waiting", "running")).count()
        progress("examinations", total - left, total)
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.2)


def sign_in_link(lead: UUID) -> str:
    """A fresh one-time secret for the demonstration's lead."""
    opened = open_with_password(lead, LEAD[2])
    with transaction.atomic():
        return demo_links.make(staff=opened)


def terminal_secret() -> str:
    """A fresh one-time secret for the first handler, who signs in from a terminal; see demo_links."""
    pseudonym, _, _, _, password = COLLEAGUES[0]
    opened = open_with_password(Staff.objects.get(pseudonym=pseudonym).id, password)
    with transaction.atomic():
        return demo_links.make(staff=opened)
