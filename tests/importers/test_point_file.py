"""Tables of points: every row stays as it is, with the answer or the reason beside it.

          104.00      104.01      104.02      104.03
30.01       +-----------+- - - - - -+-----------+
            |  west     :    gap    |   east    |     the community covers all three and has a team,
30.00       +-----------+- - - - - -+-----------+     so has west
"""

import csv
import io
import os
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.crs import parse_crs
from geo.errors import BadInput, Conflict, GeoError, NotFound, TooLarge
from geo.levels import DEFAULT
from geo.store.editions import list_editions, present
from geo.store.locating import Question, full_view
from importers import point_answers
from importers.coordinate_text import coordinate
from importers.point_columns import ADDED, point_columns
from importers.point_file import PointRequest, locate_file
from importers.point_table import PointTable, WiderTable

COMMUNITY, WEST, EAST = "511402002001", "511402002001001", "511402002001002"
IN_WEST, IN_GAP, IN_EAST, ON_WEST_RIM, OUTSIDE = (
    "104.005,30.005",
    "104.015,30.005",
    "104.0299,30.005",
    "104.01,30.005",
    "105,30.005",
)
"""West and east are 965 m wide; a point 0.0001° from the rim is 9.65 m away from it."""
LINE_BYTES = (1 << 30) // (1 if os.environ.get("GRIDWARDEN_SOAK") else 20)


@pytest.fixture
def locate(drawn, tmp_path):
    """Return a way to locate a table given as text or bytes; it returns the report and the bytes written."""

    def run(table, *, crs="cgcs2000", name="points.csv", **more):
        source, target = tmp_path / name, tmp_path / "located.csv"
        source.write_bytes(table if isinstance(table, bytes) else table.encode())
        now = present(drawn).at
        system = None if crs is None else parse_crs(crs)
        request = PointRequest(source, target, system, **({"at": now, "now": now, "lang": "en"} | more))
        return locate_file(drawn, request, lambda done, total: None), target.read_bytes()

    return run


def rows_of(written, encoding="utf-8", delimiter=","):
    return list(csv.DictReader(io.StringIO(written.decode(encoding), newline=""), delimiter=delimiter))


def answers(written, **more):
    return [tuple(row[name] for name in ADDED) for row in rows_of(written, **more)]


def test_every_status_stands_beside_its_row(locate):
    table = "lon,lat\n" + "\n".join((IN_WEST, IN_GAP, IN_EAST, OUTSIDE, ON_WEST_RIM)) + "\n"
    report, written = locate(table)
    gap = "gap: inside an area, but no grid covers it; no grid covers the point; the team of the community/village"
    found = answers(written)
    assert [row[:6] for row in found] == [
        ("found", "true", WEST, "西网格", COMMUNITY, "西团队"),
        ("gap", "true", "", "", COMMUNITY, "社区团队"),
        ("found", "true", EAST, "东网格", COMMUNITY, "社区团队"),
        ("outside", "true", "", "", "", ""),
        ("found", "false", WEST, "西网格", COMMUNITY, "西团队"),
    ]
    assert [row[6] for row in found] == ["", "", "9.65", "", "0.00"]
    assert found[0][7] == ""
    assert found[1][7].startswith(gap.partition(" the team")[0])
    assert "the grid has no team" in found[2][7]
    assert found[3][7] == "outside every area"
    assert "on a border" in found[4][7]
    assert (report.rows, report.statuses, report.uncertain) == (5, {"found": 3, "gap": 1, "outside": 1}, 1)


def test_every_character_of_a_row_is_kept(locate):
    rows = [
        f'0007,{IN_WEST},"a ""quoted"", text"',
        f'"0008",{IN_WEST},"two\r\nlines"',
        f" 0009 ,{IN_WEST},=1+1",
        "",
        f"0010,{IN_WEST}",
        f"+86 138,{IN_WEST},",
    ]
    _, written = locate("id,lon,lat,note\r\n" + "\r\n".join(rows))
    text = written.decode()
    assert text.startswith("id,lon,lat,note," + ",".join(ADDED) + "\r\n")
    place = 0
    for row in rows:
        place = text.index("\r\n" + row, place) + len(row)
    assert "\r\n\r\n" in text
    assert not text.endswith("\n")
    assert [row["id"] for row in rows_of(written)] == ["0007", "0008", " 0009 ", "0010", "+86 138"]
    assert {row["gw_grid_code"] for row in rows_of(written)} == {WEST}


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=5), min_size=1, max_size=5), st.sampled_from(",;\t"))
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_reads_back_with_its_cells_and_the_added_ones_in_line(tmp_path, rows, delimiter):
    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        cells = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        cells.writerows([["lon", "lat"], *rows])
    table = PointTable.opened(path, "utf-8")
    assert table.delimiter == delimiter
    out = io.StringIO(newline="")
    writer = WiderTable(table, out)
    added = ("plain", 'with " , ; \t and\nall')
    for record in table.rows():
        writer.write(record, added)
    read = list(csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=delimiter))
    width = max(map(len, [["lon", "lat"], *rows]))
    assert read == [[*row, *[""] * (width - len(row)), *added] for row in [["lon", "lat"], *rows]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_stay_what_they_were(locate, encoding, delimiter):
    table = f"地址,经度,纬度\n桐花巷1号,{IN_WEST}\n".replace(",", delimiter)
    _, written = locate(table.encode(encoding))
    (row,) = rows_of(written, encoding=encoding, delimiter=delimiter)
    assert (row["地址"], row["gw_grid_name"]) == ("桐花巷1号", "西网格")
    assert written[:3] == table.encode(encoding)[:3]


def test_a_western_encoding_gives_way_to_utf_8_because_grids_have_chinese_names(locate):
    _, written = locate(f"café,lon,lat\né,{IN_WEST}\n".encode("cp1252"), encoding="cp1252")
    (row,) = rows_of(written, encoding="utf-8-sig")
    assert (row["café"], row["gw_grid_name"]) == ("é", "西网格")


@pytest.mark.parametrize(
    "header", ["lon,lat", "LNG,LAT", "longitude,latitude", "经度,纬度", "x,y", "X,Y", "东经,北纬", " 经 度 ,纬度（度）"]
)
def test_columns_are_known_by_the_names_that_people_use(locate, header):
    _, written = locate(f"{header}\n{IN_WEST}\n")
    assert answers(written)[0][0] == "found"


def test_columns_can_be_named(locate):
    _, written = locate("a,b,lon,lat\n104.005,30.005,1,1\n", lon="a", lat="b")
    assert answers(written)[0][2] == WEST


@pytest.mark.parametrize(
    ("header", "given", "kind"),
    [
        ("a,b", {}, "point-column-missing"),
        ("lon,b", {}, "point-column-missing"),
        ("lon,lat,x,y", {}, "point-column-several"),
        ("lon,lat", {"lon": "nope"}, "point-column-unknown"),
        ("lon,lat,gw_status", {}, "points-already-located"),
    ],
)
def test_columns_are_never_guessed(header, given, kind):
    with pytest.raises(BadInput) as refusal:
        point_columns(header.split(","), given.get("lon"), given.get("lat"))
    assert refusal.value.kind == kind


@pytest.mark.parametrize(
    ("text", "axis", "degrees"),
    [
        ("104.0640437", "lon", 104.0640437),
        (" １０４．５ ", "lon", 104.5),
        ("-.5", "lat", -0.5),
        ("1.04e2", "lon", 104.0),
        ("104°03′36″E", "lon", 104.06),
        ("104°3'36''", "lon", 104.06),
        ("E104°3.6′", "lon", 104.06),
        ("东经104度3分36秒", "lon", 104.06),
        ("104:03:36", "lon", 104.06),
        ("104.06°", "lon", 104.06),
        ("30.5S", "lat", -30.5),
        ("-0°30'", "lat", -0.5),
        ("0°30′W", "lon", -0.5),
    ],
)
def test_degrees_are_understood_in_their_usual_forms(text, axis, degrees):
    assert coordinate(text, axis, angle=True) == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "point-empty"),
        ("\u3000", "point-empty"),
        ("abc", "point-not-a-number"),
        ("104,06", "point-not-a-number"),
        ("1_0", "point-not-a-number"),
        ("0x68", "point-not-a-number"),
        ("104 E E", "point-not-a-number"),
        ("nan", "point-not-finite"),
        ("-inf", "point-not-finite"),
        ("1e999", "point-not-a-number"),
        ("104°60′", "point-minutes-beyond-60"),
        ("30°30′N", "point-other-axis"),
    ],
)
def test_what_is_no_longitude_says_why(text, kind):
    with pytest.raises(BadInput) as refusal:
        coordinate(text, "lon", angle=True)
    assert refusal.value.kind == kind


def test_metres_are_never_read_as_degrees_and_minutes():
    with pytest.raises(BadInput, match="is no coordinate"):
        coordinate("104°30′", "lon", angle=False)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("abc,30.005,,", "“abc” is no coordinate"),
        (",,,", "coordinate is empty"),
        ("104.005", "coordinate is empty"),
        ("nan,30.005,,", "no finite number"),
        ("30.005,104.005,,", "axes were swapped"),
        ("104.005,95,,", "beyond longitude ±180 or latitude ±90"),
        ("104.005,30.005,nonsense,", "“nonsense” is not known"),
        ("104.005,30.005,EPSG:4610,", "datum"),
        ("104.005,30.005,EPSG:4523,", "the numbers"),
        ("104.005,30.005,,2001-01-01", "before the first edition"),
        ("104.005,30.005,,2999-01-01", "in the future"),
        ("104.005,30.005,,yesterday", "is no moment"),
        ("104.005,30.005,,,extra", "5 cells under 4 headings"),
    ],
)
def test_a_row_that_cannot_be_placed_is_written_with_the_reason(locate, row, reason):
    report, written = locate(f"lon,lat,crs,at\n{row}\n{IN_WEST},,\n")
    refused, good = answers(written)
    assert refused[:7] == ("invalid", "false", "", "", "", "", "")
    assert reason in refused[7]
    assert good[2] == WEST
    assert report.statuses == {"found": 1, "invalid": 1}


def test_exchanged_axes_are_counted_also_where_the_numbers_are_a_place_somewhere(locate):
    report, written = locate("lon,lat\n30.005,104.005\n30.5,80.5\n104.005,30.005\n")
    assert report.swapped == 2
    assert [row[0] for row in answers(written)] == ["invalid", "outside", "found"]


def test_each_row_may_have_its_own_system(locate):
    points = {name: parse_crs(name).from_stored([[104.005, 30.005]])[0] for name in ("gcj02", "bd09", "EPSG:4523")}
    rows = [f"{x!r},{y!r},{name}" for name, (x, y) in ((name, point.tolist()) for name, point in points.items())]
    _, written = locate("\n".join(["lon,lat,crs", *rows, "104.005,30.005,"]), crs=None)
    assert [row[2] for row in answers(written)] == [WEST, WEST, WEST, ""]
    assert "is missing" in answers(written)[3][7]


def test_each_row_may_have_its_own_moment(drawn, locate):
    communities, grids, _ = reversed(list_editions(drawn, before=None, limit=9))
    rows = [f"104.005,30.005,{edition.published_at.isoformat()}" for edition in (communities, grids)]
    _, written = locate("\n".join(["lon,lat,at", *rows, "104.005,30.005,"]))
    assert [(row[0], row[5]) for row in answers(written)] == [("gap", ""), ("found", ""), ("found", "西团队")]


def test_a_table_without_any_system_is_refused_with_the_list_of_systems(locate):
    with pytest.raises(BadInput, match="gcj02"):
        locate(f"lon,lat\n{IN_WEST}\n", crs=None)


def test_an_output_that_is_there_stays_unless_forced(locate, tmp_path):
    (tmp_path / "located.csv").write_text("precious")
    with pytest.raises(Conflict, match="--force"):
        locate(f"lon,lat\n{IN_WEST}\n")
    assert (tmp_path / "located.csv").read_text() == "precious"
    assert locate(f"lon,lat\n{IN_WEST}\n", force=True)[0].rows == 1


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_the_input_is_never_overwritten(locate, tmp_path, link):
    table = f"lon,lat\n{IN_WEST}\n"
    (tmp_path / "points.csv").write_text(table)
    link(tmp_path / "points.csv", tmp_path / "located.csv")
    with pytest.raises(BadInput, match="never changed"):
        locate(table, force=True)
    assert (tmp_path / "points.csv").read_text() == table


def test_after_a_failure_half_way_nothing_is_left(drawn, tmp_path):
    def fail(done, total):
        raise RuntimeError("half way")

    (tmp_path / "points.csv").write_text(f"lon,lat\n{IN_WEST}\n")
    now = present(drawn).at
    request = PointRequest(tmp_path / "points.csv", tmp_path / "out.csv", parse_crs("wgs84"), now, now)
    with pytest.raises(RuntimeError, match="half way"):
        locate_file(drawn, request, fail)
    assert [path.name for path in tmp_path.iterdir()] == ["points.csv"]


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"", "points.csv", "ledger-empty"),
        (b"\n\n", "points.csv", "ledger-empty"),
        (b"PK\x03\x04rest", "points.csv", "points-other-format"),
        (b"PAR1rest", "points.csv", "points-other-format"),
        (b"lon,lat\n", "points.parquet", "points-broken-parquet"),
        (b"lon,lat\n", "points.xlsx", "ledger-broken-workbook"),
        (b"lon,lat\n\0\n", "points.csv", "ledger-not-text"),
        (b"lon,lat\n\xff\xff\xff\n", "points.csv", "ledger-unknown-encoding"),
        (b'lon,lat\n1,"2\n3,4\n', "points.csv", "ledger-broken-quotes"),
        (b"lon,lat\n" + b"1" * (2 << 20) + b",2\n", "points.csv", "ledger-line-too-long"),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_name(locate, tmp_path, content, name, kind):
    with pytest.raises((BadInput, TooLarge)) as refusal:
        locate(content, name=name)
    assert refusal.value.kind == kind
    assert not (tmp_path / "located.csv").exists()


@pytest.mark.soak
def test_a_line_of_a_gigabyte_is_refused_in_little_memory(tmp_path):
    path = tmp_path / "points.csv"
    with path.open("wb") as file:
        file.write(b"lon,lat\n")
        for _ in range(LINE_BYTES >> 20):
            file.write(b"104.005," * (1 << 17))
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge) as refusal:
            PointTable.opened(path, None)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (refusal.value.kind, refusal.value.place["row"]) == ("ledger-line-too-long", 2)
    assert peak_bytes < 32 << 20


@pytest.mark.parametrize(("name", "kind"), [("nowhere.csv", NotFound), (".", BadInput)])
def test_a_missing_file_and_a_folder_are_refused(drawn, tmp_path, name, kind):
    now = present(drawn).at
    with pytest.raises(kind):
        locate_file(
            drawn,
            PointRequest(tmp_path / name, tmp_path / "out.csv", parse_crs("wgs84"), now, now),
            lambda done, total: None,
        )


@pytest.mark.parametrize("target", ["out.xls", "out.json", "out"])
def test_only_named_formats_are_written(drawn, tmp_path, target):
    (tmp_path / "points.csv").write_text(f"lon,lat\n{IN_WEST}\n")
    now = present(drawn).at
    with pytest.raises(GeoError, match=r"supported: \.csv"):
        locate_file(
            drawn,
            PointRequest(tmp_path / "points.csv", tmp_path / target, parse_crs("wgs84"), now, now),
            lambda done, total: None,
        )


@pytest.mark.parametrize("most", [0, 1, 2])
def test_neighbourhoods_that_are_too_large_are_divided_and_answered_alike(drawn, monkeypatch, most):
    published = {one.id: one.published_at for one in list_editions(drawn, before=None, limit=9)}
    questions = [Question(104 + 0.03 * step / 150, 30.005) for step in range(151)]

    def answered():
        around = point_answers.Neighbourhoods(published, DEFAULT, full_view)
        return around.answers(drawn, max(published), questions)

    whole = answered()
    monkeypatch.setattr(point_answers, "MOST_AREAS", most)
    monkeypatch.setattr(point_answers, "FEWEST_POINTS", 4)
    assert answered() == whole
    assert {one.status for one in whole} == {"found", "gap"}
    drawn.rollback()
