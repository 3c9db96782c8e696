"""Code an attacker would want a parser to run. Loaded only by the tests, inside the child.

Every attempt reports itself: NotChecked(detector="attack", part=<name>, why="reached" or the refusal).
"""

import _thread as threads
import ctypes
import mmap
import os
import platform
import resource
import signal
import socket
import tempfile
import time
from pathlib import Path

from amparo.desk.sandbox.wire import Ended
from amparo.words.findings import NotChecked

_libc = ctypes.CDLL(None, use_errno=True)
_NUMBERS = {
    "x86_64": {
        "ptrace": 101, "process_vm_readv": 310, "keyctl": 250, "add_key": 248, "bpf": 321, "mount": 165,
        "unshare": 272, "setns": 308, "pidfd_open": 434, "io_uring_setup": 425, "perf_event_open": 298,
        "userfaultfd": 323, "open_by_handle_at": 304, "execveat": 322, "clone3": 435, "vfork": 58,
        "chroot": 161, "init_module": 175, "kexec_load": 246, "setuid": 105, "prctl": 157, "openat2": 437,
        "name_to_handle_at": 303, "kcmp": 312, "msgget": 68, "shmget": 29, "symlink": 88, "link": 86,
        "setpgid": 109, "setsid": 112, "truncate": 76, "chmod": 90, "utimensat": 280, "setxattr": 188,
    },
    "aarch64": {
        "ptrace": 117, "process_vm_readv": 270, "keyctl": 219, "add_key": 217, "bpf": 280, "mount": 40,
        "unshare": 97, "setns": 268, "pidfd_open": 434, "io_uring_setup": 425, "perf_event_open": 241,
        "userfaultfd": 282, "open_by_handle_at": 265, "execveat": 281, "clone3": 435, "chroot": 51,
        "init_module": 105, "setuid": 146, "prctl": 167, "openat2": 437, "setpgid": 154, "setsid": 157,
        "truncate": 45, "utimensat": 88, "setxattr": 5,
    },
}[platform.machine()]


def _try(name, attempt, send):
    try:
        attempt()
    except BaseException as refused:
        send(NotChecked("attack", name, f"refused: {type(refused).__name__} {getattr(refused, 'errno', '')}"))
    else:
        send(NotChecked("attack", name, "reached"))


def _write(path):
    with open(path, "wb") as file:
        file.write(b"gotcha")


def _read(path):
    return lambda: Path(path).read_bytes()


def _raw(number):
    def attempt():
        if _libc.syscall(ctypes.c_long(number), *(ctypes.c_long(0) for _ in range(5))) < 0:
            raise OSError(ctypes.get_errno(), "refused")

    return attempt


def _fork():
    if os.fork() == 0:
        os._exit(0)


def _connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.connect(address)


def _other_descriptors():
    held = []
    for number in range(3, 256):
        try:
            os.fstat(number)
        except OSError:
            continue
        held.append(number)
    # the answer's pipe and, where there is one, the sealed file; anything more is a way out
    if len(held) > 2:
        raise AssertionError(held)
    raise PermissionError(0, "only its own")


def everything(job, send):
    """One attempt after another; `job.options` names what the test has laid out."""
    o = job.options
    parent = o["parent"]
    for name, family in (("inet", socket.AF_INET), ("inet6", socket.AF_INET6), ("unix", socket.AF_UNIX),
                         ("netlink", socket.AF_NETLINK), ("packet", socket.AF_PACKET), ("vsock", socket.AF_VSOCK)):
        _try(f"socket {name}", lambda family=family: socket.socket(family, socket.SOCK_DGRAM), send)
    _try("socketpair", socket.socketpair, send)
    _try("connect", lambda: _connect(socket.AF_INET, ("127.0.0.1", o["port"])), send)
    for name in ("secret", "sealed", "database"):
        _try(f"read {name}", _read(o[name]), send)
    for path in ("/etc/passwd", "/proc/self/environ", f"/proc/{parent}/environ", f"/proc/{parent}/mem",
                 f"/proc/{parent}/cmdline", "/dev/mem", "/root/.ssh"):
        _try(f"read {path}", _read(path), send)
    _try("list /proc", lambda: os.listdir("/proc"), send)
    _try("list the data folder", lambda: os.listdir(o["data"]), send)
    _try("list /tmp", lambda: os.listdir("/tmp"), send)
    for path in (*o["writable"], "/dev/shm/amparo-attack", "/var/tmp/amparo-attack", "/amparo-attack"):
        _try(f"write {path}", lambda path=path: _write(path), send)
    _try("mkdir", lambda: os.mkdir(o["writable"][0] + ".d"), send)
    _try("unlink", lambda: os.unlink(o["sealed"]), send)
    blob = o["blob"]
    _try("write the sealed file", lambda: os.write(blob, b"x"), send)
    _try("shorten the sealed file", lambda: os.ftruncate(blob, 0), send)
    _try("reopen the sealed file", lambda: _write(f"/proc/self/fd/{blob}"), send)
    _try("other descriptors", _other_descriptors, send)
    _try("kill the parent", lambda: os.kill(parent, signal.SIGKILL), send)
    _try("kill everyone", lambda: os.kill(-1, signal.SIGKILL), send)
    _try("kill the group", lambda: os.killpg(0, signal.SIGTERM), send)
    _try("fork", _fork, send)
    _try("run a program", lambda: os.execve("/bin/sh", ["sh"], {}), send)
    _try("start a thread", _thread, send)
    for name, number in _NUMBERS.items():
        _try(f"syscall {name}", _raw(number), send)
    _try("raise a limit", _raise_limit, send)
    _try("environment", _environment, send)
    _done(send)


def _thread():
    threads.start_new_thread(time.sleep, (0,))


def _environment():
    if set(os.environ) <= {"LC_CTYPE"}:  # the interpreter itself sets that one (PEP 538)
        raise PermissionError(0, "empty")


def _raise_limit():
    resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))


def _done(send):
    send(Ended("done"))


def private_folder(job, send):
    """What the private folder is: writable where there is one, never executable, never endless."""
    def keep():
        with tempfile.TemporaryFile() as file:
            file.write(b"x" * 1000)

    _try("private file", keep, send)

    def execute():
        with open("code", "wb") as file:
            file.write(b"\xc3" * 4096)
        with open("code", "rb") as file:
            mmap.mmap(file.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)

    _try("private code", execute, send)

    def fill():
        for number in range(10_000):
            with open(f"fill{number}", "wb") as file:
                file.write(b"x" * (1 << 20))

    _try("fill it", fill, send)
    _done(send)


def loop(job, send):
    """Never ends."""
    while True:
        pass


def sleep(job, send):
    """Never ends and costs nothing."""
    while True:
        time.sleep(60)


def memory(job, send):
    """Takes all there is. `bytes` asks for zeroed memory without writing it: no limit on time is met first."""
    held = []
    while True:
        held.append(bytes(64 << 20))


def crash(job, send):
    """Writes where it may not."""
    ctypes.string_at(1)


def flood(job, send):
    """An answer without end."""
    while True:
        send(NotChecked("attack", "x" * 4000, "x"))


def garbage(job, send):
    """Bytes that are no answer, on every descriptor there is."""
    for number in range(3, 64):
        try:
            os.write(number, os.urandom(4096))
        except OSError:
            continue
    _done(send)


def huge_frame(job, send):
    """A frame that claims four gigabytes."""
    for number in range(3, 64):
        try:
            os.write(number, b"\xff\xff\xff\xff")
        except OSError:
            continue
    time.sleep(60)


def long_text(job, send):
    """One string of a megabyte."""
    send(NotChecked("attack", "x" * (1 << 20), "x"))
    _done(send)


def prints(job, send):
    """A parser that chatters."""
    print("noise " * 10_000, flush=True)
    os.write(1, b"\x00" * 10_000)
    _done(send)


def stays(job, send):
    """Says it is done, closes the answer and lives on."""
    _done(send)
    for number in range(64):
        try:
            os.close(number)
        except OSError:
            continue
    while True:
        time.sleep(60)


def ignores_signals(job, send):
    """Does not want to end."""
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    while True:
        pass
