"""The rows of a boundary file as areas to be checked: nothing is refused, what is odd is a finding or a remark."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Areas, Geometries
from geo.codes import DEFAULT_SCHEME
from geo.coverage.metric import Metric
from geo.errors import BadInput, GeoError
from geo.findings import Finding, make_findings
from importers.boundary_file import BoundaryFile, read_boundaries
from importers.boundary_rows import BoundaryRows

UNREADABLE: Final = "unreadable geometry"
UNCLOSED: Final = "ring not closed"
BEYOND: Final = "beyond the globe"
_MOST_DOUBTS_TOLD: Final = 3
_MOST_FIELDS_TOLD: Final = 12

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class RowsToCheck:
    """A file's rows made ready.

    Attributes
    ----------
    areas
        All rows; those without code are called by their number.
    rows
        The same as they were read.
    defects
        Reason by row, for what a check of the geometry alone cannot know.
    remarks
        What was assumed about codes.
    """

    areas: Areas
    rows: BoundaryRows
    defects: dict[int, str]
    remarks: tuple[GeoError, ...]

    @property
    def special(self) -> Mask:
        """Which rows are special grids, shape (n,)."""
        return np.asarray(self.rows.kinds == "special", dtype=np.bool_)

    def with_geoms(self, geoms: Geometries) -> Self:
        """Return the same rows with other boundaries."""
        return replace(self, areas=replace(self.areas, geoms=geoms))

    def findings(self, metric: Metric) -> list[Finding]:
        """Return the defects as findings."""
        index = np.array(sorted(self.defects), dtype=np.int64)
        places = np.full(len(index), None, dtype=object)
        for place, row in enumerate(index.tolist()):
            if self.defects[row] == UNCLOSED:
                places[place] = shapely.Point(shapely.get_coordinates(self.areas.geoms[row])[0])
        named = [(str(code),) for code in self.areas.codes[index]]
        details = [self.defects[row] for row in index.tolist()]
        return make_findings("invalid_geometry", named, places, cell=metric.cell, details=details)


def read_for_check(
    path: Path,
    *,
    layer: str | None = None,
    crs_text: str | None = None,
    encoding: str | None = None,
    code_field: str | None = None,
    parent_field: str | None = None,
) -> BoundaryFile:
    """Read a file; one without a field of codes is read all the same.

    Raises
    ------
    BadInput, NotFound, TooLarge
        As :func:`importers.boundary_file.read_boundaries`, but for ``no-code-field``.
    """

    def read(*, assign_codes: bool) -> BoundaryFile:
        return read_boundaries(
            path,
            layer=layer,
            crs_text=crs_text,
            encoding=encoding,
            code_field=code_field,
            parent_field=parent_field,
            assign_codes=assign_codes,
        )

    try:
        return read(assign_codes=False)
    except BadInput as refusal:
        if refusal.kind != "no-code-field":
            raise
    return read(assign_codes=True)


def rows_to_check(file: BoundaryFile, sign: str) -> RowsToCheck:
    """Make all rows of a file ready for a check.

    Parameters
    ----------
    file
        As :func:`read_for_check` returns it.
    sign
        Stands before the number of a row that has no code.
    """
    rows = file.rows
    given = rows.local_codes if file.codes_assigned else rows.codes
    bare = given == ""
    numbered = np.array([f"{sign}{number}" for number in rows.numbers], dtype=object)
    codes = np.where(bare, numbered, given)
    names = np.where(rows.names == "", codes, rows.names)
    defects = dict.fromkeys(np.flatnonzero(rows.unreadable).tolist(), UNREADABLE)
    defects |= dict.fromkeys(np.flatnonzero(rows.unclosed).tolist(), UNCLOSED)
    beyond = _beyond(rows.geoms) if file.geographic else np.zeros(len(rows), dtype=np.bool_)
    defects |= dict.fromkeys(np.flatnonzero(beyond).tolist(), BEYOND)
    geoms = rows.geoms.copy()
    geoms[beyond] = None
    areas = Areas(level_of_codes(codes), codes, names, rows.parents, geoms)
    return RowsToCheck(areas, rows, defects, _remarks(file, bare, numbered))


def _some(fields: tuple[str, ...]) -> str:
    shown = ", ".join(fields[:_MOST_FIELDS_TOLD]) or "–"
    return f"{shown} …" if len(fields) > _MOST_FIELDS_TOLD else shown


def _beyond(geoms: Geometries) -> Mask:
    bounds = np.abs(shapely.bounds(geoms))
    # What is not finite has a reason of its own.
    return np.isfinite(bounds).all(axis=1) & (bounds > [180, 90, 180, 90]).any(axis=1)


def level_of_codes(codes: npt.NDArray[np.object_]) -> str:
    """Return the level that all codes have the form of, "" where they differ."""
    levels = {DEFAULT_SCHEME.level_of(str(code)) for code in codes}
    return (levels.pop() or "") if len(levels) == 1 else ""


def _remarks(file: BoundaryFile, bare: Mask, numbered: npt.NDArray[np.object_]) -> tuple[GeoError, ...]:
    place = {"file": file.name}
    remarks: list[GeoError] = list(file.remarks)
    if bare.all():
        example, fields = str(numbered[0]), _some(file.columns)
        remarks.append(BadInput("codes-by-row", place=place, name=file.name, example=example, fields=fields))
    elif bare.any():
        facts = {"count": int(bare.sum()), "example": str(numbered[bare][0])}
        remarks.append(BadInput("rows-without-code", place=place, name=file.name, **facts))
    if file.refusals:
        remarks.append(BadInput("rows-doubtful", place=place, name=file.name, count=len(file.refusals)))
        remarks += [refusal.error for refusal in file.refusals[:_MOST_DOUBTS_TOLD]]
    return tuple(remarks)
