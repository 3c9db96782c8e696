"""`amparo verify-log FILE`: computes the root of an exported custody log again, without any desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from amparo.words.errors import AmparoError

NOT_THE_SAME = 1
LONGEST_LINE = 20_000  # characters; an entry of ids, codes and hashes needs a few hundred


class NotALog(AmparoError):
    """The file is no exported custody log, or not a whole one."""

    code = "not-a-log"
    advice = "Ask for the file again: on the desk, Custody log, What colleagues did, Get the log as a file."


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("verify-log")(verify_log)


def verify_log(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file that the desk gave.")],
    root: Annotated[str, typer.Option(help="A root written down earlier: is it the beginning of this log?")] = "",
    entries: Annotated[int, typer.Option(help="How many entries there were when it was written down.", min=0)] = 0,
) -> None:
    """Check an exported custody log: every entry hashed again, the root compared."""
    from amparo import seal

    log = seal.MerkleLog(seal.MemoryStore())
    end: dict[str, object] = {}
    leaves: list[bytes] = []
    for number, line in enumerate(_lines(file)):
        told = _object(line, number + 1)
        if number == 0:
            if told.get("format") != "amparo-custody-log" or told.get("version") != 1:
                raise NotALog(f"{file} does not begin like a custody log.")
        elif "root" in told:
            end = told
        elif end or told.get("index") != len(leaves):
            print(f"Line {number + 1} is out of its place: entry {told.get('index')} where {len(leaves)} belongs.")
            raise typer.Exit(NOT_THE_SAME)
        else:
            leaves.append(_leaf(told, number + 1))
    if not end:
        raise NotALog(f"{file} has no end: it was cut.")
    log.append_many(leaves)
    if end.get("entries") != len(leaves) or log.root().hex() != end.get("root"):
        print(f"Not the same: the {len(leaves)} entries of this file do not give the root that stands at its end.")
        raise typer.Exit(NOT_THE_SAME)
    print(f"{len(leaves)} entries, root {log.root().hex()}: whole and unchanged since it was exported.")
    noted = "".join(root.split()).lower()
    if noted:
        if entries > len(leaves) or log.root(entries or len(leaves)).hex() != noted:
            print("It does not begin with the root you noted: it was rewritten or shortened, or mistyped.")
            raise typer.Exit(NOT_THE_SAME)
        print(f"It begins with exactly what you noted ({entries or len(leaves)} entries).")
    else:
        print("Compare the root with one written down at another time: this file alone cannot tell of a rewritten log.")


def _lines(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise NotALog(f"{file} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise NotALog(f"{file} is not a text file.") from None
    if not lines:
        raise NotALog(f"{file} is empty.")
    return lines


def _object(line: str, number: int) -> dict[str, object]:
    try:
        told = json.loads(line) if len(line) <= LONGEST_LINE else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise NotALog(f"Line {number} is not an entry.")
    return told


def _leaf(told: dict[str, object], number: int) -> bytes:
    """The bytes that are hashed; what the line shows beside them must be what they say."""
    from amparo import seal

    try:
        leaf = bytes.fromhex(str(told.get("leaf")))
        entry = seal.CustodyEntry.decode(leaf)
    except (ValueError, seal.SealError):
        raise NotALog(f"Line {number} holds no entry.") from None
    shown = (told.get("action"), told.get("actor_kind"), told.get("detail", []))
    ids = tuple(told.get(name) for name in ("actor", "case", "item"))
    real = tuple(str(one) if one else None for one in (entry.actor, entry.case, entry.item))
    if shown != (entry.action, entry.actor_kind, list(entry.detail)) or ids != real:
        print(f"Line {number} says something else than the entry that is hashed.")
        raise typer.Exit(NOT_THE_SAME)
    return leaf
