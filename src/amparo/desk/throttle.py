"""Token buckets without addresses: they slow everyone a little, and lock nobody out.

People behind Tor share addresses, and a lock would let a stranger keep a colleague out. A bucket's name is a
purpose, or a keyed hash of a login name.
"""

import threading
import time

from django.db import transaction

from amparo.desk import clock
from amparo.desk.errors import Busy
from amparo.desk.records import Bucket

LONGEST = 4.0  # seconds a request may be held
MOST_WAITING = 2  # threads of one process that wait at once; the others serve pages
_waiting = threading.BoundedSemaphore(MOST_WAITING)


def take(name: str, *, rate: float, burst: float) -> float:
    """Take one token of `rate` a second; the seconds to wait for it (0 to LONGEST)."""
    moment = clock.monotonic()
    with transaction.atomic():
        row = Bucket.objects.filter(name=name).first()
        if row is None or moment < row.filled_at:  # the machine was started again
            tokens = burst
        else:
            tokens = min(burst, row.tokens + (moment - row.filled_at) * rate)
        tokens = max(tokens - 1, -LONGEST * rate)
        Bucket.objects.update_or_create(name=name, defaults={"tokens": tokens, "filled_at": moment})
    return min(LONGEST, max(0.0, -tokens / rate))


def pause(name: str, *, rate: float, burst: float) -> None:
    """take(), then wait. Raises Busy when so many wait already that pages would wait with them."""
    seconds = take(name, rate=rate, burst=burst)
    if seconds <= 0:
        return
    if not _waiting.acquire(blocking=False):
        raise Busy("Many people are trying at this moment.")
    try:
        time.sleep(seconds)
    finally:
        _waiting.release()


def forget_full(older_than: float = 3600) -> None:
    """Drop buckets that nobody touched for an hour: they are full again."""
    Bucket.objects.filter(filled_at__lt=clock.monotonic() - older_than).delete()
