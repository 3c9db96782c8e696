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


def make_reachable(path: str) -> None:
    """An interpreter beneath a folder that only root may enter is shown at the same place by a private mount."""
    above = "/" + path.strip("/").split("/")[0]
    if os.stat(above).st_mode & 0o005 == 0o005:
        return
    give_up(libc.unshare(0x00020000))
    held = os.open(path, os.O_PATH)
    give_up(libc.mount(b"none", b"/", None, ctypes.c_ulong(16384 | 1 << 18), None))
    give_up(libc.mount(b"tmpfs", above.encode(), b"tmpfs", ctypes.c_ulong(0), b"mode=755"))
    os.makedirs(path)
    give_up(libc.mount(f"/proc/self/fd/{held}".encode(), path.encode(), None, ctypes.c_ulong(4096), None))


if how == "nobody":
    if os.geteuid() == 0:
        make_reachable(os.path.realpath(sys.base_prefix))
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

from amparo.desk import sandbox  # noqa: E402 (power is given up first)

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
