"""Whether somebody can tell by the work done: a right receipt from a wrong one, a known login from an unknown one.

CPU seconds of this thread and process up to the first byte of the answer, 200 interleaved pairs (30 by default),
medians within 2 % (by default within 10 %: too few pairs for more). Wall time would only say how busy the machine is.
"""

import random
import statistics
import time
from collections.abc import Callable

import pytest
from django.test import Client

from amparo import seal
from amparo.desk import accounts, delegates, intake, returning, throttle
from amparo.desk.records import Delegate
from tests.desk import people
from tests.desk.conftest import ground  # noqa: F401  a fixture

WRONG = "abandon ability able about above absent absorb abstract absurd"


@pytest.fixture
def desk(ground: None, monkeypatch: pytest.MonkeyPatch) -> people.Desk:  # noqa: F811
    """Real costs of passwords: this file is about them."""
    monkeypatch.setattr(throttle, "LONGEST", 0.0)
    return people.found()


def cost(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def ratio(first: Callable[[], object], second: Callable[[], object], pairs: int) -> float:
    """Median cost of `first` over that of `second`, in random order within each pair."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(5):
        first(), second()
    order = [0, 1]
    for _ in range(pairs):
        random.shuffle(order)
        for which in order:
            spent[which].append(cost((first, second)[which]))
    return statistics.median(spent[0]) / statistics.median(spent[1])


def receipts(pairs: int) -> float:
    words = " ".join(people.report("one")[0])

    def right() -> None:
        returning.open_receipt(words)

    def wrong() -> None:
        with pytest.raises(seal.WrongReceipt):
            returning.open_receipt(WRONG)

    return ratio(right, wrong, pairs)


def words_that_only_add(pairs: int) -> float:
    """Those of a delegate, and those of a delegate who was revoked: told apart from nothing."""
    words = [" ".join(intake.filer_words(people.report("one", target=["someone-else"])[1]) or "") for _ in range(2)]
    revoked = Delegate.objects.get(id=delegates.open_words(words[1]).id)  # type: ignore[union-attr]
    revoked.lookup, revoked.wrap, revoked.revoked = None, None, True
    revoked.save()

    def good() -> None:
        delegates.open_words(words[0])

    def gone() -> None:
        with pytest.raises(seal.WrongReceipt):
            delegates.open_words(words[1])

    return ratio(good, gone, pairs)


def receipts_by_http(pairs: int) -> float:
    words = " ".join(people.report("one")[0])

    def answer(typed: str, status: int) -> Callable[[], object]:
        def work() -> None:
            assert client.post("/en/back/", {"words": typed}).status_code == status

        return work

    client = Client()
    assert client.get("/en/back/").status_code == 200
    return ratio(answer(words, 302), answer(WRONG, 200), pairs)


def logins(pairs: int) -> float:
    def attempt(login: str) -> Callable[[], object]:
        def work() -> None:
            with pytest.raises(accounts.WrongLogin):
                accounts.login_password(session=session, login=login, password="wrong words all over the place")

        return work

    session = people.session()
    return ratio(attempt("lead-login-name"), attempt("nobody at all"), pairs)


MEASURES = [receipts, receipts_by_http, words_that_only_add, logins]


@pytest.mark.parametrize("measure", MEASURES)
def test_thirty_pairs(desk: people.Desk, measure: Callable[[int], float]) -> None:
    assert 0.9 < measure(30) < 1.1


@pytest.mark.long
@pytest.mark.parametrize("measure", MEASURES)
def test_two_hundred_pairs(desk: people.Desk, measure: Callable[[int], float]) -> None:
    found = measure(200)
    print(f"{measure.__name__}: {found:.4f}")
    assert 0.98 < found < 1.02
