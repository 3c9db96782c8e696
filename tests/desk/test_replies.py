"""Prepared replies: in every language, promising nothing, honest about who reviewed them."""

import re

import pytest

from amparo.desk import replies

LANGUAGES = {"en", "es", "fr", "ar"}


@pytest.mark.parametrize("one", replies.load().replies, ids=lambda one: one.code)
def test_every_reply_stands_in_every_language_with_its_review(one: replies.Prepared) -> None:
    assert set(one.texts) == set(one.reviewed_by) == LANGUAGES
    assert all(len(text.split()) > 12 for text in one.texts.values())
    assert re.search(r"[\u0600-\u06ff]", one.texts["ar"]) and not re.search(r"[a-z]{3}", one.texts["ar"])


@pytest.mark.parametrize("one", replies.load().replies, ids=lambda one: one.code)
def test_a_reply_promises_nothing_and_leads_nowhere(one: replies.Prepared) -> None:
    for text in one.texts.values():
        assert not re.search(r"https?:|www\.|@|\+\d", text)
    promised = r"\bwithin \d|\bguarantee|\byou are safe\b|\bpromise\b|\bsoon\b|\bwe will (find|stop|protect|solve)"
    assert not re.search(promised, one.texts["en"], re.IGNORECASE)


def test_a_language_without_a_text_is_answered_in_english_and_says_so() -> None:
    received = replies.prepared("received")
    assert received is not None
    text, spoken = received.text("qu")
    assert spoken == "en" and text == received.texts["en"].strip()
    assert replies.prepared("no such code") is None
