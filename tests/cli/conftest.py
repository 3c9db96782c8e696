"""A served desk for the tests of one file."""

import shutil
from collections.abc import Iterator

import pytest

from tests.cli.served import Served, private_memory


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    base = tmp_path_factory.mktemp("terminal")
    memory = private_memory(base)
    if memory is None:
        pytest.skip("this machine has no private memory to keep a session in")
    one = Served.make(base / "data", memory).start()
    yield one
    one.stop()
    shutil.rmtree(memory)
