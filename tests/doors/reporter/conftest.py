"""A founded desk with a data folder of its own, and a configuration that a test may change."""

import shutil
import tempfile
from collections.abc import Callable, Iterator

import pytest

from amparo import seal
from amparo.desk import configuration, founding, site
from tests.desk import people
from tests.doors.reporter.person import Person

FICTION = """
name = "Lantern desk"
legal_form = "association"
country = "QX"
hours = "Every day from 08:00 to 20:00 (UTC+3)."
hosts = ["testserver", "localhost"]
reserve = 0
[emergency]
en = "Ambulance 100 (fictional)."
ar = "الإسعاف 100 (رقم خيالي)."
"""
Configure = Callable[[str], None]


@pytest.fixture
def configure(settings: object) -> Iterator[Configure]:
    """Writes lines of desk.toml that come before the fiction's own; the last test's are gone."""
    path = configuration.data_folder() / "desk.toml"

    def write(lines: str = "") -> None:
        names = {line.split("=")[0].strip() for line in lines.splitlines() if "=" in line}
        kept = [line for line in FICTION.splitlines() if line.split("=")[0].strip() not in names]
        path.write_text(lines + "\n" + "\n".join(kept), encoding="utf-8")
        configuration._read.cache_clear()
        settings.ALLOWED_HOSTS = ["testserver", "localhost"]  # type: ignore[attr-defined]

    write()
    yield write
    path.unlink(missing_ok=True)
    configuration._read.cache_clear()


@pytest.fixture
def desk(transactional_db: None, configure: Configure, monkeypatch: pytest.MonkeyPatch) -> Iterator[people.Desk]:
    """A lead, Heron, and a handler, Wren."""
    real = seal.new_kdf
    monkeypatch.setattr(seal, "new_kdf", lambda: seal.KdfParameters(real().salt, 1, 64, 1))
    before = tempfile.tempdir
    for name in ("sealed", "site"):
        shutil.rmtree(configuration.data_folder() / name, ignore_errors=True)
    founding.prepare()
    tempfile.tempdir = before
    made = people.found()
    people.join(made, "Wren")
    yield made
    shutil.rmtree(site.sealed_folder(), ignore_errors=True)


@pytest.fixture
def person(desk: people.Desk) -> Person:
    """Somebody with a browser, in English."""
    return Person()
