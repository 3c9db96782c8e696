"""Links in messages: what is a candidate, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.identify.hosts import normal_host
from amparo.identify.spyware.messages import candidates, refang


def hosts(text: str) -> list[str]:
    return [normal_host(one.authority) for one in candidates(text) if one.kind != "email"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("read https://evil.example/x now", ["evil.example"]),
        ("read HTTP://EVIL.example", ["evil.example"]),
        ("(https://evil.example).", ["evil.example"]),
        ("see <https://evil.example>,ok", ["evil.example"]),
        ("[this](https://evil.example),next", ["evil.example"]),
        ("bare evil.example/x", ["evil.example"]),
        ("at the end evil.example.", ["evil.example"]),
        ("evil.example:8443/x", ["evil.example"]),
        ("hxxps://evil[.]example/x", ["evil.example"]),
        ("hxxp://evil(.)example", ["evil.example"]),
        ("evil [dot] example", ["evil.example"]),
        ("https[:]//evil.example/", ["evil.example"]),
        ("افتح evil.example الآن", ["evil.example"]),
        ("访问evil.example查看", ["evil.example"]),
        ("two a.example and b.example", ["a.example", "b.example"]),
        ("https://good.example/?u=evil.example", ["good.example"]),
        ("https://good.example/evil.example/x", ["good.example"]),
        ("good.example/evil.example", ["good.example"]),
        ("notevil.example", ["notevil.example"]),
        ("evil.example.com", ["evil.example.com"]),
        ("https://evil.example@good.example/", ["good.example"]),
        ("пevil.example", [normal_host("пevil.example")]),
        ("no link here", []),
        ("...", []),
    ],
)
def test_hosts_of_a_message(text: str, found: list[str]) -> None:
    assert hosts(text) == found


def test_mail_addresses_are_no_links() -> None:
    found = candidates("write to Some.One@evil.example today")
    assert [(one.kind, one.text) for one in found] == [("email", "Some.One@evil.example")]


def test_defanged_text_is_read_as_it_was_meant() -> None:
    assert refang("hxxps[:]//a[.]b(.)c") == "hxxps://a.b.c"
    assert refang("nothing here (really)") == "nothing here (really)"


@given(st.text(max_size=300))
def test_any_text_is_read_to_its_end(text: str) -> None:
    for one in candidates(text):
        normal_host(one.authority)


def test_a_long_hostile_text_takes_no_long_time() -> None:
    import time

    started = time.process_time()
    for text in ("a." * 50_000, "[.]" * 50_000, "http://" * 30_000, "a@" * 50_000, "-." * 50_000, "a" * 200_000 + ".b",
                 "a.b" + "@" * 50_000, ("a." * 40 + "@") * 1000, "[ dot " * 40_000, "+." * 200_000,
                 "a+" * 200_000, "a.b:1/" * 50_000):  # fmt: skip
        candidates(text)
    # Each is read in well under a second when the reading is linear, in hours when it is not.
    assert time.process_time() - started < 8
