"""A table becomes drafts: by a mapping, with every doubt said and nothing lost."""

import io

import pytest

from amparo.gather import tables
from amparo.gather.tables import Note, Row
from amparo.share import casebook, dates, spellings
from amparo.share.casebook import Mapping, Planned
from amparo.words import questionnaires
from tests.gather import workbook_parts

HEAD = Row(1, ("What happened", "Type", "Date", "Name", "Urgent", "Religion"))


def planned(*cells: str, notes: tuple[Note, ...] = (), **chosen: object) -> Planned:
    mapping = casebook.propose(HEAD.cells, 6)
    told = Mapping(**{name: chosen.get(name, getattr(mapping, name)) for name in Mapping.__struct_fields__})  # type: ignore[arg-type]
    (one,) = casebook.plan([HEAD, Row(2, cells, notes)], told)
    return one


def problems(one: Planned) -> list[tuple[int, str]]:
    return [(problem.column, problem.code) for problem in one.problems]


def test_headings_propose_fields_in_four_languages() -> None:
    for heading in (
        ("What happened?", "Type of attack", "Date", "Full name", "Urgent", "Language"),
        ("¿Qué pasó?", "Tipo de ataque", "Fecha", "Nombre", "Urgente", "Idioma"),
        ("Faits", "Type d’attaque", "Date", "Nom", "Urgence", "Langue"),
        ("ماذا حدث؟", "نوع الهجوم", "التاريخ", "الاسم", "عاجل", "اللغة"),
    ):
        assert casebook.propose(heading, 6).columns == (
            "what-happened", "threats", "when", "identity", "danger", "language",
        ), heading


def test_what_nobody_knows_is_kept_and_what_needs_consent_is_proposed_to_be_left_out() -> None:
    found = casebook.propose(("Ref", "Ethnicity", "Date", "Date"), 5).columns
    assert found == ("record", "leave-out", "when", "record", "record")


def test_a_row_becomes_a_draft() -> None:
    one = planned("They followed her home", "vigilancia; doxing", "2024-05-31", "Q. Person", "sí", "x")
    assert one.answers == {
        "what-happened": ["They followed her home"], "threats": ["doxing", "surveillance"], "when": ["2024-05-31"],
        "danger": ["yes"],
    }
    assert one.problems == () and not one.odd
    assert one.identity == "Name: Q. Person"
    assert "Name" not in one.cells and "Religion" not in one.cells, "identity stands apart; left out is left out"
    assert one.cells["Type"] == "vigilancia; doxing", "the cell itself is kept as it stood"


def test_every_answer_of_a_plan_is_one_the_questionnaire_takes() -> None:
    one = planned("told", "phishing; nonsense", "31/05/2024", "", "perhaps", "")
    assert questionnaires.load("report").check(one.answers).answers == one.answers


@pytest.mark.parametrize(("text", "code"), [
    ("2024-05-01 to 2024-05-03", "two-dates"), ("31/05/2024 - 02/06/2024", "two-dates"),
    ("5 May 2024 and 7 May 2024", "two-dates"), ("05/06/2024", "date-order"), ("31/05/24", "short-year"),
    ("last Tuesday", "date-unreadable"), ("31/02/2024", "date-unreadable"), ("13/13/2024", "date-unreadable"),
    ("2024-13-01", "date-unreadable"), ("45443", "date-unreadable"), ("5", "date-unreadable"),
])
def test_a_date_that_could_be_read_in_two_ways_is_a_problem_and_never_a_guess(text: str, code: str) -> None:
    with pytest.raises(dates.Unread) as unread:
        dates.year_first(text)
    assert unread.value.code == code
    one = planned("told", "", text)
    assert problems(one) == [(2, code)] and one.problems[0].value == text
    assert "when" not in one.answers and one.cells["Date"] == text


@pytest.mark.parametrize(("text", "order", "read"), [
    ("2024-05-31", "", "2024-05-31"), ("2024-05", "", "2024-05"), ("2024", "", "2024"), ("2024/5/1", "", "2024-05-01"),
    ("31/05/2024", "", "2024-05-31"), ("05/31/2024", "", "2024-05-31"), ("05/05/2024", "", "2024-05-05"),
    ("05/06/2024", "dmy", "2024-06-05"), ("05/06/2024", "mdy", "2024-05-06"),
    ("5.6.2024 7:05", "dmy", "2024-06-05 07:05"),
    ("31 May 2024", "", "2024-05-31"), ("May 31, 2024", "", "2024-05-31"), ("31 de mayo de 2024", "", "2024-05-31"),
    ("1er août 2024", "", "2024-08-01"), ("mayo 2024", "", "2024-05"), ("٣١/٠٥/٢٠٢٤", "", "2024-05-31"),
    ("31 مايو 2024", "", "2024-05-31"),
    ("3 كانون الثاني 2024", "", "2024-01-03"), ("2024-05-31 18:30:59", "", "2024-05-31 18:30"),
])
def test_dates_that_can_be_read_in_one_way(text: str, order: str, read: str) -> None:
    assert dates.year_first(text, order) == read


def test_the_order_that_was_said_is_not_bent_for_one_cell() -> None:
    with pytest.raises(dates.Unread):
        dates.year_first("05/31/2024", "dmy")


def test_an_unknown_value_is_told_kept_and_may_be_given_a_code() -> None:
    one = planned("told", "doxing; brigading", "", "", "", "")
    assert one.answers["threats"] == ["doxing"]
    assert [(p.column, p.code, p.value) for p in one.problems] == [(1, "unknown-value", "brigading")]
    assert one.cells["Type"] == "doxing; brigading"
    again = planned("told", "doxing; Brigading!", values={"threats": {spellings.folded("brigading"): "harassment"}})
    assert again.answers["threats"] == ["harassment", "doxing"] and not again.problems
    silent = planned("told", "doxing; brigading", values={"threats": {"brigading": ""}})
    assert silent.answers["threats"] == ["doxing"] and not silent.problems, "“none of them” is an answer, too"


def test_values_without_code_are_listed_once_for_a_person() -> None:
    rows = [
        HEAD, Row(2, ("a", "brigading")), Row(3, ("b", "Brigading; Trolling")), Row(4, ("c", "", "", "", "perhaps so")),
    ]
    found = casebook.unknown(rows, casebook.propose(HEAD.cells, 6))
    assert found == {"threats": ["brigading", "Trolling"], "danger": ["perhaps so"]}


def test_notes_of_the_sheet_count_only_where_a_field_waited() -> None:
    assert problems(planned("told", "", "", notes=(Note(2, "not-calculated", "=B2"),))) == [(2, "not-calculated")]
    assert problems(planned("told", notes=(Note(5, "error"), Note(5, "covered")))) == []
    hidden = planned("told", notes=(Note(-1, "hidden-row"), Note(0, "formula")))
    assert {code for _, code in problems(hidden)} == {"hidden-row", "formula"} and not hidden.odd
    assert planned("told", notes=(Note(1, "covered"),)).odd


def test_cells_beyond_the_heading_and_empty_rows_are_told() -> None:
    one = planned("told", "", "", "", "", "", "", "lost?")
    assert problems(one) == [(7, "no-heading")] and one.cells["H"] == "lost?"
    nothing = planned("", "", "", "Q. Person")
    assert problems(nothing) == [(-1, "nothing-told")] and nothing.odd


def test_an_answer_that_is_not_asked_is_told() -> None:
    mapping = Mapping(columns=("what-happened", "platform"))
    (one,) = casebook.plan([Row(1, ("a", "b")), Row(2, ("told", "Chirper"))], mapping)
    assert problems(one) == [(1, "not-asked")] and one.answers == {"what-happened": ["told"]}


def test_a_text_longer_than_the_field_is_told_and_kept_whole() -> None:
    long = "x" * (questionnaires.MAX_TEXT + 1)
    one = planned(long)
    assert (0, "too-long") in problems(one) and one.cells["What happened"] == long


def test_two_columns_of_one_field_are_joined_and_two_answers_are_told() -> None:
    mapping = Mapping(columns=("what-happened", "what-happened", "danger", "danger"))
    rows = [Row(1, ("Summary", "Details", "d", "e")), Row(2, ("short", "longer", "yes", "no"))]
    (one,) = casebook.plan(rows, mapping)
    assert one.answers == {"what-happened": ["short\n\nDetails: longer"], "danger": ["yes"]}
    assert problems(one) == [(3, "one-only")]


def test_the_same_row_is_the_same_in_another_place_format_and_order_of_columns() -> None:
    first = planned("told", "doxing", "2024-05-31")
    head = Row(3, ("Date", "what happened", "TYPE"))
    mapping = Mapping(heading=3, columns=("when", "what-happened", "threats"))
    (other,) = casebook.plan([head, Row(9, ("2024-05-31", "told", "doxing"))], mapping)
    assert other.content == first.content
    assert planned("told", "doxing", "2024-06-01").content != first.content
    worked = planned("told", "doxing", "2024-05-31", "", "17 days", notes=(Note(4, "formula"),))
    assert worked.content == first.content, "what a formula works out anew each day makes no new row"


def test_the_registers_of_two_programs_give_the_same_kind_of_drafts() -> None:
    for data, texts in ((workbook_parts.excel_register(), 5), (workbook_parts.calc_register(), 2)):
        rows = list(tables.open_table(io.BytesIO(data)).rows())
        found = list(casebook.plan(rows, casebook.propose(rows[0].cells, 4)))
        assert sum("what-happened" in one.answers for one in found) == texts == len(found)
    spanish = found
    assert [one.answers["threats"] for one in spanish] == [["doxing"], ["surveillance"]]
    assert [one.answers["when"] for one in spanish] == [["2024-05-31"], ["2024-06-01 18:00"]]


def test_every_word_of_the_data_leads_to_a_field_or_code_that_exists() -> None:
    known = {one.code for one in casebook.targets()} | {casebook.IDENTITY, casebook.LEAVE_OUT, casebook.LANGUAGE}
    consented = {one.code for one in questionnaires.load("report").questions} - known
    assert set(spellings.headings().values()) <= known | consented
    for target in ("threats", "channels", "target", "perpetrator", "language", "danger"):
        question = questionnaires.load("report").question(target)
        codes = {option.code for option in question.options} if question else set(casebook.SPOKEN)
        assert set(spellings.codes(target).values()) == codes
        for code, words in spellings._data()["values"].get(target, {}).items():
            assert code in codes and words
