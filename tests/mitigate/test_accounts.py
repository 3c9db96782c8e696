"""Lists for accounts: the same in four languages, dated, and honest about what nobody could check."""

import itertools
import re
from datetime import date

import pytest

from amparo.mitigate import accounts
from amparo.mitigate.accounts import LANGUAGES, SECTIONS, AccountsBroken, codes, load

KINDS = [(code, language) for code in codes() for language in LANGUAGES]


def listed(code: str, language: str = "en") -> accounts.List:
    found = load(code, language)
    assert found is not None
    return found


def test_the_services_that_defenders_use_have_a_list() -> None:
    assert {"google", "apple", "microsoft", "facebook", "instagram", "whatsapp", "signal", "telegram", "x", "tiktok",
            "youtube", "proton"} <= set(codes())


@pytest.mark.parametrize(("code", "language"), KINDS)
def test_each_list_says_what_to_do_and_what_not(code: str, language: str) -> None:
    found = listed(code, language)
    assert list(found.sections) == list(SECTIONS) and found.language == language and found.unreviewed
    assert [len(lines) for lines in found.sections.values()] == [
        len(lines) for lines in listed(code).sections.values()], "as many lines in each language"
    for line in itertools.chain(*found.sections.values()):
        assert 15 < len(line.text) <= 260 and "!" not in line.text, line.text
        if language == "ar":
            assert re.search("[\u0600-\u06ff]", line.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_warns_of_paid_recovery_and_of_the_person_close_by(language: str) -> None:
    common = listed("google", language).common
    assert len(common.before) == 4 and len(common.avoid) == 3
    paid = {"en": "Pay nobody", "es": "No pague a nadie", "fr": "Ne payez personne", "ar": "لا تدفعوا"}[language]
    close = {"en": "somebody close", "es": "alguien cercano", "fr": "un proche", "ar": "شخص قريب"}[language]
    assert common.avoid[0].startswith(paid) and close in common.before[0]


def test_translations_are_no_copies() -> None:
    for code in codes():
        for one, two in itertools.combinations(LANGUAGES, 2):
            first = {line.text for lines in listed(code, one).sections.values() for line in lines}
            assert not first & {line.text for lines in listed(code, two).sections.values() for line in lines}


@pytest.mark.parametrize("code", codes())
def test_what_was_checked_names_its_page_and_day(code: str) -> None:
    service = listed(code).service
    assert (service.checked_on is not None) == bool(service.read)
    assert service.checked_on is None or service.checked_on >= date(2026, 11, 1)
    assert service.read or service.unread
    for page in (*service.read, *service.unread):
        assert re.fullmatch(r"[a-z.]+\.[a-z]+(/[A-Za-z0-9./_-]*)?", page), "an address as text, without https://"
    lines = [line for lines in listed(code).sections.values() for line in lines]
    assert sum(not line.checked for line in lines) == len(service.unchecked)
    assert service.checked_on is not None or not any(line.checked for line in lines), "unread: no line is checked"


def test_an_unknown_service_is_none_and_an_unknown_language_english() -> None:
    assert load("nothing", "en") is None and listed("signal", "xx").language == "en"


SERVICES = """
[services.one]
name = "One"
checked_on = 2026-11-25
read = ["one.example/help"]
unread = []
unchecked = ["locked.1"]
"""
WORDS = """
language = "en"
reviewed_by = ""
common = { before = ["b"], avoid = ["a"] }
[services.one]
locked = ["l"]
intruder = ["i"]
harden = ["h"]
proof = ["p"]
avoid = ["a"]
"""


def test_the_small_list_itself_is_whole() -> None:
    assert accounts.words(WORDS, accounts.services(SERVICES), "en").services["one"]["harden"] == ("h",)


@pytest.mark.parametrize(("old", "new", "says"), [
    ("checked_on = 2026-11-25\n", "", "belong together"),
    ('["one.example/help"]', "[]", "belong together"),
    ("unread = []\n", "", "cannot be read"),
    ("[services.one]", "[services", "cannot be read"),
])
def test_a_service_that_claims_too_much_is_refused(old: str, new: str, says: str) -> None:
    assert old in SERVICES
    with pytest.raises(AccountsBroken, match=says):
        accounts.services(SERVICES.replace(old, new))


@pytest.mark.parametrize(("old", "new", "says"), [
    ('harden = ["h"]\n', "", "each section"),
    ('proof = ["p"]', "proof = []", "each section"),
    ("[services.one]", "[services.two]", "not those"),
    ('language = "en"', 'language = "fr"', "not those"),
    ('reviewed_by = ""\n', "", "cannot be read"),
])
def test_words_that_do_not_fit_are_refused(old: str, new: str, says: str) -> None:
    assert old in WORDS
    with pytest.raises(AccountsBroken, match=says):
        accounts.words(WORDS.replace(old, new), accounts.services(SERVICES), "en")


def test_a_mark_of_doubt_on_a_line_that_is_not_there_is_refused() -> None:
    with pytest.raises(AccountsBroken, match="no line “locked.2”"):
        accounts.words(WORDS, accounts.services(SERVICES.replace("locked.1", "locked.2")), "en")
