"""Fictional phones: acquisitions made on the spot with planted traces and look-alikes, and the truth about them.

What enters: indicators, a seed, a size. What leaves: an iOS backup or an androidqf archive with the real layouts and
schemas, and the list of plants. What this must never know: anything about a real phone or person; countries are QX,
QY and QZ, and every name is made up. The same seed gives the same bytes.

    from amparo.identify import knowledge
    from amparo.identify.spyware import specimens

    with open("backup.zip", "wb") as file:
        truth = specimens.make_ios_backup(file, specimens.ios_plants(knowledge.load_shipped()))
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from amparo.identify.knowledge import load_shipped
from amparo.identify.spyware.specimens.android import androidqf_files
from amparo.identify.spyware.specimens.ios import backup_files
from amparo.identify.spyware.specimens.packing import write_folder, write_zip
from amparo.identify.spyware.specimens.plants import Plant, android_plants, clean, demo_plants, ios_plants

__all__ = [
    "Plant", "android_plants", "clean", "demo_android", "demo_clean", "demo_ios", "demo_plants", "ios_plants",
    "make_androidqf", "make_ios_backup",
]  # fmt: skip


def make_ios_backup(
    target: Path | BinaryIO, plants: Sequence[Plant] = (), seed: int = 1, rows: int = 200
) -> tuple[Plant, ...]:
    """Write an iOS backup: a zip to a stream or to a path ending in .zip, else a folder. `rows` is about the number of
    ordinary rows in each large table. Gives back the plants that were used."""
    used = tuple(plant for plant in plants if plant.phone == "ios")
    _write(target, backup_files(used, seed, rows))
    return used


def make_androidqf(
    target: Path | BinaryIO, plants: Sequence[Plant] = (), seed: int = 1, rows: int = 200
) -> tuple[Plant, ...]:
    """Write an androidqf acquisition; as make_ios_backup."""
    used = tuple(plant for plant in plants if plant.phone == "android")
    _write(target, androidqf_files(used, seed, rows))
    return used


def demo_ios() -> bytes:
    """A zip of an iOS backup with a few readable traces, for the demo desk."""
    file = BytesIO()
    make_ios_backup(file, demo_plants(load_shipped()), 7, 120)
    return file.getvalue()


def demo_android() -> bytes:
    """A zip of an androidqf acquisition with stalkerware and what came with it, for the demo desk."""
    file = BytesIO()
    make_androidqf(file, demo_plants(load_shipped()), 7, 120)
    return file.getvalue()


def demo_clean() -> bytes:
    """A zip of an iOS backup without any planted trace, for the demo desk."""
    file = BytesIO()
    make_ios_backup(file, (), 8, 120)
    return file.getvalue()


def _write(target: Path | BinaryIO, files: dict[str, bytes]) -> None:
    if isinstance(target, Path) and target.suffix != ".zip":
        write_folder(target, files)
    elif isinstance(target, Path):
        with target.open("wb") as stream:
            write_zip(stream, files)
    else:
        write_zip(target, files)
