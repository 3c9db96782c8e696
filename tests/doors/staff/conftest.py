"""The colleague whom most pages of the desk are asked for."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from tests.doors.seeded import Desk


@pytest.fixture
def handler(seeded_desk: Desk) -> Iterator[Client]:
    """A handler who reads the seeded case; what is pressed is undone after the test."""
    with transaction.atomic():
        yield seeded_desk.client("handler:granted")
        transaction.set_rollback(True)
