"""Reports that a colleague wrote down: no receipt yet, and every part says who wrote it."""

import pytest
from django.db import transaction

from amparo import seal
from amparo.desk import casework, clock, custody, filing, opening, payloads, queue, reading
from amparo.desk.drafts import Draft
from amparo.desk.records import Case, Item
from tests.desk import people

STORY = "A voice on the phone tells of a burnt car."


def written_down(desk: people.Desk, by: str = "Wren") -> Draft:
    keys = seal.new_reporter_keys()
    draft = Draft(
        case=seal.case_id_for(keys.kex.public, keys.sign.public), reporter_keys=keys,
        channel_keys=seal.new_channel_keys(), answers={"what-happened": [STORY]}, language="es",
    )
    with transaction.atomic():
        filing.file_written_down(
            draft, staff=desk.team[by], beside=[payloads.TakenDown(at=clock.now(), way="call")]
        )
    return draft


def test_a_report_written_down_is_read_like_any_other_and_says_by_whom(desk: people.Desk) -> None:
    draft = written_down(desk)
    swift = desk.team["Swift"]
    page = reading.case_page(swift, draft.case)
    assert [one.text for one in page.answers] == [STORY]
    assert page.language == "es" and not page.notices and not page.unreadable
    (taken,) = [one for one in page.timeline if one.kind == "taken-down"]
    assert taken.who == "Wren" and taken.proven
    assert len(queue.load(swift).rows) == 1
    actions = [(line.entry.action, line.entry.actor_kind) for line in custody.lines(case=draft.case)]
    assert actions == [("taken-down", "staff"), ("collected", "reporter")]
    casework.note(staff=swift, case_id=draft.case, text="Call back.")


def test_without_a_receipt_the_reporters_keys_lie_in_the_case_and_nowhere_else(desk: people.Desk) -> None:
    draft = written_down(desk)
    case = Case.objects.get(id=draft.case)
    assert case.lookup is None and case.reporter_wrap is None
    wren = desk.team["Wren"]
    opened = opening.for_staff(wren.id, wren.keys.kex.private, draft.case)
    (item,) = Item.objects.filter(case=case, kind="unclaimed").select_related("key")
    (read,), _ = opening.read_items(opened, [item])
    assert read.proven and read.author_id == wren.id and isinstance(read.payload, payloads.Unclaimed)
    assert draft.reporter_keys and read.payload.sign_private == draft.reporter_keys.sign.private
    for model in (Case, Item):
        for row in model.objects.filter(pk=case.pk) if model is Case else Item.objects.filter(case=case):
            stored = b"".join(bytes(v) for v in vars(row).values() if isinstance(v, bytes | memoryview))
            assert draft.reporter_keys.sign.private not in stored and draft.reporter_keys.kex.private not in stored


def test_what_does_not_say_that_it_was_written_down_is_not_filed(desk: people.Desk) -> None:
    keys = seal.new_reporter_keys()
    draft = Draft(
        case=seal.case_id_for(keys.kex.public, keys.sign.public), reporter_keys=keys,
        channel_keys=seal.new_channel_keys(), answers={"what-happened": [STORY]},
    )
    with pytest.raises(ValueError), transaction.atomic():
        filing.file_written_down(draft, staff=desk.lead, beside=[])
    assert not Case.objects.exists()
