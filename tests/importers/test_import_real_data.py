"""Real boundaries through the command: cities and counties of Sichuan from two providers, in three systems."""

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from geo.crs import parse_crs
from geo.measure import area_m2, distance_m
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.locating import Loaded, Question, masked_view

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "cn-admin"
CITIES, COUNTIES = DATA / "amap_wgs84_sichuan_city.geojson", DATA / "amap_wgs84_sichuan_district.geojson"
GCJ = DATA / "datav_gcj02_511400.json"
CITY_FIELDS = ("--code-field", "city_adcode", "--name-field", "city_name")
COUNTY_FIELDS = ("--code-field", "district_adcode", "--name-field", "district_name", "--parent-field", "city_adcode")
ENCLAVES = ("--accept", "gap", "--reason", "飞地：属重庆市")
TWO_CM_DEG = 2e-7
ESRI_PRJ = (
    'PROJCS["CGCS2000_3_Degree_GK_Zone_35",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
    'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",35500000.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",105.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/cn-admin is not here"),
]


@pytest.fixture(scope="module")
def sichuan_template(cluster, clone, door_to):
    """Import cities and counties once, as the documentation says; tests clone it."""
    with clone() as name:
        door = door_to(cluster.url("app", name))
        door.take(CITIES, "city", *CITY_FIELDS, *ENCLAVES)
        door.take(COUNTIES, "county", *COUNTY_FIELDS)
        yield name


@pytest.fixture
def sichuan(cluster, clone, door_to, sichuan_template):
    with clone(sichuan_template) as name:
        yield door_to(cluster.url("app", name))


@pytest.fixture(scope="module")
def source():
    """Return the counties as the file has them: codes and boundaries."""
    _, _, wkb, (codes,) = pyogrio.raw.read(COUNTIES, columns=["district_adcode"])
    return codes, shapely.from_wkb(wkb)


def test_ten_thousand_points_get_the_county_that_the_source_polygons_give(sichuan, source):
    codes, shapes = source
    west, south, east, north = shapely.total_bounds(shapes)
    random = np.random.default_rng(7)
    near = shapely.get_coordinates(shapes[[list(codes).index("511403"), list(codes).index("511622")]])
    around = near[random.integers(0, len(near), 3000)] + random.normal(0, 0.01, (3000, 2))
    xy = np.vstack([random.uniform((west - 0.2, south - 0.2), (east + 0.2, north + 0.2), (7000, 2)), around])
    points = shapely.points(xy)
    tree = shapely.STRtree(shapes)
    row, county = tree.query(points, predicate="within")
    expected = np.full(len(points), "outside", dtype=object)
    expected[row] = codes[county]
    border = shapely.union_all(shapely.boundary(shapes[np.unique(tree.query(points)[1])]))
    shapely.prepare(border)
    clear = ~shapely.dwithin(border, points, TWO_CM_DEG)
    with connect(sichuan.url) as connection:
        loaded = Loaded.within(connection, present(connection).at, None, masked_view)
    answers = [loaded.answer(Question(lon, lat, radius_m=0.0)) for lon, lat in xy.tolist()]
    given = [one.chain[-1].code if one.chain else one.status for one in answers]
    wrong = [(p, e, g) for p, e, g, c in zip(xy.tolist(), expected, given, clear, strict=True) if c and e != g]
    assert wrong == []
    assert {one.status for one in answers} == {"gap", "outside"}
    assert clear.sum() > 9900


def test_importing_both_files_again_changes_nothing(sichuan):
    before = sichuan.state()
    assert sichuan.take(CITIES, "city", *CITY_FIELDS)["counts"]["unchanged"] == 21
    assert sichuan.take(COUNTIES, "county", *COUNTY_FIELDS)["counts"]["unchanged"] == 183
    assert sichuan.state() == before


def test_counties_without_a_parent_field_find_the_same_cities(sichuan):
    report = sichuan.run("import", COUNTIES, "--level", "county", *COUNTY_FIELDS[:4], "--json").report
    assert (report["counts"]["unchanged"], report["counts"]["renamed"]) == (183, 0)


class TestGcj02:
    """Another provider's counties of Meishan, in GCJ-02."""

    def test_declared_as_such_they_land_on_the_counties_that_are_there(self, sichuan):
        before = sichuan.areas()
        report = sichuan.take(GCJ, "county", "--crs", "gcj02", "--make-valid", "--baseline", "--reason", "另一来源")
        after = sichuan.areas()
        codes = [code for code in before if code.startswith("5114") and code != "511400"]
        assert len(codes) == 6
        shares = [_difference_m2(before[code], after[code]) / float(area_m2([before[code]])[0]) for code in codes]
        assert max(shares) < 0.0065
        assert [one["type"] for one in report["remarks"] if one["type"] == "looks-shifted"] == []
        assert sichuan.take(GCJ, "county", "--crs", "gcj02", "--make-valid")["counts"]["unchanged"] == 6

    def test_declared_as_wgs84_they_look_shifted_against_the_city_that_is_there(self, sichuan):
        report = sichuan.run("import", GCJ, "--level", "county", "--crs", "wgs84", "--make-valid", "--json").report
        (shift,) = [one for one in report["remarks"] if one["type"] == "looks-shifted"]
        assert "--crs gcj02" in shift["zh"]
        assert "SE" in shift["en"]

    def test_true_ones_declared_as_gcj02_look_shifted_the_other_way(self, sichuan):
        words = (*COUNTY_FIELDS, "--crs", "gcj02", "--json")
        report = sichuan.run("import", COUNTIES, "--level", "county", *words).report
        (shift,) = [one for one in report["remarks"] if one["type"] == "looks-shifted"]
        assert "--crs wgs84" in shift["zh"]

    def test_true_ones_do_not(self, sichuan):
        report = sichuan.run("import", COUNTIES, "--level", "county", *COUNTY_FIELDS, "--json").report
        assert "looks-shifted" not in [one["type"] for one in report["remarks"]]


class TestGaussKrueger:
    """The same counties as a Shapefile in GBK without .cpg, EPSG:4523."""

    @pytest.fixture
    def shapefile(self, tmp_path):
        meta, _, wkb, fields = pyogrio.raw.read(COUNTIES, columns=["district_adcode", "district_name", "city_adcode"])
        order = [list(meta["fields"]).index(name) for name in ("district_adcode", "district_name", "city_adcode")]
        codes, names, parents = (fields[place] for place in order)
        own = np.array([code.startswith("5114") for code in codes])
        system = parse_crs("EPSG:4523")
        # edges are straight in longitude and latitude, and bow in Gauss-Krüger
        dense = shapely.segmentize(shapely.from_wkb(wkb[own]), 0.002)
        shapes = shapely.transform(dense, system.from_stored)
        path = tmp_path / "眉山.shp"
        columns, names = [codes[own], names[own], parents[own]], ["BM", "MC", "parent"]
        pyogrio.raw.write(
            path,
            shapely.to_wkb(shapes),
            columns,
            names,
            geometry_type="MultiPolygon",
            encoding="GBK",
            crs="EPSG:4523",
            promote_to_multi=True,
        )
        path.with_suffix(".cpg").unlink()
        path.with_suffix(".prj").unlink(missing_ok=True)
        return path

    @pytest.mark.parametrize("declared", [True, False])
    def test_they_land_within_a_centimetre(self, sichuan, source, shapefile, declared):
        if declared:
            shapefile.with_suffix(".prj").write_text(ESRI_PRJ, "ascii")
        words = () if declared else ("--crs", "EPSG:4523")
        report = sichuan.take(shapefile, "county", *words)
        after = sichuan.areas()
        codes, shapes = source
        for row in [row for row, code in enumerate(codes) if code.startswith("5114")]:
            assert _farthest_m(shapes[row], after[codes[row]]) < 0.01
            assert _farthest_m(after[codes[row]], shapes[row]) < 0.01
        assert sichuan.ask("SELECT name FROM area_version WHERE code = '511402' AND upper_inf(valid)") == [("东坡区",)]
        assert report["encoding"].startswith("gb")
        assert sichuan.take(shapefile, "county", *words)["counts"]["unchanged"] == 6

    def test_without_prj_and_crs_they_are_refused_with_the_systems_that_fit_the_numbers(self, sichuan, shapefile):
        said = sichuan.run("import", shapefile, "--level", "county", "--publish")
        assert said.exit_code == 2
        assert "EPSG:4523" in said.refusal.text("zh")

    @pytest.mark.parametrize(
        ("crs", "name"), [("EPSG:2359", "Xi'an"), ("EPSG:2435", "Beijing"), ("EPSG:4555", "New Beijing")]
    )
    def test_other_datums_are_refused_with_the_way_out(self, sichuan, shapefile, crs, name):
        said = sichuan.run("import", shapefile, "--level", "county", "--crs", crs)
        assert said.exit_code == 2
        assert "towgs84" in said.refusal.text("en")
        assert name in said.refusal.text("en")


def _farthest_m(one, other):
    """Return how far the vertices of one area lie from the border of another at most, in m on the ellipsoid."""
    xy, border = shapely.get_coordinates(one), shapely.boundary(other)
    shapely.prepare(border)
    near = shapely.get_coordinates(shapely.shortest_line(border, shapely.points(xy)))[::2]
    return float(distance_m(*xy.T, *near.T).max())


def _difference_m2(one, other):
    apart = shapely.symmetric_difference(one, other)
    polygons = [part for part in shapely.get_parts(apart) if part.geom_type == "Polygon"]
    return float(area_m2(np.array(polygons, dtype=object)).sum())
