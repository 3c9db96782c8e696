"""Cases from a spreadsheet: what the dry run says is what the real run does, and nothing is made twice."""

import threading
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection

from amparo.desk import (
    blobs,
    casework,
    custody,
    import_runs,
    importing,
    masks,
    opening,
    payloads,
    queue,
    reading,
    returning,
    sandbox,
    site,
    taking,
    tend,
)
from amparo.desk import (
    people as staff_people,
)
from amparo.desk.errors import DeskError, NotAllowedHere, NotFound
from amparo.desk.import_runs import Account
from amparo.desk.importing import NotMapped, TooLate
from amparo.desk.records import Case, Import, ImportedRow, Item
from amparo.desk.spreadsheets import SheetNotRead
from amparo.gather.tables import Choices
from tests.desk import people, sheets


@pytest.fixture(autouse=True)
def walls() -> None:
    if not sandbox.capabilities().level:
        pytest.skip("LOUD: this machine raises no walls, so no sheet is read on it")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs in this thread, so that a test sees their end."""

    monkeypatch.setattr(import_runs, "_in_background", import_runs.work)


def bare(account: Account | None) -> Account:
    """An account without the cases that only a real run has."""
    assert account is not None
    return msgspec.structs.replace(
        account, lines=tuple(msgspec.structs.replace(line, case=None) for line in account.lines)
    )


def account(desk: people.Desk, one: UUID) -> Account:
    found = importing.known(desk.team["Wren"], one).account
    assert found is not None
    return found


def test_the_dry_run_and_the_real_run_give_the_same_account(desk: people.Desk, at_once: None) -> None:
    wren = desk.team["Wren"]
    content = sheets.register(45) + (
        b"\r\nTwice the same,harassment,2024-05-01,,R-x\r\nTwice the same,harassment,2024-05-01,,R-x"
        b"\r\nTwo dates,harassment,2024-05-01 and 2024-05-03,,R-y\r\n"
        b"Which day,brigading,05/06/2024,,R-z\r\n,,,Somebody,\r\n"
    )
    one = sheets.mapped(wren, content, odd="leave")
    dry = account(desk, one)
    assert dry.counts == {"made": 46, "known": 0, "again": 1, "left": 3, "odd": 3}
    assert not Case.objects.exists() and not ImportedRow.objects.exists(), "a dry run writes nothing"
    importing.run(staff=wren, import_id=one)
    known = importing.known(wren, one)
    assert known.state == "done" and (known.done, known.total) == (46, 46)
    assert bare(known.account) == bare(dry) and Case.objects.count() == 46
    cases = [line.case for line in account(desk, one).lines if line.case]
    assert sorted(cases) == sorted(Case.objects.values_list("id", flat=True))


def test_a_workbook_becomes_cases_that_any_handler_reads(desk: people.Desk, at_once: None) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    one = sheets.mapped(wren, sheets.excel())
    importing.run(staff=wren, import_id=one)
    done = account(desk, one)
    assert done.counts["made"] == 5 and {said.code for said in done.said} == {
        "hidden-sheet", "comments", "hidden-columns", "links"
    }
    first = done.lines[0].case
    assert first is not None
    page = reading.case_page(swift, first)
    told = {answer.code: answer.values or answer.text for answer in page.answers}
    assert told["threats"] == ("harassment", "doxing") and told["when"] == "2024-05-31"
    assert not page.notices and not page.unreadable and len(queue.load(swift).rows) == 5
    row = importing.row_of(swift, first)
    assert row is not None and (row.sheet, row.row) == ("Register 2024", 2)
    assert row.cells["Note"] == "12.5", "what no field took stays with the case"
    lines = [(line.entry.action, line.entry.actor) for line in custody.lines(case=first)]
    assert ("imported", wren.id) in lines


def test_who_the_person_is_stands_apart_from_the_row(desk: people.Desk, at_once: None) -> None:
    wren = desk.team["Wren"]
    one = sheets.mapped(wren, sheets.register(1))
    importing.run(staff=wren, import_id=one)
    (case,) = Case.objects.all()
    opened = opening.for_staff(wren.id, wren.keys.kex.private, case.id)
    items = Item.objects.filter(case=case).select_related("key")
    found = {type(read.payload): read.payload for read in opening.read_items(opened, items)[0]}
    identity, row = found[payloads.Identity], found[payloads.Imported]
    assert isinstance(identity, payloads.Identity) and identity.text == "Name: Person Q0"
    assert isinstance(row, payloads.Imported) and "Person Q0" not in str(row.cells) + str(row.problems)


def test_a_problem_row_that_is_made_says_what_went_into_no_field(desk: people.Desk, at_once: None) -> None:
    wren = desk.team["Wren"]
    one = sheets.mapped(wren, b"What happened,Date,Type\nTold,05/06/2024,brigading\n")
    importing.run(staff=wren, import_id=one)
    row = importing.row_of(wren, Case.objects.get().id)
    assert row is not None
    assert row.problems == (("Date", "date-order", "05/06/2024"), ("Type", "unknown-value", "brigading"))
    assert row.cells == {"What happened": "Told", "Date": "05/06/2024", "Type": "brigading"}


def test_the_same_rows_again_make_nothing_whatever_file_they_come_in(desk: people.Desk, at_once: None) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    importing.run(staff=wren, import_id=sheets.mapped(wren, sheets.register(3)))
    turned = "Ref;Name;Date;Type;What happened\n" + "\n".join(
        f'R-{n};Person Q{n};2024-05-{n % 28 + 1:02d};harassment;"A message number {n} says that they know the street."'
        for n in range(4)
    )
    again = sheets.mapped(swift, turned.encode("utf-16"))
    dry = importing.known(swift, again).account
    assert dry is not None and dry.counts["known"] == 3 and dry.counts["made"] == 1
    importing.run(staff=swift, import_id=again)
    assert Case.objects.count() == 4
    done = importing.known(swift, again).account
    assert bare(done) == bare(dry)


def test_a_run_that_was_cut_off_goes_on_and_makes_nothing_twice(
    desk: people.Desk, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wren = desk.team["Wren"]
    one = sheets.mapped(wren, sheets.register(50))
    dry = account(desk, one)
    real, calls = import_runs._file, []

    def breaks(*given: object) -> UUID:
        calls.append(1)
        if len(calls) == 30:
            raise RuntimeError("the machine is gone")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(import_runs, "_file", breaks)
    with pytest.raises(RuntimeError):
        importing.run(staff=wren, import_id=one)
    assert Case.objects.count() == 20, "whole batches only"
    Import.objects.filter(id=one).update(beat_at=None)
    known = importing.known(wren, one)  # looking at the page goes on with it
    assert known.state == "done" and Case.objects.count() == 50 == ImportedRow.objects.count()
    assert bare(known.account) == bare(dry)


def test_two_imports_of_one_sheet_at_once_make_each_row_once(desk: people.Desk) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    both = [(wren, sheets.mapped(wren, sheets.register(60))), (swift, sheets.mapped(swift, sheets.register(60)))]
    errors: list[Exception] = []

    def work(staff: object, one: UUID) -> None:
        try:
            Import.objects.filter(id=one).update(state="running")
            import_runs.work(staff, one)  # type: ignore[arg-type]
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and Case.objects.count() == 60 == ImportedRow.objects.count()
    accounts = [importing.known(staff, one).account for staff, one in both]
    assert sum(found.counts["made"] for found in accounts if found) == 60


def test_one_import_is_run_by_one_thread(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    wren = desk.team["Wren"]
    one = sheets.mapped(wren, sheets.register(2))
    started: list[str] = []
    monkeypatch.setattr(import_runs, "_in_background", lambda *_: started.append("thread"))  # and it never ends
    for _ in range(3):
        importing.run(staff=wren, import_id=one)
        importing.known(wren, one)
    assert started == ["thread"]


def test_within_the_hour_an_import_is_taken_back_but_for_what_somebody_wrote_to(
    desk: people.Desk, at_once: None
) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    people.report("Not from the sheet.")
    one = sheets.mapped(wren, sheets.register(4))
    importing.run(staff=wren, import_id=one)
    touched = account(desk, one).lines[1].case
    assert touched is not None
    casework.note(staff=swift, case_id=touched, text="I know of this one.")
    with pytest.raises(NotFound):
        importing.undo(staff=swift, import_id=one)
    importing.undo(staff=wren, import_id=one)
    known = importing.known(wren, one)
    assert known.state == "undone" and known.account is not None and known.account.kept == 1
    assert Case.objects.count() == 2 and Case.objects.filter(id=touched).exists()
    assert [one.text for one in reading.case_page(swift, touched).notes] == ["I know of this one."]
    again = sheets.mapped(wren, sheets.register(4))
    assert account(desk, again).counts == {"made": 3, "known": 1, "again": 0, "left": 0, "odd": 0}


def test_after_the_hour_it_stays(desk: people.Desk, at_once: None) -> None:
    import datetime as dt

    wren = desk.team["Wren"]
    one = sheets.mapped(wren, sheets.register(2))
    importing.run(staff=wren, import_id=one)
    Import.objects.filter(id=one).update(beat_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=61))
    with pytest.raises(TooLate):
        importing.undo(staff=wren, import_id=one)
    assert Case.objects.count() == 2


def test_nothing_runs_before_it_was_tried_out_and_said_what_happens_to_odd_rows(desk: people.Desk) -> None:
    wren = desk.team["Wren"]
    with pytest.raises(NotMapped):
        importing.run(staff=wren, import_id=sheets.bring(wren, sheets.register(1)))
    with pytest.raises(NotMapped):
        importing.run(staff=wren, import_id=sheets.mapped(wren, sheets.register(1), odd=""))
    one = sheets.bring(wren, sheets.register(1))
    with pytest.raises(NotMapped):
        importing.choose_mapping(staff=wren, import_id=one, mapping=importing.Mapping(columns=("grounds",)))


def test_an_import_is_its_colleagues_alone_and_only_for_roles_that_hold_cases(desk: people.Desk) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    one = sheets.bring(wren, sheets.register(1))
    with pytest.raises(NotFound):
        importing.look(swift, one)
    assert importing.mine(swift) == [] and len(importing.mine(wren)) == 1
    stranger = msgspec.structs.replace(swift, role="auditor")
    for call in (lambda: importing.mine(stranger), lambda: sheets.bring(stranger, sheets.register(1))):
        with pytest.raises(NotAllowedHere):
            call()


def test_a_colleague_removed_meanwhile_makes_nothing_more(desk: people.Desk) -> None:
    wren = desk.team["Wren"]
    one = sheets.mapped(wren, sheets.register(3))
    Import.objects.filter(id=one).update(state="running")
    staff_people.remove_staff(lead=desk.lead, staff_id=wren.id)
    with pytest.raises(NotAllowedHere):
        import_runs.work(wren, one)
    assert not Case.objects.exists()


def test_the_reading_is_chosen_anew_where_the_file_does_not_say_it(desk: people.Desk) -> None:
    wren = desk.team["Wren"]
    arabic = "ملاحظة;\nماذا حدث;نوع الهجوم\nتهديد في الليل;تهديدات\n".encode("windows-1256")
    one = sheets.bring(wren, arabic)
    assert [said.code for said in importing.look(wren, one).content.said] == ["encoding-guessed"]
    importing.choose_reading(
        staff=wren, import_id=one, sheet=0, heading=2, choices=Choices(encoding="windows-1256")
    )
    look = importing.look(wren, one)
    assert look.mapping.columns == ("what-happened", "threats") and look.sample[0].cells[0] == "تهديد في الليل"


def test_nothing_of_a_sheet_lies_in_clear_and_the_file_goes_when_it_is_done(
    desk: people.Desk, at_once: None
) -> None:
    wren = desk.team["Wren"]
    content = b"What happened,Ref\nCanarybird was followed,R-77\n"
    one = importing.begin(staff=wren, upload=sheets.seal_upload(wren, content, "canarybird list.csv"))
    assert importing.known(wren, one).name == "canarybird list.csv"
    stored = b"".join(path.read_bytes() for path in site.sealed_folder().rglob("*") if path.is_file())
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM desk_import")
        for row in cursor.fetchall():
            stored += b"".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    assert b"canarybird" not in stored.lower() and b"R-77" not in stored
    assert tend.remove_orphans(0) == 0, "a sheet that waits is no orphan"
    held = Import.objects.get(id=one).name
    assert held and blobs.path_of(held).exists()
    proposal = importing.look(wren, one).mapping
    importing.choose_mapping(
        staff=wren, import_id=one, mapping=msgspec.structs.replace(proposal, odd="make")
    )
    importing.try_out(staff=wren, import_id=one)
    importing.run(staff=wren, import_id=one)
    assert not blobs.path_of(held).exists() and Import.objects.get(id=one).name is None


def test_sheets_that_nobody_went_on_with_are_thrown_away(desk: people.Desk) -> None:
    import datetime as dt

    wren = desk.team["Wren"]
    one = sheets.bring(wren, sheets.register(1))
    held = Import.objects.get(id=one).name
    assert held and tend.drop_old_imports() == 0
    Import.objects.filter(id=one).update(made_on=dt.date.today() - dt.timedelta(days=15))
    assert tend.drop_old_imports() == 1
    assert not Import.objects.exists() and not blobs.path_of(held).exists()
    two = sheets.bring(wren, sheets.register(1))
    importing.drop(staff=wren, import_id=two)
    assert importing.mine(wren) == []


def test_what_is_no_sheet_is_told_with_its_reason(desk: people.Desk) -> None:
    wren = desk.team["Wren"]
    broken = ((b"%PDF-1.7", "table-kind"), (b"\n\n", "table-empty"), (b"a" + b"," * 2_000, "table-columns"))
    for content, code in broken:
        one = sheets.bring(wren, content)
        with pytest.raises(SheetNotRead) as refused:
            importing.look(wren, one)
        assert refused.value.code == code and refused.value.advice
    with pytest.raises(DeskError):
        importing.choose_reading(staff=wren, import_id=sheets.bring(wren, sheets.register(1)), sheet=7, heading=1,
                                 choices=Choices())


def test_words_are_made_later_for_a_case_from_a_sheet_and_undo_then_leaves_it(
    desk: people.Desk, at_once: None
) -> None:
    wren = desk.team["Wren"]
    one = sheets.mapped(wren, sheets.register(2))
    importing.run(staff=wren, import_id=one)
    first = account(desk, one).lines[0].case
    assert first is not None
    session, form = people.session(), uuid4()
    taking.make_receipt(session=session, staff=wren, case_id=first, form=form)
    slip = taking.slip_of(session, form)
    assert slip is not None
    assert returning.open_receipt(" ".join(slip.words)).case == first
    importing.undo(staff=wren, import_id=one)
    assert list(Case.objects.exclude(state="erasing").values_list("id", flat=True)) == [first]


def test_what_is_covered_in_the_case_is_covered_in_its_row(desk: people.Desk, at_once: None) -> None:
    wren = desk.team["Wren"]
    importing.run(staff=wren, import_id=sheets.mapped(
        wren, b"What happened,Type,Remarks\nShe was followed,spying on Amina,Amina called\n"
    ))
    case = Case.objects.get().id
    masks.mask(staff=wren, case_id=case, text="Amina", why="she is looked for")
    row = importing.row_of(wren, case)
    assert row is not None and "Amina" not in repr(row) and row.cells["What happened"] == "She was followed"


def test_columns_that_are_left_out_are_named_and_kept_nowhere(desk: people.Desk, at_once: None) -> None:
    wren = desk.team["Wren"]
    one = sheets.mapped(wren, b"What happened,Religion,Ref\nTold,of the river,7\n")
    assert account(desk, one).dropped == ("Religion",)
    importing.run(staff=wren, import_id=one)
    assert account(desk, one).dropped == ("Religion",)
    case = Case.objects.get().id
    opened = opening.for_staff(wren.id, wren.keys.kex.private, case)
    items = Item.objects.filter(case_id=case).select_related("key")
    assert "of the river" not in repr(opening.read_items(opened, items)) and len(items) > 4


def test_a_record_that_no_longer_opens_hides_none_of_the_others(desk: people.Desk) -> None:
    wren = desk.team["Wren"]
    broken, good = sheets.bring(wren, sheets.register(1)), sheets.bring(wren, sheets.register(2))
    Import.objects.filter(id=broken).update(facts=b"moved here from elsewhere")
    assert [one.id for one in importing.mine(wren)] == [good]


def test_a_run_that_nobody_goes_on_with_is_thrown_away_in_the_end(desk: people.Desk) -> None:
    import datetime as dt

    one = sheets.bring(desk.team["Wren"], sheets.register(1))
    now = dt.datetime.now(dt.UTC)
    old = Import.objects.filter(id=one)
    old.update(state="running", beat_at=now, made_on=now.date() - dt.timedelta(days=20))
    assert tend.drop_old_imports() == 0
    old.update(beat_at=now - dt.timedelta(days=2))
    assert tend.drop_old_imports() == 1
