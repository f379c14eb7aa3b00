"""Parents made from their children: the union of those that carry the same text, vertex for vertex."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries, Texts, texts
from geo.matching import polygonal, snapped
from geo.stored import StoredAreas
from importers.import_report import ImportReport
from importers.incoming import Incoming
from importers.layer import Layer, placed
from importers.parentage import book, share_holders
from importers.surroundings import Surroundings

Mask = npt.NDArray[np.bool_]
BEHIND = 10**12
"""Ids of derived parents that are new lie below those of new children."""


def named_parents(children: Incoming, around: Surroundings, level: str, report: ImportReport) -> dict[str, str]:
    """Return the code of the stored parent that each text of the children means, ``""`` where it is to be made.

    Rows whose text means several are refused in the report.
    """
    stored = around.present.take(around.of_level(level))
    by_code, by_name = book(stored.codes), book(stored.names)
    meant = {}
    for wanted in sorted(set(children.parent_texts) - {""}):
        found = by_code.get(wanted) or by_name.get(wanted, [])
        meant[wanted] = stored.codes[found[0]] if len(found) == 1 else ""
        if len(found) > 1:
            codes = ", ".join(stored.codes[found[:5]])
            for place in np.flatnonzero(children.parent_texts == wanted).tolist():
                row, code = int(children.rows[place]), children.codes[place]
                report.refuse(row, code, "ambiguous-parent", parent=wanted, candidates=codes)
    return meant


def derived(
    children: Layer, meant: dict[str, str], around: Surroundings, level: str, staying: Mask
) -> tuple[Layer, Layer]:
    """Make the parents of children that are matched and snapped, with parents of their own by largest share.

    Parameters
    ----------
    meant
        As :func:`named_parents` returns it.
    around
        With the nodes that stored areas received.
    level
        The level of the parents.
    staying
        Stored areas that are neither replaced nor retired: those of the same parent belong to the union.

    Returns
    -------
    tuple
        The parents, and the children that know them.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for place, wanted in enumerate(children.areas.parent_texts):
        groups[wanted].append(place)
    groups.pop("", None)
    names = sorted(groups)
    codes = [meant[name] or _code_of(name, children.codes[groups[name]]) for name in names]
    siblings = _siblings(codes, around.present, staying)
    shapes = np.empty(len(names), dtype=object)
    shapes[:] = [
        union_of(np.concatenate([children.areas.geoms[groups[name]], others]))
        for name, others in zip(names, siblings, strict=True)
    ]
    layer = placed(_made(names, codes, shapes), around, level)
    known = layer.previous >= 0
    # a text that is a code is no name
    layer.areas.names[known] = around.present.names[layer.previous[known]]
    upper = replace(around, upper=tuple(one for one in around.upper if one != level))
    ids = np.where(layer.ids < 0, layer.ids - BEHIND, layer.ids)
    id_of = dict(zip(names, ids.tolist(), strict=True))
    own = np.array([id_of.get(wanted, 0) for wanted in children.areas.parent_texts], dtype=np.int64)
    return replace(layer, ids=ids, parents=share_holders(shapes, upper)), children.with_parents(own)


def _made(names: Sequence[str], codes: Sequence[str], shapes: Geometries) -> Incoming:
    count = len(names)
    blank = texts([""] * count)
    return Incoming(
        rows=np.zeros(count, dtype=np.int64),
        codes=texts(codes),
        local_codes=blank,
        names=texts(names),
        kinds=texts(["general"] * count),
        categories=blank,
        parent_texts=blank,
        not_subdivided=np.zeros(count, dtype=bool),
        fully_divided=np.zeros(count, dtype=bool),
        geoms=shapes,
        digests=np.full(count, None, dtype=object),
        silent=frozenset({"local_codes", "categories", "not_subdivided", "fully_divided"}),
    )


def _code_of(name: str, children: Texts) -> str:
    """Return the code that all children begin with, else the name; ``""`` where children have none."""
    if any(code == "" for code in children):
        return ""
    stems = {code[:-3] for code in children if code.isdigit() and len(code) > 3}
    return stems.pop() if len(stems) == 1 else name


def _siblings(codes: Sequence[str], present: StoredAreas, staying: Mask) -> list[Geometries]:
    rows_of = book(
        [code if stays else None for code, stays in zip(present.parent_codes(present), staying, strict=True)]
    )
    return [present.geoms[rows_of.get(code, [])] for code in codes]


def union_of(geoms: Geometries) -> shapely.Geometry:
    """Return the union of matched neighbours with exactly the vertices of its outline."""
    if shapely.coverage_is_valid(geoms):
        return polygonal(shapely.coverage_union_all(geoms))
    # an overlap among them needs new vertices where lines cross: they must lie on the lattice too
    merged = np.array([polygonal(shapely.union_all(geoms))], dtype=object)
    return snapped(merged)[0]
