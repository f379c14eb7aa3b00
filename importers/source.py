"""A boundary file as a stranger gives it, made safe to read.

Nothing of it is parsed here, only judged: it must be a plain local file whose first bytes are what its extension says
and whose length is what its header says. What GDAL gets is a name of ours in a private folder that holds this one file
(for a Shapefile, its own set), so that neither the path nor a sibling can lead it elsewhere.
"""

import hashlib
import mmap
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any, Final

from geo.errors import BadInput, NotFound, TooLarge
from importers.archive import SHAPEFILE_PARTS, unpack
from importers.encoding import UTF8, Encoding, codec_name, is_utf8
from importers.limits import Limits, mebibytes

FORMATS: Final = {
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".gpkg": "GeoPackage",
    ".shp": "Shapefile",
    ".kml": "KML",
    ".parquet": "GeoParquet",
    ".geoparquet": "GeoParquet",
}
_ARCHIVES: Final = (".zip", ".shz", ".kmz")
_SHAPEFILE_CODE: Final = b"\x00\x00\x27\x0a"
_BOM: Final = b"\xef\xbb\xbf"
_HEAD_BYTES: Final = 4096
# Also as JSON escapes and in the single quotes that lenient parsers accept.
_CRS_KEY: Final = re.compile(rb"""["'](?:c|\\u0063)(?:r|\\u0072)(?:s|\\u0073)["']\s*""", re.IGNORECASE)
_CRS_MOST_BYTES: Final = 10_000
_XML_ENCODING: Final = re.compile(rb"""(<\?xml[^>]*?)\s+encoding\s*=\s*["']([\w.:-]+)["']""")


def is_layer_file(path: Path) -> bool:
    """Tell by its name whether a file may be a layer."""
    return path.suffix.lower() in {*FORMATS, *_ARCHIVES}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that may be read.

    Attributes
    ----------
    name
        What the planner calls it.
    format
        One of the values of :data:`FORMATS`.
    path
        What the reader opens: a name of ours in a private folder.
    stem
        The file's own name without extension: the layer's name where the format has none.
    sha256
        Digest of the file as given; of a Shapefile, of its ``.shp``, ``.dbf``, ``.prj`` and ``.cpg`` in this order.
    encoding
        The encoding of its texts, where that is settled before reading (all formats but Shapefile).
    declares_crs
        Whether a GeoJSON has a ``crs`` member.
    layer
        The layer that was asked for, ``None`` where none was or an archive's file was chosen by it.
    """

    name: str
    format: str
    path: Path
    stem: str
    sha256: str
    encoding: Encoding = UTF8
    declares_crs: bool = False
    layer: str | None = None


@contextmanager
def opened_source(path: Path, layer: str | None, encoding: str | None, limits: Limits) -> Iterator[Source]:
    """Judge a file and hold a private, readable view of it.

    Parameters
    ----------
    path
        The file as the planner names it.
    layer
        For an archive of several files, the one to read, by its name in the archive with or without extension.
    encoding
        What the planner said of the texts' encoding.
    limits
        What is refused.

    Raises
    ------
    BadInput, NotFound, TooLarge
        For everything that is no complete local boundary file.
    """
    file = _local_file(path, limits)
    with tempfile.TemporaryDirectory(prefix="gridwarden-") as private:
        folder = Path(private)
        if file.suffix.lower() in _ARCHIVES:
            main, stem, layer = _member(file, folder, layer, limits)
            digest = _digest(file)
        else:
            main, stem, digest = _linked(file, folder), file.stem, _digest(*_parts(file))
        kind = FORMATS[main.suffix.lower()]
        _check_content(main, kind, path.name)
        yield _settled(Source(path.name, kind, main, stem, digest, layer=layer), encoding)


def _local_file(path: Path, limits: Limits) -> Path:
    """Follow links to a plain file of known extension."""
    name, place = path.name or str(path), {"file": path.name}
    text = path.as_posix()
    if text.startswith("/vsi") or re.match(r"^[A-Za-z][\w+.:-]+:/", text) or "\0" in text:
        raise BadInput("not-a-local-file", place=place, name=name)
    try:
        file = path.resolve(strict=True)
        state = file.stat()
    except PermissionError as denied:
        raise BadInput("file-not-readable", place=place, name=name) from denied
    except (OSError, RuntimeError) as missing:
        raise NotFound("no-such-file", place=place, name=name) from missing
    if stat.S_ISDIR(state.st_mode):
        raise BadInput("is-a-directory", place=place, name=name)
    if not stat.S_ISREG(state.st_mode):
        raise BadInput("not-a-regular-file", place=place, name=name)
    _check_extension(file, name)
    size = sum(part.stat().st_size for part in _parts(file))
    if size > limits.file_bytes:
        sizes = {"size_mb": mebibytes(size), "limit_mb": mebibytes(limits.file_bytes)}
        raise TooLarge("file-too-large", place=place, name=name, **sizes)
    return file


def _check_extension(file: Path, name: str) -> None:
    extension = file.suffix.lower()
    if extension not in FORMATS and extension not in _ARCHIVES:
        known = " ".join([*FORMATS, *_ARCHIVES])
        raise BadInput("unknown-format", place={"file": name}, name=name, extension=extension or "-", known=known)


def _parts(file: Path) -> list[Path]:
    """Return the files that make up a data set: itself, or a Shapefile's own set, whatever the letters' case."""
    if file.suffix.lower() != ".shp":
        return [file]
    stem = file.stem.casefold()
    beside = {
        one.suffix.lower(): one.resolve()
        for one in sorted(file.parent.iterdir())
        if one.stem.casefold() == stem and one.suffix.lower() in SHAPEFILE_PARTS and one.is_file()
    }
    beside[".shp"] = file
    return [beside[suffix] for suffix in (".shp", ".dbf", ".prj", ".cpg", ".shx") if suffix in beside]


def _linked(file: Path, folder: Path) -> Path:
    """Show one data set alone in a private folder, under a name of ours."""
    for sibling in (file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-journal")):
        if file.suffix.lower() == ".gpkg" and sibling.is_file() and sibling.stat().st_size:
            raise BadInput("file-in-use", place={"file": file.name}, name=file.name, wal=sibling.name)
    for part in _parts(file):
        (folder / f"boundary{part.suffix.lower()}").symlink_to(part)
    return folder / f"boundary{file.suffix.lower()}"


def _member(archive: Path, folder: Path, layer: str | None, limits: Limits) -> tuple[Path, str, str | None]:
    """Unpack an archive and choose one data set of it; a layer that chose it is asked for no more."""
    place = {"file": archive.name}
    with archive.open("rb") as opened:
        if opened.read(2) != b"PK":
            raise BadInput("content-differs", place=place, name=archive.name, format="zip")
    members = unpack(archive, folder, limits)
    if not members:
        known = " ".join(FORMATS)
        raise BadInput("archive-without-boundaries", place=place, name=archive.name, known=known)
    if len(members) > 1:
        known = ", ".join(members)
        if layer is None:
            raise BadInput("several-layers", place=place, name=archive.name, known=known)
        members = {
            entry: path
            for entry, path in members.items()
            if layer in {entry, Path(entry).stem, entry.rpartition(".")[0]}
        }
        if len(members) != 1:
            raise BadInput("unknown-layer", place=place, name=archive.name, layer=layer, known=known)
        layer = None
    entry, path = members.popitem()
    return path, Path(entry).stem, layer


def _digest(*files: Path) -> str:
    whole = hashlib.sha256()
    for file in files:
        if file.suffix.lower() == ".shx":
            continue
        with file.open("rb") as opened:
            while block := opened.read(1 << 20):
                whole.update(block)
    return whole.hexdigest()


def _check_content(main: Path, kind: str, name: str) -> None:
    """Compare the first bytes with the extension, and the length with what the header says."""
    with main.open("rb") as opened:
        head = opened.read(_HEAD_BYTES)
        opened.seek(-min(4, main.stat().st_size), 2)
        tail = opened.read()
    text = head.removeprefix(_BOM).lstrip()
    fits = {
        "GeoJSON": text.startswith(b"{"),
        "KML": text.startswith(b"<") and (b"<kml" in text or b":kml" in text),
        "GeoPackage": head.startswith(b"SQLite format 3\0"),
        "Shapefile": head.startswith(_SHAPEFILE_CODE),
        "GeoParquet": head.startswith(b"PAR1"),
    }
    if not fits[kind]:
        raise BadInput("content-differs", place={"file": name}, name=name, format=kind)
    if kind == "Shapefile":
        _check_shapefile(main, name)
    elif kind == "GeoPackage":
        page = int.from_bytes(head[16:18]) if head[16:18] != b"\0\1" else 65536
        # SQLite calls the number of pages valid only where these two counters agree.
        pages = int.from_bytes(head[28:32]) if head[24:28] == head[92:96] else 1
        _check_length(main, page * pages, name)
    elif kind == "GeoParquet" and tail != b"PAR1":
        raise BadInput("unreadable-file", place={"file": name}, name=name, format=kind, reason="no footer")


def _check_shapefile(main: Path, name: str) -> None:
    missing = [part for part in (".shx", ".dbf") if not main.with_suffix(part).exists()]
    if missing:
        raise BadInput("shapefile-part-missing", place={"file": name}, name=name, missing=" ".join(missing))
    for suffix in (".shp", ".shx"):
        part = main.with_suffix(suffix)
        with part.open("rb") as opened:
            head = opened.read(100)
        _check_length(part, max(100, 2 * int.from_bytes(head[24:28])), Path(name).stem + suffix)
    dbf = main.with_suffix(".dbf")
    with dbf.open("rb") as opened:
        head = opened.read(32)
    rows, start, width = (int.from_bytes(head[i:j], "little") for i, j in ((4, 8), (8, 10), (10, 12)))
    _check_length(dbf, max(33, start + rows * width), Path(name).stem + ".dbf")


def _check_length(part: Path, expected: int, name: str) -> None:
    found = part.stat().st_size
    if found < expected:
        raise BadInput("truncated-file", place={"file": name}, name=name, expected=expected, found=found)


def _settled(source: Source, given: str | None) -> Source:
    """Bring text formats to UTF-8 and refuse what would make their readers look elsewhere."""
    if source.format not in {"GeoJSON", "KML"}:
        return source
    path, encoding = source.path, UTF8
    if not is_utf8(path):
        codec = codec_name(given, "given") if given else "gb18030"
        encoding = Encoding(codec, "given" if given else "texts")
        path = _as_utf8(source, encoding)
    declares = _declares_crs(path, source.name) if source.format == "GeoJSON" else False
    if source.format == "KML":
        _check_xml(path, source.name)
    return replace(source, path=path, encoding=encoding, declares_crs=declares)


def _as_utf8(source: Source, encoding: Encoding) -> Path:
    try:
        text = source.path.read_bytes().decode(encoding.name)
    except UnicodeDecodeError as wrong:
        facts = {"encoding": encoding.name, "origin": encoding.origin}
        raise BadInput("text-not-in-encoding", place={"file": source.name}, name=source.name, **facts) from wrong
    path = source.path.with_name(f"utf8{source.path.suffix}")
    path.write_bytes(_XML_ENCODING.sub(rb"\1", text.encode(), count=1))
    return path


def _declares_crs(path: Path, name: str) -> bool:
    """Tell whether there is a ``crs`` member; GDAL would fetch one of type ``link`` or ``url``."""
    declares = False
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for key in _CRS_KEY.finditer(data):
            following = data[key.end() : key.end() + _CRS_MOST_BYTES]
            if following[:1] in {b",", b"]", b"}"}:
                continue
            member = _json_value(following.removeprefix(b":").lstrip()) if following[:1] == b":" else ...
            if member is ... or (isinstance(member, dict) and member.get("type", "name") != "name"):
                raise BadInput("crs-by-link", place={"file": name, "field": "crs"}, name=name)
            declares = declares or isinstance(member, dict)
    return declares


def _json_value(text: bytes) -> Any:
    """Return the JSON value at the start of a text, ``...`` when it is none."""
    try:
        return JSONDecoder().raw_decode(text.decode("utf-8", "replace"))[0]
    except (JSONDecodeError, RecursionError):
        return ...


def _check_xml(path: Path, name: str) -> None:
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if re.search(rb"<!(DOCTYPE|ENTITY)", data, re.IGNORECASE):
            raise BadInput("xml-with-entities", place={"file": name}, name=name)
