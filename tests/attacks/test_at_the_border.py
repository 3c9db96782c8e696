"""Somebody in uniform has a colleague's password and second factor, and asks for everything. And copies of the disk."""

import re
import shutil
import sqlite3
import time
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from amparo import seal
from amparo.desk import (
    accounts,
    bringing_back,
    casework,
    directory,
    leaving,
    opening,
    people,
    policy,
    shredding,
)
from amparo.desk.records import Case, CaseEpoch, Grant, Item, Staff
from amparo.desk.sessions import SessionStore
from tests.desk import conftest as given
from tests.desk import people as made
from tests.doors.test_who_may import VIEWS

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk
STORY = "They asked the baker for my name."


def enter(desk: made.Desk, name: str, code: int = 0) -> Client:
    client = Client()
    assert client.post("/staff/in/", {"login": f"login of {name}", "password": made.PASSWORD}).status_code == 302
    client.post("/staff/in/code/", {"code": desk.factors[name].recovery_codes[code]})
    return client


@pytest.fixture
def away(desk: made.Desk) -> made.Desk:
    made.report(STORY)
    leaving.begin(staff=desk.team["Wren"])
    leaving.run(desk.team["Wren"])
    return desk


def test_the_account_signs_in_and_shows_an_ordinary_empty_desk(away: made.Desk) -> None:
    client = enter(away, "Wren")
    page = client.get("/staff/", follow=True)
    text = page.content.decode()
    assert page.status_code == 200 and "Nothing waits here" in text
    for word in ("Heron", "Swift", "away", "travel", "locked", "handed", "lead", "/case/", "/lock/"):
        assert word not in text, word


def test_no_address_of_the_door_gives_it_anything(away: made.Desk) -> None:
    client = enter(away, "Wren")
    case, item = Case.objects.get().id, Item.objects.all()[0].id
    samples = {"case": case, "item": item, "colleague": away.team["Swift"].id, "secret": "x"}
    own = {"staff:account", "staff:password", "staff:again", "staff:rest", "staff:sign-in", "staff:sign-out",
           "staff:language", "staff:code", "staff:set-up", "staff:codes", "staff:set-up-picture"}
    tried = 0
    for view, pattern in VIEWS.items():
        if not view.startswith("staff:") or view in own:
            continue
        kwargs = {name: samples.get(name, UUID(int=1) if "uuid" in type(kind).__name__.lower() else 1)
                  for name, kind in pattern.pattern.converters.items()}
        where = reverse(view, kwargs=kwargs)
        answer = client.get(where)
        assert answer.status_code in (302, 404, 405), view
        if answer.status_code == 302:
            assert answer["Location"] == "/staff/rest/", view
        assert client.post(where).status_code in (302, 403, 404, 405), view
        tried += 1
    assert tried > 30
    for name in own & {"staff:account", "staff:rest"}:
        text = re.sub(r"<option.*?</option>", "", client.get(reverse(name)).content.decode())  # zones: Swift_Current
        assert "Heron" not in text and "Swift" not in text and STORY not in text, name


def test_the_role_itself_may_nothing() -> None:
    may = {action for action in policy.ACTIONS for relation in policy.RELATIONS
           if policy.may(policy.AWAY, relation, action)}
    assert may == {"own.account"}


@pytest.mark.parametrize("state", ["active", "unsigned"])
def test_the_old_row_put_back_opens_nothing(away: made.Desk, state: str) -> None:
    """Whoever can write to the database sets the state again, and even the grant from an old copy."""
    Staff.objects.filter(pseudonym="Wren").update(state=state)
    assert not directory.everyone()[away.team["Wren"].id].active
    client = enter(away, "Wren")
    assert client.get("/staff/").status_code in (302, 403)
    assert STORY not in client.get("/staff/account/").content.decode()


def test_the_list_of_who_took_what_is_shown_in_the_session_that_did_it_and_in_no_other(desk: made.Desk) -> None:
    made.report(STORY)
    client = enter(desk, "Wren")
    page = client.get("/staff/crossing/").content.decode()
    assert "1 case" in page and "What it does not do" in page
    assert client.post("/staff/crossing/", {"to": str(leaving.LEADS)}).status_code == 302
    until = time.monotonic() + 20
    while Staff.objects.get(pseudonym="Wren").state != "away" and time.monotonic() < until:
        time.sleep(0.1)
    after = client.get("/staff/crossing/", follow=True).content.decode()
    assert "Heron" in after and "sign out now" in after
    other = enter(desk, "Wren", 1).get("/staff/rest/").content.decode()
    assert "Heron" not in other and "Nothing waits here" in other


def test_a_lead_who_is_asked_to_bring_them_back_sees_the_warning(away: made.Desk) -> None:
    assert bringing_back.away(away.lead)[0].pseudonym == "Wren"
    client = Client()
    client.post("/staff/in/", {"login": "lead-login-name", "password": made.PASSWORD})
    client.post("/staff/in/code/", {"code": away.founded.set_up.recovery_codes[0]})
    page = client.get("/staff/back/").content.decode()
    assert "only after you have seen or heard them" in page
    done = client.post("/staff/back/", {"who": str(away.team["Wren"].id)}).content.decode()
    assert "1 case is back." in done
    assert enter(away, "Wren").get(f"/staff/case/{Case.objects.get().id}/").status_code == 200


def test_a_session_left_open_brings_nobody_back_but_still_hands_everything_over(away: made.Desk) -> None:
    lead = Client()
    lead.post("/staff/in/", {"login": "lead-login-name", "password": made.PASSWORD})
    lead.post("/staff/in/code/", {"code": away.founded.set_up.recovery_codes[0]})
    swift = enter(away, "Swift")
    for client in (lead, swift):
        session = SessionStore(client.cookies["s"].value)
        session[accounts._STAFF] = {**session[accounts._STAFF], "fresh": 0.0}
        session.save()
    wren = {"who": str(away.team["Wren"].id)}
    assert lead.get("/staff/back/")["Location"].startswith("/staff/in/again/")
    assert lead.post("/staff/back/", wren).status_code == 403
    assert Staff.objects.get(pseudonym="Wren").state == "away"
    again = lead.post("/staff/in/again/", {"password": made.PASSWORD, "to": "/staff/back/"})
    assert again["Location"] == "/staff/back/"
    assert "1 case is back." in lead.post("/staff/back/", wren).content.decode()
    assert swift.post("/staff/crossing/", {"to": str(leaving.LEADS)})["Location"] == "/staff/crossing/"
    until = time.monotonic() + 20
    while Staff.objects.get(pseudonym="Swift").state != "away" and time.monotonic() < until:
        time.sleep(0.1)
    assert Staff.objects.get(pseudonym="Swift").state == "away", "no password was asked before a border"


def copy_of_the_database(to: Path) -> sqlite3.Connection:
    shredding.checkpoint()
    where = to / "copy.sqlite3"
    source = connection.connection
    target = sqlite3.connect(where)
    if source is None:
        connection.ensure_connection()
        source = connection.connection
    source.backup(target)
    return target


def keys_from(copy: sqlite3.Connection, staff: made.accounts.OpenStaff, case: UUID) -> seal.ChannelKeys | None:
    """What a colleague's key opens in a copy: the case's channel keys, if the copy holds a grant for it."""
    rows = copy.execute(
        "SELECT sealed, epoch FROM desk_grant WHERE kind = 'staff' AND [case_id] = ? ", [case.hex]).fetchall()
    for sealed, epoch in rows:
        try:
            return seal.open_grant(staff.keys.kex.private, sealed, case, epoch, seal.Grantee("staff", staff.id))
        except seal.SealError:
            continue
    return None


def opens(keys: seal.ChannelKeys, item: Item) -> bool:
    private = (keys.staff if item.channel == "staff" else keys.dialogue).private
    try:
        seal.open_data_key(private, bytes(item.key.sealed), item.case_id, item.id, item.kind, item.key.epoch)
    except seal.SealError:
        return False
    return True


@pytest.mark.parametrize("how", ["handed over", "removed from the desk"])
def test_her_key_and_a_copy_of_the_new_database_open_nothing(desk: made.Desk, tmp_path: Path, how: str) -> None:
    made.report(STORY)
    case, wren = Case.objects.get().id, desk.team["Wren"]
    before = copy_of_the_database(tmp_path)
    assert keys_from(before, wren, case) is not None, "the copy is a true one"
    sealed = bytes(Grant.objects.get(staff_id=wren.id).sealed)
    if how == "handed over":
        leaving.begin(staff=wren)
        leaving.run(wren)
    else:
        people.remove_staff(lead=desk.lead, staff_id=wren.id)
    (tmp_path / "new").mkdir()
    assert keys_from(copy_of_the_database(tmp_path / "new"), wren, case) is None
    assert sealed not in (tmp_path / "new" / "copy.sqlite3").read_bytes()
    live = Path(str(connection.settings_dict["NAME"]))
    if live.exists():
        files = [live, live.with_name(live.name + "-wal")]
        assert not any(sealed in one.read_bytes() for one in files if one.exists()), "nor in the files on the disk"


def test_removed_new_items_are_closed_to_the_old_key_and_old_ones_to_the_new_database(
    desk: made.Desk, tmp_path: Path
) -> None:
    """And the honest limit, shown: an old copy of the database still opens what it holds to the old key."""
    made.report(STORY)
    case, wren = Case.objects.get().id, desk.team["Wren"]
    old = copy_of_the_database(tmp_path)
    people.remove_staff(lead=desk.lead, staff_id=wren.id)
    casework.note(staff=desk.lead, case_id=case, text="written after she was removed")
    keys = keys_from(old, wren, case)
    assert keys is not None
    items = list(Item.objects.filter(case_id=case).select_related("key"))
    assert len(items) >= 4 and not any(opens(keys, item) for item in items), "new and old, in the new database"
    assert CaseEpoch.objects.filter(case_id=case).count() == 2
    in_old = old.execute(
        "SELECT k.sealed, i.id, i.kind, i.channel, k.epoch FROM desk_itemkey k JOIN desk_item i ON i.id = k.item_id"
    ).fetchall()
    opened = [seal.open_data_key((keys.staff if channel == "staff" else keys.dialogue).private, sealed, case,
                                 UUID(item), kind, epoch) for sealed, item, kind, channel, epoch in in_old]
    assert len(opened) == len(in_old) > 0, "the limit that the pages tell: what a copy held, it holds"


@pytest.mark.parametrize("page", ["colleague_remove.html", "case/remove.html", "crossing.html"])
def test_the_limit_is_written_on_the_page(page: str, root: Path) -> None:
    text = (root / "src/amparo/doors/staff/templates/staff" / page).read_text()
    assert "backup" in text or "copy of the desk" in text
    assert "cannot be taken back" in text or "does not take back" in text


def test_the_copy_in_these_tests_is_the_whole_database(desk: made.Desk, tmp_path: Path) -> None:
    made.report(STORY)
    copy = copy_of_the_database(tmp_path)
    assert copy.execute("SELECT COUNT(*) FROM desk_item").fetchone()[0] == Item.objects.count()
    shutil.rmtree(tmp_path, ignore_errors=True)
    opening.for_staff(desk.lead.id, desk.lead.keys.kex.private, Case.objects.get().id)
