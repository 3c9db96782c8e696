"""What is unsafe about this installation, in plain words, and how to mend it. Looks only; changes nothing."""

import contextlib
import datetime as dt
import os
import resource
import stat
import subprocess
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import msgspec

from amparo.desk import clock, configuration, demo_links, directory, pinged_at, rota, shredding, site
from amparo.words.errors import AmparoError

LEVELS = ("bad", "warn", "good", "unknown")


class Advice(msgspec.Struct, frozen=True):
    """One thing looked at. `level`: bad (do not run real cases), warn, good, unknown (could not be told)."""

    code: str
    level: str
    says: str
    mend: str = ""


Check = Callable[[], Iterator[Advice]]


def _set_up() -> bool:
    """Whether the data folder holds a database with the desk's tables. Creates neither."""
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    in_memory = "memory" in name
    return (in_memory or Path(name).exists()) and "desk_case" in connection.introspection.table_names()


def check() -> tuple[Advice, ...]:
    """Every check's advice; a check that fails says so instead of staying silent."""
    data = configuration.data_folder()
    if not _set_up():
        return (Advice("no-desk", "bad", f"There is no desk in {data} yet.", "Run amparo migrate, then amparo found."),)
    found: list[Advice] = [Advice("folder", "good", f"Looked at the desk in {data}.")]
    for one in CHECKS:
        try:
            found += list(one())
        except AmparoError as error:
            found.append(Advice(one.__name__.replace("_", "-"), "bad", error.says, error.advice))
        except Exception as error:
            found.append(Advice(
                one.__name__.replace("_", "-"), "unknown", f"This could not be looked at ({type(error).__name__}).",
                "Look at it yourself, or ask somebody who knows this machine.",
            ))
    return tuple(found)


def _modes(path: Path) -> Iterator[Path]:
    """`path` and what lies below it that others than the owner may read or write."""
    for folder, _, names in os.walk(path):
        for one in (Path(folder), *(Path(folder) / name for name in names)):
            with contextlib.suppress(FileNotFoundError):
                if one.lstat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) and not one.is_symlink():
                    yield one


def data_modes() -> Iterator[Advice]:
    data = configuration.data_folder()
    wrong = next(_modes(data), None)
    if wrong is None:
        yield Advice("data-modes", "good", "Only this account can read the data folder.")
    else:
        says = f"Other accounts of this machine can reach {wrong.relative_to(data)} in the data folder."
        yield Advice("data-modes", "bad", says, f"Run: chmod -R go-rwx {data}")


def site_secrets() -> Iterator[Advice]:
    for name in site.SECRETS:
        path = site.folder() / name
        if not path.exists():
            yield Advice("site-secrets", "bad", f"The site secret “{name}” is missing.", "Run “amparo migrate”.")
        elif stat.S_IMODE(path.stat().st_mode) != 0o400:
            yield Advice("site-secrets", "bad", f"The site secret “{name}” can be changed.", f"Run: chmod 400 {path}")
        else:
            yield Advice("site-secrets", "good", f"The site secret “{name}” is read-only for this account.")


def demo_rows() -> Iterator[Advice]:
    if demo_links.left():
        yield Advice(
            "demo-rows", "bad", "This database holds sign-in links of a demonstration.",
            "Never use a demonstration's data folder for real cases. Start a new one.",
        )
    if configuration.current().demo:
        yield Advice("demo", "warn", "desk.toml says that this is a demonstration.", "Use another data folder.")


def debug() -> Iterator[Advice]:
    from django.conf import settings

    if settings.DEBUG:
        yield Advice("debug", "bad", "Debug pages are on: they print what people wrote.", "Take DEBUG out.")
    else:
        yield Advice("debug", "good", "Debug pages are off.")


def address() -> Iterator[Advice]:
    desk = configuration.current()
    onion = bool(desk.onion) or any(host.endswith(".onion") for host in desk.hosts)
    if not desk.https and not onion:
        yield Advice(
            "address", "bad", "The desk has neither an onion address nor https: everybody on the way can read along.",
            "Set up an onion service, or a certificate, and write “onion” or “https = true” in desk.toml.",
        )
    if desk.https and not desk.proxy_says_https:
        yield Advice(
            "proxy", "warn", "A proxy before the desk must say that it speaks https.",
            "Write “proxy_says_https = true” where a proxy sets X-Forwarded-Proto itself and strips it from visitors.",
        )
    yield Advice(
        "proxy-buffering", "warn" if desk.proxy_says_https else "good",
        "Many proxies store uploads in clear on their disk before they pass them on, and log addresses.",
        "nginx: “proxy_request_buffering off;”, “access_log off;”, “client_max_body_size 0;”.",
    )


def swap() -> Iterator[Advice]:
    lines = Path("/proc/swaps").read_text().splitlines()[1:]
    if lines:
        yield Advice(
            "swap", "warn", "This machine swaps: keys in memory may be written to its disk.",
            "Run: swapoff -a, or encrypt the swap with a key made anew at each start.",
        )
    else:
        yield Advice("swap", "good", "This machine does not swap.")


def core_dumps() -> Iterator[Advice]:
    soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if soft == 0 and not pattern.startswith("|"):
        yield Advice("core-dumps", "good", "A crash writes no memory to the disk.")
    else:
        yield Advice(
            "core-dumps", "warn", "A crash may write memory, with keys in it, to the disk.",
            "Run the desk with “LimitCORE=0” (systemd) or “ulimit -c 0”.",
        )


def disk() -> Iterator[Advice]:
    room = os.statvfs(configuration.data_folder())
    free = room.f_bavail * room.f_frsize
    desk = configuration.current()
    if free < desk.max_upload + desk.reserve:
        yield Advice(
            "disk", "warn", f"There is room for {free // 1_000_000} MB: less than the largest file you allow.",
            "Make room, or lower max_upload in desk.toml.",
        )
    if shredding.waiting():
        yield Advice("erasing", "warn", "Something is still being erased.", "See that “amparo tend” runs.")


def time() -> Iterator[Advice]:
    """A jump of the clock that nobody has looked at, and whether anything watches the clock."""
    jump, looked = clock.jumped(), clock.last_look()
    if jump is not None:
        yield Advice(
            "clock", "bad",
            f"The clock of this machine went from {jump.before:%Y-%m-%d} to {jump.landed:%Y-%m-%d} without running in "
            "between. Nothing is erased by its day meanwhile.",
            "Set the clock if it is wrong. If it is right, a handler says so on the page “What will be erased”.",
        )
    if looked is None or clock.now() - looked > dt.timedelta(hours=2):
        yield Advice(
            "tend", "warn", "Nothing is being erased: no pass of “amparo tend” within two hours.",
            "Run “amparo tend” beside the desk.",
        )
    elif jump is None:
        yield Advice("clock", "good", "The clock runs evenly, and “amparo tend” watches it.")


def people() -> Iterator[Advice]:
    everyone = directory.everyone()
    leads = [one for one in everyone.values() if one.active and one.role == "lead"]
    if not everyone:
        yield Advice("people", "bad", "Nobody can read a report at this desk yet.", "Found it: see the admin's guide.")
    elif len(leads) < 2:
        yield Advice(
            "people", "warn", "There is only one lead: without them, nobody can sign or remove a colleague.",
            "Invite a second lead.",
        )
    if site.recovery_public() is None:
        yield Advice(
            "recovery-key", "warn", "There is no recovery key: a case whose readers lost their passwords is lost.",
            "Hold the ceremony for one, or decide not to; reporters are told either way.",
        )


def worker() -> Iterator[Advice]:
    from amparo.desk import workers

    if workers.live():
        yield Advice("worker", "good", "A worker is alive.")
    else:
        yield Advice("worker", "warn", "No worker is alive: files are sealed, but nothing examines them.",
                     "Run “amparo worker” beside the desk.")


def walls() -> Iterator[Advice]:
    """What the child that parses evidence can be kept from on this machine."""
    from amparo.desk import sandbox

    able = sandbox.capabilities()
    level = {"namespaces": "good", "landlock": "warn", "seccomp": "warn"}.get(able.level, "bad")
    yield Advice("walls", level, able.says, "" if level == "good" else (
        "Allow this account to make user namespaces (sysctl user.max_user_namespaces; on Ubuntu an AppArmor "
        "profile; in a container its seccomp profile), then run “amparo doctor” again."
    ))


def temporary_files() -> Iterator[Advice]:
    refuse = configuration.data_folder() / "refuse" / "no-temporary-files"
    if refuse.is_file():
        yield Advice("temporary-files", "good", "Temporary files in clear are refused.")
    else:
        yield Advice("temporary-files", "bad", "The place that refuses temporary files is missing.",
                     "Run “amparo migrate”.")


def indicators() -> Iterator[Advice]:
    """How old the newest set of indicators is; the sets say so themselves."""
    knowledge = import_module("amparo.identify.spyware")
    dated = getattr(knowledge, "newest", None)
    if dated is None:
        yield Advice("indicators", "unknown", "The indicators do not say how old they are.",
                     "Update them from their publishers.")
        return
    age = (clock.today() - dated()).days
    if age > 90:
        yield Advice("indicators", "warn", f"The newest indicators are {age} days old.",
                     "Put newer sets into the folder “knowledge” of the data folder.")
    else:
        yield Advice("indicators", "good", f"The newest indicators are {age} days old.")


def translations() -> Iterator[Advice]:
    """Each catalogue says in its header whether a person has reviewed it."""
    from django.conf import settings

    for language in configuration.current().languages:
        if language == "en":
            continue
        path = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"
        text = path.read_text(errors="replace")[:3000] if path.exists() else ""
        reviewed = [line for line in text.splitlines() if "X-Reviewed" in line and ": no" not in line.lower()]
        if not text:
            says = f"There is no catalogue for “{language}”."
            yield Advice("translations", "warn", says, "Take it out of desk.toml.")
        elif not reviewed:
            yield Advice("translations", "warn", f"No person has reviewed the texts in “{language}”.",
                         "Ask somebody who speaks it to read them, and write their review into the catalogue.")
        else:
            yield Advice("translations", "good", f"The texts in “{language}” were reviewed.")


def audit() -> Iterator[Advice]:
    yield Advice("audit", "warn", "This program was not audited by outsiders.", "Do not use it for real cases yet.")


def git_of_data() -> Iterator[Advice]:
    """A data folder inside a repository is copied with it."""
    data = configuration.data_folder()
    if any((parent / ".git").exists() for parent in data.parents):
        ignored = subprocess.run(["git", "-C", str(data.parent), "check-ignore", "-q", str(data)], check=False)
        if ignored.returncode != 0:
            yield Advice("data-in-repository", "warn", "The data folder lies inside a repository.", "Move it.")


def pings() -> Iterator[Advice]:
    """Whether anybody can be woken."""
    told, ways = configuration.current().pings, pinged_at.ways()
    if not ways:
        yield Advice("pings", "warn", "Nobody is woken by a report of danger: no mail server and no command is set.",
                     "Write [pings] in desk.toml (docs/admin.md).")
        return
    if told.mail_host and told.mail_user and not (site.folder() / "mail-password").exists():
        yield Advice("pings", "bad", "Pings can't be sent by mail: the file site/mail-password is missing.",
                     f"Write the password alone into {site.folder() / 'mail-password'} and run: chmod 400 on it.")
    elif told.command and not os.access(told.command[0], os.X_OK):
        yield Advice("pings", "bad", f"This account can't run {told.command[0]}, which pings.command names.",
                     "Mend the path or the mode, then let a lead raise a test alarm.")
    elif not rota.planned():
        yield Advice("pings", "warn", "There is no duty rota: an alarm goes to every lead, at any hour.",
                     "A lead plans it under Duty rota.")
    elif not any(pinged_at.reachable(one.id) for one in directory.case_people()):
        yield Advice("pings", "bad", "No colleague has said where to be pinged.", "Each does under Where I am pinged.")
    else:
        yield Advice("pings", "good", f"Who is on duty is pinged by {' and '.join(ways)}; try it with a test alarm.")


CHECKS: tuple[Check, ...] = (
    data_modes, site_secrets, demo_rows, debug, address, temporary_files, swap, core_dumps, disk, time, people, worker,
    walls, indicators, translations, git_of_data, pings, audit,
)
