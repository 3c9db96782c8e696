"""Queue sheets: in order, opened only where something changed, built again when not as they were sealed."""

import datetime as dt
import random
import threading
import time
from uuid import UUID, uuid4

import pytest

from amparo import seal
from amparo.desk import casework, opening, queue, reading
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Case, QueueSheet
from amparo.desk.sheet import NOTHING, Kind, Own, Rows, Sheet
from tests.desk import people

DAY = dt.date(2026, 3, 1)


def kind(rank: int, **more: object) -> Kind:
    told = {"why": "rest", "reason": "", "level": "P3", "language": "en", "consents": (), "waiting": "",
            "state": "open", "new": True, "triaged": False, "unanswered": True, "raised": False, **more}
    return Kind(rank, *(told[name] for name in Kind.__struct_fields__[1:]))  # type: ignore[arg-type]


def test_columns_keep_order_through_every_change() -> None:
    chance = random.Random(7)
    sheet, model = Sheet(), {}
    for _ in range(600):
        if model and chance.random() < 0.4:
            case = chance.choice(list(model))
            sheet.remove(case)
            del model[case]
        else:
            case, day, one = uuid4(), DAY + dt.timedelta(days=chance.randrange(50)), kind(chance.randrange(5))
            sheet.insert(case, day, one)
            model[case] = (day, one, NOTHING)
    expected = sorted(model, key=lambda c: (model[c][1].rank, model[c][0], c.bytes))
    assert [row.case for row in Rows(sheet)] == expected
    again = Sheet.decode(sheet.encode())
    assert again.everything() == model and [row.case for row in Rows(again)] == expected
    again.replace_all((case, *line) for case, line in model.items())
    assert [row.case for row in Rows(again)] == expected
    assert len(again.kinds) == 5


def test_what_a_row_has_of_its_own_stays_with_it_through_every_change() -> None:
    chance = random.Random(11)
    people_, waves = [uuid4() for _ in range(3)], [(uuid4(), f"campaign {n}") for n in range(3)]
    first = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    sheet, model = Sheet(), {}
    for _ in range(600):
        if model and chance.random() < 0.4:
            case = chance.choice(list(model))
            sheet.remove(case)
            del model[case]
            continue
        due = first + dt.timedelta(minutes=chance.randrange(9000)) if chance.random() < 0.5 else None
        wave, title = chance.choice([*waves, (None, "")])
        kinds = tuple(code for code in ("spyware", "smear", "doxing") if chance.random() < 0.4)
        own = Own(chance.choice([*people_, None]), due, due is not None or chance.random() < 0.3, wave, title, kinds)
        case, day, one = uuid4(), DAY + dt.timedelta(days=chance.randrange(50)), kind(chance.randrange(5))
        sheet.insert(case, day, one, own)
        model[case] = (day, one, own)
    limit = (DAY + dt.timedelta(days=20)).toordinal()
    for again in (sheet, Sheet.decode(sheet.encode())):
        assert again.everything() == model
        rows, middle = Rows(again), first + dt.timedelta(minutes=4500)
        for who in (*people_, None):
            assert {row.case for row in rows.of(who)} == {case for case, (_, _, own) in model.items() if own.who == who}
        for wave, _ in waves:
            mine = {case for case, (_, _, own) in model.items() if own.wave == wave}
            assert {row.case for row in rows.in_wave(wave)} == mine
        assert {row.case for row in rows.due_before(middle)} == {
            case for case, (_, _, own) in model.items() if own.due is not None and own.due < middle
        }
        assert len(rows.with_tasks()) == sum(own.tasks for _, _, own in model.values())
        old = {row.case for row in rows.older_than(lambda one: limit if one.rank else 0)}
        assert old == {c for c, (day, one, _) in model.items() if one.rank and day.toordinal() < limit}
    assert len(rows.of(uuid4())) == len(rows.in_wave(uuid4())) == len(rows.in_wave(UUID(int=0))) == 0


def test_columns_that_point_to_nobody_are_no_sheet() -> None:
    sheet = Sheet()
    sheet.insert(uuid4(), DAY, kind(0), Own(uuid4(), None, False, uuid4(), "x"))
    for spoil in ("who_of", "wave_of", "kind_of"):
        stored = Sheet.decode(sheet.encode())
        getattr(stored, spoil)[0] = 7
        with pytest.raises(ValueError):
            Sheet.decode(stored.encode())


def test_an_id_is_not_found_across_two_others() -> None:
    sheet = Sheet()
    sheet.insert(UUID(bytes=b"\0" * 8 + b"\1" * 8), DAY, kind(0))
    sheet.insert(UUID(bytes=b"\2" * 8 + b"\0" * 8), DAY, kind(0))
    assert sheet.find(UUID(bytes=b"\1" * 8 + b"\2" * 8)) == -1
    assert sheet.find(UUID(bytes=b"\2" * 8 + b"\0" * 8)) == 1


def test_whole_queues_are_asked_by_kind() -> None:
    sheet = Sheet()
    for number in range(100):
        sheet.insert(uuid4(), DAY, kind(number % 3, state="closed" if number % 4 == 0 else "open"))
    rows = Rows(sheet)
    closed = rows.where(lambda k: k.state == "closed")
    assert len(closed) == 25 and all(row.state == "closed" for row in closed)
    assert rows.count(lambda k: k.rank == 0) == 34
    assert [r.case for r in closed[:5]] == [r.case for r in closed][:5]
    assert len(closed.where(lambda k: k.rank == 1)) == sum(r.rank == 1 and r.state == "closed" for r in rows)


@pytest.mark.parametrize("damage", [b"", b"\x95", b"nonsense", bytes(200)])
def test_a_damaged_sheet_is_no_sheet(damage: bytes) -> None:
    with pytest.raises(ValueError):
        Sheet.decode(damage)


def test_danger_stands_on_top_and_the_older_first(desk: people.Desk) -> None:
    people.report("a smear", threats=["smear"])
    people.report("now", danger=["yes"])
    people.report("another", threats=["smear"])
    Case.objects.filter(id=list(queue.load(desk.lead).rows)[2].case).update(
        opened_on=dt.date(2026, 1, 1), changed=99
    )
    rows = queue.load(desk.lead).rows
    assert rows[0].why == "life" and rows[0].level == "P0" and rows[0].reason
    assert rows[1].day == dt.date(2026, 1, 1)


def test_only_what_changed_is_opened(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        people.report(f"report {number}")
    queue.load(desk.lead)
    opened: list[UUID] = []
    real = opening.open_grant

    def counted(staff_id: UUID, key: bytes, case: Case, *more: object) -> opening.OpenCase:
        opened.append(case.id)
        return real(staff_id, key, case, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(opening, "open_grant", counted)
    assert len(queue.load(desk.lead).rows) == 5 and opened == []
    target = queue.load(desk.lead).rows[3].case
    casework.note(staff=desk.team["Wren"], case_id=target, text="x")
    opened.clear()
    assert len(queue.load(desk.lead).rows) == 5 and opened == [target]
    opened.clear()
    queue.load(desk.lead)
    assert opened == []


def test_a_shredded_case_leaves_the_queue(desk: people.Desk) -> None:
    for number in range(3):
        people.report(f"report {number}")
    rows = queue.load(desk.lead).rows
    casework.shred_case(staff=desk.lead, case_id=rows[1].case, why="mistake")
    assert {row.case for row in queue.load(desk.lead).rows} == {rows[0].case, rows[2].case}


def test_a_sheet_that_was_swapped_is_built_again(desk: people.Desk) -> None:
    people.report("one")
    queue.load(desk.lead), queue.load(desk.team["Wren"])
    theirs = QueueSheet.objects.get(staff_id=desk.team["Wren"].id).body
    QueueSheet.objects.filter(staff_id=desk.lead.id).update(body=theirs)
    assert len(queue.load(desk.lead).rows) == 1
    with pytest.raises(seal.SealError):
        seal.open_to_self(desk.lead.keys.kex.private, queue._LABEL, desk.lead.id, bytes(theirs))


def test_a_long_queue_is_built_in_the_background(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "AT_ONCE", 3)
    monkeypatch.setattr(queue, "CHUNK", 2)
    for number in range(7):
        people.report(f"report {number}")
    page = queue.load(desk.lead)
    assert page.building and page.progress[1] == 7
    for _ in range(100):
        if not any(thread.name == "queue" for thread in threading.enumerate()):
            break
        time.sleep(0.1)
    page = queue.load(desk.lead)
    assert not page.building and len(page.rows) == 7


def test_a_build_that_died_goes_on(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "CHUNK", 1)
    for number in range(14):
        people.report(f"report {number}")
    real, calls = queue._rows, []

    def dies(staff: object, ids: list[UUID]) -> object:
        calls.extend(ids)
        if len(calls) == 12:
            raise RuntimeError("killed")
        return real(staff, ids)  # type: ignore[arg-type]

    monkeypatch.setattr(queue, "_rows", dies)
    with pytest.raises(RuntimeError):
        queue.build(desk.lead)
    queue.build(desk.lead)
    assert len(calls) == 12 + 4  # ten were kept: after the twelfth died, the eleventh to fourteenth remained
    assert len(queue.load(desk.lead).rows) == 14


def test_a_changed_state_shows_at_once(desk: people.Desk) -> None:
    people.report("one")
    case = queue.load(desk.lead).rows[0].case
    casework.set_state(staff=desk.lead, case_id=case, state="out-of-mandate", why="another desk")
    assert queue.load(desk.team["Swift"]).rows[0].state == "out-of-mandate"
    assert reading.case_page(desk.lead, case).state == "out-of-mandate"


def test_a_report_after_an_erasure_reaches_those_who_could_not_read_what_was_erased(desk: people.Desk) -> None:
    """Its place among the changes is a new one: nobody's sheet has passed it already."""
    swift = desk.team["Swift"]
    people.report("first")
    people.report("not for Swift", excluded=Exclusion(pseudonyms=("Swift",)))
    assert len(queue.load(swift).rows) == 1  # and the sheet has seen the other's place
    last = Case.objects.order_by("-changed")[0]
    casework.shred_case(staff=desk.lead, case_id=last.id, why="asked for")
    people.report("They are at the door.", danger=["yes"])
    fresh = Case.objects.order_by("-changed")[0]
    assert fresh.changed > last.changed
    assert fresh.id in {row.case for row in queue.load(swift).rows}
