"""Files into a folder or a zip, the same bytes each time."""

from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


def write_zip(stream: BinaryIO, files: dict[str, bytes]) -> None:
    """A zip with fixed dates, in the order of the names."""
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o100600 << 16
            archive.writestr(entry, files[name])


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """One file for each name below the folder."""
    for name, data in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
