"""The roles of this desk: who may do what, which ones are used here, and the first page of those who count."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from amparo.desk import configuration, policy
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import gate, labels, matrix


@gate.page("own.account")
def roles(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """The table of roles and actions, for everybody who works here: what a colleague can do is no secret."""
    if staff.role == policy.AWAY:  # but to whoever holds the password of somebody away, this desk is empty
        return gate.go("staff:rest")
    used = policy.given(configuration.current().roles)
    shown = [role for role in policy.ROLES if role not in policy.STANDINGS]
    places = [matrix.COLUMNS.index(role) for role in shown]
    return gate.show(request, "roles.html", {
        "roles": [{"label": labels.role(role), "used": role in used, "mine": role == staff.role} for role in shown],
        "rows": [{"does": _(matrix.does(action)), "cells": [_said(cells[place]) for place in places]}
                 for action, cells in matrix.table()],
    })


def _said(cell: str) -> str:
    return "–" if cell == matrix.NEVER else _(cell)


@gate.page("numbers.see")
def numbers(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """Where an analyst comes in. Numbers that are safe to show need more than counting; there are none yet."""
    return gate.show(request, "numbers.html")
