"""An iOS backup with the schemas that the readers know, filled with ordinary life and with plants."""

from __future__ import annotations

import hashlib
import plistlib
import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from amparo.identify.spyware.specimens.plants import Plant
from amparo.identify.spyware.specimens.schemas import SCHEMAS

START = 788_918_400  # 2026-01-01 in seconds since 2001
_SITES = (
    "news.qx-times.example",
    "weather.example.org",
    "shop.example.net",
    "maps.example.com",
    "forum.qy.example",
)
_TALK = (
    "See you at the market at six", "The meeting moved to Thursday", "Did you read the new law?",
    "Thank you for everything",
    "La reunión es mañana", "Je t'appelle ce soir", "نلتقي غدا في المكتب", "Photos from Qaret: https://photos.example.org/a",
    "The office of the union opens at 9.30", "Ok.", "Lista de firmas: qy-union.example/firmas",
)  # fmt: skip
_PROCESSES = (
    "mDNSResponder",
    "apsd",
    "com.apple.WebKit.Networking",
    "MobileMail",
    "itunescloudd",
    "Maps",
    "Weather",
)


class _Database:
    """A database built in memory; `image` gives its bytes, so nothing touches a disk."""

    def __init__(self, schema: str):
        self._connection = sqlite3.connect(":memory:")
        self._connection.executescript(SCHEMAS[schema])

    def put(self, table: str, rows: Iterable[tuple[Any, ...]], columns: str = "") -> None:
        rows = list(rows)
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table}{columns} VALUES ({marks})", rows)  # noqa: S608

    def image(self) -> bytes:
        self._connection.commit()
        image = self._connection.serialize()
        self._connection.close()
        return image


def backup_files(plants: Sequence[Plant], seed: int, rows: int) -> dict[str, bytes]:
    """Every file of the backup by its name."""
    maker = _Maker(plants, seed, rows)
    return maker.files()


class _Maker:
    def __init__(self, plants: Sequence[Plant], seed: int, rows: int):
        self._rows = rows
        self._random = random.Random(seed)  # noqa: S311 - reproducible test data, nothing secret
        self._by: dict[str, list[str]] = defaultdict(list)
        for plant in plants:
            self._by[plant.how].append(plant.value)
        self._stored: dict[tuple[str, str], bytes | None] = {}

    def _time(self) -> float:
        return START + self._random.randrange(60 * 86_400) + self._random.random()

    def _mixed(self, ordinary: list[Any], planted: Iterable[Any]) -> list[Any]:
        """Plants spread among ordinary values."""
        for value in planted:
            ordinary.insert(self._random.randrange(len(ordinary) + 1), value)
        return ordinary

    def _urls(self, planted: list[str]) -> list[str]:
        ordinary = [f"https://{self._random.choice(_SITES)}/{number}" for number in range(self._rows)]
        return self._mixed(ordinary, planted)

    def files(self) -> dict[str, bytes]:
        home = "HomeDomain"
        for domain, path, data in (
            (home, "Library/SMS/sms.db", self._sms()),
            (home, "Library/Safari/History.db", self._safari()),
            (home, "Library/Safari/BrowserState.db", self._tabs()),
            (home, "Library/TCC/TCC.db", self._tcc()),
            (home, "Library/Calendar/Calendar.sqlitedb", self._calendar()),
            (home, "Library/Shortcuts/Shortcuts.sqlite", self._shortcuts()),
            ("WirelessDomain", "Library/Databases/DataUsage.sqlite", self._usage()),
            (
                "AppDomain-com.google.chrome.ios",
                "Library/Application Support/Google/Chrome/Default/History",
                self._chrome(),
            ),
            ("AppDomainGroup-group.org.mozilla.ios.Firefox", "profile.profile/browser.db", self._firefox()),
            ("AppDomainGroup-group.net.whatsapp.WhatsApp.shared", "ChatStorage.sqlite", self._whatsapp()),
            (
                "AppDomain-com.apple.mobilesafari",
                "Library/WebKit/WebsiteData/ResourceLoadStatistics/observations.db",
                self._webkit(),
            ),
            (home, "Library/Preferences/com.apple.identityservices.idstatuscache.plist", self._id_status()),
            (home, "Library/Preferences/com.apple.osanalytics.addaily.plist", self._analytics()),
            ("RootDomain", "Library/Caches/locationd/clients.plist", self._locationd()),
        ):
            self._stored[domain, path] = data
        self._profiles()
        for number in range(self._rows):
            self._stored["CameraRollDomain", f"Media/DCIM/100APPLE/IMG_{number:05}.HEIC"] = None
        for value in self._by["path"]:
            domain, _, path = value.partition(":")
            self._stored[domain, path] = None
        files = {
            "Info.plist": plistlib.dumps(self._info()),
            "Manifest.plist": plistlib.dumps({"IsEncrypted": False, "Version": "10.0", "Lockdown": {}}),
            "Status.plist": plistlib.dumps(
                {"IsFullBackup": True, "SnapshotState": "finished", "Version": "3.3"}
            ),
        }
        manifest = _Database("manifest")
        for (domain, path), stored in self._stored.items():
            file_id = hashlib.sha1(f"{domain}-{path}".encode(), usedforsecurity=False).hexdigest()
            manifest.put("Files", [(file_id, domain, path, 1, _archived(path, len(stored or b"")))])
            if stored is not None:
                files[f"{file_id[:2]}/{file_id}"] = stored
        files["Manifest.db"] = manifest.image()
        return files

    def _sms(self) -> bytes:
        database = _Database("sms")
        handles = [f"+000{self._random.randrange(10**8):08}" for _ in range(12)] + self._by["handle"]
        database.put("handle", [(number, one, "qx", "SMS") for number, one in enumerate(handles, 1)])
        texts: list[tuple[str | None, int, bytes | None]] = [
            (self._random.choice(_TALK), 1 + self._random.randrange(12), None) for _ in range(self._rows)
        ]
        texts = self._mixed(texts, [(value, 1, None) for value in self._by["sms"]])
        texts = self._mixed(texts, [(value, 0, None) for value in self._by["sms-no-handle"]])
        texts = self._mixed(texts, [(None, 2, typedstream(value)) for value in self._by["sms-archived"]])
        database.put(
            "message",
            [
                (number, f"m{number}", text, handle, "iMessage", int(self._time() * 1e9), 0, 0, body)
                for number, (text, handle, body) in enumerate(texts, 1)
            ],
        )
        names = ["~/Library/SMS/Attachments/ab/11/IMG_1.HEIC", *self._by["attachment"]]
        database.put(
            "attachment",
            [
                (n, f"a{n}", int(self._time()), name, "image/heic", 0, f"IMG_{n}")
                for n, name in enumerate(names, 1)
            ],
        )
        return database.image()

    def _safari(self) -> bytes:
        database = _Database("safari")
        items: dict[str, int] = {}
        visits: list[tuple[int, int, float, str, int | None, int | None]] = []

        def visit(url: str, time: float, source: int | None = None, to: int | None = None) -> None:
            item = items.setdefault(url, len(items) + 1)
            visits.append((len(visits) + 1, item, time, "", source, to))

        for url in self._urls(self._by["safari"]):
            visit(url, self._time())
        for how, first, gap in (
            ("safari-injection", "http://plain.qx-times.example/", 0.2),
            ("safari-slow", "http://slow.example.org/", 4.0),
            ("safari-same", "http://slow.example.net/", 0.1),
        ):
            for value in self._by[how]:
                time, number = self._time(), len(visits) + 1
                visit(first, time, None, number + 1)
                visit(value, time + gap, number, None)
        database.put("history_items", [(number, url, "", 1) for url, number in items.items()])
        database.put("history_visits", visits)
        return database.image()

    def _tabs(self) -> bytes:
        database = _Database("tabs")
        urls = [f"https://{site}/open" for site in _SITES] + self._by["tab"]
        database.put("tabs", [(n, f"t{n}", url, "", self._time()) for n, url in enumerate(urls, 1)])
        return database.image()

    def _chrome(self) -> bytes:
        database = _Database("chrome")
        urls = self._urls(self._by["chrome"])
        epoch = 11_644_473_600 + 978_307_200
        database.put("urls", [(number, url, "") for number, url in enumerate(urls, 1)])
        database.put("visits", [(n, n, int((self._time() + epoch) * 1e6)) for n in range(1, len(urls) + 1)])
        return database.image()

    def _firefox(self) -> bytes:
        database = _Database("firefox")
        urls = self._urls(self._by["firefox"])
        database.put("history", [(number, f"g{number}", url, "") for number, url in enumerate(urls, 1)])
        database.put(
            "visits", [(n, n, (self._time() + 978_307_200) * 1e6, 1) for n in range(1, len(urls) + 1)]
        )
        return database.image()

    def _whatsapp(self) -> bytes:
        database = _Database("whatsapp")
        texts = self._mixed([self._random.choice(_TALK) for _ in range(self._rows)], self._by["whatsapp"])
        database.put("ZWAMESSAGE", [(number, 0, self._time(), text) for number, text in enumerate(texts, 1)])
        media = self._mixed(["https://mmg.whatsapp.net/v/t62/1"] * 5, self._by["whatsapp-media"])
        database.put("ZWAMEDIAITEM", [(number, number, url) for number, url in enumerate(media, 1)])
        database.put("ZWAMESSAGEDATAITEM", [(1, 8, "https://photos.example.org/a", None, None, "Photos")])
        return database.image()

    def _usage(self) -> bytes:
        database = _Database("usage")
        names = self._mixed([_PROCESSES[n % len(_PROCESSES)] for n in range(20)], self._by["process"])
        numbered = [(number, self._time(), self._time(), None, name) for number, name in enumerate(names, 1)]
        live = [(number, number, self._time(), 1.0, 1.0) for number in range(1, len(names) + 1)]
        following = len(names) + 1
        if self._by["process-orphan"]:
            live.append((following, following, self._time(), 1.0, 1.0))
            following += 1
        if self._by["process-deleted"]:
            following += 2
        numbered.append((following, self._time(), self._time(), None, "cloudd"))
        database.put("ZPROCESS", numbered)
        database.put("ZLIVEUSAGE", live)
        return database.image()

    def _tcc(self) -> bytes:
        database = _Database("tcc")
        clients = ("com.apple.camera", "qx.example.notes", "net.whatsapp.WhatsApp")
        when = 978_307_200 + START
        database.put("access", [("kTCCServiceMicrophone", client, 0, 2, 2, when) for client in clients])
        return database.image()

    def _calendar(self) -> bytes:
        database = _Database("calendar")
        entries = [("Dentist", "bring papers"), ("Union", "https://photos.example.org/plan")]
        entries += [
            (first, second) for first, _, second in (one.partition("|") for one in self._by["calendar"])
        ]
        mails = ["mailto:friend@example.org", *self._by["calendar-mail"]]
        entries += [("Invitation", "")] * len(mails)
        first_mail = len(entries) - len(mails) + 1
        database.put(
            "CalendarItem",
            [
                (n, summary, text, self._time(), self._time(), max(0, n - first_mail + 1) or None, None)
                for n, (summary, text) in enumerate(entries, 1)
            ],
        )
        database.put("Participant", [(n, 8, mail, first_mail + n - 1) for n, mail in enumerate(mails, 1)])
        return database.image()

    def _shortcuts(self) -> bytes:
        database = _Database("shortcuts")
        links = ["https://weather.example.org/today", *self._by["shortcut"]]
        actions = [
            [
                {
                    "WFWorkflowActionIdentifier": "is.workflow.actions.url",
                    "WFWorkflowActionParameters": {"WFURLActionURL": link},
                }
            ]
            for link in links
        ]
        database.put("ZSHORTCUTACTIONS", [(n, n, plistlib.dumps(one)) for n, one in enumerate(actions, 1)])
        return database.image()

    def _webkit(self) -> bytes:
        database = _Database("webkit")
        names = ["example.org", "example.net", *self._by["webkit"]]
        database.put("ObservedDomains", [(n, name, self._time()) for n, name in enumerate(names, 1)])
        return database.image()

    def _id_status(self) -> bytes:
        addresses = ["friend@example.org", *self._by["idstatus"], *self._by["idstatus-nul"]]
        # XML cannot hold a NUL sign: the phone writes this list in the binary form.
        found = {f"mailto:{one}": {"LookupDate": self._time(), "IDStatus": 1} for one in addresses}
        return plistlib.dumps({"com.apple.madrid": found}, fmt=plistlib.FMT_BINARY)

    def _analytics(self) -> bytes:
        names = [*_PROCESSES, *self._by["analytics"]]
        when = datetime(2026, 2, 1, 8, 0)  # noqa: DTZ001 - property lists hold dates without a zone, in UTC
        return plistlib.dumps({"netUsageBaseline": {name: [when, 1.0, 2.0, 3.0, 4.0] for name in names}})

    def _locationd(self) -> bytes:
        return plistlib.dumps({"com.apple.Maps:": {"BundleId": "com.apple.Maps", "Registered": self._time()}})

    def _profiles(self) -> None:
        for how in ("profile", "profile-silent"):
            for number, value in enumerate(self._by[how]):
                content: dict[str, Any] = {
                    "PayloadIdentifier": f"qx.example.{how}.{number}",
                    "PayloadUUID": value if how == "profile" else "00000000-0000-4000-8000-000000000001",
                    "PayloadType": "Configuration",
                    "PayloadContent": [
                        {"PayloadType": value if how == "profile-silent" else "com.apple.wifi.managed"}
                    ],
                    "InstallDate": datetime(2026, 2, 1, 8, 0),  # noqa: DTZ001 - as above
                }
                path = f"Library/ConfigurationProfiles/profile-{how}{number}.stub"
                domain = "SysSharedContainerDomain-systemgroup.com.apple.configurationprofiles"
                self._stored[domain, path] = plistlib.dumps(content)

    def _info(self) -> dict[str, Any]:
        store = "com.apple.AppStore"
        apps = [("net.whatsapp.WhatsApp", store), ("qx.example.notes", store)]
        apps += [(one, store) for one in self._by["app"]]
        apps += [(one, "qx.example.signer") for one in self._by["app-sideloaded"]]
        return {
            "Applications": {
                name: {
                    "iTunesMetadata": plistlib.dumps({"softwareVersionBundleId": name, "sourceApp": source})
                }
                for name, source in apps
            },
            "Installed Applications": [name for name, _ in apps],
            "Device Name": "Telephone of nobody",
            "Product Version": "18.5",
        }


def typedstream(text: str) -> bytes:
    """An archived NSAttributedString as Messages stores it, cut to the parts that carry the text."""
    data = text.encode()
    length = bytes([len(data)]) if len(data) < 0x80 else b"\x81" + len(data).to_bytes(2, "little")
    head = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00"
    head += b"\x84\x84\x08NSObject\x00\x85\x92"
    return head + b"\x84\x84\x84\x08NSString\x01\x94\x84\x01+" + length + data + b"\x86\x84\x02iI\x01"


def _archived(path: str, size: int) -> bytes:
    when = 978_307_200 + START
    record = {"LastModified": when, "Birth": when, "LastStatusChange": when, "Mode": 33188, "Size": size,
              "RelativePath": plistlib.UID(2), "$class": plistlib.UID(3)}  # fmt: skip
    objects = ["$null", record, path, {"$classname": "MBFile", "$classes": ["MBFile", "NSObject"]}]
    archive = {
        "$version": 100000,
        "$archiver": "NSKeyedArchiver",
        "$top": {"root": plistlib.UID(1)},
        "$objects": objects,
    }
    return plistlib.dumps(archive, fmt=plistlib.FMT_BINARY)
