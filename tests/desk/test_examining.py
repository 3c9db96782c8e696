"""What is written down of an exam, also when the child was captured and lies."""

import datetime as dt

import pytest

from amparo import seal
from amparo.desk import examining, previews, reading, sandbox, workers
from amparo.desk.records import Case, Item, ItemKey, Lease, LogEntry
from amparo.words.findings import Category, Finding, Knowledge, Level, NotChecked, Where
from tests.desk import people


def finding(seen: str = "bait.example") -> Finding:
    return Finding(
        detector="spyware", detector_version="1", code="link", level=Level.HIGH, category=Category.RECEIVED, seen=seen,
        where=Where("sms.db", "message 1"), says="A link.", matters="It matters.",
        does_not_say="Not that it was opened.", knowledge=(Knowledge("bait.example", "set"),),
    )


def outcome(**changed: object) -> sandbox.Outcome:
    told: dict[str, object] = {
        "code": "done", "level": "namespaces", "seconds": 0.1,
        "ended": sandbox.Ended("done", digest="ab" * 32, indicators=3, says="said", coverage={"sms.db": 5}),
    }
    return sandbox.Outcome(**(told | changed))  # type: ignore[arg-type]


@pytest.fixture
def leased(desk: people.Desk) -> tuple[Lease, seal.WorkerKeys]:
    keys = workers.register()
    people.report("text", files=(("a.zip", b"x"),), consents=("examine",))
    return Lease.objects.get(purpose="examine"), keys


def test_findings_are_signed_by_the_worker_and_read_by_staff(
    desk: people.Desk, leased: tuple[Lease, seal.WorkerKeys]
) -> None:
    lease, keys = leased
    gap = NotChecked("spyware", "whatsapp", "absent: no such app")
    made = outcome(findings=(finding(),), not_checked=(gap,))
    assert examining.record(lease=lease, outcome=made, worker=keys, version="v" * 24) == "done"
    page = reading.case_page(desk.lead, Case.objects.get().id)
    (card,) = page.findings
    assert card.proven and card.finding == finding()
    assert page.not_checked == (gap,)
    lease.refresh_from_db()
    assert (lease.state, lease.detector_version, bytes(lease.sealed)) == ("done", "v" * 24, b"")


def test_a_stranger_who_signs_as_worker_proves_nothing(
    desk: people.Desk, leased: tuple[Lease, seal.WorkerKeys]
) -> None:
    lease, _ = leased
    examining.record(lease=lease, outcome=outcome(findings=(finding(),)), worker=seal.new_worker_keys(), version="v")
    page = reading.case_page(desk.lead, Case.objects.get().id)
    assert all(not card.proven for card in page.findings)


def test_nothing_of_an_exam_reaches_the_dialogue(desk: people.Desk, leased: tuple[Lease, seal.WorkerKeys]) -> None:
    lease, keys = leased
    before = Item.objects.filter(channel="dialogue").count()
    examining.record(lease=lease, outcome=outcome(findings=(finding(),)), worker=keys, version="v")
    assert Item.objects.filter(channel="dialogue").count() == before


def test_a_flood_of_findings_is_cut_and_counted(desk: people.Desk, leased: tuple[Lease, seal.WorkerKeys]) -> None:
    lease, keys = leased
    many = tuple(finding(f"bait{n}.example") for n in range(examining.KEPT + 40))
    gaps = tuple(NotChecked("spyware", str(n), "why") for n in range(examining.NOT_CHECKED_KEPT + 40))
    examining.record(lease=lease, outcome=outcome(findings=many, not_checked=gaps), worker=keys, version="v")
    assert Item.objects.filter(kind="finding").count() == examining.KEPT
    gaps_shown = reading.case_page(desk.lead, Case.objects.get().id).not_checked
    assert any("40 more parts" in gap.why for gap in gaps_shown)


@pytest.mark.parametrize("digest", ["A NAME of somebody\n" * 9, "nameofsomebody", "", "g" * 64, "AB" * 32])
def test_the_log_holds_codes_whatever_the_child_says(
    desk: people.Desk, leased: tuple[Lease, seal.WorkerKeys], digest: str
) -> None:
    lease, keys = leased
    lying = sandbox.Ended("done", digest=digest, versions={"x": "y"}, says="s" * 50)
    examining.record(lease=lease, outcome=outcome(ended=lying), worker=keys, version="v")
    entries = [seal.CustodyEntry.decode(bytes(row.body)) for row in LogEntry.objects.all()]
    (examined,) = [one for one in entries if one.action == "examined"]
    assert examined.detail == ("version:v", "indicators:none", "outcome:done")


@pytest.mark.parametrize("code", sorted(sandbox.WHY))
def test_every_coded_end_is_recorded_as_not_checked(
    desk: people.Desk, leased: tuple[Lease, seal.WorkerKeys], code: str
) -> None:
    lease, keys = leased
    why = sandbox.WHY[code]
    gaps = (NotChecked("sandbox", "the whole file", why),)
    examining.record(lease=lease, outcome=outcome(code=code, ended=None, not_checked=gaps), worker=keys, version="v")
    assert why in {gap.why for gap in reading.case_page(desk.lead, Case.objects.get().id).not_checked}


def test_what_was_erased_meanwhile_gets_nothing(desk: people.Desk, leased: tuple[Lease, seal.WorkerKeys]) -> None:
    lease, keys = leased
    ItemKey.objects.filter(item_id=lease.item_id).delete()
    assert examining.record(lease=lease, outcome=outcome(findings=(finding(),)), worker=keys, version="v") == "gone"
    assert previews.record(lease=lease, outcome=outcome(), worker=keys, version="v") == "gone"
    assert not Item.objects.filter(kind__in=("finding", "exam", "preview")).exists()


def test_a_captured_renderer_can_hand_in_no_other_kind_of_picture() -> None:
    """SVG or HTML called a picture would be a page of the attacker's on the desk's own address."""
    for data in (b"<svg onload=alert(1)>", b"\xff\xd8\xff<script>", b""):
        made = sandbox.Rendering("image", "image/svg+xml", data=data, blurred=data)
        assert previews._preview(seal.new_worker_keys().id, outcome(rendering=made)).kind == "none"
    good = b"\xff\xd8\xff" + b"x" + b"\xff\xd9"
    made = sandbox.Rendering("image", "text/html", data=good, blurred=good)
    kept = previews._preview(seal.new_worker_keys().id, outcome(rendering=made))
    assert (kept.kind, kept.media_type) == ("image", "image/jpeg")


def test_without_the_consent_only_a_copy_is_drawn(desk: people.Desk) -> None:
    """Who may read the original may ask for the safe copy; the detectors stay off."""
    from amparo.desk import casework

    workers.register()
    people.report("text", files=(("a.zip", b"x"),), consents=())
    case = Case.objects.get()
    (card,) = reading.case_page(desk.lead, case.id).evidence
    assert casework.request_exam(staff=desk.lead, case_id=case.id, file=card.item) == "copy"
    assert list(Lease.objects.values_list("purpose", flat=True)) == ["preview"]


def test_a_new_lease_takes_the_place_of_a_stale_one(desk: people.Desk, leased: tuple[Lease, seal.WorkerKeys]) -> None:
    from amparo.desk import casework, clock

    lease, _ = leased
    Lease.objects.update(state="needs-handler", start_by=clock.now() - dt.timedelta(hours=1))
    assert casework.request_exam(staff=desk.lead, case_id=Case.objects.get().id, file=lease.item_id) == "queued"
    assert set(Lease.objects.values_list("state", flat=True)) == {"waiting"}
    assert Lease.objects.count() == 2


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("done", "done"), ("nothing-read", "nothing-read"), ("needs-device-consent", "needs-device-consent"),
        ("timeout", "failed"), ("memory", "failed"), ("crashed", "failed"), ("tampered", "failed"),
        ("malformed", "failed"), ("no-private-memory", "failed"),
    ],
)
def test_only_a_finished_exam_is_shown_as_examined(
    desk: people.Desk, leased: tuple[Lease, seal.WorkerKeys], code: str, shown: str
) -> None:
    """"Examined, nothing found" must not be said of a file that nobody could read."""
    lease, keys = leased
    gaps = (NotChecked("sandbox", "the whole file", sandbox.WHY.get(code, "x")),)
    examining.record(lease=lease, outcome=outcome(code=code, not_checked=gaps), worker=keys, version="v")
    assert examining.states([lease.item_id]) == {lease.item_id: shown}
    assert shown in examining.SAYS
