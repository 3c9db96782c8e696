"""`amparo shift start | handover`: what colleagues left, and what the next ones must know."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from amparo.cli import telling
from amparo.cli.cases import AsJson, Once, at_the_desk, print_said, say, typed_text
from amparo.words.errors import AmparoError

app = typer.Typer(help="Begin and end a shift.", no_args_is_help=True)


@app.command("start")
def start(
    read: Annotated[bool, typer.Option("--read", help="Mark what is shown as read.")] = False,
    as_json: AsJson = False, once: Once = False,
) -> None:
    """What colleagues left for you, and your open tasks."""
    with at_the_desk(once) as (desk, kept):
        said = {**desk.ask("shift/waiting"), "tasks": desk.ask("tasks")["rows"]}
        kept.listed = list(dict.fromkeys(row["case"] for row in (*said["rows"], *said["tasks"]) if row["case"]))
        print_said(said, telling.shift(said, kept.listed), as_json)
        if read and said["rows"]:
            desk.ask("shift/read", {"ids": sorted({row["id"] for row in said["rows"]})})
            say("Marked as read.")


@app.command("ack")
def acknowledge(
    which: Annotated[str, typer.Argument(metavar="ALARM", help="The alarm's first signs; not needed for one.")] = "",
    once: Once = False,
) -> None:
    """Say that you look at an alarm now. Your colleagues see it, and no more pings go out for it."""
    with at_the_desk(once) as (desk, _kept):
        said = desk.ask("shift/waiting")["alarms"]
        found = [one["id"] for one in said if one["id"].upper().startswith(which.upper())]
        if len(found) != 1:
            raise AmparoError("There is no such open alarm of yours." if not found else "Several alarms are open.",
                              code="which", advice="List them with: amparo shift start")
        first = desk.ask("shift/ack", {"alarm": found[0]})["first"]
    say("You look at it; no more pings go out." if first else "A colleague was faster and looks at it.")


@app.command("handover")
def handover(
    keep: Annotated[bool, typer.Option("--keep", help="Keep every line as it is proposed, without asking.")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="Only show what would be proposed.")] = False,
    as_json: AsJson = False, once: Once = False,
) -> None:
    """A line for each case that the next ones must know of, proposed from open ticks, kept as you leave it.

    For each line: Enter keeps it, a single - leaves it out, anything else is written in its place. Then a few words to
    all. A line stands in its case: only who reads the case sees it.
    """
    with at_the_desk(once) as (desk, _kept):
        said = desk.ask("shift")
        if draft or as_json:
            print_said(said, telling.draft(said), as_json)
            return
        lines: dict[str, str] = {}
        for row in said["rows"]:
            proposed = telling.proposed(row)
            if proposed:
                print(f"{telling.visible(row['code'])}  {telling.visible(proposed)}", file=sys.stderr)
            else:
                print(f"{telling.visible(row['code'])}  {telling.visible(row['reason'])}", file=sys.stderr)
            left = "" if keep else _left()
            line = "" if left == "-" else left or proposed
            if line:
                lines[row["case"]] = line
        text = typed_text("A few words to all", "" if keep and sys.stdin.isatty() else None)
        kept_lines: Any = desk.ask("shift", {"lines": lines, "text": text})["kept"]
    counted = f"{kept_lines} {'line' if kept_lines == 1 else 'lines'}"
    say(f"Handed over: {counted}" + (", and a word to all." if text else "."))


def _left() -> str:
    if sys.stdin.isatty():
        print("  Enter, - or your own line: ", end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise AmparoError("The hand-over was not finished, and nothing of it was kept.", code="empty",
                          advice="Run it again, or add --keep to keep every line as it is proposed.")
    return line.strip()
