"""Random operations on random towns of four levels: no overlap, no gap, nothing lost, levels matched, exactly."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.adjust import NOBODY, Former, Households, Scene, adjust
from geo.adjust.operations import (
    Boundary,
    Create,
    Merge,
    Patch,
    Recode,
    Redraw,
    Rename,
    Reparent,
    Retire,
    Revert,
    Split,
    Transfer,
)
from geo.adjust.placing import holders
from geo.adjust.state import Area, multi, rows_of, stored
from geo.areas import areas as areas_of
from geo.coverage import Terms, check, check_hierarchy
from geo.errors import GeoError
from geo.lattice import degrees, is_on_lattice, snap
from geo.measure import area_m2, perimeter_m
from geo.rings import rings_of

SIDE, BLOCK, CHAIN = 4, 2, 3
STEP = 30_000
"""Cells from corner to corner: about 300 m."""
M = 1 / 111_000
TOWN = "511402002"
OPERATIONS = (
    "create", "redraw", "merge", "split", "carve", "transfer", "across", "children", "retire", "reparent", "rename",
    "recode", "patch",
)  # fmt: skip
seeds = st.integers(0, 2**32 - 1)
exact = settings(max_examples=25, deadline=None)


def mesh(dice, side):
    """Return side × side quadrilaterals with wiggly borders on the lattice, some of them straight."""
    corner = np.stack(np.meshgrid(*[np.arange(side + 1) * STEP] * 2, indexing="ij"), axis=-1)
    corner += np.array([1_038_000_000, 300_000_000])
    corner += dice.integers(-STEP // 5, STEP // 5, corner.shape)
    along = np.linspace(0, 1, CHAIN + 2)[:, None]

    def chain(a, b):
        line = a[..., None, :] * (1 - along) + b[..., None, :] * along
        line[..., 1:-1, :] += dice.uniform(-STEP / 20, STEP / 20, line[..., 1:-1, :].shape)
        return np.rint(line)

    south, west = chain(corner[:-1], corner[1:]), chain(corner[:, :-1], corner[:, 1:])
    ring = [south[:, :-1, :-1], west[1:, :, :-1], south[:, 1:, :0:-1], west[:-1, :, ::-1]]
    rings = np.concatenate(ring, axis=2).reshape(side * side, -1, 2)
    return [shapely.Polygon(degrees(one)) for one in rings]


def a_town(dice):
    """Return a town of 4 communities of 4 grids each; one grid is wholly divided into microgrids, two are special."""
    grids = mesh(dice, SIDE)
    block = [at // SIDE // BLOCK * (SIDE // BLOCK) + at % SIDE // BLOCK for at in range(SIDE * SIDE)]
    rows = [row(1, "town", TOWN, 0, shapely.coverage_union_all(grids))]
    for one in range(max(block) + 1):
        whole = shapely.coverage_union_all([geom for geom, own in zip(grids, block, strict=True) if own == one])
        rows.append(row(10 + one, "community", f"{TOWN}{one + 1:03d}", 1, whole))
    number = Counter()
    for at, (geom, own) in enumerate(zip(grids, block, strict=True)):
        number[own] += 1
        code = f"{TOWN}{own + 1:03d}{number[own]:03d}"
        rows.append(row(100 + at, "grid", code, 10 + own, geom, fully_divided=at == 5))
    host = next(one for one in rows if one.fully_divided)
    ring = rings_of(np.array([host.geom]))
    halves = shapely.get_parts(shapely.polygonize([shapely.LineString(np.vstack([ring.xy, ring.xy[:1]]))]))
    rows.append(row(200, "microgrid", host.code + "01", host.id, halves[0]))
    for at, grid in enumerate((0, 15)):
        spot = shapely.point_on_surface(grids[grid])
        market = on_lattice(shapely.buffer(spot, 30 * M, quad_segs=2))
        rows.append(row(300 + at, "grid", f"{TOWN}{block[grid] + 1:03d}80{at}", 10 + block[grid], market, "special"))
    return stored(rows)


def row(number, level, code, parent, geom, kind="general", *, fully_divided=False):
    return Area(number, level, code, "", code, kind, "", parent, False, fully_divided, None, multi(geom))


def on_lattice(geom):
    return shapely.transform(geom, lambda xy: degrees(snap(xy)))


def some_people(dice, areas):
    """Return households at random places, many of them on vertices and borders; some without a position."""
    corners = snap(shapely.get_coordinates(areas.geoms))
    low, high = corners.min(axis=0), corners.max(axis=0)
    xy = np.concatenate([dice.integers(low, high, (150, 2)), dice.choice(corners, 50), np.zeros((5, 2), dtype=int)])
    registered = np.concatenate([np.zeros(200, dtype=int), dice.choice(areas.ids[areas.levels == "grid"], 5)])
    return Households(np.arange(len(xy)), xy, dice.integers(0, 9, len(xy)), registered)


class Wishes:
    """Random operations that fit some areas, more or less."""

    def __init__(self, dice, areas):
        self.dice = dice
        self.rows = list(rows_of(areas))
        self.by_id = {one.id: one for one in self.rows}

    def make(self, name):
        return getattr(self, name)()

    def one(self, *levels, kinds=("general",)):
        return self.pick([row for row in self.rows if row.level in levels and row.kind in kinds])

    def pick(self, choices):
        return choices[self.dice.integers(len(choices))] if len(choices) else None

    def beside(self, area, *, same_parent=True):
        """Return areas of the level that share a border with an area."""
        return [
            other
            for other in self.rows
            if (other.level, other.kind) == (area.level, area.kind) and other.id != area.id
            if (other.parent_id == area.parent_id) == same_parent
            if shapely.length(shapely.intersection(other.geom, area.geom)) > 0
        ]

    def blob(self, geom, least_m=5, most_m=150):
        """Return a round thing about a random place on a border, with coordinates off the lattice."""
        x, y = self.pick(shapely.get_coordinates(geom))
        radius = self.dice.uniform(least_m, most_m) * M
        turn = np.sort(self.dice.uniform(0, 2 * np.pi, self.dice.integers(4, 12)))
        reach = radius * self.dice.uniform(0.6, 1, len(turn))
        shape = shapely.Polygon(np.column_stack([x + reach * np.cos(turn), y + reach * np.sin(turn)]))
        return shape if shape.is_valid and shape.area > 0 else shapely.buffer(shapely.Point(x, y), radius)

    def create(self):
        parent = self.one("community", "town")
        level = {"town": "community", "community": "grid"}[parent.level]
        geom = shapely.intersection(self.blob(parent.geom), parent.geom)
        if self.dice.random() < 0.2:
            return [Create("grid", self.blob(parent.geom, 3, 20), kind="special", category="park")]
        return [Create(level, biggest(geom), parent=parent.code, neighbours="follow")]

    def redraw(self):
        area = self.one("grid", "community", "grid", "microgrid", kinds=("general", "special"))
        act = shapely.union if self.dice.random() < 0.5 else shapely.difference
        geom = act(area.geom, self.blob(area.geom))
        parent = self.by_id[area.parent_id]
        return [Redraw(area.code, biggest(shapely.intersection(geom, parent.geom)))]

    def merge(self):
        area = self.one("grid", "community")
        other = self.pick(self.beside(area))
        return [Merge((area.code, other.code))] if other else []

    def split(self):
        area = self.one("grid", "grid", "community", "microgrid")
        x0, y0, x1, y1 = shapely.bounds(area.geom)
        ends = self.dice.uniform((x0, y0), (x1, y1), (2, 2))
        out = ends[1] - ends[0]
        line = np.vstack([ends[0] - out * self.dice.uniform(0, 3), ends, ends[1] + out * self.dice.uniform(0, 3)])
        return [Split(area.code, line=shapely.LineString(line))]

    def carve(self):
        area = self.one("grid", "microgrid", kinds=("general", "special"))
        return [Split(area.code, parts=(self.blob(area.geom),))]

    def transfer(self):
        area = self.one("grid", "grid", "community")
        other = self.pick(self.beside(area))
        if other is None:
            return []
        edge = shapely.intersection(area.geom, other.geom)
        return [Transfer(area.code, other.code, geometry=self.blob(edge))]

    def across(self):
        area = self.one("grid")
        other = self.pick(self.beside(area, same_parent=False))
        if other is None:
            return []
        blob = self.blob(shapely.intersection(area.geom, other.geom))
        piece = shapely.intersection(blob, area.geom)
        upper = [self.by_id[one.parent_id].code for one in (area, other)]
        both = [Transfer(area.code, other.code, geometry=piece), Transfer(*upper, geometry=piece)]
        return both if self.dice.random() < 0.5 else both[::-1]

    def children(self):
        area = self.one("grid")
        other = self.pick(self.beside(area, same_parent=False))
        if other is None:
            return []
        return [Transfer(*(self.by_id[one.parent_id].code for one in (area, other)), areas=(area.code,))]

    def retire(self):
        area = self.one("grid", "grid", "community", kinds=("general", "special"))
        if area.kind == "special":
            return [Retire(area.code)]
        other = self.pick(self.beside(area))
        return [Retire(area.code, heir=other.code)] if other else []

    def reparent(self):
        area = self.one("grid")
        return [Reparent((area.code,), self.by_id[area.parent_id].code)]

    def rename(self):
        return [Rename(self.one("grid", "community").code, name="新名")]

    def recode(self):
        area = self.one("grid", "community")
        return [Recode(area.code, area.code[:-3] + f"{self.dice.integers(1, 199):03d}")]

    def patch(self):
        """Move one vertex of all areas that have it, level by level."""
        area = self.one("grid")
        vertex = self.pick(shapely.get_coordinates(area.geom))
        there = vertex + self.dice.uniform(-30, 30, 2) * M
        moved = []
        for level in ("microgrid", "grid", "community", "town"):
            rows = [one for one in self.rows if (one.level, one.kind) == (level, "general")]
            rows = [one for one in rows if (shapely.get_coordinates(one.geom) == vertex).all(axis=1).any()]
            if rows:
                moved.append(Patch(tuple(Boundary(one.code, self.bent(one.geom, vertex, there)) for one in rows)))
        return moved

    def bent(self, geom, vertex, there):
        return shapely.transform(geom, lambda xy: np.where((xy == vertex).all(axis=1)[:, None], there, xy))


def biggest(geom):
    parts = [part for part in shapely.get_parts(geom) if part.geom_type == "Polygon"]
    return max(parts, key=shapely.area)


def twice_cells(geoms):
    """Return twice the area of boundaries in cells: an exact integer."""
    rings = rings_of(np.asarray(geoms, dtype=object), lattice=True)
    a = (rings.xy - rings.xy[0]).astype(object)
    b = a[rings.next_vertex()]
    return int((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum())


def require_sound(result):
    """Hold that the levels are seamless, matched and within each other, and that children make up their parent.

    Returns whether it would be published: a grid that is wholly divided and got land has none for its microgrids yet.
    """
    areas = result.after
    general = areas.take(areas.kinds == "general")
    levels = {level: general.of_level(level).as_areas(level, areas) for level in dict.fromkeys(general.levels)}
    divided = [str(code) for code in areas.codes[areas.fully_divided]]
    found = check_hierarchy(levels, terms=Terms(lattice=True, divided=divided))
    blocking = [one for level in found.values() for one in level.findings if one.blocking]
    grown = {one for step in result.steps for one in step.gained_m2}
    undivided = [str(code) for own, code in zip(areas.ids.tolist(), areas.codes, strict=True) if own in grown]
    rest = [
        one for one in blocking if one.kind != "gap" or one.codes[0] not in undivided or one.codes[0] not in divided
    ]
    assert [(one.kind, one.codes, one.area_m2) for one in rest] == []
    special = areas.take(areas.kinds == "special")
    if len(special):
        found = check(areas_of("grid", special.codes, special.geoms), lattice=True, sparse=True)
        assert [one.kind for one in found.findings if one.blocking] == []
    assert is_on_lattice(areas.geoms)
    for parent in rows_of(general.take((general.levels != "microgrid") & (general.levels != "grid"))):
        children = general.geoms[general.parent_ids == parent.id]
        assert twice_cells(children) == twice_cells([parent.geom])
    return not blocking


def require_told(scene, result):
    """Hold that nothing vanished untold: ids, codes, lineage, households, and nodes that hardly move a line."""
    before, after = ({one.id: one for one in rows_of(each)} for each in (scene.areas, result.after))
    assert set(result.ended) == before.keys() - after.keys()
    assert set(result.created) == after.keys() - before.keys()
    assert len({one.code for one in after.values()}) == len(after)
    new_codes = {one.code for one in after.values()} - {one.code for one in before.values()}
    assert not new_codes & scene.codes_taken
    unchanged = before.keys() - {*result.changed, *result.noded, *result.ended}
    assert all(after[one].geom is before[one].geom and after[one].code == before[one].code for one in unchanged)
    for one in result.noded:
        line, other = before[one].geom.boundary, after[one].geom.boundary
        assert shapely.hausdorff_distance(line, other) < 1e-7
        assert replace(before[one], geom=None) == replace(after[one], geom=None) or same_but_shape(before, after, one)
    require_lineage(scene, result, before, after)


def same_but_shape(before, after, one):
    return (before[one].code, before[one].parent_id) == (after[one].code, after[one].parent_id)


def require_lineage(scene, result, before, after):
    shares, arrived = Counter(), Counter()
    for one in result.lineage:
        assert 0 <= one.share_of_from <= 1 and 0 <= one.share_of_to <= 1
        assert one.from_id in before and (one.to_id in after or one.to_id == NOBODY)
        shares[one.from_id] += one.share_of_from
        arrived[one.to_id] += one.share_of_to
    assert all(share == pytest.approx(1, abs=1e-9) for share in shares.values())
    assert {*result.ended} <= shares.keys()
    gainers = {one for one in result.created if after[one].kind == "general" and after[one].level != "microgrid"}
    for one in gainers:
        # nodes on borders move them by half a cell
        size_m2, rim_m = (float(measure(np.array([after[one].geom]))[0]) for measure in (area_m2, perimeter_m))
        assert arrived[one] == pytest.approx(1, abs=0.008 * rim_m / size_m2)
    for own in shares:
        told = sum(one.households for one in result.lineage if one.from_id == own)
        assert told == counted(scene, before, own)


def counted(scene, before, own):
    """Return how many households an area had."""
    people, area = scene.households, before[own]
    peers = [one for one in before.values() if (one.level, one.kind) == (area.level, area.kind)]
    placed = people.area_ids == 0
    held = holders(people.xy[placed], np.array([one.geom for one in peers], dtype=object))
    mine = held == next(at for at, one in enumerate(peers) if one.id == own)
    return int(people.households[placed][mine].sum() + people.households[people.area_ids == own].sum())


def published(areas, taken):
    """Return areas as they would be stored: new ones with ids of their own."""
    fresh = iter(range(int(areas.ids.max()) + 1, 10**6))
    ids = {one: one if one > 0 else next(fresh) for one in areas.ids.tolist()}
    ids[0] = 0
    renumbered = replace(
        areas,
        ids=np.array([ids[one] for one in areas.ids.tolist()]),
        parent_ids=np.array([ids[one] for one in areas.parent_ids.tolist()]),
    )
    return renumbered, taken | set(areas.codes)


def tried(dice, areas, taken, name):
    """Return the scene, the plan and what came of it: None where it was refused, which is always with a reason."""
    scene = Scene(areas, households=some_people(dice, areas), codes_taken=taken)
    plan = Wishes(dice, areas).make(name)
    try:
        return scene, plan, adjust(scene, plan)
    except GeoError as refusal:
        assert refusal.place["operation"] in range(len(plan))
        assert all(refusal.text(lang) for lang in ("zh", "en"))
        return scene, plan, None


@exact
@given(seeds, st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=6))
def test_random_plans_keep_every_promise(seed, names):
    dice = np.random.default_rng(seed)
    areas = a_town(dice)
    taken = frozenset(areas.codes)
    for name in names:
        scene, _, result = tried(dice, areas, taken, name)
        if result is not None:
            require_told(scene, result)
            if require_sound(result):
                areas, taken = published(result.after, taken)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_done_on_most_random_towns(name):
    done = 0
    for seed in range(12):
        dice = np.random.default_rng(seed)
        areas = a_town(dice)
        scene, plan, result = tried(dice, areas, frozenset(areas.codes), name)
        if plan and result is not None:
            require_told(scene, result)
            require_sound(result)
            done += 1
    assert done >= 4


@exact
@given(seeds)
def test_what_keep_reports_is_what_the_check_finds(seed):
    dice = np.random.default_rng(seed)
    areas = a_town(dice)
    redraw = next(one for one in Wishes(dice, areas).redraw())
    if next(one.kind for one in rows_of(areas) if one.code == redraw.code) == "special":
        return
    try:
        result = adjust(Scene(areas), [replace(redraw, neighbours="keep")])
    except GeoError:
        return
    level = next(one.level for one in rows_of(areas) if one.code == redraw.code)
    general = result.after.take(result.after.kinds == "general")
    upper = general.of_level({"grid": "community", "community": "town", "microgrid": "grid"}[level])
    divided = [str(code) for code in areas.codes[areas.fully_divided]]
    found = check(
        general.of_level(level).as_areas(level, general),
        upper.as_areas("upper", general),
        lattice=True,
        sparse=level == "microgrid",
        divided=divided,
    )
    for kind, told in (("overlap", result.steps[0].overlap), ("gap", result.steps[0].gap)):
        measured_m2 = sum(one.area_m2 for one in found.findings if one.kind == kind)
        assert measured_m2 == pytest.approx(0 if told is None else area_m2(np.array([told]))[0], abs=1e-3)


@exact
@given(seeds, st.sampled_from(OPERATIONS))
def test_a_reverted_plan_leaves_everything_as_it_was_but_for_nodes(seed, name):
    dice = np.random.default_rng(seed)
    before = a_town(dice)
    _, _, result = tried(dice, before, frozenset(before.codes), name)
    if result is None or not require_sound(result):
        return
    now, taken = published(result.after, frozenset(before.codes))
    former = Former(
        before.take(np.isin(before.ids, [*result.changed, *result.ended])),
        created=tuple(set(now.ids.tolist()) - set(before.ids.tolist())),
    )
    scene = Scene(now, codes_taken=taken, former={1: former})
    back = adjust(scene, [Revert(1)])
    # the codes of ended areas are theirs again
    require_told(replace(scene, codes_taken=frozenset()), back)
    require_sound(back)
    old, new = ({one.id: one for one in rows_of(each)} for each in (before, back.after))
    assert old.keys() == new.keys()
    for own, one in old.items():
        assert (one.code, one.name, one.parent_id) == (new[own].code, new[own].name, new[own].parent_id)
        assert shapely.hausdorff_distance(one.geom.boundary, new[own].geom.boundary) < 1.5e-7
