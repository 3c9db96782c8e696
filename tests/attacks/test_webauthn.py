"""Attack: answers of a security key that are replayed, made for another page, taken from another account, or forged.

The attacker has the password and watches, replays or forges what a browser sends; or copies the key; or moves the
sealed second factor from one account's row into another's.
"""

import json
from typing import Any

import pytest

from amparo import seal
from amparo.desk import accounts, custody, profile, security_keys
from amparo.desk.errors import DeskError, Expired
from amparo.desk.records import Staff
from amparo.desk.sessions import SessionStore
from tests.desk import people
from tests.desk.conftest import cheap_passwords, desk, ground  # noqa: F401 - the desk of tests/desk
from tests.seal.software_key import ORIGIN, SoftwareKey, text

PLACE = seal.Place("desk.example", frozenset({ORIGIN}))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amparo.desk.throttle.pause", lambda *args, **kwargs: None)


def first_step(name: str = "Wren") -> SessionStore:
    one = people.session()
    accounts.login_password(session=one, login=f"login of {name}", password=people.PASSWORD)
    return people.again(one)


def with_key(made: people.Desk, key: SoftwareKey, name: str = "Wren", place: seal.Place = PLACE) -> None:
    """Sign in by a code, and add the key to the account."""
    one = first_step(name)
    codes = made.factors[name].recovery_codes
    staff = accounts.login_recovery_code(session=one, code=codes[0])
    one = people.again(one)
    options = security_keys.begin_adding(session=one, staff=staff, place=place)
    security_keys.add(session=one, staff=staff, place=place, password=people.PASSWORD, label="blue",
                      answer=key.create(options, origin=min(place.origins)))


def asked(one: SessionStore, place: seal.Place = PLACE) -> dict[str, Any]:
    options = security_keys.asked(session=one, place=place)
    assert options is not None
    return options


def test_the_honest_way_opens(desk: people.Desk) -> None:  # noqa: F811
    key = SoftwareKey()
    with_key(desk, key)
    one = first_step()
    staff = security_keys.login(session=one, place=PLACE, answer=key.get(asked(one)))
    assert staff.pseudonym == "Wren" and staff.role == "handler"
    assert accounts.open_staff(people.again(one)) is not None


def test_an_answer_replayed_opens_nothing(desk: people.Desk) -> None:  # noqa: F811
    """In another session, and in the same one after it was used."""
    key = SoftwareKey()
    with_key(desk, key)
    one = first_step()
    answer = key.get(asked(one))
    other = first_step()
    asked(other)
    with pytest.raises(seal.KeyRefused):
        security_keys.login(session=other, place=PLACE, answer=answer)
    with pytest.raises(seal.KeyRefused):  # its own challenge was taken out by the try before, right or wrong
        security_keys.login(session=other, place=PLACE, answer=key.get({"challenge": text(b"c" * 32)}))
    copy = SessionStore(one.session_key)  # the same cookie, in a second request that began at the same moment
    assert copy.get("security-key-asked")
    security_keys.login(session=one, place=PLACE, answer=answer)
    with pytest.raises((seal.KeyRefused, Expired)):
        security_keys.login(session=copy, place=PLACE, answer=answer)


FORGED = {
    "another origin": {"origin": "https://desk.example.evil.example"},
    "the same name without encryption": {"origin": "http://desk.example"},
    "another port": {"origin": "https://desk.example:8443"},
    "another name": {"name": "evil.example"},
    "another challenge": {"challenge": text(b"c" * 32)},
    "an answer for adding": {"kind": "webauthn.create"},
    "inside another page": {"cross": True},
    "nobody touched it": {"flags": 0x00},
    "a signature of nothing": {"signature": b""},
    "an id that is not in the account": {"id": b"z" * 32},
}


@pytest.mark.parametrize("how", list(FORGED))
def test_a_forged_answer_opens_nothing(desk: people.Desk, how: str) -> None:  # noqa: F811
    key = SoftwareKey()
    with_key(desk, key)
    one = first_step()
    with pytest.raises(seal.KeyRefused):
        security_keys.login(session=one, place=PLACE, answer=key.get(asked(one), **FORGED[how]))
    assert accounts.open_staff(people.again(one)) is None
    again = asked(one)  # honest, with a fresh challenge: the refusal was about the forgery
    assert security_keys.login(session=one, place=PLACE, answer=key.get(again)).pseudonym == "Wren"


def test_each_byte_of_what_is_signed_counts(desk: people.Desk) -> None:  # noqa: F811
    key = SoftwareKey()
    with_key(desk, key)
    for part in ("signature", "authenticatorData", "clientDataJSON"):
        one = first_step()
        told = json.loads(key.get(asked(one)))
        told["response"][part] = told["response"][part][:-6] + "AAAAAA"
        with pytest.raises(seal.KeyRefused):
            security_keys.login(session=one, place=PLACE, answer=json.dumps(told))


def test_the_key_of_another_account_opens_nothing(desk: people.Desk) -> None:  # noqa: F811
    mine, theirs = SoftwareKey(), SoftwareKey()
    with_key(desk, mine, "Wren")
    with_key(desk, theirs, "Swift")
    one = first_step("Wren")
    with pytest.raises(seal.KeyRefused):
        security_keys.login(session=one, place=PLACE, answer=theirs.get(asked(one)))
    with pytest.raises(seal.KeyRefused):  # under my key's id, too
        security_keys.login(session=one, place=PLACE, answer=theirs.get(asked(one), id=mine.id))


def test_a_copied_key_is_refused_and_told_in_the_log(desk: people.Desk) -> None:  # noqa: F811
    """The thief's copy stands where the real key stood before: its counter does not go up."""
    key = SoftwareKey()
    with_key(desk, key)
    copy = SoftwareKey(key.name, key.count, key.id, key.private)
    for _ in range(3):
        one = first_step()
        security_keys.login(session=one, place=PLACE, answer=key.get(asked(one)))
    one = first_step()
    with pytest.raises(seal.KeyCopied) as told:
        security_keys.login(session=one, place=PLACE, answer=copy.get(asked(one)))
    assert "tell a lead" in (told.value.advice or "")
    assert accounts.open_staff(people.again(one)) is None
    assert custody.lines(newest=1)[0].entry.action == "key-doubtful"
    one = first_step()  # the real key goes on
    assert security_keys.login(session=one, place=PLACE, answer=key.get(asked(one))).pseudonym == "Wren"


def test_a_second_factor_moved_into_another_row_opens_nothing(desk: people.Desk) -> None:  # noqa: F811
    """Who writes into the database puts a key of their own account into a colleague's row."""
    key = SoftwareKey()
    with_key(desk, key, "Swift")
    taken = Staff.objects.get(pseudonym="Swift").second_factor
    Staff.objects.filter(pseudonym="Wren").update(second_factor=taken)
    one = first_step("Wren")
    with pytest.raises(seal.Tampered):
        security_keys.asked(session=one, place=PLACE)
    with pytest.raises(seal.Tampered):
        security_keys.login(session=one, place=PLACE, answer=key.get({"challenge": text(b"c" * 32)}))


def test_guesses_end_with_the_password_asked_again(desk: people.Desk) -> None:  # noqa: F811
    with_key(desk, SoftwareKey())
    one = first_step()
    for _ in range(accounts.MOST_TRIES - 1):
        with pytest.raises(seal.KeyRefused):
            security_keys.login(session=one, place=PLACE, answer="{}")
    with pytest.raises(Expired):
        security_keys.login(session=one, place=PLACE, answer="{}")
    assert accounts.pending_of(one) is None


ADDED = {
    "another origin": {"origin": "https://evil.example"}, "another name": {"name": "evil.example"},
    "another challenge": {"challenge": text(b"c" * 32)}, "an answer of signing in": {"kind": "webauthn.get"},
    "a key that is no point of its curve": {"cose": {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32}},
    "an algorithm nobody offered": {"cose": {1: 2, 3: -65535, -1: b"n" * 256, -2: b"\x01\x00\x01"}},
}


@pytest.mark.parametrize("how", list(ADDED))
def test_a_forged_key_is_not_added(desk: people.Desk, how: str) -> None:  # noqa: F811
    wren, one = desk.team["Wren"], people.session()
    options = security_keys.begin_adding(session=one, staff=wren, place=PLACE)
    with pytest.raises(seal.KeyRefused):
        security_keys.add(session=one, staff=wren, place=PLACE, password=people.PASSWORD, label="blue",
                          answer=SoftwareKey().create(options, **ADDED[how]))
    assert profile.load(wren).security_keys == ()


def test_adding_and_removing_need_the_password_and_no_key_is_added_twice(desk: people.Desk) -> None:  # noqa: F811
    wren, one, key = desk.team["Wren"], people.session(), SoftwareKey()
    options = security_keys.begin_adding(session=one, staff=wren, place=PLACE)
    answer = key.create(options)
    more: dict[str, Any] = {"session": one, "staff": wren, "place": PLACE, "label": "blue"}
    with pytest.raises(accounts.WrongLogin):
        security_keys.add(password="not it at all, I am afraid", answer=answer, **more)
    security_keys.add(password=people.PASSWORD, answer=answer, **more)
    with pytest.raises(seal.KeyRefused):  # the challenge is gone
        security_keys.add(password=people.PASSWORD, answer=answer, **more)
    with pytest.raises(DeskError) as twice:
        again = security_keys.begin_adding(session=one, staff=wren, place=PLACE)
        security_keys.add(password=people.PASSWORD, answer=key.create(again), **more)
    assert twice.value.code == "keys"
    with pytest.raises(accounts.WrongLogin):
        security_keys.remove(staff=wren, password="not it at all, I am afraid", key=key.id.hex())
    assert [kept.label for kept in profile.load(wren).security_keys] == ["blue"]


def test_codes_stay_when_every_key_is_gone(desk: people.Desk) -> None:  # noqa: F811
    """Nobody can take the last way without scripts from themselves, nor can somebody at their open desk."""
    key = SoftwareKey()
    with_key(desk, key)
    wren = desk.team["Wren"]
    security_keys.remove(staff=wren, password=people.PASSWORD, key=key.id.hex())
    with pytest.raises(DeskError):
        security_keys.remove(staff=wren, password=people.PASSWORD, key=key.id.hex())
    one = first_step()
    assert security_keys.asked(session=one, place=PLACE) is None
    codes = desk.factors["Wren"].recovery_codes
    assert accounts.login_recovery_code(session=one, code=codes[1]).pseudonym == "Wren"


def test_keys_survive_a_new_password_and_not_new_keys_of_the_account(desk: people.Desk) -> None:  # noqa: F811
    from amparo.desk import people as desk_people

    key = SoftwareKey()
    with_key(desk, key)
    one = first_step()
    wren = security_keys.login(session=one, place=PLACE, answer=key.get(asked(one)))
    new = "nine other herons sleep under dark bridges"
    accounts.change_password(session=one, staff=wren, old=people.PASSWORD, new=new)
    again = people.session()
    accounts.login_password(session=again, login="login of Wren", password=new)
    assert asked(again)["allowCredentials"]
    desk_people.reset_account(lead=desk.lead, staff_id=wren.id)
    row = Staff.objects.get(id=wren.id)
    assert row.second_factor is None and row.profile is None


@pytest.mark.parametrize(("host", "works"), [
    ("desk.example", {"https://desk.example"}), ("desk.example:8443", {"https://desk.example:8443"}),
    ("localhost:8000", {"http://localhost:8000", "https://localhost:8000"}),
    ("abcdefgh.onion", {"http://abcdefgh.onion", "https://abcdefgh.onion"}),
    ("127.0.0.1:8000", None), ("[::1]:8000", None), ("192.0.2.7", None), ("", None),
])
def test_where_keys_work(ground: None, host: str, works: set[str] | None) -> None:  # noqa: F811
    place = security_keys.place_of(host)
    assert (set(place.origins) if place else None) == works
