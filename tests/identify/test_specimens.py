"""The generated phones: real layouts, the same bytes each time, and nothing found on a clean one."""

import hashlib
import io
import plistlib
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from amparo.identify import device_evidence, examine
from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.spyware import specimens
from amparo.identify.spyware.specimens.measuring import is_found, measure
from amparo.words.findings import Finding, NotChecked

KINDS = [
    (specimens.ios_plants, specimens.make_ios_backup),
    (specimens.android_plants, specimens.make_androidqf),
]


def made(make: Callable[..., object], plants: tuple[specimens.Plant, ...], seed: int = 1) -> io.BytesIO:
    file = io.BytesIO()
    make(file, plants, seed)
    return file


@pytest.mark.parametrize(("choose", "make"), KINDS)
def test_the_same_seed_gives_the_same_bytes(base: KnowledgeBase, choose: object, make: object) -> None:
    one, two, other = (made(make, choose(base, seed), seed).getvalue() for seed in (1, 1, 2))  # type: ignore[operator, arg-type]
    assert one == two != other


def test_the_backup_has_the_layout_of_an_ios_backup(tmp_path: Path, base: KnowledgeBase) -> None:
    specimens.make_ios_backup(tmp_path, specimens.ios_plants(base))
    rows = (
        sqlite3.connect(tmp_path / "Manifest.db")
        .execute("SELECT fileID, domain, relativePath FROM Files")
        .fetchall()
    )
    for file_id, domain, path in rows:
        assert file_id == hashlib.sha1(f"{domain}-{path}".encode()).hexdigest()
    # The published example: sms.db lies under this name in every backup.
    assert (tmp_path / "3d" / "3d0d7e5fb2ce288813306e4d4636395e047a3d28").is_file()
    assert plistlib.loads((tmp_path / "Manifest.plist").read_bytes())["IsEncrypted"] is False


@pytest.mark.parametrize(("choose", "make"), KINDS)
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_every_plant_is_found_and_no_look_alike(
    base: KnowledgeBase, choose: object, make: object, seed: int
) -> None:
    plants = choose(base, seed)  # type: ignore[operator]
    findings = [one for one in examine(made(make, plants, seed), "x.zip", base) if isinstance(one, Finding)]  # type: ignore[arg-type]
    wrong = [plant for plant in plants if is_found(plant, findings) is not plant.found]
    assert not wrong


@pytest.mark.parametrize(("choose", "make"), KINDS)
def test_a_phone_with_look_alikes_only_gives_no_high_and_no_medium(
    base: KnowledgeBase, choose: object, make: object
) -> None:
    plants = specimens.clean(choose(base, 1))  # type: ignore[operator]
    findings = [one for one in examine(made(make, plants), "x.zip", base) if isinstance(one, Finding)]  # type: ignore[arg-type]
    assert not [one for one in findings if one.level.value in ("high", "medium")]


def test_folder_and_zip_give_the_same_findings(tmp_path: Path, base: KnowledgeBase) -> None:
    plants = specimens.ios_plants(base)
    specimens.make_ios_backup(tmp_path / "folder", plants)
    specimens.make_ios_backup(tmp_path / "one.zip", plants)
    assert list(examine(tmp_path / "folder", "x", base)) == list(examine(tmp_path / "one.zip", "x", base))


def test_the_demo_phones(base: KnowledgeBase) -> None:
    codes = {
        one.code for one in examine(io.BytesIO(specimens.demo_ios()), "x", base) if isinstance(one, Finding)
    }
    assert codes == {
        "spyware-link-received", "spyware-site-contacted", "spyware-process-ran", "apple-threat-notification",
    }  # fmt: skip
    android = [
        one for one in examine(io.BytesIO(specimens.demo_android()), "x", base) if isinstance(one, Finding)
    ]
    assert "stalkerware-app-installed" in {one.code for one in android}
    assert not [
        one for one in examine(io.BytesIO(specimens.demo_clean()), "x", base) if isinstance(one, Finding)
    ]


def test_a_phone_is_known_for_a_phone_also_inside_another_archive(base: KnowledgeBase) -> None:
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("from my phone/backup.zip", specimens.demo_ios())
    letter = io.BytesIO()
    with zipfile.ZipFile(letter, "w") as archive:
        archive.writestr("letter.txt", "hello")
    assert device_evidence(outer, "x") and device_evidence(io.BytesIO(specimens.demo_android()), "x")
    assert not device_evidence(letter, "x") and not device_evidence(io.BytesIO(b"text"), "x")
    found = [one for one in examine(outer, "x", base) if isinstance(one, Finding)]
    assert len(found) == 4


def test_the_measure_is_about_plants_and_look_alikes(base: KnowledgeBase) -> None:
    for check in measure(base):
        assert check.plants > 50 and check.lookalikes > 30
        assert (check.found, check.false) == (check.plants, 0)


def test_plants_that_are_not_planted_are_not_found(base: KnowledgeBase) -> None:
    """The measure itself can fail: the truth of one phone does not fit another."""
    plants = specimens.ios_plants(base, 1)
    findings = [
        one for one in examine(io.BytesIO(specimens.demo_clean()), "x", base) if isinstance(one, Finding)
    ]
    assert not any(is_found(plant, findings) for plant in plants if plant.found)
    assert [one for one in examine(io.BytesIO(b""), "x", base) if isinstance(one, NotChecked)]
