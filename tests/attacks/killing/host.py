"""Runs one kind of work in a child, kills the child with SIGKILL at a random moment, starts the desk again, looks.

`python -m tests.attacks.killing.host FOLDER KIND KILLS SEED` prints one JSON line: what was acknowledged, and what
was found wrong after the starts. The children are forked from a process that opened no database yet.
"""

import json
import os
import random
import re
import signal
import sys
import time
from pathlib import Path

from tests.attacks import seizure_scan

CANARY = seizure_scan.canary(1)
KINDS = ("intake", "upload", "re-key", "delete")


def in_child(work: object, *arguments: object) -> tuple[int, int]:
    """Fork; the child runs work(write, *arguments). (process id, read end of its acknowledgements)."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        code = 1
        try:
            work(write, *arguments)  # type: ignore[operator]
            code = 0
        except BaseException as error:
            os.write(write, f"!{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
    os.close(write)
    return pid, read


def told(read: int) -> list[str]:
    """Everything a child wrote, by whole lines."""
    parts = []
    while piece := os.read(read, 65536):
        parts.append(piece)
    os.close(read)
    text = b"".join(parts).decode()
    return text.split("\n")[:-1]  # an unfinished last line was not acknowledged


def whole(work: object, *arguments: object) -> list[str]:
    """Run to the end in a child; what it told. A failure there is a failure here."""
    pid, read = in_child(work, *arguments)
    lines = told(read)
    os.waitpid(pid, 0)
    for line in lines:
        if line.startswith("!"):
            raise SystemExit(f"child: {line}")
    return lines


def first_acknowledgement(work: object, size: int, keep: list[str]) -> float:
    """Seconds until the work's first line; then it is killed. What it acknowledged is kept."""
    began = time.monotonic()
    pid, read = in_child(work, size)
    first = os.read(read, 65536).decode()
    took = time.monotonic() - began
    os.kill(pid, signal.SIGKILL)
    keep += first.split("\n")[:-1] + told(read)
    os.waitpid(pid, 0)
    return min(took, 4.0)


def say(write: int, text: str) -> None:
    os.write(write, (text + "\n").encode())


# -- what the children do -------------------------------------------------------------------------------------

def _keep(lead: object) -> None:
    """The lead's keys beside the data folder: the next child is the same person."""
    import msgspec

    Path(os.environ["AMPARO_KILL_KEYS"]).write_bytes(msgspec.msgpack.encode(lead))


def _lead() -> object:
    import msgspec

    from amparo.desk.accounts import OpenStaff

    return msgspec.msgpack.decode(Path(os.environ["AMPARO_KILL_KEYS"]).read_bytes(), type=OpenStaff)


def found(write: int) -> None:
    """A desk with a lead and two handlers."""
    from tests.desk import people

    desk = people.found()
    people.join(desk, "Wren")
    people.join(desk, "Swift")
    _keep(desk.lead)


def prepare(write: int, count: int) -> None:
    """Cases for re-keying and deleting, each with a file; their ids and receipts."""
    from tests.desk import people

    for number in range(count):
        words, _ = people.report(f"{CANARY} {number}", files=(("note.txt", f"{CANARY} {number}".encode() * 200),))
        say(write, " ".join(words))


def _form(client: object, address: str) -> str:
    page = client.get(address)  # type: ignore[attr-defined]
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    if page.status_code != 200 or found is None:
        raise SystemExit(f"{address}: {page.status_code}")
    return found[1]


def intake(write: int, size: int) -> None:
    """Whole journeys by HTTP inside this process; a receipt is acknowledged once its page was given out."""
    import io

    from django.test import Client

    number = 0
    while True:
        number += 1
        client = Client(enforce_csrf_checks=True)
        token = _form(client, "/en/write/")
        client.post("/en/write/begin/", {"csrfmiddlewaretoken": token})
        token = _form(client, "/en/write/2/")
        client.post("/en/write/2/", {"csrfmiddlewaretoken": token, "what-happened": f"{CANARY} {number}", "go": "on"})
        token = _form(client, "/en/write/files/")
        file = io.BytesIO(f"{CANARY} {number} ".encode() * (size // 24))
        file.name = f"{CANARY}.txt"
        client.post("/en/write/files/", {"csrfmiddlewaretoken": token, "file": file})
        token = _form(client, "/en/write/check/")
        client.post("/en/write/send/", {"csrfmiddlewaretoken": token})
        page = client.get("/en/write/words/").content.decode()
        words = re.findall(r"<li>([^<\s]+)</li>", page.split("<ol", 1)[1].split("</ol>", 1)[0])
        if len(words) != 9:
            raise SystemExit("no receipt on the page")
        say(write, " ".join(words))


def rekey(write: int, _: int) -> None:
    """Take a colleague off each case and put them back on, for ever."""
    from amparo.desk import casework
    from amparo.desk.records import Case, Staff

    lead, wren = _lead(), Staff.objects.get(pseudonym="Wren").id
    while True:
        for case in list(Case.objects.values_list("id", flat=True)):
            casework.add_colleague(staff=lead, case_id=case, colleague=wren)  # type: ignore[arg-type]
            casework.remove_colleague(staff=lead, case_id=case, colleague=wren)  # type: ignore[arg-type]
            say(write, str(case))


def delete(write: int, _: int) -> None:
    """Destroy cases one after another."""
    from amparo.desk import casework
    from amparo.desk.records import Case

    lead = _lead()
    for case in list(Case.objects.exclude(state="erasing").order_by("id").values_list("id", flat=True)):
        casework.shred_case(staff=lead, case_id=case, why="asked for")  # type: ignore[arg-type]
        say(write, str(case))
    time.sleep(60)


# -- what is looked at after each start -------------------------------------------------------------------------

def start(write: int) -> None:
    """What every start of the desk does before the first request, then one pass of tend."""
    from amparo.desk import founding, tend

    founding.migrate()
    founding.sweep_at_start()
    tend.tend_once()


def look(write: int, receipts: list[str], gone: list[str], last: bool) -> None:
    """Every invariant; a line for each that does not hold."""
    from uuid import UUID

    from amparo.desk import custody, reading, returning, site
    from amparo.desk.records import Blob, Case, CaseEpoch, Grant, Item, ItemKey

    for words in receipts:
        try:
            access = returning.open_receipt(words)
            returning.status(access)
            returning.dialogue(access)
        except Exception as error:
            say(write, f"receipt: {type(error).__name__}")
    lead = _lead()
    for case in Case.objects.exclude(state="erasing"):
        epochs = set(ItemKey.objects.filter(item__case=case).values_list("epoch", flat=True))
        granted = set(Grant.objects.filter(case=case).values_list("epoch", flat=True))
        if epochs != {case.epoch} or granted != {case.epoch}:
            say(write, f"half re-key: case at {case.epoch}, keys {epochs}, grants {granted}")
        if ItemKey.objects.filter(item__case=case).count() != Item.objects.filter(case=case).count():
            say(write, "an item without its key in a living case")
        if not CaseEpoch.objects.filter(case=case, epoch=case.epoch).exists():
            say(write, "an epoch without its public keys")
        try:
            page = reading.case_page(lead, case.id)  # type: ignore[arg-type]
            if not any(CANARY in one.text for one in page.answers):
                say(write, "a case whose answers do not read")
        except Exception as error:
            say(write, f"case page: {type(error).__name__}")
    for case in Case.objects.filter(state="erasing"):
        if ItemKey.objects.filter(item__case=case).exists() or Grant.objects.filter(case=case).exists():
            say(write, "half deleted: keys of a case that is being erased")
    for gone_id in gone:
        if Case.objects.filter(id=UUID(gone_id)).exclude(state="erasing").exists():
            say(write, "an acknowledged deletion came back")
    names = set(Blob.objects.values_list("name", flat=True))
    on_disk = [path for path in site.sealed_folder().glob("*/*") if path.is_file()]
    for path in on_disk:
        if path.name not in names:
            say(write, f"orphan on disk: {path.suffix or 'blob'}")
    for _ in names - {path.name for path in on_disk}:
        say(write, "a row without its file")
    if not custody.log().audit():
        say(write, "the custody log does not add up")
    data = site.sealed_folder().parent
    # Sealed files do not change any more: searched once, at the end. What is not whole is gone by now.
    for hit in seizure_scan.scan([data] if last else [path for path in data.iterdir() if path.name != "sealed"]):
        say(write, f"clear text: {hit}")


WORK = {"intake": (intake, 40_000), "upload": (intake, 2_000_000), "re-key": (rekey, 0), "delete": (delete, 0)}
SPANS = 2.5  # a kill comes within this many times what the first acknowledgement takes on this machine


def main(folder: str, kind: str, kills: int, seed: int) -> None:
    os.environ["AMPARO_DATA"] = str(Path(folder) / "data")
    os.environ["AMPARO_KILL_KEYS"] = str(Path(folder) / "lead.keys")
    os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.desk.settings"
    (Path(folder) / "data").mkdir(mode=0o700)
    (Path(folder) / "data" / "desk.toml").write_text('hosts = ["testserver"]\nreserve = 1000000\n')
    whole(lambda write: __import__("amparo.desk.founding").desk.founding.prepare())
    import django

    django.setup()
    from amparo import seal
    from amparo.desk import throttle

    cheap = seal.new_kdf()
    seal.new_kdf = lambda: seal.KdfParameters(cheap.salt, 1, 64, 1)  # made-up passwords of the test's own staff
    throttle.pause = lambda *_, **__: None  # hundreds of receipts are opened on purpose
    random_moment = random.Random(seed)
    whole(start)
    whole(found)
    receipts: list[str] = []
    gone: list[str] = []
    if kind in ("re-key", "delete"):
        receipts = whole(prepare, 6 if kind == "re-key" else kills * 2)
    wrong: list[str] = []
    acknowledged = 0
    work, size = WORK[kind]
    kept = {"intake": receipts, "upload": receipts, "delete": gone}.get(kind, [])
    span = SPANS * first_acknowledgement(work, size, kept)
    for number in range(kills):
        pid, read = in_child(work, size)
        time.sleep(random_moment.uniform(0.02, span))
        os.kill(pid, signal.SIGKILL)
        lines = told(read)
        os.waitpid(pid, 0)
        failed = [line for line in lines if line.startswith("!")]
        wrong += failed
        acknowledged += len(lines) - len(failed)
        if kind in ("intake", "upload"):
            receipts += lines
        elif kind == "delete":
            gone += lines
        whole(start)
        newest = receipts[-5:] if kind in ("intake", "upload") else [] if kind == "delete" else receipts
        wrong += [f"after kill {number + 1}: {line}" for line in whole(look, newest, gone, False)]
    wrong += [f"at the end: {line}" for line in whole(look, [] if kind == "delete" else receipts, gone, True)]
    print(json.dumps({"kind": kind, "kills": kills, "acknowledged": acknowledged, "wrong": wrong}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
