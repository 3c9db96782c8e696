"""What became of each test in this run, and which promises of docs/coverage.md it did not keep."""

from pathlib import Path

import pytest

from tests.coverage import table

OUTCOMES: dict[str, str] = {}


def note(report: pytest.TestReport, kept: dict[str, str] = OUTCOMES) -> None:
    """Keeps the worst outcome of all phases and all parameters, by test id without its parameters."""
    name = report.nodeid.split("[", 1)[0]
    before = kept.get(name)
    if report.failed or before == "failed":
        kept[name] = "failed"
    elif report.skipped:
        kept[name] = "skipped" if before in (None, "skipped") else "partly skipped"
    elif report.when == "call":
        kept[name] = "passed" if before in (None, "passed") else "partly skipped"


def whole_run(config: pytest.Config) -> bool:
    """True when nothing was chosen: no -k, no -m of the caller's own, no path."""
    option = config.option
    if option.keyword or getattr(option, "lf", False) or option.markexpr != "not long" or option.deselect:
        return False
    asked = (str(part).split("::")[0] for part in config.invocation_params.args)
    return not any(Path(part).exists() for part in asked if not part.startswith("-"))


def unkept(config: pytest.Config) -> list[str]:
    """Rows that say "works" while a test they name did not pass in this whole run."""
    if not whole_run(config):
        return []
    return [
        f"docs/coverage.md, {row.id}: says works, but {test} {OUTCOMES.get(test, 'did not run')}"
        for row in table.rows(config.rootpath / "docs" / "coverage.md")
        if row.state == "works"
        for test in row.tests
        if OUTCOMES.get(test) != "passed"
    ]
