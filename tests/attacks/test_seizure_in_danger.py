"""The disk of a desk in danger is taken: nothing of an identity, request, conflict, lock or hand-over is on it."""

import pytest
from django.db import connection, transaction

from amparo.desk import (
    bringing_back,
    clock,
    configuration,
    conflicts,
    identities,
    leaving,
    locking,
    opening,
    payloads,
    reading,
    second,
    tend,
    writing,
)
from amparo.desk.records import Case, Setting, Staff
from tests.attacks import seizure_scan
from tests.attacks.seizure_scan import canary
from tests.desk import conftest as given
from tests.desk import people
from tests.desk.test_second import configure

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


def scanned() -> list[seizure_scan.Hit]:
    return seizure_scan.scan([configuration.data_folder()])


def kept_apart(desk: people.Desk, case: Case, text: str) -> None:
    opened = opening.for_staff(desk.lead.id, desk.lead.keys.kex.private, case.id)
    with transaction.atomic():
        writing.write_item(case=case, payload=payloads.Identity(at=clock.now(), text=text),
                           author=desk.lead.author(), epoch=opened.epoch)


def test_nothing_in_clear_of_a_desk_in_danger(desk: people.Desk) -> None:
    configure("second_person = true")
    people.join(desk, "Crane")
    people.join(desk, "Egret", role="lead")
    for number in range(3):
        people.report(canary(number, "story"))
    wren, swift, crane = (desk.team[name] for name in ("Wren", "Swift", "Crane"))
    for number, case in enumerate(Case.objects.order_by("changed")):
        kept_apart(desk, case, canary(number, "identity"))
        identities.ask(staff=wren, case_id=case.id, why=canary(number, "reason"))
        (waits,) = second.waiting(swift)
        second.answer(staff=swift, case_id=case.id, request=waits.request, approve=True, words=canary(number, "yes"))
        (shown,) = identities.show(staff=wren, case_id=case.id, request=waits.request)
        assert seizure_scan.PLAIN in shown.text
        reading.case_page(wren, case.id)
    assert scanned() == [], "while it works"
    first = Case.objects.order_by("opened_on", "id")[0].id
    conflicts.declare(staff=wren, case_id=first, who=crane.id, why=canary(10, "conflict"))
    request = second.ask_desk(staff=wren, act="bulk", why=canary(11, "bulk"))
    second.answer_desk(staff=swift, request=request, approve=True, words=canary(12, "word"))
    locking.lock(staff=wren, who=swift.id, why=canary(13, "lock"))
    assert any(seizure_scan.PLAIN in one.why for one in locking.locked(desk.lead))
    leaving.begin(staff=wren)
    leaving.run(wren)
    assert Staff.objects.get(id=wren.id).state == "away"
    bringing_back.bring_back(staff=desk.lead, who=wren.id)
    assert Setting.objects.exists() and (configuration.data_folder() / "site" / "active").exists()
    assert scanned() == [], "with the log not yet moved"
    tend.tend_once()
    connection.close()
    assert scanned() == [], "at rest"


def test_the_scanner_would_have_found_it(desk: people.Desk) -> None:
    """Positive control: one reason, written beside the seal."""
    Setting.objects.create(name="control", value=canary(1, "reason").encode())
    assert scanned()


@pytest.mark.parametrize("what", ["request", "conflict", "identity"])
def test_the_kinds_are_sealed_to_the_staff_and_not_to_the_reporter(desk: people.Desk, what: str) -> None:
    from amparo.desk.records import Item

    people.report("one")
    case = Case.objects.get()
    kept_apart(desk, case, "somebody")
    second.ask(staff=desk.team["Wren"], case_id=case.id, act="export", why="x")
    conflicts.declare(staff=desk.team["Wren"], case_id=case.id, who=desk.team["Swift"].id, why="x")
    assert set(Item.objects.filter(kind=what).values_list("channel", flat=True)) == {"staff"}
