"""Traces of spyware in what was copied from a phone.

What enters: an iOS backup (plain) or an androidqf acquisition, as a tree, and indicators. What leaves: findings that
keep contacted, received, installed and ran apart, and the coverage of every part. What this room must never know: the
network (a shortened link is never opened), the clock, or whose phone it is.
"""

from collections.abc import Iterator
from datetime import date

from amparo.identify.detectors import Check, Manifest
from amparo.identify.knowledge import KnowledgeBase, load_shipped
from amparo.identify.spyware import android, ios
from amparo.identify.spyware.ios.backup import roots as ios_roots
from amparo.identify.spyware.scan import NAME, VERSION, Result, Scan
from amparo.identify.trees import Tree

DETECTOR = Manifest(
    name=NAME,
    version=VERSION,
    reads=(
        "iOS backup without a password, as a folder or an archive",
        "androidqf acquisition, as a folder or an archive",
    ),
    can_show="Traces of known spyware, stalkerware and supervision apps: addresses, messages, files, processes, apps.",
    cannot_show=(
        "Spyware that is not in the lists, or that left no trace in these files. Databases of Signal and Telegram, "
        "deleted rows, the system's own files, encrypted backups, bug reports and sysdiagnose are not read."
    ),
    cost="About 4 seconds of one processor core and 150 MB of memory for a million rows; a database inside an archive "
    "also needs its own size in memory.",
    device=True,
)


def recognises(evidence: Tree) -> bool:
    """Whether the tree holds an iOS backup or an androidqf acquisition."""
    names = evidence.names()
    return bool(ios_roots(names) or android.roots(names))


def identify(evidence: Tree, knowledge: KnowledgeBase) -> Iterator[Result]:
    """Examine every acquisition in the tree, in the order of their names."""
    names = evidence.names()
    for root in ios_roots(names):
        yield from ios.examine_backup(evidence, root, Scan(knowledge))
    for root in android.roots(names):
        yield from android.examine_acquisition(evidence, root, Scan(knowledge))


def self_check(knowledge: KnowledgeBase) -> tuple[Check, ...]:
    """Precision and recall on the generated acquisitions that ship with this detector."""
    from amparo.identify.spyware.specimens.measuring import measure

    return measure(knowledge)


def newest() -> date:
    """The day of the newest set of indicators that ships with this version."""
    return max(
        date.fromisoformat(found.dated) for found in load_shipped().collections.values() if found.dated
    )
