"""The translations: every text has one, its places are the same, and what is compiled is what is written."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from amparo.words import questionnaires

ROOT = Path(__file__).resolve().parents[3]
PLACES = re.compile(r"%\((\w+)\)[sd]")
LANGUAGES = ("es", "fr", "ar")


@pytest.fixture(scope="module")
def catalogues() -> ModuleType:
    """locale/catalogues.py."""
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "locale" / "catalogues.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_texts_are_found(catalogues: ModuleType) -> None:
    texts = catalogues.texts()
    assert "Leave this page" in texts and "No report opens with these words." in texts
    assert set(questionnaires.all_texts()) <= set(texts)
    assert ("%(n)s person of this desk:", "%(n)s people of this desk:") in texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_a_reporter_may_meet_is_translated(catalogues: ModuleType, language: str) -> None:
    catalog = catalogues.load(language)
    ids = {message.id for message in catalog if message.id}
    wanted = set(catalogues.texts(staff=False))
    empty = set(catalogues.missing(catalog))
    lacking = sorted(map(str, (wanted - ids) | (empty & wanted)))
    assert lacking == [], "run: python locale/catalogues.py update, and translate these"
    everything = set(catalogues.texts())
    assert len(everything & ids - empty) >= 0.97 * len(everything), "many texts of staff pages are not translated"
    assert not [message.id for message in catalog if message.fuzzy and message.id]


@pytest.mark.parametrize("language", LANGUAGES)
def test_places_and_plurals_are_kept(catalogues: ModuleType, language: str) -> None:
    catalog = catalogues.load(language)
    for message in catalog:
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[-1]
        forms = (message.string,) if isinstance(message.string, str) else message.string
        if not isinstance(message.id, str):
            assert len(forms) == catalog.num_plurals, source
        for form in forms:
            ids = [message.id] if isinstance(message.id, str) else message.id
            allowed = [set(PLACES.findall(one)) for one in ids]
            assert set(PLACES.findall(form)) in allowed, (source, form)
            assert form.strip() == form and form, source


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(catalogues: ModuleType, language: str) -> None:
    assert catalogues.place(language, "mo").read_bytes() == catalogues.compiled(catalogues.load(language))


def test_arabic_is_written_in_arabic(catalogues: ModuleType) -> None:
    untouched = [
        message.id for message in catalogues.load("ar")
        if message.id and not re.search(r"[\u0600-\u06ff]", str(message.string))
    ]
    assert untouched == []


def test_spanish_and_french_are_not_left_in_english(catalogues: ModuleType) -> None:
    for language in ("es", "fr"):
        same = [
            m.id for m in catalogues.load(language)
            if m.id and m.id == m.string and "byte" not in str(m.id) and " " in PLACES.sub("", str(m.id)).strip(", UTC")
        ]
        assert same == []


COUNTED = [(1, "شخص واحد"), (2, "شخصان"), (3, "3 أشخاص"), (11, "11 شخصًا"), (100, "100 شخص")]


@pytest.mark.parametrize(("count", "says"), COUNTED)
def test_arabic_counts_as_arabic_does(count: int, says: str) -> None:
    from django.utils import translation

    with translation.override("ar"):
        text = translation.ngettext("%(n)s person of this desk:", "%(n)s people of this desk:", count) % {"n": count}
    assert says in text
