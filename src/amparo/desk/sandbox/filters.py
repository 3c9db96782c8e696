"""The system calls that an examining child may still make: a short list, everything else is refused.

An allow list, because a deny list ages: a kernel learns new ways to read a file (io_uring, open_by_handle_at)
faster than anyone learns of them. Numbers are those of the kernel's own tables
(arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h); the program is classic BPF as
described in Documentation/userspace-api/seccomp_filter.rst.
"""

import ctypes
import errno
import platform
import struct

# What a parser needs: its own memory, the descriptors it already holds, files of its private folder, the clock.
_X86_64 = {
    "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8,
    "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
    "rt_sigreturn": 15, "ioctl": 16, "pread64": 17, "pwrite64": 18, "readv": 19, "writev": 20, "access": 21,
    "pipe": 22, "select": 23, "sched_yield": 24, "mremap": 25, "msync": 26, "mincore": 27, "madvise": 28,
    "dup": 32, "dup2": 33, "nanosleep": 35, "getpid": 39, "exit": 60, "uname": 63, "fcntl": 72, "flock": 73,
    "fsync": 74, "fdatasync": 75, "ftruncate": 77, "getdents": 78, "getcwd": 79, "chdir": 80, "fchdir": 81,
    "rename": 82, "mkdir": 83, "rmdir": 84, "unlink": 87, "readlink": 89, "umask": 95, "gettimeofday": 96,
    "getrlimit": 97, "getrusage": 98, "sysinfo": 99, "times": 100, "getuid": 102, "getgid": 104,
    "geteuid": 107, "getegid": 108, "getppid": 110, "sigaltstack": 131, "statfs": 137, "fstatfs": 138,
    "gettid": 186, "readahead": 187, "time": 201, "futex": 202, "sched_getaffinity": 204, "getdents64": 217,
    "restart_syscall": 219, "fadvise64": 221, "clock_gettime": 228, "clock_getres": 229,
    "clock_nanosleep": 230, "exit_group": 231, "openat": 257, "mkdirat": 258, "newfstatat": 262,
    "unlinkat": 263, "renameat": 264, "readlinkat": 267, "faccessat": 269, "pselect6": 270, "ppoll": 271,
    "set_robust_list": 273, "fallocate": 285, "dup3": 292, "pipe2": 293, "preadv": 295, "pwritev": 296,
    "prlimit64": 302, "getrandom": 318, "memfd_create": 319, "statx": 332, "rseq": 334, "faccessat2": 439,
}
_AARCH64 = {
    "getcwd": 17, "dup": 23, "dup3": 24, "fcntl": 25, "ioctl": 29, "flock": 32, "mkdirat": 34, "unlinkat": 35,
    "renameat": 38, "statfs": 43, "fstatfs": 44, "ftruncate": 46, "fallocate": 47, "faccessat": 48,
    "chdir": 49, "fchdir": 50, "openat": 56, "close": 57, "pipe2": 59, "getdents64": 61, "lseek": 62,
    "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67, "pwrite64": 68, "preadv": 69,
    "pwritev": 70, "pselect6": 72, "ppoll": 73, "readlinkat": 78, "newfstatat": 79, "fstat": 80, "fsync": 82,
    "fdatasync": 83, "exit": 93, "exit_group": 94, "futex": 98, "set_robust_list": 99, "nanosleep": 101,
    "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "sched_getaffinity": 123,
    "sched_yield": 124, "restart_syscall": 128, "sigaltstack": 132, "rt_sigaction": 134,
    "rt_sigprocmask": 135, "rt_sigreturn": 139, "times": 153, "uname": 160, "getrusage": 165, "umask": 166,
    "gettimeofday": 169, "getpid": 172, "getppid": 173, "getuid": 174, "geteuid": 175, "getgid": 176,
    "getegid": 177, "gettid": 178, "sysinfo": 179, "readahead": 213, "brk": 214, "munmap": 215, "mremap": 216,
    "mmap": 222, "fadvise64": 223, "mprotect": 226, "msync": 227, "mincore": 232, "madvise": 233,
    "prlimit64": 261, "getrandom": 278, "memfd_create": 279, "statx": 291, "rseq": 293, "faccessat2": 439,
}
# machine -> (AUDIT_ARCH of linux/audit.h, table, lowest number of the foreign x32 table or none, seccomp(2))
_MACHINES = {
    "x86_64": (0xC000003E, _X86_64, 0x40000000, 317),
    "aarch64": (0xC00000B7, _AARCH64, None, 277),
}

_LOAD, _EQ, _GE, _SET, _RET = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _ALLOW, _ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
_OPENS = {"open": 1, "openat": 2}  # which argument holds the flags
_WRITING = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000 | 0o20000000  # WRONLY RDWR CREAT TRUNC APPEND TMPFILE
_CHANGES_NAMES = frozenset(
    {"rename", "renameat", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "chdir", "fchdir"}
)
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1033, 1034)  # no owner and no signal may be set by it


def supported() -> bool:
    """Whether this machine's system call table is known here."""
    return platform.machine() in _MACHINES


def _argument(index: int, high: bool = False) -> int:
    return 16 + 8 * index + (4 if high else 0)  # both machines are little-endian


def _instruction(code: int, jump_true: int, jump_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, jump_true, jump_false, value)


def program(*, files: str) -> bytes:
    """The filter, as BPF instructions for this machine.

    `files`: "private" where the mount namespace already holds nothing writable but the private folder,
    "read" where opening for reading only stays possible (Landlock decides which), "none" for no opening at all.
    Errors: KeyError on a machine whose table is unknown (ask `supported` first).
    """
    arch, table, foreign, _ = _MACHINES[platform.machine()]
    out = [
        _instruction(_LOAD, 0, 0, 4), _instruction(_EQ, 1, 0, arch), _instruction(_RET, 0, 0, _KILL),
        _instruction(_LOAD, 0, 0, 0),
    ]
    if foreign is not None:
        out += [_instruction(_GE, 0, 1, foreign), _instruction(_RET, 0, 0, _KILL)]

    def rule(name: str, *body: bytes) -> None:
        out.append(_instruction(_EQ, 0, len(body), table[name]))
        out.extend(body)

    refuse = _instruction(_RET, 0, 0, _ERRNO | errno.EPERM)
    denied = _instruction(_RET, 0, 0, _ERRNO | errno.EACCES)
    allow = _instruction(_RET, 0, 0, _ALLOW)
    for name in table:
        if name == "ioctl":  # asked by every open() of Python; "not a terminal" is the truth
            rule(name, _instruction(_RET, 0, 0, _ERRNO | errno.ENOTTY))
        elif name == "fcntl":
            tests = [_instruction(_EQ, len(_FCNTL) - i, 0, command) for i, command in enumerate(_FCNTL)]
            rule(name, _instruction(_LOAD, 0, 0, _argument(1)), *tests, refuse, allow)
        elif name == "prlimit64":  # reading one's limits, never setting them, never another's
            rule(
                name,
                _instruction(_LOAD, 0, 0, _argument(0)), _instruction(_EQ, 0, 4, 0),
                _instruction(_LOAD, 0, 0, _argument(2)), _instruction(_EQ, 0, 2, 0),
                _instruction(_LOAD, 0, 0, _argument(2, high=True)), _instruction(_EQ, 1, 0, 0),
                refuse, allow,
            )
        elif name in _OPENS and files != "private":
            if files == "none":
                rule(name, denied)
            else:
                rule(
                    name, _instruction(_LOAD, 0, 0, _argument(_OPENS[name])),
                    _instruction(_SET, 0, 1, _WRITING), denied, allow,
                )
        elif name in _CHANGES_NAMES and files != "private":
            rule(name, denied)
        else:
            rule(name, allow)
    # ENOSYS lets the C library fall back from clone3 to clone, which is refused as well
    out.append(refuse)
    return b"".join(out)


def install(code: bytes) -> None:
    """Puts the calling thread, and all it starts, under the filter. Nothing can take it off again.

    Errors: OSError where the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    buffer = ctypes.create_string_buffer(code, len(code))
    fprog = Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    number = _MACHINES[platform.machine()][3]
    if libc.syscall(ctypes.c_long(number), ctypes.c_ulong(1), ctypes.c_ulong(0), ctypes.byref(fprog)) != 0:
        raise OSError(ctypes.get_errno(), "seccomp refused")
