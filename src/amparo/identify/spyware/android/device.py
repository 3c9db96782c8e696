"""The state of the device: properties, settings, processes, mounts, programs for root."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

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
_LOW = Level.LOW


def properties(scan: Scan, acquisition: Acquisition, name: str, tally: Tally) -> Iterator[Result]:
    """Names of properties against indicators; the age of the last security update at the time of the acquisition."""
    for number, line in enumerate(acquisition.text(name).splitlines(), 1):
        found = _PROPERTY.match(line.strip())
        if not found:
            continue
        tally.row()
        key, value = found["name"], found["value"]
        if hits := scan.match.property(key):
            yield from scan.known("property-set", hits, key, name, f"line {number}")
        if key == "ro.build.version.security_patch" and acquisition.began:
            months = _months(value, acquisition.began.at.date())
            if months is not None and months > _PATCH_MONTHS:
                yield scan.odd("patches-old", f"{key}={value}", name, f"line {number}", months=months)


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
    """Names of running processes: the last columns of `ps`, or texts of the collector's JSON records."""
    if name.endswith(".json"):
        listed = acquisition.json(name)
        records = (
            record for record in (listed if isinstance(listed, list) else ()) if isinstance(record, dict)
        )
        rows = [
            (f"entry {n}", [value for value in one.values() if isinstance(value, str)])
            for n, one in enumerate(records)
        ]
    else:
        rows = []
        for number, line in enumerate(acquisition.text(name).splitlines(), 1):
            columns = line.split()
            if columns and columns[0] not in ("USER", "UID", "PID"):
                # `ps -A` has nine columns; what follows the name are its arguments.
                rows.append((f"line {number}", [columns[-1], *columns[8:9]]))
    for row, names in rows:
        tally.row()
        for seen in dict.fromkeys(names):
            if hits := scan.match.process(seen):
                yield from scan.known("process-ran", hits, seen, name, row)
            elif hits := scan.match.app(seen.partition(":")[0]):
                yield from scan.known("app-installed", hits, seen, name, row)
            elif seen.startswith("/") and (hits := scan.match.path(seen)):
                yield from scan.known("path-found", hits, seen, name, row)


def mounts(scan: Scan, acquisition: Acquisition, name: str, tally: Tally) -> Iterator[Result]:
    """Parts of the system that can be written to. Lines of /proc/mounts or of `mount`."""
    if name.endswith(".json"):
        found = acquisition.json(name)
        lines = [line for line in found if isinstance(line, str)] if isinstance(found, list) else []
    else:
        lines = acquisition.text(name).splitlines()
    for number, line in enumerate(lines, 1):
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
    """What androidqf found under names of programs for root. An empty list is the good answer, and is counted."""
    found = acquisition.json(name) if name.endswith(".json") else acquisition.text(name).splitlines()
    tally.row()
    for number, path in enumerate(found if isinstance(found, list) else ()):
        path = path.get("path") if isinstance(path, dict) else path
        if isinstance(path, str) and path.strip():
            tally.row()
            if _ROOT_NAMES.search(path.strip()):
                yield scan.odd("root-binary", path.strip(), name, f"entry {number}", pointer=f"/{number}")
            else:
                yield scan.odd(
                    "root-binary", path.strip(), name, f"entry {number}", pointer=f"/{number}", level=_LOW
                )
