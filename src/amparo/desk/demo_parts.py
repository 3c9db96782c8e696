"""The processes of the demonstration, one each: `python -m amparo.desk.demo_parts web PORT | worker | tend`.

Each ends when the process that started it ends, however that came about.
"""

import contextlib
import ctypes
import os
import signal
import sys
import threading

PARENT = "AMPARO_DEMO_PARENT"


def _end_with_parent() -> None:
    with contextlib.suppress(AttributeError):  # not Linux: the parent's own tidying up must do
        ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
    parent = os.environ.get(PARENT, "")
    if parent and os.getppid() != int(parent):
        sys.exit(0)


def tend_until(stop: threading.Event, seconds: float = 60.0) -> None:
    """One pass now and one every `seconds`, until `stop`; pings go out beside it."""
    from amparo.desk import ringing, tend

    bell = threading.Thread(target=ringing.keep_ringing, args=(stop,), name="ringing", daemon=True)
    bell.start()
    while True:
        tend.tend_once()
        if stop.wait(seconds):
            return


def main(arguments: list[str]) -> None:
    """Run one part until told to end."""
    from amparo.desk import serving

    _end_with_parent()
    serving.set_up()
    if arguments[0] == "web":
        serving.serve(host="127.0.0.1", port=int(arguments[1]), processes=1, threads=8, grace=2)
    elif arguments[0] == "worker":
        from amparo.desk import workers

        workers.run()
    else:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        tend_until(stop)


if __name__ == "__main__":
    main(sys.argv[1:])
