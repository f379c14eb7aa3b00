"""Walking circles of all facilities of Heidelberg, against Valhalla; and after one edit of a street against all."""

import json
import subprocess
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from bench.environments import newer_python, python_with
from bench.spending import Failed, Pairs, Spent, on_processor, paired
from bench.table import LeftOut, Row, Setting, require_same
from geo.areas import Geometries
from geo.circles import Walks, timed
from geo.streets import StreetLines, StreetNetwork, network_of
from importers.facility_osm import read_osm_facilities
from importers.limits import Limits
from importers.street_osm import read_osm_streets

VALHALLA: Final = "pyvalhalla==3.9.1"
PROFILE: Final = timed("level", {"5": 5, "10": 10, "15": 15}, 80.0)
COMPARED: Final = 30
_QUICK: Final = 6
_NEAR_DEG: Final = 0.02
"""More than the longest walk, in degrees of longitude at Heidelberg."""


def against_valhalla(setting: Setting) -> Row | LeftOut:
    """Make three tiers for every facility, streets and tiles ready; shapes are compared without holes as well."""
    what = "walking circles, three tiers"
    extract = setting.shared / "osm" / "heidelberg.osm.pbf"
    if not extract.is_file():
        return LeftOut(what, "needs ../shared/data/osm")
    interpreter = newer_python()
    python = interpreter and python_with(setting.home, "valhalla", [VALHALLA], interpreter)
    if not python:
        return LeftOut(what, "needs a Python from 3.12 on and pyvalhalla; one of them could not be had")
    network, places = _heidelberg(extract, setting.quick)
    peer = _valhalla(python, extract, setting.home / "valhalla-tiles", places, setting.runs)
    walks = Walks(network, PROFILE)
    made = dict(walks.around(places))
    ours = [on_processor(lambda: list(walks.around(places)))[0] for _ in range(setting.runs)]
    pairs = Pairs(tuple(ours), tuple(Spent(seconds) for seconds in peer["seconds"]))
    shares = _shares([made[row].shapes for row in range(len(places))], peer["circles"])
    require_same(len(shares) > 0, "no facility has circles of both")
    plain, filled = np.median(shares, axis=0)
    same = (
        f"intersection over union of {len(shares)} circles: median {plain:.2f}, worst {shares[:, 0].min():.2f}; "
        f"holes filled: median {filled:.2f}, worst {shares[:, 1].min():.2f}"
    )
    size = f"{len(places)} facilities, {len(network):,} edges"
    remark = "processor time; the peer's circles are contours of a raster of times"
    return Row(what, VALHALLA, size, pairs, same, target=1.0, count=3 * len(places), unit="circles", remark=remark)


def after_one_edit(setting: Setting) -> Row | LeftOut:
    """Take one street away, and make the circles near it anew, against making all of them."""
    what = "walking circles after one edit of a street"
    extract = setting.shared / "osm" / "heidelberg.osm.pbf"
    if not extract.is_file():
        return LeftOut(what, "needs ../shared/data/osm")
    network, places = _heidelberg(extract, setting.quick)
    before = dict(Walks(network, PROFILE).around(places))
    walks = Walks(_without(network, places[0]), PROFILE)
    near = np.flatnonzero(np.abs(places - places[0]).max(axis=1) < _NEAR_DEG)
    everything = dict(walks.around(places))
    changed = [row for row in range(len(places)) if before[row].shapes != everything[row].shapes]
    require_same(set(changed) <= set(near.tolist()), "a circle changed far from the edit")
    pairs = paired(
        lambda: on_processor(lambda: list(walks.around(places[near])))[0],
        lambda: on_processor(lambda: list(walks.around(places)))[0],
        setting.runs,
    )
    size = f"{len(near)} of {len(places)} facilities are near"
    return Row(what, "making all of them", size, pairs, f"{len(changed)} facilities' circles changed, all of them near")


ROWS: Final = (against_valhalla, after_one_edit)


def _heidelberg(extract: Path, quick: bool) -> tuple[StreetNetwork, np.ndarray]:
    network = network_of(read_osm_streets(extract, Limits()).edges)
    found = read_osm_facilities(extract, Limits())[1]
    return network, np.array([(one.lon, one.lat) for one in found])[: _QUICK if quick else None]


def _without(network: StreetNetwork, place: np.ndarray) -> StreetNetwork:
    """Return the network without the edge nearest to a place."""
    shapes = network.shapes()
    kept = np.arange(len(network)) != shapely.STRtree(shapes).nearest(shapely.Point(place))
    return network_of(
        StreetLines.of(
            shapes[kept],
            way_ids=network.way_ids[kept],
            classes=network.classes[kept],
            steps=network.steps[kept],
            layers=network.layers[kept],
            inclines=network.inclines[kept],
        )
    )


def _valhalla(python: Path, extract: Path, folder: Path, places: np.ndarray, runs: int) -> dict[str, list]:
    folder.mkdir(parents=True, exist_ok=True)
    points = folder / "points.json"
    points.write_text(json.dumps(places.tolist()))
    program = Path(__file__).with_name("peer_valhalla.py")
    command = [str(python), str(program), str(extract), str(folder), str(points), str(runs)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"valhalla: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _shares(ours: list[tuple[shapely.MultiPolygon, ...]], peer: list) -> np.ndarray:
    """Return the intersection over union of each circle of the first facilities: as it is, and without holes."""
    rows = []
    for own, other in list(zip(ours, peer, strict=True))[:COMPARED]:
        for one, drawn in zip(own, other or (), strict=False):
            theirs = shapely.make_valid(shapely.from_geojson(json.dumps(drawn)))
            rows.append((_share(one, theirs), _share(_filled(one), _filled(theirs))))
    return np.array(rows)


def _share(one: shapely.Geometry, other: shapely.Geometry) -> float:
    return float(shapely.intersection(one, other).area / shapely.union(one, other).area)


def _filled(shape: shapely.Geometry) -> shapely.Geometry:
    parts: Geometries = shapely.get_parts(shape)
    areal = parts[shapely.get_dimensions(parts) == 2]
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(areal))))
