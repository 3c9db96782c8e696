"""Paper: cards on a page that is shown once, and a form in four languages."""

import re

import pytest
import segno

from amparo.desk import paper_cards, returning, site
from amparo.desk.records import Case, PaperCard
from amparo.seal import lookup
from tests.doors import seeded
from tests.doors.staff.test_adding import browser

pytestmark = pytest.mark.django_db
FIELDS = {"language": "en", "count": "3", "days": "30", "address": "http://example.onion", "go": "cards"}


def send(desk: seeded.Desk, actor: str = "intake", **fields: str):
    client, token = browser(desk, actor)
    return client.post("/staff/paper/", {"csrfmiddlewaretoken": token} | FIELDS | fields)


def words_on(page: str) -> list[tuple[str, ...]]:
    cards = re.findall(r'<section class="card papercard">(.*?)</section>', page, re.DOTALL)
    return [tuple(re.findall(r"<span>\d+&nbsp;(.*?)</span>", card)) for card in cards]


@pytest.mark.parametrize(("language", "count"), [("en", 9), ("es", 9), ("fr", 9), ("ar", 10)])
def test_each_card_carries_valid_words_and_the_address(seeded_desk: seeded.Desk, language: str, count: int) -> None:
    page = send(seeded_desk, language=language).content.decode()
    cards = words_on(page)
    assert len(cards) == 3 and {len(words) for words in cards} == {count} and len(set(cards)) == 3
    assert all(paper_cards.waits(lookup(returning.derive(words).lookup_seed, site.pepper())) for words in cards)
    code = segno.make("http://example.onion", error="m", micro=False)
    assert page.count(code.svg_inline(scale=3, border=4, dark="#000", light="#fff")) == 3
    assert page.count("http://example.onion") == 3 and "style=" not in page.partition("<main")[2]


def test_a_card_may_not_say_where_it_leads(seeded_desk: seeded.Desk) -> None:
    page = send(seeded_desk, address="").content.decode()
    assert len(words_on(page)) == 3 and "<svg" not in page


def test_from_the_card_to_the_case_and_back(seeded_desk: seeded.Desk) -> None:
    words = words_on(send(seeded_desk, "handler:granted").content.decode())[0]
    client, token = browser(seeded_desk, "handler:granted")
    form = {"csrfmiddlewaretoken": token, "form": "00000000-0000-4000-8000-00000000cafe", "way": "paper",
            "text": "From a sheet of paper.", "language": "en", "card": " ".join(words)}
    bad = client.post("/staff/new/", form | {"card": "abandon " * 9})
    assert bad.status_code == 400 and "No card with these words is valid" in bad.content.decode()
    assert "From a sheet of paper." in bad.content.decode() and "abandon" in bad.content.decode()
    before = set(Case.objects.values_list("id", flat=True))
    done = client.post("/staff/new/", form)
    case, = set(Case.objects.values_list("id", flat=True)) - before
    after = client.get(done.headers["Location"])
    assert after.headers["Location"].endswith(f"/staff/case/{case}/"), "there are no words to read out"
    assert returning.open_receipt(" ".join(words)).case == case


@pytest.mark.parametrize("language", ["en", "es", "fr", "ar"])
def test_the_form_stands_in_each_language_and_makes_no_card(seeded_desk: seeded.Desk, language: str) -> None:
    before = PaperCard.objects.count()
    answer = send(seeded_desk, go="form", language=language, count="", days="")
    page = answer.content.decode()
    assert answer.status_code == 200 and f'<html lang="{language}"' in page and PaperCard.objects.count() == before
    assert page.count("☐") > 20 and page.count('<hr class="line">') >= 26
    shown = page.partition("<main")[2].partition("</main")[0]
    assert ("What happened" in shown) == (language == "en")


@pytest.mark.parametrize("fields", [{"count": "25"}, {"count": "0"}, {"days": "7"}, {"language": "xx"}])
def test_what_can_not_be_made_is_told(seeded_desk: seeded.Desk, fields: dict[str, str]) -> None:
    before = PaperCard.objects.count()
    assert send(seeded_desk, **fields).status_code == 400 and PaperCard.objects.count() == before
