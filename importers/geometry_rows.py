"""Judging the rows of a boundary file: which can be boundaries as they are, which not, and why and where."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.errors import BadInput, TooLarge
from importers.boundary_file import BoundaryFile
from importers.boundary_rows import BoundaryRows, CheckedRows, Refusal, Repair
from importers.limits import Limits

_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7
_COLLECTIVE: Final = (4, 5, _MULTIPOLYGON, _COLLECTION)
_BLOCK_ROWS: Final = 16384
_MOST_ROWS_NAMED: Final = 10

# What GEOS says (IsValidOp) and the kind it is here.
_DEFECTS: Final = {
    "Self-intersection": "self-intersection",
    "Ring Self-intersection": "ring-touches-itself",
    "Hole lies outside shell": "hole-outside-shell",
    "Holes are nested": "rings-nested",
    "Nested shells": "rings-nested",
    "Duplicate Rings": "rings-repeated",
    "Interior is disconnected": "interior-cut-apart",
}
_REASON: Final = re.compile(r"^([^\[]*)(?:\[(\S+) (\S+)\])?")

Mask = npt.NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class _Judgement:
    """Rows on their way through the checks; a row that was refused is judged no further."""

    file: str
    rows: BoundaryRows
    geoms: Geometries
    sound: Mask
    refusals: list[Refusal] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)

    def refuse(self, which: Mask, kind: str, facts: Callable[[int], dict[str, Any]] | None = None) -> None:
        """Refuse the sound rows of a mask."""
        for index in np.flatnonzero(which & self.sound):
            self.refuse_row(int(index), kind, **(facts(int(index)) if facts else {}))

    def refuse_row(self, index: int, kind: str, **facts: Any) -> None:
        """Refuse one row."""
        row, code = int(self.rows.numbers[index]), str(self.rows.codes[index])
        shown = code or str(self.rows.names[index]) or "-"
        place = {"file": self.file, "row": row, "code": code}
        place |= {axis: facts[axis] for axis in ("x", "y") if axis in facts}
        family = TooLarge if kind == "ring-too-long" else BadInput
        error = family(kind, place=place, row=row, **({"code": shown} | facts))
        self.refusals.append(Refusal(row, code, error))
        self.sound[index] = False

    def each_sound(self, test: Callable[[Geometries], Mask]) -> Mask:
        """Apply a test to the sound rows, block by block so that memory stays bounded."""
        answer = np.zeros(len(self.geoms), dtype=bool)
        index = np.flatnonzero(self.sound)
        for start in range(0, len(index), _BLOCK_ROWS):
            block = index[start : start + _BLOCK_ROWS]
            answer[block] = test(self.geoms[block])
        return answer


def checked_rows(file: BoundaryFile, *, make_valid: bool = False, limits: Limits | None = None) -> CheckedRows:
    """Judge every row of a file.

    Repeated vertices are dropped and rings are wound with the interior on their left without a word. Duplicate codes
    refuse all their rows: which one is meant is for the planner to say.

    Parameters
    ----------
    file
        As :func:`importers.boundary_file.read_boundaries` returns it.
    make_valid
        Mend invalid polygons (:func:`shapely.make_valid`, method ``structure``), close rings, and take the polygons
        out of collections; what that changed is in ``repairs``.
    limits
        ``ring_vertices`` is used.

    Returns
    -------
    CheckedRows
        Sound rows, refusals and repairs; nothing is raised for a row.
    """
    limits = limits or Limits()
    state = _Judgement(file.name, file.rows, file.rows.geoms.copy(), np.ones(len(file.rows), dtype=bool))
    _judge_presence(state, make_valid=make_valid)
    _judge_coordinates(state, geographic=file.geographic, limits=limits)
    _judge_validity(state, make_valid=make_valid)
    geometry_sound = state.sound.copy()
    state.sound[:] = True
    _judge_codes(state, file)
    good = state.sound & geometry_sound
    rows = file.rows.take(good).with_geoms(_normal(state.geoms[good]))
    refusals = sorted([*file.refusals, *state.refusals], key=lambda refusal: refusal.row)
    return CheckedRows(rows, tuple(refusals), tuple(sorted(state.repairs, key=lambda repair: repair.row)))


def _judge_presence(state: _Judgement, *, make_valid: bool) -> None:
    """Refuse what is no polygon at all; with ``make_valid``, close rings and take collections apart."""
    state.refuse(state.rows.unreadable, "unreadable-geometry")
    state.refuse(shapely.is_missing(state.geoms), "no-geometry")
    state.refuse(shapely.is_empty(state.geoms), "empty-geometry")
    kinds = shapely.get_type_id(state.geoms)
    collections = state.sound & (kinds == _COLLECTION)
    if make_valid:
        for index in np.flatnonzero(collections):
            _take_polygons(state, int(index))
        for index in np.flatnonzero(state.rows.unclosed & state.sound):
            _note_repair(state, int(index), "unclosed-ring", state.geoms[index], state.geoms[index])
    else:
        state.refuse(state.rows.unclosed, "unclosed-ring")
        holding = np.zeros(len(kinds), dtype=bool)
        holding[collections] = [_polygons(shape) is not None for shape in state.geoms[collections]]
        state.refuse(holding, "mixed-collection")
    kinds = shapely.get_type_id(state.geoms)
    state.refuse(
        ~np.isin(kinds, (_POLYGON, _MULTIPOLYGON)),
        "not-a-polygon",
        lambda index: {"geometry_type": state.geoms[index].geom_type},
    )


def _take_polygons(state: _Judgement, index: int) -> None:
    collection = state.geoms[index]
    polygons = _polygons(collection)
    if polygons is not None:
        state.geoms[index] = polygons
        _note_repair(state, index, "mixed-collection", collection, polygons)


def _polygons(shape: Any) -> Any:
    """Return the polygons of a geometry as one, ``None`` without any."""
    parts = np.array([shape], dtype=object)
    while np.isin(shapely.get_type_id(parts), _COLLECTIVE).any():
        parts = shapely.get_parts(parts)
    areal = parts[(shapely.get_type_id(parts) == _POLYGON) & ~shapely.is_empty(parts)]
    if not len(areal):
        return None
    return areal[0] if len(areal) == 1 else shapely.multipolygons(areal)


def _judge_coordinates(state: _Judgement, *, geographic: bool, limits: Limits) -> None:
    odd = state.each_sound(_has_odd_coordinates)
    state.refuse(
        odd,
        "coordinates-not-finite",
        lambda index: {"count": int((~np.isfinite(shapely.get_coordinates(state.geoms[index]))).any(axis=1).sum())},
    )
    if geographic:
        bounds = shapely.bounds(state.geoms)
        beyond = (np.abs(bounds[:, [0, 2]]) > 180).any(axis=1) | (np.abs(bounds[:, [1, 3]]) > 90).any(axis=1)
        edges = ("west", "south", "east", "north")
        state.refuse(
            beyond,
            "beyond-degrees",
            lambda index: {edge: f"{value:.10g}" for edge, value in zip(edges, bounds[index], strict=True)},
        )
    for index in np.flatnonzero(state.sound & (shapely.get_num_coordinates(state.geoms) > limits.ring_vertices)):
        rings = shapely.get_rings(shapely.get_parts(state.geoms[index]))
        vertices = int(shapely.get_num_coordinates(rings).max()) - 1
        if vertices > limits.ring_vertices:
            state.refuse_row(int(index), "ring-too-long", vertices=vertices, limit=limits.ring_vertices)


def _has_odd_coordinates(geoms: Geometries) -> Mask:
    xy, row = shapely.get_coordinates(geoms, return_index=True)
    odd = np.zeros(len(geoms), dtype=bool)
    odd[row[~np.isfinite(xy).all(axis=1)]] = True
    return odd


def _judge_validity(state: _Judgement, *, make_valid: bool) -> None:
    invalid = state.each_sound(lambda geoms: ~shapely.is_valid(geoms))
    index = np.flatnonzero(invalid)
    reasons: Iterable[str] = shapely.is_valid_reason(state.geoms[index])
    for row, reason in zip(index.tolist(), reasons, strict=True):
        kind, facts = _defect(str(reason))
        if not make_valid:
            state.refuse_row(row, kind, **facts)
            continue
        before = state.geoms[row]
        after = _mended(before, kind)
        if after is None:
            state.refuse_row(row, "not-mendable")
            continue
        state.geoms[row] = after
        _note_repair(state, row, kind, before, after)


def _defect(reason: str) -> tuple[str, dict[str, str]]:
    """Return the kind and place of what GEOS says, such as ``Self-intersection[103.8 30.1]``."""
    match = _REASON.match(reason)
    text, x, y = match.groups() if match else (reason, None, None)
    return _DEFECTS.get(text.strip(), "invalid-polygon"), {"x": x or "?", "y": y or "?"}


def _mended(shape: Any, kind: str) -> Any:
    """Return a valid polygon or multipolygon for an invalid one, ``None`` when there is no way."""
    if kind == "hole-outside-shell":
        exchanged = _with_largest_ring_as_shell(shape)
        if exchanged.is_valid:
            return exchanged
    mended = _polygons(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    if mended is not None and not mended.is_valid:
        # GEOS 3.14 leaves loops on both sides of an edge as two parts that share it.
        mended = _polygons(shapely.union_all(shapely.get_parts(mended)))
    return mended if mended is not None and mended.is_valid else None


def _with_largest_ring_as_shell(shape: Any) -> Any:
    """Return polygons whose shell and hole were exchanged with the largest ring as shell."""
    parts = []
    for part in shapely.get_parts([shape]).tolist():
        rings = sorted(shapely.get_rings(part), key=lambda ring: -shapely.Polygon(ring).area)
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _note_repair(state: _Judgement, index: int, reason: str, before: Any, after: Any) -> None:
    row, code = int(state.rows.numbers[index]), str(state.rows.codes[index])
    state.repairs.append(Repair(row, code, reason, before, after, float(before.area), float(after.area)))


def _judge_codes(state: _Judgement, file: BoundaryFile) -> None:
    """Refuse rows without code and every row of a code that stands twice, unless codes are to be assigned."""
    state.sound[[refusal.row - 1 for refusal in file.refusals]] = False
    codes = state.rows.codes
    if file.codes_assigned:
        return
    state.refuse(codes == "", "empty-code", lambda index: {"area": state.rows.names[index] or "-"})
    unique, inverse, counts = np.unique(codes.astype(str), return_inverse=True, return_counts=True)
    for code in np.flatnonzero((counts > 1) & (unique != "")):
        twins = np.flatnonzero(inverse == code)
        numbers = ", ".join(map(str, state.rows.numbers[twins[:_MOST_ROWS_NAMED]]))
        rows = numbers + (" …" if len(twins) > _MOST_ROWS_NAMED else "")
        for index in twins:
            state.refuse_row(int(index), "duplicate-code", rows=rows)


def _normal(geoms: Geometries) -> Geometries:
    """Drop repeated vertices and wind rings with the interior on their left."""
    return np.asarray(shapely.orient_polygons(shapely.remove_repeated_points(geoms, 0.0)), dtype=object)
