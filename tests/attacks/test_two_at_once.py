"""Two colleagues write to the same cases at the same moment, 200 times: nothing is lost, nothing is done twice."""

import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from amparo.desk import assigning, casework, duties, queue, reading, triaging, waves
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import ChangedMeanwhile
from amparo.desk.records import Case, Item
from tests.desk import conftest as given
from tests.desk import people as desks

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk
EDITS = 100  # by each of the two


@dataclass
class Hand:
    """What one colleague did, and what they were told."""

    staff: OpenStaff
    kept: list[tuple[UUID, str, str]] = field(default_factory=list)  # case, kind, text
    told: list[tuple[UUID, str, str]] = field(default_factory=list)
    broken: list[BaseException] = field(default_factory=list)


def work(hand: Hand, cases: list[UUID], chance: random.Random, start: threading.Barrier) -> None:
    """A hundred edits, one after another, as fast as they go."""
    start.wait()
    try:
        for number in range(EDITS):
            case, text = chance.choice(cases), f"{hand.staff.pseudonym} {number}"
            kind = chance.choice(("note", "guarded", "task", "take", "triage", "wave"))
            try:
                _edit(hand.staff, case, kind, text)
            except ChangedMeanwhile:
                hand.told.append((case, kind, text))
            else:
                hand.kept.append((case, kind, text))
    except BaseException as error:
        hand.broken.append(error)
    finally:
        connection.close()


def _edit(staff: OpenStaff, case: UUID, kind: str, text: str) -> None:
    if kind == "note":
        casework.note(staff=staff, case_id=case, text=text)
    elif kind == "guarded":
        version = reading.case_page(staff, case).version
        casework.reply(staff=staff, case_id=case, text=text, version=version)
    elif kind == "task":
        duties.add(staff=staff, case_id=case, text=text, due=None, who=None)
    elif kind == "take":
        assigning.take(staff=staff, case_id=case)
        assigning.let_go(staff=staff, case_id=case)
    elif kind == "triage":
        triaging.triage(staff=staff, case_id=case, threats=["smear"], needs=[], level="P1", why=text)
    else:
        waves.gather(staff=staff, cases=[case], title=text)


def test_two_hundred_edits_of_the_same_cases_are_kept_or_told(desk: desks.Desk) -> None:
    for number in range(3):
        desks.report(f"report {number}", danger=["no"])
    cases = [row.case for row in queue.load(desk.lead).rows]
    hands = [Hand(desk.team["Wren"]), Hand(desk.team["Swift"])]
    start = threading.Barrier(2)
    threads = [
        threading.Thread(target=work, args=(hand, cases, random.Random(place), start))
        for place, hand in enumerate(hands)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert not any(one.is_alive() for one in threads)
    assert [error for hand in hands for error in hand.broken] == []
    assert sum(len(hand.kept) + len(hand.told) for hand in hands) == 2 * EDITS
    told = {(case, text) for hand in hands for case, kind, text in hand.told if kind != "take"}
    for case in cases:
        kept = [(kind, text) for hand in hands for of, kind, text in hand.kept if of == case]
        page = reading.case_page(desk.lead, case)
        assert not page.unreadable
        assert sorted(line.text for line in page.notes) == sorted(text for kind, text in kept if kind == "note")
        assert sorted(line.text for line in page.dialogue) == sorted(text for kind, text in kept if kind == "guarded")
        assert sorted(one.text for one in page.work.duties) == sorted(text for kind, text in kept if kind == "task")
        assert sorted(page.work.waves.values()) == sorted(text for kind, text in kept if kind == "wave")
        assert page.work.seen.times == sum(kind == "triage" for kind, _ in kept)
        assert page.work.who is None  # whoever took it let it go again
        shown = {line.text for line in (*page.notes, *page.dialogue)} | {one.text for one in page.work.duties}
        assert not shown & {text for of, text in told if of == case}
        order = list(Item.objects.filter(case_id=case).order_by("sequence").values_list("sequence", flat=True))
        assert order == list(range(1, len(order) + 1))
    assert len(set(Case.objects.values_list("changed", flat=True))) == len(cases)
    kinds = Counter(kind for hand in hands for _, kind, _ in hand.kept)
    assert set(kinds) == {"note", "guarded", "task", "take", "triage", "wave"}, "some kind of edit was never kept"
    for staff in (desk.lead, *desk.team.values()):
        assert {row.case for row in queue.load(staff).rows} == set(cases)


def test_of_two_who_take_at_once_one_has_it_and_the_other_is_told(desk: desks.Desk) -> None:
    for number in range(12):
        desks.report(f"report {number}")
    cases = [row.case for row in queue.load(desk.lead).rows]
    hands = [Hand(desk.team["Wren"]), Hand(desk.team["Swift"])]
    start = threading.Barrier(2)

    def take_all(hand: Hand) -> None:
        try:
            for case in cases:
                start.wait(30)
                try:
                    assigning.take(staff=hand.staff, case_id=case)
                except ChangedMeanwhile as error:
                    hand.told.append((case, "take", str(error)))
                else:
                    hand.kept.append((case, "take", ""))
        except BaseException as error:
            hand.broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=take_all, args=(hand,)) for hand in hands]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert [error for hand in hands for error in hand.broken] == []
    for case in cases:
        winners = [hand.staff for hand in hands if any(of == case for of, _, _ in hand.kept)]
        assert len(winners) == 1
        assert reading.case_page(desk.lead, case).work.who == winners[0].id
        said = [text for hand in hands for of, _, text in hand.told if of == case]
        assert len(said) == 1 and winners[0].pseudonym in said[0]
