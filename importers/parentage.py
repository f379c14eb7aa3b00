"""Which stored area is the parent of each incoming one: by a field, by largest share, or made from the children."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries, Texts, texts
from geo.errors import BadInput, GeoError
from geo.matching import polygonal, snapped
from geo.measure import area_m2
from geo.nesting import largest_share
from geo.store.areas import StoredAreas
from importers.incoming import Incoming

Index = npt.NDArray[np.int64]
LEFT_OVER_M2 = 1.0
"""A special grid may lie this much beyond an area and still count as held by it: digitising noise."""


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """A row that does not come in, and why."""

    row: int
    code: str
    error: GeoError


def parents_by_text(incoming: Incoming, candidates: StoredAreas) -> tuple[Index, list[RowRefusal]]:
    """Find parents by what the file says: a code, else a local code, else a name.

    Returns
    -------
    tuple
        Row in ``candidates`` of each parent, shape (n,), -1 where the file says nothing; and the rows whose parent is
        unknown or ambiguous.
    """
    books = [_book(column) for column in (candidates.codes, candidates.local_codes, candidates.names)]
    parents = np.full(len(incoming), -1, dtype=np.int64)
    refusals = []
    for place, wanted in enumerate(incoming.parent_texts):
        if not wanted:
            continue
        found = next((book[wanted] for book in books if wanted in book), [])
        if len(found) == 1:
            parents[place] = found[0]
            continue
        kind = "unknown-parent" if not found else "ambiguous-parent"
        codes = ", ".join(str(candidates.codes[row]) for row in found[:5])
        row, code = int(incoming.rows[place]), str(incoming.codes[place])
        facts = {"parent": wanted, **({"candidates": codes} if found else {})}
        refusals.append(RowRefusal(row, code, BadInput(kind, place={"row": row, "code": code}, **facts)))
    return parents, refusals


def _book(column: Texts) -> dict[str, list[int]]:
    book: dict[str, list[int]] = defaultdict(list)
    for row, value in enumerate(column):
        if value:
            book[value].append(row)
    return book


def parents_by_share(geoms: Geometries, candidates: StoredAreas) -> Index:
    """Return the row in ``candidates`` of the area that holds the largest share of each boundary, -1 for none."""
    return largest_share(geoms, candidates.geoms).parent


def lowest_holders(geoms: Geometries, upper: Sequence[StoredAreas]) -> tuple[Index, Index]:
    """Find the lowest area that holds all of each boundary, as the parent of a special grid.

    Parameters
    ----------
    upper
        The areas of each level above, the nearest level first.

    Returns
    -------
    tuple
        Place in ``upper`` and row there, shape (n,) each; -1 where nothing holds it.
    """
    level = np.full(len(geoms), -1, dtype=np.int64)
    row = np.full(len(geoms), -1, dtype=np.int64)
    for place, areas in enumerate(upper):
        open_rows = np.flatnonzero(level < 0)
        if not len(open_rows) or not len(areas):
            continue
        held = largest_share(geoms[open_rows], areas.geoms)
        left_m2 = area_m2(geoms[open_rows]) * (1.0 - held.share)
        whole = (held.parent >= 0) & (left_m2 <= LEFT_OVER_M2)
        level[open_rows[whole]] = place
        row[open_rows[whole]] = held.parent[whole]
    return level, row


def derived_parents(incoming: Incoming, present: StoredAreas) -> Incoming:
    """Make parents from children that carry the same text: their union, vertex for vertex.

    Parameters
    ----------
    incoming
        Matched and snapped children; ``parent_texts`` names their parents.
    present
        Stored areas of the parents' level: one of the same name or code is the one that is meant.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for place, wanted in enumerate(incoming.parent_texts):
        groups[wanted].append(place)
    groups.pop("", None)
    names = sorted(groups)
    stored = {name: code for code, name in zip(present.codes, present.names, strict=True)}
    known = set(present.codes)
    codes = [_derived_code(name, [incoming.codes[one] for one in groups[name]], stored, known) for name in names]
    shapes = np.empty(len(names), dtype=object)
    shapes[:] = [union_of(incoming.geoms[groups[name]]) for name in names]
    blank = texts([""] * len(names))
    return Incoming(
        rows=np.zeros(len(names), dtype=np.int64),
        codes=texts(codes),
        local_codes=blank,
        names=texts(names),
        kinds=texts(["general"] * len(names)),
        categories=blank,
        parent_texts=blank,
        not_subdivided=np.zeros(len(names), dtype=bool),
        fully_divided=np.zeros(len(names), dtype=bool),
        geoms=shapes,
        digests=np.full(len(names), None, dtype=object),
    )


def _derived_code(name: str, children: Sequence[str], stored: dict[str, str], known: set[str]) -> str:
    if name in known:
        return name
    if name in stored:
        return stored[name]
    stems = {child[:-3] for child in children if child.isdigit() and len(child) > 3}
    return stems.pop() if len(stems) == 1 and all(children) else name


def union_of(geoms: Geometries) -> shapely.Geometry:
    """Return the union of matched neighbours with exactly the vertices of its outline."""
    if shapely.coverage_is_valid(geoms):
        return polygonal(shapely.coverage_union_all(geoms))
    # an overlap among them needs new vertices where lines cross: they must lie on the lattice too
    merged = np.array([polygonal(shapely.union_all(geoms))], dtype=object)
    return snapped(merged)[0]
