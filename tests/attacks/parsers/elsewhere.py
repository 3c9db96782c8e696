"""Gives up power, then runs the attack from there. Started by the tests; exit 77 where that cannot be staged."""

import ctypes
import json
import os
import sys
import uuid

os.umask(0o022)  # the folders above the interpreter are made here, for an account without power
libc = ctypes.CDLL(None, use_errno=True)
how, parsers = sys.argv[1:3]
NOBODY = 65534


def give_up(done: int) -> None:
    if done != 0:
        sys.exit(77)


def closed_above(path: str) -> str | None:
    """The highest folder on the way to `path` that an account without power may not enter."""
    way = ""
    for part in path.strip("/").split("/")[:-1]:
        way += f"/{part}"
        if os.stat(way).st_mode & 0o005 != 0o005:
            return way
    return None


def make_reachable(*paths: str) -> None:
    """What lies beneath a folder that only root may enter is shown at the same place by a private mount."""
    closed = {path: above for path in paths if (above := closed_above(path))}
    if not closed:
        return
    give_up(libc.unshare(0x00020000))
    held = {path: os.open(path, os.O_PATH) for path in closed}
    give_up(libc.mount(b"none", b"/", None, ctypes.c_ulong(16384 | 1 << 18), None))
    for above in set(closed.values()):
        give_up(libc.mount(b"tmpfs", above.encode(), b"tmpfs", ctypes.c_ulong(0), b"mode=755"))
    for path, descriptor in held.items():
        os.makedirs(path, exist_ok=True)
        give_up(libc.mount(f"/proc/self/fd/{descriptor}".encode(), path.encode(), None, ctypes.c_ulong(4096), None))


if how == "nobody":
    if os.geteuid() == 0:
        house = os.path.realpath(__file__).split("/tests/")[0]
        make_reachable(os.path.realpath(sys.base_prefix), os.path.realpath(sys.prefix), house)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    libc.prctl(4, 1, 0, 0, 0)
elif how == "no-namespaces":
    user, group = os.geteuid(), os.getegid()
    give_up(libc.unshare(0x10000000))
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")

try:
    from amparo.desk import sandbox
except (ImportError, PermissionError):  # the checkout itself is closed to other accounts
    sys.exit(77)

able = sandbox.capabilities()
if not able.level:
    sys.exit(77)
order = sandbox.Order(
    key=b"k" * 32, case=uuid.uuid4(), item=uuid.uuid4(), kind="file", epoch=1, schema=1, body=b"", sealed_size=0,
    options={
        "parent": os.getpid(), "port": 9, "data": "/var", "blob": 200, "secret": "/etc/passwd",
        "sealed": "/etc/passwd", "database": "/etc/passwd", "writable": (f"/tmp/amparo-attack-{os.getpid()}",),
    },
)
outcome = sandbox.run(
    "hostile:everything", order, unsafe_search=(parsers,),
    limits=sandbox.Limits(memory=1 << 30, private=16 << 20, cpu=5, wall=10.0),
)
print(json.dumps({
    "level": able.level, "says": able.says, "code": outcome.code, "tried": len(outcome.not_checked),
    "reached": [said.part for said in outcome.not_checked if said.why == "reached"],
}))
