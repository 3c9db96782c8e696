"""Apps (Info.plist) and configuration profiles with their events."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from typing import Any

from amparo.identify.moments import stamped
from amparo.identify.spyware.ios.backup import read_plist
from amparo.identify.spyware.scan import Result, Scan, Tally

# Where an app may come from without remark: the store, and the store of a school or firm that manages the device.
_STORES = {"com.apple.AppStore", "com.apple.AppStore.ProductPageExtension", "com.apple.dmd", "dmd"}
_SILENCE = "com.apple.notificationsettings"


def apps(scan: Scan, info: Any, artefact: str, tally: Tally) -> Iterator[Result]:
    """Each app with its identifier and where it came from."""
    listed = info.get("Applications") if isinstance(info, dict) else None
    installed = info.get("Installed Applications") if isinstance(info, dict) else None
    seen: set[str] = set()
    for identifier, facts in listed.items() if isinstance(listed, dict) else ():
        if not isinstance(identifier, str):
            continue
        tally.row()
        seen.add(identifier)
        metadata = _metadata(facts)
        pointer = f"/Applications/{identifier}"
        named = metadata.get("softwareVersionBundleId")
        when = stamped((metadata.get("com.apple.iTunesStore.downloadInfo") or {}).get("purchaseDate")) if isinstance(
            metadata.get("com.apple.iTunesStore.downloadInfo"), dict
        ) else None  # fmt: skip
        for value in dict.fromkeys((identifier, named)):
            if isinstance(value, str) and (hits := scan.match.app(value)):
                yield from scan.known("app-installed", hits, value, artefact, identifier, when, pointer)
                break
        if not metadata:
            continue
        source = metadata.get("sourceApp")
        if isinstance(source, str) and source and source not in _STORES:
            yield scan.odd(
                "app-not-from-store", identifier, artefact, identifier, when, pointer, source=source
            )
        if not isinstance(named, str) or not named:
            yield scan.odd("app-without-identifier", identifier, artefact, identifier, when, pointer)
    for identifier in installed if isinstance(installed, list) else ():
        if isinstance(identifier, str) and identifier not in seen:
            tally.row()
            if hits := scan.match.app(identifier):
                pointer = "/Installed Applications"
                yield from scan.known("app-installed", hits, identifier, artefact, identifier, None, pointer)


def _metadata(facts: Any) -> dict[str, Any]:
    value = facts.get("iTunesMetadata") if isinstance(facts, dict) else None
    if isinstance(value, bytes):
        try:
            value = plistlib.loads(value)
        except Exception:  # one broken record hides none of the others
            return {}
    return value if isinstance(value, dict) else {}


def profile(scan: Scan, data: bytes, artefact: str, tally: Tally) -> Iterator[Result]:
    """One configuration profile: its identifiers, and payloads that change notifications."""
    content = read_plist(data)
    if not isinstance(content, dict):
        return
    tally.row()
    when = stamped(content.get("InstallDate"))
    payloads = content.get("PayloadContent")
    for part in [content, *(payloads if isinstance(payloads, list) else ())]:
        if not isinstance(part, dict):
            continue
        for field in ("PayloadUUID", "PayloadIdentifier"):
            value = part.get(field)
            if isinstance(value, str) and (hits := scan.match.profile(value)):
                yield from scan.known("profile-installed", hits, value, artefact, field, when)
        if part.get("PayloadType") == _SILENCE:
            yield scan.odd("profile-hides-notices", _SILENCE, artefact, "PayloadType", when)


def profile_events(scan: Scan, content: Any, artefact: str, tally: Tally) -> Iterator[Result]:
    """Each installation or removal of a profile."""
    events = content.get("ProfileEvents") if isinstance(content, dict) else None
    for position, event in enumerate(events if isinstance(events, list) else ()):
        for key, facts in event.items() if isinstance(event, dict) else ():
            if not isinstance(facts, dict):
                continue
            when = stamped(facts.get("timestamp")) or stamped(key)
            tally.row(when.at.timestamp() if when else None)
            name = next(
                (facts[field] for field in ("Profile", "ProfileIdentifier", "profile") if field in facts), key
            )
            operation = str(facts.get("Operation") or facts.get("operation") or "changed")
            word = {"install": "installed", "remove": "removed"}.get(operation.lower(), operation)
            row = f"ProfileEvents {position}"
            if isinstance(name, str) and (hits := scan.match.profile(name)):
                yield from scan.known("profile-installed", hits, name, artefact, row, when)
            yield scan.odd("profile-event", str(name), artefact, row, when, operation=word)
