"""The one matcher: exact look-ups of normal forms, a dictionary for each kind of indicator.

Hosts match an indicator or any domain below it, label by label; addresses only themselves. Paths match on whole
components. Names of processes also match where the system cut them to 16 signs. Nothing matches by substring.
"""

from __future__ import annotations

from amparo.identify.hosts import authority, is_address, normal_host, parents
from amparo.identify.indicators import Indicator, hex_form, path_form, url_form
from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.spyware.messages import Candidate, candidates
from amparo.identify.trees.naming import shown
from amparo.words.findings import Knowledge

Hits = tuple[Indicator, ...]
_CUT = 16
_MOST_REMEMBERED = 200_000


class Folder:
    """A node of the tree of indicated paths: what is indicated here, and what lies inside."""

    __slots__ = ("hits", "inside")

    def __init__(self) -> None:
        self.hits: Hits = ()
        self.inside: dict[str, Folder] = {}


class Matcher:
    """Look-ups over one KnowledgeBase. Remembers hosts it has seen, so a history costs a look-up a row."""

    def __init__(self, knowledge: KnowledgeBase):
        self._base = knowledge
        table = knowledge.tables
        self._hosts, self._ips = table.get("host", {}), table.get("ip", {})
        self._urls: dict[str, list[tuple[str, Hits]]] = {}
        for key, hits in table.get("url", {}).items():
            host, _, path = key.partition("/")
            self._urls.setdefault(host, []).append((path, hits))
        self._processes = dict(table.get("process", {}))
        for name, hits in table.get("process", {}).items():
            if len(name) > _CUT:
                self._processes[name[:_CUT]] = self._processes.get(name[:_CUT], ()) + hits
        self._paths = Folder()
        for key, hits in table.get("path", {}).items():
            node = self._paths
            for part in key.split("/"):
                node = node.inside.setdefault(part, Folder())
            node.hits += hits
        self.endings = frozenset(key.rpartition(".")[2] for key in self._hosts) | {"com"}
        self._seen: dict[str, Hits] = {}
        self._with_urls: set[str] = set()

    def host(self, text: str) -> Hits:
        """Indicators for a host or an authority (user name, port and case do not matter)."""
        known = self._seen.get(text)
        if known is None:
            if len(self._seen) >= _MOST_REMEMBERED:
                self._seen.clear()
            known = self._seen[text] = self._host(text)
        return known

    def _host(self, text: str) -> Hits:
        host = normal_host(text.rpartition("@")[2])
        if not host:
            return ()
        if host in self._urls:
            self._with_urls.add(text)
        if is_address(host):
            return self._ips.get(host, ())
        found: Hits = ()
        for parent in parents(host):
            found += self._hosts.get(parent, ())
        return found

    def url(self, url: str) -> Hits:
        """Indicators for the host of a URL, and for the URL itself where an indicator names a path."""
        named = authority(url)
        hits = self.host(named)
        if self._with_urls and named in self._with_urls:
            host, _, path = url_form(url).partition("/")
            for wanted, more in self._urls.get(host, ()):
                if path == wanted or path.startswith(wanted + "/"):
                    hits += more
        return hits

    def text(self, text: str) -> list[tuple[str, Hits]]:
        """(link, bare domain or address as it stands; its indicators) for each known one in a message."""
        return self.among(candidates(text))

    def among(self, found: list[Candidate]) -> list[tuple[str, Hits]]:
        """The same, for candidates that were already taken out of a text."""
        known = []
        for candidate in found:
            if candidate.kind == "email":
                hits = self.email(candidate.text)
            else:
                hits = self.host(candidate.authority)
                if not hits and candidate.authority in self._with_urls:
                    hits = self.url(candidate.text)
            if hits:
                known.append((candidate.text, hits))
        return known

    def process(self, name: str) -> Hits:
        """Indicators for a process, by base name; a name of exactly 16 signs may be a cut one."""
        base = name.rpartition("/")[2]
        if len(base) == _CUT:
            return self._processes.get(base, ())
        return self._base.tables.get("process", {}).get(base, ())

    def path(self, path: str) -> Hits:
        """Indicators for a path or a folder above it, on whole components from the start."""
        form = path_form(path)
        return self.below(self._paths, form.split("/")) if form else ()

    def folder(self, path: str) -> Folder | None:
        """Where the indicators below a folder begin, for `below`; None when there are none. "" is where relative
        paths begin, "/" where absolute ones do."""
        node: Folder | None = self._paths
        for part in [""] if path == "/" else path_form(path).split("/") if path else ():
            node = node.inside.get(part) if node is not None else None
        return node

    @staticmethod
    def below(start: Folder, parts: list[str]) -> Hits:
        """Indicators met on the way down from `start` along the components of a normal path."""
        found: Hits = ()
        node = start
        for part in parts:
            inner = node.inside.get(part)
            if inner is None:
                break
            node = inner
            found += node.hits
        return found

    def filename(self, path: str) -> Hits:
        """Indicators for the last component of a path."""
        return self._base.tables.get("filename", {}).get(path.rpartition("/")[2], ())

    def email(self, address: str) -> Hits:
        """Indicators for a mailbox; case does not matter."""
        return self._base.tables.get("email", {}).get(address.strip().casefold(), ())

    def app(self, identifier: str) -> Hits:
        """Indicators for a package name or bundle id; case does not matter."""
        return self._base.tables.get("app", {}).get(identifier.strip().casefold(), ())

    def certificate(self, digest: str) -> Hits:
        """Indicators for a signing certificate's SHA-1 or SHA-256."""
        return self._base.tables.get("cert", {}).get(hex_form(digest), ())

    def hash(self, digest: str) -> Hits:
        """Indicators for a file's MD5, SHA-1 or SHA-256."""
        return self._base.tables.get("hash", {}).get(hex_form(digest), ())

    def profile(self, identifier: str) -> Hits:
        """Indicators for a configuration profile's identifier or UUID."""
        return self._base.tables.get("profile", {}).get(identifier.strip().casefold(), ())

    def property(self, name: str) -> Hits:
        """Indicators for the name of an Android system property."""
        return self._base.tables.get("property", {}).get(name.strip(), ())

    def cite(self, hits: Hits) -> tuple[Knowledge, ...]:
        """Where each of these indicators comes from; every entry names all collections that hold the same value."""
        names = tuple(dict.fromkeys(hit.collection for hit in hits))
        cited = []
        for hit in dict.fromkeys(hits):
            collection = self._base.collections[hit.collection]
            cited.append(
                Knowledge(
                    indicator=shown(hit.value), collection=hit.collection, maintainer=collection.maintainer,
                    licence=collection.licence + (", changed" if collection.changed else ""),
                    digest=collection.digest, source=collection.source, collections=names,
                )
            )  # fmt: skip
        return tuple(cited)

    def has_hashes(self) -> bool:
        """Whether any indicator is a hash, so that files are worth looking up."""
        return bool(self._base.tables.get("hash"))
