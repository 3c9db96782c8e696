"""A desk's card: what a lead signed is sealed to, and nothing else."""

import base64
import datetime as dt
import random

import pytest

from amparo import seal

DAY = dt.date(2026, 5, 1)
LEAD = seal.new_staff_keys()


def card(readers: int = 3, **changed: object) -> seal.DeskCard:
    from uuid import UUID

    given = {
        "desk": bytes(range(16)), "name": "Mesa de protección مكتب", "address": "http://example.onion",
        "carrier_public": seal.new_kex_pair().public, "recovery_public": b"", "made": DAY.isoformat(),
        "last": (DAY + dt.timedelta(days=90)).isoformat(), "most": 2_000_000_000,
        "readers": tuple(
            seal.CardReader(UUID(int=n + 1), "handler", f"Name {n}", seal.new_kex_pair().public) for n in range(readers)
        ),
        "lead_kex": LEAD.kex.public, "lead_sign": LEAD.sign.public,
    }
    return seal.DeskCard(**(given | changed))  # type: ignore[arg-type]


def signed(one: seal.DeskCard) -> str:
    return seal.sign_card(LEAD.sign.private, one)


def refused(text: str, today: dt.date = DAY) -> str:
    with pytest.raises(seal.CardRefused) as caught:
        seal.read_card(text, today)
    assert caught.value.advice
    return caught.value.says


@pytest.mark.parametrize("readers", [1, 3, 40])
def test_a_signed_card_is_read_whole_from_its_lines_in_any_order(readers: int) -> None:
    one = card(readers)
    text = signed(one)
    lines = text.splitlines()
    assert all(len(line) <= 665 and set(line) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:/") for line in lines)
    random.Random(4).shuffle(lines)
    for told in (text, "\r\n".join(lines), "scanned: " + " \n".join(lines + lines), text.lower()):
        assert seal.read_card(told, DAY) == one


def test_its_fingerprint_is_that_of_both_keys_of_the_lead() -> None:
    assert card().fingerprint() == seal.fingerprint(LEAD.sign.public + LEAD.kex.public)


def test_it_ends_on_its_last_day_and_a_wrong_clock_is_said() -> None:
    text = signed(card())
    assert seal.read_card(text, DAY + dt.timedelta(days=90))
    assert "ended on 2026-07-30" in refused(text, DAY + dt.timedelta(days=91))
    assert "clock" in refused(text, dt.date(1970, 1, 1))
    assert "ended" in refused(signed(card(last="2029-01-01")), DAY), "no card is for years"


def test_a_card_that_was_cut_says_which_part_is_missing() -> None:
    lines = signed(card(20)).splitlines()
    assert len(lines) > 2
    assert "2 is missing" in refused("\n".join(lines[:1] + lines[2:]))
    assert "no card" in refused("") and "no card" in refused("hello\n" * 9)


def test_parts_of_two_cards_are_not_put_together() -> None:
    first, second = signed(card(20)).splitlines(), signed(card(20)).splitlines()
    assert "was not signed" in refused("\n".join([first[0], *second[1:]])) or "damaged" in refused(
        "\n".join([first[0], *second[1:]]))
    assert "two cards" in refused("\n".join([*first, *second]))


def test_a_key_that_the_lead_did_not_sign_is_refused() -> None:
    one = card()
    whole = seal.sign_card(LEAD.sign.private, one)
    raw = b"".join(
        base64.b32decode(line.rpartition(":")[2] + "=" * (-len(line.rpartition(":")[2]) % 8))
        for line in whole.splitlines()
    )
    mine = seal.new_kex_pair().public
    for key in (one.readers[1].kex_public, one.carrier_public, one.lead_sign):
        changed = raw.replace(key, mine)
        assert changed != raw
        text = f"AMPARO-CARD:1:1/1:{base64.b32encode(changed).decode().rstrip('=')}"
        assert "was not signed" in refused(text)


def test_signed_nonsense_is_refused() -> None:
    for odd in (
        card(carrier_public=b"short"), card(desk=b""), card(readers=0), card(recovery_public=b"x"),
        card(made="yesterday"), card(lead_kex=b""),
    ):
        assert "damaged" in refused(signed(odd))


def test_five_hundred_cards_with_one_letter_changed_are_all_refused() -> None:
    text, draw, count = signed(card(8)), random.Random(20260501), 0
    letters = [at for at, sign in enumerate(text) if sign not in "\n"]
    for _ in range(500):
        at = draw.choice(letters)
        other = draw.choice([one for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" if one != text[at]])
        changed = text[:at] + other + text[at + 1 :]
        try:
            found = seal.read_card(changed, DAY)
        except seal.CardRefused:
            count += 1
        else:  # the last letter of a line holds bits that mean nothing
            assert found == seal.read_card(text, DAY)
            assert text[at + 1] == "\n", "only there"
            count += 1
    assert count == 500
