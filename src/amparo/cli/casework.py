"""`amparo case take | assign | triage | task | done` and `amparo tasks`: the work on a case, from a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amparo.cli import telling
from amparo.cli.cases import (
    AsJson,
    Once,
    TextOption,
    Which,
    at_the_desk,
    chosen,
    print_said,
    say,
    typed_text,
    write,
)
from amparo.words.errors import AmparoError

if TYPE_CHECKING:
    from amparo.cli.local_desk import Desk, Kept

LEVELS = ("P0", "P1", "P2", "P3")


def register(app: typer.Typer, case: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("tasks")(tasks)
    for name, command in (("take", take), ("assign", assign), ("triage", triage), ("task", task), ("done", done)):
        case.command(name)(command)


def take(
    which: Which, over: Annotated[bool, typer.Option("--over", help="Also where a colleague has it.")] = False,
    once: Once = False,
) -> None:
    """I take care of this case from now on."""
    write(which, once, "take", lambda: {"over": over}, "{code} is yours.")


def assign(
    which: Which,
    colleague: Annotated[str, typer.Argument(help="The colleague's name at this desk, or - for nobody.")],
    once: Once = False,
) -> None:
    """A colleague who can read this case takes care of it from now on."""
    to = "" if colleague == "-" else colleague
    write(which, once, "assign", lambda: {"to": to}, "{code} is with " + (colleague if to else "nobody") + ".")


def triage(
    which: Which,
    threat: Annotated[list[str] | None, typer.Option(
        metavar="CODE", help="A kind of threat seen in it, again for each; see `amparo taxonomy list`.")] = None,
    need: Annotated[list[str] | None, typer.Option(metavar="CODE", help="What would help, again for each.")] = None,
    level: Annotated[str, typer.Option(help="Raise it to P0 (now), P1 (two hours), P2 (a day), P3.")] = "",
    refute: Annotated[list[str] | None, typer.Option(
        metavar="FACT", help="The code of an answer that does not hold; the level falls only by this.")] = None,
    why: Annotated[str | None, typer.Option("--why", help="The reason for another urgency; asked for.")] = None,
    state: Annotated[str, typer.Option(help="Also set the state.")] = "",
    take_it: Annotated[bool, typer.Option("--take", help="Also take care of it.")] = False,
    once: Once = False,
) -> None:
    """What you saw in it, how soon somebody must look, what would help. Without options it asks.

    Threats and needs that stand already stay, unless you give others; a single - takes them all away.
    """
    from amparo.words import threats

    with at_the_desk(once) as (desk, kept):
        identity, code = chosen(desk, kept, which)
        said = desk.ask(f"case/{identity}")
        seen = said["work"]["seen"]
        if not (threat or need or level or refute or state or take_it):
            threat = _codes("Kinds of threat", seen["threats"], threats.CODES)
            need = _codes("What would help", seen["needs"], ())
            level = _line("Raise to P0, P1, P2 or P3 (nothing: leave it)").upper()
        if level and level not in LEVELS:
            raise AmparoError(f"There is no level {level}.", code="level", advice="Choose P0, P1, P2 or P3.")
        if (level or refute) and why is None:
            why = _line("Why")
        desk.ask(f"case/{identity}/triage", {
            "threats": _these(threat, seen["threats"]), "needs": _these(need, seen["needs"]),
            "level": level, "refuted": refute or [], "why": why or "", "state": state, "take": take_it,
            "version": said["version"],
        })
        kept.versions.pop(identity, None)
        now = desk.ask(f"case/{identity}")
        kept.versions[identity] = now["version"]
    say(f"{code} is triaged: {telling.visible(now['heading_text'])}, "
        f"{telling.LEVELS.get(now['level'], telling.words(now['level']))}.")


def task(
    which: Which, text: TextOption = None,
    due: Annotated[str, typer.Option(help="+2h, +3d, 17:30, 2027-05-31 or 2027-05-31 17:30, in your time zone.")] = "",
    who: Annotated[str, typer.Option(help="The colleague who does it; left out: whoever comes.")] = "",
    once: Once = False,
) -> None:
    """Something to be done in this case."""
    with at_the_desk(once) as (desk, kept):
        identity, code = chosen(desk, kept, which)
        said = desk.ask(f"case/{identity}/task", {"text": typed_text("The task", text), "due": due, "who": who})
    say(f"The task is kept in {code}" + (f", due {said['due']}." if said["due"] else "."))


def done(
    which: Which,
    number: Annotated[int, typer.Argument(help="The number of the task, as `amparo case show` numbers it.", min=1)],
    outcome: Annotated[str | None, typer.Option("--outcome", help="What came of it.")] = None,
    drop: Annotated[bool, typer.Option("--drop", help="It will not be done after all.")] = False,
    once: Once = False,
) -> None:
    """Tick a task of this case."""
    with at_the_desk(once) as (desk, kept):
        identity, code = chosen(desk, kept, which)
        ticked = _ticked(desk, kept, identity, number)
        state = "dropped" if drop else "done"
        desk.ask(f"case/{identity}/task/{ticked['task']}", {"state": state, "outcome": outcome or ""})
    say(f"{state.capitalize()} in {code}: {telling.visible(ticked['text'])}")


def _ticked(desk: Desk, kept: Kept, identity: str, number: int) -> dict[str, Any]:
    """The task that had this number when it was shown last; else the one that has it now."""
    all_tasks = desk.ask(f"case/{identity}")["work"]["tasks"]
    shown = kept.tasks.get(identity) or [one["task"] for one in all_tasks if one["state"] == "open"]
    wanted = shown[number - 1] if number <= len(shown) else ""
    for one in all_tasks:
        if one["task"] == wanted:
            return dict(one)
    raise AmparoError(f"There is no open task {number} in this case.", code="which",
                      advice="Look at its tasks with: amparo case show")


def tasks(as_json: AsJson = False, once: Once = False) -> None:
    """My open tasks over all cases, what is due first on top."""
    with at_the_desk(once) as (desk, kept):
        said = desk.ask("tasks")
        kept.listed = [row["case"] for row in said["rows"]]
        print_said(said, telling.tasks(said), as_json)


def _codes(what: str, now: list[str], known: tuple[str, ...]) -> list[str]:
    """Codes typed on one line; those that stand, where nothing is typed."""
    stands = f" (now: {', '.join(map(telling.visible, now))})" if now else ""
    typed = _line(f"{what}: codes, with spaces between{stands}").replace(",", " ").split()
    unknown = [one for one in typed if known and one not in known and one != "-"]
    if unknown:
        raise AmparoError(f"There is no kind of threat “{telling.visible(unknown[0])}”.", code="choice",
                          advice="See: amparo taxonomy list")
    return typed


def _these(given: list[str] | None, now: list[str]) -> list[str]:
    return [] if given == ["-"] else given or now


def _line(what: str) -> str:
    """One line, from the terminal or from standard input."""
    if sys.stdin.isatty():
        print(f"{what}: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()
