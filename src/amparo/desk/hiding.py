"""Hidden colleagues: they read and count as readers, but reporters are not shown their pseudonym.

For a colleague whose pseudonym alone would be a danger. Before sending, a reporter still learns how many people
read and in which role, and can leave out a role, everyone but the lead, or a name that they know from elsewhere:
the exclusion works on hidden names too, as it must. What hiding cannot do: who types the right name sees the number
of readers fall by one. So a pseudonym must not lead to a person, hidden or not.

Who is hidden stands in the site folder: the column in the database repeats it, and whoever writes to it shows nobody.
"""

import unicodedata
from uuid import UUID

from django.db import transaction

from amparo.desk import custody, directory, policy, site
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.records import Staff

LONGEST = 40  # letters of a pseudonym
MOST = 10  # names of one line


def set_hidden(*, lead: OpenStaff, staff_id: UUID, hidden: bool) -> bool:
    """Hide a colleague's pseudonym from reporters, or show it again; False where it stood so already."""
    policy.require(lead.role, "none", "people.hide")
    with transaction.atomic():
        row = Staff.objects.filter(id=staff_id).first()
        if row is None:
            raise NotFound("There is no such colleague.", advice="Go back to the list.")
        if row.state == "removed":
            raise DeskError("This colleague has left the desk.", advice="Go back to the list.", code="state")
        if directory.hides(row, site.hidden_ids()) == hidden:
            return False
        keep(row.id, hidden)
        row.hidden = hidden
        row.save(update_fields=["hidden"])
        custody.record(custody.entry("hidden" if hidden else "listed", item=row.id, actor_kind="staff", actor=lead.id))
    return True


def keep(staff_id: UUID, hidden: bool) -> None:
    """Write it into the site folder. Inside the transaction that says so."""
    kept = _known() - {str(staff_id)}
    site.write_hidden(kept | {str(staff_id)} if hidden else kept)


def settle() -> None:
    """Write down, once, what the rows say: for a desk from before the site folder had it."""
    if site.hidden_ids() is None:
        site.write_hidden(_known())


def _known() -> frozenset[str]:
    written = site.hidden_ids()
    if written is not None:
        return written
    return frozenset(str(one) for one in Staff.objects.filter(hidden=True).values_list("id", flat=True))


def is_hidden(staff: OpenStaff) -> bool:
    """Whether reporters are not shown my pseudonym."""
    return directory.hides(Staff.objects.get(id=staff.id), site.hidden_ids())


def typed_names(line: str) -> tuple[str, ...]:
    """The names in a line that a reporter typed, parted by commas of any script, tidied as pseudonyms are."""
    folded = unicodedata.normalize("NFKC", line[: 4 * LONGEST * MOST])
    for mark in ("،", "、", ";", "؛"):  # the comma of Arabic and Chinese, semicolons
        folded = folded.replace(mark, ",")
    names = (" ".join(one.split())[:LONGEST] for one in folded.split(","))
    return tuple(dict.fromkeys(name for name in names if name))[:MOST]
