"""Whom the desk knows, for colleagues: on a page of their own, and where a playbook of a case ends in help."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from amparo.desk import clock, configuration, walks
from amparo.mitigate import playbook
from amparo.mitigate.playbook import HELP
from tests.doors.seeded import Desk
from tests.doors.staff.pressing import shown

pytestmark = pytest.mark.django_db
NAME = "House of the River"


@pytest.fixture
def handler(seeded_desk: Desk) -> Iterator[Client]:
    path = configuration.data_folder() / "desk.toml"
    before = path.read_text()
    path.write_text(f'{before}\n[[referrals]]\nservice = "survivor-support"\nname = "{NAME}"\nreach = "Call 000-001."\n'
                    f'checked_on = {clock.today().isoformat()}\n')
    configuration._read.cache_clear()
    with transaction.atomic():
        yield seeded_desk.client("handler:granted")
        transaction.set_rollback(True)
    path.write_text(before)
    configuration._read.cache_clear()


def test_the_page_names_who_is_known_and_says_where_nobody_is(handler: Client) -> None:
    page = shown(handler, "/staff/referrals/")
    assert NAME in page.split('id="survivor-support"')[1].split("</section>")[0]
    assert "Nobody is named yet" in page.split('id="child-protection"')[1].split("</section>")[0]
    assert page.count("<h2") == len(playbook.SERVICES) - 1
    assert "/staff/referrals/" in shown(handler, "/staff/playbooks/")


def walked_to(desk: Desk, service: str) -> str:
    """A playbook of the case, gone on with until it ends in this help; its address."""
    assert desk.case
    staff, book = desk.staff["handler:granted"], playbook.load("stalkerware", "en")
    assert book is not None
    ways: dict[str, tuple[int, ...]] = {book.start.id: ()}
    for node in (waiting := [book.start]):
        for number, one in enumerate(node.choices):
            if one.to not in ways:
                ways[one.to] = (*ways[node.id], number)
                waiting += [found] if (found := book.node(one.to)) else []
    walk, at = walks.start(staff=staff, case_id=desk.case, book="stalkerware", language="en"), book.start.id
    for choice in ways[HELP + service]:
        walks.go_on(staff=staff, case_id=desk.case, walk=walk, at=at, outcomes={}, choice=choice, language="en")
        node = book.node(at)
        assert node is not None
        at = node.choices[choice].to
    return f"/staff/case/{desk.case}/playbooks/{walk}/"


@pytest.mark.parametrize(("service", "told"), [("survivor-support", NAME), ("legal", "Nobody is named yet")])
def test_where_a_playbook_of_a_case_ends_in_help(handler: Client, seeded_desk: Desk, service: str, told: str) -> None:
    page = shown(handler, walked_to(seeded_desk, service))
    assert told in page.split("Whom this desk knows")[1].split("</section>")[0]
