"""The blind index asked to tell: by somebody with the table alone, by one who may write it, by a former colleague."""

import shutil
from pathlib import Path

import msgspec
import pytest

from amparo import seal
from amparo.desk import configuration, marks, people, search, site, team_key
from amparo.desk.identifiers import find
from amparo.desk.records import Mark, Staff, TeamKey
from tests.desk import conftest as given
from tests.desk import people as desks
from tests.desk.test_search import cases, file

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk
NUMBER = "+380 67 123 45 67"


def everything_on_disk() -> bytes:
    return b"".join(one.read_bytes() for one in Path(configuration.data_folder()).rglob("*") if one.is_file())


def test_the_table_alone_tells_no_value(desk: desks.Desk) -> None:
    """Every number of the country tried with every key that lies on the disk: none makes a mark of the table."""
    file(f"Calls come from {NUMBER}.")
    assert len(cases(desk.lead, NUMBER)) == 1
    table = {bytes(mark) for mark in Mark.objects.values_list("mark", flat=True)}
    assert table
    lying_about = [site.pepper(), site.worker_secret(), site.desk_id(), b"", bytes(32)]
    lying_about += [bytes(row.sealed)[at : at + 32] for row in TeamKey.objects.all() for at in range(200)]
    for key in lying_about:
        for kind, value in find([NUMBER]):
            assert seal.blind_index(key, kind, value) not in table
    open_key = team_key.open_key(desk.lead)
    assert open_key is not None
    assert {seal.blind_index(open_key.key, *one) for one in find([NUMBER])} <= table, "the test knows what it looks for"
    assert open_key.key not in everything_on_disk()
    assert open_key.key.hex().encode() not in everything_on_disk()
    assert open_key.key.hex() not in repr(open_key)


def test_a_former_colleagues_key_opens_no_new_mark(desk: desks.Desk) -> None:
    old = file(f"Calls come from {NUMBER}.").case
    assert cases(desk.lead, NUMBER) == [old]
    wren = team_key.open_key(desk.team["Wren"])
    kept_row = TeamKey.objects.get(staff_id=desk.team["Wren"].id)
    assert wren is not None
    assert marks.cases_with(wren, find([NUMBER])) == {old}
    people.remove_staff(lead=desk.lead, staff_id=desk.team["Wren"].id)
    assert not Mark.objects.exists(), "the marks of the old key are thrown away at once"
    new = file(f"Again {NUMBER}").case
    assert set(cases(desk.lead, NUMBER)) == {old, new}
    assert Mark.objects.filter(case_id=old).exists(), "and written anew from the session of somebody who reads"
    assert Mark.objects.filter(case_id=new).exists()
    assert marks.cases_with(wren, find([NUMBER])) == set()
    assert team_key.open_key(desk.team["Wren"]) is None
    # ... and the old row put back for everybody who is here makes nobody use the old key again
    for colleague in (desk.lead, desk.team["Swift"]):
        raw = seal.open_to_self(desk.team["Wren"].keys.kex.private, "team-key", desk.team["Wren"].id,
                                bytes(kept_row.sealed))
        kex = bytes(Staff.objects.get(id=colleague.id).kex_public or b"")
        TeamKey.objects.filter(staff_id=colleague.id).update(
            generation=wren.generation, sealed=seal.seal_to_self(kex, "team-key", colleague.id, raw))
        assert team_key.open_key(colleague) is None
    file(f"Once more {NUMBER}")
    search.find(desk.team["Swift"], "more")
    assert marks.cases_with(wren, find([NUMBER])) == set()


def test_who_may_write_the_table_gives_nobody_a_key_of_their_own(desk: desks.Desk) -> None:
    """A key that the attacker knows, sealed to a colleague and signed by a handler, or by nobody: not used."""
    assert team_key.keep(desk.lead) is not None
    known = bytes(range(32))
    swift, wren = desk.team["Swift"], desk.team["Wren"]
    for signer in (wren.keys.sign.private, seal.new_sign_pair().private):
        for giver in (wren.id, desk.lead.id):
            signature = seal.sign(signer, team_key._stated(1, known, swift.id))
            raw = msgspec.msgpack.encode((1, known, giver, signature))
            TeamKey.objects.filter(staff_id=swift.id).update(
                sealed=seal.seal_to_self(swift.keys.kex.public, "team-key", swift.id, raw))
            assert team_key.open_key(swift) is None


def test_a_new_colleague_gets_the_key_and_finds_by_it(desk: desks.Desk) -> None:
    case = file(f"Calls come from {NUMBER}.").case
    assert cases(desk.lead, NUMBER) == [case]
    tern = desks.join(desk, "Tern")
    assert team_key.open_key(tern) == team_key.open_key(desk.lead)
    found = search.find(tern, NUMBER)
    assert (found.hits, found.elsewhere) == ((), 1), "not granted: only that there is one"


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_roles_without_cases_have_no_key(desk: desks.Desk, role: str) -> None:
    data = configuration.data_folder() / "desk.toml"
    shutil.copy(data, data.with_suffix(".kept"))
    data.write_text(data.read_text() + f'roles = ["{role}"]\n')
    try:
        assert team_key.keep(desk.lead) is not None
        other = desks.join(desk, "Crane", role)
        assert team_key.open_key(other) is None
        assert not TeamKey.objects.filter(staff_id=other.id).exists()
    finally:
        shutil.move(data.with_suffix(".kept"), data)
