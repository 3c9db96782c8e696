"""The ground of the desk's tests: a data folder made ready, a real database file in WAL mode, cheap passwords."""

import shutil
import tempfile
from collections.abc import Iterator

import pytest

from amparo import seal
from amparo.desk import configuration, founding, site
from tests.desk import people


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id at its least for made-up passwords; the real cost is measured in tests/seal."""
    real = seal.new_kdf

    def cheap() -> seal.KdfParameters:
        return seal.KdfParameters(real().salt, 1, 64, 1)

    monkeypatch.setattr(seal, "new_kdf", cheap)


@pytest.fixture
def ground(transactional_db: None) -> Iterator[None]:
    """Folders and secrets, and nothing left in them from the test before."""
    before = tempfile.tempdir
    for name in ("sealed", "site"):
        shutil.rmtree(configuration.data_folder() / name, ignore_errors=True)
    (configuration.data_folder() / "desk.toml").write_text("reserve = 1000000\n")  # tests read all bytes there are
    founding.prepare()
    tempfile.tempdir = before  # pytest's own folders stay usable
    yield
    shutil.rmtree(site.sealed_folder(), ignore_errors=True)


@pytest.fixture
def desk(ground: None) -> people.Desk:
    """A founded desk: a lead, Heron, and two handlers, Wren and Swift."""
    made = people.found()
    people.join(made, "Wren")
    people.join(made, "Swift")
    return made
