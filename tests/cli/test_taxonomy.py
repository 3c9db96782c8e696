"""`amparo taxonomy list` prints what requirement 1.2a asks for."""

import json

from typer.testing import CliRunner

from amparo.cli.taxonomy import app
from amparo.words.threats import CODES


def test_json_is_one_object_a_line_with_everything() -> None:
    done = CliRunner().invoke(app, ["list", "--json"])
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0 and [row["code"] for row in rows] == list(CODES)
    for row in rows:
        assert row["definition"] and row["playbook"] and row["demo_case"] and row["huridocs"]["entity"]
        assert {"misp", "disarm", "source", "checked_on", "requirement"} <= set(row)


def test_all_lists_with_all() -> None:
    rows = [json.loads(line) for line in CliRunner().invoke(app, ["list", "--json", "--all"]).stdout.splitlines()]
    wanted = {"threat", "acts", "rights", "grounds", "channels", "targets", "perpetrators"}
    assert wanted <= {row["type"] for row in rows}
    assert sum(row["type"] == "acts" for row in rows) == 7


def test_people_read_it_too() -> None:
    done = CliRunner().invoke(app, ["list"])
    assert done.exit_code == 0 and "doxing" in done.stdout and "DISARM T0048.004" in done.stdout
