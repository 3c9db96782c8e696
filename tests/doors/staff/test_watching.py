"""Pages of those who watch the desk: complaints, numbers of acts, and the log to take along."""

import json

import pytest

from amparo.desk import watching
from amparo.desk.records import Letter
from tests.doors.seeded import Desk

pytestmark = pytest.mark.django_db


def test_the_auditor_reads_complaints_and_marks_them(seeded_desk: Desk) -> None:
    watching.complain(text="Nobody answered <me> for a month.", language="es")
    auditor = seeded_desk.client("auditor")
    page = auditor.get("/staff/complaints/").content.decode()
    assert "Nobody answered &lt;me&gt; for a month." in page and 'lang="es"' in page
    assert "custody log counts" not in page
    letter = Letter.objects.get(to_id=seeded_desk.staff["auditor"].id)
    assert auditor.post(f"/staff/complaints/{letter.id}/read/").status_code == 302
    assert "Mark as read" not in auditor.get("/staff/complaints/").content.decode()
    Letter.objects.all().delete()
    assert "custody log counts 1 complaint more" in auditor.get("/staff/complaints/").content.decode()


def test_acts_are_shown_as_numbers_with_a_table(seeded_desk: Desk) -> None:
    assert "Nothing to count yet" in seeded_desk.client("auditor").get("/staff/log/acts/").content.decode()
    for _number in range(2):
        seeded_desk.client("lead:granted").get(f"/staff/case/{seeded_desk.case}/copy/{seeded_desk.copy}/")
    page = seeded_desk.client("auditor").get("/staff/log/acts/").content.decode()
    assert "<th scope=\"col\">viewed</th>" in page and "<td>2</td>" in page
    assert str(seeded_desk.staff["lead:granted"].pseudonym) not in page  # an auditor reads ids


def test_the_log_is_a_file_of_codes(seeded_desk: Desk) -> None:
    answer = seeded_desk.client("auditor").post("/staff/log/file/")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    lines = [json.loads(line) for line in b"".join(answer).decode().splitlines()]
    assert lines[0]["format"] == "amparo-custody-log" and lines[-1]["entries"] == len(lines) - 2
    assert "photo of the gate" not in json.dumps(lines)
