"""Reads docs/coverage.md: which clause of the statement is kept, and by which tests."""

import re
from dataclasses import dataclass
from pathlib import Path

STATES = ("works", "partly", "not yet")
TEST_ID = re.compile(r"`(tests/[^`\s]+)`")


@dataclass(frozen=True)
class Row:
    id: str
    asked: str
    state: str
    where: str
    tests: tuple[str, ...]
    line: int


def rows(path: Path) -> list[Row]:
    """Rows of every table whose first heading is `id`; a row that cannot be read is an error, never dropped."""
    found: list[Row] = []
    inside = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0] == "id":
            inside = True
        elif inside and not set(cells[0]) <= set("-: "):
            if len(cells) != 5:
                raise ValueError(f"{path.name}, line {number}: five columns are needed, {len(cells)} found")
            found.append(Row(*cells[:4], tests=tuple(TEST_ID.findall(cells[4])), line=number))
    return found
