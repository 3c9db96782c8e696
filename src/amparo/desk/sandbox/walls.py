"""The walls a child raises around itself before it may touch evidence. Runs in the child only.

Three kinds, best first: "namespaces" (no network, no other process, a file tree of its own whose one writable
place is a private tmpfs), "landlock" (for accounts that may not make namespaces: reading of program files only,
writing nowhere, no signals out), "seccomp" (where Landlock is missing too: nothing can be opened any more).
Each ends with the system call filter. Sources: unshare(2), pivot_root(2), mount_setattr(2), capabilities(7),
prctl(2), landlock(7), user_namespaces(7).
"""

import contextlib
import ctypes
import errno
import os
import resource
import select
import signal
import struct

from amparo.desk.sandbox import filters
from amparo.desk.sandbox.wire import Walls

PRIVATE = "/private"

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = (
    0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
)
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND, _MS_REC, _MS_PRIVATE = (
    1, 2, 4, 8, 4096, 16384, 1 << 18
)
_MNT_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_PDEATHSIG, _DUMPABLE, _CAPBSET_DROP, _NO_NEW_PRIVS, _CAP_AMBIENT, _AMBIENT_CLEAR = 1, 4, 24, 38, 47, 4
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_MOUNT_SETATTR, _LANDLOCK = 442, (444, 445, 446)  # the same numbers on both machines
_FS_READ = (1 << 2) | (1 << 3)  # read a file, list a folder; nothing is ever executed

_libc = ctypes.CDLL(None, use_errno=True)


class WallRefused(OSError):
    """A wall could not be raised; the child ends before it has read any key."""


def _call(done: int, what: str) -> int:
    if done < 0:
        raise WallRefused(ctypes.get_errno(), what)
    return done


def die_with(parent: int) -> None:
    """The kernel ends this process when the thread that started it ends; a parent gone already ends it now."""
    _call(_libc.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    if os.getppid() != parent:
        os._exit(1)


def close_all_but(keep: tuple[int, ...]) -> None:
    """Closes every descriptor above the standard three that is not in `keep`."""
    for number in range(3, 1024):
        if number not in keep:
            with contextlib.suppress(OSError):
                os.close(number)


def raise_all(walls: Walls) -> None:
    """Raises the walls of `walls.level` and returns inside them (in a new process for "namespaces").

    Errors: WallRefused; the caller must then end without having read a key.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")  # when memory runs out, the parser goes first, never the desk
    keeper = _enter_namespaces(walls) if walls.level == "namespaces" else -1
    _drop_powers()
    die_with(walls.parent if keeper < 0 else 0)  # only now: a change of powers clears the wish
    if keeper >= 0:
        # the keeper cannot be seen from in here, but its end of this pipe closes when it dies
        if select.select([keeper], [], [], 0)[0]:
            os._exit(1)
        os.close(keeper)
    _limit(walls)
    landlocked = _landlock(walls) if walls.level != "seccomp" else False
    if walls.level == "landlock" and not landlocked:
        raise WallRefused(errno.ENOSYS, "landlock")
    files = {"namespaces": "private", "landlock": "read", "seccomp": "none"}[walls.level]
    try:
        filters.install(filters.program(files=files))
    except (OSError, KeyError) as refused:
        raise WallRefused(errno.ENOSYS, "seccomp") from refused


def _enter_namespaces(walls: Walls) -> int:
    user, group = os.geteuid(), os.getegid()
    _call(
        _libc.unshare(_NEWUSER | _NEWNS | _NEWPID | _NEWNET | _NEWIPC | _NEWUTS), "unshare"
    )
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        try:
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        except OSError as refused:
            raise WallRefused(refused.errno, name) from refused
    _new_root(walls)
    watched, held = os.pipe()
    child = os.fork()  # the first process of the new pid namespace: it sees no other
    if child:
        _wait_for(child, held)
    os.close(held)
    return watched


def _wait_for(child: int, held: int) -> None:
    """The keeper outside: holds nothing, waits, and tells how the child ended by its own exit status."""
    for number in range(3):
        os.close(number)
    close_all_but((held,))
    _, status = os.waitpid(child, 0)
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    _call(
        _libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode() or None),
        f"mount {kind or 'bind'}",
    )


def _read_only(path: str) -> None:
    # struct mount_attr: attr_set, attr_clr, propagation, userns_fd; adding flags is allowed on locked mounts
    attributes = struct.pack("=QQQQ", _MS_RDONLY | _MS_NOSUID | _MS_NODEV, 0, 0, 0)
    done = _libc.syscall(
        ctypes.c_long(_MOUNT_SETATTR), ctypes.c_int(_AT_FDCWD), path.encode(), ctypes.c_uint(_AT_RECURSIVE),
        attributes, ctypes.c_size_t(len(attributes)),
    )
    _call(done, "mount_setattr")


def _beneath(path: str, others: list[str]) -> bool:
    return any(path == other or path.startswith(other.rstrip("/") + "/") for other in others)


def _new_root(walls: Walls) -> None:
    _mount("none", "/", "", _MS_REC | _MS_PRIVATE)
    root = next((place for place in ("/tmp", "/var/tmp", "/run", "/mnt", "/proc") if os.path.isdir(place)), "")  # noqa: S108
    if not root:
        raise WallRefused(errno.ENOENT, "no place for a root")
    # sources are opened first: the new root may hide them
    wanted: dict[str, int] = {}
    for path in sorted(walls.readable, key=len):
        for name in (path, os.path.realpath(path)):
            if os.path.exists(path) and not _beneath(name, list(wanted)):
                wanted[name] = os.open(path, os.O_PATH)
    _mount("tmpfs", root, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "size=1m,nr_inodes=4k,mode=755")
    for name, source in wanted.items():
        target = root + name
        if os.path.isdir(f"/proc/self/fd/{source}"):
            os.makedirs(target, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o400))
        _mount(f"/proc/self/fd/{source}", target, "", _MS_BIND | _MS_REC)
        os.close(source)
        _read_only(target)
    for hidden in walls.hidden:
        if _beneath(hidden, list(wanted)) and os.path.isdir(root + hidden):
            _mount("tmpfs", root + hidden, "tmpfs", _MS_RDONLY | _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "size=4k")
    os.makedirs(root + PRIVATE, exist_ok=True)
    _mount(
        "tmpfs", root + PRIVATE, "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC,
        f"size={walls.private},nr_inodes=200k,mode=700",
    )
    attributes = struct.pack("=QQQQ", _MS_RDONLY, 0, 0, 0)
    _call(
        _libc.syscall(
            ctypes.c_long(_MOUNT_SETATTR), ctypes.c_int(_AT_FDCWD), root.encode(), ctypes.c_uint(0), attributes,
            ctypes.c_size_t(len(attributes)),
        ),
        "mount_setattr",
    )
    os.chdir(root)
    _call(_libc.syscall(ctypes.c_long(_PIVOT_ROOT[os.uname().machine]), b".", b"."), "pivot_root")
    _call(_libc.umount2(b".", _MNT_DETACH), "umount2")
    os.chdir(PRIVATE)


def _drop_powers() -> None:
    for capability in range(64):
        if _libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # past the last one the kernel knows, or no power to drop any
    _libc.prctl(_CAP_AMBIENT, _AMBIENT_CLEAR, 0, 0, 0)
    header = struct.pack("=Ii", 0x20080522, 0)
    nothing = struct.pack("=IIIIII", 0, 0, 0, 0, 0, 0)
    _call(_libc.capset(header, nothing), "capset")
    _call(_libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _call(_libc.prctl(_DUMPABLE, 0, 0, 0, 0), "dumpable")


def _limit(walls: Walls) -> None:
    for which, value in (
        (resource.RLIMIT_AS, walls.memory), (resource.RLIMIT_CPU, walls.seconds),
        (resource.RLIMIT_FSIZE, walls.private), (resource.RLIMIT_NOFILE, 64), (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_MEMLOCK, 0), (resource.RLIMIT_MSGQUEUE, 0), (resource.RLIMIT_SIGPENDING, 16),
    ):
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))


def landlock_version() -> int:
    """The kernel's Landlock ABI, 0 where it has none."""
    version = _libc.syscall(ctypes.c_long(_LANDLOCK[0]), None, ctypes.c_size_t(0), ctypes.c_uint(1))
    return max(0, int(version))


def _landlock(walls: Walls) -> bool:
    version = landlock_version()
    if version < 1:
        return False
    every = (1 << (13 + (version >= 2) + (version >= 3))) - 1 | ((1 << 15) if version >= 5 else 0)
    attributes = struct.pack("=QQQ", every, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _call(
        _libc.syscall(ctypes.c_long(_LANDLOCK[0]), attributes, ctypes.c_size_t(size), ctypes.c_uint(0)), "landlock"
    )
    rules = [(path, _FS_READ) for path in walls.readable if os.path.exists(path)]
    if walls.level == "namespaces":
        rules.append((PRIVATE, every & ~1))  # whatever lies there is never executed
    for path, access in rules:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not os.path.isdir(path):
            access &= (1 << 0) | (1 << 1) | (1 << 2) | ((1 << 14) if version >= 3 else 0)
        rule = struct.pack("=Qi", access, place)
        _call(
            _libc.syscall(
                ctypes.c_long(_LANDLOCK[1]), ctypes.c_int(ruleset), ctypes.c_uint(1), rule, ctypes.c_uint(0)
            ),
            "landlock rule",
        )
        os.close(place)
    _call(
        _libc.syscall(ctypes.c_long(_LANDLOCK[2]), ctypes.c_int(ruleset), ctypes.c_uint(0)), "landlock restrict"
    )
    os.close(ruleset)
    return True
