"""Sends a second (check answers -> receipt), beside the ceiling: the receipt's key derivation and nothing else.

Both in interleaved rounds of one run on the same cores: the ceiling is two processes that only derive; the desk
is `amparo serve` with two processes, and its clients share the cores with it. Whole journeys (first page to
receipt, eight requests) are timed on their own. Run by `python3 run.py bench intake`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.loopback import Desk, Visitor, desk

GOAL = 0.5
CLIENTS = 4
DERIVE = """
import sys, time
from amparo import seal
sys.stdin.readline()
for number in range(int(sys.argv[1])):
    seal.derive_receipt(f"{number}-abandon-abandon", b"desk")
"""


def ceiling(count: int) -> float:
    """Derivations a second in as many processes as there are cores."""
    cores = os.cpu_count() or 1
    running = [
        subprocess.Popen([sys.executable, "-c", DERIVE, str(count // cores)], stdin=subprocess.PIPE)
        for _ in range(cores)
    ]
    time.sleep(1.5)  # until both have imported what they need
    began = time.perf_counter()
    for one in running:
        assert one.stdin is not None
        one.stdin.write(b"go\n")
        one.stdin.close()
    for one in running:
        one.wait()
    return count // cores * cores / (time.perf_counter() - began)


def together(work: list[Callable[[], None]]) -> float:
    """Seconds that some clients need for all of the work."""
    queue, lock = list(work), threading.Lock()

    def one() -> None:
        while True:
            with lock:
                if not queue:
                    return
                task = queue.pop()
            task()

    threads = [threading.Thread(target=one) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def round_of_sends(served: Desk, count: int, text: str) -> tuple[float, float]:
    """(sends a second, server's CPU milliseconds a send); the drafts are made before the clock starts."""
    visitors = [Visitor(served.port) for _ in range(count)]
    together([lambda one=one: one.draft(text) for one in visitors])  # type: ignore[misc]
    before = served.cpu()
    took = together([one.send for one in visitors])
    spent = served.cpu() - before
    for one in visitors:
        one.line.close()
    return count / took, spent / count * 1000


def round_of_journeys(served: Desk, count: int, text: str) -> float:
    """Whole journeys a second."""

    def journey() -> None:
        one = Visitor(served.port)
        one.draft(text)
        one.send()
        one.line.close()

    return count / together([journey] * count)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--count", type=int, default=60, help="sends a round")
    asked, _ = words.parse_known_args()
    text = "They waited before the house again. " * 100
    ratios, sends, ceilings, journeys, costs = [], [], [], [], []
    with desk() as served:
        round_of_sends(served, 10, text)  # warm
        for _ in range(asked.rounds):
            top = ceiling(asked.count * 4)
            rate, cost = round_of_sends(served, asked.count, text)
            journeys.append(round_of_journeys(served, asked.count, text))
            ceilings.append(top)
            sends.append(rate)
            costs.append(cost)
            ratios.append(rate / top)
        memory = served.memory("VmRSS")
    print(f"{os.cpu_count()} cores, {asked.rounds} rounds of {asked.count}, {CLIENTS} clients beside it, medians")
    print(f"ceiling, key derivation only   {statistics.median(ceilings):8.1f} a second")
    print(f"sends (check -> receipt)       {statistics.median(sends):8.1f} a second, "
          f"{statistics.median(costs):.0f} CPU ms each at the server")
    print(f"whole journeys                 {statistics.median(journeys):8.1f} a second")
    print(f"server memory                  {memory:8.1f} MiB in three processes")
    ratio = statistics.median(ratios)
    print(f"sends / ceiling = {ratio:.2f}; the goal is {GOAL}: {'reached' if ratio >= GOAL else 'NOT reached'}")
    return 0 if ratio >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
