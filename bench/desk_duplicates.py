"""Doubles proposed among 20,000 sealed cases, beside the same comparison over clear SQLite.

One case in a hundred is an edited copy of an earlier one (8 of 100 words changed), one in two hundred carries the
number of an earlier one. Both sides count shared identifiers (blind index, or a join of a table) and compare texts by
the same shingles, signatures and exact index; the clear side makes its signatures while it is filled, as the sealed one
does while it reads. Told beside the times: how many of the copies were proposed. Measured by
desk_search.py on the cases that it has sealed: `python3 run.py bench desk`.
"""

from typing import Any

import fictional_desk as given


class Doubles:
    """The measurement, beside that of search and on the same sealed cases."""

    def __init__(self, lead: Any) -> None:
        self.lead = lead
        self.all: dict[int, given.Measured] = {}
        self.queue: dict[int, given.Measured] = {}
        self.proposed: tuple[Any, ...] = ()

    def at(self, size: int) -> None:
        """Compare all that is there; the sheets are up to date."""
        from amparo.desk import duplicates, searchsheets

        def propose() -> tuple[Any, ...]:
            head = searchsheets.read_head(self.lead)
            head.compared = 0
            searchsheets.write_head(self.lead, head)
            return duplicates.proposals(self.lead)

        self.all[size] = given.measure(propose, 3)
        self.proposed = self.all[size].result
        self.queue[size] = given.measure(lambda: duplicates.of(self.lead), 3)

    def tell(self, store: Any, reports: list[given.Told], cases: list[Any]) -> bool:
        """Print it beside the clear side; whether the goal is met. `cases`: ids in the order of the reports."""
        place_of = {case: place for place, case in enumerate(cases)}
        pairs = {tuple(sorted((place_of[one.case], place_of[one.other]))) for one in self.proposed}
        store.execute("CREATE TABLE signature (place INTEGER PRIMARY KEY, body BLOB)")
        signed = given.measure(lambda: _sign(store, reports))
        print(f"\n  signatures of the clear side made: {signed.seconds:.0f} s", flush=True)
        clear = given.measure(lambda: _clear_pairs(store), 3)
        given.table("Doubles among sealed cases", [
            ("proposals, all compared", self.all, clear), ("for the queue, nothing new", self.queue, None),
        ], tuple(self.all))
        copies = {tuple(sorted((place, one.twin_of))) for place, one in enumerate(reports) if one.twin_of >= 0}
        numbers: dict[str, list[int]] = {}
        for place, one in enumerate(reports):
            numbers.setdefault(one.number, []).append(place)
        shared = {(places[0], other) for places in numbers.values() for other in places[1:] if len(places) == 2}
        same = pairs == clear.result
        print(f"edited copies proposed: {len(copies & pairs)} of {len(copies)}; shared numbers: {len(shared & pairs)} "
              f"of {len(shared)}; proposals in all: {len(pairs)}; the same as in clear: {'yes' if same else 'NO'}")
        good = len(copies & pairs) >= 0.95 * len(copies) and same
        print(f"goal: 95 of 100 edited copies, and what the clear side finds: {'met' if good else 'MISSED'}")
        return good


def _sign(store: Any, reports: list[given.Told]) -> None:
    from amparo.desk import likeness
    from amparo.desk.folding import fold

    with store:
        store.executemany("INSERT INTO signature VALUES (?, ?)", [
            (place, likeness.signature(likeness.shingles(fold(one.text)))) for place, one in enumerate(reports)])


def _clear_pairs(store: Any) -> set[tuple[int, ...]]:
    """The same rules as duplicates.py, over clear rows."""
    from amparo.desk import duplicates, likeness
    from amparo.desk.folding import fold

    rare = ("SELECT kind, value FROM identifier GROUP BY kind, value "
            f"HAVING count(*) BETWEEN 2 AND {duplicates.RARE}")
    joined = store.execute(
        f"SELECT a.place, b.place, a.kind FROM ({rare}) r JOIN identifier a USING (kind, value) "
        "JOIN identifier b USING (kind, value) WHERE a.place < b.place").fetchall()
    strong = {(left, right) for left, right, kind in joined if kind not in duplicates.WEAK}
    weak = {(left, right) for left, right, kind in joined if kind in duplicates.WEAK}
    signatures = [row[0] for row in store.execute("SELECT body FROM signature ORDER BY place")]
    near = set(likeness.candidates(signatures)) | weak
    wanted = {place for pair in near for place in pair}
    forms = {place: likeness.shingles(fold(text)) for place, text in store.execute("SELECT rowid, text FROM told")
             if place in wanted}
    alike = {pair: likeness.jaccard(forms[pair[0]], forms[pair[1]]) for pair in near}
    return strong | {pair for pair, index in alike.items() if index >= likeness.ALIKE
                     or (pair in weak and index >= duplicates.WEAK_LIKENESS)}
