"""Before a border: what is said before the step that cannot be taken back alone."""


import pytest
from django.test import Client

from amparo.desk import directory, site
from amparo.desk.records import Staff
from tests.doors.seeded import Desk
from tests.doors.staff.pressing import shown

pytestmark = pytest.mark.django_db


def test_who_can_bring_me_back_is_said_before_i_leave(handler: Client, seeded_desk: Desk) -> None:
    page = shown(handler, "/staff/crossing/")
    leads = "lead excluded, lead granted, lead none"
    assert f"One of these leads brings you back: {leads}." in page and "the leads of this desk" in page
    for name in leads.split(", "):  # locked out, one after another
        row = Staff.objects.get(pseudonym=name)
        site.write_active(without=str(row.id), line=directory.active_line(row, "locked"))
        Staff.objects.filter(id=row.id).update(state="locked")
    page = shown(handler, "/staff/crossing/")
    assert "the leads of this desk" not in page
    assert "Two of these colleagues together bring you back: handler excluded, handler none" in page
    assert "No lead is at work at this desk." in page
