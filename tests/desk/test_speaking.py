"""What colleagues tell one another of themselves: of their own will, taken back at once, never in the database."""

from pathlib import Path

import pytest

from amparo.desk import configuration, directory, people, speaking
from amparo.desk.errors import DeskError
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Case
from amparo.desk.speaking import Told
from tests.desk import people as made
from tests.desk.people import Desk


def test_nothing_is_told_before_somebody_does_and_nothing_stays_when_taken_back(desk: Desk) -> None:
    wren = desk.team["Wren"]
    assert speaking.everyone() == {} and speaking.mine(wren) == Told()
    speaking.tell(staff=wren, languages=("fr", "es"), answers_as="woman")
    speaking.tell(staff=desk.lead, languages=(), answers_as="man")
    assert speaking.everyone() == {wren.id: Told(("es", "fr"), "woman"), desk.lead.id: Told((), "man")}
    speaking.tell(staff=wren, languages=(), answers_as="")
    assert speaking.everyone() == {desk.lead.id: Told((), "man")}
    assert str(wren.id) not in (configuration.data_folder() / "site" / "told").read_text()


@pytest.mark.parametrize(("languages", "answers_as"), [(("xx",), ""), (("es", "e s"), ""), ((), "boss")])
def test_only_what_is_on_the_list_is_kept(desk: Desk, languages: tuple[str, ...], answers_as: str) -> None:
    with pytest.raises(DeskError):
        speaking.tell(staff=desk.lead, languages=languages, answers_as=answers_as)
    assert speaking.everyone() == {}


def test_a_report_that_no_reader_can_read_is_named_once_somebody_has_told(desk: Desk) -> None:
    """Only its own readers count: a colleague who is left out helps nobody."""
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    made.report("uno", language="es")
    made.report("dos", language="es", excluded=Exclusion(pseudonyms=("wren",)))
    hidden = next(case for case in Case.objects.all() if wren.id not in directory.epoch_of(case).reader_ids)
    cases = dict.fromkeys(Case.objects.values_list("id", flat=True), "es")
    assert speaking.unread(cases) == set()
    speaking.tell(staff=swift, languages=("fr",), answers_as="")
    assert speaking.unread(cases) == set(cases)
    speaking.tell(staff=wren, languages=("es",), answers_as="")
    assert speaking.unread(cases) == {hidden.id}
    assert speaking.unread(dict.fromkeys(cases, "")) == set()


def test_whoever_leaves_the_desk_leaves_no_line(desk: Desk) -> None:
    wren = desk.team["Wren"]
    speaking.tell(staff=wren, languages=("ar",), answers_as="woman")
    people.remove_staff(lead=desk.lead, staff_id=wren.id)
    assert speaking.everyone() == {} and "ar" not in (configuration.data_folder() / "site" / "told").read_text()


def test_the_database_does_not_tell_who_reads_what(desk: Desk) -> None:
    speaking.tell(staff=desk.team["Wren"], languages=("ar", "fr"), answers_as="woman")
    folder: Path = configuration.data_folder()
    told = b"fr,ar"
    assert any(told in one.read_bytes() for one in (folder / "site").iterdir())
    assert not any(told in one.read_bytes() for one in folder.glob("desk.sqlite3*"))
