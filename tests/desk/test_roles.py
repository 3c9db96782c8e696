"""Optional roles: named in desk.toml or not there; switched off later, their people keep nothing but the account."""

import pytest

from amparo.desk import accounts, configuration, policy
from amparo.desk.errors import DeskError, NotAllowedHere
from amparo.desk.sessions import SessionStore
from tests.desk import people


@pytest.mark.parametrize(("line", "says"), [
    ("roles = ['auditor', 'king']", "king"), ("roles = ['lead']", "lead"), ("roles = ['unsigned']", "unsigned"),
    ("roles = 'auditor'", "roles"), ("roles = ['']", "roles may be"),
])
def test_a_wrong_role_in_the_configuration_is_told_plainly(line: str, says: str) -> None:
    with pytest.raises(configuration.BadConfiguration) as caught:
        configuration.parse(line.encode())
    assert says in caught.value.says and caught.value.advice


def test_every_optional_role_may_be_switched_on() -> None:
    assert configuration.parse(f"roles = {list(policy.OPTIONAL_ROLES)!r}".encode()).roles == policy.OPTIONAL_ROLES
    assert policy.given(()) == ("handler", "lead")
    assert set(policy.given(policy.OPTIONAL_ROLES)) | set(policy.STANDINGS) == set(policy.ROLES)


def test_a_role_that_is_not_used_is_given_to_nobody(desk: people.Desk) -> None:
    people.use_roles("auditor")
    for role in ("intake", "evidence", "analyst", "admin", "outside", *policy.STANDINGS, "king"):
        with pytest.raises(DeskError) as caught:
            accounts.invite(lead=desk.lead, pseudonym=f"Owl {role}", role=role)
        assert caught.value.code == "role"
    assert accounts.invite(lead=desk.lead, pseudonym="Owl", role="auditor")


def test_a_role_switched_off_leaves_the_account_and_nothing_else(desk: people.Desk) -> None:
    people.join(desk, "Owl", role="admin")
    one = people.session()
    accounts.login_password(session=one, login="login of Owl", password=people.PASSWORD)
    owl = accounts.login_recovery_code(session=one, code=desk.factors["Owl"].recovery_codes[0])
    one.save()
    assert owl.role == "admin" and policy.may(owl.role, "none", "people.see")
    people.use_roles("auditor")
    stays = accounts.open_staff(SessionStore(one.session_key))
    assert stays is not None and stays.role == "switched-off"
    for relation in policy.RELATIONS:
        assert {a for a in policy.ACTIONS if policy.may(stays.role, relation, a)} == {"own.account", "own.password"}
    with pytest.raises(NotAllowedHere):
        accounts.invite(lead=stays, pseudonym="Finch", role="handler")
    people.use_roles("admin")
    again = accounts.open_staff(SessionStore(one.session_key))
    assert again is not None and again.role == "admin"


def test_handlers_and_leads_are_there_whatever_the_file_says(desk: people.Desk) -> None:
    people.use_roles()
    opened = accounts.open_staff(SessionStore(desk.lead_session.session_key))
    assert opened is not None and opened.role == "lead"
