"""Roles and what they may do, as a table people read: on the page "Roles" and in docs/roles.md.

Nothing is decided here. Every cell is read out of `policy.MATRIX`, and a test reads the table back and compares.
To print docs/roles.md: DJANGO_SETTINGS_MODULE=amparo.desk.settings python -m amparo.doors.staff.matrix
"""

import sys
from typing import Final

from django.utils.translation import gettext_noop

from amparo.desk import policy
from amparo.doors.staff import labels

DOES: Final = {
    "queue.see": gettext_noop("see the queue"),
    "case.read": gettext_noop("read a case"),
    "case.reply": gettext_noop("answer the reporter"),
    "case.note": gettext_noop("write notes in a case"),
    "case.decide": gettext_noop("accept or reject findings"),
    "case.state": gettext_noop("set the state of a case"),
    "case.retention": gettext_noop("set how long a case is kept"),
    "case.members": gettext_noop("add and remove colleagues of a case"),
    "case.consent": gettext_noop("record consents"),
    "case.exam": gettext_noop("start examinations"),
    "case.event": gettext_noop("add what happened to the timeline"),
    "case.shred": gettext_noop("erase a case"),
    "case.add": gettext_noop("put evidence into a case"),
    "case.assign": gettext_noop("take and assign a case"),
    "case.check-in": gettext_noop("make a check-in plan with the person; open its protocol while its alarm is open"),
    "case.task": gettext_noop("write tasks of a case"),
    "case.triage": gettext_noop("record what a report needs first"),
    "case.watch": gettext_noop("write in the escalation watch, and sign its level"),
    "case.wave": gettext_noop("put a case into a wave"),
    "case.twin": gettext_noop("decide on duplicates"),
    "case.mask": gettext_noop("mask words"),
    "case.vet": gettext_noop("record vetting"),
    "case.delegate": gettext_noop("name and revoke a delegate"),
    "case.receipt": gettext_noop("make a receipt for the affected person"),
    "case.identity": gettext_noop("see who somebody is, with a reason"),
    "case.conflict": gettext_noop("say a conflict of interest"),
    "case.export": gettext_noop("export a case"),
    "case.keep": gettext_noop("keep a case against erasing"),
    "evidence.preview": gettext_noop("look at copies of files"),
    "evidence.original": gettext_noop("open originals"),
    "evidence.see": gettext_noop("see the files of a case"),
    "files.list": gettext_noop("see the list of files to look at"),
    "intake.write": gettext_noop("write a report down"),
    "import.run": gettext_noop("import reports from a file"),
    "desk.export": gettext_noop("export the whole desk"),
    "desk.card": gettext_noop("sign a card of the desk"),
    "shift.hand-over": gettext_noop("hand over a shift"),
    "alarm.see": gettext_noop("see and acknowledge alarms"),
    "rota.own": gettext_noop("see the duty rota, hand own turns on, take breaks"),
    "rota.plan": gettext_noop("plan the duty rota"),
    "playbooks.see": gettext_noop("read playbooks, make hand-outs"),
    "retention.see": gettext_noop("see what is going to be erased"),
    "retention.date": gettext_noop("set the day on which a case is erased"),
    "requests.answer": gettext_noop("be the second person"),
    "own.travel": gettext_noop("hand all own cases over before a journey"),
    "people.lock": gettext_noop("lock a colleague out in an emergency"),
    "people.return": gettext_noop("give cases back and lift a lock"),
    "complaints.read": gettext_noop("read complaints about this desk"),
    "log.see": gettext_noop("read the custody log (without content)"),
    "log.export": gettext_noop("export the custody log"),
    "people.see": gettext_noop("see the people of the desk"),
    "people.invite": gettext_noop("invite colleagues"),
    "people.sign": gettext_noop("sign a colleague's key"),
    "people.remove": gettext_noop("remove a colleague"),
    "people.hide": gettext_noop("hide a pseudonym from reporters"),
    "numbers.see": gettext_noop("see numbers"),
    "settings.see": gettext_noop("see the configuration"),
    "own.account": gettext_noop("see the own account"),
    "own.password": gettext_noop("change the own password"),
}
COLUMNS: Final = (*policy.ROLES, policy.AWAY)
KEYED: Final = gettext_noop("key")
ALWAYS: Final = gettext_noop("yes")
NEVER: Final = gettext_noop("no")


def does(action: str) -> str:
    """What an action is, as an English message; its code where nobody has put it into words yet."""
    return DOES.get(action, action)


def cell(role: str, action: str) -> str:
    """yes, no, or "key" (only where the person holds one of the case); an English message."""
    relations = policy.MATRIX[action].get(role, frozenset())
    if relations == policy.ANYWHERE:
        return ALWAYS
    if relations == policy.GRANTED:
        return KEYED
    return NEVER if not relations else ", ".join(sorted(relations))


def table() -> list[tuple[str, list[str]]]:
    """One row an action, one cell a role in the order of COLUMNS."""
    return [(action, [cell(role, action) for role in COLUMNS]) for action in policy.ACTIONS]


HEAD: Final = """# Roles

Printed from the desk's own policy by `src/amparo/doors/staff/matrix.py`; a test compares it. The same
table stands on the page *Roles* of the staff door.

- **yes**: the role may. **key**: only in cases of which the person holds a key; without one, cryptography itself says
  no, and a case answers like one that does not exist. An empty cell: no.
- Handler and lead are there in every desk. The others are used where `roles = [...]` in `desk.toml` names them.
- *not yet signed by a lead*, *role switched off* and *travel profile* are given to nobody: an account that waits for a
  lead's signature, one whose role is not in `desk.toml` (any more), one whose owner has handed all keys over. They
  reach their own account only.
"""


def printed() -> str:
    """docs/roles.md."""
    lines = [HEAD, "| may | " + " | ".join(labels.ROLES[role] for role in COLUMNS) + " |"]
    lines.append("|---" * (len(COLUMNS) + 1) + "|")
    for action, cells in table():
        said = ("" if one == NEVER else one for one in cells)
        lines.append(f"| {does(action)} (`{action}`) | {' | '.join(said)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(printed())
