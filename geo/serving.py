"""Whom circles serve: shares of land, residences and households of areas, and who is left."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.measure import area_m2

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """Residences; row ``i`` of every column is one of them.

    Attributes
    ----------
    ids, addresses, households
        Of each.
    points
        Points (EPSG:4490), None where the ledger gives no position: nobody can tell whether a circle reaches them.
    area_ids
        The grid that the ledger names, 0 where it names none.
    """

    ids: Index
    addresses: npt.NDArray[np.object_]
    households: Index
    points: Geometries
    area_ids: Index

    def __len__(self) -> int:
        return len(self.ids)

    def placed(self) -> Mask:
        """Tell which have a position."""
        return ~shapely.is_missing(self.points)


@dataclass(frozen=True, slots=True)
class Share:
    """How much of an area the circles of a category and tier cover.

    ``unplaced_households`` live at residences without a position; they are in none of the other figures.
    """

    area_m2: float
    covered_m2: float
    residences: int
    residences_covered: int
    households: int
    households_covered: int
    unplaced_households: int

    def document(self) -> dict[str, object]:
        """Return the figures and the shares of them, None where there is nothing to have a share of."""
        pairs = {
            "area": (self.covered_m2, self.area_m2),
            "residences": (self.residences_covered, self.residences),
            "households": (self.households_covered, self.households),
        }
        return {
            "area_m2": round(self.area_m2, 1),
            "covered_m2": round(self.covered_m2, 1),
            "residences": self.residences,
            "residences_covered": self.residences_covered,
            "households": self.households,
            "households_covered": self.households_covered,
            "unplaced_households": self.unplaced_households,
            "shares": {name: round(part / whole, 4) if whole else None for name, (part, whole) in pairs.items()},
        }


def reached(homes: Homes, circles: Sequence[shapely.Geometry]) -> Mask:
    """Tell which residences some circle covers, its border included, shape (n,)."""
    found = np.zeros(len(homes), dtype=np.bool_)
    placed = np.flatnonzero(homes.placed())
    if len(circles) and len(placed):
        tree = shapely.STRtree(homes.points[placed])
        _, hit = tree.query(np.array(list(circles), dtype=object), predicate="intersects")
        found[placed[hit]] = True
    return found


def residents_of(areas: Geometries, homes: Homes) -> list[Index]:
    """Return the rows of the residences that lie in each area; on a shared border, in both."""
    placed = np.flatnonzero(homes.placed())
    if not len(placed) or not len(areas):
        return [np.empty(0, dtype=np.int64)] * len(areas)
    area, home = shapely.STRtree(homes.points[placed]).query(areas, predicate="intersects")
    order = np.lexsort((home, area))
    rows = placed[home[order]]
    return [part.astype(np.int64) for part in np.split(rows, np.searchsorted(area[order], np.arange(1, len(areas))))]


def shares(
    areas: Geometries, circles: Sequence[shapely.Geometry], homes: Homes, unplaced_of: Sequence[int]
) -> list[Share]:
    """Return how much of each area some circle covers.

    Parameters
    ----------
    areas
        Polygons, EPSG:4490, shape (n,).
    circles
        Of one category and tier; together they count once.
    unplaced_of
        Households of each area whose residences have no position.
    """
    land = shapely.union_all(np.array(list(circles), dtype=object)) if circles else shapely.MultiPolygon()
    served = reached(homes, circles)
    covered = np.asarray(shapely.intersection(areas, land), dtype=object)
    rows = zip(
        area_m2(areas).tolist(), _land_m2(covered).tolist(), residents_of(areas, homes), unplaced_of, strict=True
    )
    return [
        Share(
            area_m2=size_m2,
            covered_m2=min(part_m2, size_m2),
            residences=len(inside),
            residences_covered=int(served[inside].sum()),
            households=int(homes.households[inside].sum()),
            households_covered=int(homes.households[inside[served[inside]]].sum()),
            unplaced_households=unplaced,
        )
        for size_m2, part_m2, inside, unplaced in rows
    ]


def _land_m2(shapes: Geometries) -> npt.NDArray[np.float64]:
    """Measure what is land of intersections, which may hold lines and points, too."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    land = shapely.get_dimensions(parts) == 2
    return np.bincount(row[land], weights=area_m2(parts[land]), minlength=len(shapes)).astype(np.float64)
