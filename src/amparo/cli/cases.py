"""`amparo login | logout | queue | case ...`: working on cases from a terminal, as a client of the running desk.

Nothing of a case is written to a disk here: texts come from a prompt or from standard input, answers go to the terminal
or into a pipe. What a person wrote is shown with its unseen signs written out (`telling`).
"""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import typer

from amparo.cli import telling
from amparo.words.errors import AmparoError

if TYPE_CHECKING:  # it brings in the network: `amparo --help` does without
    from amparo.cli.local_desk import Desk, Kept

NOT_ALL = 3  # something could not be read: the same status as of `amparo identify`
case = typer.Typer(help="Read one case and write to it.", no_args_is_help=True)
Which = Annotated[str, typer.Argument(metavar="ID", help="The number of the last list, or how the case's code begins.")]
Once = Annotated[bool, typer.Option("--once", help="Sign in for this one command and keep nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="The desk's own answer, for a program.")]
TextOption = Annotated[str | None, typer.Option(
    "--text", help="The text itself. It stays in your shell's history: leave it out to be asked, or pipe it in.",
)]
Wait = Annotated[bool, typer.Option("--wait", help="Also set the state: waiting on the reporter.")]
Why = Annotated[str | None, typer.Option("--why", help="The reason; asked for if left out.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    from amparo.cli import carrying, casework, shift

    casework.register(app, case)
    carrying.register(case)
    app.add_typer(shift.app, name="shift")
    app.command("login")(login)
    app.command("logout")(logout)
    app.command("queue")(queue)
    app.add_typer(case, name="case")


@contextmanager
def at_the_desk(once: bool) -> Iterator[tuple[Desk, Kept]]:
    """The desk with an open session: the kept one, or one for this command alone that is ended after it."""
    from amparo.cli.local_desk import Desk, Kept, NotSignedIn

    kept = Kept()
    if once:
        kept.path = None
        desk = Desk()
        _enter(desk)
        try:
            yield desk, kept
        finally:
            desk.ask("logout", {})
        return
    desk = Desk(kept.load().secret)
    desk.require_ours()
    if kept.path is None:
        _no_memory()
    if not kept.secret:
        desk.ask("me")  # says what is wrong: nobody signed in, or no desk
    try:
        yield desk, kept
    except NotSignedIn:
        kept.forget()
        raise
    kept.save()


def _no_memory() -> None:
    raise AmparoError(
        "Nothing can be kept here between two commands: XDG_RUNTIME_DIR is no private folder in memory.", code="memory",
        advice="Add --once to the command: it signs in, does that one thing, and signs out.",
    )


def _enter(desk: Desk) -> dict[str, Any]:
    """Both steps, typed."""
    from amparo.cli.local_desk import Refused

    desk.ask("logout", {})  # the desk must be there before a password is typed
    name = _typed("Login name")
    typed = _typed("Password", hidden=True)
    desk.secret = str(desk.ask("login", {"login": name, "password": typed})["session"])
    while True:
        try:
            entered = desk.ask("code", {"code": _typed("Code of your app, or a recovery code")})
        except Refused as refused:
            if refused.code != "wrong-code":
                raise
            say(str(refused))
            continue
        desk.secret = str(entered["session"])
        return entered


def _typed(what: str, *, hidden: bool = False) -> str:
    """One line from the person: from the terminal, also where a text is piped in; without one, from standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=hidden, err=True))
    try:
        with Path("/dev/tty").open("r+b", buffering=0) as terminal:
            if hidden:
                return getpass.getpass(f"{what}: ")
            terminal.write(f"{what}: ".encode())
            return terminal.readline().decode("utf-8", "replace").rstrip("\n")
    except OSError:
        line = sys.stdin.readline()
    if not line:
        raise AmparoError(f"{what}: nothing was typed.", code="empty", advice="Run it in a terminal.")
    return line.rstrip("\n")


def login(
    demo: Annotated[str, typer.Option(metavar="SECRET", help="In a demonstration: what it printed, once.")] = "",
) -> None:
    """Sign in: login name, password, code. The session is kept in memory only, until it ends or `logout`."""
    from amparo.cli.local_desk import Desk, Kept

    kept = Kept()
    desk = Desk(kept.load().secret)
    desk.require_ours()
    if kept.path is None:
        _no_memory()
    if kept.secret:
        desk.ask("logout", {})
        kept.forget()
    desk.secret = ""
    entered = desk.ask("demo-login", {"code": demo}) if demo else _enter(desk)
    kept.secret = str(entered["session"])
    kept.save()
    say(f"Signed in as {telling.visible(entered['who'])}. The session ends after {entered['minutes']} minutes without "
         "use, or with: amparo logout")


def logout() -> None:
    """End the session at once."""
    from amparo.cli.local_desk import Desk, Kept

    kept = Kept().load()
    try:
        Desk(kept.secret).ask("logout", {})
    finally:
        kept.forget()
    say("Signed out.")


def queue(
    mine: Annotated[bool, typer.Option("--mine", help="Only those that I take care of.")] = False,
    why: Annotated[str, typer.Option(help="Only these: life, time-bound, spreading, skill, rest.")] = "",
    state: Annotated[str, typer.Option(help="Only these: open, new, closed ..., or all.")] = "",
    erased: Annotated[bool, typer.Option("--erased", help="What will be erased, by day.")] = False,
    as_json: AsJson = False, once: Once = False,
) -> None:
    """My cases, most pressing first, with the reason of each."""
    with at_the_desk(once) as (desk, kept):
        narrowed = {"mine": "1" if mine else "", "why": why, "state": state}
        asked = urlencode({name: value for name, value in narrowed.items() if value})
        said = desk.ask("erased" if erased else f"queue?{asked}" if asked else "queue")
        kept.listed = [row["case"] for row in said["rows"]]
        print_said(said, telling.erased(said) if erased else telling.queue(said), as_json)


def chosen(desk: Desk, kept: Kept, which: str) -> tuple[str, str]:
    """(case, code) of what was typed. A number is one of the last list's; four or more signs are a code."""
    if which.isdecimal() and len(which) < 4:
        place = int(which)
        if not 0 < place <= len(kept.listed):
            raise AmparoError(
                f"There is no number {place} in the last list.", code="which",
                advice="List again with: amparo queue (numbers are kept only with it), or type the code.",
            )
        return kept.listed[place - 1], _code(kept.listed[place - 1])
    found = desk.ask("find", {"code": which})["found"]
    if len(found) > 1:
        begins = ", ".join(telling.visible(one["code"]) for one in found)
        raise AmparoError(f"Several cases begin like this: {begins}.", code="which", advice="Type one more sign.")
    return str(found[0]["case"]), str(found[0]["code"])


def _code(identity: str) -> str:
    return f"{identity[:4]}-{identity[4:8]}".upper()


@case.command("show")
def show(which: Which, as_json: AsJson = False, once: Once = False) -> None:
    """Everything of one case. Leaves with 3 where a writing of it could not be opened."""
    with at_the_desk(once) as (desk, kept):
        identity, _ = chosen(desk, kept, which)
        said = desk.ask(f"case/{identity}")
        kept.versions[identity] = said["version"]
        kept.tasks[identity] = [one["task"] for one in said["work"]["tasks"] if one["state"] == "open"]
        print_said(said, telling.case(said), as_json)
    if said["unreadable"]:
        raise typer.Exit(NOT_ALL)


@case.command("note")
def note(which: Which, text: TextOption = None, once: Once = False) -> None:
    """A private note of the desk. The reporter never sees it."""
    write(which, once, "note", lambda: {"text": typed_text("The note", text)}, "The note is kept in {code}.")


@case.command("reply")
def reply(which: Which, text: TextOption = None, wait: Wait = False, once: Once = False) -> None:
    """Write to the reporter, who reads it when they come back with their words."""
    write(which, once, "reply", lambda: {"text": typed_text("Your message to the reporter", text), "wait": wait},
           "Sent in {code}.", seen=True)


@case.command("state")
def state(
    which: Which,
    to: Annotated[str, typer.Argument(metavar="STATE", help="open, awaiting-vetting, out-of-mandate, "
                                      "waiting-on-reporter, waiting-on-partner, closed")],
    why: Why = None, once: Once = False,
) -> None:
    """A new state, with the reason."""
    write(which, once, "state", lambda: {"state": to, "why": typed_text("Why", why)}, "{code} is now: " + to, seen=True)


def write(which: str, once: bool, what: str, body: Any, done: str, *, seen: bool = False) -> None:
    """One writing. `seen`: refused if the case changed since it was shown here last."""
    from amparo.cli.local_desk import Refused

    with at_the_desk(once) as (desk, kept):
        identity, code = chosen(desk, kept, which)
        sent = body()
        if seen and identity in kept.versions:
            sent["version"] = kept.versions[identity]
        try:
            desk.ask(f"case/{identity}/{what}", sent)
        except Refused as refused:
            if refused.code != "changed":
                raise
            again = f"Look at what is new, then send it again: amparo case show {code}"
            advice = "Talk to them, or take it over with --over." if what == "take" else again
            raise AmparoError(refused.says, code="changed", advice=advice) from None
        kept.versions.pop(identity, None)
    say(done.format(code=code))


def typed_text(what: str, told: str | None) -> str:
    """A text of several lines, from the option, from standard input, or typed until a line with a single dot."""
    if told is not None:
        return told
    if not sys.stdin.isatty():
        return sys.stdin.read().strip()
    say(f"{what}. End with a line that holds a single dot.")
    lines: list[str] = []
    for line in sys.stdin:
        if line.rstrip("\n") == ".":
            break
        lines.append(line)
    return "".join(lines).strip()


def print_said(said: dict[str, Any], lines: Iterable[str], as_json: bool) -> None:
    """The answer in lines, or as the desk gave it."""
    if as_json:
        print(json.dumps(said, ensure_ascii=True))
        return
    for line in lines:
        print(line)


def say(sentence: str) -> None:
    """A sentence beside the output."""
    print(sentence, file=sys.stderr)
