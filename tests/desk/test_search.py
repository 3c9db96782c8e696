"""Search in session: what is found, how it is shown, what it must not show, and what is left of it."""

import time
from uuid import UUID

import msgspec
import pytest

from amparo.desk import (
    casework,
    examining,
    masks,
    returning,
    sandbox,
    search,
    searchsheets,
    shredding,
    workers,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.identifiers import find as identifiers_in
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Case, Lease, Mark, SearchSheet
from amparo.desk.searchpart import HEAD, PARTS, Entry, Part, part_of
from amparo.words.findings import Category, Finding, Knowledge, Level, Where
from tests.desk import people as desks


def file(text: str, **more: object) -> returning.Access:
    words, _ = desks.report(text, **more)  # type: ignore[arg-type]
    return returning.open_receipt(" ".join(words))


def cases(staff: OpenStaff, words: str) -> list[UUID]:
    found = search.find(staff, words)
    assert found.building is None
    return [one.case for one in found.hits]


def test_all_words_must_occur_whatever_they_wear(desk: desks.Desk) -> None:
    first = file("Tres hombres esperan en la ESTACIÓN. مُحَمَّــد رآهم").case
    second = file("A man waits at the station.").case
    assert cases(desk.lead, "estacion hombres") == [first]
    assert cases(desk.lead, "ESTACIÓN") == [first]
    assert cases(desk.lead, "محمد") == [first]
    assert cases(desk.lead, "statiOn\u200b") == [second]
    assert cases(desk.lead, "hombres station") == []
    assert set(cases(desk.lead, "tation")) == {second}  # part of a word, no other


def test_a_phrase_comes_first_and_quotes_ask_for_it(desk: desks.Desk) -> None:
    apart = file("The car was red, and grey was the house.").case
    together = file("A grey\n car stood there.").case
    assert cases(desk.lead, "grey car") == [together, apart]
    assert cases(desk.lead, "“grey car”") == [together]
    assert cases(desk.lead, '"grey car" there') == [together]
    assert [one.how for one in search.find(desk.lead, "grey car").hits] == ["phrase", "words"]


def test_everything_that_people_wrote_is_searched_and_what_was_written_since(desk: desks.Desk) -> None:
    access = file("First words.", files=(("ledger-heliotrope.txt", b"x"),))
    assert cases(desk.lead, "heliotrope") == [access.case]
    assert cases(desk.lead, "marigold") == []
    returning.say(access, "about marigold")
    casework.note(staff=desk.lead, case_id=access.case, text="a cornflower note")
    casework.record_event(staff=desk.lead, case_id=access.case, text="a tulip event", when=None, venue="offline")
    for word in ("marigold", "cornflower", "tulip"):
        assert cases(desk.team["Wren"], word) == [access.case], word


def test_findings_are_found_by_what_they_say_and_by_the_set_that_knows_them_and_pieces_by_being_examined(
    desk: desks.Desk,
) -> None:
    keys = workers.register()
    desks.report("text", files=(("a.zip", b"x"),), consents=("examine",))
    case = Case.objects.get().id
    file("Another one.")
    for word in ("ambassador", "pegasus", "examined", "examinado", "examiné", "مفحوص"):
        assert cases(desk.lead, word) == [], word
    seen = Finding(
        detector="spyware", detector_version="1", code="link", level=Level.HIGH, category=Category.RECEIVED,
        seen="bait.example", where=Where("sms.db", "message 1"), says="A link of an ambassador.", matters="It matters.",
        does_not_say="Not that it was opened.", knowledge=(Knowledge("bait.example", "Pegasus, a set of domains"),),
    )
    ended = sandbox.Ended("done", digest="ab" * 32, indicators=3, says="said", coverage={"sms.db": 5})
    made = sandbox.Outcome(code="done", level="namespaces", seconds=0.1, ended=ended, findings=(seen,))
    examining.record(lease=Lease.objects.get(purpose="examine"), outcome=made, worker=keys, version="v" * 24)
    for word in ("ambassador", "pegasus", "bait.example", "examined", "examinado", "examiné", "مفحوص"):
        assert cases(desk.lead, word) == [case], word


def test_an_examination_that_failed_is_none(desk: desks.Desk) -> None:
    keys = workers.register()
    desks.report("text", files=(("a.zip", b"x"),), consents=("examine",))
    lease = Lease.objects.get(purpose="examine")
    failed = sandbox.Outcome(code="crashed", level="namespaces", seconds=0.1)
    examining.record(lease=lease, outcome=failed, worker=keys, version="v" * 24)
    assert cases(desk.lead, "examined") == []


def test_one_word_does_not_stand_together_with_itself(desk: desks.Desk) -> None:
    file("A grey car stood there.")
    assert [one.how for one in search.find(desk.lead, "grey").hits] == ["word"]
    assert [one.how for one in search.find(desk.lead, "“grey car”").hits] == ["phrase"]


def test_words_of_two_writings_make_no_phrase(desk: desks.Desk) -> None:
    access = file("ends with grey")
    returning.say(access, "car begins this")
    assert cases(desk.lead, '"grey car"') == []
    assert cases(desk.lead, "grey car") == [access.case]


def test_the_snippet_is_the_text_itself_with_the_find_marked(desk: desks.Desk) -> None:
    file("x " * 300 + "They came to the Café  Zentral at noon." + " y" * 300)
    (hit,) = search.find(desk.lead, "cafe zentral").hits
    assert [text for text, marked in hit.snippet if marked] == ["Café  Zentral"]
    assert "".join(text for text, _ in hit.snippet).count("at noon") == 1
    assert len("".join(text for text, _ in hit.snippet)) < 400


def test_masked_words_are_not_found_and_stand_in_no_snippet(desk: desks.Desk) -> None:
    access = file("Anna Kovacs grows marigold. Call +380 67 123 45 67.")
    assert cases(desk.lead, "kovacs") == [access.case]
    masks.mask(staff=desk.team["Wren"], case_id=access.case, text="Anna Kovács", why="asked for")
    masks.mask(staff=desk.team["Wren"], case_id=access.case, text="+380671234567", why="asked for")
    assert cases(desk.lead, "kovacs") == []
    assert cases(desk.lead, "0671234567") == []
    (hit,) = search.find(desk.lead, "marigold").hits
    assert "Kov" not in repr(hit.snippet)
    for number in range(PARTS):
        assert b"kovacs" not in searchsheets.read_part(desk.lead, number).encode()


def test_nothing_asked_is_said(desk: desks.Desk) -> None:
    for empty in ("", "  ", "\u200b", '""', "a", '"'):
        with pytest.raises(search.NothingAsked) as told:
            search.find(desk.lead, empty)
        assert told.value.advice


def test_fifty_a_page_the_newest_first(desk: desks.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "ON_A_PAGE", 2)
    made = {file(f"marigold number {n}").case for n in range(5)}
    found = [search.find(desk.lead, "marigold", page) for page in range(4)]
    assert [len(one.hits) for one in found] == [2, 2, 1, 0]
    assert {one.total for one in found} == {5}
    assert {hit.case for one in found for hit in one.hits} == made


def test_only_my_cases_and_no_longer_after_one_was_taken_from_me(desk: desks.Desk) -> None:
    kept = file("marigold one", excluded=Exclusion(pseudonyms=("Wren",))).case
    both = file("marigold two").case
    assert set(cases(desk.team["Swift"], "marigold")) == {kept, both}
    assert cases(desk.team["Wren"], "marigold") == [both]
    casework.remove_colleague(staff=desk.lead, case_id=both, colleague=desk.team["Wren"].id)
    assert not SearchSheet.objects.filter(staff_id=desk.team["Wren"].id, number=part_of(both)).exists()
    assert cases(desk.team["Wren"], "marigold") == []
    assert set(cases(desk.lead, "marigold")) == {kept, both}
    casework.add_colleague(staff=desk.lead, case_id=both, colleague=desk.team["Wren"].id)
    assert cases(desk.team["Wren"], "marigold") == [both]


def test_an_erased_case_is_in_no_sheet_and_in_no_index(desk: desks.Desk) -> None:
    gone = file("marigold +380671234567").case
    stays = file("marigold two").case
    assert len(cases(desk.lead, "marigold")) == 2
    assert Mark.objects.filter(case_id=gone).exists()
    shredding.shred_case(gone, actor_kind="staff", actor=desk.lead.id, reason="decided")
    assert not SearchSheet.objects.filter(number__in=(part_of(gone), HEAD)).exists()
    assert not Mark.objects.filter(case_id=gone).exists()
    assert cases(desk.lead, "marigold") == [stays]


def test_changes_in_many_parts_at_once_leave_every_other_case_where_it_was(
    desk: desks.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searchsheets, "TOGETHER", 3)
    made = [file(f"marigold number {n}").case for n in range(12)]
    assert len({part_of(case) for case in made}) > 3
    assert set(cases(desk.lead, "marigold")) == set(made)
    for case in made[::2]:
        casework.note(staff=desk.team["Wren"], case_id=case, text="a cornflower note")
    assert set(cases(desk.lead, "cornflower")) == set(made[::2])
    assert set(cases(desk.lead, "marigold")) == set(made)
    assert {(entry.case, number) for number in range(PARTS)
            for entry in searchsheets.read_part(desk.lead, number).entries()} == {(c, part_of(c)) for c in made}


def test_what_is_held_part_by_part_is_all_that_is_held(desk: desks.Desk) -> None:
    made = {file(f"marigold number {n}").case for n in range(12)}
    parts = [searchsheets.held(desk.team["Wren"].id, number) for number in range(PARTS)]
    assert {UUID(bytes=one) for one in searchsheets.held(desk.team["Wren"].id)} == made
    for number, some in enumerate(parts):
        assert {UUID(bytes=one) for one in some} == {case for case in made if part_of(case) == number}


def test_a_case_erased_while_a_part_is_being_made_is_not_written_back(desk: desks.Desk) -> None:
    gone = file("marigold one").case
    part = Part()
    part.replace([Entry(gone, 1, b"marigold one")], ())
    shredding.shred_case(gone, actor_kind="staff", actor=desk.lead.id, reason="decided")
    searchsheets._save(desk.lead, {part_of(gone): part})
    assert len(searchsheets.read_part(desk.lead, part_of(gone))) == 0


def test_many_are_read_in_the_background_with_progress(desk: desks.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {file(f"marigold number {n}").case for n in range(6)}
    monkeypatch.setattr(searchsheets, "AT_ONCE", 3)
    found = search.find(desk.lead, "marigold")
    assert found.building is not None
    assert found.building[1] == 6
    until = time.monotonic() + 20
    while (found := search.find(desk.lead, "marigold")).building is not None and time.monotonic() < until:
        time.sleep(0.05)
    assert {one.case for one in found.hits} == made


def test_a_sheet_that_was_changed_is_made_anew(desk: desks.Desk) -> None:
    case = file("marigold one").case
    assert cases(desk.lead, "marigold") == [case]
    row = SearchSheet.objects.get(staff_id=desk.lead.id, number=part_of(case))
    row.body = bytes(row.body)[:-1] + b"\x00"
    row.save()
    assert cases(desk.lead, "marigold") == [case]


@pytest.mark.parametrize("asked", ["+380 67 123-45-67", "067 123 45 67", "00380671234567", "(067)1234567"])
def test_a_number_is_found_however_it_is_written_and_counted_where_it_is_not_mine(
    desk: desks.Desk, asked: str
) -> None:
    mine = file("Calls come from +380 (67) 123 45 67.").case
    other = file("He rang: 0671234567", excluded=Exclusion(pseudonyms=("Wren",))).case
    file("Another number: +380 67 123 45 68")
    assert set(cases(desk.lead, asked)) == {mine, other}  # a lead's session makes the key, and the marks of both
    found = search.find(desk.team["Wren"], asked)
    assert [(one.case, one.how) for one in found.hits] == [(mine, "identifier")]
    assert found.elsewhere == 1
    assert other.hex not in repr(found)


@pytest.mark.parametrize(("text", "kind", "value"), [
    ("see hxxps://Evil[.]Example/a?b=1.", "url", "https://evil.example/a?b=1"),
    ("see hxxps://Evil[.]Example/a?b=1.", "domain", "evil.example"),
    ("mail Jo.Doe+x@Ex.ORG!", "email", "jo.doe+x@ex.org"),
    ("mail jo[at]ex[.]org", "email", "jo@ex.org"),
    ("he is @Bad_Actor.", "handle", "bad_actor"),
    ("D41D8CD98F00B204E9800998ECF8427E", "hash", "d41d8cd98f00b204e9800998ecf8427e"),
    ("اتصل ٠٠٣٨٠٦٧١٢٣٤٥٦٧", "phone", "380671234567"),
    ("visit www.site.example", "domain", "site.example"),
    ("пишите на почта@пример.укр", "email", "почта@xn--e1afmkfd.xn--j1amh"),
])
def test_identifiers_in_texts(text: str, kind: str, value: str) -> None:
    assert (kind, value) in identifiers_in([text])


@pytest.mark.parametrize("text", [
    "on 2026-03-01 12 30", "10.0.0.12 and 192.168.10.200", "12 345 678", "01.02.2026", "2024 2025 2026", "a@b",
])
def test_what_is_no_identifier(text: str) -> None:
    assert [one for one in identifiers_in([text]) if one[0] != "domain"] == []


def test_the_name_of_a_file_is_no_domain() -> None:
    """Two mails saved under one name are no sign of a double; an ending that is a real one stays a domain."""
    assert identifiers_in(["message.eml, IMG_0042.JPG and backup.plist"]) == ()
    assert identifiers_in(["bait.zip, see https://bait.pdf/x"]) == (
        ("domain", "bait.pdf"), ("domain", "bait.zip"), ("url", "https://bait.pdf/x"))


def test_patterns_take_time_in_proportion_to_the_text() -> None:
    for unit in ("a", "1", "a.", "@a", "1 ", "%41", "-.", "a@", "https://", "+1(", "[.]"):
        times = []
        for size in (20_000, 80_000):
            text = (unit * size)[:size]
            begun = time.process_time()
            identifiers_in([text])
            times.append(time.process_time() - begun)
        assert times[1] < 12 * max(times[0], 0.02), (unit, times)


def test_a_part_keeps_what_was_put_in() -> None:
    part = Part()
    entries = [Entry(UUID(int=n), n, f"text {n}".encode(), (("phone", str(n)),), b"s" * n, ((b"o", "same"),))
               for n in range(1, 6)]
    part.replace(entries, ())
    part.replace([Entry(UUID(int=2), 9, b"new")], [UUID(int=4)])
    part.seen, part.generation = 7, 3
    again = Part.decode(part.encode())
    assert (again.seen, again.generation, len(again)) == (7, 3, 4)
    assert {one.case.int: one.text for one in again.entries()} == {1: b"text 1", 2: b"new", 3: b"text 3", 5: b"text 5"}
    assert [again.case(place).int for place in again.places_with([b"text", b"5"])] == [5]
    with pytest.raises(msgspec.DecodeError):
        Part.decode(part.encode()[:-3])
