"""Manifest.db: every file of the backup by its place, and web addresses hidden in names of storage files."""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator
from typing import Any

from amparo.identify.databases import Database
from amparo.identify.moments import unix
from amparo.identify.spyware.ios.backup import Backup, Row
from amparo.identify.spyware.matcher import Folder, Hits
from amparo.identify.spyware.scan import Result, Scan, Tally
from amparo.words.times import Moment

# Where iOS keeps a domain on the phone. Source: public documentation of the backup format.
_PLACES = {
    "HomeDomain": "/private/var/mobile", "RootDomain": "/private/var/root", "WirelessDomain": "/private/var/wireless",
    "MediaDomain": "/private/var/mobile/Media", "CameraRollDomain": "/private/var/mobile/Media",
    "DatabaseDomain": "/private/var/db", "KeychainDomain": "/private/var/Keychains",
    "SystemPreferencesDomain": "/private/var/preferences", "MobileDeviceDomain": "/private/var/MobileDevice",
    "InstallDomain": "/private/var/installd", "TonesDomain": "/private/var/mobile/Media/iTunes_Control",
    "ManagedPreferencesDomain": "/private/var/Managed Preferences", "NetworkDomain": "/private/var/networkd",
    "HealthDomain": "/private/var/mobile/Library/Health", "KeyboardDomain": "/private/var/mobile/Library/Keyboard",
}  # fmt: skip
PROFILES = "SysSharedContainerDomain-systemgroup.com.apple.configurationprofiles"
SAFARI = "AppDomain-com.apple.mobilesafari"
SAFARI_PROFILE = re.compile(r"Library/Safari/Profiles/[^/]+/History\.db")


def manifest(scan: Scan, backup: Backup, database: Database, tally: Tally) -> Iterator[Result]:
    """Paths, file names and storage names of every row; fills the index of the backup on the way."""
    match = scan.match
    absolute, relative = match.folder("/"), match.folder("")
    places = {domain: match.folder(place) for domain, place in _PLACES.items()}
    for row in backup.rows(database):
        tally.row()
        path = row.path
        backup.domains.add(row.domain)
        if row.domain == PROFILES:
            backup.profiles.append(row)
        elif row.domain == SAFARI and SAFARI_PROFILE.fullmatch(path):
            backup.safari.append(row)
        if not path:
            continue
        artefact = f"{row.domain}/{path}"
        hits = _indicated(scan, path, (absolute, relative, places.get(row.domain)))
        if hits:
            yield from scan.known("path-found", hits, path, artefact, row.file_id, _changed(database, row))
        elif hits := match.filename(path):
            yield from scan.known(
                "file-name-found", hits, path, artefact, row.file_id, _changed(database, row)
            )
        if "_" in path and "." in path:
            for host in storage_hosts(path):
                # Endings of file names (HEIC, plist) are far more frequent than hosts: leave them early.
                if host.rpartition(".")[2].lower() in match.endings and (hits := match.host(host)):
                    yield from scan.known(
                        "site-contacted", hits, host, artefact, row.file_id, _changed(database, row)
                    )
    backup.manifest_read = True


def _indicated(scan: Scan, path: str, starts: tuple[Folder | None, ...]) -> Hits:
    """Indicators for a path of the backup, read from the root of the phone, as it stands, and below its domain."""
    if "/." in path or "//" in path or path[0] in "./":
        return scan.match.path("/" + path) or scan.match.path(path)
    parts = path.split("/")
    if parts[0] == "private":
        parts = parts[1:]
    found: Hits = ()
    for start in starts:
        if start is not None and not found:
            found = scan.match.below(start, parts)
    return found


def storage_hosts(path: str) -> Iterator[str]:
    """Hosts in names of web storage: `https_evil.com_0.localstorage` holds evil.com."""
    for component in path.split("/"):
        if "_" in component and "." in component:
            for piece in component.split("_"):
                if "." in piece:
                    yield piece


def _changed(database: Database, row: Row) -> Moment | None:
    """When the file was last changed, from the archived record in its row; None when it cannot be read."""
    if not database.has("Files", "file"):
        return None
    for (blob,) in database.rows("SELECT file FROM Files WHERE fileID = ? LIMIT 1", row.file_id):
        return unix(archived(blob).get("LastModified"))
    return None


def archived(blob: Any) -> dict[str, Any]:
    """The dictionary of a row's NSKeyedArchiver record that holds the times; {} when it is not understood."""
    if type(blob) is not bytes or len(blob) > 1_000_000:
        return {}
    try:
        objects = plistlib.loads(blob)["$objects"]
        for item in objects:
            if isinstance(item, dict) and "LastModified" in item:
                return item
    except Exception:  # noqa: S110 - a time is worth less than the finding it stands beside
        pass
    return {}
