"""How many reports a desk takes in: sends (check answers -> receipt) a second, beside the derivation alone.

A send must derive the receipt's keys (Argon2id, on purpose slow); nothing can be faster than that alone. Both are
measured in this process, over the same pages a browser asks for, in interleaved rounds of one run, so that a busy
machine slows both. Whole journeys (first page to confirmed receipt) are printed beside. Run by
`python3 run.py bench intake`.
"""

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

GOAL = 0.5
STORY = "They wait before the house each morning, and write that they know where my children go to school. " * 40


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=8)
    asked.add_argument("--sends", type=int, default=15, help="in each round")
    asked.add_argument("--readers", type=int, default=4, help="handlers beside the lead")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        os.environ["AMPARO_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.desk.settings"
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        import django

        django.setup()
        return measure(given.rounds, given.sends, given.readers)


def form_token(page: object) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())  # type: ignore[attr-defined]
    if found is None:
        raise SystemExit(f"no form: {page.status_code}")  # type: ignore[attr-defined]
    return found[1]


def draft() -> object:
    """A browser with a draft, standing before "check your answers"."""
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    token = form_token(client.get("/en/write/"))
    client.post("/en/write/begin/", {"csrfmiddlewaretoken": token})
    token = form_token(client.get("/en/write/2/"))
    client.post("/en/write/2/", {"csrfmiddlewaretoken": token, "what-happened": STORY, "go": "on"})
    return client


def send(client: object) -> None:
    """Check answers -> receipt: the two pages and the filing between them."""
    token = form_token(client.get("/en/write/check/"))  # type: ignore[attr-defined]
    answer = client.post("/en/write/send/", {"csrfmiddlewaretoken": token}, follow=True)  # type: ignore[attr-defined]
    if answer.status_code != 200:
        raise SystemExit(f"send: {answer.status_code}")


def measure(rounds: int, sends: int, readers: int) -> int:
    from django.conf import settings

    from amparo import seal
    from amparo.desk import founding, site
    from amparo.desk.records import Case
    from tests.desk import people

    settings.ALLOWED_HOSTS.append("testserver")
    founding.migrate()
    tempfile.tempdir = None
    desk = people.found()
    for number in range(readers):
        people.join(desk, f"Handler {number}")
    send(draft())

    ceilings, rates, journeys, ratios = [], [], [], []
    for _ in range(rounds):
        began = time.perf_counter()
        for number in range(sends):
            seal.derive_receipt(f"{number}", site.desk_id())
        ceiling = sends / (time.perf_counter() - began)
        began = time.perf_counter()
        clients = [draft() for _ in range(sends)]
        drafted = time.perf_counter() - began
        began = time.perf_counter()
        for client in clients:
            send(client)
        sent = time.perf_counter() - began
        ceilings.append(ceiling)
        rates.append(sends / sent)
        journeys.append(sends / (drafted + sent))
        ratios.append(sends / sent / ceiling)
    assert Case.objects.count() == rounds * sends + 1
    ratio = statistics.median(ratios)
    print(f"derivation alone: {statistics.median(ceilings):.1f} a second (one thread)")
    print(f"sends, {readers + 1} readers: {statistics.median(rates):.1f} a second")
    print(f"whole journeys with one question answered: {statistics.median(journeys):.1f} a second")
    print(f"sends beside the derivation alone: {ratio:.2f} (median of {rounds} rounds; goal {GOAL})")
    print(f"goal: {'met' if ratio >= GOAL else 'MISSED'}")
    return 0 if ratio >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
