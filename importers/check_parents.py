"""The parents of a check: read, brought into the CRS of the children, and found by name or by largest share."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from geo.areas import among
from geo.crs import Crs, parse_crs
from geo.errors import BadInput, GeoError
from importers.boundary_file import BoundaryFile
from importers.check_rows import BEYOND, RowsToCheck, read_for_check


def read_parents(
    path: Path, *, crs_text: str | None, encoding: str | None, code_field: str | None, parent_field: str | None
) -> BoundaryFile:
    """Read the file of the parents.

    Their codes stand in the field that was named for the children if there is one of that name, else in a field that
    is known to hold codes, else in one of the name by which the children name their parents.

    Parameters
    ----------
    path
        The file.
    crs_text
        Taken where the file declares nothing: both files may come from the same hand, but need not.
    encoding, code_field, parent_field
        As they were given for the children.

    Raises
    ------
    BadInput, NotFound, TooLarge
        For a file that cannot be read whole or whose CRS is unknown.
    """
    file = _in_some_crs(path, crs_text, encoding, code_field)
    if file.codes_assigned and parent_field is not None and parent_field in file.columns:
        return _in_some_crs(path, crs_text, encoding, parent_field)
    return file


def _in_some_crs(path: Path, crs_text: str | None, encoding: str | None, code_field: str | None) -> BoundaryFile:
    try:
        file = _with_some_codes(path, None, encoding, code_field)
    except BadInput as refusal:
        if crs_text is None or not refusal.kind.startswith("crs-missing"):
            raise
        return _with_some_codes(path, crs_text, encoding, code_field)
    if file.crs_origin == "format" and crs_text is not None and parse_crs(crs_text).kind != "projected":
        return _with_some_codes(path, crs_text, encoding, code_field)
    return file


def _with_some_codes(path: Path, crs_text: str | None, encoding: str | None, code_field: str | None) -> BoundaryFile:
    try:
        return read_for_check(path, crs_text=crs_text, encoding=encoding, code_field=code_field)
    except BadInput as refusal:
        if refusal.kind != "unknown-code-field":
            raise
    return read_for_check(path, crs_text=crs_text, encoding=encoding)


def moved(own: RowsToCheck, source: Crs, target: Crs) -> RowsToCheck:
    """Return the rows in another CRS; what cannot be converted loses its boundary and is said."""
    geoms = own.areas.geoms
    xy, row = shapely.get_coordinates(geoms, return_index=True)
    degrees = source.converted(xy)
    lost = np.zeros(len(geoms), dtype=np.bool_)
    lost[row[~(np.isfinite(degrees).all(axis=1) & (np.abs(degrees) <= [180, 90]).all(axis=1))]] = True
    defects = own.defects | dict.fromkeys(np.flatnonzero(lost).tolist(), BEYOND)
    kept = geoms.copy()
    kept[lost] = None
    there = shapely.transform(kept, lambda points: target.from_stored(source.converted(points)))
    return replace(own.with_geoms(there), defects=defects)


def with_known_parents(
    children: RowsToCheck, parents: RowsToCheck, file: BoundaryFile, above: BoundaryFile
) -> tuple[RowsToCheck, list[GeoError]]:
    """Forget the parents that some field seems to name when none of them stands in the file of the parents.

    The largest share decides then, and a remark says so. Ask only for a field that was found, not for one that was
    given.
    """
    own = children.areas
    if not (own.parents != "").any() or among(own.parents, parents.areas.codes).any():
        return children, []
    facts = {"field": file.used.parent, "name": above.name}
    remark = BadInput("parents-not-named", place={"file": file.name}, **facts)
    unnamed = replace(own, parents=np.full(len(own), "", dtype=object))
    return replace(children, areas=unnamed), [remark]
