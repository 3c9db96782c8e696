"""Signing in: two steps, one cost, no code twice, nobody locked out, sessions that end."""

import time

import pytest

from amparo import seal
from amparo.desk import accounts, configuration, demo_links, people, throttle
from amparo.desk.errors import DeskError, Expired, NotAllowedHere
from amparo.desk.records import SessionRow, Staff
from amparo.desk.sessions import SessionStore
from tests.desk import people as made


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "LONGEST", 0.0)


def first_step(login: str = "lead-login-name", password: str = made.PASSWORD) -> SessionStore:
    one = made.session()
    accounts.login_password(session=one, login=login, password=password)
    return made.again(one)


def next_code(desk: made.Desk, name: str = "Heron") -> str:
    """A code of the coming half minute: this one's was used to sign in before."""
    return made.code_of(desk.factors[name].secret, ahead=30)


def test_between_the_steps_nothing_is_open(desk: made.Desk) -> None:
    session = first_step()
    assert accounts.open_staff(session) is None
    pending = accounts.pending_of(session)
    assert pending is not None and not pending.needs_set_up
    held = str(dict(session.items()))
    assert "keys" not in held
    staff = accounts.login_totp(session=session, code=next_code(desk))
    assert staff.id == desk.lead.id and staff.role == "lead"
    assert accounts.open_staff(made.again(session)) == staff


def test_a_code_works_once(desk: made.Desk) -> None:
    code = next_code(desk)
    accounts.login_totp(session=first_step(), code=code)
    with pytest.raises(accounts.WrongCode):
        accounts.login_totp(session=first_step(), code=code)


def test_a_recovery_code_works_once(desk: made.Desk) -> None:
    code = desk.founded.set_up.recovery_codes[3]
    accounts.login_recovery_code(session=first_step(), code=code.upper().replace("-", " "))
    with pytest.raises(accounts.WrongCode):
        accounts.login_recovery_code(session=first_step(), code=code)
    accounts.login_recovery_code(session=first_step(), code=desk.founded.set_up.recovery_codes[4])


def test_after_ten_wrong_codes_the_password_is_asked_again(desk: made.Desk) -> None:
    session = first_step()
    for _ in range(9):
        with pytest.raises(accounts.WrongCode):
            accounts.login_totp(session=session, code="000000")
    with pytest.raises(Expired):
        accounts.login_totp(session=session, code="000000")
    assert accounts.pending_of(session) is None
    accounts.login_totp(session=first_step(), code=next_code(desk))  # nobody is locked out


def test_unknown_name_and_wrong_password_are_told_alike(desk: made.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, int, int]] = []
    real = seal.derive_staff

    def counted(password: str, params: seal.KdfParameters) -> seal.StaffRoot:
        calls.append((params.t, params.m_kib, params.p))
        return real(password, params)

    monkeypatch.setattr(seal, "derive_staff", counted)
    told = []
    for login, password in (("nobody here", made.PASSWORD), ("lead-login-name", "wrong wrong wrong wrong wrong")):
        with pytest.raises(accounts.WrongLogin) as caught:
            accounts.login_password(session=made.session(), login=login, password=password)
        told.append((caught.value.says, caught.value.advice, caught.value.code))
    assert told[0] == told[1]
    assert len(calls) == 2 and calls[0] == calls[1]


def test_the_login_name_stands_nowhere(desk: made.Desk) -> None:
    row = Staff.objects.get(id=desk.lead.id)
    assert row.login is not None and len(bytes(row.login)) == 32
    accounts.login_password(session=made.session(), login="  LEAD-Login-Name ", password=made.PASSWORD)


def test_an_invitation_is_good_once(desk: made.Desk) -> None:
    secret = accounts.invite(lead=desk.lead, pseudonym="Crane", role="handler")
    assert accounts.invitation_good(secret)
    accounts.accept_invitation(secret=secret, login="crane", password=made.PASSWORD)
    assert not accounts.invitation_good(secret)
    with pytest.raises(Expired):
        accounts.accept_invitation(secret=secret, login="crane2", password=made.PASSWORD)


def test_a_handler_may_not_invite_or_sign(desk: made.Desk) -> None:
    with pytest.raises(NotAllowedHere):
        accounts.invite(lead=desk.team["Wren"], pseudonym="Crane", role="lead")
    with pytest.raises(NotAllowedHere):
        people.sign_colleague(lead=desk.team["Wren"], staff_id=desk.lead.id, fingerprint="")


def test_a_lead_signs_only_the_key_that_was_compared(desk: made.Desk) -> None:
    staff = made.join(desk, "Crane", sign=False)
    with pytest.raises(people.FingerprintDiffers):
        people.sign_colleague(lead=desk.lead, staff_id=staff.id, fingerprint="1 2 3")


def test_a_new_password_keeps_the_keys_and_ends_other_sessions(desk: made.Desk) -> None:
    other = first_step()
    accounts.login_totp(session=other, code=next_code(desk))
    other = made.again(other)
    accounts.change_password(
        session=desk.lead_session, staff=desk.lead, old=made.PASSWORD, new="eight other words that nobody would guess"
    )
    assert accounts.open_staff(made.again(other)) is None
    mine = accounts.open_staff(made.again(desk.lead_session))
    assert mine is not None and mine.keys == desk.lead.keys
    with pytest.raises(accounts.WrongLogin):
        first_step()
    session = first_step(password="eight other words that nobody would guess")
    opened = accounts.login_recovery_code(session=session, code=desk.founded.set_up.recovery_codes[0])
    assert opened.keys == desk.lead.keys


def test_weak_passwords_are_refused(desk: made.Desk) -> None:
    secret = accounts.invite(lead=desk.lead, pseudonym="Crane", role="handler")
    with pytest.raises(seal.WeakPassword):
        accounts.accept_invitation(secret=secret, login="crane", password="short")
    assert accounts.invitation_good(secret)


def test_logging_out_deletes_the_row(desk: made.Desk) -> None:
    before = SessionRow.objects.count()
    key = desk.lead_session.session_key
    accounts.logout(desk.lead_session)
    assert SessionRow.objects.count() == before - 1
    assert accounts.open_staff(SessionStore(key)) is None


def test_the_old_cookie_opens_nothing_after_signing_in(desk: made.Desk) -> None:
    session = first_step()
    before = session.session_key
    accounts.login_totp(session=session, code=next_code(desk))
    session.save()
    assert session.session_key != before
    assert SessionStore(before).load() == {}


def test_a_lost_password_means_a_new_key_and_the_same_cases(desk: made.Desk) -> None:
    from amparo.desk import queue, reading

    made.report("Something happened.")
    wren = desk.team["Wren"]
    case = queue.load(wren).rows[0].case
    secret = people.reset_account(lead=desk.lead, staff_id=wren.id)
    assert accounts.invitation_good(secret)
    accounts.accept_invitation(secret=secret, login="wren again", password=made.PASSWORD)
    session = first_step("wren again")
    set_up = accounts.begin_second_factor(session=session)
    assert accounts.begin_second_factor(session=made.again(session)) == set_up  # a reload shows the same
    fresh = accounts.finish_second_factor(session=session, code=made.code_of(set_up.secret))
    assert fresh.keys != wren.keys and fresh.role == "unsigned"
    with pytest.raises(seal.SealError):
        reading.case_page(fresh, case)
    given = people.sign_colleague(lead=desk.lead, staff_id=wren.id, fingerprint=people.own_fingerprint(fresh))
    assert given == 1
    opened = accounts.open_staff(made.again(session))
    assert opened is not None and opened.role == "handler"
    assert reading.case_page(opened, case).case == case


def test_demo_links_work_once_and_only_in_a_demonstration(desk: made.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotAllowedHere):
        demo_links.make(staff=desk.team["Wren"])
    monkeypatch.setattr(configuration, "current", lambda: configuration.Configuration(demo=True))
    secret = demo_links.make(staff=desk.team["Wren"])
    assert demo_links.left() == 1 and demo_links.good(secret)
    staff = demo_links.use(session=made.session(), secret=secret)
    assert staff.id == desk.team["Wren"].id and demo_links.left() == 0
    with pytest.raises(Expired):
        demo_links.use(session=made.session(), secret=secret)


def test_a_desk_is_founded_once(desk: made.Desk) -> None:
    with pytest.raises(DeskError, match="founded already"):
        accounts.found_desk(pseudonym="Second", login="second", password=made.PASSWORD)


def test_freshness_of_a_password(desk: made.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    session = made.again(desk.lead_session)
    assert accounts.is_fresh(session)
    held = dict(session["staff"])
    session["staff"] = {**held, "fresh": time.time() - 3600}
    assert not accounts.is_fresh(session)
    with pytest.raises(accounts.WrongLogin):
        accounts.confirm_password(session=session, staff=desk.lead, password="no")
    accounts.confirm_password(session=session, staff=desk.lead, password=made.PASSWORD)
    assert accounts.is_fresh(session)
