"""Apps with their installers, certificates and hashes; and every file that androidqf listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from amparo.identify.moments import unix
from amparo.identify.spyware.android.reading import Acquisition
from amparo.identify.spyware.scan import Result, Scan, Tally, not_checked

_FROM_FILE = {
    "com.google.android.packageinstaller", "com.android.packageinstaller", "com.samsung.android.packageinstaller",
    "com.miui.packageinstaller", "com.android.chrome", "org.mozilla.firefox",
}  # fmt: skip
_STORES = {
    "org.fdroid.fdroid", "com.amazon.venezia", "com.huawei.appmarket", "com.aurora.store", "com.xiaomi.mipicks",
    "com.heytap.market", "com.oppo.market", "com.vivo.appstore", "com.bbk.appstore", "com.apkpure.aegon",
    "com.uptodown", "dev.imranr.obtainium", "ru.vk.store", "com.farsitel.bazaar", "ir.mservices.market",
}  # fmt: skip
_ROOT = {
    "com.topjohnwu.magisk", "io.github.huskydg.magisk", "eu.chainfire.supersu", "com.noshufou.android.su",
    "com.koushikdutta.superuser", "com.thirdparty.superuser", "com.yellowes.su", "com.kingroot.kinguser",
    "com.kingo.root", "com.smedialink.oneclickroot", "com.zhiqupk.root.global", "com.alephzain.framaroot",
    "me.weishu.kernelsu", "me.bmax.apatch", "org.lsposed.manager", "de.robv.android.xposed.installer",
}  # fmt: skip
_PROTECTION = {
    "com.google.android.gms", "com.android.vending", "com.google.android.configupdater",
    "com.google.android.safetycore", "com.sec.android.soagent", "com.wssyncmldm", "com.samsung.android.lool",
    "com.samsung.android.sm.devicesecurity", "com.samsung.android.securitylogagent", "com.huawei.systemmanager",
    "com.miui.securitycenter", "com.google.android.modulemetadata",
}  # fmt: skip
# What the acquisition itself puts on the phone is no alarm.
_OWN_FILES = ("/data/local/tmp/collector", "/data/local/tmp/androidqf")
_TEMPORARY = "/data/local/tmp/"


class _File(msgspec.Struct):
    path: str = ""
    md5: str = ""
    sha1: str = ""
    sha256: str = ""
    certificate: dict[str, Any] | None = None


class _Package(msgspec.Struct):
    name: str = ""
    installer: str | None = None
    disabled: bool = False
    system: bool = False
    third_party: bool = False
    files: list[_File] | None = None


def apps(scan: Scan, acquisition: Acquisition, name: str, tally: Tally) -> Iterator[Result]:
    """Each package: identifier, where it came from, whether it protects, its certificates and hashes."""
    records, odd = acquisition.records(name, _Package)
    for place, package in enumerate(records):
        tally.row()
        pointer = f"/{place}"
        if hits := scan.match.app(package.name):
            yield from scan.known("app-installed", hits, package.name, name, package.name, None, pointer)
        yield from _origin(scan, package, name, pointer)
        if package.name in _ROOT:
            yield scan.odd("root-package", package.name, name, package.name, None, pointer)
        if package.disabled and package.name in _PROTECTION:
            yield scan.odd("protection-disabled", package.name, name, package.name, None, pointer)
        for number, file in enumerate(package.files or ()):
            yield from _file(scan, package, file, name, f"{pointer}/files/{number}")
    if odd:
        yield not_checked(name, f"not understood: {odd} records of apps could not be read.")


def _origin(scan: Scan, package: _Package, name: str, pointer: str) -> Iterator[Result]:
    added = package.third_party or not package.system
    if not added:
        return
    installer = (package.installer or "").strip()
    if installer in _FROM_FILE:
        yield scan.odd("app-by-browser", package.name, name, package.name, None, pointer)
    elif installer in ("null", ""):
        yield scan.odd("app-by-cable", package.name, name, package.name, None, pointer)
    elif installer in _STORES:
        yield scan.odd(
            "app-by-other-store", package.name, name, package.name, None, pointer, source=installer
        )


def _file(scan: Scan, package: _Package, file: _File, name: str, pointer: str) -> Iterator[Result]:
    for digest in (file.sha256, file.sha1, file.md5):
        if digest and (hits := scan.match.hash(digest)):
            yield from scan.known(
                "hash-found", hits, f"{package.name} {digest}", name, package.name, None, pointer
            )
            break
    for field, digest in (file.certificate or {}).items():
        named = field.lower() in ("sha1", "sha256", "md5") and isinstance(digest, str)
        if named and (hits := scan.match.certificate(digest)):
            seen = f"{package.name} {digest}"
            place = f"{pointer}/certificate/{field}"
            yield from scan.known("certificate-found", hits, seen, name, package.name, None, place)
            break
    if file.path and (hits := scan.match.path(file.path)):
        yield from scan.known("path-found", hits, file.path, name, package.name, None, pointer)


class _Listed(msgspec.Struct):
    path: str = ""
    sha1: str = ""
    sha256: str = ""
    mode: str | int = ""
    modified_time: int | float | None = None


def files(scan: Scan, acquisition: Acquisition, name: str, tally: Tally) -> Iterator[Result]:
    """Each listed file: place, name, hashes, and whether it lies where only the cable writes."""
    records, odd = acquisition.records(name, _Listed)
    match = scan.match
    hashes = match.has_hashes()
    for place, file in enumerate(records):
        path = file.path
        tally.row(file.modified_time)
        hits = match.path(path)
        what = "path-found"
        if not hits and (hits := match.filename(path)):
            what = "file-name-found"
        if hits:
            yield from scan.known(what, hits, path, name, path, unix(file.modified_time), f"/{place}")
        if hashes:
            for digest in (file.sha256, file.sha1):
                if digest and (hits := match.hash(digest)):
                    seen, when = f"{path} {digest}", unix(file.modified_time)
                    yield from scan.known("hash-found", hits, seen, name, path, when, f"/{place}")
                    break
        temporary = path.startswith(_TEMPORARY) and path != _TEMPORARY and not path.startswith(_OWN_FILES)
        if temporary and not str(file.mode).startswith("d"):
            yield scan.odd(
                "file-in-temporary-folder", path, name, path, unix(file.modified_time), f"/{place}"
            )
    if odd:
        yield not_checked(name, f"not understood: {odd} records of files could not be read.")
