"""Signing in and out by the machine door: two steps, the same throttle, the same sealed sessions as in a browser."""

import logging

import msgspec
from django.http import HttpRequest

from amparo.desk import accounts, bringing_back, configuration, demo_links, leaving, people
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError
from amparo.desk.sessions import SessionStore
from amparo.doors.machine import gate
from amparo.words.errors import AmparoError

log = logging.getLogger("amparo.doors")


class Password(msgspec.Struct):
    login: str
    password: str

    def __repr__(self) -> str:
        return "<Password>"


class Code(msgspec.Struct):
    code: str

    def __repr__(self) -> str:
        return "<Code>"


@gate.open_to_all
def password(request: HttpRequest, session: SessionStore) -> gate.Answer:
    """First step: {"session", "next": "code"}. The answer to an unknown name and to a wrong password is the same."""
    typed = gate.given(request, Password)
    pending = accounts.login_password(session=session, login=typed.login, password=typed.password)
    if pending.needs_set_up:
        accounts.logout(session)
        raise DeskError(
            "This account has no second factor yet.", code="set-up", advice="Sign in once in a browser to set it up."
        )
    return {"session": session.session_key, "next": "code"}


@gate.open_to_all
def code(request: HttpRequest, session: SessionStore) -> gate.Answer:
    """Second step: six digits, or a recovery code. The secret of the opened session is a new one."""
    typed = "".join(gate.given(request, Code).code.split())
    enter = accounts.login_totp if len(typed) == 6 and typed.isdigit() else accounts.login_recovery_code
    return _entered(session, enter(session=session, code=typed))


@gate.open_to_all
def demo(request: HttpRequest, session: SessionStore) -> gate.Answer:
    """In a demonstration only, instead of both steps: the one-time secret that it printed."""
    return _entered(session, demo_links.use(session=session, secret=gate.given(request, Code).code.strip()))


def _entered(session: SessionStore, staff: OpenStaff) -> gate.Answer:
    try:
        people.rekey_waiting(staff=staff)
        bringing_back.give_waiting(staff)
        leaving.go_on(staff)
    except AmparoError as error:
        log.warning("machine.rekey-waiting %s", error.code)
    desk = configuration.current()
    return {"session": session.session_key, "who": staff.pseudonym, "role": staff.role,
            "minutes": desk.staff_idle_minutes, "hours": desk.staff_hours}


@gate.open_to_all
def leave(request: HttpRequest, session: SessionStore) -> gate.Answer:
    """Ends the session; its row is deleted. Also for a session that has ended."""
    accounts.logout(session)
    return {"left": True}


@gate.page("own.account")
def who(request: HttpRequest, staff: OpenStaff) -> gate.Answer:
    """Whose session this is."""
    return {"who": staff.pseudonym, "role": staff.role}
