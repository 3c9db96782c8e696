"""Where a colleague is pinged: an address for each way, in the site folder and never in the database.

One small file for each colleague, readable for the desk's account only. Only its owner is shown it.
"""

import os
import re
from pathlib import Path
from uuid import UUID

import msgspec

from amparo.desk import configuration, directory, policy, site
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError

MAIL, COMMAND = WAYS = ("mail", "command")
_MAIL = re.compile(r"[A-Za-z0-9._+%-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,6}")
_COMMAND = re.compile(r"[A-Za-z0-9+@#!:._/][A-Za-z0-9+@#!:._/=-]{0,199}")  # never an option, never two words


class AddressUnclear(DeskError):
    """A ping could not be sent there."""

    code = "address"
    advice = "Write it as name@host for mail, or as your bridge knows you, without spaces."


class Addresses(msgspec.Struct, frozen=True):
    """What one colleague wrote down; "" for a way that they are not reached by."""

    mail: str = ""
    command: str = ""


def _folder() -> Path:
    return site.folder() / "pings"


def ways() -> tuple[str, ...]:
    """The ways that this desk is set up for."""
    pings = configuration.current().pings
    return tuple(way for way, there in ((MAIL, pings.mail_host), (COMMAND, pings.command)) if there)


def of(staff_id: UUID) -> Addresses:
    """Where a colleague is pinged; nowhere where nothing is written down."""
    try:
        return msgspec.json.decode((_folder() / str(staff_id)).read_bytes(), type=Addresses)
    except (FileNotFoundError, msgspec.DecodeError):
        return Addresses()


def reachable(staff_id: UUID) -> bool:
    """Whether a ping can be tried at all."""
    return any(getattr(of(staff_id), way) for way in ways())


def keep(*, staff: OpenStaff, mail: str = "", command: str = "") -> None:
    """Write down where I am pinged; nothing in both takes it out."""
    policy.require(staff.role, "none", "rota.own")
    mail, command = mail.strip(), command.strip()
    if mail and not _MAIL.fullmatch(mail):
        raise AddressUnclear("This is no mail address.")
    if command and not _COMMAND.fullmatch(command):
        raise AddressUnclear("This address can't be given to the program that sends pings.")
    _folder().mkdir(mode=0o700, exist_ok=True)
    path = _folder() / str(staff.id)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    if not mail and not command:
        path.unlink(missing_ok=True)
        return
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(Addresses(mail, command)))
    fresh.replace(path)


def forget() -> int:
    """Addresses of those who do not belong to the desk any more; how many."""
    if not _folder().exists():
        return 0
    here = {str(one.id) for one in directory.everyone().values() if one.state}
    gone = [path for path in _folder().iterdir() if path.stem not in here]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
