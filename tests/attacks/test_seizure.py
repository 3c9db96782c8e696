"""The disk is taken, while the desk runs and after: no word of any report, file name or login is on it.

25 reports by default, 500 under the mark `long`. Every report is full of canaries; so are file names and contents,
messages, notes, decisions, login names and passwords; a full day's other work is in seizure_monday.
Looked through: database, write-ahead log, sealed files,
temporary folders, logs, job table and custody log, in every form of seizure_scan.
"""

import logging
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import RequestFactory
from django_tasks_db.models import DBTaskResult

from amparo.desk import (
    accounts,
    casework,
    clock,
    configuration,
    delegates,
    duplicates,
    duties,
    handing,
    intake,
    masks,
    profile,
    queue,
    reading,
    returning,
    sandbox,
    taking,
    tend,
    throttle,
    triaging,
    vetting,
    walks,
    waves,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.quiet import CodesOnlyReporter, QuietFormatter
from amparo.desk.records import Case, Item, LogEntry, Mark, SearchSheet
from tests.attacks import seizure_monday, seizure_scan
from tests.attacks.seizure_monday import found, queue_of
from tests.attacks.seizure_scan import canary
from tests.desk import people
from tests.desk.conftest import cheap_passwords, ground  # noqa: F401  fixtures

LANGUAGES = ("en", "es", "fr", "ar")
WREN = f"six words {canary(9020, 'password')} and some more"
QUESTIONS = {
    "danger": ["yes"], "threats": ["doxing", "spyware"], "exposed": ["home"], "target": ["group"],
    "channels": ["messenger"], "nexus": ["likely"], "perpetrator": ["state-organ"], "grounds": ["religion"],
}


@pytest.fixture
def logged(ground: None) -> Iterator[Path]:  # noqa: F811
    """A log file in the data folder, written as the desk's own handler writes."""
    path = configuration.data_folder() / "log" / "desk.log"
    handler = logging.FileHandler(path)
    handler.setFormatter(QuietFormatter())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield path
    root.removeHandler(handler)
    root.setLevel(before)
    handler.close()


def looked_at(extra: tuple[Path, ...] = ()) -> list[Path]:
    return [configuration.data_folder(), *extra]


def new_temporary_files(since: float) -> list[Path]:
    """Files of the system's temporary folders that came after `since`, but pytest's and the tests' own."""
    own = ("/tmp/amparo-tests-", os.environ.get("PYTEST_DEBUG_TEMPROOT", "//"))  # of other test runs, too
    found = []
    for top in ("/tmp", "/var/tmp", "/dev/shm"):
        for folder, _, names in os.walk(top):  # what vanishes meanwhile is passed over
            for path in (Path(folder, name) for name in names):
                try:
                    fresh = path.is_file() and path.stat().st_mtime >= since and path.stat().st_size < 50_000_000
                except OSError:
                    continue
                if fresh and not str(path).startswith(own):
                    found.append(path)
    return found


def live(desk: people.Desk, number: int) -> None:
    """One report and the work on it, with a canary in everything that a person types."""
    def word(kind: str) -> str:
        return canary(number, kind)

    answers = {
        **QUESTIONS, "platform": [word("platform")], "perpetrator-why": [word("because")], "want-not": [word("not")],
    }
    session = people.session()
    intake.begin(session, LANGUAGES[number % 4])
    session = people.again(session)
    assert intake.answer(session, {"what-happened": [word("story") * 20], **answers}) == ()
    for name in ("photo", "letter"):
        content = (word(name) * 3000).encode() + word(name).encode("utf-16")
        intake.attach(session, people.upload(session, f"{word('name')}.{name}.jpg", content, "image/jpeg"))
    session = people.again(session)
    draft = intake.draft_of(session)
    assert draft is not None
    draft.consents = ["examine", "grounds", "statistics"]
    intake.keep(session, draft)
    session = people.again(session)
    words = intake.send(session)
    session = people.again(session)
    assert intake.confirm(session, " ".join(words[place - 1] for place in intake.challenge(session)))
    session.save()

    access = returning.open_receipt(" ".join(words))
    back = people.session()
    returning.keep_access(back, access)
    back.save()
    returning.say(access, word("message"))
    case = access.case
    wren = desk.team["Wren"]
    casework.reply(staff=wren, case_id=case, text=word("answer"), language="en")
    casework.note(staff=wren, case_id=case, text=word("note"))
    casework.record_event(staff=wren, case_id=case, text=word("event"), when=None, venue="offline")
    casework.set_state(staff=wren, case_id=case, state="waiting-on-reporter", why=word("why"))
    page = reading.case_page(wren, case)
    casework.record_device_consent(staff=wren, case_id=case, files=(page.evidence[0].item,), how=word("how"))
    casework.request_exam(staff=wren, case_id=case, file=page.evidence[0].item)
    together(wren, case, word)
    assert page.answers and word("story") in page.answers[[a.code for a in page.answers].index("what-happened")].text
    if number % 5 == 0:
        returning.withdraw(access)
    if number % 7 == 0:
        casework.remove_colleague(staff=desk.lead, case_id=case, colleague=desk.team["Swift"].id)
    if number % 11 == 0:
        casework.shred_case(staff=desk.lead, case_id=case, why=word("shred"))
    if number % 4 == 1 and number % 11:  # looked for, covered, found by a number
        casework.note(staff=wren, case_id=case, text=f"{word('caller')} +380 67 555 {number:04d}")
        assert found(wren, word("note")) == found(wren, f"067 555 {number:04d}") == [case]
        masks.mask(staff=wren, case_id=case, text=word("message"), why=word("mask"))
        assert found(wren, word("message")) == []
    if number % 3 == 0:  # a draft that is never sent
        left = people.session()
        intake.begin(left, "en")
        intake.answer(left, {"what-happened": [word("draft")]})
        intake.attach(left, people.upload(left, f"{word('left')}.txt", word("left").encode()))
        left.save()


def together(wren: OpenStaff, case: UUID, word: Callable[[str], str]) -> None:
    """What colleagues agree about a case: tasks, triage, a campaign, a hand-over, my own settings."""
    task = duties.add(staff=wren, case_id=case, text=word("task"), due=clock.now(), who=wren.id)
    duties.end(staff=wren, case_id=case, task=task, state="done", outcome=word("outcome"))
    walk = walks.start(staff=wren, case_id=case, book="stalkerware", language="en")
    walks.go_on(staff=wren, case_id=case, walk=walk, at="start", outcomes={}, choice=1, language="en")
    step = walks.of_case(wren, case).find(walk).here[0]
    walks.go_on(staff=wren, case_id=case, walk=walk, at="other-device", choice=0, language="en",
                outcomes={step: ("done", word("step"))})
    assert walks.of_case(wren, case).duties[step].outcome == word("step")
    triaging.triage(
        staff=wren, case_id=case, threats=["doxing"], needs=["legal"], level="P0", why=word("raised"), take=True
    )
    waves.gather(staff=wren, cases=[case], title=word("wave"))
    handing.keep(staff=wren, lines={case: word("line")}, text=word("colleagues"))
    profile.set_zone(staff=wren, zone="America/Bogota")
    rows = queue_of(wren)
    assert word("wave") in {row.title for row in rows} and word("line") in {note.text for note in rows.sheet.notes}


def by_hand(desk: people.Desk, number: int) -> None:
    """A report taken down from a chat, vetted, and added to by somebody whom its owner named; words not confirmed."""
    def word(kind: str) -> str:
        return canary(number, kind)

    one, form, wren = people.session(), uuid4(), desk.team["Wren"]
    case = taking.take_down(session=one, staff=wren, form=form, told=taking.Told(
        way="messenger", text=f"[12.03.26, 21:14:07] {word('them')}: {word('pasted')}", chat=True,
        identity=word("identity"), purposes=("examine",)))
    one.save()
    vetting.record(staff=wren, case_id=case, method="reference", on=clock.today(), outcome="confirmed",
                   text=word("vetted"))
    slip = taking.slip_of(one, form)
    assert slip is not None and slip.words
    access, back = returning.open_receipt(" ".join(slip.words)), people.session()
    words = delegates.name_by_owner(session=back, access=access, label=word("label"), language="en")
    back.save()
    adding, theirs = delegates.open_words(" ".join(words)), people.session()
    assert isinstance(adding, delegates.Adding)
    delegates.keep(theirs, adding)
    delegates.say(adding, word("added"))
    theirs.save()
    page = reading.case_page(desk.team["Swift"], case)
    assert word("added") in page.dialogue[0].text and word("pasted") in page.answers[0].text
    if number % 2:
        delegates.revoke_by_owner(access, adding.id)


def quarrel(number: int) -> None:
    """Errors whose texts hold canaries, logged as Django and our own code log them."""
    log = logging.getLogger("django.request")
    request = RequestFactory().post(f"/{canary(number, 'path')}", {"text": canary(number, "posted")})
    try:
        raise KeyError(canary(number, "key"))
    except KeyError as error:
        log.error("Internal Server Error: %s", request.path, exc_info=True, extra={"request": request})
        log.warning(f"Not Found: {canary(number, 'missing')}")
        logging.getLogger("amparo.desk").error("code-only", exc_info=True)
        logging.getLogger("amparo.desk").error(
            CodesOnlyReporter(request, type(error), error, error.__traceback__).get_traceback_text()
        )


def desk_with_canaries() -> people.Desk:
    made = people.found(login=canary(9001, "login"))
    for number, name in enumerate(("Wren", "Swift")):
        secret = accounts.invite(lead=made.lead, pseudonym=name, role="handler")
        login, password = canary(9010 + number, "login"), WREN if not number else canary(9021, "a long password")
        accounts.accept_invitation(secret=secret, login=login, password=password)
        one = people.session()
        accounts.login_password(session=one, login=login, password=password)
        set_up = accounts.begin_second_factor(session=one)
        staff = accounts.finish_second_factor(session=one, code=people.code_of(set_up.secret))
        from amparo.desk import people as colleagues

        colleagues.sign_colleague(
            lead=made.lead, staff_id=staff.id, fingerprint=colleagues.own_fingerprint(staff)
        )
        one.save()
        opened = accounts.open_staff(people.SessionStore(one.session_key))
        assert opened is not None
        made.team[name] = opened
    return made


def seize(count: int, logged: Path, every: int = 0) -> None:
    """`every`: after so many reports comes a full day's work, once more (seizure_monday); 0: none."""
    since, days = time.time(), 0
    (configuration.data_folder() / "desk.toml").write_text("reserve = 1000000\nbulk_per_hour = 100000\n")
    configuration._read.cache_clear()
    lying = configuration.data_folder() / "exports"
    shutil.rmtree(lying, ignore_errors=True)
    lying.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(throttle, "LONGEST", 0.0)
        from amparo.desk import workers

        worker = workers.register()
        desk = desk_with_canaries()
        for number in range(count):
            live(desk, number)
            quarrel(number)
            if number % 5 == 1:
                by_hand(desk, number + 5000)
            if every and number % every == 2:
                seizure_monday.work(desk, number, lying, WREN)
                days += 1
            if number == count // 2:
                workers.beat(worker.id)
                assert seizure_scan.scan(looked_at()) == []  # while it runs, the log not yet moved
        for staff in (desk.lead, desk.team["Wren"]):
            queue.build(staff)
            assert len(queue.load(staff).rows) == Case.objects.exclude(state="erasing").count()
        found(desk.lead, canary(1, "story"))  # many changed cases are read in the background: waited for
        duplicates.proposals(desk.lead)
        assert SearchSheet.objects.filter(staff_id=desk.lead.id).exists()
        assert Mark.objects.exists()
        if every:
            seizure_monday.journey(desk)
    wal = Path(f"{connection.settings_dict['NAME']}-wal")
    assert wal.exists() and logged.stat().st_size > 1000
    assert DBTaskResult.objects.exists()  # there were jobs to look at
    assert LogEntry.objects.count() > count
    assert seizure_scan.scan(looked_at(tuple(new_temporary_files(since)))) == []
    tend.tend_once()
    counted = [model.objects.count() for model in (Case, Item, DBTaskResult, LogEntry)]
    connection.close()
    assert seizure_scan.scan(looked_at(tuple(new_temporary_files(since)))) == []
    kept = [path.stat().st_size for path in configuration.data_folder().rglob("*") if path.is_file()]
    print(f"{count} reports and {days} days of work: cases, items, jobs, log entries: {counted}; "
          f" {len(kept)} files of {sum(kept) / 1e6:.1f} MB searched, nothing found, {time.time() - since:.0f} s")


def test_the_scanner_finds_every_form(tmp_path: Path) -> None:
    for word in (canary(1), canary(2, "name")):
        for name, content in seizure_scan.controls(word).items():
            path = tmp_path / "control"
            path.write_bytes(os.urandom(1000) + content + os.urandom(1000))
            assert seizure_scan.scan([path]), name
    (tmp_path / "control").write_bytes(os.urandom(5_000_000))
    assert seizure_scan.scan([tmp_path / "control"]) == []
    (tmp_path / f"{seizure_scan.PLAIN}.txt").write_bytes(b"")
    assert [hit.form for hit in seizure_scan.scan([tmp_path])]


def test_the_scanner_finds_what_is_put_into_the_database(ground: None) -> None:  # noqa: F811
    """The control on the very file: a word written plainly is found, in the log and after it was moved."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE control (word TEXT)")
        cursor.execute("INSERT INTO control VALUES (%s)", [canary(1)])
    try:
        assert any("-wal" in hit.where for hit in seizure_scan.scan(looked_at()))
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert any(hit.where.endswith(str(connection.settings_dict["NAME"])) for hit in seizure_scan.scan(looked_at()))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE control")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert seizure_scan.scan(looked_at()) == []


def test_25_reports_leave_no_word(logged: Path) -> None:
    seize(25, logged)


def walls() -> None:
    if not sandbox.capabilities().level:
        pytest.skip("LOUD: this machine raises no walls, so no sheet and no mailbox is read on it")


@pytest.mark.timeout(300)
def test_the_work_of_a_full_day_leaves_no_word(logged: Path) -> None:
    """Sheets, pasted mails, a mailbox, security keys, a campaign, masks, complaints, exports, a journey."""
    walls()
    seize(3, logged, every=3)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_500_reports_leave_no_word(logged: Path) -> None:
    walls()
    seize(500, logged, every=25)


def test_sorting_never_spills_to_a_disk(ground: None) -> None:  # noqa: F811
    with connection.cursor() as cursor:
        for pragma, wanted in (("temp_store", 2), ("secure_delete", 1), ("synchronous", 2)):
            cursor.execute(f"PRAGMA {pragma}")
            assert cursor.fetchone()[0] == wanted, pragma
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone()[0] == "wal"


def test_temporary_files_are_refused(ground: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from amparo.desk import founding

    before = dict(os.environ)
    try:
        founding.refuse_temporary_files()
        with pytest.raises(OSError):
            tempfile.mkstemp()
        with pytest.raises(OSError):
            tempfile.mkdtemp()
    finally:
        os.environ.clear()
        os.environ.update(before)
        tempfile.tempdir = None


def test_the_database_says_when_and_how_many_and_nothing_else(logged: Path) -> None:
    """What does stand in clear, column by column: a new text column must be argued for here."""
    database = sqlite3.connect(connection.settings_dict["NAME"])
    texts = set()
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'desk_%'"):
        for _, column, kind, *_ in database.execute(f"PRAGMA table_info({table})"):
            if kind.startswith(("varchar", "text")):
                texts.add(f"{table.removeprefix('desk_')}.{column}")
    assert texts == {
        "bucket.name",  # a purpose, or a keyed hash
        "setting.name",  # names of settings, case ids that are due
        "case.state", "case.exam_code", "caseepoch.signer_kind", "grant.kind", "item.kind", "item.channel",  # codes
        "blob.name",  # random
        "staff.pseudonym", "staff.role", "staff.state", "staff.answers_as",  # published by the desk
        "letter.kind", "delegate.named_by_kind",  # codes: that somebody left something for a colleague, and nobody else
        "import.name", "import.state",  # random; how far a sheet is
        "turn.place", "ping.code",  # first or second; why a ping could not be sent: both say nothing of a case
        "lease.purpose", "lease.state", "lease.code", "lease.detector_version",  # codes
    }
    database.close()
