"""Files of an androidqf acquisition, decoded leniently: one odd record never hides the others."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from amparo.identify.moments import stamped
from amparo.identify.trees import MIB, Tree, Unreadable, read_small
from amparo.words.errors import AmparoError
from amparo.words.times import Moment

Record = TypeVar("Record", bound=msgspec.Struct)
_LARGEST = 512 * MIB


class Acquisition:
    """One androidqf folder inside a tree; `began` is when it was made, by its own word."""

    def __init__(self, tree: Tree, root: str):
        self._tree, self._root = tree, root
        self._names = set(tree.names())
        self.began: Moment | None = None
        if self.has("acquisition.json"):
            try:
                facts = self.json("acquisition.json")
            except AmparoError:
                facts = {}
            self.began = stamped(facts.get("started")) if isinstance(facts, dict) else None

    def names(self) -> list[str]:
        """Files that lie directly in the acquisition's folder, without the folder's name."""
        cut = len(self._root)
        inside = (name[cut:] for name in self._names if name.startswith(self._root))
        return sorted(name for name in inside if "/" not in name)

    def has(self, name: str) -> bool:
        """Whether this file is there."""
        return self._root + name in self._names

    def text(self, name: str) -> str:
        """A text file; bytes that are not UTF-8 become U+FFFD."""
        data = read_small(self._tree, self._root + name, _LARGEST)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16", "replace")
        return data.decode("utf-8-sig", "replace")

    def json(self, name: str) -> Any:
        """A JSON file, or JSON lines as a list. Raises Unreadable when it is neither."""
        data = self.text(name).encode("utf-8", "replace")
        try:
            return msgspec.json.decode(data)
        except (msgspec.MsgspecError, RecursionError):
            pass
        try:
            return msgspec.json.Decoder().decode_lines(data)
        except (msgspec.MsgspecError, RecursionError):
            raise Unreadable("This file is not readable JSON; it may be cut short.") from None

    def content(self, name: str) -> Any:
        """JSON where the file holds JSON, else its lines: androidqf changed some files from text to JSON without
        changing their names."""
        if self.text(name).lstrip()[:1] in ("[", "{"):
            try:
                return self.json(name)
            except Unreadable:
                if name.endswith(".json"):
                    raise
        elif name.endswith(".json"):
            return self.json(name)
        return self.text(name).splitlines()

    def records(self, name: str, kind: type[Record]) -> tuple[list[Record], int]:
        """The objects of a JSON list (or lines) as `kind`, and how many could not be understood."""
        data = read_small(self._tree, self._root + name, _LARGEST)
        try:
            # The common case in one step: 200,000 files in a second, without a dictionary for each.
            return msgspec.json.decode(data, type=list[kind]), 0  # type: ignore[valid-type]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass
        found = self.json(name)
        if isinstance(found, dict):
            found = [found]
        if not isinstance(found, list):
            raise Unreadable("This file holds no list.")
        records, odd = [], 0
        for item in found:
            try:
                records.append(msgspec.convert(item, kind, strict=False))
            except (msgspec.MsgspecError, ValueError, TypeError):
                odd += 1
        return records, odd
