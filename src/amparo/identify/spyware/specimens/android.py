"""An androidqf acquisition with the layouts that the readers know, filled with ordinary life and with plants."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from amparo.identify.spyware.specimens.plants import Plant

_STORE = "com.android.vending"


def androidqf_files(plants: Sequence[Plant], seed: int, rows: int) -> dict[str, bytes]:
    """Every file of the acquisition by its name."""
    by: dict[str, list[str]] = defaultdict(list)
    for plant in plants:
        by[plant.how].append(plant.value)

    def package(name: str, **facts: Any) -> dict[str, Any]:
        digest = hashlib.sha256(f"{seed} {name}".encode()).hexdigest()
        file: dict[str, Any] = {
            "path": f"/data/app/{name}/base.apk",
            "local_name": "",
            "sha1": digest[:40],
            "sha256": facts.pop("sha256", digest),
            "certificate": {
                "Sha1": facts.pop("cert", digest[:40]),
                "Sha256": digest[::-1],
                "Issuer": "CN=Example",
            },
        }
        base = {"name": name, "files": [file], "installer": _STORE, "uid": 10123, "disabled": False, "system": False,
                "third_party": True}  # fmt: skip
        return base | facts

    packages = [package(f"qx.example.app{number}") for number in range(20)]
    packages += [package("com.android.settings", system=True, third_party=False, installer="null")]
    packages += [package(name) for name in by["package"]]
    packages += [
        package(name, installer="com.google.android.packageinstaller") for name in by["package-browser"]
    ]
    packages += [package(name, installer="null") for name in by["package-cable"]]
    packages += [
        package(f"qx.example.signed{n}", cert=one.upper()) for n, one in enumerate(by["certificate"])
    ]
    packages += [package(f"qx.example.hashed{n}", sha256=one) for n, one in enumerate(by["apk-hash"])]

    def listed(path: str, digest: str | None = None) -> dict[str, Any]:
        own = hashlib.sha256(f"{seed} {path}".encode()).hexdigest()
        return {"path": path, "size": 10, "mode": "-rw-r--r--", "user_id": 0, "group_id": 0, "access_time": 1770000000,
                "modified_time": 1770000000, "changed_time": 1770000000, "sha1": own[:40],
                "sha256": digest or own}  # fmt: skip

    paths = [listed(f"/sdcard/DCIM/Camera/IMG_{number:06}.jpg") for number in range(rows)]
    paths += [listed(path) for path in by["file"]]
    paths += [listed(f"/sdcard/Download/document{n}.bin", one) for n, one in enumerate(by["file-hash"])]
    mounts = [
        "/dev/block/dm-9 / ext4 ro,seclabel 0 0",
        "/dev/block/dm-8 /data f2fs rw,nosuid 0 0",
        *by["mount"],
    ]
    properties = {"ro.product.model": "QX-1", "ro.build.version.release": "15",
                  "ro.build.version.security_patch": "2026-01-05"}  # fmt: skip
    properties |= dict.fromkeys(by["property"], "1")
    settings = ["adb_enabled=1", "package_verifier_enable=1", *by["setting"]]
    ps = [
        "USER PID PPID VSZ RSS WCHAN ADDR S NAME",
        "root 1 0 1 1 0 0 S init",
        "u0_a1 99 1 1 1 0 0 S qx.example.app1",
    ]
    ps += [f"root {200 + n} 1 1 1 0 0 S {name}" for n, name in enumerate(by["process"])]
    made = {"uuid": "00000000-0000-4000-8000-000000000001", "androidqf_version": "v1.7.0",
            "started": "2026-02-03T10:00:00Z", "completed": "2026-02-03T10:20:00Z"}  # fmt: skip
    return {
        "acquisition.json": _json(made),
        "packages.json": _json(packages),
        "files.json": _json(paths),
        "mounts.json": _json(mounts),
        "root_binaries.json": _json(by["root-binary"]),
        "getprop.txt": _lines(f"[{name}]: [{value}]" for name, value in properties.items()),
        "settings_global.txt": _lines(settings),
        "processes.txt": _lines(ps),
        "dumpsys.txt": _dumpsys(by).encode(),
    }


def _dumpsys(by: dict[str, list[str]]) -> str:
    services = "".join(f"           {n} : {one}\n" for n, one in enumerate(by["accessibility"]))
    rights = "".join(
        f"    Package {name}:\n      REQUEST_INSTALL_PACKAGES (allow):\n        null=[\n        ]\n"
        for name in ["com.android.shell", *by["appops"]]
    )
    listeners = "".join(f"        {n}e5f {one} filter 6a7b\n" for n, one in enumerate(by["receiver"]))
    return (
        "DUMP OF SERVICE accessibility:\nACCESSIBILITY MANAGER (dumpsys accessibility)\n\nUser state[\n"
        "     attributes:{id=0, currentUser=true}\n     installed services: {\n"
        f"{services}     }}\n]\n"
        "--------- 0.01s was the duration of dumpsys accessibility\n"
        "DUMP OF SERVICE package:\nReceiver Resolver Table:\n  Non-Data Actions:\n"
        "      android.intent.action.PHONE_STATE:\n        1a2b com.android.phone/.CallReceiver filter 3c4d\n"
        f"{listeners}\nService Resolver Table:\n"
        f"DUMP OF SERVICE appops:\nCurrent AppOps Service state:\n  Uid 10123:\n{rights}"
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode()


def _lines(lines: Any) -> bytes:
    return ("\n".join(lines) + "\n").encode()
