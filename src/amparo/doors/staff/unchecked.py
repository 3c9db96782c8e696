"""What no detector looked at, as a person reads it: one plain sentence for all files that no program here examines."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amparo.words.findings import NotChecked

# Two sentences of the examination that say the same of an ordinary picture, chat or document.
NO_DETECTOR = (
    "Nothing here is an acquisition that is understood: an iOS backup or an androidqf folder or archive.",
    "not checked: no detector of this desk reads this file",
    "not examined: no detector of this desk reads this file",
)
A_PERSON = gettext_noop("Not checked: no program of this desk examines photos, chats or documents. "
                        "A person must look at them.")


def gaps(found: Iterable[NotChecked]) -> dict[str, Any]:
    """`files`: the names of what no program reads, each once; `rows`: every other gap; `count`: of both."""
    everything = list(found)
    files = list(dict.fromkeys(one.part for one in everything if one.why in NO_DETECTOR))
    rows = [{"part": one.part, "why": _(one.why) if one.why else ""} for one in everything
            if one.why not in NO_DETECTOR]
    return {"files": files, "says": _(A_PERSON), "rows": rows, "count": len(files) + len(rows)}
