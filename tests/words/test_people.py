"""Defenders by activity, groups in which one refusal hides one member, perpetrators unknown by default."""

from uuid import uuid4

import msgspec
import pytest

from amparo.words.codes import UnknownCode
from amparo.words.people import Defender, Group, GroupMember, Nexus, Peaceful, nexus_of, visible_members
from amparo.words.perpetrators import Attribution, AttributionRefused, EvidenceLevel, Origin, changed


def test_a_defender_is_known_by_activity_not_by_title() -> None:
    fields = set(Defender.__struct_fields__)
    assert "activities" in fields
    assert not fields & {"title", "profession", "card", "membership", "name", "email", "organisation"}
    assert Defender().nexus is Nexus.UNCLEAR and Defender().peaceful is Peaceful.UNKNOWN
    with pytest.raises(UnknownCode):
        Defender(activities=("king",))


@pytest.mark.parametrize(("answer", "nexus"), [
    ("yes", Nexus.YES), ("likely", Nexus.LIKELY), ("unclear", Nexus.UNCLEAR), ("no", Nexus.UNCLEAR),
    (None, Nexus.UNCLEAR),
])
def test_nexus(answer, nexus) -> None:
    assert nexus_of(answer) is nexus


def test_one_refusal_hides_only_that_member() -> None:
    items = [uuid4() for _ in range(4)]
    amal = GroupMember(id=uuid4(), alias="A", consents=("mechanisms", "statistics"), part=(items[0],))
    bea = GroupMember(id=uuid4(), alias="B", consents=("statistics",), part=(items[1], items[2]))
    chi = GroupMember(id=uuid4(), alias="C", consents=("mechanisms",), part=(items[3],))
    group = Group(members=(amal, bea, chi))
    assert group.visible_members("mechanisms") == (amal, chi)
    assert group.hidden_items("mechanisms") == {items[1], items[2]}
    assert group.visible_members("statistics") == (amal, bea)
    assert visible_members(group.members, "publish-story") == ()


def test_nobody_is_visible_by_default() -> None:
    member = GroupMember(id=uuid4(), alias="A")
    assert visible_members([member], "statistics") == ()


def test_an_item_that_tells_of_two_members_is_hidden_when_one_refuses() -> None:
    shared = uuid4()
    yes = GroupMember(id=uuid4(), alias="A", consents=("statistics",), part=(shared,))
    no = GroupMember(id=uuid4(), alias="B", part=(shared,))
    assert Group(members=(yes, no)).hidden_items("statistics") == {shared}


def test_perpetrator_is_unknown_until_a_reason_is_given() -> None:
    assert Attribution().kind == "unknown"
    with pytest.raises(AttributionRefused):
        Attribution(kind="state-organ")
    with pytest.raises(AttributionRefused):
        Attribution(kind="company", reason="   ")
    named = changed(Attribution(), kind="state-organ", reason="They showed a badge.")
    assert (named.kind, named.evidence_level) == ("state-organ", EvidenceLevel.STATED)
    with pytest.raises(AttributionRefused):
        changed(named, kind="unknown", reason="")
    assert changed(named, kind="unknown", reason="The badge was false.").evidence_level is EvidenceLevel.NONE


def test_perpetrator_rule_holds_when_decoded_from_a_seal() -> None:
    with pytest.raises((msgspec.ValidationError, AttributionRefused)):
        msgspec.msgpack.decode(msgspec.msgpack.encode({"kind": "company"}), type=Attribution)


def test_an_unknown_perpetrator_carries_no_evidence_level() -> None:
    with pytest.raises(AttributionRefused):
        Attribution(evidence_level=EvidenceLevel.DOCUMENTED)


def test_foreign_needs_evidence_and_a_second_person() -> None:
    one, two, proof = uuid4(), uuid4(), uuid4()
    assert Origin().claim == "unattributed"
    complete = {"claim": "foreign", "reason": "Same texts.", "evidence": (proof,), "by": one, "seconded_by": two}
    assert Origin(**complete).claim == "foreign"
    for missing in ({"reason": ""}, {"evidence": ()}, {"by": None}, {"seconded_by": None}, {"seconded_by": one}):
        with pytest.raises(AttributionRefused):
            Origin(**{**complete, **missing})
    with pytest.raises(AttributionRefused):
        Origin(claim="enemy")
