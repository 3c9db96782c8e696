"""run.py: what it does when the machine is not as it should be."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).resolve().parent.parent


@pytest.fixture
def run() -> ModuleType:
    spec = importlib.util.spec_from_file_location("amparo_run", HERE / "run.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("output", "sign"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "hash differs"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: invalid peer certificate: UnknownIssuer", "PIP_CERT="),
        ("Failed to establish a new connection: [Errno -2] Name or service not known", "needs the network"),
        ("ERROR: No matching distribution found for django==5.2.19", "needs the network"),
        ("something nobody foresaw\nlast words", "last words"),
        ("", "it said nothing"),
    ],
)
def test_each_failure_is_one_calm_paragraph_with_what_to_do(run: ModuleType, output: str, sign: str) -> None:
    told = run.explain(output)
    assert sign in told
    assert "Traceback" not in told


def test_uv_learns_of_the_certificates_that_pip_was_told(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("PIP_CERT", "/somewhere/ca.pem")
    assert run.environment()["SSL_CERT_FILE"] == "/somewhere/ca.pem"
    monkeypatch.setenv("SSL_CERT_FILE", "/own/choice.pem")
    assert run.environment()["SSL_CERT_FILE"] == "/own/choice.pem"
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.delenv("PIP_CERT")
    assert run.environment()["UV_SYSTEM_CERTS"] == "true"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("run.py", "requirements.txt", "requirements-dev.txt", "requirements-uv.txt", "pyproject.toml"):
        shutil.copy(HERE / name, tmp_path / name)
    return tmp_path


def call(where: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "run.py", *arguments], cwd=where, capture_output=True, text=True, timeout=120,
        env={"PATH": os.environ["PATH"], "HOME": str(where), **more},
    )


def test_without_a_network_it_says_so_and_leaves_no_stamp(copy: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    done = call(copy, "setup", HTTPS_PROXY=nowhere, HTTP_PROXY=nowhere, ALL_PROXY=nowhere, PIP_RETRIES="0",
                UV_HTTP_RETRIES="0", PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 1
    assert done.stderr.startswith("run.py: The packages could not be fetched")
    assert "Traceback" not in done.stdout + done.stderr
    assert not (copy / ".venv" / "amparo.stamp").exists()


def test_without_the_venv_module_it_names_the_package_to_install(copy: Path) -> None:
    (copy / "venv.py").write_text("raise ModuleNotFoundError(\"No module named 'venv'\")\n")
    done = call(copy, "setup")
    assert done.returncode == 1
    assert "python3-venv" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_is_told(copy: Path) -> None:
    (copy / ".venv").write_text("a file where the folder should be")
    done = call(copy, "setup")
    assert done.returncode == 1
    assert done.stderr.startswith("run.py: ")
    assert "Traceback" not in done.stderr


def test_a_python_that_is_too_old_is_told_first(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMPARO_RUN_AGAIN", "1")
    with pytest.raises(SystemExit, match=r"Amparo needs 3\.11 or newer"):
        run._older_python()


def test_the_first_lines_can_be_read_by_old_interpreters() -> None:
    """Up to the version check there must be no syntax younger than Python 3.0."""
    text = (HERE / "run.py").read_text()
    early = text[: text.index("if sys.version_info")]
    assert not re.search(r"\bf[\"']|:=|\bmatch\b.*:$|->|: \w+ = ", early.split('"""', 2)[2], re.MULTILINE)


def test_a_stamp_that_matches_means_no_work_and_another_means_work(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Began(Exception):
        pass

    def began(*_: object) -> None:
        raise Began

    monkeypatch.setattr(run, "make_venv", began)
    monkeypatch.setattr(run, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(run, "STAMP", tmp_path / "stamp")
    runtime, full = run.stamps()
    run.STAMP.write_text(f"{runtime}\n{full}\n")
    run.ready(dev=True)
    run.ready(dev=False)
    run.STAMP.write_text(f"{runtime}\n")
    run.ready(dev=False)
    with pytest.raises(Began):
        run.ready(dev=True)
    run.STAMP.write_text(runtime[:-1])
    with pytest.raises(Began):
        run.ready(dev=False)


def test_an_unknown_bench_lists_the_known_ones() -> None:
    done = call(HERE, "bench", "nonsense")
    assert done.returncode == 1
    assert done.stderr.startswith("run.py: Name one benchmark")
