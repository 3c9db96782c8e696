"""dumpsys.txt: accessibility services, permissions in use (appops), and identifiers of packages it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from amparo.identify.spyware.android.reading import Acquisition
from amparo.identify.spyware.scan import Result, Scan, Tally, not_checked
from amparo.words.findings import Level

_SERVICE = re.compile(r"^DUMP OF SERVICE (?:CRITICAL |HIGH |NORMAL )?(?P<name>[\w.$-]+):", re.MULTILINE)
_COMPONENT = re.compile(r"(?P<package>[A-Za-z][\w]*(?:\.[\w]+)+)/(?P<service>[\w.$]+)")
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
