"""Whom the desk knows stands at the end of the steps: as desk.toml says, in the reader's language, never invented."""

import pytest

from amparo.desk import clock
from amparo.mitigate import playbook, ways
from tests.desk import people
from tests.doors.reporter.conftest import Configure
from tests.doors.reporter.person import Person

ENTRY = (
    'referrals = [{{service = "survivor-support", name = {{en = "House of the River", es = "Casa del Río"}}, '
    'reach = {{en = "Call 000-001.", es = "Llame al 000-001."}}, checked_on = {day}}}]'
)


def ends(service: str) -> list[str]:
    """Addresses of every end that leads to this help, without the language."""
    found = []
    for code in playbook.codes():
        book = playbook.load(code, "en")
        assert book is not None
        if any(one.service == service for node in book.nodes for one in node.choices):
            found.append(f"help/{ways.mark(code)}/{ways.mark(code, f'help:{service}')}/")
    return found


@pytest.mark.parametrize(("language", "name", "reach"), [
    ("en", "House of the River", "Call 000-001."), ("es", "Casa del Río", "Llame al 000-001."),
    ("fr", "House of the River", "Call 000-001."),
])
def test_every_end_for_survivors_names_them(
    desk: people.Desk, configure: Configure, language: str, name: str, reach: str
) -> None:
    configure(ENTRY.format(day=clock.today().isoformat()))
    person = Person(language)
    for where in (places := ends("survivor-support")):
        person.open(where)
        assert name in person.main.text and reach in " ".join(person.main.text.split()).replace(" .", ".")
        assert person.main.one("bdi").text == "000-001" and not person.client.cookies
    assert len(places) > 5


def test_an_end_for_something_else_names_nobody(desk: people.Desk, configure: Configure) -> None:
    configure(ENTRY.format(day=clock.today().isoformat()))
    person = Person()
    for service in ("legal", "child-protection", "desk"):
        person.open(ends(service)[0])
        assert "House of the River" not in person.main.text and "Whom this desk knows" not in person.main.text


def test_what_was_checked_long_ago_says_so(desk: people.Desk, configure: Configure) -> None:
    person, where, says = Person(), ends("survivor-support")[0], "That is long ago: ask first whether it still is so."
    configure(ENTRY.format(day="2020-01-31"))
    person.open(where)
    assert says in person.main.text
    configure(ENTRY.format(day=clock.today().isoformat()))
    person.open(where)
    assert says not in person.main.text
