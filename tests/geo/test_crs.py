"""What people bring becomes CGCS2000 degrees, by datum and never by chance; what cannot is refused by name."""

import json
import pickle
from pathlib import Path
from string import Formatter

import numpy as np
import pyproj.network
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import MultiPolygon, Polygon, box

from geo.crs import ACCEPTED, missing_crs, parse_crs, stored_geometries, suspicious_numbers
from geo.errors import BadInput
from geo.lattice import CELL_DEG
from geo.messages import sentence
from geo.messages.crs import MESSAGES
from geo.zones import look_of

REAL_DATA = Path(__file__).parents[3] / "shared" / "data"
MEISHAN = (103.8464354, 30.078257)
MEISHAN_4523 = (35388780.508, 3329349.610)


def column(*geoms):
    out = np.empty(len(geoms), dtype=object)
    out[:] = geoms
    return out


def refused(text):
    with pytest.raises(BadInput) as caught:
        parse_crs(text)
    return caught.value


def esri(datum, ball, zone="35"):
    """The .prj that ArcGIS writes for a 3-degree zone."""
    meridian = int(zone) * 3
    return (
        f'PROJCS["3_Degree_GK_Zone_{zone}",GEOGCS["GCS",DATUM["{datum}",SPHEROID[{ball}]],PRIMEM["Greenwich",0.0],'
        f'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{zone}500000.0],'
        f'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{meridian}.0],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


CGCS2000_BALL = '"CGCS2000",6378137.0,298.257222101'
XIAN_BALL = '"Xian_1980",6378140.0,298.257'
KRASSOVSKY = '"Krasovsky_1940",6378245.0,298.3'


# ---- systems that pass -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:4523",
        "epsg:4523",
        esri("D_China_2000", CGCS2000_BALL),
        esri("D_CGCS_2000", CGCS2000_BALL),
        CRS(4523).to_wkt(),
        CRS(4523).to_wkt("WKT1_GDAL"),
        CRS(4523).to_wkt("WKT1_ESRI"),
        CRS(4523).to_json(),
        "+proj=tmerc +lon_0=105 +x_0=35500000 +ellps=GRS80 +towgs84=0,0,0 +units=m",
    ],
    ids=["EPSG", "epsg", "prj", "prj CGCS_2000", "WKT2", "WKT1", "ESRI", "PROJJSON", "PROJ"],
)
def test_zone_35_is_recognised_in_every_dress(text):
    crs = parse_crs(text)
    assert crs.kind == "projected"
    np.testing.assert_allclose(crs.to_stored([MEISHAN_4523]), [MEISHAN], rtol=0, atol=1e-8)
    np.testing.assert_allclose(crs.from_stored([MEISHAN]), [MEISHAN_4523], rtol=0, atol=6e-4)


@pytest.mark.parametrize(
    ("text", "kind", "operation", "accuracy_m"),
    [
        ("cgcs2000", "geographic", "CGCS2000", 0.0),
        ("EPSG:4490", "geographic", "CGCS2000", 0.0),
        ("EPSG:4480", "geographic", "CGCS2000", 0.0),
        ("EPSG:4523", "projected", "CGCS2000", 0.0),
        ("wgs84", "geographic", "WGS 84 = CGCS2000", 1.0),
        ("WGS-84", "geographic", "WGS 84 = CGCS2000", 1.0),
        ("EPSG:4979", "geographic", "WGS 84 = CGCS2000", 1.0),
        ("EPSG:9057", "geographic", "WGS 84 = CGCS2000", 1.0),
        ("OGC:CRS84", "geographic", "WGS 84 = CGCS2000", 1.0),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "geographic", "WGS 84 = CGCS2000", 1.0),
        ("EPSG:3857", "projected", "WGS 84 = CGCS2000", 1.0),
        ("EPSG:32648", "projected", "WGS 84 = CGCS2000", 1.0),
        ("EPSG:4258", "geographic", "ETRS89 to WGS 84 (1)", 1.0),
        ("EPSG:27700", "projected", "OSGB36 to WGS 84 (6)", 2.0),
        ("EPSG:4269", "geographic", "NAD83 to WGS 84 (1)", 4.0),
        ("EPSG:2232", "projected", "NAD83 to WGS 84 (1)", 4.0),
        ("EPSG:2235", "projected", "NAD83 to WGS 84 (1)", 4.0),
        (CRS(2232).to_wkt("WKT1_ESRI"), "projected", "NAD83 to WGS 84 (1)", 4.0),
        ("EPSG:5555", "projected", "ETRS89 to WGS 84 (1)", 1.0),
        ("gcj02", "offset", "GCJ-02 -> WGS 84 = CGCS2000", 0.7),
        ("GCJ-02", "offset", "GCJ-02 -> WGS 84 = CGCS2000", 0.7),
        ("bd09", "offset", "BD-09 -> WGS 84 = CGCS2000", 0.7),
    ],
)
def test_a_system_names_its_operation_and_accuracy(text, kind, operation, accuracy_m):
    crs = parse_crs(f" {text} ")
    assert (crs.name, crs.kind, crs.operation, crs.accuracy_m) == (text, kind, operation, accuracy_m)


@pytest.mark.parametrize(
    ("crs", "point"),
    [("gcj02", (103.848540966, 30.075438964)), ("bd09", (103.855101541, 30.081177809)), ("wgs84", MEISHAN)],
)
def test_phone_coordinates_of_meishan_land_in_meishan(crs, point):
    np.testing.assert_allclose(parse_crs(crs).to_stored([point]), [MEISHAN], rtol=0, atol=1e-9)
    np.testing.assert_allclose(parse_crs(crs).from_stored([MEISHAN]), [point], rtol=0, atol=1e-9)


def test_given_parameters_are_used_and_stated():
    crs = parse_crs("+proj=tmerc +lon_0=104 +x_0=500000 +ellps=krass +towgs84=15.8,-154.4,-82.3 +units=m")
    assert (crs.operation, crs.accuracy_m) == ("towgs84=15.8,-154.4,-82.3", None)
    assert "15.8,-154.4,-82.3" in crs.remark("zh")
    plain = parse_crs("+proj=tmerc +lon_0=104 +x_0=500000 +datum=WGS84 +units=m")
    shift_deg = crs.to_stored([(500000, 3329349)]) - plain.to_stored([(500000, 3329349)])
    assert 10 < float(np.hypot(*shift_deg[0])) * 111_000 < 200


def test_wkt_of_cgcs2000_with_a_zero_shift_stays_cgcs2000():
    text = esri("D_China_2000", CGCS2000_BALL).replace("]],PRIMEM", "],TOWGS84[0,0,0,0,0,0,0]],PRIMEM")
    assert parse_crs(text).operation == "CGCS2000"


def test_easting_and_longitude_always_come_first():
    # EPSG:4490 and EPSG:4523 both define the northern axis first.
    assert parse_crs("EPSG:4490").to_stored([MEISHAN]).tolist() == [list(MEISHAN)]
    assert parse_crs("EPSG:4523").from_stored([MEISHAN])[0, 0] > 35_000_000


@pytest.mark.parametrize("text", [name for name, _, _ in ACCEPTED[:4]])
def test_the_systems_of_the_help_text_are_accepted(text):
    assert parse_crs(text).name == text


@pytest.mark.parametrize("text", ["gcj02", "EPSG:4523", "EPSG:4269"])
def test_a_system_crosses_a_process_border(text):
    crs = pickle.loads(pickle.dumps(parse_crs(text)))
    assert crs == parse_crs(text)
    assert np.isfinite(crs.to_stored(parse_crs(text).from_stored([(-100.0, 40.0)]))).all()


def test_no_network_is_ever_asked():
    pyproj.network.set_network_enabled(True)
    parse_crs("+proj=tmerc +lon_0=104.25 +datum=WGS84")
    assert not pyproj.network.is_network_enabled()


# ---- systems that are refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [f"EPSG:{n}" for n in (4610, 2327, 2390, 4214, 2401, 2442, 21413, 21463, 4555, 4568, 4585)]
    + [esri("D_Xian_1980", XIAN_BALL), esri("D_Beijing_1954", KRASSOVSKY), esri("D_New_Beijing", KRASSOVSKY)],
)
def test_old_chinese_datums_are_refused_with_the_way_out(text):
    error = refused(text)
    assert error.kind == "crs-old-datum"
    assert "+towgs84" in error.text("zh")
    assert "+towgs84" in error.text("en")


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:4019",
        "+proj=longlat +ellps=GRS80",
        "+proj=tmerc +lon_0=104 +x_0=500000 +ellps=krass",
        "+proj=longlat +datum=WGS84 +pm=paris",
        esri("D_Unknown", CGCS2000_BALL),
        esri("D_China_2000", KRASSOVSKY),
    ],
)
def test_unknown_datums_are_not_guessed(text):
    assert refused(text).kind == "crs-unknown-datum"


@pytest.mark.parametrize("ball", [XIAN_BALL, KRASSOVSKY])
def test_parameters_of_nothing_but_zeros_are_no_parameters_for_another_ellipsoid(ball):
    text = esri("D_Xian_1980", ball).replace("]],PRIMEM", "],TOWGS84[0,0,0,0,0,0,0]],PRIMEM")
    assert refused(text).kind == "crs-zero-parameters"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("EPSG:4978", "Geocentric CRS"),
        ("EPSG:5773", "Vertical CRS"),
        ('LOCAL_CS["site",UNIT["metre",1]]', "Engineering CRS"),
        ("EPSG:4807", "Geographic 2D CRS"),
    ],
)
def test_what_is_no_map_is_refused(text, form):
    error = refused(text)
    assert (error.kind, error.facts["form"]) == ("crs-not-horizontal", form)


@pytest.mark.parametrize(
    "text",
    [
        "+proj=longlat +ellps=krass +nadgrids=/etc/passwd",
        "+proj=longlat +datum=WGS84 +geoidgrids=x.gtx",
        "+proj=tmerc +lon_0=104 +init=epsg:4523",
        "+proj=tinshift +file=x.json",
    ],
)
def test_a_system_that_would_open_a_file_is_refused(text):
    assert refused(text).kind == "crs-reads-file"


@pytest.mark.parametrize(
    "text",
    ["4490", "EPSG:99999", "EPSG:", "Beijing", "WGS 84 / UTM zone 48N", "+proj=lcc", "PROJCS[", "{}", "x" * 99999],
)
def test_what_is_no_system_is_refused_with_the_list(text):
    error = refused(text)
    assert error.kind == "crs-unknown"
    assert all(name in error.text("zh") for name, _, _ in ACCEPTED)
    assert len(error.text("zh")) < 500


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_text_is_a_missing_system(text):
    assert refused(text).kind == "crs-missing"


# ---- points that cannot be converted ---------------------------------------------------------------------------


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09", "EPSG:4523", "EPSG:4269"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_no_point_is_lost_silently(crs, bad):
    good = parse_crs(crs).from_stored([MEISHAN])[0]
    with pytest.raises(BadInput) as caught:
        parse_crs(crs).to_stored([good, [good[0], bad]])
    assert (caught.value.kind, caught.value.place["row"]) == ("crs-not-convertible", 1)


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "cgcs2000"])
@pytest.mark.parametrize("point", [(104, 90.1), (104, -91), (180.5, 30), MEISHAN_4523])
def test_a_point_beyond_the_globe_is_refused(crs, point):
    with pytest.raises(BadInput) as caught:
        parse_crs(crs).to_stored([MEISHAN, point])
    assert (caught.value.kind, caught.value.place["row"]) == ("crs-beyond-the-globe", 1)


def test_a_bad_vertex_is_reported_with_the_row_of_its_polygon():
    broken = Polygon([(104, 30), (104, 31), (105, np.inf)])
    for crs in ("wgs84", "gcj02"):
        with pytest.raises(BadInput) as caught:
            stored_geometries(column(box(104, 30, 105, 31), None, broken), parse_crs(crs))
        assert (caught.value.kind, caught.value.place["row"]) == ("crs-not-convertible", 2)


# ---- scale -----------------------------------------------------------------------------------------------------


def test_a_unit_is_measured_where_it_is_used():
    assert np.allclose(parse_crs("EPSG:4523").metres_per_unit([MEISHAN_4523]), 0.99985, atol=1e-5)
    assert np.allclose(parse_crs("EPSG:2232").metres_per_unit([(3_140_000, 1_690_000)]), 0.3048, atol=1e-4)
    mercator = parse_crs("EPSG:3857")
    sx, sy = mercator.metres_per_unit(mercator.from_stored([(104, 30)]))
    # On the ellipsoid Web Mercator is not even conformal.
    assert (round(float(sx[0]), 3), round(float(sy[0]), 3)) == (0.867, 0.862)
    for name in ("wgs84", "gcj02"):
        sx, sy = parse_crs(name).metres_per_unit([(104, 30)])
        assert (round(float(sx[0]), -2), round(float(sy[0]), -2)) == (96500, 110900)


# ---- polygons: long edges bow ----------------------------------------------------------------------------------

E0, N0 = 35388780.0, 3329349.0
ZONE_35 = parse_crs("EPSG:4523")


def bow_mm(length_m):
    ends = ZONE_35.to_stored([(E0, N0), (E0 + length_m, N0)])
    middle = ZONE_35.to_stored([(E0 + length_m / 2, N0)])[0]
    return float(middle[1] - ends[:, 1].mean()) * 110_852_000


def test_a_straight_gauss_kruger_edge_bows():
    assert round(bow_mm(1000)) == 11
    assert round(bow_mm(5000)) == 283 or round(bow_mm(5000)) == 284


def bow_deg_after(polygon, crs):
    """How far points of the source edges, converted one by one, lie from the stored edges."""
    fine = crs.to_stored(shapely.get_coordinates(shapely.segmentize(polygon, polygon.length / 1501)))
    stored = stored_geometries(column(polygon), crs)[0]
    return float(shapely.distance(shapely.points(fine), stored.exterior).max())


@pytest.mark.parametrize("length_m", [1000, 5000, 50_000])
def test_divided_edges_bow_less_than_half_a_cell(length_m):
    triangle = Polygon([(E0, N0), (E0 + length_m, N0), (E0, N0 + length_m)])
    assert bow_deg_after(triangle, ZONE_35) < CELL_DEG / 2
    assert shapely.get_num_coordinates(triangle) == 4


#  105° E is where the formula of GCJ-02 has a cusp, and Neijiang lies on it
@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
@pytest.mark.parametrize("corner", [MEISHAN, (104.995, 29.58), (105.0, 29.58), (104.9999, 29.58)])
def test_shifted_edges_bow_less_than_half_a_cell(crs, corner):
    lon, lat = corner
    triangle = Polygon([(lon, lat), (lon + 0.02, lat + 0.001), (lon + 0.007, lat + 0.015)])
    assert bow_deg_after(triangle, parse_crs(crs)) < CELL_DEG / 2


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(["EPSG:4523", "EPSG:3857", "EPSG:32648", "gcj02"]),
    st.floats(103.0, 106.5),
    st.floats(28.0, 32.0),
    st.floats(0.001, 0.06),
    st.floats(0, 6.28),
)
def test_no_edge_bows_half_a_cell(name, lon, lat, size, turn):
    crs = parse_crs(name)
    angles = turn + np.array([0, 2.1, 4.2])
    corners = np.array([lon, lat]) + size * np.column_stack([np.cos(angles), np.sin(angles)])
    assert bow_deg_after(Polygon(crs.from_stored(corners)), crs) < CELL_DEG / 2


def edge_points(triangle, ends, third):
    """The stored vertices from one end of an edge to the other, as a set of exact numbers."""
    ring = [tuple(point) for point in shapely.get_coordinates(triangle)[:-1].tolist()]
    turned = ring[ring.index(tuple(third)) :] + ring[: ring.index(tuple(third))]
    first, last = sorted(turned.index(tuple(end)) for end in ends)
    return set(turned[first : last + 1])


#  +------ a ------+
#  | west  |  east |     one edge, walked down by west and up by east
#  +------ b ------+
@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(["EPSG:4523", "gcj02", "bd09", "EPSG:3857"]),
    st.floats(103.5, 105.5),
    st.floats(29, 31),
    st.floats(-0.01, 0.01),
    st.floats(0.001, 0.05),
)
def test_both_neighbours_get_the_very_same_points(name, lon, lat, lean, height):
    crs = parse_crs(name)
    a, b, west, east = crs.from_stored([(lon, lat), (lon + lean, lat + height), (lon - 0.05, lat), (lon + 0.06, lat)])
    pair = stored_geometries(column(Polygon([west, a, b]), Polygon([east, b, a])), crs)
    *ends, left, right = crs.to_stored([a, b, west, east]).tolist()
    assert edge_points(pair[0], ends, left) == edge_points(pair[1], ends, right)
    assert shapely.coverage_is_valid(pair)


def test_a_shared_edge_of_5_km_gets_its_points_once():
    west_east = [(E0, N0), (E0 + 5000, N0)]
    south = Polygon([*west_east, (E0, N0 - 5000)])
    north = Polygon([*reversed(west_east), (E0, N0 + 5000)])
    pair = stored_geometries(column(south, north), ZONE_35)
    *ends, below, above = ZONE_35.to_stored([*west_east, (E0, N0 - 5000), (E0, N0 + 5000)]).tolist()
    assert len(edge_points(pair[0], ends, below)) == 9
    assert edge_points(pair[0], ends, below) == edge_points(pair[1], ends, above)


def test_rings_written_in_zone_35_come_back_within_a_centimetre():
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    rng = np.random.default_rng(3)
    shape = Polygon(
        np.array(MEISHAN) + 0.3 * np.column_stack([np.cos(turn), np.sin(turn)]) * rng.uniform(0.7, 1, (60, 1))
    )
    written = shapely.transform(shape, lambda xy: np.round(ZONE_35.from_stored(xy), 4))
    back = stored_geometries(column(written), ZONE_35)[0]
    vertices = shapely.get_coordinates(shape)
    from_back = shapely.distance(shapely.points(vertices), shapely.MultiPoint(shapely.get_coordinates(back)))
    assert from_back.max() * 111_320 < 0.01


def test_holes_parts_and_empty_rows_stay_what_they_are():
    ring = Polygon(box(E0, N0, E0 + 900, N0 + 900).exterior, [box(E0 + 300, N0 + 300, E0 + 600, N0 + 600).exterior])
    both = MultiPolygon([ring, box(E0 + 2000, N0, E0 + 2100, N0 + 100)])
    found = stored_geometries(column(None, ring, Polygon(), both), ZONE_35)
    assert found[0] is None
    assert found[2].is_empty
    assert [shapely.get_num_interior_rings(found[1]), shapely.get_num_geometries(found[3])] == [1, 2]
    assert shapely.is_valid(found[1:]).all()


def test_heights_are_dropped():
    high = Polygon([(104, 30, 500), (105, 30, 500), (104, 31, 500)])
    assert not shapely.has_z(stored_geometries(column(high), parse_crs("wgs84"))[0])


def test_stored_systems_cost_nothing():
    geoms = column(box(104, 30, 105, 31), None)
    for name in ("cgcs2000", "wgs84", "EPSG:4269"):
        assert parse_crs(name).is_stored
        assert stored_geometries(geoms, parse_crs(name))[0] is geoms[0]


def test_short_edges_get_no_points():
    grid = box(E0, N0, E0 + 49, N0 + 49)
    assert shapely.get_num_coordinates(stored_geometries(column(grid), ZONE_35)[0]) == 5


def test_an_edge_across_the_seam_of_the_globe_is_refused():
    antarctic = parse_crs("EPSG:3031")
    with pytest.raises(BadInput) as caught:
        stored_geometries(column(Polygon([(-1e6, -2e6), (1e6, -2e6), (0, -1e6)])), antarctic)
    assert caught.value.kind == "crs-torn-edge"


# ---- hints by the size of the numbers --------------------------------------------------------------------------

X, Y = (35_388_780, 35_398_780), (3_329_349, 3_339_349)


def bounds(x, y):
    return (x[0], y[0], x[1], y[1])


@pytest.mark.parametrize(
    ("numbers", "kind", "systems"),
    [
        (None, "crs-missing", ""),
        (bounds((103, 104), (30, 31)), "crs-missing-degrees", "gcj02"),
        (bounds((30, 31), (103, 104)), "crs-missing-swapped-degrees", "wgs84"),
        (bounds((43, 44), (87, 88)), "crs-missing-swapped-degrees", "wgs84"),
        (bounds(X, Y), "crs-missing-zone", "EPSG:4523"),
        (bounds((34_800_000, 35_200_000), Y), "crs-missing-zone", "EPSG:4522 (CGCS2000 3° 34, 102°E), EPSG:4523"),
        (bounds((18_388_780, 18_398_780), Y), "crs-missing-zone", "EPSG:4496 (CGCS2000 6° 18, 105°E)"),
        (bounds((388_780, 398_780), Y), "crs-missing-no-zone", "105°E EPSG:4544"),
        (bounds(Y, X), "crs-missing-swapped", "EPSG:4523"),
        (bounds(Y, (388_780, 398_780)), "crs-missing-swapped", "102°E EPSG:4543"),
        (bounds((11_550_000, 11_560_000), (3_510_000, 3_520_000)), "crs-missing-zone", "EPSG:3857"),
        (bounds((0, 5), (1e9, 2e9)), "crs-missing-unclear", "PROJ"),
        ((np.nan, 0, 1, 1), "crs-missing", ""),
    ],
)
def test_a_missing_system_is_hinted_at_by_the_size_of_the_numbers(numbers, kind, systems):
    error = missing_crs(numbers)
    assert error.kind == kind
    for lang in ("zh", "en"):
        assert systems in error.text(lang)
        assert "wx.getLocation" in error.text(lang)


def test_the_hinted_codes_are_the_zones_they_say():
    names = {4491: "zone 13", 4501: "zone 23", 4513: "zone 25", 4533: "zone 45", 4543: "CM 102E", 4507: "CM 105E"}
    assert all(CRS(code).name.endswith(name) for code, name in names.items())


@pytest.mark.parametrize(
    ("numbers", "crs", "kind"),
    [
        (bounds((103, 104), (30, 31)), "wgs84", None),
        (bounds((103, 104), (30, 31)), "gcj02", None),
        (bounds((-6, 2), (50, 56)), "wgs84", None),
        (bounds(X, Y), "EPSG:4523", None),
        (bounds((35_200_000, 35_300_000), Y), "EPSG:4523", None),
        (bounds((11_550_000, 11_560_000), (3_510_000, 3_520_000)), "EPSG:3857", None),
        (bounds((3_100_000, 3_200_000), (1_650_000, 1_700_000)), "EPSG:2232", None),
        (bounds(X, Y), "wgs84", "crs-metres-as-degrees"),
        (bounds((388_780, 398_780), Y), "gcj02", "crs-metres-as-degrees"),
        (bounds((103, 104), (30, 31)), "EPSG:4523", "crs-degrees-as-metres"),
        (bounds((30, 31), (103, 104)), "wgs84", "crs-axes-swapped"),
        (bounds((43, 44), (87, 88)), "cgcs2000", "crs-axes-swapped"),
        (bounds(Y, X), "EPSG:4523", "crs-axes-swapped"),
        (bounds((103, 104), (30, 95)), "wgs84", "crs-latitude-beyond-90"),
        (bounds((34_388_780, 34_398_780), Y), "EPSG:4523", "crs-far-from-home"),
        (bounds((388_780, 398_780), Y), esri("D_China_2000", CGCS2000_BALL), "crs-far-from-home"),
        ((0, 0, np.inf, 1), "wgs84", "crs-not-convertible"),
    ],
)
def test_numbers_that_cannot_be_meant_are_told(numbers, crs, kind):
    error = suspicious_numbers(numbers, parse_crs(crs))
    assert (error.kind if error else None) == kind


def test_a_wrong_zone_is_told_with_the_right_one():
    error = suspicious_numbers(bounds((34_388_780, 34_398_780), Y), ZONE_35)
    assert "EPSG:4522" in error.text("zh")


def test_an_empty_extent_looks_like_nothing_wrong():
    assert look_of((104, 30, 104, 30)) == "degrees"


# ---- sentences -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MESSAGES)
def test_both_languages_tell_the_same_facts(kind):
    fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in MESSAGES[kind]]
    assert fields[0] == fields[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("EPSG:4523", "不作基准转换"),
        ("wgs84", "1 米"),
        ("EPSG:4269", "“NAD83 to WGS 84 (1)”转换到国家2000，标称精度 4 米"),
        ("gcj02", "标称精度 0.7 米"),
    ],
)
def test_the_report_states_operation_and_accuracy(text, words):
    assert words in parse_crs(text).remark()
    assert text in parse_crs(text).remark("en")


def test_a_refusal_reads_as_a_sentence():
    assert refused("EPSG:4610").text("zh").startswith("坐标系“EPSG:4610”的基准是 西安80")
    assert sentence("crs-missing", "zh").startswith("没有说明坐标系")


# ---- real boundaries -------------------------------------------------------------------------------------------


def counties(name):
    path = REAL_DATA / "cn-admin" / name
    if not path.exists():
        pytest.skip(f"real data is not here: ../shared/data/cn-admin/{name}")
    rows = json.loads(path.read_text(encoding="utf-8"))["features"]
    codes = [str(row["properties"].get("district_adcode", row["properties"].get("adcode"))) for row in rows]
    return {
        code: shapely.geometry.shape(row["geometry"])
        for code, row in zip(codes, rows, strict=True)
        if code.startswith("5114")
    }


@pytest.mark.real_data
def test_real_counties_written_in_zone_35_come_back_within_a_centimetre():
    sources = column(*counties("tianditu_cgcs2000_sichuan_district.geojson").values())
    written = shapely.transform(sources, ZONE_35.from_stored)
    back = stored_geometries(written, parse_crs(esri("D_China_2000", CGCS2000_BALL)))
    assert len(back) == 6
    for source, found in zip(sources, back, strict=True):
        vertices = shapely.points(shapely.get_coordinates(source))
        assert shapely.distance(vertices, shapely.boundary(found)).max() * 111_320 < 0.01
    assert shapely.coverage_is_valid(back)


@pytest.mark.real_data
def test_real_counties_in_gcj02_land_on_the_true_ones():
    truth = counties("tianditu_cgcs2000_sichuan_district.geojson")
    shifted = counties("datav_gcj02_511400.json")
    landed = stored_geometries(column(*shifted.values()), parse_crs("gcj02"))

    def difference(shape, code):
        return shapely.area(shapely.symmetric_difference(shape, truth[code])) / truth[code].area

    before = [difference(shape, code) for code, shape in shifted.items()]
    after = [difference(shape, code) for code, shape in zip(shifted, landed, strict=True)]
    assert all(late < early for late, early in zip(after, before, strict=True))
    assert max(after) < 0.064 < max(before)
