"""Finding an area by what a ledger calls it: code, local code, or name within a community."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from geo.errors import BadInput
from importers.cell_text import arabic, folded, is_rounded

_SHOWN_CANDIDATES: Final = 5
_FEW: Final = 8
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
        items = self._entries.values()
        self._names = {item.code: {folded(item.code), _likeness(item.name)} for item in items}
        self._codes_of_own = _grouped((name, code) for code, names in self._names.items() for name in names)
        self._ways = {
            "code": _grouped((folded(item.code), item.code) for item in items),
            "local_code": _grouped((folded(item.local_code), item.code) for item in items),
            "name": _grouped((folded(item.name), item.code) for item in items),
            "likeness": _grouped((key, item.code) for item in items for key in self._likenesses(item)),
        }
        self._parted: dict[tuple[str, str], dict[str, list[str]]] = {}

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
        key, like = folded(text), _likeness(text)
        above = [part for part in (community, town, county) if part]
        if is_rounded(text):
            raise BadInput("ledger-area-rounded")
        outer = [{folded(part), _likeness(part)} for part in above]
        shorter = like.removeprefix(_likeness(above[0])) if above else ""
        ways = (("code", key), ("local_code", key), ("name", key), ("likeness", like), ("likeness", shorter))
        for way, wanted in ways:
            fitting = [code for code in self._candidates(way, wanted, outer) if self._fits(code, level, outer)]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                raise self._ambiguous(fitting)
        raise BadInput("ledger-area-unknown", text=quotable(text), within=self._within(above))

    def _candidates(self, way: str, key: str, outer: Sequence[set[str]]) -> Sequence[str]:
        """Return the areas that a key means, narrowed to the nearest area around them where they are many.

        Every community has a 第一网格: what lies where is worked out once a key, not once a row.
        """
        found = self._ways[way].get(key, ())
        if len(found) <= _FEW or not outer:
            return found
        if (way, key) not in self._parted:
            pairs = ((item.code, code) for code in found for item in self.chain(code)[1:])
            self._parted[way, key] = _grouped(pairs)
        parted = self._parted[way, key]
        around = {code for name in outer[0] for code in self._codes_of_own.get(name, ())}
        return list(dict.fromkeys(code for area in sorted(around) for code in parted.get(area, ())))

    def _fits(self, code: str, level: str | None, outer: Sequence[set[str]]) -> bool:
        if level is not None and self._entries[code].level != level:
            return False
        chain = [self._names[item.code] for item in self.chain(code)[1:]] if outer else []
        return all(any(wanted & names for names in chain) for wanted in outer)

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
        return {name, outer + name, name.removeprefix(outer)}


def quotable(text: str) -> str:
    """Return a text for a message, or ``"…"`` where it does not look like the name or code of an area.

    A shifted row has a person's name or telephone number where the grid should be, and those must not be repeated.
    """
    plain = folded(text)
    return plain if _LOOKS_LIKE_AN_AREA.match(plain) and not _LOOKS_LIKE_A_PHONE.search(plain) else "…"


@lru_cache(maxsize=65_536)
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
