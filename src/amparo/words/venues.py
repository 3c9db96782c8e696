"""Where it happens: online, offline, or both. One case may hold a doxing and a break-in."""

from enum import StrEnum


class Venue(StrEnum):
    """One field for both worlds: rights hold in each of them."""

    ONLINE = "online"
    OFFLINE = "offline"
    BOTH = "both"


VENUES: tuple[str, ...] = tuple(venue.value for venue in Venue)
