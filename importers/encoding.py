"""Which character encoding a Shapefile's texts are in, and reading them in it.

A DBF seldom says. The order is: what the planner says, the ``.cpg`` file, the language byte of the DBF header, and at
last the texts themselves: strict UTF-8 if all of them are, GB18030 (which holds GBK and GB2312) otherwise.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from geo.errors import BadInput

Origin = Literal["given", "cpg", "dbf", "texts", "format"]

# The language byte (offset 29) of the DBF header; 0x00 and 0x57 ("ANSI", of whatever machine wrote it) say nothing.
_LANGUAGE_BYTES: Final = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x4D: "gb18030", 0x4E: "cp949", 0x4F: "cp950",
    0x58: "cp1252", 0x59: "cp1252", 0x78: "cp950", 0x79: "cp949", 0x7A: "gb18030", 0x7B: "cp932", 0xC8: "cp1250",
    0xC9: "cp1251",
}  # fmt: skip
_CHINESE: Final = frozenset({"gbk", "gb2312", "gb18030", "cp936", "936", "ms936", "euc-cn", "hz"})
_HEADER_BYTES: Final = 32
_FIELD_BYTES: Final = 32
_FIELDS_END: Final = 0x0D
# UTF-8 needs three bytes for every Chinese character; two-byte sequences alone may be GBK by chance (D2 BB is 一).
_FIRST_THREE_BYTE_CHARACTER: Final = "\u0800"


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding and how it was decided.

    Attributes
    ----------
    name
        Python's name of the codec.
    origin
        ``"given"`` by the planner, from the ``"cpg"`` file, from the ``"dbf"`` header, judged by the ``"texts"``,
        or fixed by the ``"format"``.
    """

    name: str
    origin: Origin


UTF8: Final = Encoding("utf-8", "format")


def codec_name(text: str, origin: Origin) -> str:
    """Return Python's codec for a name as people and ``.cpg`` files write it.

    Raises
    ------
    BadInput
        ``unknown-encoding``.
    """
    wanted = text.strip().lower().removeprefix("ansi").removeprefix("oem").strip(" _-")
    if wanted in _CHINESE:
        return "gb18030"
    for candidate in (wanted, f"cp{wanted}", {"65001": "utf-8", "88591": "latin-1"}.get(wanted, wanted)):
        try:
            if "abc".encode(candidate) == b"abc":
                return codecs.lookup(candidate).name
        except (LookupError, UnicodeError, ValueError):
            continue
    raise BadInput("unknown-encoding", place={"field": "encoding"}, encoding=text.strip()[:40], origin=origin)


def dbf_encoding(dbf: Path, cpg: Path | None, given: str | None, name: str) -> Encoding:
    """Decide the encoding of a DBF file.

    Parameters
    ----------
    dbf
        The ``.dbf`` file, checked for completeness by :mod:`importers.source`.
    cpg
        The ``.cpg`` file, if there is one.
    given
        What the planner said.
    name
        The file's name for the error.

    Raises
    ------
    BadInput
        ``unknown-encoding``, or ``text-not-in-encoding`` when the texts contradict what was declared.
    """
    texts = set(_texts(dbf))
    encoding = _declared(dbf, cpg, given) or Encoding(_judged(texts), "texts")
    if not all(_decodes(text, encoding.name) for text in texts):
        facts = {"encoding": encoding.name, "origin": encoding.origin}
        raise BadInput("text-not-in-encoding", place={"file": name}, name=name, **facts)
    return encoding


def decoded(raw: bytes, codec: str) -> str:
    """Read a text; a character cut in the middle by the end of its field is dropped.

    Raises
    ------
    UnicodeDecodeError
        For bytes that are wrong anywhere else.
    """
    return codecs.getincrementaldecoder(codec)().decode(raw, final=False)


def from_raw(text: str, codec: str) -> str:
    """Read a text that GDAL handed over byte for byte as ISO 8859-1."""
    return text if text.isascii() else decoded(text.encode("latin-1"), codec)


def is_utf8(path: Path) -> bool:
    """Tell whether a whole file is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as opened:
        try:
            while block := opened.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _declared(dbf: Path, cpg: Path | None, given: str | None) -> Encoding | None:
    if given is not None:
        return Encoding(codec_name(given, "given"), "given")
    written = cpg.read_bytes()[:80].decode("ascii", "replace").strip("\ufeff\0 \r\n") if cpg else ""
    if written:
        return Encoding(codec_name(written, "cpg"), "cpg")
    with dbf.open("rb") as opened:
        language = opened.read(_HEADER_BYTES)[29]
    return Encoding(_LANGUAGE_BYTES[language], "dbf") if language in _LANGUAGE_BYTES else None


def _judged(texts: set[bytes]) -> str:
    try:
        characters = "".join(decoded(text, "utf-8") for text in texts)
    except UnicodeDecodeError:
        return "gb18030"
    by_chance = characters and max(characters) < _FIRST_THREE_BYTE_CHARACTER
    return "gb18030" if by_chance and all(_decodes(text, "gb18030") for text in texts) else "utf-8"


def _decodes(text: bytes, codec: str) -> bool:
    try:
        decoded(text, codec)
    except UnicodeDecodeError:
        return False
    return True


def _texts(dbf: Path) -> Iterator[bytes]:
    """Yield the field names and values of a DBF that have bytes beyond ASCII."""
    data = np.memmap(dbf, dtype=np.uint8, mode="r")
    rows = int.from_bytes(data[4:8].tobytes(), "little")
    start, width = (int.from_bytes(data[i : i + 2].tobytes(), "little") for i in (8, 10))
    records = data[start : start + rows * width].reshape(rows, width)
    offset = 1
    for at in range(_HEADER_BYTES, start - _FIELD_BYTES + 1, _FIELD_BYTES):
        field = data[at : at + _FIELD_BYTES].tobytes()
        if field[0] == _FIELDS_END:
            return
        label = field[:11].split(b"\0")[0]
        if not label.isascii():
            yield label
        if field[11:12] == b"C":
            column = records[:, offset : offset + field[16]]
            for row in np.flatnonzero((column > 0x7F).any(axis=1)):
                yield column[row].tobytes().rstrip(b" \0")
        offset += field[16]
