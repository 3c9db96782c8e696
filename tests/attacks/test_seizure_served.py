"""The disk is taken while a served desk works, and after: the desk may write to its data folder and nowhere else.

`amparo serve` runs in a mount namespace of its own where everything but the data folder is read-only. Reports with
files arrive over HTTP, a lead signs in, reads and answers, reporters come back, some withdraw. Then everything the
desk could have written to, and all that it printed, is searched in every form of seizure_scan.
"""

import io
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bench.loopback import Visitor, desk

from amparo import seal
from amparo.desk import sandbox
from tests.attacks import seizure_scan
from tests.attacks.seizure_scan import canary
from tests.desk.people import PASSWORD

LOGIN = canary(9000, "login")
READ_ONLY = (
    "unshare", "--mount", "sh", "-c",
    'mount --make-rprivate / && mount --bind "{data}" "{data}" && '
    'cut -d" " -f2 /proc/self/mounts | sort -u | while read -r at; do case "$at" in "{data}"*|/proc*|/sys*) ;; '
    '*) mount -o remount,bind,ro "$at" 2>/dev/null ;; esac; done; '
    # A server that could write elsewhere after all would make the whole test worthless.
    '! touch /tmp/amparo-probe /var/tmp/amparo-probe /dev/shm/amparo-probe 2>/dev/null && exec "$0" "$@"',
)


def may_unshare() -> bool:
    done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return done.returncode == 0 and os.geteuid() == 0


def report(port: int, number: int) -> tuple[Visitor, str]:
    """One report with a file over HTTP; the visitor and the receipt."""
    one = Visitor(port)
    one.get("/en/write/")
    one.post("/en/write/begin/")
    one.get("/en/write/2/")
    one.post("/en/write/2/", what_happened=f"{canary(number)} called me. " * 20, go="on")
    one.get("/en/write/files/")
    content = (canary(number, "file") * 400).encode()
    one.upload("/en/write/files/", iter([content]), len(content), name=f"{canary(number, 'name')}.txt")
    one.get("/en/write/check/")
    one.send()
    listed = one.page.split("<ol", 1)[1].split("</ol>", 1)[0]
    words = re.findall(r">([a-z]{3,10})<", listed)
    assert len(words) == 9, listed
    return one, " ".join(words)


def come_back(port: int, words: str, number: int) -> Visitor:
    one = Visitor(port)
    one.get("/en/back/")
    one.post("/en/back/", words=words)
    one.get("/en/back/talk/")
    one.post("/en/back/talk/", text=f"{canary(number, 'more')} again")
    return one


def sign_in(port: int, secret: str) -> Visitor:
    one = Visitor(port)
    one.get("/staff/in/")
    one.post("/staff/in/", login=LOGIN, password=PASSWORD)
    one.get("/staff/in/code/")
    one.post("/staff/in/code/", code=seal.totp_code(bytes.fromhex(secret), time.time() + 30))
    return one


def looked_through(data: Path, said: Path, since: float) -> Iterator[Path]:
    yield data
    yield said
    for top in ("/tmp", "/var/tmp", "/dev/shm"):
        for path in Path(top).iterdir():
            if path not in data.parents and path.lstat().st_mtime >= since and "pytest" not in path.name:
                yield path


@pytest.mark.skipif(not may_unshare(), reason="LOUD: this account may make no mount namespace; the test shows nothing")
@pytest.mark.parametrize("reports", [12, pytest.param(500, marks=[pytest.mark.long, pytest.mark.timeout(3000)])])
@pytest.mark.timeout(300)
def test_nothing_in_clear_of_a_served_desk(tmp_path: Path, reports: int) -> None:
    said = tmp_path / "said.log"
    began = time.time()
    place = tmp_path / "place"
    place.mkdir()
    with said.open("wb") as output, desk(
        "kdf_slots = 2\n", place=str(place), login=LOGIN, behind=READ_ONLY, said=output,
    ) as served:
        receipts = [report(served.port, number)[1] for number in range(reports)]
        open_visitor = come_back(served.port, receipts[0], 0)
        lead = sign_in(served.port, served.secret)
        while 'href="/staff/case/' not in lead.get("/staff/"):
            time.sleep(0.5)
        case = re.findall(r'href="(/staff/case/[0-9a-f-]+/)', lead.page)[0]
        assert seizure_scan.PLAIN in lead.get(case), "a colleague with a key reads it"
        lead.post(f"{case}reply/", text=f"{canary(9001, 'answer')} stay inside", version=version(lead.page))
        work(lead, case)
        draft = Visitor(served.port)
        draft.draft(f"{canary(9002, 'draft')} never sent")
        hits = [hit for path in looked_through(served.folder, said, began) for hit in seizure_scan.scan([path])]
        assert hits == [], "while it runs"
        assert open_visitor.status("/en/back/talk/") == 200
        data = served.folder
        for control, raw in seizure_scan.controls(canary(1)).items():
            assert seizure_scan.scan_bytes(io.BytesIO(raw).getvalue(), control), control
        kept = [path for path in data.rglob("*") if path.is_file()]
        assert sum(path.stat().st_size for path in kept) > reports * 10_000, "the reports are not there at all"
        served.process.terminate()
        served.process.wait(30)
        hits = [hit for path in looked_through(data, said, began) for hit in seizure_scan.scan([path])]
        assert hits == [], "after it stopped"


def work(lead: Visitor, case: str) -> None:
    """A search, a report taken down from a mail, a sheet that is read, a case that is taken along."""
    lead.get("/staff/")
    assert ask(lead, "/staff/search/", words=canary(0)) == 200 and 'href="/staff/case/' in lead.page
    lead.get("/staff/new/")
    pasted = f"From: {canary(9003, 'writer')}\nSubject: {canary(9003, 'subject')}\n\n{canary(9003, 'mail')}"
    form = re.findall(r'name="form" value="([^"]+)"', lead.page)[0]
    assert ask(lead, "/staff/new/", form=form, way="mail", text=pasted, chat="yes", language="en",
               identity=canary(9003, "identity"), later="yes") == 302, lead.page
    lead.get("/staff/import/")
    rows = f'What happened,{canary(9004, "heading")}\r\n"{canary(9004, "cell")}",{canary(9004, "rest")}\r\n'.encode()
    lead.upload("/staff/import/", iter([rows]), len(rows), name=f"{canary(9004, 'sheet')}.csv", to="sheet")
    if sheets := re.findall(r'href="(/staff/import/[0-9a-f-]{36}/)', lead.get("/staff/import/")):
        assert canary(9004, "cell") in lead.get(sheets[0]) or not sandbox.capabilities().level
    assert sheets, lead.page
    lead.get(f"{case}export/")
    assert ask(lead, f"{case}export/", what="whole", way="recipient", recipient=seal.new_age_key()[1]) == 200
    assert "age-encryption.org" in lead.page


def ask(one: Visitor, address: str, **fields: str) -> int:
    body = urlencode({"csrfmiddlewaretoken": one.token, **fields})
    return one._ask("POST", address, body, {"Content-Type": "application/x-www-form-urlencoded"})


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    return found[1] if found else ""
