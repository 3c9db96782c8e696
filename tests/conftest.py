"""The ground every test stands on: a data folder of its own, and the account of what ran.

pytest-django would import the settings before any conftest is read, and the settings read AMPARO_DATA. So the
settings are named here, not in pyproject.toml, after a fresh folder exists: no test ever touches ./data.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest

from tests.coverage import outcomes

_TEMPORARY = Path(tempfile.mkdtemp(prefix="amparo-tests-"))
# The desk may point TMPDIR to a folder that refuses writes; pytest's own folders stay outside it.
os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_TEMPORARY)
os.environ["AMPARO_DATA"] = str(_TEMPORARY / "data")
(_TEMPORARY / "data").mkdir(mode=0o700)
os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.desk.settings"
django.setup()  # pytest-django sets Django up only where the settings were named before any conftest


_PLACES = ("TMPDIR", "SQLITE_TMPDIR")


@pytest.fixture(scope="module", autouse=True)
def _temporary_files_work_again() -> Iterator[None]:
    """A desk refuses temporary files for its whole process; the next module's tests are another process in spirit."""
    kept = {name: os.environ.get(name) for name in _PLACES}
    before = tempfile.tempdir
    yield
    tempfile.tempdir = before
    for name, value in kept.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def amparo_data() -> Path:
    """The data folder of this session (also in AMPARO_DATA); removed at the end."""
    return Path(os.environ["AMPARO_DATA"])


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's own folder."""
    return Path(__file__).resolve().parent.parent


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Processes that run tests side by side inherit this environment: named there, the settings would be read before
    each has a data folder of its own."""
    if session.config.getoption("numprocesses", None):
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    outcomes.note(report)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == 0 and outcomes.unkept(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in outcomes.unkept(config):
        terminalreporter.write_line(line, red=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    for folder, _, _ in os.walk(_TEMPORARY):
        Path(folder).chmod(0o700)  # some tests leave folders that refuse writes
    shutil.rmtree(_TEMPORARY, ignore_errors=True)
