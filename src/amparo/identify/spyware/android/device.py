"""The state of the device: properties, settings, processes, mounts, programs for root."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from amparo.identify.spyware.android.reading import Acquisition
from amparo.identify.spyware.scan import Result, Scan, Tally
from amparo.words.findings import Level

_PROPERTY = re.compile(r"\[(?P<name>[^\]]*)\]: \[(?P<value>.*?)\]?$")
_SETTINGS = re.compile(r"settings_[a-z]+\.txt")
# (name, dangerous values, what it means)
_DANGEROUS = {
    "verifier_verify_adb_installs": (("0",), "apps installed by cable are not checked"),
    "package_verifier_enable": (("0",), "Google Play Protect is off"),
    "package_verifier_user_consent": (("-1",), "Google Play Protect is off"),
    "upload_apk_enable": (("0",), "unknown apps are not sent to Play Protect"),
    "adb_install_need_confirm": (("0",), "installing by cable needs no confirmation"),
    "install_non_market_apps": (("1",), "apps from unknown sources are allowed"),
    "send_security_reports": (("0",), "security reports are switched off"),
    "samsung_errorlog_agree": (("0",), "error reports are switched off"),
    "send_action_app_error": (("0",), "error reports are switched off"),
}
_READ_ONLY = ("/system", "/vendor", "/product", "/system_ext", "/odm")
_HARMLESS_TYPES = {"tmpfs", "overlay", "proc", "sysfs"}
_ROOT_NAMES = re.compile(
    r"(^|/)(su|magisk\w*|busybox|supersu|kinguser|daemonsu|ksud|apd|resetprop|superuser\.apk|sugote|zygisk\w*)$",
    re.I,
)
_PATCH_MONTHS = 6


def properties(scan: Scan, acquisition: Acquisition, name: str, tally: Tally) -> Iterator[Result]:
    """Names of properties against indicators; the age of the last security update at the time of the acquisition."""
    for row, key, value in _properties(acquisition.content(name)):
        tally.row()
        if hits := scan.match.property(key):
            yield from scan.known("property-set", hits, key, name, row)
        if key == "ro.build.version.security_patch" and acquisition.began:
            months = _months(value, acquisition.began.at.date())
            if months is not None and months > _PATCH_MONTHS:
                yield scan.odd("patches-old", f"{key}={value}", name, row, months=months)


def _properties(content: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(content, dict):
        yield from ((key, key, str(value)) for key, value in content.items() if isinstance(key, str))
        return
    for number, line in enumerate(content if isinstance(content, list) else (), 1):
        if isinstance(line, str) and (found := _PROPERTY.match(line.strip())):
            yield f"line {number}", found["name"], found["value"]


def _months(patch: str, made: date) -> int | None:
    try:
        level = date.fromisoformat(patch.strip())
    except ValueError:
        return None
    return (made.year - level.year) * 12 + made.month - level.month


def is_settings(name: str) -> bool:
    """Whether a file of the acquisition holds settings."""
    return _SETTINGS.fullmatch(name) is not None


def settings(scan: Scan, acquisition: Acquisition, names: list[str], tally: Tally) -> Iterator[Result]:
    """Settings with a dangerous value."""
    for name in names:
        for number, line in enumerate(acquisition.text(name).splitlines(), 1):
            key, equals, value = line.strip().partition("=")
            if not equals:
                continue
            tally.row()
            values, meaning = _DANGEROUS.get(key.strip(), ((), ""))
            if value.strip() in values:
                yield scan.odd("dangerous-setting", f"{key}={value}", name, f"line {number}", meaning=meaning)


def processes(scan: Scan, acquisition: Acquisition, name: str, tally: Tally) -> Iterator[Result]:
    """Names of running processes: the last columns of `ps`, or the texts of the collector's JSON records."""
    for row, names in _processes(acquisition.content(name)):
        tally.row()
        for seen in dict.fromkeys(names):
            if hits := scan.match.process(seen):
                yield from scan.known("process-ran", hits, seen, name, row)
            elif hits := scan.match.app(seen.partition(":")[0]):
                yield from scan.known("app-installed", hits, seen, name, row)
            elif seen.startswith("/") and (hits := scan.match.path(seen)):
                yield from scan.known("path-found", hits, seen, name, row)


def _processes(content: Any) -> Iterator[tuple[str, list[str]]]:
    if isinstance(content, dict):
        content = next((value for value in content.values() if isinstance(value, list)), [content])
    for number, entry in enumerate(content if isinstance(content, list) else (), 1):
        if isinstance(entry, dict):
            texts = [value for value in entry.values() if isinstance(value, str)]
            # A command line begins with the program; what follows are its arguments.
            yield f"entry {number}", [*texts, *(text.split()[0] for text in texts if text.split()[1:])]
        elif (
            isinstance(entry, str) and (columns := entry.split()) and columns[0] not in ("USER", "UID", "PID")
        ):
            # `ps -A` has nine columns; what follows the name are its arguments.
            yield f"line {number}", [columns[-1], *columns[8:9]]


def mounts(scan: Scan, acquisition: Acquisition, name: str, tally: Tally) -> Iterator[Result]:
    """Parts of the system that can be written to. Lines of /proc/mounts or of `mount`."""
    content = acquisition.content(name)
    for number, line in enumerate(content if isinstance(content, list) else (), 1):
        if not isinstance(line, str):
            continue
        columns = line.replace(" on ", " ", 1).replace(" type ", " ", 1).split()
        if len(columns) < 4:
            continue
        tally.row()
        _, place, kind, options = columns[:4]
        flags = options.strip("()").split(",")
        inside = place in _READ_ONLY or place.startswith(tuple(f"{folder}/" for folder in _READ_ONLY))
        if inside and "rw" in flags and kind not in _HARMLESS_TYPES:
            yield scan.odd("system-writable", line.strip(), name, f"mount {number}")


def root_binaries(scan: Scan, acquisition: Acquisition, name: str, tally: Tally) -> Iterator[Result]:
    """What androidqf found under names of programs for root. An empty list is the good answer, and is counted.

    One entry may hold the whole answer of `which`: several paths, one a line.
    """
    content = acquisition.content(name)
    tally.row()
    for number, entry in enumerate(content if isinstance(content, list) else ()):
        text = entry.get("path") if isinstance(entry, dict) else entry
        for path in text.splitlines() if isinstance(text, str) else ():
            if not path.strip():
                continue
            tally.row()
            level = None if _ROOT_NAMES.search(path.strip()) else Level.LOW
            row, pointer = f"entry {number}", f"/{number}"
            yield scan.odd("root-binary", path.strip(), name, row, pointer=pointer, level=level)
