"""The KDF gate: across all processes of a desk, no more password derivations at once than there are slots.

One derivation takes 64 MiB; eight at once took 574 MB. The gate is a folder of lock files, held by the
kernel, so that a killed process gives its slot back.
"""

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from amparo.seal.errors import Busy

PAUSE: Final = 0.02


@contextmanager
def kdf_gate(path: Path | str, slots: int | None = None, wait: float = 20.0) -> Iterator[int]:
    """Hold one slot (its number) while deriving; Busy after `wait` seconds. The folder must exist.

    `slots`: how many at once, by default as many as cores.
    """
    count = slots or len(os.sched_getaffinity(0)) or 1
    ends = time.monotonic() + wait
    numbers = list(range(count))
    while True:
        random.shuffle(numbers)
        for number in numbers:
            name = Path(path) / f"kdf-{number}.lock"
            descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            try:
                yield number
            finally:
                os.close(descriptor)  # closing gives the lock back
            return
        if time.monotonic() >= ends:
            raise Busy("Too many people are signing in at this moment.")
        time.sleep(PAUSE)
