"""What the system noted about programs: use of data, permissions, analytics, location, accounts, shortcuts."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from typing import Any

from amparo.identify.databases import Database
from amparo.identify.moments import apple, stamped, unix
from amparo.identify.spyware.ios.backup import strings
from amparo.identify.spyware.scan import Result, Scan, Tally

_MOST_NUMBERS = 8


def data_usage(scan: Scan, database: Database, artefact: str, tally: Tally) -> Iterator[Result]:
    """Programs that used mobile data; numbers that are missing; use by programs whose row was removed."""
    database.require("ZPROCESS", "Z_PK", "ZPROCNAME")
    first = database.column_or_null("ZPROCESS", "ZFIRSTTIMESTAMP")
    last = database.column_or_null("ZPROCESS", "ZTIMESTAMP")
    bundle = database.column_or_null("ZPROCESS", "ZBUNDLENAME")
    numbers: set[int] = set()
    for row, name, app, began, ended in database.rows(
        f"SELECT Z_PK, ZPROCNAME, {bundle}, {first}, {last} FROM ZPROCESS"  # noqa: S608
    ):
        tally.row(ended if ended is not None else began)
        if type(row) is int:
            numbers.add(row)
        when = apple(began) or apple(ended)
        if type(name) is str:
            yield from process(scan, name, artefact, f"ZPROCESS {row}", when)
        if type(app) is str and (hits := scan.match.app(app)):
            yield from scan.known("app-traced", hits, app, artefact, f"ZPROCESS {row}", when)
    orphans: dict[int, Any] = {}
    if database.has("ZLIVEUSAGE", "ZHASPROCESS"):
        time = database.column_or_null("ZLIVEUSAGE", "ZTIMESTAMP")
        for owner, used in database.rows(f"SELECT ZHASPROCESS, {time} FROM ZLIVEUSAGE"):  # noqa: S608
            tally.row(used)
            if type(owner) is int and owner not in numbers and owner > 0:
                orphans.setdefault(owner, used)
    for owner, used in sorted(orphans.items()):
        yield scan.odd(
            "process-row-missing",
            f"ZHASPROCESS {owner}",
            artefact,
            f"ZPROCESS {owner}",
            apple(used),
            number=owner,
        )
    # Orphans were just told one by one, at their own level.
    yield from _gaps(scan, artefact, numbers, set(orphans))


def _gaps(scan: Scan, artefact: str, numbers: set[int], told: set[int]) -> Iterator[Result]:
    if not numbers:
        return
    missing: list[int] = []
    count, previous = 0, min(numbers)
    for number in sorted(numbers)[1:]:
        # A gap of millions is damage or malice; only its size counts.
        count += number - previous - 1
        for lost in range(previous + 1, min(number, previous + 1 + _MOST_NUMBERS)):
            if lost not in told and len(missing) < _MOST_NUMBERS:
                missing.append(lost)
        previous = number
    count -= sum(1 for number in told if min(numbers) < number < max(numbers))
    if count > 0 and missing:
        listed = ", ".join(map(str, missing)) + (" …" if count > len(missing) else "")
        row = f"ZPROCESS {listed}"
        yield scan.odd("process-row-deleted", row, artefact, row, count=count, numbers=listed)


def process(scan: Scan, name: str, artefact: str, row: str, when: Any) -> Iterator[Result]:
    """A name as DataUsage and analytics write it: a program, a path, or "program/service"."""
    for part in dict.fromkeys((name.rpartition("/")[2], name.partition("/")[0])):
        if part and (hits := scan.match.process(part)):
            yield from scan.known("process-ran", hits, name, artefact, row, when)
            return
    if name.startswith("/") and (hits := scan.match.path(name)):
        yield from scan.known("path-found", hits, name, artefact, row, when)


def tcc(scan: Scan, database: Database, artefact: str, tally: Tally) -> Iterator[Result]:
    """Apps that asked for camera, microphone, contacts and other permissions."""
    database.require("access", "service", "client")
    time = database.column_or_null("access", "last_modified")
    for row, service, client, when in database.rows(f"SELECT ROWID, service, client, {time} FROM access"):  # noqa: S608
        tally.row(when)
        if type(client) is not str:
            continue
        place = f"access {row} ({service})"
        if hits := scan.match.app(client):
            yield from scan.known("app-traced", hits, client, artefact, place, unix(when))
        elif hits := scan.match.process(client):
            yield from scan.known("process-ran", hits, client, artefact, place, unix(when))


def shortcuts(scan: Scan, database: Database, artefact: str, tally: Tally) -> Iterator[Result]:
    """Links inside the actions of Shortcuts."""
    database.require("ZSHORTCUTACTIONS", "ZDATA")
    broken = 0
    for row, data in database.rows("SELECT Z_PK, ZDATA FROM ZSHORTCUTACTIONS"):
        tally.row()
        if type(data) is not bytes:
            continue
        try:
            actions = plistlib.loads(data)
        except Exception:  # a broken action hides none of the others, and is counted below
            broken += 1
            continue
        for text in strings(actions):
            if "." in text:
                yield from scan.texts(text, artefact, f"ZSHORTCUTACTIONS {row}", None)
    if broken:
        from amparo.identify.spyware.scan import not_checked

        yield not_checked(artefact, f"damaged: {broken} actions of Shortcuts could not be read.")


def id_status(scan: Scan, content: Any, artefact: str, tally: Tally) -> Iterator[Result]:
    """Addresses that the message services looked up."""
    for service, entries in _items(content):
        for address, facts in _items(entries):
            when = _lookup(facts)
            tally.row(when.at.timestamp() if when else None)
            if "\x00" in address:
                yield scan.odd("address-with-nul", address, artefact, service, when)
            plain = address.partition(":")[2] if address.startswith(("mailto:", "tel:")) else address
            if hits := scan.match.email(plain.replace("\x00", "")):
                yield from scan.known("mailbox-seen", hits, plain, artefact, service, when)


def _lookup(facts: Any) -> Any:
    value = facts.get("LookupDate") if isinstance(facts, dict) else None
    return apple(value) if isinstance(value, int | float) else stamped(value)


def analytics(scan: Scan, content: Any, artefact: str, tally: Tally) -> Iterator[Result]:
    """Programs in the daily analytics (netUsageBaseline)."""
    baseline = content.get("netUsageBaseline") if isinstance(content, dict) else None
    for name, facts in _items(baseline):
        when = stamped(facts[0]) if isinstance(facts, list) and facts else None
        tally.row(when.at.timestamp() if when else None)
        yield from process(scan, name, artefact, f"netUsageBaseline {name}", when)


def locationd(scan: Scan, content: Any, artefact: str, tally: Tally) -> Iterator[Result]:
    """Programs that used the location."""
    for key, facts in _items(content):
        tally.row()
        facts = facts if isinstance(facts, dict) else {}
        when = next(
            (apple(facts[name]) for name in ("LocationTimeStarted", "Registered") if name in facts), None
        )
        identifiers = [
            key.rstrip(":").removeprefix("i").partition(":")[0],
            key.rstrip(":"),
            facts.get("BundleId"),
        ]
        names = [value for value in dict.fromkeys(identifiers) if isinstance(value, str) and value]
        for value in names:
            if hits := scan.match.app(value):
                yield from scan.known("app-traced", hits, value, artefact, key, when)
                break
        for name in (key.rstrip(":"), facts.get("BundleId"), facts.get("Executable")):
            if isinstance(name, str) and (hits := scan.match.process(name)):
                yield from scan.known("process-ran", hits, name, artefact, key, when)
                break
        for field in ("Executable", "BundlePath", "Bundle"):
            path = facts.get(field)
            if isinstance(path, str) and (hits := scan.match.path(path)):
                yield from scan.known("path-found", hits, path, artefact, key, when)
                break


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str):
                yield key, item
