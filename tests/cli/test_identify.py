"""`amparo identify` and the program around it: shape of the JSON, exit status, weight, and what a terminal sees."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from amparo.identify.spyware import specimens

PROGRAM = [sys.executable, "-c", "from amparo.cli import main; main()"]


def amparo(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, timeout=120
    )


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("phones") / "backup.zip"
    place.write_bytes(specimens.demo_ios())
    return place


def test_json_has_the_published_shape(backup: Path) -> None:
    done = amparo("identify", backup, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and done.stderr == ""
    assert [line["type"] for line in lines] == ["finding"] * 4 + ["not-checked"] * 2 + ["summary"]
    finding = lines[0]
    assert {"type", "detector", "code", "level", "seen", "where", "says", "does_not_say", "knowledge"} <= set(
        finding
    )
    assert (
        isinstance(finding["where"], dict) and finding["where"]["artefact"] == "HomeDomain/Library/SMS/sms.db"
    )
    assert {"indicator", "collection", "maintainer", "licence", "digest"} <= set(finding["knowledge"])
    assert set(lines[4]) == {"type", "detector", "part", "why"}
    summary = lines[-1]
    assert summary["findings"] == 4 and summary["not_checked"] == 2
    assert {"indicators", "digest"} <= set(summary["knowledge"]) and summary["examined"]["rows"] > 500


def test_a_finding_in_two_collections_names_both_in_json(backup: Path) -> None:
    lines = [json.loads(line) for line in amparo("identify", backup, "--json").stdout.splitlines()]
    ran = next(line for line in lines if line["code"] == "spyware-process-ran")
    assert len(ran["knowledge"]["collections"]) == 2 and len(ran["knowledge"]["also"]) == 1


@pytest.mark.parametrize("heavy", ["django", "sqlite3", "yaml", "nacl", "cryptography", "argon2", "rich.progress",
                                   "amparo.identify", "amparo.desk.settings", "duckdb", "PIL"])  # fmt: skip
def test_help_loads_nothing_heavy(heavy: str) -> None:
    code = (
        "import sys\nfrom amparo.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"sys.exit({heavy!r} in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0 and "identify" in done.stdout


def test_several_paths_have_a_block_each(backup: Path, tmp_path: Path) -> None:
    clean = tmp_path / "clean.zip"
    clean.write_bytes(specimens.demo_clean())
    _, first, second = amparo("identify", backup, clean).stdout.split("== ", 2)
    assert first.startswith(str(backup)) and "4 findings" in first and "No known trace" not in first
    assert second.startswith(str(clean)) and "No known trace found" in second and "4 findings" not in second
    assert "== " not in amparo("identify", backup).stdout


def test_the_version() -> None:
    from amparo import __version__

    assert amparo("--version").stdout.strip() == f"amparo {__version__}"


def test_help_is_no_error_and_no_command_is() -> None:
    assert amparo("--help").returncode == 0 and amparo("identify", "--help").returncode == 0
    nothing = amparo()
    assert nothing.returncode == 2 and "Usage" in nothing.stderr


def test_names_in_evidence_cannot_move_the_cursor(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("../\x1b[2J\u202e\x9b31m.zip", "x")
        with zipfile.ZipFile(io.BytesIO(specimens.demo_ios())) as phone:
            for name in phone.namelist():
                archive.writestr(name, phone.read(name))
    for more in ((), ("--json",)):
        done = amparo("identify", tmp_path / "x.zip", *more)
        assert "u001b" in done.stdout and not {"\x1b", "\x9b", "\u202e"} & set(done.stdout + done.stderr)
        assert done.returncode == 3


def test_a_path_that_is_no_utf_8_is_examined(tmp_path: Path) -> None:
    place = os.fsencode(tmp_path) + b"/od\xffd.zip"
    with open(place, "wb") as stream:
        stream.write(specimens.demo_clean())
    done = subprocess.run([*map(os.fsencode, PROGRAM), b"identify", place], capture_output=True, timeout=120)
    assert done.returncode == 0 and b"not proof of absence" in done.stdout


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    place = tmp_path / "x.zip"
    place.write_bytes(b"x")
    place.chmod(0)
    if os.access(place, os.R_OK):
        pytest.skip("this account reads everything")
    assert amparo("identify", place).returncode == 4


def test_no_progress_in_a_pipe_and_some_on_a_terminal(backup: Path) -> None:
    import pty

    assert amparo("identify", backup).stderr == ""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*PROGRAM, "identify", str(backup)], stdout=theirs, stderr=theirs,
                               env={**os.environ, "TERM": "xterm"})  # fmt: skip
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    assert process.wait(60) == 0 and b"Read" in seen and b"not proof" in seen


def test_a_reader_that_leaves_early_is_no_traceback(backup: Path) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "identify", str(backup)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.wait(60)
    assert b"Traceback" not in errors


def test_a_broken_command_module_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import importlib

    from amparo import cli

    real = importlib.import_module

    def broken(name: str) -> object:
        if name == "amparo.cli.taxonomy":
            raise SyntaxError("broken")
        return real(name)

    monkeypatch.setattr(cli.importlib, "import_module", broken)
    cli._register()
    assert "amparo.cli.taxonomy could not be loaded" in capsys.readouterr().err
