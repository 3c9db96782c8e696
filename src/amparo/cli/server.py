"""`amparo demo | serve | worker | tend | migrate | doctor | found | recovery-key`: running the desk.

The desk is imported inside the functions only: the other commands never load a web framework.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from amparo.words.errors import AmparoError

UNSAFE = 1


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for name, command in (
        ("demo", demo), ("serve", serve), ("worker", worker), ("tend", tend), ("migrate", migrate),
        ("found", found), ("doctor", doctor), ("pack", pack),
    ):
        app.command(name)(command)
    recovery = typer.Typer(help="The recovery key: three people, any two of whom can open what was lost.")
    recovery.command("new")(recovery_new)
    recovery.command("install")(recovery_install)
    app.add_typer(recovery, name="recovery-key")


def demo(
    port: Annotated[int, typer.Option(help="The port on this machine.", min=1, max=65535)] = 8000,
    fresh: Annotated[bool, typer.Option("--fresh", help="Delete the old demonstration and begin anew.")] = False,
    folder: Annotated[Path, typer.Option(metavar="DIR", help="A folder of its own.")] = Path("demo"),
) -> None:
    """A fictional desk on this machine, to click through. Ctrl-C stops it."""
    from amparo.desk import demo as demonstration

    demonstration.run(port=port, fresh=fresh, folder=folder, say=_say)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; a proxy or onion service stands before it.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help="The port.", min=1, max=65535)] = 8000,
    processes: Annotated[int, typer.Option(help="Web processes.", min=1, max=64)] = 2,
    threads: Annotated[int, typer.Option(help="Requests at once in each process.", min=1, max=256)] = 64,
) -> None:
    """Serve the desk of the data folder (AMPARO_DATA). Run `worker` and `tend` beside it."""
    from amparo.desk import founding, serving

    serving.set_up()
    serving.require_migrated()
    serving.require_real()
    serving.require_port(host, port)
    founding.sweep_at_start()
    _say(f"The desk answers at http://{f'[{host}]' if ':' in host else host}:{port}/ . Ctrl-C stops it.")
    serving.serve(host=host, port=port, processes=processes, threads=threads)


def worker() -> None:
    """Examine what was leased to this process. Its keys live in its memory only."""
    _ready()
    from amparo.desk import sandbox, workers

    _say(sandbox.capabilities().says)
    workers.run()


def tend(
    once: Annotated[bool, typer.Option("--once", help="One pass, then leave (for a timer).")] = False,
) -> None:
    """Erase what is due, clear what was left. One pass a minute until told to stop."""
    _ready()
    from amparo.desk import tend as tending
    from amparo.desk.demo_parts import tend_until

    if once:
        from amparo.desk import ringing

        ringing.ring_due()
        done = tending.tend_once()
        _say(f"Erased cases: {done.shredded}. Ended sessions: {done.sessions}. Left-over files: {done.parts}.")
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    tend_until(stop)


def migrate() -> None:
    """Make the data folder ready and bring its tables up to date."""
    from amparo.desk import serving

    serving.set_up()
    from amparo.desk import configuration, founding

    founding.migrate()
    _say(f"The data folder {configuration.data_folder()} is ready. Next: amparo found")


def found() -> None:
    """The first run of a real desk: its lead chooses a password and keeps three things on paper."""
    _ready()
    from amparo.desk import accounts, serving, site

    serving.require_real()
    if site.root_fingerprint() is not None:
        raise AmparoError("This desk is founded already.", advice="Sign in, and invite colleagues there.")
    _say("You are founding a desk. Nobody should be looking over your shoulder.")
    pseudonym = typer.prompt("The name colleagues and reporters will know you by (not your real one)")
    login = typer.prompt("A login name that only you know")
    founded = accounts.found_desk(pseudonym=pseudonym, login=login, password=_password("Your password"))
    _say("\nAdd this to your authenticator app (as an address, or the secret in it):\n")
    _say(f"  {founded.set_up.uri}\n")
    _say("Ten recovery codes, each works once. Write them down, keep them away from this machine:\n")
    for code in founded.set_up.recovery_codes:
        _say(f"  {code}")
    _say("\nThe fingerprint of this desk. Keep it on paper and compare it from time to time:\n")
    _say(f"  {founded.fingerprint}\n")
    _say("Next: amparo serve (with amparo worker and amparo tend beside it), then sign in at /staff/ .")


def pack(
    language: Annotated[str, typer.Option(metavar="CODE", help="en, es, fr, ar, or all of them in one file.")] = "all",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where it goes; steps-CODE.html here.")] = None,
    check: Annotated[Path | None, typer.Option(metavar="FILE", help="Check a hand-out instead of making one.")] = None,
    by: Annotated[str, typer.Option(metavar="NUMBER", help="The number of the key that the desk told you.")] = "",
) -> None:
    """All playbooks in one signed file that needs no network: to hand out before a shutdown."""
    if check is not None:
        _check_pack(check, by)
        return
    from amparo.desk import serving

    serving.set_up()
    from amparo.desk import handouts

    content, place = handouts.made(language), out or Path(handouts.file_name(language))
    try:
        place.write_bytes(content)
    except OSError as error:
        raise AmparoError(f"{place} can't be written ({error.strerror}).", advice="Name another with --out.") from None
    _say(f"{place}: {len(content):,} bytes. The number of its key: {handouts.number()}")


def _check_pack(file: Path, by: str) -> None:
    """Needs no desk: whoever was given a file can run it anywhere."""
    from amparo import seal

    try:
        number = seal.fingerprint(seal.check_handout(file.read_bytes()))
    except OSError as error:
        raise AmparoError(f"{file} can't be read ({error.strerror}).", advice="Give the path of the file.") from None
    except seal.Tampered as error:
        _say(f"{error.says} Do not use it; ask the desk for a new one.")
        raise typer.Exit(UNSAFE) from None
    if not by.strip():
        _say(f"Unchanged since it was signed by the key {number}. "
             "Compare this number with the one that the desk told you, or give it with --by.")
    elif "".join(by.split()) != "".join(number.split()):
        _say(f"Signed by another key: {number}. This file is not from the desk whose number you gave.")
        raise typer.Exit(UNSAFE)
    else:
        _say("Unchanged, and signed by the key whose number you gave.")


def doctor() -> None:
    """What is unsafe about this installation, in plain words, and how to mend it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amparo.desk.settings")
    import django

    django.setup()
    from amparo.desk import doctor as looking

    marks = {"bad": "UNSAFE ", "warn": "better ", "good": "good   ", "unknown": "unknown"}
    found = looking.check()
    for one in sorted(found, key=lambda advice: looking.LEVELS.index(advice.level)):
        _say(f"{marks[one.level]}  {one.says}" + (f"\n           {one.mend}" if one.mend else ""))
    bad = sum(one.level == "bad" for one in found)
    _say(f"\n{bad} unsafe, {sum(one.level == 'warn' for one in found)} could be better, of {len(found)} looked at.")
    if bad:
        raise typer.Exit(UNSAFE)


def recovery_new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the share files go; best an empty USB stick.")],
) -> None:
    """On a computer without network: make a recovery key in three hands. Any two of them can open it."""
    from amparo import seal

    if folder.exists() and any(folder.iterdir()):
        raise AmparoError(
            f"The folder {folder} is not empty.", advice="Name an empty one, so that no old share is mixed in."
        )
    _say("Three people, three passphrases. Each types alone; nobody else should see it.")
    made = seal.new_recovery([_password(f"Passphrase of person {number}") for number in (1, 2, 3)])
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number, share in enumerate(made.shares, 1):
            _write(folder / f"recovery-share-{number}.age", share)
        _write(folder / "recovery.pub", made.public.hex().encode() + b"\n")
    except OSError as error:
        raise AmparoError(
            f"The files could not be written ({error.strerror}).", advice="Nothing is lost: run it again elsewhere."
        ) from None
    _say(f"Three share files and recovery.pub lie in {folder}. Give each person one share; keep none here.")
    _say("On the desk's machine: amparo recovery-key install recovery.pub")


def recovery_install(
    public: Annotated[Path, typer.Argument(metavar="FILE", help="recovery.pub of the ceremony.")],
) -> None:
    """Tell the desk the public half. Reports sent from now on can be opened by two of the three shares."""
    _ready()
    from amparo.desk import site

    try:
        key = bytes.fromhex(public.read_text().strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != 32:
        raise AmparoError(f"{public} is no recovery.pub.", advice="Take the file that the ceremony wrote.")
    place = site.folder() / "recovery.pub"
    if place.exists():
        raise AmparoError("This desk has a recovery key already.", advice=f"To replace it, remove {place} first.")
    _write(place, key.hex().encode() + b"\n")
    _say("The desk knows the recovery key. Reporters are told that it exists, and in how many hands.")


def _ready() -> None:
    from amparo.desk import serving

    serving.set_up()
    serving.require_migrated()


def _password(what: str) -> str:
    from amparo import seal

    while True:
        typed = typer.prompt(what, hide_input=True, confirmation_prompt="The same again")
        try:
            seal.check_password_strength(typed)
        except AmparoError as weak:
            _say(str(weak))
            continue
        return str(typed)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _say(sentence: str) -> None:
    print(sentence, flush=True)
