"""J1 from the first page to the answer, by a browser without scripts."""

import pytest

from amparo.desk import configuration, intake
from amparo.desk.records import Case, SessionRow
from amparo.doors.reporter import asked
from amparo.words import questionnaires
from tests.desk import people
from tests.doors.reporter.conftest import Configure
from tests.doors.reporter.person import Person, a_file

STORY = "They wrote where I live.\nTwo cars waited <b>outside</b> & left."


def page_of(code: str) -> str:
    """The address of a question's page."""
    return f"write/{asked.number_of(code)}/"


def write_and_send(person: Person, **answers: object) -> tuple[str, ...]:
    """A short report: the story, some answers, nothing else; the receipt."""
    person.open("write/")
    person.send()
    person.send(danger="no", press="on")
    person.send(what__happened=STORY, press="on")
    for name, value in answers.items():
        person.open(page_of(name.replace("__", "-")))
        person.send(press="on", **{name: value})
    person.send(press="end")
    if person.path.startswith(f"/{person.language}/write/files/"):
        person.send(having="file", press="on")
    assert person.path.endswith("/write/readers/"), person.path
    person.send(press="on")
    person.send(having="may") if person.main.all("input", name="may") else None
    assert person.path.endswith("/write/check/"), person.path
    person.send()
    return person.words()


@pytest.mark.parametrize("language", ["en", "es", "fr", "ar"])
def test_the_whole_way_in_every_language(desk: people.Desk, language: str) -> None:
    person = Person(language, start="")
    person.open(f"/{language}/")
    assert [link.attributes["href"] for link in person.main.one("ul", class_="ways").all("a")] == [
        f"/{language}/first/", f"/{language}/write/", f"/{language}/back/"]
    person.open("write/")
    person.send()
    count = 0
    while "/readers/" not in person.path:
        count += 1
        assert count < 60
        assert person.page.all("a", href=f"/{language}/write/delete/?at={person.path}"), "no way to delete the draft"
        assert person.main.all("p", class_="next"), "nothing says what happens next"
        assert not [one for one in person.page.all("input") if "checked" in one.attributes], "something is ticked"
        if "/files/" in person.path:
            person.send(having="file", press="on")
        elif person.main.all("textarea", name="what-happened"):
            person.send(what__happened=STORY, press="on")
        else:
            person.send(press="skip")
    assert count >= 20
    person.send(press="on")
    assert not [one for one in person.page.all("input") if "checked" in one.attributes]
    person.send()
    assert person.path.endswith("/check/")
    assert STORY in [one.raw for one in person.main.all("dd", class_="typed")]
    person.send()
    words = person.words()
    assert len(words) == (10 if language == "ar" else 9)
    assert Case.objects.count() == 1
    person.open("write/words/")
    assert person.words() == words, "a reload shows the same words"
    person.follow({"en": "I wrote them", "es": "anoté", "fr": "notés", "ar": "دوّنتها"}[language])
    places = [int(one.attributes["name"].removeprefix("word-")) for one in person.main.all("input", type="text")]
    assert len(places) == 2
    person.send(press="on", **{f"word-{place}": words[place - 1] for place in places})
    assert person.path.endswith("/done/") and configuration.current().hours in person.main.text
    assert " ".join(words) not in person.main.text and not person.page.all("details", class_="receipt")
    later = Person(language)
    later.open("back/")
    later.send(words=" ".join(words))
    assert later.path == f"/{language}/back/talk/"
    assert "cars waited" not in later.html, "what was reported is not shown unless that was chosen"


def test_what_was_typed_arrives_and_only_what_was_asked(person: Person, desk: people.Desk) -> None:
    words = write_and_send(person, see__again="yes", grounds=["race"])
    back = Person()
    back.open("back/")
    back.send(words="-".join(words).upper())
    back.follow("Read what I reported")
    assert STORY in [one.raw for one in back.main.all("dd", class_="typed")]
    assert "Race or skin colour" not in back.main.text, "grounds are not kept without their own consent"


def test_grounds_are_kept_with_their_own_consent(person: Person) -> None:
    person.open("write/")
    person.send()
    person.open(page_of("grounds"))
    person.send(press="on", grounds=["race"], keep="grounds")
    person.open("write/check/")
    assert "Race or skin colour" in person.main.text and "not sent" not in person.main.text
    person.open(page_of("grounds"))
    person.send(press="on", grounds=["race"], keep=[])
    person.open("write/check/")
    assert "This answer is not sent" in person.main.text


def test_danger_comes_before_everything_else(person: Person) -> None:
    person.open("first/")
    assert "Ambulance 100" in person.main.text and "08:00" in person.main.text
    assert not person.main.all("form"), "guidance comes before any question"
    person.open("write/")
    person.send()
    person.send(danger="yes", press="on")
    assert person.path.endswith("/first/?on=1") and "Ambulance 100" in person.main.text
    assert [a.attributes["href"] for a in person.page.all("a", hreflang="ar")] == ["/ar/first/?on=1"]
    person.follow("Go on with my report")
    assert person.main.all("textarea", name="what-happened")


def test_hidden_questions_are_not_asked_and_their_answers_not_kept(person: Person) -> None:
    person.open("write/")
    person.send()
    person.open(page_of("exposed"))
    assert person.path.endswith("/write/1/"), "a page that is not asked leads back"
    person.open(page_of("threats"))
    person.send(press="on", threats=["doxing"])
    assert person.path.endswith(page_of("exposed"))
    person.send(press="on", exposed=["home"])
    person.open(page_of("threats"))
    person.send(press="on", threats=["smear"])
    person.open("write/check/")
    assert "Where I live" not in person.main.text


def test_a_date_that_cannot_be_read_is_shown_again_with_its_error(person: Person) -> None:
    person.open("write/")
    person.send()
    person.open(page_of("when"))
    person.send(press="on", when="the day <after> the trial")
    assert "could not be read" in person.errors and "2024-05-31" in person.errors, "an example says how"
    link = person.page.one("div", class_="errors").one("a")
    target = person.page.one(id=link.attributes["href"].removeprefix("#"))
    assert target.attributes["value"] == "the day <after> the trial" and target.attributes["aria-invalid"] == "true"
    assert person.page.one("title").text.startswith("To correct:")
    person.send(press="skip", when="the day <after> the trial")
    assert not person.errors


def test_an_answer_can_be_changed_and_taken_back(person: Person) -> None:
    person.open("write/")
    person.send()
    person.send(danger="no", press="on")
    person.open("write/check/")
    person.open(next(a.attributes["href"] for a in person.main.all("a") if "danger right now" in a.text))
    assert [one.attributes["value"] for one in person.main.all("input", name="danger") if "checked" in one.attributes] \
        == ["no"]
    person.send(danger=asked.REFUSED, press="on")
    assert person.path.endswith("/check/")
    assert not [row for row in person.main.all("dt") if "danger right now" in row.text], "it counts as not answered"


def test_readers_are_numbers_and_roles_and_somebody_can_be_left_out(person: Person) -> None:
    person.open("write/")
    person.send()
    person.open("write/readers/")
    assert "2 people of this desk" in person.main.text
    person.send(press="show", people=["Wren"])
    assert "1 person of this desk" in person.main.text and person.path.endswith("/readers/")
    person.send(press="on", roles=["lead"])
    assert "nobody at this desk could read" in person.errors
    person.send(press="on", roles=[], people=[], lead_only="yes")
    person.open("write/check/")
    assert "everyone but whoever leads this desk" in person.main.text


def test_under_18_is_not_asked_about_publication(person: Person) -> None:
    person.open("write/")
    person.send()
    person.open(page_of("under-18"))
    person.send(press="on", under__18="yes")
    person.open("write/choices/")
    offered = {one.attributes["value"] for one in person.main.all("input", name="may")}
    assert "examine" in offered and not offered & {"publish-story", "un-public-name"}
    person.send(may=["publish-story", "examine"])
    person.open("write/check/")
    assert "Publish my story" not in person.main.text and "Examine my files" in person.main.text


def test_files_are_added_listed_and_removed(person: Person) -> None:
    person.open("write/")
    person.send()
    person.open("write/files/")
    assert "2 GB" in person.main.text, "the limit is said before"
    person.send(having="file", press="add", file=[a_file("one.txt"), a_file("two‮txt.exe", b"x" * 3000)])
    listed = person.main.one("ul", class_="files")
    assert len(listed.all("li")) == 2 and "‮" not in listed.text and "3 kB" in listed.text
    first = listed.all("form")[0]
    person._arrive(person.client.post(person.path, {
        one.attributes["name"]: one.attributes["value"] for one in first.all("input")}), person.path)
    assert len(person.main.one("ul", class_="files").all("li")) == 1
    person.send(having="file", press="add")
    assert "No file was chosen" in person.errors
    person.send(having="file", press="on", file=a_file("three.txt"))
    assert person.path.endswith(page_of("want")), "what was chosen goes along"
    person.open("write/check/")
    rows = {row.one("dt").text: row.text for row in person.main.all("dl", class_="facts")[0].all("div")}
    assert "three.txt" in rows["Files"] and "Change" in rows["Files"]


def test_a_refused_file_stays_on_the_page_with_its_error(person: Person, configure: Configure) -> None:
    configure("max_upload = 2000")
    person.open("write/")
    person.send()
    person.open("write/files/")
    person.send(having="file", press="on", file=a_file("large.txt", b"x" * 5000))
    assert "/write/files/" in person.path and person.errors, "a refusal is never passed over"
    field = person.main.one("input", type="file")
    said = " ".join(person.main.one(id=name).text for name in field.attributes["aria-describedby"].split())
    assert field.attributes["aria-invalid"] == "true"
    assert person.page.one("div", class_="errors").one("a").text in said, "the error stands beside the field, too"
    person.send(having="file", press="on")
    assert person.path.endswith(page_of("want")) and not person.errors


def test_enough_leads_to_the_files_and_past_the_other_questions(person: Person) -> None:
    person.open("write/")
    person.send()
    person.send(danger="no", press="on")
    person.send(what__happened=STORY, press="end")
    assert person.path == "/en/write/files/?end=2"
    assert next(a for a in person.main.all("a") if a.text == "Back").attributes["href"] == "/en/write/2/"
    assert [a.attributes["href"] for a in person.page.all("a", hreflang="ar")] == ["/ar/write/files/?end=2"]
    person.send(having="file", press="on")
    assert person.path.endswith("/write/readers/")
    person.send(press="on")
    person.send()
    assert person.path.endswith("/write/check/")
    row = next(row for row in person.main.all("dl", class_="facts")[0].all("div") if row.one("dt").text == "Files")
    assert row.all("dd")[0].text == "none"
    person.open(row.one("a").attributes["href"])
    person.send(having="file", press="on", file=a_file("late.txt"))
    assert person.path.endswith("/write/check/") and "late.txt" in person.main.text
    person.open(page_of("see-again"))
    person.send(press="end")
    assert person.path.endswith("/write/readers/"), "who is past the files is not led back"


@pytest.mark.parametrize("end", ["99", "0", "files", "-1", "1&check=2"])
def test_an_invented_way_past_the_questions_counts_for_nothing_else(person: Person, end: str) -> None:
    person.open("write/")
    person.send()
    person.open(f"write/files/?end={end}")
    person.send(having="file", press="on")
    expected = "write/check/" if "check" in end else page_of("want")
    assert person.path.endswith(expected), person.path


def test_pages_say_where_one_is_without_a_total(person: Person) -> None:
    person.open("write/")
    assert "danger right now" in person.main.one("p", class_="next").text
    person.send()
    seen = {}
    for path in ("1/", "files/", "readers/", "choices/", "check/"):
        person.open(f"write/{path}")
        seen[path] = person.main.all("p", class_="quiet")[0].text
    assert seen["1/"] == "Page 1. You can skip any question, or stop here and go to the end."
    assert seen["files/"] == "Files. You can go on without any."
    assert "who reads" in seen["readers/"] and "what this desk may do" in seen["choices/"]
    assert not [text for text in seen.values() if " of " in text], "no total"


def test_a_draft_is_offered_first_and_goes_on_where_it_was(person: Person) -> None:
    person.open("write/")
    person.send()
    person.send(danger="no", press="on")
    person.send(what__happened=STORY, press="on")
    person.open("")
    first = person.main.one("ul", class_="ways").all("a")[0]
    assert first.text.startswith("Go on with my draft") and first.attributes["href"].endswith(page_of("threats"))
    person.open("first/")
    assert "Come back to my report" not in person.main.text and "Go on with my report" in person.main.text


def test_grounds_are_asked_about_only_where_they_were_given(person: Person) -> None:
    person.open("write/")
    person.send()
    person.open("write/choices/")
    assert not person.main.all("input", value="grounds")
    more = person.main.one("details")
    far = {one.attributes["value"] for one in more.all("input")}
    assert far == {"un-confidential", "un-public-name", "diplomatic", "publish-story"} and "open" not in more.attributes
    assert "examine" in {one.attributes["value"] for one in person.main.all("input", name="may")} - far
    person.open(page_of("grounds"))
    person.send(press="on", grounds=["race"])
    person.open("write/choices/")
    assert person.main.all("input", value="grounds")
    person.send(may=["diplomatic"])
    person.open("write/choices/")
    assert "open" in person.main.one("details").attributes, "what is on is never folded away"


def test_the_words_are_asked_for_and_can_be_skipped(person: Person) -> None:
    words = write_and_send(person)
    person.follow("I wrote them down")
    person.send(press="on")
    assert "not the words" in person.errors
    person.open("write/done/")
    assert person.path.endswith("/write/words/"), "nothing goes on before they are confirmed or skipped"
    person.follow("I wrote them down")
    person.send(press="skip")
    assert person.path.endswith("/done/")
    person.open("write/words/")
    assert not person.page.all("details", class_="receipt") and " ".join(words[:2]) not in person.main.text
    person.open("write/")
    person.send()
    assert person.main.all("input", name="danger"), "a second report can be begun"


def test_pressing_send_twice_sends_once(person: Person) -> None:
    write_and_send(person)
    token = person.client.session["_csrftoken"]
    person._arrive(person.client.post("/en/write/send/", {"csrfmiddlewaretoken": token}), "/en/write/send/")
    assert person.path.endswith("/write/words/") and Case.objects.count() == 1


def test_first_aid_fits_the_answers_and_says_who_reviewed_it(person: Person) -> None:
    write_and_send(person, threats=["doxing"])
    person.open("write/words/check/")
    person.send(press="skip")
    assert 1 <= len(person.main.one("ol").all("li")) <= 7
    assert "reviewed" in person.main.text


def test_all_pages_are_reached_by_the_questions_that_are_visible(desk: people.Desk) -> None:
    everything = {q.code: [o.code for o in q.options] for q in questionnaires.load().questions if q.options}
    way = asked.steps(everything)
    assert [step.name for step in way][-3:] == ["readers", "choices", "check"]
    assert len({step.href for step in way}) == len(way)


def test_the_start_pages_make_no_session(person: Person) -> None:
    before = SessionRow.objects.count()  # those of the colleagues
    for path in ("", "first/", "about/", "traces/"):
        person.open(path)
        assert not person.response.cookies
    assert SessionRow.objects.count() == before


def test_the_one_cookie_is_strict_and_ends_with_the_browser(person: Person) -> None:
    person.open("write/")
    assert list(person.response.cookies) == ["s"]
    cookie = person.response.cookies["s"]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and not cookie["max-age"] and not cookie["expires"]


def test_the_draft_keeps_nothing_readable(person: Person) -> None:
    person.open("write/")
    person.send()
    person.send(danger="no", press="on")
    person.send(what__happened="canaryword of a story", press="on")
    assert intake.draft_of(person.client.session) is not None
    for row in SessionRow.objects.all():
        assert b"canaryword" not in bytes(row.body)
