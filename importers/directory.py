"""Finding an area by what a ledger calls it: code, local code, or name within a community."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from geo.errors import BadInput
from importers.cell_text import arabic, folded, is_rounded

_SHOWN_CANDIDATES: Final = 5
_OFFICES: Final = (
    (re.compile(r"村?村民委员会$|村?村委会$"), "村"),
    (re.compile(r"(?:社区)?居民委员会$|(?:社区)?居委会$"), "社区"),
    (re.compile(r"街道办事处$|街道办$"), "街道"),
    (re.compile(r"(?<=[镇乡])人民政府$|(?<=[镇乡])政府$"), ""),
)
_LOOKS_LIKE_AN_AREA: Final = re.compile(
    r"^(?:\d{1,17}|\d{20}|.{0,40}(?:网格|社区|委员会|居委会|街道|片区)|.{3,40}[村镇乡县区市])$"
)
_LOOKS_LIKE_A_PHONE: Final = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{9,11})(?!\d)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One area as the directory knows it."""

    code: str
    local_code: str
    name: str
    level: str
    parent: str
    kind: str


class AreaDirectory:
    """All areas that a ledger may speak of, found by any of their names.

    Built once from columns; looking up is a matter of dictionaries.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = {entry.code: entry for entry in entries}
        self._by_code = {folded(code): code for code in self._entries}
        self._by_local_code = _grouped((folded(item.local_code), item.code) for item in self._entries.values())
        self._names = {item.code: {folded(item.code), _likeness(item.name)} for item in self._entries.values()}
        self._by_name = _grouped((folded(item.name), item.code) for item in self._entries.values())
        self._by_likeness = _grouped(
            (key, item.code) for item in self._entries.values() for key in self._likenesses(item)
        )

    @classmethod
    def from_columns(
        cls,
        codes: Sequence[str],
        names: Sequence[str],
        levels: Sequence[str],
        parents: Sequence[str],
        *,
        local_codes: Sequence[str] | None = None,
        kinds: Sequence[str] | None = None,
    ) -> Self:
        """Build a directory from columns of one length.

        Parameters
        ----------
        codes, names, levels, parents
            Code, name, level and parent's code (``""`` for none) of each area.
        local_codes
            The number a file gave it, ``""`` for none.
        kinds
            ``"general"`` or ``"special"``; ``"general"`` by default.
        """
        n = len(codes)
        columns = (codes, local_codes or [""] * n, names, levels, parents, kinds or ["general"] * n)
        return cls(Entry(*row) for row in zip(*columns, strict=True))

    def __contains__(self, code: object) -> bool:
        return code in self._entries

    def entry(self, code: str) -> Entry:
        """Return an area by its own code; KeyError for a code that is not here."""
        return self._entries[code]

    def chain(self, code: str) -> list[Entry]:
        """Return an area and those above it, itself first."""
        found: list[Entry] = []
        while code in self._entries and len(found) < len(self._entries):
            found.append(self._entries[code])
            code = found[-1].parent
        return found

    def resolve(
        self,
        text: str,
        *,
        level: str | None = None,
        community: str | None = None,
        town: str | None = None,
        county: str | None = None,
    ) -> str:
        """Return the code of the one area that a text means.

        Tried in this order: the code, the local code, the name, the name in another writing (第3网格 for 第三网格,
        城南社区 for 城南社区居民委员会, 城南社区第三网格 for 第三网格 of 城南社区). The first way that leads to exactly
        one area decides; a way that leads to several is an error.

        Parameters
        ----------
        text
            What the ledger says.
        level
            The level it must be of, or None for any.
        community, town, county
            Names or codes of areas above it, where the ledger tells them.

        Raises
        ------
        BadInput
            ``ledger-area-unknown``, ``ledger-area-ambiguous`` (with the candidates and what they lie in),
            ``ledger-area-rounded`` for a code that lost its last digits in a spreadsheet.
        """
        key = folded(text)
        above = [part for part in (community, town, county) if part]
        if is_rounded(text):
            raise BadInput("ledger-area-rounded")
        like = _likeness(text)
        ways = (
            [self._by_code[key]] if key in self._by_code else [],
            self._by_local_code.get(key, []),
            self._by_name.get(key, []),
            self._by_likeness.get(like, []),
            self._by_likeness.get(like.removeprefix(_likeness(above[0])), []) if above else [],
        )
        for candidates in ways if key else ():
            fitting = [code for code in candidates if self._fits(code, level, above)]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                raise self._ambiguous(fitting)
        raise BadInput("ledger-area-unknown", text=quotable(text), within=self._within(above))

    def _fits(self, code: str, level: str | None, above: Sequence[str]) -> bool:
        if level is not None and self._entries[code].level != level:
            return False
        outer = [self._names[item.code] for item in self.chain(code)[1:]]
        return all(any(folded(part) in names or _likeness(part) in names for names in outer) for part in above)

    def _ambiguous(self, codes: Sequence[str]) -> BadInput:
        shown = [
            f"{code} {'‹'.join(item.name for item in self.chain(code)[:3])}"
            for code in sorted(codes)[:_SHOWN_CANDIDATES]
        ]
        more = "…" if len(codes) > _SHOWN_CANDIDATES else ""
        return BadInput("ledger-area-ambiguous", count=len(codes), candidates="；".join(shown) + more)

    def _within(self, above: Sequence[str]) -> str:
        return "‹".join(quotable(part) for part in above) or "—"

    def _likenesses(self, item: Entry) -> set[str]:
        name = _likeness(item.name)
        parent = self._entries.get(item.parent)
        if parent is None:
            return {name}
        outer = _likeness(parent.name)
        return {name, outer + name} | ({name.removeprefix(outer)} - {""})


def quotable(text: str) -> str:
    """Return a text for a message, or ``"…"`` where it does not look like the name or code of an area.

    A shifted row has a person's name or telephone number where the grid should be, and those must not be repeated.
    """
    plain = folded(text)
    return plain if _LOOKS_LIKE_AN_AREA.match(plain) and not _LOOKS_LIKE_A_PHONE.search(plain) else "…"


def _likeness(text: str) -> str:
    """Return a name in one writing: numerals in digits, offices as the places they stand for."""
    plain = folded(text)
    for office, place in _OFFICES:
        plain = office.sub(place, plain)
    return arabic(plain)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for key, code in pairs:
        if key:
            groups[key].append(code)
    return dict(groups)
