"""How alike two texts are: shingles of words, found by one-permutation MinHash, decided by the exact Jaccard index.

One-permutation hashing (Li, Owen, Zhang, NIPS 2012) with densification by rotation (Shrivastava and Li, ICML 2014):
one hash a shingle, its bin by its upper bits, the least of each bin kept. Pairs come from banding (Leskovec, Rajaraman,
Ullman, Mining of Massive Datasets, 3.4); each pair is then counted exactly, so MinHash can miss one and never invents.
"""

import zlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

BINS: Final = 64
ROWS: Final = 3  # of a band: at an index of 0.5 a pair is met with 1 - (1 - 0.5^3)^21 = 0.94, at 0.7 with 0.9998
ALIKE: Final = 0.5
LEAST: Final = 8  # shingles: "yes, the same" is no account to compare
CROWD: Final = 40  # texts in one band: a form letter is a wave, and its pairs would be a square
WORDS: Final = 2
LETTERS: Final = 5
_EMPTY: Final = 0xFFFFFFFF
_WIDTH: Final = 1 << 32


def shingles(form: str) -> set[int]:
    """Of a folded text: pairs of words; where there are no spaces (Chinese, Thai), runs of letters."""
    words = form.split()
    if not words:
        return set()
    if sum(map(len, words)) / len(words) > 12 and not form.isascii():
        solid = "".join(words)
        parts: Iterable[str] = (solid[at : at + LETTERS] for at in range(max(1, len(solid) - LETTERS + 1)))
    else:
        plain = [word.strip(".,;:!?\"'()[]«»“”،؟؛…-") for word in words]
        plain = [word for word in plain if word]
        parts = (" ".join(plain[at : at + WORDS]) for at in range(max(1, len(plain) - WORDS + 1)))
    return {zlib.crc32(part.encode()) for part in parts}


def signature(found: set[int]) -> bytes:
    """BINS numbers of 32 bits; nothing where there is too little to compare."""
    if len(found) < LEAST:
        return b""
    least = array("I", [_EMPTY]) * BINS
    for one in found:
        mixed = (one * 0x9E3779B97F4A7C15 + 0x7F4A7C15) & 0xFFFFFFFFFFFFFFFF
        place, value = mixed >> 58, (mixed >> 20) & _EMPTY
        if value < least[place]:
            least[place] = value
    if _EMPTY in least:
        filled = list(least)
        for place in range(BINS):
            step = 0
            while filled[(place + step) % BINS] == _EMPTY:
                step += 1
            # the distance goes into the value, so that two texts agree only where they borrowed alike
            least[place] = (filled[(place + step) % BINS] + step * 0x9E3779B1) % _WIDTH
    return least.tobytes()


def candidates(signatures: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Places of texts whose signatures share a band, each pair once."""
    met: set[tuple[int, int]] = set()
    for start in range(0, BINS - ROWS + 1, ROWS):
        bands: dict[bytes, list[int]] = defaultdict(list)
        for place, one in enumerate(signatures):
            if one:
                bands[one[4 * start : 4 * (start + ROWS)]].append(place)
        for places in bands.values():
            if 2 <= len(places) <= CROWD:
                met.update((left, right) for at, left in enumerate(places) for right in places[at + 1 :])
    yield from sorted(met)


def jaccard(left: set[int], right: set[int]) -> float:
    """Shared shingles among all of both, 0 to 1."""
    return len(left & right) / len(left | right) if left or right else 0.0


def pairs(signatures: Sequence[bytes], of: Callable[[int], set[int]]) -> Iterator[tuple[int, int, float]]:
    """(place, place, index) of texts that are alike; `of` gives the shingles of a place."""
    for left, right in candidates(signatures):
        index = jaccard(of(left), of(right))
        if index >= ALIKE:
            yield left, right, index
