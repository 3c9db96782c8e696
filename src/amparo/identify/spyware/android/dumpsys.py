"""dumpsys.txt: accessibility services, permissions in use (appops), and identifiers of packages it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from amparo.identify.spyware.android.reading import Acquisition
from amparo.identify.spyware.scan import Result, Scan, Tally, not_checked
from amparo.words.findings import Level

_SERVICE = re.compile(r"^DUMP OF SERVICE (?:CRITICAL |HIGH |NORMAL )?(?P<name>[\w.$-]+):", re.MULTILINE)
# Begins only where a word begins: else a long hostile line would be read once for each of its signs.
_COMPONENT = re.compile(r"(?<![\w.])(?P<package>[A-Za-z][\w]*(?:\.[\w]+)+)/(?P<service>[\w.$]+)")
_LISTED = re.compile(r"^\s*\d+\s*:\s*(?P<component>[\w.]+/[\w.$]+)\s*$")
_APPOPS_PACKAGE = re.compile(r"^ {4}Package (?P<package>[\w.]+):")
_APPOPS_OPERATION = re.compile(r"^ {6}(?P<operation>[A-Z_]+) \((?P<state>[a-z]+)")
# Makers of phones and of Android itself: their accessibility services come with the system.
_SYSTEM = (
    "com.google.android.",
    "com.android.",
    "com.samsung.",
    "com.sec.",
    "com.miui.",
    "com.huawei.",
    "android.",
)
_EVENT = re.compile(r"^\s+(?P<event>[A-Za-z][\w]*(?:\.[\w]+)+):\s*$")
_RISKY = {
    "android.provider.Telephony.SMS_RECEIVED": "messages received",
    "android.provider.Telephony.SMS_DELIVER": "messages received",
    "android.provider.Telephony.WAP_PUSH_RECEIVED": "multimedia messages received",
    "android.intent.action.DATA_SMS_RECEIVED": "hidden messages received",
    "android.provider.Telephony.NEW_OUTGOING_SMS": "messages sent",
    "android.intent.action.NEW_OUTGOING_SMS": "messages sent",
    "android.intent.action.NEW_OUTGOING_CALL": "calls made",
    "android.intent.action.PHONE_STATE": "calls",
    "android.intent.action.PHONE_STATE_CHANGED": "calls",
    "android.intent.action.BOOT_COMPLETED": "the start of the phone",
    "android.intent.action.LOCKED_BOOT_COMPLETED": "the start of the phone before it is unlocked",
    "android.intent.action.QUICKBOOT_POWERON": "the start of the phone",
    "android.app.action.DEVICE_ADMIN_ENABLED": "becoming administrator of the phone",
}
_START = {one for one, meaning in _RISKY.items() if meaning.startswith("the start")}
# The shell asks for rights while the acquisition is made; stores and browsers install apps by their nature.
_MAY_INSTALL = {"com.android.shell", "com.android.vending", "com.google.android.packageinstaller",
                "com.android.packageinstaller", "com.google.android.gms", "com.sec.android.app.samsungapps",
                "com.samsung.android.packageinstaller", "com.google.android.apps.nbu.files"}  # fmt: skip


def services(scan: Scan, acquisition: Acquisition, name: str, tally: Tally) -> Iterator[Result]:
    """The sections of dumpsys that are understood; a missing one is told."""
    text = acquisition.text(name)
    sections = _sections(text)
    if "accessibility" in sections:
        yield from accessibility(scan, sections["accessibility"], name, tally)
    else:
        yield not_checked("accessibility services", f"missing: {name} has no section accessibility.")
    if "appops" in sections:
        yield from appops(scan, sections["appops"], name, tally)
    else:
        yield not_checked("permissions in use", f"missing: {name} has no section appops.")
    table = _receiver_table(sections.get("package", ""))
    if table is None:
        yield not_checked("receivers", f"missing: {name} has no table of receivers.")
    else:
        yield from receivers(scan, table, name, tally)


def _receiver_table(text: str) -> list[str] | None:
    lines = text.splitlines()
    start = next(
        (number for number, line in enumerate(lines) if line.strip() == "Receiver Resolver Table:"), None
    )
    if start is None:
        return None
    depth = len(lines[start]) - len(lines[start].lstrip())
    table = []
    for line in lines[start + 1 :]:
        # The next table begins at the same depth.
        if line.strip() and len(line) - len(line.lstrip()) <= depth:
            break
        table.append(line)
    return table


def receivers(scan: Scan, table: list[str], name: str, tally: Tally) -> Iterator[Result]:
    """Apps that ask to be woken by calls, messages or the start of the phone; one remark for each receiver."""
    event = ""
    asked: dict[str, dict[str, None]] = {}
    for line in table:
        if found := _EVENT.match(line):
            event = found["event"]
        elif found := _COMPONENT.search(line):
            tally.row()
            asked.setdefault(found[0], {})[event] = None
    known: set[str] = set()
    for component, events in asked.items():
        package = component.partition("/")[0]
        row = f"receiver {component}"
        if package not in known and (hits := scan.match.app(package)):
            known.add(package)
            yield from scan.known("app-installed", hits, package, name, row)
        risky = [one for one in events if one in _RISKY]
        if risky and not package.startswith(_SYSTEM):
            listens = ", ".join(_RISKY[one] for one in risky)
            # The start of the phone alone is what alarm clocks and messengers wait for as well.
            level = Level.INFO if set(risky) <= _START else Level.LOW
            yield scan.odd("listening-app", component, name, row, level=level, listens=listens)


def _sections(text: str) -> dict[str, str]:
    marks = list(_SERVICE.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)] * bool(marks)
    found: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=True):
        found.setdefault(mark["name"], text[mark.end() : end])
    return found


def accessibility(scan: Scan, text: str, name: str, tally: Tally) -> Iterator[Result]:
    """Services that may read the screen. Enabled ones weigh more than those that are only installed."""
    enabled: set[str] = set()
    installed: list[str] = []
    inside = False
    for line in text.splitlines():
        low = line.strip().lower()
        if low.startswith(("enabled services", "bound services")):
            tally.row()
            enabled.update(found[0] for found in _COMPONENT.finditer(line))
        elif low.startswith(("installed services", "installedservices")):
            inside = True
            tally.row()
            installed += [found[0] for found in _COMPONENT.finditer(line)]
        elif inside and (found := _LISTED.match(line)):
            tally.row()
            installed.append(found["component"])
        elif inside and "}" in line:
            inside = False
    known_state = bool(enabled)
    for component in dict.fromkeys([*sorted(enabled), *installed]):
        package = component.partition("/")[0]
        row = f"accessibility {component}"
        if hits := scan.match.app(package):
            yield from scan.known("app-installed", hits, package, name, row)
        if package.startswith(_SYSTEM):
            continue
        level = Level.MEDIUM if component in enabled or not known_state else Level.LOW
        yield scan.odd("accessibility-service", component, name, row, level=level)


def appops(scan: Scan, text: str, name: str, tally: Tally) -> Iterator[Result]:
    """Rights that apps hold: who may install other apps, and packages that are known."""
    package = ""
    told: set[str] = set()
    for line in text.splitlines():
        if found := _APPOPS_PACKAGE.match(line):
            package = found["package"]
            tally.row()
            if package not in told and (hits := scan.match.app(package)):
                told.add(package)
                yield from scan.known("app-installed", hits, package, name, f"appops {package}")
        elif package and (found := _APPOPS_OPERATION.match(line)):
            allowed = found["operation"] == "REQUEST_INSTALL_PACKAGES" and found["state"] == "allow"
            if allowed and package not in _MAY_INSTALL and f"install {package}" not in told:
                told.add(f"install {package}")
                yield scan.odd("may-install-apps", package, name, f"appops {package}")
