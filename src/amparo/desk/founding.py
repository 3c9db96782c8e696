"""The data folder, made ready: modes, secrets, ballast, tables. Safe to run again at every start."""

import os
import secrets
import tempfile
from pathlib import Path

from amparo.desk import configuration, site

FOLDERS = ("site", "sealed", "gate", "log", "refuse")


def prepare() -> None:
    """Create what is missing; never widens a mode nor replaces a secret."""
    os.umask(0o077)
    data = configuration.data_folder()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in FOLDERS:
        (data / name).mkdir(mode=0o700, exist_ok=True)
    for name in site.SECRETS:
        text = secrets.token_urlsafe(48).encode() if name == "django" else secrets.token_bytes(32)
        _write_once(data / "site" / name, text)
    _write_once(data / "site" / "desk-id", secrets.token_bytes(16))
    _write_once(data / "refuse" / "no-temporary-files", b"")
    refuse_temporary_files()
    keep_reserve()


def _write_once(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def refuse_temporary_files() -> None:
    """Point Python's temporary files at a *file*: opening one below it fails for everyone, root included.

    A folder without write permission would not stop root, and an unusable TMPDIR alone makes `tempfile`
    fall back to /tmp, where clear text would survive.
    """
    path = str(configuration.data_folder() / "refuse" / "no-temporary-files")
    os.environ["TMPDIR"] = os.environ["SQLITE_TMPDIR"] = path
    tempfile.tempdir = path


def keep_reserve() -> bool:
    """Ballast that shredding frees on a full disk; False when there is no room for it now."""
    path, size = configuration.data_folder() / "reserve", configuration.current().reserve
    if path.exists() and path.stat().st_size == size:
        return True
    room = os.statvfs(path.parent)
    if room.f_bavail * room.f_frsize < 2 * size:
        return False
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        if size:
            os.posix_fallocate(descriptor, 0, size)
        os.ftruncate(descriptor, size)
    finally:
        os.close(descriptor)
    return True


def free_reserve() -> None:
    """Give the ballast back to the disk, so that deleting (which writes) can go on."""
    path = configuration.data_folder() / "reserve"
    if path.exists():
        os.truncate(path, 0)


def migrate() -> None:
    """prepare(), then bring the tables up to date. Django must be set up."""
    from django.core.management import call_command

    from amparo.desk import hiding

    prepare()
    call_command("migrate", verbosity=0, interactive=False)
    hiding.settle()
    (configuration.data_folder() / "desk.sqlite3").chmod(0o600)


def sweep_at_start() -> int:
    """Remove what an interrupted process left; how many files. Call it before the first request is taken.

    No upload runs yet, so every `.part`, and every blob without a row, is nobody's; an erasing goes on.
    """
    from amparo.desk import tend

    tend.finish_erasing()
    return tend.remove_parts(older_than_seconds=0) + tend.remove_orphans(older_than_seconds=0)
