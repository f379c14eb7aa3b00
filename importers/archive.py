"""Zip archives (.zip, .shz, .kmz) of boundary files, unpacked by us into a private folder.

GDAL never sees the archive. Every entry's name, kind and size is judged before the first byte is unpacked, and the
bytes are counted again while unpacking, because an archive may lie about them.
"""

import errno
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from geo.errors import BadInput, GeoError, TooLarge, Unavailable
from importers.limits import MEBIBYTE, Limits, mebibytes

SHAPEFILE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_WANTED: Final = frozenset({*SHAPEFILE_PARTS, ".geojson", ".json", ".gpkg", ".kml", ".parquet", ".geoparquet"})
_ARCHIVES: Final = frozenset(
    {".zip", ".shz", ".kmz", ".rar", ".7z", ".gz", ".tgz", ".bz2", ".xz", ".tar", ".zst", ".jar"}
)
_RATIO_FROM_BYTES: Final = 8 * MEBIBYTE
_BLOCK: Final = MEBIBYTE
_UTF8_NAMES: Final = 0x800
_ENCRYPTED: Final = 0x1


def unpack(archive: Path, folder: Path, limits: Limits) -> dict[str, Path]:
    """Unpack an archive's boundary files.

    Parameters
    ----------
    archive
        A local zip file.
    folder
        A private, empty folder; each data set gets a numbered folder of its own in it.
    limits
        What is refused.

    Returns
    -------
    dict
        Main file (``.shp``, ``.geojson`` …) by the name it has in the archive, folders included.

    Raises
    ------
    BadInput, TooLarge
        If the archive is damaged, encrypted, nested, holds links or names that lead outside, or is over a limit.
    Unavailable
        If there is no room to unpack it.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = list(_safe_entries(opened, archive.name, limits))
            return _unpack_entries(opened, entries, archive.name, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, ValueError) as damage:
        raise BadInput("archive-damaged", place={"file": archive.name}, name=archive.name) from damage
    except OSError as failure:
        place = {"file": archive.name}
        if failure.errno == errno.EINVAL:
            # An offset in the directory lies before the file.
            raise BadInput("archive-damaged", place=place, name=archive.name) from failure
        reason = os.strerror(failure.errno or 0)
        raise Unavailable("cannot-unpack", place=place, name=archive.name, reason=reason) from failure


def _safe_entries(opened: zipfile.ZipFile, name: str, limits: Limits) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Judge the whole list, then yield the entries worth unpacking with their readable names."""
    infos = opened.infolist()
    if len(infos) > limits.archive_entries:
        raise _too_large("archive-too-many-entries", name, entries=len(infos), limit=limits.archive_entries)
    _check_sizes(infos, name, limits)
    readable = [_readable_name(info) for info in infos]
    for info, entry in zip(infos, readable, strict=True):
        _check_entry(info, entry, name)
    for info, entry in zip(infos, readable, strict=True):
        path = PurePosixPath(entry)
        hidden = path.name.startswith(".") or "__MACOSX" in path.parts
        if not info.is_dir() and path.suffix.lower() in _WANTED and not hidden:
            yield info, entry


def _check_sizes(infos: list[zipfile.ZipInfo], name: str, limits: Limits) -> None:
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if unpacked > limits.unpacked_bytes:
        sizes = {"size_mb": mebibytes(unpacked), "limit_mb": mebibytes(limits.unpacked_bytes)}
        raise _too_large("archive-too-large", name, **sizes)
    ratio = unpacked // max(packed, 1)
    if unpacked > _RATIO_FROM_BYTES and ratio > limits.archive_ratio:
        raise _too_large("archive-ratio", name, ratio=ratio, limit=limits.archive_ratio)


def _check_entry(info: zipfile.ZipInfo, entry: str, name: str) -> None:
    path = PurePosixPath(entry)
    shown = entry if entry.isprintable() else ascii(entry)
    place = {"file": name, "entry": shown}
    if path.is_absolute() or ".." in path.parts or "\\" in entry or ":" in entry or not entry.isprintable():
        raise BadInput("archive-unsafe-name", place=place, name=name, entry=shown)
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise BadInput("archive-link", place=place, name=name, entry=shown)
    if path.suffix.lower() in _ARCHIVES:
        raise BadInput("archive-nested", place=place, name=name, entry=shown)
    if info.flag_bits & _ENCRYPTED:
        raise BadInput("archive-encrypted", place=place, name=name)


def _readable_name(info: zipfile.ZipInfo) -> str:
    """Return an entry's name; Chinese Windows writes it in GBK and Python reads that as CP437."""
    if info.flag_bits & _UTF8_NAMES:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _unpack_entries(
    opened: zipfile.ZipFile, entries: list[tuple[zipfile.ZipInfo, str]], name: str, folder: Path
) -> dict[str, Path]:
    sets: dict[str, Path] = {}
    mains: dict[str, Path] = {}
    for info, entry in entries:
        path = PurePosixPath(entry)
        suffix = path.suffix.lower()
        key = str(path.with_suffix("" if suffix in SHAPEFILE_PARTS else suffix)).casefold()
        home = sets.setdefault(key, folder / str(len(sets)))
        home.mkdir(exist_ok=True)
        target = home / f"boundary{suffix}"
        if target.exists():
            raise BadInput("archive-twice", place={"file": name, "entry": entry}, name=name, entry=entry)
        _unpack_entry(opened, info, target)
        if suffix not in SHAPEFILE_PARTS or suffix == ".shp":
            mains[entry] = target
    return mains


def _unpack_entry(opened: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one entry, stopping when it holds more than it declared."""
    written = 0
    with opened.open(info) as packed, target.open("xb") as unpacked:
        while block := packed.read(_BLOCK):
            written += len(block)
            if written > info.file_size:
                raise zipfile.BadZipFile(f"{info.filename} is longer than declared")
            unpacked.write(block)
    if written != info.file_size:
        raise zipfile.BadZipFile(f"{info.filename} is shorter than declared")


def _too_large(kind: str, name: str, **facts: object) -> GeoError:
    return TooLarge(kind, place={"file": name}, name=name, **facts)
