"""A seeded desk for the tests of one file, in one transaction that is undone at its end."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from amparo import seal
from amparo.desk import site
from tests.doors import seeded


@pytest.fixture(scope="module")
def seeded_desk(django_db_setup: None, django_db_blocker: Any) -> Iterator[seeded.Desk]:
    """One colleague of each role, one examined case, an open session for everybody. Use with mark django_db."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(seal, "new_kdf", seeded.cheap_kdf)
        with transaction.atomic():
            yield seeded.found()
            transaction.set_rollback(True)
        seeded.forget()


@pytest.fixture(autouse=True)
def who_works_here() -> Iterator[None]:
    """The list of active colleagues lies in the site folder, which no rollback brings back."""
    path = site.folder() / "active"
    before = path.read_bytes() if path.exists() else None
    yield
    if before is not None and path.parent.exists():
        path.unlink(missing_ok=True)
        path.write_bytes(before)
