"""An androidqf acquisition, part by part. What enters: a tree and the folder of the acquisition. What leaves: findings
and coverage. What this must never know: the network or the phone itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from amparo.identify.spyware.scan import Result, Scan
from amparo.identify.trees import Tree

_MARKS = {"acquisition.json", "packages.json", "files.json", "getprop.txt", "root_binaries.json"}


def roots(names: Collection[str]) -> list[str]:
    """Folders ("" or ending in "/") that hold at least two of androidqf's files, or its packages or files list."""
    found: dict[str, int] = {}
    for name in names:
        folder, slash, last = name.rpartition("/")
        if last in _MARKS:
            found[folder + slash] = found.get(folder + slash, 0) + (2 if last in ("packages.json", "files.json") else 1)
    return sorted(root for root, weight in found.items() if weight >= 2)


def examine_acquisition(tree: Tree, root: str, scan: Scan) -> Iterator[Result]:
    return iter(())
