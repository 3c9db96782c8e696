"""Staff: one derivation a login, keys bound to their owner, second factor, the gate."""

import multiprocessing
import time
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo import seal
from amparo.seal import staff as staff_room

CHEAP = seal.KdfParameters(b"s" * 16, 1, 64, 1)
ME = uuid4()


def test_new_parameters_are_the_second_of_rfc_9106() -> None:
    params = seal.new_kdf()
    assert (params.t, params.m_kib, params.p, len(params.salt)) == (3, 65536, 4, 16)
    assert seal.new_kdf().salt != params.salt


def test_exactly_one_argon2id_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, real = [], staff_room.argon2id

    def counted(*args: object, **cost: object) -> bytes:
        calls.append(cost)
        return real(*args, **cost)  # type: ignore[arg-type]

    monkeypatch.setattr(staff_room, "argon2id", counted)
    root = seal.derive_staff("a password of many words indeed", CHEAP)
    seal.auth_digest(root.auth)
    keys = seal.new_staff_keys()
    assert seal.unwrap_staff(root.kek, seal.wrap_staff(root.kek, keys, ME), ME) == keys
    assert len(calls) == 1
    assert len({root.kek, root.auth, seal.auth_digest(root.auth)}) == 3


@pytest.mark.parametrize(
    "cost", [(b"s" * 16, 0, 64, 1), (b"s" * 16, 1, 2**21, 1), (b"s" * 16, 99, 64, 1), (b"s" * 16, 1, 64, 99),
             (b"s" * 8, 3, 65536, 4), (b"s" * 16, 1, 8, 4), (b"s" * 16, 1, -1, 1)]
)
def test_parameters_that_somebody_put_there_are_refused(cost: tuple[bytes, int, int, int]) -> None:
    with pytest.raises(seal.SealError):
        seal.KdfParameters(*cost)


def test_staff_keys_with_and_without_the_index_key() -> None:
    keys = seal.new_staff_keys()
    for index in (None, b"i" * 32):
        full = seal.StaffKeys(keys.kex, keys.sign, index)
        assert seal.unwrap_staff(b"k" * 32, seal.wrap_staff(b"k" * 32, full, ME), ME) == full


def test_wrapped_staff_keys_are_bound() -> None:
    row = seal.wrap_staff(b"k" * 32, seal.new_staff_keys(), ME)
    for kek, sealed, who in (
        (b"x" * 32, row, ME), (b"k" * 32, row, uuid4()), (b"k" * 32, row[:-1], ME), (b"k" * 32, b"", ME)
    ):
        with pytest.raises(seal.Tampered):
            seal.unwrap_staff(kek, sealed, who)


@pytest.mark.parametrize("weak", ["", "short", "a" * 30, "abcdefghijklmnopqrst", "12345678901234", "aba" * 10,
                                  "one two one two one two", "a b c d e f g"])
def test_weak_passwords_are_refused_with_advice(weak: str) -> None:
    with pytest.raises(seal.WeakPassword) as refused:
        seal.check_password_strength(weak)
    assert refused.value.says and refused.value.advice
    assert len(weak) < 6 or weak not in str(refused.value)


@pytest.mark.parametrize("good", ["ceniza barco luna treinta puente olvido", "x9#kPq2!vLm7wZ",
                                  "مطر جسر قمر رماد قارب نسيان"])
def test_good_passwords_pass(good: str) -> None:
    seal.check_password_strength(good)


# RFC 6238, appendix B (SHA-1), cut to six digits.
RFC_6238 = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
            (2000000000, "279037"), (20000000000, "353130")]
RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(("at", "code"), RFC_6238)
def test_time_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert seal.totp_step(RFC_SECRET, code, at) == at // 30
    assert seal.totp_step(RFC_SECRET, f"{code[:3]} {code[3:]}", at) == at // 30
    arabic = "".join(chr(ord("٠") + int(d)) for d in code)
    assert seal.totp_step(RFC_SECRET, arabic, at) == at // 30


def test_the_window_is_one_step_each_way_and_tells_which() -> None:
    at = 1_790_000_000
    for steps in (-1, 0, 1):
        assert seal.totp_step(RFC_SECRET, seal.totp_code(RFC_SECRET, at + 30 * steps), at) == at // 30 + steps
    for steps in (-2, 2, 10):
        assert seal.totp_step(RFC_SECRET, seal.totp_code(RFC_SECRET, at + 30 * steps), at) is None


@pytest.mark.parametrize("wrong", ["", "12345", "1234567", "abcdef", "12345a", "287082x", "²87082", "-" * 6])
def test_wrong_codes_are_no_codes(wrong: str) -> None:
    assert seal.totp_step(RFC_SECRET, wrong, 59) is None


def test_parts_of_a_right_code_are_no_codes() -> None:
    for wrong in ("87082", "28708", "0287082", "2870820", "287082287082"):
        assert seal.totp_step(RFC_SECRET, wrong, 59) is None
    for at in range(6):
        digits = list("287082")
        digits[at] = str((int(digits[at]) + 1) % 10)
        assert seal.totp_step(RFC_SECRET, "".join(digits), 59, window=0) is None


def test_the_app_address_and_the_typed_secret_agree() -> None:
    import base64

    secret = seal.new_totp_secret()
    typed = base64.b32decode(seal.totp_text(secret).replace(" ", ""))
    assert typed == secret and len(secret) == 20
    uri = seal.totp_uri(secret, "Jacaranda", "Desk")
    assert uri.startswith("otpauth://totp/Desk:Jacaranda?") and seal.totp_text(secret).replace(" ", "") in uri


def test_recovery_codes_work_once() -> None:
    codes = seal.new_recovery_codes()
    assert len(set(codes)) == 10
    factor = seal.SecondFactor(b"s" * 20, tuple(map(seal.recovery_code_hash, codes)))
    left = seal.use_recovery_code(factor, codes[3].upper().replace("-", " "))
    assert left is not None and len(left.code_hashes) == 9
    assert seal.use_recovery_code(left, codes[3]) is None
    assert seal.use_recovery_code(left, "abcd-efgh-jkmn-pqrs") is None
    assert not any(code.encode() in h for code in codes for h in factor.code_hashes)


def test_the_second_factor_survives_a_new_password_and_is_bound() -> None:
    keys, factor = seal.new_staff_keys(), seal.SecondFactor(b"s" * 20, (b"h" * 32,))
    sealed = seal.seal_second_factor(keys, factor, ME)
    rewrapped = seal.unwrap_staff(b"n" * 32, seal.wrap_staff(b"n" * 32, keys, ME), ME)
    assert seal.open_second_factor(rewrapped, sealed, ME) == factor
    for key, who in ((seal.new_staff_keys(), ME), (keys, uuid4()), (b"k" * 32, ME)):
        with pytest.raises(seal.Tampered):
            seal.open_second_factor(key, sealed, who)


@given(st.text(max_size=60))
def test_any_text_can_be_a_password(password: str) -> None:
    assert seal.derive_staff(password, CHEAP) == seal.derive_staff(password, CHEAP)


def test_keyboards_do_not_matter() -> None:
    composed, decomposed = "caf\u00e9 con le\u00f1a", "cafe\u0301 con len\u0303a"
    assert seal.derive_staff(composed, CHEAP) == seal.derive_staff(decomposed, CHEAP)
    assert seal.derive_staff("a\u00a0b", CHEAP) == seal.derive_staff("a b", CHEAP)
    assert seal.derive_staff("A b", CHEAP) != seal.derive_staff("a b", CHEAP)


def hold(folder: str, inside: object, most: object) -> None:
    with seal.kdf_gate(folder, slots=2):
        with inside.get_lock():  # type: ignore[attr-defined]
            inside.value += 1  # type: ignore[attr-defined]
            most.value = max(most.value, inside.value)  # type: ignore[attr-defined]
        time.sleep(0.1)
        with inside.get_lock():  # type: ignore[attr-defined]
            inside.value -= 1  # type: ignore[attr-defined]


def test_the_gate_lets_two_processes_in_and_no_third(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    inside, most = context.Value("i", 0), context.Value("i", 0)
    people = [context.Process(target=hold, args=(str(tmp_path), inside, most)) for _ in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert [one.exitcode for one in people] == [0] * 8 and most.value == 2


def test_a_full_gate_says_so_and_gives_back(tmp_path: Path) -> None:
    with seal.kdf_gate(tmp_path, slots=1):
        with pytest.raises(seal.Busy) as refused:
            with seal.kdf_gate(tmp_path, slots=1, wait=0.05):
                pass
        assert refused.value.advice
    with pytest.raises(ZeroDivisionError):
        with seal.kdf_gate(tmp_path, slots=1):
            raise ZeroDivisionError
    with seal.kdf_gate(tmp_path, slots=1, wait=0.05) as number:
        assert number == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["kdf-0.lock"]
