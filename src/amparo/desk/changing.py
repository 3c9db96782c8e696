"""The frame of every change that staff make to a case: one transaction, the policy, the version that was shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction

from amparo.desk import opening, policy
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import ChangedMeanwhile
from amparo.desk.opening import OpenCase


@contextmanager
def change(staff: OpenStaff, case_id: UUID, action: str, version: int | None) -> Iterator[OpenCase]:
    """The opened case inside a transaction, once policy and version allow the change."""
    with transaction.atomic():
        opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
        policy.require(staff.role, "granted", action)
        if version is not None and opened.case.version != version:
            raise ChangedMeanwhile("A colleague or the reporter wrote to this case meanwhile.")
        yield opened


