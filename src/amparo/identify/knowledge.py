"""Published indicators, loaded once: who keeps them, under which licence, how old, and by which key they match.

Nothing is ever fetched. A bad indicator is skipped and counted; a bad file is told and the others stay loaded. The
digest names exactly what was known when an exam was made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from amparo.identify.indicators import Collection, Indicator, keyed
from amparo.identify.lists import read_csv, read_lines, read_yaml
from amparo.identify.stix import NotStix, Published, read_bundle
from amparo.identify.trees.naming import shown
from amparo.words.errors import AmparoError

OLD_AFTER = timedelta(days=90)
_LARGEST = 256 * 1024 * 1024


class NoKnowledge(AmparoError):
    """A folder of indicators that cannot be used."""

    code = "no-knowledge"
    advice = "Give a folder that holds STIX files (.stix2, .json), the stalkerware YAML, CSV or plain lists."


class _About(msgspec.Struct):
    """about.json of a folder: where its files come from."""

    maintainer: str = "given by the user"
    source: str = ""
    revision: str = ""
    revised_on: str = ""
    licence: str = "not stated"
    changed: bool = False
    kind: str = "spyware"
    kinds: dict[str, str] = {}
    names: dict[str, str] = {}

    def of(self, table: dict[str, str], name: str) -> str:
        """What `table` says about a set: by the name of its file, or of a folder above it; "" when nothing."""
        return next((table[part] for part in reversed(name.split("/")) if part in table), "")


class KnowledgeBase:
    """Every indicator by kind and key. The same value in several collections keeps all of them.

    `tables[kind][key]` is a tuple of Indicator; `collections` the sets by name; `problems` sentences about files that
    could not be used; `digest` SHA-256 over names and digests of the sets.
    """

    def __init__(self) -> None:
        self.collections: dict[str, Collection] = {}
        self.tables: dict[str, dict[str, tuple[Indicator, ...]]] = {}
        self.problems: list[str] = []
        self._digests: set[str] = set()

    @property
    def indicators(self) -> int:
        """How many usable indicators were loaded, over all sets."""
        return sum(found.indicators for found in self.collections.values())

    @property
    def not_understood(self) -> int:
        """How many entries could not be used."""
        return sum(found.not_understood for found in self.collections.values())

    @property
    def digest(self) -> str:
        """SHA-256, hex, over the sorted "name digest" lines of the sets."""
        lines = sorted(f"{found.name} {found.digest}\n" for found in self.collections.values())
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def older_than(self, today: date) -> tuple[Collection, ...]:
        """Sets whose newest entry is more than 90 days before `today`; sets without a date are not judged."""
        limit = (today - OLD_AFTER).isoformat()
        return tuple(found for found in self.collections.values() if found.dated and found.dated < limit)

    def add(self, name: str, published: Published, about: _About, digest: str) -> None:
        """Add one set. A set with the same digest as one already loaded is not added twice."""
        if digest in self._digests:
            return
        self._digests.add(digest)
        name = shown(name)
        if name in self.collections:
            name = f"{name} ({digest[:8]})"
        unusable, used = published.not_understood, 0
        subject = about.of(about.names, name) or name.rpartition("/")[2]
        kind = about.of(about.kinds, name) or about.kind
        for given in published.entries:
            place = keyed(given.kind, given.value)
            if place is None:
                unusable += 1
                continue
            used += 1
            table = self.tables.setdefault(place[0], {})
            entry = Indicator(
                place[0], given.value, given.about or subject, name, given.role, given.nature or kind
            )
            known = table.get(place[1], ())
            if not any(other.collection == name and other.about == entry.about for other in known):
                table[place[1]] = (*known, entry)
        self.collections[name] = Collection(
            name=name, maintainer=about.maintainer, licence=about.licence, source=about.source,
            dated=published.dated or about.revised_on, kind=kind, digest=digest, indicators=used,
            not_understood=unusable, changed=about.changed,
        )  # fmt: skip

    def load_folder(self, folder: Traversable) -> None:
        """Load every file of a folder and its sub-folders that holds indicators."""
        for name, file, about in sorted(_files(folder, "", _About()), key=lambda found: found[0].split("/")):
            data = file.read_bytes()
            if len(data) > _LARGEST:
                self.problems.append(f"{name}: the file is too large for a list of indicators.")
                continue
            published = self._read(name, data)
            if published is not None:
                self.add(name.rpartition(".")[0], published, about, hashlib.sha256(data).hexdigest())

    def _read(self, name: str, data: bytes) -> Published | None:
        ending, stem = name.rpartition(".")[2].lower(), name.rpartition("/")[2].rpartition(".")[0]
        if ending in ("stix2", "json"):
            try:
                return read_bundle(data)
            except NotStix as error:
                self.problems.append(f"{name}: {error.says}")
                return None
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.problems.append(f"{name}: the file is not UTF-8 text.")
            return None
        if ending in ("yaml", "yml"):
            published = read_yaml(text)
        else:
            published = read_csv(text) if ending == "csv" else read_lines(text, stem)
        if published is None:
            self.problems.append(f"{name}: the file is not a list of indicators that is understood here.")
        return published


def _files(folder: Traversable, prefix: str, above: _About) -> Iterator[tuple[str, Traversable, _About]]:
    about = above
    described = folder / "about.json"
    if described.is_file():
        try:
            about = msgspec.json.decode(described.read_bytes(), type=_About)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            about = above
    for entry in folder.iterdir():
        if entry.is_dir():
            if not entry.name.startswith("."):
                yield from _files(entry, f"{prefix}{entry.name}/", about)
        elif entry.name.lower() not in _NOT_LISTS and entry.name.rpartition(".")[2].lower() in _ENDINGS:
            yield f"{prefix}{entry.name}", entry, about


_ENDINGS = {"stix2", "json", "yaml", "yml", "csv", "txt"}
_NOT_LISTS = {"about.json", "notice.txt", "license.txt", "readme.txt", "requirements.txt"}


@lru_cache(maxsize=1)
def load_shipped() -> KnowledgeBase:
    """The sets that ship with Amparo. Loaded once; treat as read-only."""
    return load(())


def load(folders: Iterable[Path]) -> KnowledgeBase:
    """The shipped sets plus those of `folders`. Raises NoKnowledge for a folder that is not there or holds none."""
    base = KnowledgeBase()
    base.load_folder(resources.files("amparo.identify.spyware") / "indicators")
    for folder in folders:
        if not folder.is_dir():
            raise NoKnowledge(f"There is no folder of indicators at {folder}.")
        before = base.indicators, len(base._digests), len(base.problems)
        base.load_folder(folder)
        if not any(_files(folder, "", _About())) or (
            before[1] == len(base._digests)
            and len(base.problems) > before[2]
            and before[0] == base.indicators
        ):
            raise NoKnowledge(f"No indicators could be loaded from {folder}.")
    return base


def load_only(folder: Path) -> KnowledgeBase:
    """Only the sets of one folder, for tests and for those who trust nothing else."""
    base = KnowledgeBase()
    base.load_folder(folder)
    return base
