"""Who watches the desk: complaints reach the auditor and the outside contact only, and the chain can be taken along."""

import json
from pathlib import Path

import pytest
from django.db import transaction

from amparo.cli import main
from amparo.desk import custody, letters, watching
from amparo.desk.errors import NotAllowedHere
from amparo.desk.records import Letter
from tests.desk import people


def test_a_complaint_reaches_auditor_and_outside_contact_alone(desk: people.Desk) -> None:
    auditor, outside = people.join(desk, "Owl", "auditor"), people.join(desk, "Gull", "outside")
    assert watching.complain(text="  They told my name at dinner.  ", language="en") == 2
    for reader in (auditor, outside):
        (found,) = watching.complaints(reader).letters
        assert found.text == "They told my name at dinner." and found.facts == {"language": "en"}
        assert found.at.hour == found.at.minute == 0 and not found.proven  # the day only, and nobody's signature
        assert watching.complaints(reader).counted == 1
    for other in (desk.lead, desk.team["Wren"]):
        with pytest.raises(NotAllowedHere):
            watching.complaints(other)
        assert letters.read(other, "complaint") == ()
    assert {row.to_id for row in Letter.objects.all()} == {auditor.id, outside.id}


def test_where_nobody_watches_nothing_is_taken_and_that_is_said(desk: people.Desk) -> None:
    with pytest.raises(watching.NobodyWatches) as told:
        watching.complain(text="They do not answer.", language="en")
    assert told.value.advice and Letter.objects.count() == 0
    assert all(line.entry.action != "complained" for line in custody.lines())


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (watching.LONGEST + 1)])
def test_empty_and_endless_complaints_are_told(desk: people.Desk, text: str) -> None:
    people.join(desk, "Owl", "auditor")
    with pytest.raises(watching.Complaint):
        watching.complain(text=text, language="en")


def test_a_complaint_taken_out_of_the_database_is_missed(desk: people.Desk) -> None:
    watching_before = people.join(desk, "Gull", "outside")
    watching.complain(text="one", language="en")
    auditor = people.join(desk, "Owl", "auditor")  # came later: the first complaint is not sealed to her
    watching.complain(text="two", language="en")
    assert (len(watching.complaints(auditor).letters), watching.complaints(auditor).counted) == (1, 1)
    Letter.objects.filter(to_id=watching_before.id).first().delete()  # type: ignore[union-attr]
    found = watching.complaints(watching_before)
    assert (len(found.letters), found.counted) == (1, 2)


def test_acts_are_counted_by_colleague_and_act(desk: people.Desk) -> None:
    auditor = people.join(desk, "Owl", "auditor")
    with transaction.atomic():
        for _number in range(3):
            custody.record(custody.entry("viewed", actor_kind="staff", actor=desk.lead.id))
        custody.record(custody.entry("exported", actor_kind="staff", actor=desk.team["Wren"].id))
    found = watching.acts(auditor)
    assert [(one.actor, one.counts) for one in found] == [
        (desk.lead.id, {"viewed": 3}), (desk.team["Wren"].id, {"exported": 1}),
    ]
    with pytest.raises(NotAllowedHere):
        watching.acts(desk.team["Wren"])


def _export(desk: people.Desk, place: Path) -> Path:
    auditor = desk.team.get("Owl") or people.join(desk, "Owl", "auditor")
    file = place / "custody-log.jsonl"
    file.write_bytes(b"".join(watching.export(auditor)))
    return file


def _status(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["verify-log", *arguments])
    return int(left.value.code or 0)


def test_the_chain_is_exported_without_content_and_checked_without_the_desk(
    desk: people.Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people.report("a canary that nobody may export", files=(("canary.txt", b"canary"),))
    before, noted = custody.head()
    file = _export(desk, tmp_path)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(lines) == lines[0]["entries"] + 2 and "canary" not in file.read_text()
    assert "collected" in {line.get("action") for line in lines}
    assert _status(str(file)) == 0
    assert lines[-1]["root"] in capsys.readouterr().out
    assert _status(str(file), "--root", noted.hex(), "--entries", str(before)) == 0
    assert _status(str(file), "--root", "ab" * 32, "--entries", str(before)) == 1


@pytest.mark.parametrize("attack", ["changed", "dropped", "swapped", "cut", "relabelled", "garbage", "empty"])
def test_what_was_done_to_the_exported_chain_is_seen(
    desk: people.Desk, tmp_path: Path, attack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _export(desk, tmp_path)
    lines = file.read_text().splitlines()
    first = json.loads(lines[1])
    if attack == "changed":
        other = json.loads(lines[2])
        lines[1] = json.dumps({**other, "index": 0})
    elif attack == "relabelled":
        lines[1] = json.dumps({**first, "action": "viewed"})
    elif attack == "dropped":
        del lines[2]
    elif attack == "swapped":
        lines[1], lines[2] = lines[2], lines[1]
    elif attack == "cut":
        del lines[-1]
    elif attack == "garbage":
        lines[1] = '{"index": 0, "leaf": "zz"}'
    else:
        lines = []
    file.write_text("\n".join(lines))
    assert _status(str(file)) in (1, 2)
    told = capsys.readouterr()
    assert "Traceback" not in told.err and (told.out + told.err).strip()
    assert "whole and unchanged" not in told.out


def test_only_watchers_and_leads_take_the_chain_along(desk: people.Desk) -> None:
    with pytest.raises(NotAllowedHere):
        watching.export(desk.team["Wren"])
