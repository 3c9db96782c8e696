"""docs/coverage.md is held to its word: no id missing, nothing "works" without a test that exists and ran.

That the named tests also passed is checked at the end of a whole run (tests/conftest.py): a skipped one fails it.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.coverage import outcomes, table

HERE = Path(__file__).resolve().parent.parent
ROWS = table.rows(HERE / "docs" / "coverage.md")
IDS = [
    line for line in (HERE / "tests" / "coverage" / "ids.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_the_list_of_ids_is_whole() -> None:
    assert len(IDS) == len(set(IDS))
    assert sum(not identifier.startswith("x.") for identifier in IDS) == 61  # rows of the statement's tables


def test_every_id_has_exactly_one_row_in_the_order_of_the_statement() -> None:
    assert [row.id for row in ROWS] == IDS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_says_its_state_honestly(row: table.Row) -> None:
    assert row.state in table.STATES
    assert len(row.asked.split()) >= 4, "say in a few words what is asked"
    assert row.where, "say where it is, or what is missing"
    if row.state == "works":
        assert row.tests, f"{row.id} says that it works and names no test"
    else:
        assert "missing" in row.where.lower(), f"{row.id} is {row.state}: say what is missing"


@cache
def _tests_of(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
    return frozenset(names)


def test_named_tests_exist() -> None:
    for row in ROWS:
        for test in row.tests:
            file, _, function = test.partition("::")
            assert (HERE / file).is_file(), f"{row.id} names {file}, which is not there"
            assert function in _tests_of(HERE / file), f"{row.id} names {test}, which is not there"


class _Report:
    def __init__(self, nodeid: str, when: str, outcome: str):
        self.nodeid, self.when = nodeid, when
        self.passed, self.failed, self.skipped = (outcome == word for word in ("passed", "failed", "skipped"))


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        ([("setup", "passed"), ("call", "passed"), ("teardown", "passed")], "passed"),
        ([("setup", "skipped"), ("teardown", "passed")], "skipped"),
        ([("setup", "passed"), ("call", "skipped"), ("teardown", "passed")], "skipped"),
        ([("setup", "passed"), ("call", "failed"), ("teardown", "passed")], "failed"),
        ([("setup", "passed"), ("call", "passed"), ("teardown", "failed")], "failed"),
        # two parameters of one test: one skipped is not "passed", whichever comes first
        ([("call", "passed"), ("call", "skipped")], "partly skipped"),
        ([("call", "skipped"), ("call", "passed")], "partly skipped"),
    ],
)
def test_a_skipped_test_never_counts_as_passed(
    phases: list[tuple[str, str]], expected: str
) -> None:
    kept: dict[str, str] = {}
    for when, outcome in phases:
        outcomes.note(_Report("tests/x.py::test_y[a]", when, outcome), kept)  # type: ignore[arg-type]
    assert kept == {"tests/x.py::test_y": expected}


def test_a_table_row_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "coverage.md"
    page.write_text("| id | what is asked | state | where | tests |\n|---|---|---|---|---|\n| 1.1 | a | works |\n")
    with pytest.raises(ValueError, match="line 3: five columns"):
        table.rows(page)
