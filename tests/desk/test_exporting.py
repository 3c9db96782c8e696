"""What leaves the desk opens with the age format alone, is whole, and holds nothing that must stay."""

import hashlib
import io
import json
import zipfile
from uuid import UUID, uuid4

import pyrage
import pytest
from django.db import transaction

from amparo import seal
from amparo.desk import (
    agreements,
    blobs,
    casework,
    clock,
    conversations,
    custody,
    directory,
    exporting,
    masks,
    queue,
    returning,
    sandbox,
    second,
    site,
    workers,
)
from amparo.desk.bulk import BulkLimit
from amparo.desk.configuration import data_folder
from amparo.desk.errors import NotAllowedHere, NotFound
from amparo.desk.exporting import NoWay, Way
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Blob, Case
from amparo.desk.second import NeedsSecond
from amparo.words.messages import Message, Origin, Summary
from tests.desk import people

STORY = "A grey car waits before the house of Amina."
PHRASE = "seven quiet herons walk along cold rivers"
PHOTO = b"\xff\xd8" + b"not really a photo " * 9_000


def opened(export: exporting.Export, key: pyrage.x25519.Identity) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(pyrage.decrypt(b"".join(export.pieces), [key])))


def checked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Every document, after each agreed with SHA256SUMS."""
    found = {name: archive.read(name) for name in archive.namelist()}
    sums = dict(reversed(line.split("  ", 1)) for line in found["SHA256SUMS"].decode().splitlines())
    assert {name: hashlib.sha256(data).hexdigest() for name, data in found.items() if name != "SHA256SUMS"} == sums
    return found


@pytest.fixture
def key() -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.generate()


def told(desk: people.Desk) -> UUID:
    words, _ = people.report(
        STORY, files=(("=car.jpg", PHOTO),), danger=["yes"], threats=["surveillance"], consents=("keep-for-court",)
    )
    case = queue.load(desk.lead).rows[0].case
    casework.reply(staff=desk.team["Wren"], case_id=case, text="=cmd|' /C calc'!A0 is how an answer may begin.")
    casework.note(staff=desk.team["Swift"], case_id=case, text="Swift thinks that the neighbour knows.")
    returning.say(returning.open_receipt(" ".join(words)), "I am with a friend.")
    return case


def test_one_case_whole_to_a_recipient_opens_with_age_alone(desk: people.Desk, key: pyrage.x25519.Identity) -> None:
    case = told(desk)
    export = exporting.one(
        staff=desk.lead, case_id=case, whole=True, originals=True, way=Way(recipient=str(key.to_public()))
    )
    found = checked(opened(export, key))
    told_json = json.loads(found["case.json"])
    assert (told_json["format"], told_json["version"], told_json["case"]) == ("amparo-case", 1, str(case))
    assert {one["code"]: one["text"] for one in told_json["answers"]}["what-happened"] == STORY
    assert [one["who"] for one in told_json["messages"]] == ["Wren", "reporter"]
    assert [one["text"] for one in told_json["notes"]] == ["Swift thinks that the neighbour knows."]
    assert sorted(told_json["members"]) == ["Heron", "Swift", "Wren"]
    (file,) = told_json["files"]
    assert found[file["place"]] == PHOTO and hashlib.sha256(PHOTO).hexdigest() == file["sha256"]
    kinds = {one["kind"] for one in told_json["writings"]}
    assert {"opening", "answers", "consent", "file", "message", "note"} <= kinds
    assert str(case) not in export.name and "case" not in export.name
    (last, *_) = custody.lines(case=case)
    assert (last.entry.action, last.entry.detail, last.entry.actor) == ("exported", ("whole",), desk.lead.id)


def test_the_owners_part_holds_nothing_of_the_desk(desk: people.Desk, key: pyrage.x25519.Identity) -> None:
    case = told(desk)
    export = exporting.one(
        staff=desk.team["Wren"], case_id=case, whole=False, originals=False, way=Way(recipient=str(key.to_public()))
    )
    found = checked(opened(export, key))
    everything = b"\n".join(found.values())
    for name in ("Wren", "Swift", "Heron", "neighbour"):
        assert name.encode() not in everything, name
    for one in (desk.lead, *desk.team.values()):
        assert str(one.id).encode() not in everything and one.id.hex.encode() not in everything
    assert b"I am with a friend." in found["case.html"] and b"grey car" in found["case.html"]
    assert [one["who"] for one in json.loads(found["case.json"])["messages"]] == ["the desk", "reporter"]
    assert b"the original of =car.jpg" in found["READ-ME.txt"], "what is not in it is said"
    assert not any(name.startswith("files/") for name in found)


def test_custody_entries_leave_with_proofs_that_hold(desk: people.Desk, key: pyrage.x25519.Identity) -> None:
    case = told(desk)
    way = Way(recipient=str(key.to_public()))
    for whole in (True, False):
        export = exporting.one(staff=desk.lead, case_id=case, whole=whole, originals=False, way=way)
        told_log = json.loads(checked(opened(export, key))["custody.json"])
        root, size = bytes.fromhex(told_log["log"]["root"]), told_log["log"]["size"]
        assert told_log["entries"]
        for one in told_log["entries"]:
            leaf, proof = bytes.fromhex(one["body"]), [bytes.fromhex(part) for part in one["proof"]]
            assert seal.verify_inclusion(seal.leaf_hash(leaf), one["index"], size, proof, root)
            changed = seal.leaf_hash(leaf[:-1] + bytes([leaf[-1] ^ 1]))
            assert not seal.verify_inclusion(changed, one["index"], size, proof, root)


def test_to_a_passphrase_it_opens_in_two_steps_of_the_same_format(desk: people.Desk) -> None:
    case = told(desk)
    export = exporting.one(staff=desk.lead, case_id=case, whole=True, originals=True, way=Way(passphrase=PHRASE))
    outer = zipfile.ZipFile(io.BytesIO(b"".join(export.pieces)))
    assert outer.namelist() == ["READ-ME-FIRST.txt", "key.age", "export.zip.age"]
    assert STORY.encode() not in b"".join(outer.read(name) for name in outer.namelist())
    secret = pyrage.passphrase.decrypt(outer.read("key.age"), PHRASE).decode().strip()
    identity = pyrage.x25519.Identity.from_str(secret)
    inner = zipfile.ZipFile(io.BytesIO(pyrage.decrypt(outer.read("export.zip.age"), [identity])))
    assert STORY in json.loads(checked(inner)["case.json"])["answers"][1]["text"]


def test_no_cell_of_an_export_is_a_formula(desk: people.Desk, key: pyrage.x25519.Identity) -> None:
    case = told(desk)
    export = exporting.one(
        staff=desk.lead, case_id=case, whole=True, originals=False, way=Way(recipient=str(key.to_public()))
    )
    found = checked(opened(export, key))
    assert b"'=cmd|" in found["messages.csv"] and b",=cmd|" not in found["messages.csv"]
    assert b"'=car.jpg" in found["files.csv"]


def test_what_is_covered_at_the_desk_is_covered_in_the_export(
    desk: people.Desk, key: pyrage.x25519.Identity
) -> None:
    case = told(desk)
    masks.mask(staff=desk.lead, case_id=case, text="Amina", why="her family is looked for")
    for whole in (True, False):
        export = exporting.one(
            staff=desk.lead, case_id=case, whole=whole, originals=False, way=Way(recipient=str(key.to_public()))
        )
        everything = b"\n".join(checked(opened(export, key)).values())
        assert b"Amina" not in everything and b"grey car" in everything


def test_the_whole_desk_leaves_with_a_list_of_what_it_could_not_open(
    desk: people.Desk, key: pyrage.x25519.Identity
) -> None:
    first = told(desk)
    people.report("Not for the lead.", excluded=Exclusion(roles=("lead",)))
    (other,) = {row.case for row in queue.load(desk.team["Wren"]).rows} - {first}
    export = exporting.everything(staff=desk.lead, originals=True, way=Way(recipient=str(key.to_public())))
    found = checked(opened(export, key))
    assert f"cases/{first}/case.json" in found and not any(str(other) in name for name in found)
    assert f"{other},no key of this case" in found["NOT-EXPORTED.csv"].decode()
    assert b"Not for the lead" not in b"\n".join(found.values())
    with pytest.raises(NotAllowedHere):
        exporting.everything(staff=desk.team["Wren"], originals=False, way=Way(recipient=str(key.to_public())))


def test_nothing_leaves_without_a_key_of_the_case_or_a_way_to_encrypt_it(
    desk: people.Desk, key: pyrage.x25519.Identity
) -> None:
    people.report("Only for others.", excluded=Exclusion(pseudonyms=("Swift",)))
    case = queue.load(desk.lead).rows[0].case
    way = Way(recipient=str(key.to_public()))
    with pytest.raises(NotFound):
        exporting.one(staff=desk.team["Swift"], case_id=case, whole=False, originals=False, way=way)
    for wrong, error in (
        (Way(), NoWay), (Way(PHRASE, str(key.to_public())), NoWay), (Way(recipient="age1nonsense"), seal.NotARecipient),
        (Way(passphrase="short"), seal.WeakPassword),
    ):
        with pytest.raises(error):
            exporting.one(staff=desk.lead, case_id=case, whole=False, originals=False, way=wrong)
    assert "exported" not in [line.entry.action for line in custody.lines(case=case)]


def test_a_second_person_is_asked_where_the_desk_wants_it(desk: people.Desk, key: pyrage.x25519.Identity) -> None:
    case = told(desk)
    (data_folder() / "desk.toml").write_text("reserve = 1000000\nsecond_person = true\n")
    with pytest.raises(NeedsSecond):
        exporting.one(
            staff=desk.lead, case_id=case, whole=True, originals=False, way=Way(recipient=str(key.to_public()))
        )
    assert "exported" not in [line.entry.action for line in custody.lines(case=case)]


def test_nothing_of_somebody_under_18_leaves_by_one_persons_decision(
    desk: people.Desk, key: pyrage.x25519.Identity
) -> None:
    first = told(desk)
    people.report("At school they say my name.", under_18=["yes"])
    (minor,) = {row.case for row in queue.load(desk.lead).rows} - {first}
    way = Way(recipient=str(key.to_public()))
    agreements.record(
        staff=desk.team["Swift"], case_id=minor, by="own", way="call", on=clock.today(), given=True, text="To her desk."
    )
    for whole in (True, False):  # a desk that asks for no second person otherwise
        with pytest.raises(NeedsSecond):
            exporting.one(staff=desk.lead, case_id=minor, whole=whole, originals=False, way=way)
    found = checked(opened(exporting.everything(staff=desk.lead, originals=False, way=way), key))
    assert f"{minor},{exporting.UNDER_18}" in found["NOT-EXPORTED.csv"].decode()
    assert f"cases/{first}/case.json" in found and b"At school" not in b"\n".join(found.values())

    asked = second.ask(staff=desk.lead, case_id=minor, act="export", why="her mother moves to another desk")
    second.answer(staff=desk.team["Wren"], case_id=minor, request=asked, approve=True)
    export = exporting.one(staff=desk.lead, case_id=minor, whole=True, originals=False, way=way)
    assert b"At school" in b"\n".join(checked(opened(export, key)).values())
    with pytest.raises(NeedsSecond):  # once
        exporting.one(staff=desk.lead, case_id=minor, whole=True, originals=False, way=way)


def test_more_than_the_hour_allows_does_not_leave(desk: people.Desk, key: pyrage.x25519.Identity) -> None:
    for number in range(6):
        people.report(f"Report {number}.")
    (data_folder() / "desk.toml").write_text("reserve = 1000000\nbulk_per_hour = 5\n")
    with pytest.raises(BulkLimit):
        exporting.everything(staff=desk.lead, originals=False, way=Way(recipient=str(key.to_public())))


def test_nothing_in_clear_lies_on_the_disk_while_it_leaves(desk: people.Desk, key: pyrage.x25519.Identity) -> None:
    case = told(desk)
    export = exporting.one(
        staff=desk.lead, case_id=case, whole=True, originals=True, way=Way(recipient=str(key.to_public()))
    )
    first = next(export.pieces)
    assert first.startswith(b"age-encryption.org/v1")
    for path in [*data_folder().rglob("*"), *site.sealed_folder().rglob("*")]:
        if path.is_file():
            assert b"grey car" not in path.read_bytes(), path
    export.pieces.close()  # type: ignore[attr-defined]


def test_a_colleague_locked_out_in_mid_export_gets_no_more_of_it(
    desk: people.Desk, key: pyrage.x25519.Identity
) -> None:
    from amparo.desk.records import Staff

    case = told(desk)
    export = exporting.one(
        staff=desk.lead, case_id=case, whole=True, originals=True, way=Way(recipient=str(key.to_public()))
    )
    Staff.objects.filter(id=desk.lead.id).update(state="locked")
    with pytest.raises(seal.Interrupted):
        b"".join(export.pieces)


def test_conversations_read_from_a_file_leave_with_the_whole_case_and_covered(
    desk: people.Desk, key: pyrage.x25519.Identity
) -> None:
    case = told(desk)
    worker = workers.register()
    outcome = sandbox.Outcome("done", "namespaces", 0.1, heard=Summary("whatsapp", 1), said=(
        Message(Origin("chat.txt", 1), "Bo", "Amina must move house tonight.", None, "02/03/2024, 21:05"),
    ))
    with transaction.atomic():
        row = Case.objects.get(id=case)
        conversations.write(
            case=row, of=uuid4(), outcome=outcome, author=seal.Author("worker", worker.id, worker.sign.private),
            epoch=directory.epoch_of(row),
        )
    masks.mask(staff=desk.lead, case_id=case, text="Amina", why="her family is looked for")
    found = {}
    for whole in (True, False):
        export = exporting.one(
            staff=desk.lead, case_id=case, whole=whole, originals=False, way=Way(recipient=str(key.to_public()))
        )
        found[whole] = checked(opened(export, key))
    parts = [json.loads(data) for name, data in found[True].items() if name.startswith("conversations/")]
    (part,) = [one for one in parts if "messages" in one]
    (head,) = [one for one in parts if "parts" in one]
    assert part["proven"] and "must move house tonight." in part["messages"][0]["text"]
    assert part["id"] in head["parts"] and b"Amina" not in b"".join(found[True].values())
    assert not any(name.startswith("conversations/") for name in found[False])


def test_a_file_that_somebody_changed_ends_no_export_and_is_told(
    desk: people.Desk, key: pyrage.x25519.Identity
) -> None:
    first = told(desk)
    people.report("Another one.", files=(("two.txt", b"good " * 50_000),))
    blob = Blob.objects.get(item__case_id=first)
    place = blobs.path_of(blob.name)
    raw = bytearray(place.read_bytes())
    raw[len(raw) // 2] ^= 1
    place.chmod(0o600)
    place.write_bytes(bytes(raw))
    export = exporting.everything(staff=desk.lead, originals=True, way=Way(recipient=str(key.to_public())))
    found = checked(opened(export, key))
    (lost,) = json.loads(found[f"cases/{first}/case.json"])["files"]
    assert lost["lost"] and not lost["place"]
    assert b"the original of =car.jpg" in found[f"cases/{first}/READ-ME.txt"]
    assert [data for name, data in found.items() if "/files/" in name] == [b"good " * 50_000]
