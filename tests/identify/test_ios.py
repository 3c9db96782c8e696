"""iOS backups: what each part finds, what it says when it cannot, and that nothing is silent."""

import hashlib
import io
import plistlib
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from amparo.identify import examine
from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.spyware import specimens
from amparo.identify.spyware.ios.browsers import same_site
from amparo.identify.spyware.ios.files import storage_hosts
from amparo.identify.spyware.ios.messages import attributed
from amparo.words.findings import Finding, NotChecked

SMS = "3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28"


def stored(domain: str, path: str) -> str:
    digest = hashlib.sha1(f"{domain}-{path}".encode()).hexdigest()
    return f"{digest[:2]}/{digest}"


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A clean backup as a folder, to be spoiled."""
    folder = tmp_path / "backup"
    specimens.make_ios_backup(folder, (), 3, 30)
    return folder


def results(folder: Path, base: KnowledgeBase) -> tuple[list[Finding], dict[str, str]]:
    found = list(examine(folder, "backup", base))
    return [one for one in found if isinstance(one, Finding)], {
        one.part: one.why for one in found if isinstance(one, NotChecked)
    }


def change(folder: Path, name: str, *statements: tuple[str, tuple[Any, ...]]) -> None:
    connection = sqlite3.connect(folder / name)
    for statement, values in statements:
        connection.execute(statement, values)
    connection.commit()
    connection.close()


def test_a_clean_backup_has_no_finding_and_says_that_this_is_no_proof(
    backup: Path, base: KnowledgeBase
) -> None:
    exam = examine(backup, "backup", base)
    left = [one for one in exam if not (isinstance(one, NotChecked) and one.why.startswith("absent: "))]
    summary = exam.summary()
    assert not left and summary.failed == 0
    assert summary.says == "No known trace found; this is not proof of absence."
    parts = {part.part: part for part in summary.examined}
    assert parts["messages"].rows == 30 and parts["messages"].first is not None
    assert summary.first_day >= "2026-01-01" and summary.last_day < "2026-03-05"


def test_an_encrypted_backup_is_told_and_its_apps_are_still_read(backup: Path, base: KnowledgeBase) -> None:
    (backup / "Manifest.plist").write_bytes(plistlib.dumps({"IsEncrypted": True}))
    (backup / "Manifest.db").write_bytes(bytes(range(256)) * 40)
    _, left = results(backup, base)
    assert list(left) == ["all databases"] and left["all databases"].startswith("encrypted: ")


@pytest.mark.parametrize("keep", [0, 10, 100, 3000])
def test_a_damaged_database_is_told_and_the_others_are_read(
    backup: Path, base: KnowledgeBase, keep: int
) -> None:
    (backup / SMS).write_bytes((backup / SMS).read_bytes()[:keep])
    exam = examine(backup, "backup", base)
    left = {one.part: one.why for one in exam if isinstance(one, NotChecked)}
    assert left["messages"].startswith("damaged: ") and left["message attachments"].startswith("damaged: ")
    assert {"Safari history", "data usage", "calendar"} <= {part.part for part in exam.summary().examined}
    assert exam.summary().failed == 2 and "2 parts could not be checked" in exam.summary().says


def test_a_missing_database_is_told(backup: Path, base: KnowledgeBase) -> None:
    (backup / SMS).unlink()
    (backup / stored("HomeDomain", "Library/Safari/History.db")).unlink()
    _, left = results(backup, base)
    assert left["messages"].startswith("missing: ")
    assert "only into backups with a password" in left["Safari history"]


def test_zero_rows_are_not_checked(backup: Path, base: KnowledgeBase) -> None:
    change(backup, SMS, ("DELETE FROM message", ()))
    _, left = results(backup, base)
    assert left["messages"].startswith("empty: ")


def test_a_column_that_is_missing_is_named(backup: Path, base: KnowledgeBase) -> None:
    change(backup, SMS, ("ALTER TABLE message RENAME COLUMN date TO moment", ()))
    _, left = results(backup, base)
    assert left["messages"].startswith("not understood: ") and "no column date" in left["messages"]


def test_without_the_list_of_files_the_rest_is_still_found(backup: Path, base: KnowledgeBase) -> None:
    change(
        backup,
        SMS,
        ("UPDATE message SET text = 'ALERT: State-sponsored attackers may be after you' WHERE ROWID=3", ()),
    )
    (backup / "Manifest.db").unlink()
    found, left = results(backup, base)
    assert [one.code for one in found] == ["apple-threat-notification"]
    assert left["list of files"].startswith("damaged: ") and "configuration profiles" in left


def test_an_app_that_is_not_on_the_phone_is_no_failure(backup: Path, base: KnowledgeBase) -> None:
    domain = "AppDomain-com.google.chrome.ios"
    (backup / stored(domain, "Library/Application Support/Google/Chrome/Default/History")).unlink()
    change(backup, "Manifest.db", ("DELETE FROM Files WHERE domain = ?", (domain,)))
    exam = examine(backup, "backup", base)
    left = {one.part: one.why for one in exam if isinstance(one, NotChecked)}
    assert left["Chrome history"].startswith("absent: ") and exam.summary().failed == 0


def test_6_a_message_without_handle_is_read(backup: Path, base: KnowledgeBase) -> None:
    change(
        backup,
        SMS,
        ("INSERT INTO message (guid, text, handle_id, date) VALUES ('x', 'see tzsafe.com/a', 0, 1)", ()),
    )
    found, _ = results(backup, base)
    assert [(one.code, one.seen) for one in found] == [("spyware-link-received", "tzsafe.com/a")]


def test_7_a_message_that_stands_only_in_its_archived_body_is_read(backup: Path, base: KnowledgeBase) -> None:
    from amparo.identify.spyware.specimens.ios import typedstream

    for text in ("short tzsafe.com/a", "long " * 100 + "https://tzsafe.com/b"):
        change(
            backup,
            SMS,
            ("INSERT INTO message (guid, date, attributedBody) VALUES (?, 1, ?)", (text, typedstream(text))),
        )
        assert attributed(typedstream(text)) == text
    found, _ = results(backup, base)
    assert [one.seen for one in found] == ["tzsafe.com/a", "https://tzsafe.com/b"]
    for broken in (
        b"",
        b"NSString",
        b"NSString+",
        b"xxNSString\x01\x94\x84\x01+\x82\xff",
        b"NSString" + b"\xff" * 50,
    ):
        assert isinstance(attributed(broken), str)


def test_only_the_matching_link_is_kept_not_the_message(backup: Path, base: KnowledgeBase) -> None:
    secret = "the meeting is at the house of"
    change(
        backup,
        SMS,
        ("INSERT INTO message (guid, text, date) VALUES ('x', ?, 1)", (f"{secret} tzsafe.com/a",)),
    )
    assert secret not in repr(list(examine(backup, "backup", base)))


def test_times_are_in_utc_whatever_the_unit(backup: Path, base: KnowledgeBase) -> None:
    for guid, date in (("s", 700_000_000), ("ns", 700_000_000_000_000_000)):
        change(
            backup,
            SMS,
            ("INSERT INTO message (guid, text, date) VALUES (?, 'tzsafe.com/a', ?)", (guid, date)),
        )
    found, _ = results(backup, base)
    # 700,000,000 s after 2001-01-01 00:00 UTC, by the calendar: 2023-03-08 20:26:40.
    assert {one.when.at.isoformat() for one in found if one.when} == {"2023-03-08T20:26:40+00:00"}  # type: ignore[union-attr]


@pytest.mark.parametrize("date", ["soon", -5, 1e400, 2**62, None, b"x", float("nan")])
def test_nonsense_times_become_no_time(backup: Path, base: KnowledgeBase, date: object) -> None:
    change(backup, SMS, ("INSERT INTO message (guid, text, date) VALUES ('x', 'tzsafe.com/a', ?)", (date,)))
    found, left = results(backup, base)
    assert [one.when for one in found] == [None] and "messages" not in left


def test_deleted_rows_are_one_remark_and_orphans_weigh_more(backup: Path, base: KnowledgeBase) -> None:
    usage = stored("WirelessDomain", "Library/Databases/DataUsage.sqlite")
    change(backup, usage, ("DELETE FROM ZPROCESS WHERE Z_PK IN (5, 6, 9)", ()),
           ("DELETE FROM ZLIVEUSAGE WHERE ZHASPROCESS IN (5, 6)", ()))  # fmt: skip
    found, _ = results(backup, base)
    assert [(one.code, one.level.value) for one in found] == [
        ("process-row-missing", "high"), ("process-row-deleted", "low"),
    ]  # fmt: skip
    assert "5, 6" in found[1].says and "9" not in found[1].says


def test_a_gap_of_a_billion_numbers_takes_no_time(backup: Path, base: KnowledgeBase) -> None:
    usage = stored("WirelessDomain", "Library/Databases/DataUsage.sqlite")
    change(backup, usage, ("INSERT INTO ZPROCESS (Z_PK, ZPROCNAME) VALUES (9000000000, 'x')", ()))
    found, _ = results(backup, base)
    assert [one.code for one in found] == ["process-row-deleted"]


def test_a_safari_profile_has_its_own_history(backup: Path, base: KnowledgeBase) -> None:
    domain, path = "AppDomain-com.apple.mobilesafari", "Library/Safari/Profiles/0A-1/History.db"
    name = stored(domain, path)
    (backup / name).parent.mkdir(exist_ok=True)
    (backup / name).write_bytes((backup / stored("HomeDomain", "Library/Safari/History.db")).read_bytes())
    change(backup, name, ("UPDATE history_items SET url = 'https://tzsafe.com/' WHERE id = 2", ()))
    change(backup, "Manifest.db", ("INSERT INTO Files VALUES (?, ?, ?, 1, NULL)", (name[3:], domain, path)))
    found, _ = results(backup, base)
    assert [(one.code, one.where.artefact) for one in found] == [
        ("spyware-site-contacted", f"{domain}/{path}")
    ]


def test_a_log_beside_a_database_is_read(backup: Path, base: KnowledgeBase, tmp_path: Path) -> None:
    work = tmp_path / "sms.db"
    work.write_bytes((backup / SMS).read_bytes())
    connection = sqlite3.connect(work)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("INSERT INTO message (guid, text, date) VALUES ('x', 'tzsafe.com/wal', 1)")
    connection.commit()
    log = backup / stored("HomeDomain", "Library/SMS/sms.db-wal")
    log.parent.mkdir(exist_ok=True)
    log.write_bytes((tmp_path / "sms.db-wal").read_bytes())
    (backup / SMS).write_bytes(work.read_bytes())
    connection.close()
    found, _ = results(backup, base)
    assert [one.seen for one in found] == ["tzsafe.com/wal"]


@pytest.mark.parametrize(
    "data", [b"", b"bplist00" + b"\xff" * 40, b"<plist><dict>", b"\x00" * 100, b"<?xml " + b"<dict>" * 9000]
)
def test_broken_property_lists_are_told(backup: Path, base: KnowledgeBase, data: bytes) -> None:
    (backup / stored("RootDomain", "Library/Caches/locationd/clients.plist")).write_bytes(data)
    (backup / "Info.plist").write_bytes(data)
    _, left = results(backup, base)
    assert left["location users"].startswith("damaged: ") and left["apps"].startswith("damaged: ")


@pytest.mark.parametrize(
    "value", [[], 5, {"Applications": 5}, {"Applications": {"x": 5, "y": {"iTunesMetadata": b"?"}}}, "x"]
)
def test_property_lists_of_another_shape_break_nothing(
    backup: Path, base: KnowledgeBase, value: object
) -> None:
    (backup / "Info.plist").write_bytes(plistlib.dumps(value))  # type: ignore[arg-type]
    for path in ("com.apple.identityservices.idstatuscache", "com.apple.osanalytics.addaily"):
        (backup / stored("HomeDomain", f"Library/Preferences/{path}.plist")).write_bytes(
            plistlib.dumps(value)
        )  # type: ignore[arg-type]
    found, left = results(backup, base)
    assert not found and {"analytics"} <= set(left)


def test_shortened_links_are_one_remark_and_are_not_opened(backup: Path, base: KnowledgeBase) -> None:
    for number in range(30):
        text = f"look https://bit.ly/a{number}"
        change(backup, SMS, ("INSERT INTO message (guid, text, date) VALUES (?, ?, 1)", (text, text)))
    found, _ = results(backup, base)
    assert [(one.code, one.level.value) for one in found] == [("hidden-destination", "info")]
    assert "30 links" in found[0].says and "bit.ly" in found[0].says


def test_the_same_indicator_in_very_many_rows_is_counted(backup: Path, base: KnowledgeBase) -> None:
    rows = [(f"g{n}", "tzsafe.com/a") for n in range(1000)]
    connection = sqlite3.connect(backup / SMS)
    connection.executemany("INSERT INTO message (guid, text, date) VALUES (?, ?, 1)", rows)
    connection.commit()
    found, left = results(backup, base)
    assert len(found) == 200 and any(why.startswith("800 further rows") for why in left.values())


def test_watchware_is_told_in_other_words(backup: Path, base: KnowledgeBase) -> None:
    names = sorted(hits[0].value for hits in base.tables["app"].values() if hits[0].nature == "watchware")
    (backup / "Info.plist").write_bytes(
        plistlib.dumps({"Installed Applications": [names[0]], "Applications": {}})
    )
    found, _ = results(backup, base)
    assert found[0].code == "watchware-app-installed" and found[0].level.value == "medium"
    assert "supervise" in found[0].says and "secret" not in found[0].says


@pytest.mark.parametrize(("to", "source"), [(2, None), (None, 1), (2, 1)])
@pytest.mark.parametrize(
    ("first", "second", "gap", "found"),
    [
        ("http://plain.example.org/", "https://odd.example.com/x", 0.3, True),
        ("http://plain.example.org/", "https://odd.example.com/x", 1.2, False),
        ("https://plain.example.org/", "https://odd.example.com/x", 0.3, False),
        ("http://plain.example.org/", "https://www.example.org/x", 0.3, False),
        ("http://bit.ly/x", "https://odd.example.com/x", 0.3, False),
    ],
)
def test_injected_redirects(
    backup: Path,
    base: KnowledgeBase,
    to: int | None,
    source: int | None,
    first: str,
    second: str,
    gap: float,
    found: bool,
) -> None:
    change(backup, stored("HomeDomain", "Library/Safari/History.db"),
           ("DELETE FROM history_visits", ()), ("DELETE FROM history_items", ()),
           ("INSERT INTO history_items VALUES (1, ?, '', 1)", (first,)),
           ("INSERT INTO history_items VALUES (2, ?, '', 1)", (second,)),
           ("INSERT INTO history_visits VALUES (1, 1, 7e8, '', NULL, ?)", (to,)),
           ("INSERT INTO history_visits VALUES (2, 2, ?, '', ?, NULL)", (7e8 + gap, source)))  # fmt: skip
    seen, _ = results(backup, base)
    assert [one.code for one in seen] == ["injected-redirect"] * found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("example.org", "www.example.org", True), ("m.example.org", "example.org", True),
     ("a.example.co.uk", "b.example.co.uk", True), ("example.com", "example.de", True),
     ("a.example.com", "b.example.de", False),
     ("a.example.com", "b.example.com", True),
     ("example.org", "other.org", False), ("a.co.uk", "b.co.uk", False), ("192.0.2.1", "192.0.2.2", False)],
)  # fmt: skip
def test_same_site(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same


def test_storage_names() -> None:
    assert "evil.example" in set(
        storage_hosts("Library/WebKit/LocalStorage/https_evil.example_0.localstorage")
    )
    assert "evil.example" in set(storage_hosts("x/https_evil.example_0/IndexedDB"))


def test_two_backups_in_one_zip_are_both_examined(base: KnowledgeBase) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for folder in ("one/00008030-A", "two"):
            with zipfile.ZipFile(io.BytesIO(specimens.demo_ios())) as inner:
                for name in inner.namelist():
                    archive.writestr(f"{folder}/{name}", inner.read(name))
    assert len([one for one in examine(file, "x", base) if isinstance(one, Finding)]) == 8
