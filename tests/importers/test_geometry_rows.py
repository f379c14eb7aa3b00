"""Rows are judged one by one: what cannot be a boundary is said with row, code and place."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from geo.areas import texts
from geo.errors import TooLarge
from importers.boundary_file import BoundaryFile
from importers.boundary_rows import BoundaryRows, CheckedRows
from importers.encoding import UTF8
from importers.fields import FieldNames
from importers.geometry_rows import checked_rows
from importers.limits import Limits

#   2 +-------+
#     | \   / |        A bow tie: its two loops meet at (1, 1).
#   1 |   X   |
#     | /   \ |
#   0 +       +
#     0   1   2
BOW_TIE = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])

#   4 +-------------+
#     |  +-------+  |  The hole is drawn as the shell and the shell as the hole.
#     |  |       |  |
#     |  +-------+  |
#   0 +-------------+
EXCHANGED = Polygon(box(1, 1, 3, 3).exterior, [box(0, 0, 4, 4).exterior])

with np.errstate(invalid="ignore"):
    NOT_A_NUMBER = Polygon([(0, 0), (np.nan, 0), (1, 1)])
    INFINITE = Polygon([(0, 0), (np.inf, 0), (1, 1)])

NO_FIELDS = FieldNames(None, None, None, None, None, None, None, None, None)


def file_of(geoms: list[Any], codes: list[str] | None = None, *, geographic: bool = True, **rows: Any) -> BoundaryFile:
    count = len(geoms)
    blank, no = texts([""] * count), np.zeros(count, dtype=bool)
    shapes = np.empty(count, dtype=object)
    shapes[:] = geoms
    code_column = texts([f"c{row}" for row in range(1, count + 1)] if codes is None else codes)
    columns: dict[str, Any] = {
        "numbers": np.arange(1, count + 1), "codes": code_column, "names": code_column, "parents": blank,
        "parent_texts": blank, "local_codes": blank, "kinds": blank, "categories": blank, "not_subdivided": no,
        "fully_divided": no, "geoms": shapes, "unclosed": no, "unreadable": no,
    }  # fmt: skip
    return BoundaryFile(
        name="drawn.geojson", format="GeoJSON", layer="drawn", sha256="", encoding=UTF8, crs_text="wgs84",
        crs_origin="given", geographic=geographic, codes_assigned=False, columns=("code",), used=NO_FIELDS,
        rows=BoundaryRows(**(columns | rows)), bounds=(0, 0, 1, 1), refusals=(), remarks=(),
    )  # fmt: skip


def kinds(checked: CheckedRows) -> list[tuple[int, str]]:
    return [(refusal.row, refusal.error.kind) for refusal in checked.refusals]


def test_sound_polygons_pass():
    checked = checked_rows(file_of([box(0, 0, 1, 1), MultiPolygon([box(1, 0, 2, 1), box(3, 0, 4, 1)])]))
    assert (len(checked.rows), checked.refusals, checked.repairs) == (2, (), ())


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (None, "no-geometry"),
        (Polygon(), "empty-geometry"),
        (MultiPolygon(), "empty-geometry"),
        (LineString([(0, 0), (1, 1)]), "not-a-polygon"),
        (Point(0, 0), "not-a-polygon"),
        (GeometryCollection([Point(0, 0)]), "not-a-polygon"),
        (GeometryCollection([Point(0, 0), box(0, 0, 1, 1)]), "mixed-collection"),
        (NOT_A_NUMBER, "coordinates-not-finite"),
        (INFINITE, "coordinates-not-finite"),
        (box(103, 89, 104, 90.5), "beyond-degrees"),
        (box(179, 30, 180.5, 31), "beyond-degrees"),
        (BOW_TIE, "self-intersection"),
        (EXCHANGED, "hole-outside-shell"),
        (MultiPolygon([box(0, 0, 4, 4), box(1, 1, 2, 2)]), "rings-nested"),
    ],
)
def test_what_cannot_be_a_boundary_is_refused_and_the_rest_passes(shape, kind):
    checked = checked_rows(file_of([box(0, 0, 1, 1), shape]))
    assert kinds(checked) == [(2, kind)]
    assert checked.rows.codes.tolist() == ["c1"]


def test_a_self_intersection_is_named_with_row_code_and_place():
    (refusal,) = checked_rows(file_of([box(0, 0, 1, 1), BOW_TIE])).refusals
    assert refusal.error.place == {"file": "drawn.geojson", "row": 2, "code": "c2", "x": "1", "y": "1"}
    assert "第 2 行（c2）" in refusal.error.text("zh")
    assert "(1, 1)" in refusal.error.text("en")


def test_make_valid_keeps_both_loops_of_a_bow_tie_and_reports_the_area():
    checked = checked_rows(file_of([BOW_TIE]), make_valid=True)
    (repair,) = checked.repairs
    assert (repair.row, repair.code, repair.reason) == (1, "c1", "self-intersection")
    assert (repair.area_before, repair.area_after) == (0.0, 2.0)
    assert checked.rows.geoms[0].equals(
        MultiPolygon([Polygon([(0, 0), (1, 1), (0, 2)]), Polygon([(2, 0), (2, 2), (1, 1)])])
    )


def test_make_valid_exchanges_shell_and_hole_back():
    checked = checked_rows(file_of([EXCHANGED]), make_valid=True)
    assert checked.rows.geoms[0].equals(box(0, 0, 4, 4).difference(box(1, 1, 3, 3)))


def test_make_valid_takes_the_polygons_out_of_nested_collections():
    inner = GeometryCollection([box(2, 0, 3, 1), LineString([(0, 0), (1, 0)])])
    checked = checked_rows(file_of([GeometryCollection([Point(9, 9), box(0, 0, 1, 1), inner])]), make_valid=True)
    assert checked.rows.geoms[0].equals(MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)]))
    assert [repair.reason for repair in checked.repairs] == ["mixed-collection"]


def test_loops_on_both_sides_of_an_edge_become_one_piece():
    #  +---+      Drawn as one line through the diagonal twice; GEOS alone leaves two parts that share it.
    #  | / |
    #  +---+
    twice = Polygon([(1, 1), (0, 1), (0, 0), (1, 1), (1, 0), (0, 0)])
    assert checked_rows(file_of([twice]), make_valid=True).rows.geoms[0].equals(box(0, 0, 1, 1))


def test_a_polygon_of_which_nothing_is_left_is_refused():
    flat = Polygon([(0, 0), (1, 1), (2, 2), (0, 0)])
    assert kinds(checked_rows(file_of([flat]), make_valid=True)) == [(1, "not-mendable")]


def test_an_unclosed_ring_is_refused_and_closed_by_make_valid():
    file = file_of([box(0, 0, 1, 1)], unclosed=np.array([True]))
    assert kinds(checked_rows(file)) == [(1, "unclosed-ring")]
    mended = checked_rows(file, make_valid=True)
    assert (len(mended.rows), [repair.reason for repair in mended.repairs]) == (1, ["unclosed-ring"])


def test_bytes_that_are_no_geometry_are_not_called_missing():
    file = file_of([None], unreadable=np.array([True]))
    assert kinds(checked_rows(file)) == [(1, "unreadable-geometry")]


def test_both_rows_of_a_duplicate_code_are_refused_and_named():
    checked = checked_rows(file_of([box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 0, 3, 1)], ["A", "B", "A"]))
    assert kinds(checked) == [(1, "duplicate-code"), (3, "duplicate-code")]
    assert "1, 3" in checked.refusals[0].error.text("en")
    assert checked.rows.codes.tolist() == ["B"]


def test_an_empty_code_is_refused():
    assert kinds(checked_rows(file_of([box(0, 0, 1, 1)], [""]))) == [(1, "empty-code")]


def test_a_row_with_a_bad_code_and_a_bad_shape_says_both():
    checked = checked_rows(file_of([BOW_TIE, box(0, 0, 1, 1)], ["", "B"]))
    assert sorted(kinds(checked)) == [(1, "empty-code"), (1, "self-intersection")]


def test_a_ring_of_a_million_vertices_is_refused_and_half_a_million_are_read():
    def ring(vertices: int) -> Polygon:
        angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
        return Polygon(np.c_[np.cos(angle), np.sin(angle)])

    checked = checked_rows(file_of([ring(1_000_000), ring(500_000)]))
    ((row, kind),) = kinds(checked)
    assert (row, kind, type(checked.refusals[0].error)) == (1, "ring-too-long", TooLarge)
    assert checked.refusals[0].error.facts["vertices"] == 1_000_000
    assert checked.rows.codes.tolist() == ["c2"]


def test_the_limit_is_of_one_ring_not_of_all():
    parts = MultiPolygon([box(x, 0, x + 0.5, 1) for x in range(20)])
    assert len(checked_rows(file_of([parts]), limits=Limits(ring_vertices=4)).rows) == 1


def test_metres_are_not_judged_as_degrees():
    assert len(checked_rows(file_of([box(35388000, 3329000, 35389000, 3330000)], geographic=False)).rows) == 1


def test_ring_order_and_repeated_vertices_are_set_right_without_a_word():
    clockwise = Polygon([(0, 0), (0, 1), (0, 1), (1, 1), (1, 0)])
    checked = checked_rows(file_of([clockwise]))
    assert checked.rows.geoms[0].exterior.is_ccw
    assert shapely.get_num_coordinates(checked.rows.geoms[0]) == 5
    assert not checked.refusals


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=9))
def test_what_comes_out_is_valid_and_what_does_not_has_a_reason(points):
    file = file_of([Polygon(points)])
    for make_valid in (False, True):
        checked = checked_rows(file, make_valid=make_valid)
        assert len(checked.rows) + len({refusal.row for refusal in checked.refusals}) == 1
        assert shapely.is_valid(checked.rows.geoms).all()
        assert np.isin(shapely.get_type_id(checked.rows.geoms), (3, 6)).all()
    if Polygon(points).is_valid:
        assert checked.rows.geoms[0].area == Polygon(points).area


@pytest.mark.slow
@pytest.mark.real_data
def test_the_uk_output_areas_have_the_318_invalid_shapes_that_are_known(repository_data: Path):
    from importers.boundary_file import read_boundaries

    file = read_boundaries(repository_data / "uk-census" / "oa11_ew.parquet", code_field="OA11CD")
    plain, mended = checked_rows(file), checked_rows(file, make_valid=True)
    assert (len(file.rows), len(plain.rows), len(mended.rows)) == (181_408, 181_090, 181_408)
    assert (len(plain.refusals), len(mended.refusals), len(mended.repairs)) == (318, 0, 318)


@pytest.fixture
def repository_data() -> Path:
    data = Path(__file__).parents[3] / "shared" / "data"
    if not data.is_dir():
        pytest.skip("../shared/data is not there")
    return data
