"""How fast files are sealed, beside the limit: SHA-256 and AES-256-GCM in one pass over the same data.

The limit hashes each piece once and encrypts it, and does nothing else. The library hashes the plaintext and
the ciphertext (two hashes), derives, frames and hands every chunk on. Both get the same 64 KiB pieces (what
an upload handler gives) in interleaved rounds of one run; what counts is the median of the ratios per round.
The ciphertext's hash runs in a second thread, so a machine whose other cores are busy shows less.
Run by `python3 run.py bench seal`.
"""

import argparse
import hashlib
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amparo import seal
from amparo.seal.files import has_aes

PIECE = 65536
POOL = 64 << 20  # more than the processor's own caches, so that both read from memory
KEY, CTX = bytes(range(32)), seal.Context(UUID(int=1), UUID(int=2), "file", 1)
GOAL = 0.6


def pieces(pool: list[bytes], total: int) -> Iterator[bytes]:
    """`total` bytes in pieces of 64 KiB."""
    for number in range(total // PIECE):
        yield pool[number % len(pool)]


def limit(pool: list[bytes], total: int) -> None:
    """One hash and one encryption of every piece."""
    cipher, digest = AESGCM(KEY), hashlib.sha256()
    for number, piece in enumerate(pieces(pool, total)):
        digest.update(piece)
        cipher.encrypt(number.to_bytes(12, "big"), piece, None)


def two_hashes(pool: list[bytes], total: int) -> None:
    """The limit with the ciphertext hashed too, in one thread: what the work costs without any framing."""
    cipher, digest, sealed = AESGCM(KEY), hashlib.sha256(), hashlib.sha256()
    for number, piece in enumerate(pieces(pool, total)):
        digest.update(piece)
        sealed.update(cipher.encrypt(number.to_bytes(12, "big"), piece, None))


def library(pool: list[bytes], total: int) -> None:
    """amparo.seal, its output handed to the system and thrown away there."""
    with open(os.devnull, "wb", buffering=0) as sink:
        sealer = seal.FileSealer(KEY, CTX, sink.write)
        for piece in pieces(pool, total):
            sealer.update(piece)
        sealer.finish()


def opening(path: Path) -> Callable[[list[bytes], int], None]:
    """Reading a sealed file through the seekable opener."""

    def read(pool: list[bytes], total: int) -> None:
        with path.open("rb", buffering=0) as file:
            opened = seal.FileOpener(KEY, CTX, file, os.fstat(file.fileno()).st_size)
            buffer = bytearray(PIECE)
            while opened.readinto(buffer):
                pass

    return read


def busy_seconds() -> float:
    """CPU seconds that all processes of this machine have used; 0 where the system does not tell."""
    try:
        ticks = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    except OSError:
        return 0.0
    used = sum(int(ticks[place]) for place in (0, 1, 2, 5, 6))  # user, nice, system, interrupts
    return used / os.sysconf("SC_CLK_TCK")


def memory_growth(total: int) -> float:
    """MiB that a fresh process grows by while it seals `total` bytes that it makes as it goes."""
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parent.parent)!r})\n"
        "from bench.seal_library import CTX, KEY, PIECE\n"
        "from amparo import seal\n"
        "from pathlib import Path\n"
        "def peak():\n"
        "    status = Path('/proc/self/status').read_text()\n"
        "    return int(status.split('VmHWM:')[1].split()[0]) / 1024\n"
        "Path('/proc/self/clear_refs').write_text('5')\n"  # the peak starts again at what is used now
        "piece, idle = bytes(PIECE), peak()\n"
        "sealer = seal.FileSealer(KEY, CTX, lambda data: None)\n"
        f"for _ in range({total} // PIECE): sealer.update(piece)\n"
        "sealer.finish()\n"
        "print(peak() - idle)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--mib", type=int, default=512, help="MiB a round (default 512)")
    words.add_argument("--rounds", type=int, default=7, help="interleaved rounds (default 7)")
    asked, _ = words.parse_known_args()
    total = max(1, asked.mib << 20)
    raw = os.urandom(min(POOL, total))
    pool = [raw[at : at + PIECE] for at in range(0, len(raw), PIECE)]
    path = Path(f"/dev/shm/amparo-bench-{os.getpid()}")
    with path.open("wb") as file:
        sealer = seal.FileSealer(KEY, CTX, file.write)
        for piece in pieces(pool, total):
            sealer.update(piece)
        sealer.finish()
    runs: dict[str, Callable[[list[bytes], int], None]] = {
        "limit: SHA-256 + AES-256-GCM": limit, "the same with both hashes, one thread": two_hashes,
        "library: seal": library, "library: open": opening(path),
    }
    wall: dict[str, list[float]] = {name: [] for name in runs}
    cpu: dict[str, list[float]] = {name: [] for name in runs}
    started, all_before, own_before = time.perf_counter(), busy_seconds(), time.process_time()
    try:
        for _ in range(asked.rounds):
            for name, run in runs.items():
                began, worked = time.perf_counter(), time.process_time()
                run(pool, total)
                wall[name].append(time.perf_counter() - began)
                cpu[name].append(time.process_time() - worked)
    finally:
        path.unlink()
    own = time.process_time() - own_before
    others = max(0.0, busy_seconds() - all_before - own) / (time.perf_counter() - started)
    print(f"{platform.machine()}, {os.cpu_count()} cores, AES in the processor: {'yes' if has_aes() else 'no'}, "
          f"others used {others:.2f} cores; {asked.mib} MiB in 64 KiB pieces, {asked.rounds} rounds, medians")
    print(f"{'':40}{'MB/s':>8}{'best':>8}{'CPU s/GB':>10}{'ratio':>8}")
    first = next(iter(runs))
    for name in runs:
        ratios = [base / own for base, own in zip(wall[first], wall[name], strict=True)]
        print(f"{name:40}{total / 1e6 / statistics.median(wall[name]):8.0f}{total / 1e6 / min(wall[name]):8.0f}"
              f"{statistics.median(cpu[name]) / total * 1e9:10.2f}{statistics.median(ratios):8.2f}")
    print(f"memory: a fresh process grows by {memory_growth(2 << 30):.1f} MiB while sealing 2 GiB; "
          f"this one peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB "
          f"({POOL >> 20} MiB of it the test data)")
    ratio = statistics.median(
        base / own for base, own in zip(wall[first], wall["library: seal"], strict=True)
    )
    print(f"seal / limit = {ratio:.2f}; the goal is {GOAL}: {'reached' if ratio >= GOAL else 'NOT reached'}")
    if others > (os.cpu_count() or 1) - 1.8:
        print("The ciphertext's hash had no core of its own during this run: on a quiet machine the ratio is higher.")
    return 0 if ratio >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
