"""androidqf acquisitions: what each part finds, and what it says when it cannot."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from amparo.identify import examine
from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.spyware import specimens
from amparo.words.findings import Finding, NotChecked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clean acquisition as a folder, to be changed."""
    place = tmp_path / "qf"
    specimens.make_androidqf(place, (), 3, 20)
    return place


def results(place: Path, base: KnowledgeBase) -> tuple[list[Finding], dict[str, str]]:
    found = list(examine(place, "qf", base))
    return [one for one in found if isinstance(one, Finding)], {
        one.part: one.why for one in found if isinstance(one, NotChecked)
    }


def codes(place: Path, base: KnowledgeBase) -> list[str]:
    return [one.code for one in results(place, base)[0]]


def packages(place: Path, *more: dict[str, Any]) -> None:
    listed = json.loads((place / "packages.json").read_bytes())
    (place / "packages.json").write_text(json.dumps([*listed, *more]), "utf-8")


def test_a_clean_acquisition_has_no_finding(folder: Path, base: KnowledgeBase) -> None:
    exam = examine(folder, "qf", base)
    assert not list(exam) and exam.summary().failed == 0
    assert {part.part for part in exam.summary().examined} >= {
        "apps",
        "files",
        "settings",
        "processes",
        "mounts",
    }


@pytest.mark.parametrize(
    ("package", "code"),
    [
        ({"installer": "com.google.android.packageinstaller", "third_party": True}, "app-by-browser"),
        ({"installer": "null", "third_party": True}, "app-by-cable"),
        ({"installer": None, "third_party": True}, "app-by-cable"),
        ({"installer": "null", "system": False}, "app-by-cable"),
        ({"installer": "org.fdroid.fdroid", "third_party": True}, "app-by-other-store"),
        ({"installer": "com.android.vending", "third_party": True}, None),
        ({"installer": "null", "system": True, "third_party": False}, None),
    ],
)
def test_where_an_app_came_from(
    folder: Path, base: KnowledgeBase, package: dict[str, Any], code: str | None
) -> None:
    packages(folder, {"name": "qx.example.new", **package})
    assert codes(folder, base) == ([code] if code else [])


def test_a_disabled_protection_and_root(folder: Path, base: KnowledgeBase) -> None:
    packages(folder, {"name": "com.android.vending", "disabled": True, "system": True},
             {"name": "me.weishu.kernelsu", "installer": "com.android.vending"})  # fmt: skip
    assert codes(folder, base) == ["protection-disabled", "root-package"]


def test_json_lines_are_read_like_a_list(folder: Path, base: KnowledgeBase) -> None:
    listed = json.loads((folder / "files.json").read_bytes())
    listed.append({"path": "/data/local/tmp/odd", "mode": "-rwxr-xr-x", "modified_time": 1770000000})
    (folder / "files.json").write_text("\n".join(map(json.dumps, listed)), "utf-8")
    found, _ = results(folder, base)
    assert [(one.code, one.level.value) for one in found] == [("file-in-temporary-folder", "high")]
    assert found[0].when and found[0].when.at.isoformat() == "2026-02-02T02:40:00+00:00"  # type: ignore[union-attr]


def test_one_odd_record_hides_none_of_the_others(folder: Path, base: KnowledgeBase) -> None:
    packages(folder, {"name": 5}, {"name": "com.topjohnwu.magisk", "installer": "com.android.vending"})
    (folder / "packages.json").write_text(
        (folder / "packages.json").read_text("utf-8").replace("[", "[7, null, ", 1), "utf-8"
    )
    found, left = results(folder, base)
    assert [one.code for one in found] == ["root-package"] and "records of apps" in left["packages.json"]


def test_one_file_of_that_name_is_no_phone(tmp_path: Path, base: KnowledgeBase) -> None:
    from amparo.identify import device_evidence

    (tmp_path / "packages.json").write_text("[]", "utf-8")
    assert not device_evidence(tmp_path, "project")
    (tmp_path / "getprop.txt").write_text("", "utf-8")
    assert device_evidence(tmp_path, "phone")


@pytest.mark.parametrize(
    "data", [b"", b"[", b"5", b"\xff\xfe\xff", b"{}", b"[" * 50_000, b'[{"path": "\\ud800"}]']
)
def test_broken_json_is_told_or_read(folder: Path, base: KnowledgeBase, data: bytes) -> None:
    for name in ("files.json", "packages.json", "mounts.json", "root_binaries.json", "acquisition.json"):
        (folder / name).write_bytes(data)
    found, left = results(folder, base)
    assert "system properties" not in left and not [one for one in found if one.level.value == "high"]


def test_the_age_of_the_last_update_is_counted_to_the_acquisition_not_to_today(
    folder: Path, base: KnowledgeBase
) -> None:
    text = (folder / "getprop.txt").read_text("utf-8").replace("2026-01-05", "2025-06-01")
    (folder / "getprop.txt").write_text(text, "utf-8")
    found, _ = results(folder, base)
    assert [one.code for one in found] == ["patches-old"] and "8 months" in found[0].says


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("/dev/block/dm-0 on /system type ext4 (rw,seclabel)", True),
        ("/dev/block/dm-0 /vendor ext4 rw,seclabel 0 0", True),
        ("overlay on /vendor/overlay type overlay (rw,seclabel)", False),
        ("tmpfs on /system_ext/x type tmpfs (rw)", False),
        ("/dev/block/dm-0 on /system type ext4 (ro,seclabel)", False),
        ("/dev/block/dm-0 /systemd ext4 rw 0 0", False),
        ("/dev/fuse on /storage/emulated type fuse (rw)", False),
    ],
)
def test_mounts(folder: Path, base: KnowledgeBase, line: str, found: bool) -> None:
    (folder / "mounts.json").write_text(json.dumps([line]), "utf-8")
    assert ("system-writable" in codes(folder, base)) is found


def test_processes_in_the_form_of_the_collector(folder: Path, base: KnowledgeBase) -> None:
    (folder / "processes.txt").unlink()
    records = [{"pid": 1, "name": "init"}, {"pid": 2, "name": "bh", "path": "/data/local/tmp/wd/x"}]
    (folder / "processes.json").write_text(json.dumps(records), "utf-8")
    assert codes(folder, base) == ["spyware-process-ran", "spyware-path-found"]


DUMP = """DUMP OF SERVICE CRITICAL accessibility:
ACCESSIBILITY MANAGER (dumpsys accessibility)
User state[
     attributes:{{id=0}}
     Bound services:{{Service[label=X]}}
     Enabled services:{{{{{enabled}}}}}
     installed services: {{
           0 : {installed}
           1 : com.google.android.marvin.talkback/.TalkBackService
     }}]
DUMP OF SERVICE appops:
  Uid 10100:
    Package {package}:
      REQUEST_INSTALL_PACKAGES (allow):
"""


def test_an_enabled_accessibility_service_weighs_more(folder: Path, base: KnowledgeBase) -> None:
    text = DUMP.format(
        enabled="qx.one/qx.one.Reader", installed="qx.two/qx.two.Reader", package="com.android.shell"
    )
    (folder / "dumpsys.txt").write_text(text, "utf-8")
    found, _ = results(folder, base)
    assert [(one.code, one.seen, one.level.value) for one in found] == [
        ("accessibility-service", "qx.one/qx.one.Reader", "medium"),
        ("accessibility-service", "qx.two/qx.two.Reader", "low"),
    ]


def test_the_shell_of_the_acquisition_is_no_alarm_but_another_installer_is(
    folder: Path, base: KnowledgeBase
) -> None:
    text = DUMP.format(enabled="", installed="", package="qx.example.files")
    (folder / "dumpsys.txt").write_text(text, "utf-8")
    assert codes(folder, base) == ["may-install-apps"]


def test_processes_as_json_in_a_file_that_ends_in_txt(folder: Path, base: KnowledgeBase) -> None:
    records = [
        {"pid": 1, "cmdline": "/system/bin/sh -c x"},
        {"pid": 2, "cmdline": "/data/x/bh --odd", "user": "root"},
    ]
    (folder / "processes.txt").write_text(json.dumps(records, indent=1), "utf-8")
    found, left = results(folder, base)
    assert [one.code for one in found] == ["spyware-process-ran"] and "processes" not in left
    (folder / "processes.txt").write_text("{}", "utf-8")
    exam = examine(folder, "qf", base)
    assert list(exam) or {part.part: part.rows for part in exam.summary().examined}["processes"] == 1


def test_several_programs_for_root_in_one_entry(folder: Path, base: KnowledgeBase) -> None:
    (folder / "root_binaries.json").write_text(
        json.dumps(["/sbin/su\n/system/xbin/busybox\n", "/sbin/oddly"]), "utf-8"
    )
    found, _ = results(folder, base)
    assert [(one.seen, one.level.value) for one in found] == [
        ("/sbin/su", "high"), ("/system/xbin/busybox", "high"), ("/sbin/oddly", "low"),
    ]  # fmt: skip


RECEIVERS = """DUMP OF SERVICE package:
Activity Resolver Table:
  Non-Data Actions:
      android.intent.action.PHONE_STATE:
        1 qx.not.here/.Activity filter 2
Receiver Resolver Table:
  Non-Data Actions:
      android.intent.action.PHONE_STATE:
        1 qx.spy/.Ear filter 2
          Action: "android.intent.action.PHONE_STATE"
        3 com.android.phone/.Own filter 4
      android.provider.Telephony.SMS_RECEIVED:
        5 qx.spy/.Ear filter 6
      android.intent.action.BOOT_COMPLETED:
        7 qx.clock/.Wake filter 8
      android.intent.action.BATTERY_LOW:
        9 qx.saver/.Low filter a
Service Resolver Table:
  Non-Data Actions:
      android.intent.action.PHONE_STATE:
        1 qx.nor.here/.Service filter 2
DUMP OF SERVICE accessibility:
DUMP OF SERVICE appops:
"""


def test_receivers_are_one_remark_each_with_what_wakes_them(folder: Path, base: KnowledgeBase) -> None:
    (folder / "dumpsys.txt").write_text(RECEIVERS, "utf-8")
    found, left = results(folder, base)
    assert [(one.seen, one.level.value) for one in found] == [
        ("qx.spy/.Ear", "low"),
        ("qx.clock/.Wake", "info"),
    ]
    assert "calls, messages received" in found[0].says and "receivers" not in left


def test_a_long_hostile_line_takes_no_long_time(folder: Path, base: KnowledgeBase) -> None:
    import time

    line = "a." * 500_000
    text = f"DUMP OF SERVICE accessibility:\nEnabled services:{{{line}}}\n{line}\n" + RECEIVERS.replace(
        "qx.spy/.Ear", line
    )
    (folder / "dumpsys.txt").write_text(text, "utf-8")
    (folder / "processes.txt").write_text(f"[{line}\n{line}", "utf-8")
    (folder / "getprop.txt").write_text("[" + "]: [" * 300_000, "utf-8")
    started = time.process_time()
    results(folder, base)
    assert time.process_time() - started < 10


def test_a_known_app_among_the_receivers(folder: Path, base: KnowledgeBase) -> None:
    (folder / "dumpsys.txt").write_text(RECEIVERS.replace("qx.saver/", "com.serv.services/"), "utf-8")
    assert "spyware-app-installed" in codes(folder, base)


def test_sections_that_are_missing_are_told(folder: Path, base: KnowledgeBase) -> None:
    (folder / "dumpsys.txt").write_text("nothing\n", "utf-8")
    _, left = results(folder, base)
    assert {"accessibility services", "permissions in use", "receivers"} <= set(left)


def test_what_is_not_read_is_told(folder: Path, base: KnowledgeBase) -> None:
    (folder / "bugreport.zip").write_bytes(b"PK\x03\x04")
    (folder / "backup.ab").write_bytes(b"ANDROID BACKUP\n5\n")
    _, left = results(folder, base)
    assert left["bugreport.zip"].startswith("not read: ") and left["backup.ab"].startswith("not read: ")


def test_a_file_that_is_missing_is_told(folder: Path, base: KnowledgeBase) -> None:
    for name in ("dumpsys.txt", "processes.txt", "settings_global.txt"):
        (folder / name).unlink()
    _, left = results(folder, base)
    assert all(left[part].startswith("missing: ") for part in ("system services", "processes", "settings"))


def test_200_files_and_a_folder_inside_a_zip(base: KnowledgeBase, tmp_path: Path) -> None:
    specimens.make_androidqf(tmp_path / "a", specimens.android_plants(base), 1)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted((tmp_path / "a").iterdir()):
            archive.write(path, f"0b1f/{path.name}")
    assert list(examine(file, "a", base)) == list(examine(tmp_path / "a", "a", base))
