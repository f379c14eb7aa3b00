"""Area codes: their form, the parent they name, and the next free one.

The default scheme is GB/T 2260 (county, 6 digits), GB/T 10114 (town, 3), community (3), then 3 digits of the grid
and 2 of the microgrid. CJ/T 349-2010 sets the 6-digit code of what is managed (CJ/T 348) in front and gives the grid
2 digits: 20 in all. Codes outside the scheme, such as ``E01000001``, are free-form: no level, no parent, no objection.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.areas import Texts, texts
from geo.errors import BadInput, Conflict

Ranges = Mapping[str, Mapping[str, tuple[int, int]]]

PADDED: Final = 6
"""Provinces and cities are also written with zeros up to the county's length: 510000, 511400."""

UPPER_NUMBERS: Final = {
    "town": {"subdistrict": (1, 99), "town": (100, 199), "township": (200, 399)},
    "community": {"neighbourhood": (1, 199), "village": (200, 399)},
}

SUFFIXES: Final = {
    "town": (("街道", "subdistrict"), ("街道办事处", "subdistrict"), ("乡", "township")),
    "community": (("村", "village"), ("村委会", "village")),
}
"""What the end of a name says about its range of numbers; every other town is 镇, every other community 居委会."""
OTHERS: Final = {"town": "town", "community": "neighbourhood"}


@dataclass(frozen=True)
class CodeScheme:
    """How codes are made of digits, level by level.

    Attributes
    ----------
    name
        What the setting calls it.
    digits
        Digits that each level adds, the largest level first.
    numbers
        By level and kind the first and the last number that may be given. Levels that are not listed get their
        codes from the state.
    managed
        Leading digits of grids and microgrids: what is managed, by CJ/T 348; empty in the default scheme.
    undivided
        Whether grid number 0 stands for a community that is one grid.
    """

    name: str
    digits: Mapping[str, int]
    numbers: Ranges
    managed: str = ""
    undivided: bool = False

    def level_of(self, code: str) -> str | None:
        """Return the level that a code's form belongs to, None for a free-form one."""
        body = self._body(code)
        if not (code.isascii() and code.isdigit()):
            return None
        if len(body) == PADDED and body.endswith("00"):
            body = body[:2] if body.endswith("0000") else body[:4]
        level = next((level for level, length in self._lengths.items() if length == len(body)), None)
        return level if level is not None and self._is_formed(body, level) else None

    def parent_code(self, code: str) -> str | None:
        """Return the code of the parent that a code names; None for a province or a free-form code.

        A special grid that spans communities has 000 for its community, and names the town. Short and padded forms
        of provinces and cities (51, 510000) are kept.
        """
        level = self.level_of(code)
        if level is None or level == next(iter(self.digits)):
            return None
        if level == "microgrid":
            return code[: -self.digits[level]]
        kept = self._significant(self._significant(code)[: -self.digits[level]])
        return kept.ljust(PADDED, "0") if len(code) >= PADDED else kept

    def is_special(self, code: str) -> bool:
        """Tell whether a code is that of a special grid."""
        return self.level_of(code) == "grid" and self._kind_of_grid(self._body(code)) == "special"

    def contradicts(self, code: str, parent_code: str, level: str) -> bool:
        """Tell whether an area's code names another parent than it has.

        Parents further up do not contradict: levels may be missing. Nor does a code that has not the form of the
        level, on either side: it is free-form.
        """
        if self.level_of(code) != level or self.level_of(parent_code) is None:
            return False
        own, above = self._significant(code), self._significant(parent_code)
        return not (len(above) < len(own) and own.startswith(above))

    def next_free(
        self, parent_code: str, taken: Collection[str], kind: str = "general", *, level: str | None = None
    ) -> str:
        """Return the lowest code of a kind under a parent that was never used.

        Parameters
        ----------
        parent_code
            A code of the scheme.
        taken
            All codes in use and all retired ones: a code is never given twice.
        kind
            ``general`` or ``special`` for grids; ``subdistrict``, ``town``, ``township``; ``neighbourhood``,
            ``village``; ``general`` for microgrids.
        level
            The level of the new code; by default the one below the parent. Special grids may skip levels.

        Raises
        ------
        BadInput
            ``parent-code-outside-scheme``, ``parent-code-of-wrong-level`` or ``kind-without-numbers``.
        Conflict
            ``codes-used-up``.
        """
        return next(self._free(parent_code, set(taken), kind, level or self._below(parent_code)))

    def _free(self, parent_code: str, taken: Collection[str], kind: str, level: str) -> Iterator[str]:
        prefix = self._prefix(parent_code, kind, level)
        first, last = self.numbers[level][kind]
        for number in range(first, last + 1):
            code = f"{prefix}{number:0{self.digits[level]}}"
            if code not in taken:
                yield code
        raise Conflict("codes-used-up", place={"code": parent_code}, parent=parent_code, first=first, last=last)

    def _below(self, parent_code: str) -> str:
        parent_level = self.level_of(parent_code)
        return next((below for above, below in pairwise(self.digits) if above == parent_level), "microgrid")

    def _prefix(self, parent_code: str, kind: str, level: str) -> str:
        """Return all digits before the number: the parent's, with zeros for the levels that are skipped."""
        refuse = partial(BadInput, place={"code": parent_code}, parent=parent_code, level=level, scheme=self.name)
        if self.level_of(parent_code) is None:
            raise refuse("parent-code-outside-scheme")
        if kind not in self.numbers.get(level, {}):
            known = "; ".join(f"{each}: {', '.join(kinds)}" for each, kinds in self.numbers.items())
            raise BadInput("kind-without-numbers", given=kind, level=level, known=known)
        above = self._significant(parent_code)
        width = self._lengths[level] - self.digits[level]
        town_of_city = level == "town" and len(above) == self._lengths["city"]
        if len(above) > width or (len(above) < width and kind != "special" and not town_of_city):
            raise refuse("parent-code-of-wrong-level")
        return (self.managed if level in ("grid", "microgrid") else "") + above.ljust(width, "0")

    @cached_property
    def _lengths(self) -> dict[str, int]:
        """How many digits a code of each level has, without those of what is managed."""
        return dict(zip(self.digits, accumulate(self.digits.values()), strict=True))

    def _body(self, code: str) -> str:
        """Return a code without the digits of what is managed."""
        is_grid = len(code) - len(self.managed) in (self._lengths["grid"], self._lengths["microgrid"])
        return code[len(self.managed) :] if is_grid else code

    def _significant(self, code: str) -> str:
        """Return the digits of a code down to its own level: 5114 for 511400, 511402002 for 511402002000."""
        body = self._body(code)
        for level in reversed(list(self.digits)[1:]):
            width, own = self._lengths[level], self.digits[level]
            if level in ("grid", "microgrid") or len(body) != width or body[-own:].strip("0"):
                continue
            body = body[:-own]
        return body

    def _is_formed(self, body: str, level: str) -> bool:
        """Tell whether the parts of a code may be zero where they are."""
        zero = [each for each, end in self._lengths.items() if end <= len(body) and not self._part(body, each)]
        if "grid" in zero and self.undivided:
            zero.remove("grid")
        if level in ("grid", "microgrid") and self._kind_of_grid(body) == "special":
            skipped = list(self.digits)[1 : list(self.digits).index("grid")]
            return zero == skipped[len(skipped) - len(zero) :]
        return not zero or (zero == ["county"] and level != "county")

    def _part(self, body: str, level: str) -> int:
        end = self._lengths[level]
        return int(body[end - self.digits[level] : end])

    def _kind_of_grid(self, body: str) -> str:
        first, last = self.numbers["grid"]["special"]
        return "special" if first <= self._part(body, "grid") <= last else "general"


def _scheme(name: str, grid_digits: int, grids: Mapping[str, tuple[int, int]], managed: str = "") -> CodeScheme:
    digits = {"province": 2, "city": 2, "county": 2, "town": 3, "community": 3, "grid": grid_digits, "microgrid": 2}
    numbers: Ranges = {**UPPER_NUMBERS, "grid": grids, "microgrid": {"general": (1, 99)}}
    return CodeScheme(name, MappingProxyType(digits), MappingProxyType(dict(numbers)), managed, bool(managed))


DEFAULT_SCHEME: Final = _scheme("15", 3, {"general": (1, 799), "special": (800, 999)})


def code_scheme(setting: str = "15") -> CodeScheme:
    """Return the scheme of a setting.

    Parameters
    ----------
    setting
        ``"15"``, or ``"cjt349:NNNNNN"`` with the 6 digits of what is managed (CJ/T 348). That standard knows no
        special grids; numbers 80 to 99 are set aside for them here.

    Raises
    ------
    BadInput
        ``unknown-code-scheme``.
    """
    if setting == DEFAULT_SCHEME.name:
        return DEFAULT_SCHEME
    standard, _, managed = setting.partition(":")
    if standard != "cjt349" or not (len(managed) == 6 and managed.isascii() and managed.isdigit()):
        raise BadInput("unknown-code-scheme", given=setting)
    return _scheme(setting, 2, {"general": (1, 79), "special": (80, 99)}, managed)


def assign_codes(
    parents: Sequence[str],
    lonlat: npt.ArrayLike,
    taken: Collection[str],
    *,
    level: str = "grid",
    kinds: str | Sequence[str] = "general",
    scheme: CodeScheme = DEFAULT_SCHEME,
) -> Texts:
    """Give each area the next free code under its parent, west to east in rows from north to south.

    Areas of one parent and kind are numbered in :func:`reading_order`. Numbers in use or retired are passed over.

    Parameters
    ----------
    parents
        Code of the parent of each area, shape (n,).
    lonlat
        A point of each area, such as its centroid (degrees), shape (n, 2), finite.
    taken
        All codes in use and all retired ones, of any parent.
    level
        The level of the areas.
    kinds
        The kind of all areas, or of each, shape (n,); see :meth:`CodeScheme.next_free`.
    scheme
        The scheme of the codes.

    Returns
    -------
    numpy.ndarray
        Codes, shape (n,). The same for the same areas in any order, as long as no two points coincide.

    Raises
    ------
    BadInput, Conflict
        As :meth:`CodeScheme.next_free`.
    """
    points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    each_kind = [kinds] * len(parents) if isinstance(kinds, str) else list(kinds)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, group in enumerate(zip(parents, each_kind, strict=True)):
        groups[group].append(row)
    used = set(taken)
    codes = texts([""] * len(parents))
    for (parent, kind), rows in groups.items():
        free = scheme._free(parent, used, kind, level)
        for row in np.array(rows)[reading_order(points[rows])]:
            codes[row] = next(free)
    return codes


def numbers_of(level: str, name: str, kind: str) -> str:
    """Return the range of numbers that a new area belongs to, by its level and name; the kind for grids."""
    found = [numbers for suffix, numbers in SUFFIXES.get(level, ()) if name.endswith(suffix)]
    return found[0] if found else OTHERS.get(level, kind)


def reading_order(lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return the order of points as one reads: rows from north to south, each from west to east.

    The extent of the points is cut into rows of equal height, as many as make the rows about as high as the points
    lie apart: ``round(sqrt(n * height / width))``, at least 1, at most n, with the width shrunk by the cosine of
    the middle latitude. Within a row the order is by longitude, then from north to south, then as given.

    Parameters
    ----------
    lonlat
        Degrees, shape (n, 2), finite.
    """
    lon, lat = lonlat.T
    north, south = lat.max(), lat.min()
    height = north - south
    width = (lon.max() - lon.min()) * np.cos(np.radians((north + south) / 2))
    count = len(lonlat)
    rows = int(np.clip(np.rint(np.sqrt(count * height / width)), 1, count)) if width > 0 else count
    row = np.minimum((north - lat) / (height or 1.0) * rows, rows - 1).astype(np.int64)
    return np.lexsort((-lat, lon, row)).astype(np.int64)
