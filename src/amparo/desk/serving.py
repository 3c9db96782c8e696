"""The web process: gunicorn with threads, silent about who comes, patient with slow uploads.

No access log, no control socket (it would be written into the home folder), no line that quotes an address or a
request. Before the first request the data folder is made ready and what an interrupted process left is removed.
"""

import errno
import os
import socket
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from amparo.desk.errors import DeskError

ON_ITS_WAY = 128 << 10  # bytes handed to the system ahead of a slow reader: nobody can take them back
LINE_SECONDS = 20  # a sender who is silent for so long in the middle of a request gives its thread back
UPLOAD_MOMENTS = 120  # seconds without a sign of life before a worker process is ended; threads keep giving it


class PortTaken(DeskError):
    code = "port"
    advice = "Choose another with --port, or stop the program that uses it."


class DemoData(DeskError):
    """This data folder belongs to a demonstration."""

    code = "demo-data"
    advice = "Choose another data folder (AMPARO_DATA) for real cases; run “amparo demo” for the demonstration."


class QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's messages quote addresses and requests; only the class of a message is kept."""

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        self.error_log.error("web.error")

    def error(self, msg: str, *args: Any, **kwargs: Any) -> None:
        self.error_log.error("web.error")

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        self.error_log.warning("web.warning")

    def access(self, *args: Any, **kwargs: Any) -> None:
        return


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Threads that wait for a sender's next bytes for LINE_SECONDS, not for ever.

    A handful of half-sent forms would else hold every thread, and the desk would be shut for everybody. A slow
    upload goes on: it only has to move now and then. Nor does the system take megabytes of a download ahead of its
    reader: they would still arrive for seconds after its session was ended.
    """

    def handle_request(self, req: Any, conn: Any) -> Any:
        conn.sock.settimeout(LINE_SECONDS)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ON_ITS_WAY)
        return super().handle_request(req, conn)


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn around Django, told here and nowhere else: one address of the network, and the local socket."""

    def __init__(self, *, host: str, port: int, processes: int, threads: int, grace: int) -> None:
        self._told = {
            "bind": [f"[{host}]:{port}" if ":" in host else f"{host}:{port}", f"unix:{local_socket()}"],
            "when_ready": _only_for_this_account, "workers": processes, "threads": threads,
            "worker_class": PatientWorker, "control_socket_disable": True, "accesslog": None, "loglevel": "warning",
            "logger_class": QuietLogger, "timeout": UPLOAD_MOMENTS, "graceful_timeout": grace, "keepalive": 5,
            "worker_tmp_dir": _memory(), "umask": 0o077, "max_requests": 0, "proc_name": "amparo",
            "forwarded_allow_ips": "127.0.0.1,::1", "limit_request_line": 2048, "limit_request_fields": 60,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._told.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        from django.core.wsgi import get_wsgi_application

        return get_wsgi_application()


LOCAL = "local"  # the folder of the socket, in the data folder; the terminal knows both names
SOCKET = "desk.sock"
LONGEST_ADDRESS = 100  # bytes: the system takes 107 as the address of a socket


def local_socket() -> str:
    """Where programs of this machine reach the desk: a path in a folder that only this account may enter.

    A longer path than a socket's address may be is reached through the open folder.
    """
    from amparo.desk import configuration

    folder = configuration.data_folder() / LOCAL
    folder.mkdir(mode=0o700, exist_ok=True)
    path = str(folder / SOCKET)
    if len(os.fsencode(path)) <= LONGEST_ADDRESS:
        return path
    return f"/proc/{os.getpid()}/fd/{os.open(folder, os.O_PATH | os.O_DIRECTORY)}/{SOCKET}"


def _only_for_this_account(server: Any) -> None:
    """Reading and writing for the owner, before the first request is taken."""
    from amparo.desk import configuration

    (configuration.data_folder() / LOCAL / SOCKET).chmod(0o600)


def _memory() -> str | None:
    """Where gunicorn's heartbeat file lies: in memory; the desk's own TMPDIR refuses writes."""
    for place in ("/dev/shm", "/run/shm"):  # noqa: S108 (only an empty file, unlinked at once)
        if os.access(place, os.W_OK):
            return place
    from amparo.desk import configuration

    return str(configuration.data_folder() / "gate")


def require_port(host: str, port: int) -> None:
    """Raises PortTaken where nobody could listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken("Port %(port)s is in use by another program.", port=port) from None
            if error.errno == errno.EACCES:
                raise PortTaken(
                    "This account may not use port %(port)s.", port=port, advice="Choose one above 1023 with --port."
                ) from None
            raise PortTaken(
                "This machine has no address %(host)s.", host=host, advice="Use --host 127.0.0.1 to begin with."
            ) from None


def require_real() -> None:
    """Raises DemoData when this desk is a demonstration or holds its sign-in links."""
    from amparo.desk import configuration, demo_links

    if configuration.current().demo or demo_links.left():
        raise DemoData("This data folder holds the demonstration, where anyone may sign in.")


def set_up(folder: Path | None = None) -> None:
    """Django made ready for this process, and the data folder checked. Errors: DeskError, BadConfiguration."""
    if folder is not None:
        os.environ["AMPARO_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.desk.settings"
    from amparo.desk import configuration, founding

    data = configuration.data_folder()
    try:
        founding.prepare()
    except OSError as error:
        raise DeskError(
            "The data folder %(folder)s can't be used (%(why)s).", folder=data, why=error.strerror, code="data-folder",
            advice="Give this account a folder of its own to write to, and name it in AMPARO_DATA.",
        ) from None
    import django

    django.setup()


def require_migrated() -> None:
    """Raises DeskError when tables are missing or older than this version."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    runner = MigrationExecutor(connection)
    if runner.migration_plan(runner.loader.graph.leaf_nodes()):
        raise DeskError(
            "The tables of this desk are not up to date.", code="not-migrated",
            advice="Run “amparo migrate” once, then start again.",
        )


def serve(*, host: str, port: int, processes: int = 2, threads: int = 64, grace: int = 30) -> None:
    """Serve until told to end. Call `set_up`, the require_* and founding.sweep_at_start first."""
    Server(host=host, port=port, processes=processes, threads=threads, grace=grace).run()
