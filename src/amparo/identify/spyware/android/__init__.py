"""An androidqf acquisition, part by part. What enters: a tree and the folder of the acquisition. What leaves: findings
and coverage. What this must never know: the network or the phone itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any, NamedTuple

from amparo.identify.moments import unix
from amparo.identify.spyware.android import device, dumpsys, packages
from amparo.identify.spyware.android.reading import Acquisition
from amparo.identify.spyware.scan import Result, Scan, Tally, not_checked
from amparo.identify.trees import Tree
from amparo.identify.trees.naming import shown
from amparo.words.times import Moment

_MARKS = {
    "acquisition.json", "packages.json", "files.json", "getprop.txt", "root_binaries.json", "mounts.json",
    "dumpsys.txt", "processes.txt", "ps.txt", "settings_global.txt", "settings_secure.txt", "settings_system.txt",
}  # fmt: skip


class Part(NamedTuple):
    """One artefact: what it is called, which files may hold it, how it is read."""

    name: str
    files: tuple[str, ...]
    read: Callable[[Scan, Acquisition, str, Tally], Iterator[Result]]
    clock: Callable[[Any], Moment | None] | None = None


PARTS = (
    Part("apps", ("packages.json",), packages.apps),
    Part("files", ("files.json",), packages.files, unix),
    Part("system properties", ("getprop.txt",), device.properties),
    Part("processes", ("processes.txt", "ps.txt", "processes.json"), device.processes),
    Part("mounts", ("mounts.json", "mounts.txt"), device.mounts),
    Part("root binaries", ("root_binaries.json", "root_binaries.txt"), device.root_binaries),
    Part("system services", ("dumpsys.txt",), dumpsys.services),
)
_UNREAD = {
    "bugreport.zip": "bug reports are not read in this version; keep it for a later exam.",
    "backup.ab": "Android backups are not read in this version; keep it for a later exam.",
    "logcat.txt": "logs are not read in this version; keep it for a later exam.",
}


def roots(names: Collection[str]) -> list[str]:
    """Folders ("" or ending in "/") that hold at least two of androidqf's files; one alone (a packages.json of
    some program, say) is no phone."""
    found: dict[str, int] = {}
    for name in names:
        folder, slash, last = name.rpartition("/")
        if last in _MARKS:
            found[folder + slash] = found.get(folder + slash, 0) + 1
    return sorted(root for root, weight in found.items() if weight >= 2)


def examine_acquisition(tree: Tree, root: str, scan: Scan) -> Iterator[Result]:
    """Every part of one acquisition, in a fixed order; nothing that fails stops the parts after it."""
    acquisition = Acquisition(tree, root)
    for part in PARTS:
        name = next((name for name in part.files if acquisition.has(name)), None)
        if name is None:
            yield not_checked(part.name, f"missing: {part.files[0]} is not in this acquisition.")
            continue
        tally = Tally(part.clock)
        yield from scan.part(part.name, tally, partial(part.read, scan, acquisition, name, tally))
    tally = Tally()
    settings = [name for name in acquisition.names() if device.is_settings(name)]
    if settings:
        yield from scan.part("settings", tally, lambda: device.settings(scan, acquisition, settings, tally))
    else:
        yield not_checked("settings", "missing: no settings_*.txt is in this acquisition.")
    for name, why in _UNREAD.items():
        if acquisition.has(name):
            yield not_checked(shown(root + name), f"not read: {why}")
    yield from scan.many_alike()
