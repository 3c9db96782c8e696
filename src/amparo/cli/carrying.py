"""`amparo case take-in FILE`: hands a carried report to the running desk, which stores it as a case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from amparo.cli import telling
from amparo.cli.cases import AsJson, Once, at_the_desk, print_said
from amparo.words.errors import AmparoError


def register(case: typer.Typer) -> None:
    """Add the command to those of one case."""
    case.command("take-in")(take_in)


def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file that was carried here, report-….amparo.")],
    as_json: AsJson = False, once: Once = False,
) -> None:
    """Take in a report that was sealed elsewhere to this desk's card. The same file twice makes one case."""
    try:
        below = file.open("rb")
    except OSError:
        raise AmparoError(f"“{telling.visible(file)}” can't be read.", code="unreadable",
                          advice="Check the name of the file.") from None
    with below, at_the_desk(once) as (desk, _):
        said = desk.bring("take-in", below)
    code = telling.visible(said["code"])
    print_said(said, [f"{code} was taken in before: it is here, once." if said["before"] else f"{code} is taken in."],
               as_json)
