"""A folder on disk. Links and special files are not followed; they are told as problems."""

import os
import stat
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from amparo.identify.trees import Problem, Unreadable
from amparo.identify.trees.naming import shown

_MOST_PROBLEMS = 50


class FolderTree:
    """Files below `root`; names are relative, with "/"."""

    def __init__(self, root: Path, name: str):
        self.name, self._root, self.problems = name, root, list[Problem]()
        self._files: dict[str, int] = {}
        self._walk(root, "")
        self._names = sorted(self._files)

    def _walk(self, folder: Path, prefix: str) -> None:
        waiting = [(folder, prefix)]
        refused = 0
        while waiting:
            folder, prefix = waiting.pop()
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError as error:
                self.problems.append(
                    Problem(shown(prefix) or ".", f"the folder could not be opened ({error.strerror})")
                )
                continue
            for entry in entries:
                name = prefix + entry.name
                try:
                    facts = entry.stat(follow_symlinks=False)
                except OSError:
                    self.problems.append(Problem(shown(name), "the file vanished while the folder was read"))
                    continue
                if stat.S_ISDIR(facts.st_mode):
                    waiting.append((Path(entry.path), name + "/"))
                elif stat.S_ISREG(facts.st_mode):
                    self._files[name] = facts.st_size
                else:
                    refused += 1
                    if refused <= _MOST_PROBLEMS:
                        kind = (
                            "a link, and links are not followed" if entry.is_symlink() else "not a plain file"
                        )
                        self.problems.append(Problem(shown(name), f"it is {kind}"))
        if refused > _MOST_PROBLEMS:
            more = refused - _MOST_PROBLEMS
            self.problems.append(Problem("the rest", f"{more} more links or special files were left out"))

    def names(self) -> Collection[str]:
        return self._names

    def size(self, name: str) -> int:
        return self._files[name]

    def open(self, name: str) -> BinaryIO:
        try:
            # O_NOFOLLOW: what was a file when the folder was listed must not have become a link since.
            flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            return os.fdopen(os.open(self._root / name, flags), "rb")
        except OSError as error:
            raise Unreadable(
                f"The file could not be opened ({error.strerror}).", advice="Check that you may read it."
            ) from None

    def place(self, name: str) -> Path | None:
        return self._root / name

    def close(self) -> None:
        """Nothing is held open."""
