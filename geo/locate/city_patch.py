"""Patching a city held ready: what a publication changed is put beside what stays, and answers are as from scratch.

An area that is there for the first time gets the next row and the next number in its layer; one that is there no longer
keeps both, without an edge, a box or a parent that would lead to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries, texts
from geo.levels import DEFAULT
from geo.locate.city import LayerName
from geo.locate.layer_patch import layer_patch
from geo.locate.patches import ArrayPatch, Patch, applied, put
from geo.locate.ready import ReadyCity, wkb_of
from geo.locate.records import Team
from geo.locate.tables import GONE, Tables, Texts, json_bytes, records_of, rows_among, sizes_of, team_text
from geo.locate.uses import differing, uses_of
from geo.stored import StoredAreas

Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What is otherwise than it was.

    Attributes
    ----------
    areas
        As they are now: those of which anything changed or that are new, and those whose parent is. Others do no harm.
    ended
        Ids of the areas that are there no longer.
    teams
        By area id, as callers may see them: those that changed, None where there is none any more.
    """

    areas: StoredAreas
    ended: Index
    teams: Mapping[int, Team | None]


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Where the areas of a change stand.

    Attributes
    ----------
    count
        Rows so far.
    ids, order
        Of all rows, the new ones included, see :class:`geo.locate.tables.Tables`.
    changed, ended
        Rows of the areas of the change.
    """

    count: int
    ids: Index
    order: Index
    changed: Index
    ended: Index

    @classmethod
    def of(cls, tables: Tables, changes: Changes) -> "_Rows":
        known = tables.rows_of(changes.areas.ids)
        ids = np.concatenate([tables.ids, changes.areas.ids[known < 0]])
        order = np.argsort(ids, kind="stable") if len(ids) > len(tables) else tables.order
        ended = tables.rows_of(changes.ended)
        return cls(len(tables), ids, order, rows_among(changes.areas.ids, ids, order), ended[ended >= 0])


def city_patch(city: ReadyCity, changes: Changes) -> Patch | None:
    """Return what becomes of the arrays of a city, None where it has to be made from scratch."""
    rows = _Rows.of(city.tables, changes)
    layers = _layers_patch(city, changes.areas, rows)
    if layers is None:
        return None
    return {**layers, **_tables_patch(city.tables, changes, rows), **_shapes_patch(city, changes.areas, rows)}


def patched(city: ReadyCity, patch: Patch) -> ReadyCity:
    """Return what a city becomes, with arrays of its own where something changes."""
    return ReadyCity.from_arrays(applied(city.arrays(), patch), city.hierarchy)


def rehearse() -> None:
    """Patch an invented city once: what is compiled is read from the disk, which takes a while."""
    large, small = (shapely.multipolygons([shapely.box(1e-5, 1e-5, east, 3e-5)]) for east in (4e-5, 3e-5))
    before = ReadyCity.of(_alone(large), {}, DEFAULT, roomy=True)
    step = city_patch(before, Changes(_alone(small), np.empty(0, dtype=np.int64), {}))
    if step is not None:
        patched(before, step).warm_up()


def _alone(shape: shapely.Geometry) -> StoredAreas:
    """Return one grid as the only area."""
    geoms, empty, flag = np.array([shape], dtype=object), texts([""]), np.zeros(1, dtype=np.bool_)
    number = np.zeros(1, dtype=np.int64)
    return StoredAreas(
        number + 1, texts(["grid"]), empty, empty, empty, texts(["general"]), empty, number, flag, flag, empty, geoms
    )


def _texts_patch(name: str, old: Texts, rows: _Rows, places: Index, texts: Sequence[bytes]) -> Patch:
    """Put texts into rows: their bytes are appended."""
    new = Texts.of(texts)
    span = new.span + len(old.content)
    return {f"{name}.content": ArrayPatch.appending(new.content), f"{name}.span": put(rows.count, places, span)}


def _tables_patch(tables: Tables, changes: Changes, rows: _Rows) -> Patch:
    records = list(records_of(changes.areas, {}))
    documents = [json_bytes(record.document()) for record in records]
    links = [json_bytes(record.link()) for record in records]
    patch: dict[str, ArrayPatch] = {
        **_texts_patch("tables/documents", tables.documents, rows, rows.changed, documents),
        **_texts_patch("tables/links", tables.links, rows, rows.changed, links),
        **_teams_patch(tables, changes, rows),
        "tables/parents": _parents_patch(tables, changes.areas, rows),
        "tables/sizes": put(rows.count, rows.changed, sizes_of(changes.areas)),
    }
    if len(rows.ids) > rows.count:
        patch["tables/ids"] = ArrayPatch.appending(rows.ids[rows.count :])
        patch["tables/order"] = ArrayPatch.replacing(rows.order)
    return patch


def _teams_patch(tables: Tables, changes: Changes, rows: _Rows) -> Patch:
    teams = {area_id: None for area_id in rows.ids[rows.count :].tolist()} | dict(changes.teams)
    places = rows_among(np.array(list(teams), dtype=np.int64), rows.ids, rows.order)
    texts = [team_text(team) for team, place in zip(teams.values(), places, strict=True) if place >= 0]
    return _texts_patch("tables/teams", tables.teams, rows, places[places >= 0], texts)


def _parents_patch(tables: Tables, areas: StoredAreas, rows: _Rows) -> ArrayPatch:
    added = np.full(len(rows.ids) - rows.count, -1, dtype=np.int64)
    parents = np.concatenate([tables.parents, added])
    gone = parents == GONE
    gone[rows.changed], gone[rows.ended] = False, True
    parents[rows.changed] = rows_among(areas.parent_ids, rows.ids, rows.order)
    parents[(parents >= 0) & gone[parents]] = -1
    parents[rows.ended] = GONE
    at = np.flatnonzero(parents[: rows.count] != tables.parents)
    return ArrayPatch(at, parents[at], parents[rows.count :])


def _shapes_patch(city: ReadyCity, areas: StoredAreas, rows: _Rows) -> Patch:
    boxes = np.asarray(shapely.bounds(areas.geoms)).reshape(-1, 4)
    nowhere = np.full((len(rows.ended), 4), np.nan)
    lowest = np.array([level in ("grid", "microgrid") for level in areas.levels], dtype=np.bool_)
    return {
        **_texts_patch("shapes/wkb", city.shapes.wkb, rows, rows.changed, wkb_of(areas)),
        "shapes/boxes": put(rows.count, np.concatenate([rows.changed, rows.ended]), np.concatenate([boxes, nowhere])),
        "shapes/lowest": put(rows.count, rows.changed, lowest),
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Outlines:
    """Areas of one layer by their rows: boundaries (WKB) that are there no longer, and those that are there now."""

    old: dict[int, bytes]
    new: dict[int, bytes]


def _layers_patch(city: ReadyCity, areas: StoredAreas, rows: _Rows) -> Patch | None:
    names = city.index.names(city.hierarchy)
    outlines = {name: _Outlines({}, {}) for name in names}
    if not _fill(outlines, city, areas, rows):
        return None
    patch: dict[str, ArrayPatch] = {}
    for place, name in enumerate(names):
        own = outlines[name]
        if own.old or own.new:
            found = _layer_patch(city, place, own)
            if found is None:
                return None
            patch |= {f"index/{place}.{array}": each for array, each in found.items()}
    return patch


def _fill(outlines: dict[LayerName, _Outlines], city: ReadyCity, areas: StoredAreas, rows: _Rows) -> bool:
    """Sort the boundaries that change into layers; tell whether there is a layer for each."""
    tables, texts = city.tables, wkb_of(areas)
    for row in rows.ended[tables.parents[rows.ended] != GONE].tolist():
        outlines[_layer(*tables.layer_of(row))].old[row] = city.shapes.wkb[row]
    for k, row in enumerate(rows.changed.tolist()):
        name = _layer(areas.levels[k], areas.kinds[k])
        if name not in outlines:
            return False
        there = row < rows.count and tables.parents[row] != GONE
        before = _layer(*tables.layer_of(row)) if there else None
        if before == name and city.shapes.wkb[row] == texts[k]:
            continue
        if before is not None:
            outlines[before].old[row] = city.shapes.wkb[row]
        outlines[name].new[row] = texts[k]
    return True


def _layer(level: str, kind: str) -> LayerName:
    return ("grid", kind) if level == "grid" else (level, "general")


def _layer_patch(city: ReadyCity, place: int, outlines: _Outlines) -> Patch | None:
    rows = city.index.rows[place]
    wanted = np.array(sorted({*outlines.old, *outlines.new}), dtype=np.int64)
    known = np.flatnonzero(np.isin(rows, wanted))
    numbers = dict(zip(rows[known].tolist(), (known + 1).tolist(), strict=True))
    added = [row for row in outlines.new if row not in numbers]
    numbers |= {row: len(rows) + 1 + k for k, row in enumerate(added)}
    gone, come = differing(*(_uses(each, numbers) for each in (outlines.old, outlines.new)))
    patch: dict[str, ArrayPatch] = {"rows": ArrayPatch.appending(np.array(added, dtype=np.int32))} if added else {}
    if not len(gone) and not len(come):
        return patch
    found = layer_patch(city.index.layers[place].cells, gone, come)
    return None if found is None else {**patch, **found}


def _uses(outlines: dict[int, bytes], numbers: dict[int, int]) -> npt.NDArray[np.int32]:
    geoms: Geometries = np.empty(len(outlines), dtype=object)
    geoms[:] = [shapely.from_wkb(text) if text else None for text in outlines.values()]
    return uses_of(geoms, np.array([numbers[row] for row in outlines], dtype=np.int64))
