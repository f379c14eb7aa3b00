"""A city held ready: any point of it answered from memory, most of them with text that was made before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import shapely

from geo.lattice import SCALE
from geo.levels import Hierarchy
from geo.locate.answer import LOWEST, answer, assembled, lowest_first, search_box
from geo.locate.border import Claim, Rows
from geo.locate.city import CityIndex
from geo.locate.glance import NONE, Glance, glance
from geo.locate.records import Answer, AreaRecord, Candidate, Team
from geo.locate.tables import Tables, Texts, json_bytes
from geo.measure import metres_per_degree_at
from geo.stored import StoredAreas

MOST_PHRASES: Final = 50_000
"""So many grids (with what lies over and in them) have their text kept; more, and it is made anew."""

_DECIMALS: Final = 3
_OPEN_DISTANCE: Final = b',"border_distance_m":'


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
        wkb = [b"" if each is None else each for each in shapely.to_wkb(areas.geoms)]
        lowest = np.array([level in LOWEST for level in areas.levels], dtype=np.bool_)
        return cls(Texts.of(wkb), np.asarray(shapely.bounds(areas.geoms)).reshape(-1, 4), lowest)

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


@dataclass(frozen=True, slots=True)
class _Plain:
    """The surroundings of a point in one grid, with no border near."""

    areas: tuple[AreaRecord, ...]
    claim: Claim
    hierarchy: Hierarchy

    def smallest_first(self, rows: Rows) -> Sequence[AreaRecord]:
        return [self.areas[row] for row in rows]

    def border_m(self) -> float:
        return inf

    def close(self, accuracy_m: float) -> list[tuple[int, float]]:
        return []


@dataclass(frozen=True, slots=True, eq=False)
class ReadyCity:
    """The index of a city and what its answers say; rows are the same throughout.

    Attributes
    ----------
    phrases
        The text of answers by the rows that cover a point, before and after the distance; filled as points are asked.
    """

    index: CityIndex
    tables: Tables
    shapes: Shapes
    hierarchy: Hierarchy
    phrases: dict[tuple[int, int, int], tuple[bytes, bytes]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, areas: StoredAreas, teams: Mapping[int, Team], hierarchy: Hierarchy, index: CityIndex | None = None
    ) -> Self:
        """Make a city ready.

        Parameters
        ----------
        areas
            As loaded, by code.
        teams
            By area id, as the caller may see them.
        index
            Where it was built before.
        """
        built = CityIndex.of(areas, hierarchy) if index is None else index
        return cls(built, Tables.of(areas, teams), Shapes.of(areas), hierarchy)

    def answer(self, point: tuple[int, int], accuracy_m: float, radius_m: float) -> Answer:
        """Answer one point (lattice integers), as :func:`geo.locate.answer.answer` does."""
        seen = self._glance(point, accuracy_m, radius_m)
        if seen is None:
            return self._exact(point, accuracy_m, radius_m)
        return replace(self._plain(seen), border_distance_m=seen.border_m if seen.border_m <= radius_m else None)

    def text(self, point: tuple[int, int], accuracy_m: float, radius_m: float) -> bytes:
        """Return the JSON of an answer without its closing brace: point, edition and moment follow."""
        seen = self._glance(point, accuracy_m, radius_m)
        if seen is None:
            return json_bytes(self._exact(point, accuracy_m, radius_m).document())[:-1]
        head, tail = self._phrase(seen)
        distance = repr(round(seen.border_m, _DECIMALS)) if seen.border_m <= radius_m else "null"
        return b"".join((head, _OPEN_DISTANCE, distance.encode(), tail))

    def among(self, special: int, general: int, microgrid: int) -> Answer:
        """Return the answer for a point in the middle of these rows, ``NONE`` where there is none, without distance."""
        return self._plain(Glance(special, general, microgrid, inf))

    def _glance(self, point: tuple[int, int], accuracy_m: float, radius_m: float) -> Glance | None:
        """Look a point up; None where a border or another area may matter, or parents do not tell all."""
        wide_m, high_m = metres_per_degree_at(point[1] / SCALE)
        seen = glance(self.index, point, (wide_m / SCALE, high_m / SCALE), max(accuracy_m, radius_m))
        if seen is None or (accuracy_m > 0 and seen.border_m <= accuracy_m):
            return None
        grids = [row for row in (seen.special, seen.general) if row != NONE]
        return seen if all(self.tables.parents[row] >= 0 for row in grids) else None

    def _phrase(self, seen: Glance) -> tuple[bytes, bytes]:
        rows = seen[:3]
        known = self.phrases.get(rows)
        if known is None:
            if len(self.phrases) >= MOST_PHRASES:
                self.phrases.clear()
            whole = json_bytes(self._plain(seen).document())
            head, tail = whole[:-1].split(_OPEN_DISTANCE + b"null")
            known = self.phrases[rows] = (head, tail)
        return known

    def _plain(self, seen: Glance) -> Answer:
        """Return the answer for a point in the middle of what a glance found."""
        rows = [row for row in seen[:3] if row != NONE]
        places = {row: place for place, row in enumerate(rows)}
        specials, generals, microgrids = ((places[row],) if row != NONE else () for row in seen[:3])
        claim = Claim("found", False, specials=specials, generals=generals, microgrids=microgrids)
        known = self._known(rows)
        scene = _Plain(tuple(known[int(self.tables.ids[row])] for row in rows), claim, self.hierarchy)
        return assembled(scene, known, 0.0, 0.0)

    def _exact(self, point: tuple[int, int], accuracy_m: float, radius_m: float) -> Answer:
        """Answer from the boundaries around a point, grids and microgrids first."""
        return lowest_first(lambda lowest: self._from_shapes(point, accuracy_m, radius_m, lowest=lowest))

    def _from_shapes(self, point: tuple[int, int], accuracy_m: float, radius_m: float, *, lowest: bool) -> Answer:
        rows = self.shapes.meeting(search_box(point, max(accuracy_m, radius_m)), lowest=lowest)
        known = self._known(rows)
        candidates = [Candidate(known[int(self.tables.ids[row])], self.shapes.geom(row)) for row in rows]
        return answer(point, candidates, known, accuracy_m=accuracy_m, radius_m=radius_m, hierarchy=self.hierarchy)

    def _known(self, rows: Sequence[int]) -> dict[int, AreaRecord]:
        every = {row for own in rows for row in (own, *self.tables.ancestors(own))}
        return {int(self.tables.ids[row]): self.tables.record(row) for row in every}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all there is to it: contiguous arrays by name."""
        shapes = self.shapes
        own: dict[str, npt.NDArray[Any]] = {
            "wkb.content": shapes.wkb.content,
            "wkb.start": shapes.wkb.start,
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
        wkb = Texts(shapes["wkb.content"], shapes["wkb.start"])
        return cls(
            CityIndex.from_arrays(parts["index"]),
            Tables.from_arrays(parts["tables"]),
            Shapes(wkb, shapes["boxes"], shapes["lowest"]),
            hierarchy,
        )
