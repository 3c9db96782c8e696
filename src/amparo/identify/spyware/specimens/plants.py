"""What is planted: traces that must be found, and look-alikes that must not."""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec

from amparo.identify.hosts import parents
from amparo.identify.indicators import Indicator
from amparo.identify.knowledge import KnowledgeBase


class Plant(msgspec.Struct, frozen=True):
    """`how` tells the generator where to put `value`; `found` is False for a look-alike. `kind` names it in reports."""

    phone: str
    how: str
    value: str
    found: bool
    kind: str


def clean(plants: tuple[Plant, ...]) -> tuple[Plant, ...]:
    """Only the look-alikes: what an everyday phone may hold."""
    return tuple(plant for plant in plants if not plant.found)


class _Chooser:
    """Indicators drawn with a seed; sub-domains and cousins only of values whose parents are in no list."""

    def __init__(self, knowledge: KnowledgeBase, seed: int):
        self._tables = knowledge.tables
        self._random = random.Random(seed)  # noqa: S311 - reproducible test data, nothing secret

    def pick(self, kind: str, fits: str = "", nature: str = "spyware") -> Indicator:
        """One indicator of a kind; `fits` is plain, deep or www for hosts, long for processes."""
        table = self._tables.get(kind, {})
        suited = [
            hits[0]
            for key, hits in sorted(table.items())
            if hits[0].nature == nature and self._fits(key, hits[0], fits)
        ]
        if not suited:
            raise LookupError(f"no indicator of kind {kind} {fits} {nature}")
        return self._random.choice(suited)

    def _fits(self, key: str, hit: Indicator, fits: str) -> bool:
        hosts = self._tables.get("host", {})
        if fits == "plain":
            return key.count(".") == 1 and hit.value == key
        if fits == "deep":
            above = parents(key)[1:]
            return key.count(".") >= 2 and hit.value == key and not any(parent in hosts for parent in above)
        if fits == "long":
            return len(key) > 16
        if fits == "short":
            return 4 < len(key) < 16
        return True


def ios_plants(knowledge: KnowledgeBase, seed: int = 1) -> tuple[Plant, ...]:
    """Plants and look-alikes for an iOS backup."""
    return tuple(_ios(_Chooser(knowledge, seed)))


def android_plants(knowledge: KnowledgeBase, seed: int = 1) -> tuple[Plant, ...]:
    """Plants and look-alikes for an androidqf acquisition."""
    return tuple(_android(_Chooser(knowledge, seed)))


def demo_plants(knowledge: KnowledgeBase) -> tuple[Plant, ...]:
    """A small, readable choice for the demo desk: a message with a link, a visit, a process, Apple's notice."""
    wanted = {
        "exact domain in a message",
        "exact domain in history",
        "process",
        "Apple's threat notification",
    }
    android = {"app identifier of stalkerware", "app from a downloaded file", "accessibility service"}
    chosen = ios_plants(knowledge, 7) + android_plants(knowledge, 7)
    return tuple(plant for plant in chosen if plant.kind in wanted | android and plant.found)


def _ios(choose: _Chooser) -> Iterator[Plant]:
    def yes(kind: str, how: str, value: str) -> Plant:
        return Plant("ios", how, value, True, kind)

    def no(kind: str, how: str, value: str) -> Plant:
        return Plant("ios", how, value, False, kind)

    host = choose.pick("host", "plain").value
    yield yes("exact domain in a message", "sms", f"https://{host}/a1b2")
    yield yes("exact domain in history", "safari", f"http://{choose.pick('host', 'plain').value}/news?id=3")
    yield yes("deep sub-domain", "safari", f"https://a.b.c.{choose.pick('host', 'plain').value}/")
    deep = choose.pick("host", "deep").value
    yield yes("sub-domain indicator", "chrome", f"https://{deep}/x")
    yield yes("below a sub-domain indicator", "chrome", f"https://x.{deep}/x")
    yield yes("sub-domain indicator with port", "safari", f"https://{deep}:8443/p")
    yield yes("upper case", "firefox", f"HTTPS://{choose.pick('host', 'plain').value.upper()}/Y")
    yield yes("www and port", "firefox", f"http://www.{choose.pick('host', 'plain').value}:8080/")
    yield yes("user name before the host", "safari", f"https://me:pw@{choose.pick('host', 'plain').value}/")
    yield yes("final dot", "safari", f"https://{choose.pick('host', 'plain').value}./")
    yield yes("open tab", "tab", f"https://{choose.pick('host', 'plain').value}/t")
    yield yes("IP address", "safari", f"http://{choose.pick('ip').value}/u.php")
    yield yes("bare domain in a message", "sms", f"read {choose.pick('host', 'plain').value}/x today")
    yield yes("defanged link in a message", "sms", _defang(choose.pick("host", "plain").value))
    yield yes("message without handle", "sms-no-handle", f"https://{choose.pick('host', 'plain').value}/h")
    yield yes("archived message body", "sms-archived", f"https://{choose.pick('host', 'plain').value}/z")
    yield yes("link in WhatsApp", "whatsapp", f"https://{choose.pick('host', 'plain').value}/w")
    yield yes(
        "media address in WhatsApp", "whatsapp-media", f"https://{choose.pick('host', 'plain').value}/m"
    )
    yield yes("e-mail address of a sender", "handle", choose.pick("email").value.upper())
    yield yes("e-mail address of an invitation", "calendar-mail", choose.pick("email").value)
    yield yes("e-mail address in look-ups", "idstatus", choose.pick("email").value)
    yield yes("NUL signs in an address", "idstatus-nul", "a\x00b@example.org")
    yield yes("process", "process", choose.pick("process", "short").value)
    yield yes("process cut to 16 signs", "process", choose.pick("process", "long").value[:16])
    yield yes("process in analytics", "analytics", choose.pick("process", "short").value)
    yield yes("deleted process row", "process-deleted", "gap")
    yield yes("traffic of a deleted process", "process-orphan", "orphan")
    yield yes("injected redirect", "safari-injection", "https://kxqj.example.com/r")
    yield yes(
        "Apple's threat notification", "sms", "ALERT: Apple detected a targeted mercenary spyware attack"
    )
    yield yes("invisible invitation", "calendar", "Meeting|Notes")
    yield yes("path prefix", "path", "RootDomain:private/var/tmp/helper.sock")
    yield yes("file name", "path", f"HomeDomain:Library/Caches/{choose.pick('filename').value}")
    yield yes(
        "domain in a storage name", "path", f"{_WEB}https_{choose.pick('host', 'plain').value}_0.localstorage"
    )
    yield yes("app identifier", "app", choose.pick("app", nature="watchware").value)
    yield yes("side-loaded app", "app-sideloaded", "qx.example.sideloaded")
    yield yes("profile identifier", "profile", choose.pick("profile").value)
    yield yes("profile that silences notices", "profile-silent", "com.apple.notificationsettings")
    yield yes("domain in WebKit statistics", "webkit", choose.pick("host", "plain").value)
    yield yes("link in a shortcut", "shortcut", f"https://{choose.pick('host', 'plain').value}/s")
    yield yes("attachment in a temporary folder", "attachment", "/var/tmp/abcd/IMG_0001-1")  # noqa: S108

    decoy = choose.pick("host", "plain").value
    yield no("glued prefix", "safari", f"https://not{decoy}/1")
    yield no("indicator as a label of another domain", "safari", f"https://{decoy}.example.com/2")
    yield no("indicator in the query", "safari", f"https://search.example.com/?q={decoy}")
    yield no("indicator in the path", "chrome", f"https://archive.example.com/{decoy}/page")
    yield no("prefix of another domain", "firefox", f"https://{decoy[:-1]}/3")
    yield no("glued prefix in a message", "sms", f"see https://not{choose.pick('host', 'plain').value}/4")
    yield no("longer domain in a message", "sms", f"see {choose.pick('host', 'plain').value}.example.net now")
    yield no("longer IP address", "safari", f"http://1{_short_ip(choose)}/5")
    yield no("process with a suffix", "process", choose.pick("process", "short").value + "X")
    yield no("process with a prefix", "analytics", "my" + choose.pick("process", "short").value)
    yield no("sibling of a path", "path", "RootDomain:private/var/tmp/helper.sockets")
    yield no(
        "path not at the start", "path", "AppDomain-qx.example.notes:Documents/private/var/tmp/helper.sock"
    )
    yield no(
        "file name with a suffix", "path", f"HomeDomain:Library/Caches/{choose.pick('filename').value}.old"
    )
    yield no("app identifier with a suffix", "app", choose.pick("app", nature="watchware").value + ".notes")
    yield no("e-mail address with a prefix", "handle", "x" + choose.pick("email").value)
    yield no("slow redirect", "safari-slow", "https://kxqk.example.com/r")
    yield no("redirect within a site", "safari-same", "https://m.slow.example.net/r")
    yield no("the words of Apple inside a text", "sms", "They wrote: ALERT: Apple detected a targeted attack")
    yield no("an ordinary meeting", "calendar", "Meeting|Notes of last week")


_WEB = "AppDomain-com.apple.mobilesafari:Library/WebKit/WebsiteData/LocalStorage/"


def _defang(host: str) -> str:
    return f"warning hxxps://{host.replace('.', '[.]')}/q"


def _short_ip(choose: _Chooser) -> str:
    for _ in range(1000):
        value = choose.pick("ip").value
        if int(value.partition(".")[0]) < 100 and int("1" + value.partition(".")[0]) <= 255:
            return value
    raise LookupError("no short address")


def _android(choose: _Chooser) -> Iterator[Plant]:
    def yes(kind: str, how: str, value: str) -> Plant:
        return Plant("android", how, value, True, kind)

    def no(kind: str, how: str, value: str) -> Plant:
        return Plant("android", how, value, False, kind)

    yield yes("app identifier of stalkerware", "package", choose.pick("app", nature="stalkerware").value)
    yield yes("app identifier of spyware", "package", choose.pick("app").value)
    yield yes("app identifier of watchware", "package", choose.pick("app", nature="watchware").value)
    yield yes("certificate", "certificate", choose.pick("cert", nature="stalkerware").value)
    yield yes("hash of an app", "apk-hash", choose.pick("hash", nature="stalkerware").value)
    yield yes("hash of a file", "file-hash", choose.pick("hash").value)
    yield yes("path prefix", "file", "/data/local/tmp/wd/lib/x.so")
    yield yes("file name", "file", f"/sdcard/Download/{choose.pick('filename').value}")
    yield yes("file in a temporary folder", "file", "/data/local/tmp/kqx.bin")
    yield yes("app from a downloaded file", "package-browser", "qx.example.fromfile")
    yield yes("app by cable", "package-cable", "qx.example.bycable")
    yield yes("program for root", "root-binary", "/system/xbin/su")
    yield yes("package for root", "package", "com.topjohnwu.magisk")
    yield yes("writable system", "mount", "/dev/block/dm-0 /system ext4 rw,seclabel,relatime 0 0")
    yield yes("property", "property", choose.pick("property").value)
    yield yes("dangerous setting", "setting", "package_verifier_user_consent=-1")
    yield yes("process", "process", choose.pick("process", "short").value)
    yield yes("accessibility service", "accessibility", "qx.example.reader/qx.example.reader.ScreenService")
    yield yes("app woken by calls", "receiver", "qx.example.listener/.Calls")
    yield yes("right to install apps", "appops", "qx.example.installer")

    yield no(
        "app identifier with a suffix", "package", choose.pick("app", nature="stalkerware").value + ".helper"
    )
    yield no("app identifier with a prefix", "package", "my." + choose.pick("app").value)
    yield no("sibling of a path", "file", "/data/local/wd/lib/x.so")
    yield no("path not at the start", "file", "/sdcard/data/local/tmp/wd/y.so")
    yield no("file name with a suffix", "file", f"/sdcard/Download/{choose.pick('filename').value}.txt")
    yield no("changed hash", "file-hash", _changed(choose.pick("hash").value))
    yield no("the acquisition's own program", "file", "/data/local/tmp/collector")
    yield no("process with a suffix", "process", choose.pick("process", "short").value + "_x")
    yield no("read-only system", "mount", "/dev/block/dm-1 /vendor ext4 ro,seclabel,relatime 0 0")
    yield no("harmless setting", "setting", "package_verifier_user_consent=1")
    yield no("service of the maker", "accessibility", "com.google.android.marvin.talkback/.TalkBackService")
    yield no("receiver of the system", "receiver", "com.google.android.dialer/.Calls")
    yield no("property with a suffix", "property", choose.pick("property").value + ".name")


def _changed(digest: str) -> str:
    return ("0" if digest[0] != "0" else "1") + digest[1:]
