"""Detectors are pure: no network, no clock, no writing, no state between exams; every finding carries its limits."""

import io
import os
import sys
import time
from pathlib import Path

import pytest

from amparo.identify import Detector, detectors, examine
from amparo.identify.detectors import NoSuchDetector, chosen
from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.spyware import specimens
from amparo.identify.spyware.oddities import ODD
from amparo.identify.spyware.phrases import KNOWN
from amparo.words.findings import Finding

# Every event of the interpreter by which something could leave or be left behind.
_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "urllib.",
              "http.", "ftplib.", "tempfile.", "os.mkdir", "os.remove", "os.rename", "shutil.")  # fmt: skip
_watched: list[str] = []
_watching = False


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not _watching:
        return
    if event.startswith(_FORBIDDEN):
        _watched.append(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        _watched.append(f"open {arguments[1]}")


sys.addaudithook(_hook)


def phones(base: KnowledgeBase) -> list[bytes]:
    made = []
    for choose, make in (
        (specimens.ios_plants, specimens.make_ios_backup),
        (specimens.android_plants, specimens.make_androidqf),
    ):
        file = io.BytesIO()
        make(file, choose(base, 1), 1)
        made.append(file.getvalue())
    return made


def test_no_socket_no_process_no_file_is_written(base: KnowledgeBase, tmp_path: Path) -> None:
    global _watching
    plants = specimens.ios_plants(base)
    specimens.make_ios_backup(tmp_path / "folder", plants)
    sources: list[Path | io.BytesIO] = [io.BytesIO(data) for data in phones(base)]
    sources += [tmp_path / "folder", io.BytesIO(b"nonsense")]
    _watched.clear()
    _watching = True
    try:
        for source in sources:
            list(examine(source, "x", base))
        seen = list(_watched)
    finally:
        _watching = False
    assert seen == []


def test_the_watch_would_notice(tmp_path: Path) -> None:
    global _watching
    _watched.clear()
    _watching = True
    try:
        (tmp_path / "x").write_text("x", "utf-8")
        os.system("true")
    finally:
        _watching = False
    assert _watched == ["open w", "os.system"]


def test_the_clock_and_the_zone_change_nothing(base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    data = phones(base)
    before = [list(examine(io.BytesIO(one), "x", base)) for one in data]
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    try:
        assert [list(examine(io.BytesIO(one), "x", base)) for one in data] == before
    finally:
        monkeypatch.undo()
        time.tzset()


def test_two_exams_at_once_do_not_meet(base: KnowledgeBase) -> None:
    one, two = (examine(io.BytesIO(data), "x", base) for data in phones(base))
    mixed: tuple[list[object], list[object]] = ([], [])
    for _ in range(500):
        for place, exam in enumerate((one, two)):
            result = next(exam, None)
            if result is not None:
                mixed[place].append(result)
    assert mixed[0] == list(examine(io.BytesIO(phones(base)[0]), "x", base))
    assert mixed[1] == list(examine(io.BytesIO(phones(base)[1]), "x", base))


def test_every_finding_says_where_what_and_what_it_does_not_mean(base: KnowledgeBase) -> None:
    for data in phones(base):
        for one in examine(io.BytesIO(data), "x", base):
            if isinstance(one, Finding):
                assert one.where.artefact and one.says and one.matters and one.does_not_say and one.seen
                assert one.knowledge and all(known.licence and known.collection for known in one.knowledge)
                assert "{" not in one.says + one.matters + one.does_not_say


def test_every_heuristic_names_its_false_alarms_and_its_rule() -> None:
    for phrase in ODD.values():
        assert phrase.rule and len(phrase.does_not_say) > 40, phrase.code
    for code in [*KNOWN, *ODD]:
        assert code == code.lower() and " " not in code


def test_every_detector_has_a_manifest_and_a_measure() -> None:
    found = detectors()
    assert "spyware" in found
    for name, detector in found.items():
        assert isinstance(detector, Detector) and detector.DETECTOR.name == name
        manifest = detector.DETECTOR
        assert (
            manifest.reads
            and manifest.can_show
            and manifest.cannot_show
            and manifest.cost
            and manifest.version
        )
        assert hasattr(detector, "self_check")


def test_an_unknown_detector_is_named_with_the_known_ones() -> None:
    with pytest.raises(NoSuchDetector) as refused:
        chosen("spyware2")
    assert "spyware" in refused.value.advice
