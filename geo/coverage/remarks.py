"""Remarks that need more than boundaries: households, teams, residential estates."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Areas
from geo.coverage.metric import ELLIPSOIDAL, Metric
from geo.findings import Finding, make_findings

GRID_HOUSEHOLDS: Final = (300, 500)
MICROGRID_HOUSEHOLDS: Final = (30, 100)
Staff = tuple[int, int, int]
"""How many grid workers, community workers and police officers."""


def sizes(
    level: Areas,
    households: npt.ArrayLike,
    wanted: tuple[int, int] = GRID_HOUSEHOLDS,
    *,
    metric: Metric = ELLIPSOIDAL,
) -> list[Finding]:
    """Return areas with fewer or more households than wanted; the detail is their number.

    Parameters
    ----------
    level
        Any areas.
    households
        Of each, shape (n,); negative where not known, which is no finding.
    wanted
        Least and most, both included.
    """
    counts = np.asarray(households, dtype=np.int64)
    rows = np.flatnonzero((counts >= 0) & ((counts < wanted[0]) | (counts > wanted[1])))
    return _of_areas("size", level.take(rows), [str(count) for count in counts[rows]], metric)


def teams(level: Areas, staff: Mapping[str, Staff], *, metric: Metric = ELLIPSOIDAL) -> list[Finding]:
    """Return areas without a team, or whose team lacks a grid worker, a community worker or a police officer.

    Parameters
    ----------
    staff
        By area code; areas without a team are absent.
    """
    details = ["no team" if code not in staff else "incomplete" for code in level.codes]
    lacking = np.array([code not in staff or min(staff[code]) < 1 for code in level.codes], dtype=np.bool_)
    rows = np.flatnonzero(lacking)
    return _of_areas("team", level.take(rows), [details[row] for row in rows], metric)


def split_estates(
    level: Areas, estates: Areas, *, tolerance_m: float = 1.0, metric: Metric = ELLIPSOIDAL
) -> list[Finding]:
    """Return residential estates (小区) that a border of the level cuts.

    Each part must be as wide as the tolerance. The codes are those of the areas that have a part, the geometry is the
    estate, and the detail its name.

    Parameters
    ----------
    level, estates
        Valid polygons in the same CRS.
    """
    estate, row = shapely.STRtree(level.geoms).query(estates.geoms, predicate="intersects")
    parts = shapely.intersection(estates.geoms[estate], level.geoms[row])
    areal = shapely.get_dimensions(parts) == 2
    estate, row, parts = estate[areal], row[areal], parts[areal]
    wide = metric.width_m(shapely.buffer(parts, 0)) >= tolerance_m
    estate, row = estate[wide], row[wide]
    cut = [index for index, times in enumerate(np.bincount(estate, minlength=len(estates))) if times > 1]
    geoms = estates.geoms[cut]
    return make_findings(
        "splits_estate",
        [tuple(sorted(str(code) for code in level.codes[row[estate == index]])) for index in cut],
        geoms,
        cell=metric.cell,
        area_m2=metric.area_m2(geoms),
        width_m=metric.width_m(geoms),
        details=[str(name) for name in estates.names[cut]],
    )


def _of_areas(kind: str, level: Areas, details: Sequence[str], metric: Metric) -> list[Finding]:
    return make_findings(
        kind,
        [(str(code),) for code in level.codes],
        level.geoms,
        cell=metric.cell,
        area_m2=metric.area_m2(level.geoms),
        width_m=metric.width_m(level.geoms),
        details=details,
    )
