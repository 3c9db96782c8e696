"""Hosts in their one form. Expected values follow the WHATWG URL standard, not our own output."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.identify.hosts import authority, is_address, normal_host, parents


@pytest.mark.parametrize(
    ("given_host", "form"),
    [
        ("Example.ORG", "example.org"),
        ("example.org.", "example.org"),
        ("www.example.org", "example.org"),
        ("www.com", "www.com"),
        ("wwwexample.org", "wwwexample.org"),
        ("w.tzsafe.com", "w.tzsafe.com"),
        ("example.org:8443", "example.org"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("example。org", "example.org"),
        ("exa\tmple.org", "example.org"),
        ("exam%70le.org", "example.org"),
        ("127.0.0.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0177.0.0.01", "127.0.0.1"),
        ("[2001:DB8::1]:443", "2001:db8::1"),
        ("1178.63.71.155", ""),
        ("", ""),
        ("exa mple.org", ""),
    ],
)
def test_normal_form(given_host: str, form: str) -> None:
    assert normal_host(given_host) == form


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://example.org/a?b#c", "example.org"),
        ("https://user:pw@example.org:8443/", "example.org:8443"),
        ("https://good.example\\@evil.example/", "good.example"),
        ("https://good.example#@evil.example", "good.example"),
        ("https://evil.example@good.example/", "good.example"),
        ("//example.org/x", "example.org"),
        ("example.org/x", "example.org"),
    ],
)
def test_authority_is_what_a_browser_would_open(url: str, named: str) -> None:
    assert authority(url) == named


def test_parents_go_label_by_label_and_never_to_one_label() -> None:
    assert parents("a.b.c.example") == ["a.b.c.example", "b.c.example", "c.example"]
    assert parents("intranet") == ["intranet"]


@given(st.text(max_size=80))
def test_any_text_has_a_form_and_the_form_is_its_own_form(text: str) -> None:
    form = normal_host(text)
    if form and not form.startswith("www."):
        again = normal_host(f"[{form}]" if ":" in form else form)
        assert again in (form, "") if not form.isascii() else again == form
    assert is_address(form) in (True, False)
