"""A picture of days in lanes, as numbers for an SVG: what happened online and offline, and what is ahead.

The table beside it says the same: nobody needs the picture.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from amparo.doors.staff import labels

WIDTH: Final = 720
_LEFT, _RIGHT, _STEP = 90, 700, 22
LANES: Final = ("online", "offline", "ahead")


def draw(points: Iterable[tuple[int, dt.date, str]], today: dt.date) -> dict[str, Any] | None:
    """From (number, day, lane) of LANES to marks with their places; None where there is nothing to draw.

    Marks that would cover each other stand above one another; a lane is as high as that needs.
    """
    told = sorted(points, key=lambda one: one[1])
    if not told:
        return None
    first, last = min(told[0][1], today), max(told[-1][1], today)
    span = max(1, (last - first).days)

    def place(day: dt.date) -> int:
        return _LEFT + round((_RIGHT - _LEFT) * (day - first).days / span)

    top, lanes, marks = 10, [], []
    for lane in LANES:
        mine = [(number, place(day)) for number, day, one in told if one == lane]
        if not mine:
            continue
        ends: list[int] = []  # of each row of the lane, where its last mark stands
        found = []
        for number, x in mine:
            row = next((n for n, end in enumerate(ends) if x - end >= _STEP), len(ends))
            ends[row:row + 1] = [x]
            found.append((number, x, row))
        height = len(ends) * _STEP + 8
        lanes.append({"code": lane, "y": top + height // 2 + 4, "line": top + height})
        marks += [{"number": number, "x": x, "y": top + 4 + _STEP // 2 + row * _STEP, "text": top + 8 + _STEP // 2
                   + row * _STEP, "lane": lane} for number, x, row in found]
        top += height
    return {"width": WIDTH, "height": top + 24, "lanes": lanes, "marks": marks, "left": _LEFT, "right": _RIGHT,
            "today": place(today), "bottom": top, "foot": top + 18, "first": labels.day(first),
            "last": labels.day(last)}
