"""An iOS backup, part by part. What enters: a tree and the folder of the backup. What leaves: findings and coverage.
What this must never know: a password; an encrypted backup is told as not checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from amparo.identify.databases import Database
from amparo.identify.moments import apple, chrome, firefox, unix
from amparo.identify.spyware.ios import apps, browsers, files, messages, system
from amparo.identify.spyware.ios.backup import Backup, Located, read_plist
from amparo.identify.spyware.scan import Result, Scan, Tally, absent, not_checked
from amparo.identify.trees import Tree, read_small
from amparo.identify.trees.naming import shown
from amparo.words.errors import AmparoError
from amparo.words.times import Moment

Reader = Callable[[Scan, Any, str, Tally], Iterator[Result]]


class Part(NamedTuple):
    """One artefact: what it is called, where it lies, how it is read. `app` names an app that may not be there;
    `why_absent` says why a phone may well lack the file; `why_missing` is added when it should be there."""

    name: str
    places: tuple[tuple[str, str], ...]
    read: Reader
    clock: Callable[[Any], Moment | None] | None = None
    plist: bool = False
    app: str = ""
    why_missing: str = ""
    why_absent: str = ""


_SAFARI = "AppDomain-com.apple.mobilesafari"
_HOME = "HomeDomain"
_ONLY_ENCRYPTED = " iOS puts it only into backups with a password."
PARTS: tuple[Part, ...] = (
    Part("messages", ((_HOME, "Library/SMS/sms.db"),), messages.sms, apple),
    Part("message attachments", ((_HOME, "Library/SMS/sms.db"),), messages.attachments, apple),
    Part(
        "Safari history",
        ((_HOME, "Library/Safari/History.db"), (_SAFARI, "Library/Safari/History.db")),
        browsers.safari,
        apple,
        why_missing=_ONLY_ENCRYPTED,
    ),
    Part(
        "Safari tabs",
        tuple(
            (domain, f"Library/Safari/{name}.db")
            for name in ("BrowserState", "SafariTabs")
            for domain in (_HOME, _SAFARI)
        ),
        browsers.tabs,
        apple,
        why_missing=_ONLY_ENCRYPTED,
    ),
    Part(
        "Chrome history",
        (("AppDomain-com.google.chrome.ios", "Library/Application Support/Google/Chrome/Default/History"),),
        browsers.chrome_history,
        chrome,
        app="Chrome",
    ),
    Part(
        "Firefox history",
        (("AppDomainGroup-group.org.mozilla.ios.Firefox", "profile.profile/browser.db"),),
        browsers.firefox_history,
        firefox,
        app="Firefox",
    ),
    Part(
        "WhatsApp",
        (("AppDomainGroup-group.net.whatsapp.WhatsApp.shared", "ChatStorage.sqlite"),),
        messages.whatsapp,
        apple,
        app="WhatsApp",
    ),
    Part("data usage", (("WirelessDomain", "Library/Databases/DataUsage.sqlite"),), system.data_usage, apple),
    Part("permissions", ((_HOME, "Library/TCC/TCC.db"),), system.tcc, unix),
    Part("calendar", ((_HOME, "Library/Calendar/Calendar.sqlitedb"),), messages.calendar, apple),
    Part("shortcuts", ((_HOME, "Library/Shortcuts/Shortcuts.sqlite"),), system.shortcuts),
    Part(
        "WebKit statistics",
        ((_SAFARI, "Library/WebKit/WebsiteData/ResourceLoadStatistics/observations.db"),),
        browsers.webkit,
    ),
    Part(
        "account look-ups",
        ((_HOME, "Library/Preferences/com.apple.identityservices.idstatuscache.plist"),),
        system.id_status,
        unix,
        plist=True,
    ),
    Part(
        "analytics",
        ((_HOME, "Library/Preferences/com.apple.osanalytics.addaily.plist"),),
        system.analytics,
        unix,
        plist=True,
    ),
    Part(
        "location users",
        (("RootDomain", "Library/Caches/locationd/clients.plist"),),
        system.locationd,
        plist=True,
    ),
    Part(
        "profile events",
        ((files.PROFILES, "Library/ConfigurationProfiles/MCProfileEvents.plist"),),
        apps.profile_events,
        unix,
        plist=True,
        why_absent="no installation or removal of a profile is recorded in this backup.",
    ),
)
_PROFILE = re.compile(r"(?:.*/)?profile-[^/]*")


def examine_backup(tree: Tree, root: str, scan: Scan) -> Iterator[Result]:
    """Every part of one backup, in a fixed order; nothing that fails stops the parts after it."""
    backup = Backup(tree, root)
    info = Tally()
    yield from scan.part("apps", info, lambda: _apps(scan, backup, info))
    if backup.encrypted():
        why = (
            "encrypted: this backup has a password, so messages, history, files and all other parts were not examined."
            " Make a backup without a password for this exam, and keep this one."
        )
        yield not_checked(f"{shown(root)}all databases", why)
        return
    rows = Tally()
    yield from scan.part("list of files", rows, lambda: _manifest(scan, backup, rows))
    for part in PARTS:
        yield from _part(scan, backup, part)
    yield from _safari_profiles(scan, backup)
    yield from _profiles(scan, backup)
    yield from scan.many_alike()


def _apps(scan: Scan, backup: Backup, tally: Tally) -> Iterator[Result]:
    if not backup.has("Info.plist"):
        raise AmparoError("Info.plist is missing from this backup, so its apps are not known.", advice="")
    yield from apps.apps(scan, backup.plist("Info.plist"), "Info.plist", tally)


def _manifest(scan: Scan, backup: Backup, tally: Tally) -> Iterator[Result]:
    if not backup.has("Manifest.db") and backup.has("Manifest.mbdb"):
        raise AmparoError(
            "This backup was made by iOS 9 or older, whose list of files is not read here.", advice=""
        )
    with backup.manifest() as database:
        yield from files.manifest(scan, backup, database, tally)


def _part(scan: Scan, backup: Backup, part: Part) -> Iterator[Result]:
    found = next(
        ((domain, path, located) for domain, path in part.places if (located := backup.locate(domain, path))),
        None,
    )
    if found is None:
        domain, path = part.places[0]
        if part.app and backup.manifest_read and domain not in backup.domains:
            yield absent(part.name, f"this backup holds nothing of {part.app}.")
        elif part.why_absent and backup.manifest_read:
            yield absent(part.name, part.why_absent)
        else:
            yield not_checked(part.name, f"missing: {path} is not in this backup.{part.why_missing}")
        return
    domain, path, located = found
    tally = Tally(part.clock)
    if part.plist:
        yield from scan.part(part.name, tally, lambda: _from_plist(scan, backup, part.read, located, tally))
    else:
        yield from scan.part(
            part.name, tally, lambda: _from_database(scan, backup, part.read, domain, path, located, tally)
        )


def _from_plist(scan: Scan, backup: Backup, read: Reader, located: Located, tally: Tally) -> Iterator[Result]:
    content = read_plist(read_small(backup.tree, located.name))
    yield from read(scan, content, located.artefact, tally)


def _from_database(
    scan: Scan, backup: Backup, read: Reader, domain: str, path: str, located: Located, tally: Tally
) -> Iterator[Result]:
    database: Database
    with backup.database(domain, path, located) as database:
        yield from read(scan, database, located.artefact, tally)


def _safari_profiles(scan: Scan, backup: Backup) -> Iterator[Result]:
    """Safari's profiles have histories of their own, under names that only the manifest knows."""
    for row in backup.safari:
        located = backup.stored(row.file_id, f"{row.domain}/{row.path}")
        name = f"Safari profile {shown(row.path.split('/')[-2])}"
        if located is None:
            yield not_checked(name, "missing: the list of files names it, but the backup does not hold it.")
            continue
        tally = Tally(apple)
        work = partial(_from_database, scan, backup, browsers.safari, row.domain, row.path, located, tally)
        yield from scan.part(name, tally, work)


def _profiles(scan: Scan, backup: Backup) -> Iterator[Result]:
    stubs = [row for row in backup.profiles if _PROFILE.fullmatch(row.path)]
    if not stubs:
        part = "configuration profiles"
        if backup.manifest_read:
            yield absent(part, "no configuration profile stands in this backup.")
        else:
            yield not_checked(part, "unknown: without the list of files they cannot be found.")
        return
    for row in stubs:
        tally = Tally()
        located = backup.stored(row.file_id, f"{row.domain}/{row.path}")
        part = f"configuration profile {shown(row.path.rpartition('/')[2])}"
        if located is None:
            yield not_checked(part, "missing: the list of files names it, but the backup does not hold it.")
            continue
        yield from scan.part(part, tally, partial(_profile, scan, backup, located, tally))


def _profile(scan: Scan, backup: Backup, located: Located, tally: Tally) -> Iterator[Result]:
    yield from apps.profile(scan, read_small(backup.tree, located.name), located.artefact, tally)
