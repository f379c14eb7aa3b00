"""Old precincts of Providence with a baseline: what is wrong with them stays accepted, and may not grow."""

import json
from pathlib import Path

import pytest
import shapely

PRECINCTS = (
    Path(__file__).parents[2].parent / "shared" / "data" / "us-maup" / "providence" / "precincts" / "precincts.shp"
)
WIDER_DEG = 2e-4

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not PRECINCTS.exists(), reason="../shared/data/us-maup is not here"),
]


@pytest.fixture
def providence(empty_town):
    """Import the precincts; their findings are the baseline."""
    options = ("--level", "grid", "--code-field", "NAME", "--baseline", "--reason", "old survey", "--publish")
    said = empty_town.run("import", PRECINCTS, *options, "--json")
    assert (said.refusal, said.exit_code) == (None, 0)
    return empty_town


def gaps(town):
    rows = town.ask("SELECT ST_AsBinary(geom) FROM accepted_finding WHERE kind = 'gap' ORDER BY area_m2 DESC")
    return [shapely.from_wkb(wkb) for (wkb,) in rows]


def far_from(town, shapes):
    """Return the code of the precinct that lies farthest from some shapes."""
    rows = town.ask("SELECT code, ST_AsBinary(geom) FROM area_version WHERE upper_inf(valid) ORDER BY code")
    near = shapely.union_all(shapes)
    return max(rows, key=lambda row: shapely.from_wkb(row[1]).distance(near))[0]


def beside(town, shape):
    """Return the code and boundary of the largest precinct at a shape."""
    rows = town.ask("SELECT code, ST_AsBinary(geom) FROM area_version WHERE upper_inf(valid)")
    found = [(code, shapely.from_wkb(wkb)) for code, wkb in rows]
    return max((one for one in found if one[1].distance(shape) < 1e-9), key=lambda one: one[1].area)


def written(town, name, geometry):
    path = town.folder / f"{name}.geojson"
    feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(geometry)}
    path.write_text(json.dumps(feature), "utf-8")
    return path


def test_a_plan_elsewhere_is_published_and_one_that_widens_an_old_gap_is_refused(providence):
    old = gaps(providence)
    assert len(old) >= 3

    code = far_from(providence, old)
    west, south, east, north = providence.shape(code).bounds
    line = shapely.LineString([(west - 1e-4, (south + north) / 2), (east + 1e-4, (south + north) / 2)])
    split = providence.new("split a precinct")
    words = ("--codes", code, "--geometry", written(providence, "line", line), "--crs", "wgs84")
    check = providence.add(split, "split", *words, "--new-codes", f"{code}B")
    assert check["clean"]
    assert providence.publish(split)["edition"] == 2

    code, shape = beside(providence, old[0])
    smaller = shapely.difference(shape, shapely.buffer(old[0], WIDER_DEG))
    drawn = written(providence, "smaller", smaller)
    widening = providence.new("widen a gap")
    words = ("--codes", code, "--geometry", drawn, "--crs", "wgs84", "--neighbours", "keep")
    check = providence.add(widening, "redraw", *words, code=1)
    assert {one["kind"] for one in check["findings"] if one["stops"]} == {"gap"}
    said = providence.run("plan", "submit", widening)
    assert said.refusal.kind == "plan-defects"
    assert {"lon", "lat"} <= said.refusal.place.keys()
    assert providence.edition() == 2
