"""A small desk for tests of the doors: one colleague of each role, one case, and an open session for each of them.

Built through the same services that people use; only the password derivation is made cheap.
"""

import datetime as dt
import os
import re
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from amparo import seal
from amparo.desk import (
    accounts,
    configuration,
    duties,
    examining,
    founding,
    intake,
    people,
    previews,
    reading,
    returning,
    sandbox,
    walks,
    waves,
    workers,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Lease
from amparo.desk.sandbox.wire import Rendering
from amparo.desk.sessions import SessionStore
from amparo.words.findings import Category, Finding, Knowledge, Level, NotChecked, Where
from amparo.words.messages import Attachment, Gap, Kind, Message, Origin, Summary
from amparo.words.times import Moment, Precision
from tests.desk import sheets

PASSWORD = "five quiet herons cross the river"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
JPEG = b"\xff\xd8\xff\xe0"
OTHERS = ("intake", "evidence", "auditor", "analyst", "admin")


def cheap_kdf() -> seal.KdfParameters:
    """Parameters for tests: the shape of the real ones at a thousandth of the cost."""
    return seal.KdfParameters(salt=os.urandom(32), t=1, m_kib=8, p=1)


def totp(secret: bytes) -> str:
    """The code an authenticator shows now."""
    return seal.totp_code(secret, time.time())


@dataclass
class Desk:
    """Cookies by actor ("handler:granted", "auditor", ...), and the ids that addresses are filled with."""

    cookies: dict[str, str] = field(default_factory=dict)
    staff: dict[str, OpenStaff] = field(default_factory=dict)
    case: UUID | None = None
    item: UUID | None = None  # its one file
    finding: UUID | None = None
    copy: UUID | None = None  # a rendered copy of the file
    conversation: UUID | None = None  # the messages that were read from it
    task: UUID | None = None
    wave: UUID | None = None
    walk: UUID | None = None  # a playbook begun with the case
    receipt: tuple[str, ...] = ()
    invitation: str = ""
    sheet: UUID | None = None  # an import that the handler with a key has brought and not run

    def client(self, actor: str) -> Client:
        """A browser of this actor."""
        client = Client(raise_request_exception=False)
        if actor in self.cookies:
            client.cookies["s"] = self.cookies[actor]
        return client

    def enter(self, actor: str, login: str, *, finish: bool = True) -> OpenStaff | None:
        """Sign in up to the second step, or through it; the session stays open as this actor's."""
        session = SessionStore()
        pending = accounts.login_password(session=session, login=login, password=PASSWORD)
        staff = None
        if finish:
            assert pending.needs_set_up
            begun = accounts.begin_second_factor(session=session)
            staff = accounts.finish_second_factor(session=session, code=totp(begun.secret))
            self.staff[actor] = staff
        session.save()
        self.cookies[actor] = str(session.session_key)
        return staff

    def hire(self, actor: str, role: str, *, sign: bool = True, finish: bool = True) -> None:
        """Invite, accept, set up and sign a colleague whose pseudonym and login are the actor's name."""
        lead = self.staff["lead:granted"]
        name = actor.replace(":", " ")
        secret = accounts.invite(lead=lead, pseudonym=name, role=role)
        who = accounts.accept_invitation(secret=secret, login=name, password=PASSWORD)
        if sign:
            row = next(one for one in people.colleagues(staff=lead) if one.id == who)
            people.sign_colleague(lead=lead, staff_id=who, fingerprint=row.fingerprint)
        self.enter(actor, name, finish=finish)


def found() -> Desk:
    """The desk, with its case filed after the first colleagues came and before the last."""
    forget()
    before = tempfile.tempdir
    (configuration.data_folder() / "desk.toml").write_text(
        f"reserve = 1000000\nroles = {list(OTHERS)!r}\n")
    founding.prepare()
    tempfile.tempdir = before  # pytest's own folders stay usable
    desk = Desk()
    founded = accounts.found_desk(pseudonym="lead granted", login="lead granted", password=PASSWORD)
    session = SessionStore()
    accounts.login_password(session=session, login="lead granted", password=PASSWORD)
    desk.staff["lead:granted"] = accounts.login_totp(session=session, code=totp(founded.set_up.secret))
    session.save()
    desk.cookies["lead:granted"] = str(session.session_key)

    for actor, role in (("handler:granted", "handler"), ("handler:excluded", "handler"), ("lead:excluded", "lead")):
        desk.hire(actor, role)
    worker = workers.register()
    file_case(desk)
    examine(desk, worker)
    work_on(desk)
    for actor, role in (("handler:none", "handler"), ("lead:none", "lead"), *((role, role) for role in OTHERS)):
        desk.hire(actor, role)
    desk.hire("unsigned", "handler", sign=False)
    desk.hire("set-up", "handler", sign=False, finish=False)
    _pending(desk)
    desk.invitation = accounts.invite(lead=desk.staff["lead:granted"], pseudonym="somebody new", role="handler")
    desk.sheet = sheets.bring(desk.staff["handler:granted"], sheets.register(3))
    _drafting(desk)
    return desk


def forget() -> None:
    """What lies on the disk and not in the transaction: secrets, the anchor, blobs."""
    for name in ("sealed", "site"):
        shutil.rmtree(configuration.data_folder() / name, ignore_errors=True)


def examine(desk: Desk, worker: seal.WorkerKeys) -> None:
    """What a worker brings home of the one file: a finding, a gap, a picture."""
    seen = Finding(
        detector="spyware", detector_version="1", code="link", level=Level.HIGH, category=Category.RECEIVED,
        seen="bait.example", where=Where("sms.db", "message 1"), says="A link of a known set arrived.",
        matters="Such links open the way to spyware.", does_not_say="It does not show that it was opened.",
        knowledge=(Knowledge("bait.example", "set one"),))
    made = sandbox.Outcome(
        code="done", level="namespaces", seconds=0.1, findings=(seen,),
        not_checked=(NotChecked("spyware", "calls", "absent: no call log"),),
        rendering=Rendering("image", "image/jpeg", data=JPEG + b"clear\xff\xd9", blurred=JPEG + b"veiled\xff\xd9"),
        ended=sandbox.Ended("done", digest="ab" * 32, indicators=3, says="said", coverage={"sms.db": 5}))
    for purpose, write, more in (
        ("examine", examining.record, {}), ("preview", previews.record, {"talk": _talk()}),
    ):
        lease = Lease.objects.get(item=desk.item, purpose=purpose)
        write(lease=lease, outcome=made, worker=worker, version="v", **more)
    workers.retire(worker.id)
    assert desk.case
    page = reading.case_page(desk.staff["lead:granted"], desk.case)
    copy = page.evidence[0].previews[0]
    desk.finding, desk.copy, desk.conversation = page.findings[0].item, copy.item, copy.conversation


def _talk() -> sandbox.Outcome:
    """What a worker brings home of a chat: a message with two possible dates, one that is deleted, one gap."""
    at = dt.datetime(2024, 3, 2, 21, 5, tzinfo=dt.UTC)
    when, other = (Moment(one, Precision.MINUTE, "unknown") for one in (at, at.replace(month=2, day=3)))
    said = (
        Message(Origin("chat.txt", 1), "Ana \u202egpj", "We wait\nat the <b>gate</b>.", when, "02/03/2024, 21:05",
                other, attachments=(Attachment("gate.jpg", there=True), Attachment())),
        Message(Origin("chat.txt", 3), "Bo", "", None, "99/99/2024, 21:06", kind=Kind.DELETED),
    )
    return sandbox.Outcome("done", "namespaces", 0.1, said=said, ended=sandbox.Ended("done"), heard=Summary(
        "whatsapp", 250, 2, 2, when, when, ("dmy", "mdy"), "open", "unknown", (), 2, 1,
        (Gap("looks-like-a-start", 2, Origin("chat.txt", 9), "[x"), Gap("more-messages", 248)),
    ))


def work_on(desk: Desk) -> None:
    """A task in the case, and a campaign that it belongs to."""
    assert desk.case
    lead = desk.staff["lead:granted"]
    desk.task = duties.add(staff=lead, case_id=desk.case, text="call the contact", due=None, who=None)
    desk.wave, _done = waves.gather(staff=lead, cases=[desk.case], title="the bridge")
    desk.walk = walks.start(staff=lead, case_id=desk.case, book="harassment", language="en")


def _pending(desk: Desk) -> None:
    """A colleague who gave the password and not yet the code."""
    desk.hire("pending", "handler")
    session = SessionStore()
    accounts.login_password(session=session, login="pending", password=PASSWORD)
    session.save()
    desk.cookies["pending"] = str(session.session_key)


def file_case(desk: Desk) -> None:
    """A report with one file, filed through the reporter's pages; two colleagues are excluded by name."""
    browser = Client()
    assert browser.post("/en/write/begin/").status_code == 302
    upload = SimpleUploadedFile("photo of the gate.txt", b"a text that is not a picture\n" * 40, "text/plain")
    token = TOKEN.search(browser.get("/en/write/files/").content.decode())
    assert token  # it must stand before the file: what may be sent is decided before the first byte
    browser.post("/en/write/files/", {"csrfmiddlewaretoken": token[1], "file": upload})
    session = SessionStore(browser.cookies["s"].value)
    draft = intake.draft_of(session)
    assert draft is not None and draft.files
    draft.answers = {"what-happened": ["Somebody waits in front of the door."], "danger": ["yes"]}
    draft.excluded = Exclusion(pseudonyms=("handler excluded", "lead excluded"))
    draft.consents = ["examine"]
    intake.keep(session, draft)
    desk.receipt = intake.send(session)
    session.save()
    desk.case, desk.item = draft.case, draft.files[0].id
    back = SessionStore()
    returning.keep_access(back, returning.open_receipt(" ".join(desk.receipt)))
    back.save()
    desk.cookies["reporter"] = str(back.session_key)
    assert reading.relation(desk.staff["handler:granted"], draft.case) == "granted"


def _drafting(desk: Desk) -> None:
    """Somebody in the middle of a report."""
    session = SessionStore()
    intake.begin(session, "en")
    session.save()
    desk.cookies["draft"] = str(session.session_key)
