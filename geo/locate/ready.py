"""A city held ready: any point of it answered from memory, most of them with text that was made before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import shapely

from geo.lattice import SCALE
from geo.levels import Hierarchy
from geo.locate.answer import LOWEST, answer, assembled, lowest_first, search_box
from geo.locate.border import Claim, Rows, Status
from geo.locate.city import CityIndex
from geo.locate.glance import NONE, Glance, glance, neighbours
from geo.locate.records import Answer, AreaRecord, Candidate, Neighbour, Team
from geo.locate.tables import Tables, Texts, json_bytes
from geo.measure import metres_per_degree_at
from geo.stored import StoredAreas

MOST_PHRASES: Final = 50_000
"""So many grids (with what lies over and in them) have their text kept; more, and it is made anew."""

MOST_RECORDS: Final = 20_000
"""So many areas are kept as answers show them: those above a thousand grids are the same few."""

_DECIMALS: Final = 3
_CERTAIN, _DISTANCE, _NEIGHBOURS = b'"certain":', b'"border_distance_m":', b'"neighbours":'

Near = tuple[tuple[int, float], ...]
"""Rows of other grids, and how far away they are in m."""


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Boundaries as WKB and their boxes, for the few points that need exact geometry.

    Attributes
    ----------
    wkb
        A text a row, empty where the boundary is unknown.
    boxes
        West, south, east, north in degrees, shape (n, 4); NaN where the boundary is unknown.
    lowest
        Which areas are grids or microgrids, shape (n,).
    """

    wkb: Texts
    boxes: npt.NDArray[np.float64]
    lowest: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, areas: StoredAreas) -> Self:
        """Take the shapes of areas."""
        lowest = np.array([level in LOWEST for level in areas.levels], dtype=np.bool_)
        return cls(Texts.of(wkb_of(areas)), np.asarray(shapely.bounds(areas.geoms)).reshape(-1, 4), lowest)

    def meeting(self, box: tuple[float, float, float, float], *, lowest: bool) -> list[int]:
        """Return the rows whose boxes meet a box, of grids and microgrids only or of all levels."""
        west, south, east, north = box
        own = self.boxes
        meets = (own[:, 0] <= east) & (own[:, 2] >= west) & (own[:, 1] <= north) & (own[:, 3] >= south)
        found: list[int] = np.flatnonzero(meets & self.lowest if lowest else meets).tolist()
        return found

    def geom(self, row: int) -> shapely.Geometry:
        """Return one boundary."""
        return shapely.from_wkb(self.wkb[row])


def wkb_of(areas: StoredAreas) -> list[bytes]:
    """Return boundaries as :attr:`Shapes.wkb` has them."""
    return [b"" if each is None else each for each in shapely.to_wkb(areas.geoms)]


@dataclass(frozen=True, slots=True)
class _Plain:
    """The surroundings of a point on no edge; of the areas around, those within accuracy come last."""

    areas: tuple[AreaRecord, ...]
    claim: Claim
    hierarchy: Hierarchy
    near: Near = ()
    away_m: float = inf

    def smallest_first(self, rows: Rows) -> Sequence[AreaRecord]:
        return [self.areas[row] for row in rows]

    def border_m(self) -> float:
        return self.away_m

    def close(self, accuracy_m: float) -> list[tuple[int, float]]:
        first = len(self.areas) - len(self.near)
        return [(first + place, distance_m) for place, (_, distance_m) in enumerate(self.near)]


class _Phrase(NamedTuple):
    """The text of an answer, cut where the point itself decides: certain, border distance, neighbours."""

    head: bytes
    middle: bytes
    tail: bytes
    end: bytes

    @classmethod
    def of(cls, document: Mapping[str, object]) -> Self:
        head, rest = json_bytes(document)[:-1].split(_CERTAIN + b"true")
        middle, rest = rest.split(_DISTANCE + b"null")
        tail, end = rest.split(_NEIGHBOURS + b"[]")
        return cls(head + _CERTAIN, middle + _DISTANCE, tail + _NEIGHBOURS, end)

    def filled(self, border_m: float | None, certain: bool, neighbours: bytes) -> bytes:
        away = b"null" if border_m is None else repr(round(border_m, _DECIMALS)).encode()
        sure = b"true" if certain else b"false"
        return b"".join((self.head, sure, self.middle, away, self.tail, neighbours, self.end))


@dataclass(frozen=True, slots=True, eq=False)
class ReadyCity:
    """The index of a city and what its answers say; rows are the same throughout.

    Attributes
    ----------
    phrases
        The text of answers by the rows that cover a point; filled as points are asked.
    records
        Areas by row, likewise.
    """

    index: CityIndex
    tables: Tables
    shapes: Shapes
    hierarchy: Hierarchy
    phrases: dict[tuple[int, ...], _Phrase] = field(default_factory=dict)
    records: dict[int, AreaRecord] = field(default_factory=dict)

    @classmethod
    def of(cls, areas: StoredAreas, teams: Mapping[int, Team], hierarchy: Hierarchy, *, roomy: bool = False) -> Self:
        """Make a city ready.

        Parameters
        ----------
        areas
            As loaded, by code.
        teams
            By area id, as the caller may see them.
        roomy
            So that it can be patched, see :mod:`geo.locate.city_patch`.
        """
        index = CityIndex.of(areas, hierarchy, roomy=roomy)
        return cls(index, Tables.of(areas, teams), Shapes.of(areas), hierarchy)

    def answer(self, point: tuple[int, int], accuracy_m: float, radius_m: float) -> Answer:
        """Answer one point (lattice integers), as :func:`geo.locate.answer.answer` does."""
        seen = self._look(point, accuracy_m, radius_m)
        if seen is None:
            return self._exact(point, accuracy_m, radius_m)
        return self._plain(*seen, accuracy_m, radius_m)

    def text(self, point: tuple[int, int], accuracy_m: float, radius_m: float) -> bytes:
        """Return the JSON of an answer without its closing brace: point, edition and moment follow."""
        looked = self._look(point, accuracy_m, radius_m)
        if looked is None:
            return json_bytes(self._exact(point, accuracy_m, radius_m).document())[:-1]
        seen, near = looked
        certain = not (accuracy_m > 0 and seen.border_m <= accuracy_m)
        border_m = seen.border_m if seen.border_m <= radius_m else None
        return self._phrase(seen).filled(border_m, certain, self._neighbours(near) if near else b"[]")

    def warm_up(self) -> None:
        """Run once what is compiled for single points."""
        glance(self.index, (0, 0), (1.0, 1.0), 1.0)
        neighbours(self.index, (0, 0), (1.0, 1.0), 1.0)

    def _look(self, point: tuple[int, int], accuracy_m: float, radius_m: float) -> tuple[Glance, Near] | None:
        """Look a point up, and who else is within accuracy; None where boundaries have to tell."""
        wide_m, high_m = metres_per_degree_at(point[1] / SCALE)
        scale_m = (wide_m / SCALE, high_m / SCALE)
        seen = glance(self.index, point, scale_m, max(accuracy_m, radius_m))
        if seen is None or any(self.tables.parents[row] < 0 for row in seen.rows[:2] if row != NONE):
            return None
        if accuracy_m <= 0 or seen.border_m > accuracy_m:
            return seen, ()
        # what special grids hide, and which level counts in a gap, is told by boundaries
        if seen.rows[0] != NONE or not seen.in_grid:
            return None
        near = neighbours(self.index, point, scale_m, accuracy_m)
        own = seen.rows[1]
        return None if near is None else (seen, tuple(each for each in near if each[0] != own))

    def _phrase(self, seen: Glance) -> _Phrase:
        known = self.phrases.get(seen.rows)
        if known is None:
            if len(self.phrases) >= MOST_PHRASES:
                self.phrases.clear()
            known = self.phrases[seen.rows] = _Phrase.of(self._plain(seen._replace(border_m=inf)).document())
        return known

    def _neighbours(self, near: Near) -> bytes:
        """Return the JSON of the neighbours, the nearest first."""
        found = [Neighbour(self._record(row), distance_m) for row, distance_m in near]
        found.sort(key=lambda one: (one.distance_m, one.area.code))
        return json_bytes([one.document() for one in found])

    def _plain(self, seen: Glance, near: Near = (), accuracy_m: float = 0.0, radius_m: float = 0.0) -> Answer:
        """Return the answer for a point on no edge."""
        rows = [row for row in seen.rows if row != NONE]
        places = {row: (place,) for place, row in enumerate(rows)}
        specials, generals, microgrids = (places.get(row, ()) for row in seen.rows[:3])
        uppers = tuple(range(len(rows) - len(seen.rows[3:]), len(rows)))
        status: Status = "found" if seen.in_grid else "gap" if uppers else "outside"
        claim = Claim(status, False, specials, generals, microgrids, uppers, uppers[:1])
        every = [*rows, *(row for row, _ in near)]
        known = self._known(every)
        areas = tuple(known[int(self.tables.ids[row])] for row in every)
        scene = _Plain(areas, claim, self.hierarchy, near, seen.border_m)
        return assembled(scene, known, accuracy_m, radius_m)

    def _exact(self, point: tuple[int, int], accuracy_m: float, radius_m: float) -> Answer:
        """Answer from the boundaries around a point, the grids and microgrids within accuracy first."""
        near = lowest_first(lambda lowest: self._from_shapes(point, accuracy_m, accuracy_m, lowest=lowest))
        if near.border_distance_m is None:
            return lowest_first(lambda lowest: self._from_shapes(point, accuracy_m, radius_m, lowest=lowest))
        # no border further away can be nearer
        return near if near.border_distance_m <= radius_m else replace(near, border_distance_m=None)

    def _from_shapes(self, point: tuple[int, int], accuracy_m: float, radius_m: float, *, lowest: bool) -> Answer:
        rows = self.shapes.meeting(search_box(point, max(accuracy_m, radius_m)), lowest=lowest)
        known = self._known(rows)
        candidates = [Candidate(known[int(self.tables.ids[row])], self.shapes.geom(row)) for row in rows]
        # rows that were patched do not go by codes
        candidates.sort(key=lambda one: one.area.code)
        return answer(point, candidates, known, accuracy_m=accuracy_m, radius_m=radius_m, hierarchy=self.hierarchy)

    def _known(self, rows: Sequence[int]) -> dict[int, AreaRecord]:
        every = {row for own in rows for row in (own, *self.tables.ancestors(own))}
        return {record.id: record for record in map(self._record, every)}

    def _record(self, row: int) -> AreaRecord:
        known = self.records.get(row)
        if known is None:
            if len(self.records) >= MOST_RECORDS:
                self.records.clear()
            known = self.records[row] = self.tables.record(row)
        return known

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all there is to it: contiguous arrays by name."""
        shapes = self.shapes
        own: dict[str, npt.NDArray[Any]] = {
            "wkb.content": shapes.wkb.content,
            "wkb.span": shapes.wkb.span,
            "boxes": shapes.boxes,
            "lowest": shapes.lowest,
        }
        parts = (("index", self.index.arrays()), ("tables", self.tables.arrays()), ("shapes", own))
        return {f"{part}/{name}": array for part, arrays in parts for name, array in arrays.items()}

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self.arrays().values())

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], hierarchy: Hierarchy) -> Self:
        """Take up arrays that were made before; they are not copied, and may be mapped read-only."""
        parts: dict[str, dict[str, npt.NDArray[Any]]] = {"index": {}, "tables": {}, "shapes": {}}
        for name, array in arrays.items():
            part, _, own = name.partition("/")
            parts[part][own] = array
        shapes = parts["shapes"]
        wkb = Texts(shapes["wkb.content"], shapes["wkb.span"])
        return cls(
            CityIndex.from_arrays(parts["index"]),
            Tables.from_arrays(parts["tables"]),
            Shapes(wkb, shapes["boxes"], shapes["lowest"]),
            hierarchy,
        )
