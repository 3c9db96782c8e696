"""What belongs to this installation: folders, site secrets, the anchor of the directory.

Secrets are files of mode 0400 outside the database, so that a copy of the database alone opens no lookup,
makes no worker's card and swaps no anchor.
"""

import hashlib
import hmac
from collections.abc import Iterable
from pathlib import Path

from django.db import connection

from amparo import seal
from amparo.desk import configuration
from amparo.desk.errors import DeskError

SECRETS = ("pepper", "worker", "django", "hand-out", "carrier")


class NotFounded(DeskError):
    code = "not-founded"
    advice = "Run “amparo migrate” first: it makes the data folder and its secrets."


class AnchorMoved(DeskError):
    """The directory's anchor in the database is not the one in the site folder."""

    code = "anchor-moved"
    advice = "Somebody may have changed the database. Take the desk offline and compare the lead's fingerprint."


def folder() -> Path:
    """site/: secrets and anchors."""
    return configuration.data_folder() / "site"


def sealed_folder() -> Path:
    """sealed/: blobs, and `.part` files of uploads in progress."""
    return configuration.data_folder() / "sealed"


def gate_folder() -> Path:
    """gate/: lock files of the derivation gate."""
    return configuration.data_folder() / "gate"


def _read(name: str) -> bytes:
    try:
        return (folder() / name).read_bytes()
    except FileNotFoundError:
        raise NotFounded("This data folder is not set up yet.") from None


def pepper() -> bytes:
    """32 bytes that enter lookups of receipts and login names."""
    return _read("pepper")


def worker_secret() -> bytes:
    """32 bytes under which workers' cards are authenticated."""
    return _read("worker")


def handout_key() -> seal.KeyPair:
    """The Ed25519 pair that signs hand-outs, and nothing else."""
    return seal.sign_pair(_read("hand-out"))


def carrier_private() -> bytes:
    """32 bytes: the key under which carried files are wrapped. It opens the wrapping and nothing of a report."""
    return _read("carrier")


def desk_id() -> bytes:
    """16 public bytes that name this desk in receipts' derivation."""
    return _read("desk-id")


def recovery_public() -> bytes | None:
    """The recovery key's public half (32 bytes), if the desk held the ceremony. A file, not a row."""
    path = folder() / "recovery.pub"
    return bytes.fromhex(path.read_text().strip()) if path.exists() else None


def keyed_hash(label: str, value: str) -> bytes:
    """32 bytes: HMAC under the pepper, for equality only."""
    return hmac.new(pepper(), f"{label}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def epoch_mac(message: bytes) -> bytes:
    """32 bytes that only this installation can put beside what is signed when an epoch begins."""
    return hmac.new(worker_secret(), b"amparo/epoch-mac/v1\0" + message, hashlib.sha256).digest()


def root_fingerprint() -> str | None:
    """The founding lead's fingerprint, None before the founding. Raises AnchorMoved unless file and row agree."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM desk_setting WHERE name = %s", ["root"])
        row = cursor.fetchone()
    stored = bytes(row[0]).decode() if row else None
    try:
        filed: str | None = (folder() / "root").read_text().strip()
    except FileNotFoundError:
        filed = None
    if filed != stored:
        raise AnchorMoved("The founding lead's fingerprint in the database is not the one in the site folder.")
    return filed


def active_lines() -> frozenset[str]:
    """Who works here now, as the site folder says: `id role fingerprint`, a line each.

    A row of the database alone makes nobody active: what was removed or replaced stays so when an old row is
    put back.
    """
    try:
        return frozenset((folder() / "active").read_text().splitlines())
    except FileNotFoundError:
        return frozenset()


def write_active(*, without: str, line: str = "") -> None:
    """Take the lines of one id out, and put `line` in, if any. Before the transaction that says so commits."""
    kept = sorted(one for one in active_lines() if not one.startswith(without + " "))
    fresh = folder() / "active.new"
    fresh.unlink(missing_ok=True)
    fresh.write_text("".join(f"{one}\n" for one in [*kept, *([line] if line else [])]))
    fresh.chmod(0o400)
    fresh.replace(folder() / "active")


def hidden_ids() -> frozenset[str] | None:
    """Ids of colleagues whose pseudonym reporters are not shown; None on a desk that has not written them down yet.

    Here and not under a lead's signature: whoever hides a colleague would else vouch for their keys, too, and two leads
    who hide each other would vouch in a circle, which proves nobody.
    """
    try:
        return frozenset((folder() / "hidden").read_text().split())
    except FileNotFoundError:
        return None


def write_hidden(ids: Iterable[str]) -> None:
    """All of them. Before the transaction that says so commits."""
    fresh = folder() / "hidden.new"
    fresh.unlink(missing_ok=True)
    fresh.write_text("".join(f"{one}\n" for one in sorted(ids)))
    fresh.chmod(0o400)
    fresh.replace(folder() / "hidden")


def told_lines() -> tuple[str, ...]:
    """What colleagues have told one another of themselves (desk.speaking): `id languages woman-or-man`, a line each."""
    try:
        return tuple((folder() / "told").read_text().splitlines())
    except FileNotFoundError:
        return ()


def write_told(lines: Iterable[str]) -> None:
    """All of them. Before the transaction that says so commits."""
    fresh = folder() / "told.new"
    fresh.unlink(missing_ok=True)
    fresh.write_text("".join(f"{one}\n" for one in sorted(lines)))
    fresh.chmod(0o400)
    fresh.replace(folder() / "told")


def team_generation() -> int:
    """The generation of the team's key that counts, 0 before the first. A file: an old row put back opens nothing."""
    try:
        return int((folder() / "team").read_text())
    except FileNotFoundError:
        return 0


def write_team_generation(number: int) -> None:
    """Before the transaction that says so commits."""
    fresh = folder() / "team.new"
    fresh.unlink(missing_ok=True)
    fresh.write_text(f"{number}\n")
    fresh.chmod(0o400)
    fresh.replace(folder() / "team")


def write_anchor(fingerprint: str) -> None:
    """Fix the directory's anchor in both places; only while founding the desk or handing over the anchor."""
    from amparo.desk.records import Setting

    path = folder() / "root"
    fresh = folder() / "root.new"
    fresh.write_text(fingerprint + "\n")
    fresh.chmod(0o400)
    fresh.replace(path)
    Setting.objects.update_or_create(name="root", defaults={"value": fingerprint.encode()})
