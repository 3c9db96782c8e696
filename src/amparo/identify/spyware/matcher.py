"""The one matcher: exact look-ups of normal forms, a dictionary for each kind of indicator.

Hosts match an indicator or any domain below it, label by label; addresses only themselves. Paths match on whole
components. Names of processes also match where the system cut them to 16 signs. Nothing matches by substring.
"""

from __future__ import annotations

from amparo.identify.hosts import authority, is_address, normal_host, parents
from amparo.identify.indicators import Indicator, hex_form, path_form, url_form
from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.spyware.messages import candidates
from amparo.words.findings import Knowledge

Hits = tuple[Indicator, ...]
_CUT = 16
_MOST_REMEMBERED = 200_000


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
        self._paths = table.get("path", {})
        self._path_depths = sorted({key.count("/") for key in self._paths})
        self._digests: dict[str, str] = {}
        self._seen: dict[str, Hits] = {}

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
        if is_address(host):
            return self._ips.get(host, ())
        found: Hits = ()
        for parent in parents(host):
            found += self._hosts.get(parent, ())
        return found

    def url(self, url: str) -> Hits:
        """Indicators for the host of a URL, and for the URL itself where an indicator names a path."""
        hits = self.host(authority(url))
        if self._urls and (form := url_form(url)):
            host, _, path = form.partition("/")
            for wanted, more in self._urls.get(host, ()):
                if path == wanted or path.startswith(wanted + "/"):
                    hits += more
        return hits

    def text(self, text: str) -> list[tuple[str, Hits]]:
        """(link, bare domain or address as it stands; its indicators) for each known one in a message."""
        found = []
        for candidate in candidates(text):
            if candidate.kind == "email":
                hits = self.email(candidate.text)
            else:
                hits = self.host(candidate.authority)
                if self._urls and not hits:
                    hits = self.url(candidate.text)
            if hits:
                found.append((candidate.text, hits))
        return found

    def process(self, name: str) -> Hits:
        """Indicators for a process, by base name; a name of exactly 16 signs may be a cut one."""
        base = name.rpartition("/")[2]
        if len(base) == _CUT:
            return self._processes.get(base, ())
        return self._base.tables.get("process", {}).get(base, ())

    def path(self, path: str) -> Hits:
        """Indicators for a path or a folder above it, on whole components from the start."""
        form = path_form(path)
        if not form:
            return ()
        found: Hits = ()
        parts = form.split("/")
        for depth in self._path_depths:
            if depth < len(parts):
                found += self._paths.get("/".join(parts[: depth + 1]), ())
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
                    indicator=hit.value, collection=hit.collection, maintainer=collection.maintainer,
                    licence=collection.licence + (", changed" if collection.changed else ""),
                    digest=collection.digest, source=collection.source, collections=names,
                )
            )  # fmt: skip
        return tuple(cited)

    def has_hashes(self) -> bool:
        """Whether any indicator is a hash, so that files are worth looking up."""
        return bool(self._base.tables.get("hash"))
