"""`amparo seal`: a report sealed on this machine to a desk's card, into one file that somebody carries.

No desk is asked and no network is used. What is written down is the sealed file alone: the story is typed or piped in,
files are read where they lie, and the words that open the report stand on the terminal once.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import mimetypes
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from amparo.cli.telling import visible
from amparo.words.errors import AmparoError

if TYPE_CHECKING:
    from amparo.seal import DeskCard
    from amparo.share.carried import Made, Told

ENDING = ".amparo"
END = "."


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("seal")(seal)


def seal(
    to: Annotated[Path, typer.Option(
        "--to", metavar="CARD", help="The desk's card: its file, or the text of its codes.")],
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="What to send along.")] = None,
    text: Annotated[Path | None, typer.Option(
        "--text", metavar="FILE", help="The story in a file, or - for standard input; asked for if left out.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where the sealed file goes.")] = None,
    language: Annotated[str, typer.Option(help="Language of the words that you will keep: en, es, fr, ar.")] = "en",
    fingerprint: Annotated[str, typer.Option(
        help="The fingerprint that the desk told you; the card must have it.")] = "",
    danger: Annotated[bool, typer.Option("--danger", help="Somebody is in danger right now.")] = False,
    under_18: Annotated[bool, typer.Option("--under-18", help="I am under 18.")] = False,
    allow: Annotated[list[str] | None, typer.Option(
        "--allow", metavar="PURPOSE", help="What the desk may do, e.g. examine; may be repeated.")] = None,
    without: Annotated[list[str] | None, typer.Option(
        "--without", metavar="NAME", help="Somebody at the desk who must not read it; may be repeated.")] = None,
    leads_only: Annotated[bool, typer.Option("--leads-only", help="Only the leads of the desk may read it.")] = False,
) -> None:
    """Seal a report to a desk's card, without the desk and without a network.

    One file comes of it, which anyone may carry. Write down the words that are shown: they open the answers later.
    """
    card = _card(to, fingerprint)
    _check_size(card, files or [])
    told = _told(text, language, danger=danger, under_18=under_18, allow=allow or [], without=without or [],
                 leads_only=leads_only)
    path = out or Path(f"report-{secrets.token_hex(4)}{ENDING}")
    made = _written(card, told, files or [], path)
    _tell(card, made, path)


def _card(path: Path, expected: str) -> DeskCard:
    from amparo import seal as sealing

    card = sealing.read_card(_read(path).decode("utf-8", "replace"), dt.datetime.now(dt.UTC).date())
    if expected and expected.split() != card.fingerprint().split():
        raise AmparoError("This card was signed by somebody else: its fingerprint is another one.", code="fingerprint",
                          advice="Do not use it. Get the card from the desk itself.")
    _say(f"Card of: {visible(card.name)}  {visible(card.address)}")
    _say(f"Signed by a lead with the fingerprint  {card.fingerprint()}")
    if not expected:
        _compared()
    names = ", ".join(f"{visible(one.pseudonym or 'no name told')} ({visible(one.role)})" for one in card.readers)
    _say(f"Whoever reads reports there: {names}")
    return card


def _compared() -> None:
    """Whoever sits at the terminal says that it is the desk's; a program can only be told to look."""
    if not sys.stdin.isatty():
        _say("Compare it with what the desk told you, before the file leaves your hands.")
    elif not _yes("Is it the fingerprint that the desk told you?"):
        raise AmparoError("Nothing was sealed.", code="fingerprint", advice="Ask the desk for its fingerprint first.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise AmparoError(f"“{visible(path)}” can't be read.", code="unreadable",
                          advice="Check the name of the file.") from None


def _check_size(card: DeskCard, files: list[Path]) -> None:
    """Before anything is asked: what the desk would not take is not sealed."""
    from amparo import seal as sealing

    total = 0
    for path in files:
        try:
            if not path.is_file():
                raise OSError
            total += sealing.sealed_size_of(path.stat().st_size)
        except OSError:
            raise AmparoError(f"“{visible(path)}” is no file that can be read.", code="unreadable",
                              advice="Name files, not folders; pack a folder into an archive first.") from None
    if sealing.sealed_carried_size(total) > card.most:
        raise AmparoError(f"Together these files are more than the {card.most:,} bytes that this desk takes at once.",
                          code="too-large", advice="Seal some of them now, and the others in a second report.")


def _told(
    text: Path | None, language: str, *, danger: bool, under_18: bool, allow: list[str], without: list[str],
    leads_only: bool,
) -> Told:
    from amparo import mitigate
    from amparo.share.carried import Told
    from amparo.words import consents
    from amparo.words.risk import Priority
    from amparo.words.writings import Exclusion

    for code in allow:
        if code not in consents.CODES:
            raise AmparoError(f"“{visible(code)}” is nothing that can be allowed.", code="purpose",
                              advice=f"Choose from: {', '.join(consents.CODES)}.")
    asked = text is None and sys.stdin.isatty()
    story = _story(text)
    if asked:
        danger = danger or _yes("Is somebody in danger right now?")
        under_18 = under_18 or _yes("Are you under 18?")
        if "examine" not in allow and _yes("May a program of the desk look for traces of attack in your files?"):
            allow = [*allow, "examine"]
    if not story.strip():
        raise AmparoError("There is no story yet.", code="empty", advice="Write a few lines, in any language.")
    answers = {"what-happened": [story], "see-again": ["no"]}
    answers |= {"danger": ["yes"]} if danger else {}
    answers |= {"under-18": ["yes"]} if under_18 else {}
    presses = danger or mitigate.urgency(answers).level == Priority.P0
    return Told(answers=answers, presses=presses, purposes=tuple(allow), language=language,
                excluded=Exclusion(pseudonyms=tuple(without), lead_only=leads_only))


def _story(text: Path | None) -> str:
    if text is not None and str(text) != "-":
        return _read(text).decode("utf-8", "replace")
    if text is not None or not sys.stdin.isatty():
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    _say("What happened? Use your own words, in any language. End with a line that holds a single dot.")
    lines: list[str] = []
    for line in sys.stdin:
        if line.rstrip("\n") == END:
            break
        lines.append(line)
    return "".join(lines)


def _yes(question: str) -> bool:
    return typer.confirm(question, default=False, err=True)


def _written(card: DeskCard, told: Told, files: list[Path], path: Path) -> Made:
    """The sealed file, written straight to its place; a half one is removed."""
    from amparo.share import carried

    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise AmparoError(f"“{visible(path)}” is there already.", code="exists",
                          advice="Choose another name.") from None
    except OSError:
        raise AmparoError(f"“{visible(path)}” can't be written.", code="unwritable",
                          advice="Choose another place, or free some room.") from None
    try:
        with os.fdopen(descriptor, "wb") as below, contextlib.ExitStack() as held:
            opened = [carried.File(one.name, _type(one), _open(held, one)) for one in files]
            made = carried.seal_report(card, told, opened, now=dt.datetime.now(dt.UTC), write=below.write)
            below.flush()
            os.fsync(below.fileno())
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise AmparoError("The sealed file could not be written to its end, and was removed.", code="unwritable",
                              advice="Check that the files can be read and that the disk has room.") from None
        raise
    return made


def _open(held: contextlib.ExitStack, path: Path) -> BinaryIO:
    return held.enter_context(path.open("rb"))


def _type(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _tell(card: DeskCard, made: Made, path: Path) -> None:
    """The words on the output, once; everything else beside it."""
    _say("")
    _say(f"Sealed into {visible(path)}: {made.size:,} bytes. {made.readers} people of the desk can open it.")
    _say("Who carries it sees that it is such a file, its size, and when it was made. They can't see what you wrote, "
         "your files, their number or names, who you are, or for which desk it is. Reports of similar size look alike.")
    _say("")
    _say("These words open the answers of the desk. Write them down: they are shown once and kept nowhere.")
    print(" ".join(made.words))
    _say("")
    where = visible(card.address) or "the pages of the desk"
    _say(f"The file is to reach the desk by {card.last}. Whoever brings it needs no account: at {where}, under "
         "“I bring a sealed file”. When it is there, your words open your page.")
    _say("Your story and your files are still on this machine where you had them. Remove what could endanger you.")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
