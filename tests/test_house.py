"""The house keeps its own rules: size of files, names, docstrings, licences, imports, no addresses of registries."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent
SOURCE = HERE / "src" / "amparo"
LIMIT = 400
# Files that may be longer, each with its reason. Empty is best.
LONGER: dict[str, str] = {
    "tests/identify_blind/build.py": "written in one piece by someone who had not seen the matcher; fixed by a digest",
}
FORBIDDEN_NAMES = {"utils", "util", "common", "core", "helpers", "helper", "manager", "managers", "misc"}
# Put together here so that this file does not find itself.
REGISTRIES = [
    "".join(parts)
    for parts in (
        ("pypi", ".org"), ("python", "hosted.org"), ("npm", "js.org"), ("npm", "js.com"), ("crates", ".io"),
        ("deb.deb", "ian.org"), ("--index", "-url"), ("--extra-index", "-url"), ("--find", "-links"),
        ("ghcr", ".io"), ("docker", ".io"),
    )
]


def tracked() -> list[Path]:
    """Files under version control, and new ones that git does not ignore; without git, every file of the project."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=HERE, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        kept = (p for p in HERE.rglob("*") if not {".venv", ".git", "__pycache__"} & set(p.parts))
        return sorted(p for p in kept if p.is_file())
    paths = (HERE / name.decode() for name in listed.split(b"\0") if name)
    return sorted(p for p in paths if p.is_file())


FILES = tracked()
PYTHON = [p for p in FILES if p.suffix == ".py"]


def name(path: Path) -> str:
    return path.relative_to(HERE).as_posix()


def test_something_is_checked() -> None:
    assert len(PYTHON) > 30, "the list of files is empty: the other tests here would say nothing"


def test_no_address_of_a_registry_stands_in_any_file() -> None:
    found = []
    for path in FILES:
        text = path.read_bytes().decode("utf-8", "replace").lower()
        found += [f"{name(path)}: {word}" for word in REGISTRIES if word in text]
    assert found == []


@pytest.mark.parametrize("file", sorted(p.name for p in HERE.glob("requirements*.txt")))
def test_every_requirement_is_pinned_and_hashed(file: str) -> None:
    entries = re.split(r"\n(?=\S)", (HERE / file).read_text().strip())
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==\S+", entry, re.IGNORECASE), f"{file}: not pinned: {entry[:60]}"
        assert "--hash=sha256:" in entry, f"{file}: without a hash: {entry[:60]}"


def test_the_three_sets_agree_on_every_version() -> None:
    def versions(file: str) -> dict[str, str]:
        return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (HERE / file).read_text(), re.MULTILINE))

    runtime, dev = versions("requirements.txt"), versions("requirements-dev.txt")
    assert runtime.items() <= dev.items()
    assert set(versions("requirements-uv.txt")) == {"uv"}


def test_every_asked_for_part_was_compiled() -> None:
    for stem in ("requirements", "requirements-dev"):
        compiled = (HERE / f"{stem}.txt").read_text().lower().replace("_", "-")
        for line in (HERE / f"{stem}.in").read_text().splitlines():
            asked = re.match(r"[A-Za-z][A-Za-z0-9._-]*", line)
            if asked:
                part = asked.group().lower().replace("_", "-")
                assert re.search(rf"^{re.escape(part)}==", compiled, re.MULTILINE), f"{stem}.txt lacks {part}"


def test_files_are_short_enough_to_read_in_one_sitting() -> None:
    lengths = {name(p): len(p.read_text(encoding="utf-8").splitlines()) for p in PYTHON}
    too_long = {file: n for file, n in lengths.items() if n > LIMIT and file not in LONGER}
    assert too_long == {}
    unneeded = [file for file in LONGER if lengths.get(file, 0) <= LIMIT]
    assert unneeded == [], "these are short again: take them out of LONGER"


def test_every_room_says_what_enters_what_leaves_and_what_it_must_never_know() -> None:
    thin = []
    for path in sorted(SOURCE.rglob("__init__.py")):
        if "migrations" in path.parts:
            continue
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        if len(text.split()) < 12:
            thin.append(name(path))
    assert thin == []


@pytest.mark.parametrize("room", ["words", "seal", "gather", "identify", "mitigate", "share", "desk", "doors", "cli"])
def test_a_room_opens_with_a_paragraph_with_its_three_promises(room: str) -> None:
    text = ast.get_docstring(ast.parse((SOURCE / room / "__init__.py").read_text(encoding="utf-8"))) or ""
    words = text.lower()
    assert "enter" in words, f"{room}: what enters?"
    assert "leave" in words, f"{room}: what leaves?"
    assert "never" in words, f"{room}: what must it never know?"


def test_no_room_or_file_has_a_name_that_means_nothing() -> None:
    bad = [name(p) for p in FILES if FORBIDDEN_NAMES & {part.removesuffix(".py") for part in p.relative_to(HERE).parts}]
    assert bad == []


MARKERS = re.compile(r"\b(TODO|FIXME|XXX|HACK|STUB|TBD)\b|raise NotImplementedError|[Ll]orem ipsum")


def test_no_mark_of_unfinished_work_in_the_product() -> None:
    found = []
    for path in (p for p in FILES if p.is_relative_to(HERE / "src") and p.suffix in (".py", ".html", ".css", ".json")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if MARKERS.search(line):
                found.append(f"{name(path)}:{number}: {line.strip()[:80]}")
    assert found == []


def test_import_contracts_hold() -> None:
    tool = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([tool, "--no-cache"], cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_import_contracts_can_fail(tmp_path: Path) -> None:
    """Positive control: a copy in which `words` imports the desk is refused."""
    import shutil

    for kept in ("pyproject.toml", "src"):
        source = HERE / kept
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / kept)
    (tmp_path / "src/amparo/words/errors.py").open("a").write("\nimport amparo.desk\nimport socket\n")
    tool = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [tool, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path / "src")}
    )
    assert done.returncode == 1
    assert "Rooms: doors or cli -> desk -> libraries -> seal -> words BROKEN" in done.stdout
    assert "Libraries know no web framework, no HTTP and no socket BROKEN" in done.stdout


def test_help_of_the_terminal_loads_no_heavy_part() -> None:
    """`amparo --help` must answer at once: no web framework, no detector's imports."""
    code = (
        "import sys, json\nsys.argv = ['amparo', '--help']\nfrom amparo.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & {"django", "amparo.desk", "nacl", "cryptography", "PIL", "amparo.identify.spyware"}


def test_the_readme_has_the_two_commands_and_the_warning() -> None:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    assert "python3 run.py demo" in text
    assert "python3 run.py test" in text
    assert "Not audited. Do not use for real cases yet" in text
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (HERE / target).exists(), f"README points to {target}, which is not there"


@pytest.mark.parametrize("page", sorted(p.name for p in (HERE / "docs").glob("*.md")))
def test_documents_point_to_files_that_exist(page: str) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", (HERE / "docs" / page).read_text(encoding="utf-8")):
        assert (HERE / "docs" / target).exists(), f"docs/{page} points to {target}, which is not there"


def test_the_licence_is_apache_2() -> None:
    assert "Apache License" in (HERE / "LICENSE").read_text()
    assert 'license = "Apache-2.0"' in (HERE / "pyproject.toml").read_text()


def test_make_targets_only_call_run_py() -> None:
    recipes = [line.strip() for line in (HERE / "Makefile").read_text().splitlines() if line.startswith("\t")]
    assert len(recipes) >= 6
    assert all(line.startswith(("python3 run.py ", "@awk ")) for line in recipes)
    targets = re.findall(r"^([a-z]+):.*## ", (HERE / "Makefile").read_text(), re.MULTILINE)
    assert {"demo", "test", "setup", "lint", "access", "bench", "help"} <= set(targets)


def test_run_py_needs_only_the_standard_library() -> None:
    tree = ast.parse((HERE / "run.py").read_text())
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    } | {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= set(sys.stdlib_module_names)


def test_run_py_answers_a_wrong_command_in_one_sentence() -> None:
    done = subprocess.run([sys.executable, "run.py", "dmeo"], cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "demo, test, setup, bench, access, lint" in done.stderr


@pytest.mark.django_db
def test_migrations_hold_every_field_of_the_records() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "desk", check=True, dry_run=True, verbosity=0)
