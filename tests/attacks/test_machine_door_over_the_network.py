"""Somebody on the network who forges what they can, to be taken for a program of this machine: sees no door there."""

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.served import Served, private_memory

FORGED = (
    "Host: desk", "Host: localhost", "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=unix:",
    "Remote-Addr: ", "REMOTE_ADDR: ", "gunicorn.socket: unix", "gunicorn_socket: unix", "X-Forwarded-Proto: unix",
    "Script-Name: /queue", "Origin: null", "Upgrade: unix", "X-Sendfile: /local/desk.sock",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    base = tmp_path_factory.mktemp("net")
    one = Served.make(base / "data", private_memory(base)).start()
    yield one
    one.stop()


def over(line: socket.socket, path: str, *headers: str, body: str | None = None) -> tuple[int, bytes]:
    """(status, body) of one raw request."""
    own = [] if any(one.startswith("Host:") for one in headers) else ["Host: localhost"]
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", *own, "Connection: close", *headers]
    if body is not None:
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"]
    line.sendall("\r\n".join([*lines, "", body or ""]).encode())
    raw = b""
    while part := line.recv(65536):
        raw += part
    head, _, rest = raw.partition(b"\r\n\r\n")
    return int(head.split()[1]), rest


def network(served: Served, path: str, *headers: str, body: str | None = None) -> tuple[int, bytes]:
    with socket.create_connection(("127.0.0.1", served.port), 20) as line:
        return over(line, path, *headers, body=body)


def local(served: Served, path: str, *headers: str, body: str | None = None) -> tuple[int, bytes]:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(served.folder / "local" / "desk.sock"))
        return over(line, path, *headers, body=body)


@pytest.fixture(scope="module")
def secret(served: Served) -> str:
    """A session of Wren's, opened over the socket: the control that the door is there."""
    said = {"login": "login of Wren", "password": served.made["password"]}
    status, answer = local(served, "/login", body=json.dumps(said))
    assert status == 200
    first = json.loads(answer)["session"]
    status, answer = local(
        served, "/code", f"Authorization: Bearer {first}", body=json.dumps({"code": served.code()})
    )
    assert status == 200
    opened = str(json.loads(answer)["session"])
    assert local(served, "/queue", f"Authorization: Bearer {opened}")[0] == 200
    return opened


@pytest.mark.parametrize("path", ["/queue", "/me", "/erased", "/case/{first}"])
def test_whatever_is_forged_the_answer_is_that_of_a_page_that_does_not_exist(
    served: Served, secret: str, path: str
) -> None:
    path = path.format(**served.made)
    bearer = f"Authorization: Bearer {secret}"
    assert local(served, path, bearer)[0] == 200
    for forged in ("", *FORGED):
        headers = [one for one in (bearer, forged) if one]
        status, body = network(served, path, *headers)
        if forged == "Host: desk":  # a name that this desk does not answer to: refused before any address is looked at
            assert status == 400
            continue
        absent = network(served, path.replace(path.strip("/").split("/")[0], "quoux"), *headers)
        assert (status, body) == absent and status == 404, forged
        assert b"Danger" not in body and b"says" not in body


def test_no_password_is_tried_over_the_network(served: Served, secret: str) -> None:
    said = json.dumps({"login": "login of Wren", "password": served.made["password"]})
    status, body = network(served, "/login", body=said)
    assert status in (403, 404) and b"session" not in body.lower().replace(b"your session", b"")
    assert (status, body) == network(served, "/quoux", body=said)


def test_a_request_line_with_a_whole_address_changes_nothing(served: Served, secret: str) -> None:
    for target in ("http://unix:/queue", "//queue", "/./queue", "/queue%00", "http://desk/queue"):
        status, body = network(served, target, f"Authorization: Bearer {secret}")
        assert status in (301, 302, 400, 404) and b"rows" not in body, target


def test_only_the_desks_own_account_reaches_the_socket(served: Served) -> None:
    folder, path = served.folder / "local", served.folder / "local" / "desk.sock"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and stat.S_IMODE(path.stat().st_mode) == 0o600
    if os.geteuid() != 0:
        pytest.skip("only root can try it as another account")
    trial = (
        "import os, socket, sys\nos.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "line = socket.socket(socket.AF_UNIX)\n"
        "try:\n    line.connect(sys.argv[1])\nexcept PermissionError:\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", trial, str(path)], capture_output=True, text=True)
    assert done.stdout == "refused\n", done.stderr


def test_another_account_that_got_through_the_folder_is_told_nothing(served: Served, secret: str) -> None:
    """A folder opened by mistake: the other end's account is asked, too."""
    if os.geteuid() != 0:
        pytest.skip("only root can try it as another account")
    path = served.folder / "local" / "desk.sock"
    opened = [parent for parent in (path, *path.parents) if parent == path or str(parent).startswith("/tmp/")]
    before = {one: stat.S_IMODE(one.stat().st_mode) for one in opened}
    trial = (
        "import os, socket, sys\nos.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "line = socket.socket(socket.AF_UNIX)\nline.connect(sys.argv[1])\n"
        "line.sendall(b'GET /me HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n'\n"
        "             b'Authorization: Bearer ' + sys.argv[2].encode() + b'\\r\\n\\r\\n')\n"
        "print(line.recv(20).split()[1].decode())\n"
    )
    try:
        for one in opened:
            one.chmod(0o777)
        done = subprocess.run([sys.executable, "-c", trial, str(path), secret], capture_output=True, text=True)
    finally:
        for one, mode in before.items():
            one.chmod(mode)
    assert done.stdout == "404\n", done.stderr
    assert local(served, "/me", f"Authorization: Bearer {secret}")[0] == 200


def test_the_socket_goes_with_the_desk(tmp_path: Path) -> None:
    one = Served.make(tmp_path / "data", None).start()
    try:
        assert one.run("queue", memory=False).returncode == 2
    finally:
        one.stop()
    assert not (one.folder / "local" / "desk.sock").exists()
    done = one.run("login")
    assert done.returncode == 2 and "amparo serve" in one.run("queue", "--once").stderr
