"""Ways an attack arrives, off-platform ones among them."""

import msgspec

from amparo.words.codes import CodeList, load

CHANNELS: CodeList = load("channels")


class Channel(msgspec.Struct, frozen=True):
    """A channel, and the platform's name as the person wrote it: any name is accepted, known or not."""

    code: str
    platform: str = ""

    def __post_init__(self) -> None:
        CHANNELS.get(self.code)
