"""Forms that are begun and never finished: they may not keep the desk from everybody else."""

import http.client
import socket
import time

import pytest
from bench.loopback import desk

from amparo.desk import serving

HALF = (
    b"POST /en/back/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 5000\r\nCookie: s=none\r\n\r\nwords="
)


@pytest.mark.timeout(120)
def test_half_sent_forms_give_their_threads_back() -> None:
    """Three threads, three half-sent forms: the desk answers again within the patience with one sender."""
    with desk(processes=1, threads=3) as served:
        lines = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(3)]
        for line in lines:
            line.sendall(HALF)
        time.sleep(1)
        began = time.monotonic()
        visitor = http.client.HTTPConnection("127.0.0.1", served.port, timeout=2 * serving.LINE_SECONDS)
        visitor.request("GET", "/healthz")
        assert visitor.getresponse().status == 200
        assert time.monotonic() - began < 1.5 * serving.LINE_SECONDS
        for line in lines:
            line.close()
