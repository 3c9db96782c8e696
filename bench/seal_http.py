"""An upload through the whole desk, beside the limit: SHA-256 and AES-256-GCM in one pass over the same data.

Two gigabytes in one multipart form to `amparo serve`, streamed from this process over loopback, sealed while they
arrive; then eight uploads at once. The data folder lies in memory, so that the disk is not measured. Memory is what
the server's processes grow by over idle, at their peak. Run by `python3 run.py bench seal`.
"""

import argparse
import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.loopback import Desk, Visitor, desk
from bench.seal_library import PIECE, POOL, limit, pieces

GOAL, GROWTH_ONE, GROWTH_EIGHT = 0.15, 20.0, 100.0
SETTINGS = "max_upload = 3000000000\nmax_draft = 3000000000\n"


def upload(served: Desk, pool: list[bytes], total: int) -> float:
    """Seconds for one upload of `total` bytes, from the first byte sent to the page that answers it."""
    one = Visitor(served.port)
    one.get("/en/write/")
    one.post("/en/write/begin/")
    one.get("/en/write/files/")
    began = time.perf_counter()
    status = one.upload("/en/write/files/", iter_pieces(pool, total), total)
    took = time.perf_counter() - began
    if status not in (200, 302) or "large.bin" not in (one.page or one.get("/en/write/files/")):
        raise SystemExit(f"upload: {status}")
    one.get("/en/write/delete/")
    one._ask("POST", "/en/write/delete/", f"csrfmiddlewaretoken={one.token}",
             {"Content-Type": "application/x-www-form-urlencoded"})
    return took


def iter_pieces(pool: list[bytes], total: int) -> Iterator[bytes]:
    """The test data in the pieces that a network gives."""
    yield from pieces(pool, total)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--mib", type=int, default=2048, help="MiB of the one upload")
    words.add_argument("--rounds", type=int, default=3)
    asked, _ = words.parse_known_args()
    raw = os.urandom(POOL)
    pool = [raw[at : at + PIECE] for at in range(0, POOL, PIECE)]
    total = asked.mib << 20
    ratios, rates, limits = [], [], []
    with desk(SETTINGS, processes=1, threads=16) as served:
        upload(served, pool, 8 << 20)  # warm
        idle = served.memory("VmRSS")
        served.clear_peaks()
        for _ in range(asked.rounds):
            began = time.perf_counter()
            limit(pool, 512 << 20)
            limits.append(512 * 1.048576 / (time.perf_counter() - began))
            before = served.cpu()
            took = upload(served, pool, total)
            rates.append(total / 1e6 / took)
            ratios.append(rates[-1] / limits[-1])
            cpu = (served.cpu() - before) / total * 1e9
        growth = served.memory("VmHWM") - idle
        served.clear_peaks()
        idle = served.memory("VmRSS")
        threads = [threading.Thread(target=upload, args=(served, pool, 256 << 20)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        eight = served.memory("VmHWM") - idle
    print(f"{os.cpu_count()} cores; {asked.mib} MiB in one form, {asked.rounds} rounds, client on the same cores")
    print(f"limit: SHA-256 + AES-256-GCM  {statistics.median(limits):8.0f} MB/s")
    print(f"over HTTP, sealed             {statistics.median(rates):8.0f} MB/s, {cpu:.1f} CPU s a GB at the server")
    print(f"memory over idle: {growth:.1f} MiB for one of {asked.mib} MiB (goal {GROWTH_ONE:.0f}), "
          f"{eight:.1f} MiB for eight of 256 MiB at once (goal {GROWTH_EIGHT:.0f})")
    ratio = statistics.median(ratios)
    good = ratio >= GOAL and growth < GROWTH_ONE and eight < GROWTH_EIGHT
    print(f"HTTP / limit = {ratio:.2f}; the goal is {GOAL}: {'reached' if ratio >= GOAL else 'NOT reached'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
