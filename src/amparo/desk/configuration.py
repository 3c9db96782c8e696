"""What a desk decides about itself: desk.toml, with defaults and plain errors."""

import datetime as dt
import functools
import os
import zoneinfo
from pathlib import Path
from typing import Annotated

import msgspec

from amparo.desk import policy
from amparo.mitigate.playbook import SERVICES
from amparo.words.errors import AmparoError

SKINS = ("plain", "garden")
Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]
Bytes = Annotated[int, msgspec.Meta(ge=1024)]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=240)]
LONGEST_PING = 120  # letters
LONGEST_REFERRAL = 500  # letters
REFERRED = tuple(code for code in SERVICES if code != "desk")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class BadConfiguration(AmparoError):
    code = "configuration"
    advice = "Open desk.toml in the data folder, mend that line, and start again."


class Pings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table [pings]: how colleagues are woken. Mail, a command, or both; the text is the same for every alarm."""

    text: str = "Amparo: please look."
    subject: str = "Amparo"
    second_after_minutes: Minutes = 15  # not acknowledged: the second person, and then every lead
    repeat_minutes: Minutes = 15  # every lead again, until somebody acknowledges
    jitter_minutes: Annotated[int, msgspec.Meta(ge=0, le=120)] = 15  # what is not urgent waits at random for so long
    seconds: Annotated[int, msgspec.Meta(ge=1, le=120)] = 20  # how long one try may last
    mail_host: str = ""
    mail_port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    mail_tls: str = "starttls"  # starttls, tls; none only for a server on this machine
    mail_user: str = ""  # the password lies in site/mail-password
    mail_from: str = ""
    command: tuple[str, ...] = ()  # a program and its arguments, {to} for the address; the text comes on its input


class Referral(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table [[referrals]]: somebody outside who helps, as the desk knows them. Shown to everybody; no case in it."""

    service: str  # a code of mitigate.playbook.SERVICES, but "desk"
    name: str | dict[str, str]
    reach: str | dict[str, str]  # how to reach them, and when
    checked_on: dt.date


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of desk.toml. Sizes are bytes, times are days unless the name says otherwise."""

    name: str = "A protection desk"
    legal_form: str = ""
    country: str = ""
    state_body: bool = False  # "run by a State body" is said to the reporter where true
    languages: tuple[str, ...] = ("en", "es", "fr", "ar")
    hours: str | dict[str, str] = ""  # one text, or language -> text
    outside_contact: str | dict[str, str] = ""  # whom else one can tell when the desk itself does wrong
    emergency: dict[str, str] = {}  # language -> what to do when in danger now
    leave_url: str = "https://www.wikipedia.org/"
    skin: str = "plain"
    retention_days: Days = 365
    minor_retention_days: Days = 90
    max_upload: Bytes = 2_000_000_000  # one file
    max_draft: Bytes = 4_000_000_000  # all files of one report
    recovery_hands: int = 0  # people who hold a share of the recovery key; shown to the reporter
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    origins: tuple[str, ...] = ()  # e.g. "https://desk.example", "http://....onion"
    https: bool = False  # cookies only over https; set it wherever the desk is not an onion or a demo
    onion: str = ""  # the desk's onion address, told to Tor Browser by a header
    proxy_says_https: bool = False  # a proxy in front sets X-Forwarded-Proto and strips it from clients
    kdf_slots: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2  # password and receipt derivations at once
    reserve: int = 64_000_000  # ballast freed when the disk is full, so that shredding still works
    reporter_idle_minutes: Annotated[int, msgspec.Meta(ge=5, le=120)] = 15
    staff_idle_minutes: Annotated[int, msgspec.Meta(ge=5, le=120)] = 30
    staff_hours: Annotated[int, msgspec.Meta(ge=1, le=24)] = 8
    roles: tuple[str, ...] = ()  # optional roles that this desk uses (policy.OPTIONAL_ROLES)
    second_person: bool = False  # erasing, exporting and opening an identity need a colleague's approval
    bulk_per_hour: Annotated[int, msgspec.Meta(ge=5, le=100_000)] = 120  # cases one colleague opens or exports alone
    retention_notice_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 14  # on the list before anything is erased
    backup_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 0  # how long backups are kept; 0: not told
    zone: str = "UTC"  # the time zone of the desk's own pages, e.g. "America/Bogota"; colleagues may choose another
    demo: bool = False
    pings: Pings = Pings()
    referrals: tuple[Referral, ...] = ()


@functools.cache
def zones() -> frozenset[str]:
    """Names of time zones that this machine knows; UTC always."""
    return frozenset({"UTC", *zoneinfo.available_timezones()})


def data_folder() -> Path:
    """The one folder the desk may write to: AMPARO_DATA, or ./data."""
    return Path(os.environ.get("AMPARO_DATA", "data")).resolve()


def current() -> Configuration:
    """The configuration in force; read again when the file changed. Raises BadConfiguration."""
    path = data_folder() / "desk.toml"
    try:
        stamp = path.stat().st_mtime_ns
    except FileNotFoundError:
        return Configuration()
    return _read(path, stamp)


@functools.lru_cache(maxsize=4)
def _read(path: Path, _stamp: int) -> Configuration:
    return parse(path.read_bytes())


def parse(text: bytes) -> Configuration:
    """Configuration from the bytes of a desk.toml. Raises BadConfiguration, naming the line at fault."""
    try:
        found = msgspec.toml.decode(text, type=Configuration)
    except msgspec.ValidationError as error:
        raise BadConfiguration(f"desk.toml is not as it should be: {error}.") from None
    except msgspec.DecodeError as error:
        raise BadConfiguration(f"desk.toml can't be read: {error}.") from None
    if found.skin not in SKINS:
        raise BadConfiguration(f"desk.toml: skin is “{found.skin}”, but may be {' or '.join(SKINS)}.")
    if not found.leave_url.startswith(("https://", "http://")):
        raise BadConfiguration("desk.toml: leave_url must be a web address that starts with https://.")
    if found.max_upload > found.max_draft:
        raise BadConfiguration("desk.toml: max_upload is larger than max_draft.")
    if found.zone not in zones():
        raise BadConfiguration(f"desk.toml: there is no time zone “{found.zone}”; write it like America/Bogota.")
    if strange := sorted(set(found.roles) - set(policy.OPTIONAL_ROLES)):
        raise BadConfiguration(
            f"desk.toml: roles may be {', '.join(policy.OPTIONAL_ROLES)}; not {', '.join(strange)}. "
            "Handlers and leads are there in every desk."
        )
    _check_pings(found.pings)
    _check_referrals(found.referrals)
    unknown = sorted(set(found.languages) - {"en", "es", "fr", "ar"})
    if unknown or not found.languages:
        raise BadConfiguration(f"desk.toml: languages may be en, es, fr, ar; not {', '.join(unknown) or 'none'}.")
    return found


def _check_referrals(referrals: tuple[Referral, ...]) -> None:
    """Raises BadConfiguration, naming the entry by its place: nobody in need is sent to an empty line."""
    for place, one in enumerate(referrals, 1):
        if one.service not in REFERRED:
            raise BadConfiguration(f"desk.toml: service of [[referrals]] {place} may be {', '.join(REFERRED)}.")
        for name, text in (("name", one.name), ("reach", one.reach)):
            texts = [text] if isinstance(text, str) else list(text.values())
            if not texts or not all(part.strip() and len(part) <= LONGEST_REFERRAL for part in texts):
                raise BadConfiguration(
                    f"desk.toml: {name} of [[referrals]] {place} must have 1 to {LONGEST_REFERRAL} letters."
                )


def _check_pings(pings: Pings) -> None:
    """A ping tells nothing, and nothing of it travels where others read along. Raises BadConfiguration."""
    for name, text in (("text", pings.text), ("subject", pings.subject), ("mail_from", pings.mail_from)):
        if not text.isprintable() or len(text) > LONGEST_PING:
            raise BadConfiguration(f"desk.toml: pings.{name} must be one line of at most {LONGEST_PING} letters.")
    if not pings.text.strip() or not pings.subject.strip():
        raise BadConfiguration("desk.toml: pings.text and pings.subject must not be empty.")
    if pings.mail_tls not in ("starttls", "tls", "none"):
        raise BadConfiguration("desk.toml: pings.mail_tls may be starttls, tls or none.")
    if pings.mail_tls == "none" and pings.mail_host and pings.mail_host not in LOCAL_HOSTS:
        raise BadConfiguration(
            "desk.toml: pings.mail_tls may be none only where pings.mail_host is this machine (127.0.0.1): "
            "else addresses would travel readable for others."
        )
    if pings.mail_host and "@" not in pings.mail_from:
        raise BadConfiguration("desk.toml: pings.mail_from must be the address that pings come from.")
    if pings.command and not pings.command[0].startswith("/"):
        raise BadConfiguration("desk.toml: pings.command must begin with the whole path of a program.")
