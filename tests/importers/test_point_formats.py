"""Tables of points in CSV, Parquet and Excel: every format says the same, in and out, also after a crash.

          104.00      104.01      104.02      104.03
30.01       +-----------+- - - - - -+-----------+
            |  west     :    gap    |   east    |     the community covers all three and has a team,
30.00       +-----------+- - - - - -+-----------+     so has west
"""

import csv
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime, timedelta

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geo.crs import parse_crs
from geo.errors import BadInput, Conflict, GeoError, TooLarge
from geo.lattice import snap
from geo.levels import DEFAULT
from geo.store.editions import list_editions, present
from geo.store.locating import full_view
from geo.store.snapshot import build_snapshot
from importers import point_csv, point_parquet, point_work, point_workbook
from importers.point_cells import answer_cells
from importers.point_columns import ADDED
from importers.point_file import PointRequest, locate_file

WEST, EAST = "511402002001001", "511402002001002"
FORMATS = ("csv", "parquet", "xlsx")
ROWS = [
    ("一", 104.005, 30.005),
    ("=1+1", 104.015, 30.005),
    ("three", 104.0299, 30.005),
    (" four ", 105.0, 30.005),
    ("five", 104.01, 30.005),
    ("six", 30.005, 104.005),
    ("seven", None, 30.0),
]
STATUSES = ["found", "gap", "found", "outside", "found", "invalid", "invalid"]


def write(path, names, rows):
    """Write a table in the format of its extension."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names, *(["" if cell is None else cell for cell in row] for row in rows)])
    elif path.suffix == ".parquet":
        columns = list(zip(*rows, strict=True)) if rows else [[] for _ in names]
        pq.write_table(pa.table([pa.array(column) for column in columns], names=names), path)
    else:
        book = openpyxl.Workbook()
        for row in [names, *rows]:
            book.active.append(list(row))
        for row in book.active:
            for cell in row:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
        book.save(path)
    return path


def read(path):
    """Return a table as rows of texts, empty where there is nothing."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".parquet":
        rows = pq.read_table(path).to_pylist()
    else:
        head, *body = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        rows = [dict(zip(head, cells, strict=True)) for cells in body]
    return [{name: _text(name, value) for name, value in row.items()} for row in rows]


def _text(name, value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.2f}" if name == "gw_border_m" else str(value)


def answers(path):
    return [tuple(row[name] for name in ADDED) for row in read(path)]


@pytest.fixture
def locate(drawn, tmp_path):
    """Return a way to locate a file; it returns the report."""

    def run(source, target, *, crs="cgcs2000", **more):
        now = present(drawn).at
        request = PointRequest(
            tmp_path / source,
            tmp_path / target,
            crs and parse_crs(crs),
            **({"at": now, "now": now, "lang": "en"} | more),
        )
        return locate_file(drawn, request, lambda done, total: None)

    return run


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
def test_every_format_says_the_same(locate, tmp_path, source, target):
    write(tmp_path / f"in.{source}", ["note", "lon", "lat"], ROWS)
    write(tmp_path / "plain.csv", ["note", "lon", "lat"], ROWS)
    report = locate(f"in.{source}", f"out.{target}")
    locate("plain.csv", "expected.csv")
    assert answers(tmp_path / f"out.{target}") == answers(tmp_path / "expected.csv")
    assert [row["gw_status"] for row in read(tmp_path / f"out.{target}")] == STATUSES
    assert [row["note"] for row in read(tmp_path / f"out.{target}")] == [note for note, _, _ in ROWS]
    assert report.statuses == {"found": 3, "gap": 1, "outside": 1, "invalid": 2}
    assert (report.uncertain, report.swapped) == (1, 1)


def test_parquet_keeps_the_types_of_its_columns_and_calls_texts_texts(locate, tmp_path):
    table = pa.table(
        {
            "id": pa.array([2**62, None], pa.int64()),
            "lon": pa.array([104.005, 104.015], pa.float32()),
            "lat": pa.array([30.005, 30.005]),
            "tags": pa.array([["a", "b"], []], pa.list_(pa.string())),
            "kind": pa.array(["x", "y"]).dictionary_encode(),
            "when": pa.array([datetime(2026, 1, 1, tzinfo=UTC), None], pa.timestamp("ns", "Asia/Shanghai")),
        }
    ).replace_schema_metadata({"mine": "kept"})
    pq.write_table(table, tmp_path / "in.parquet", compression="zstd")
    locate("in.parquet", "out.parquet")
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.select(table.column_names).equals(table)
    assert found.schema.metadata[b"mine"] == b"kept"
    assert [str(found.schema.field(name).type) for name in ADDED] == [
        "string", "bool", "string", "string", "string", "string", "double", "string",
    ]  # fmt: skip
    assert pq.ParquetFile(tmp_path / "out.parquet").metadata.row_group(0).column(0).compression == "ZSTD"
    assert found["gw_status"].to_pylist() == ["found", "gap"]


def test_an_excel_ledger_may_have_titles_and_keeps_its_cells(locate, tmp_path):
    book = openpyxl.Workbook()
    day = datetime(2026, 3, 1, 8, 30)
    for row in (
        ["三月台账"],
        [],
        ["编号", "经度", "纬度", "登记"],
        [7, 104.005, "30.005", day],
        ["合计", None, None, None],
    ):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    assert locate("in.xlsx", "out.xlsx").statuses == {"found": 1, "invalid": 1}
    head, first, total = openpyxl.load_workbook(tmp_path / "out.xlsx").active.iter_rows(values_only=True)
    assert head[:4] == ("编号", "经度", "纬度", "登记")
    assert first[:7] == (7, 104.005, "30.005", day, "found", True, WEST)
    assert total[0] == "合计"
    assert "empty" in total[-1]


def test_text_in_a_workbook_is_never_a_formula_and_long_numbers_keep_their_digits(locate, tmp_path):
    table = pa.table({"id": [2**62], "lon": [104.005], "lat": [30.005], "note": ["=HYPERLINK(1)\x01"]})
    pq.write_table(table, tmp_path / "in.parquet")
    locate("in.parquet", "out.xlsx")
    row = next(openpyxl.load_workbook(tmp_path / "out.xlsx").active.iter_rows(min_row=2))
    assert [(cell.value, cell.data_type) for cell in row[:1]] == [(str(2**62), "s")]
    assert (row[3].data_type, row[3].value) == ("s", "=HYPERLINK(1)_x0001_")


@pytest.mark.parametrize("name", FORMATS)
def test_degrees_minutes_and_seconds_decimal_commas_and_systems_of_their_own(locate, tmp_path, name):
    x, y = parse_crs("gcj02").from_stored([[104.005, 30.005]])[0].tolist()
    rows = [
        ("104°00′18″E", "30°00′18″N", ""),
        (repr(x), repr(y), "gcj02"),
        ("104,005", "30,005", ""),
        ("104.005", "30.005", "nonsense"),
        ("1.04005e2", " 30.005 ", "WGS84"),
    ]
    write(tmp_path / f"in.{name}", ["lon", "lat", "crs"], rows)
    locate(f"in.{name}", "out.csv")
    found = read(tmp_path / "out.csv")
    assert [row["gw_grid_code"] for row in found] == [WEST, WEST, "", "", WEST]
    assert "“104,005” is no coordinate" in found[2]["gw_reason"]
    assert "“nonsense” is not known" in found[3]["gw_reason"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("names", "rows", "kind"),
    [
        (["a", "b"], [("1", "2")], "point-column-missing"),
        (["lon", "lat", "x", "y"], [("1", "2", "3", "4")], "point-column-several"),
        (["lon", "lat", "gw_status"], [("1", "2", "3")], "points-already-located"),
    ],
)
def test_what_is_wrong_with_columns_is_said_in_every_format(locate, tmp_path, name, names, rows, kind):
    write(tmp_path / f"in.{name}", names, rows)
    with pytest.raises(BadInput) as refusal:
        locate(f"in.{name}", "out.csv")
    assert refusal.value.kind == kind
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
def test_a_table_without_rows_gets_its_columns(locate, tmp_path, source, target):
    write(tmp_path / f"in.{source}", ["lon", "lat"], [])
    assert locate(f"in.{source}", f"out.{target}").rows == 0
    assert read(tmp_path / f"out.{target}") == []


@pytest.mark.parametrize("name", FORMATS)
def test_moments_before_the_present_edition_are_answered_as_it_was_then(drawn, locate, tmp_path, name):
    communities, grids, teams = reversed(list_editions(drawn, before=None, limit=9))
    moments = [one.published_at for one in (communities, grids, teams)]
    rows = [(104.005, 30.005, moment.isoformat()) for moment in moments]
    rows += [(104.005, 30.005, text) for text in ("", "2001-01-01", "2999-01-01")]
    write(tmp_path / f"in.{name}", ["lon", "lat", "at"], rows)
    locate(f"in.{name}", "out.csv")
    found = read(tmp_path / "out.csv")
    told = [("gap", ""), ("found", ""), ("found", "西团队"), ("found", "西团队"), ("invalid", ""), ("invalid", "")]
    assert [(row["gw_status"], row["gw_team"]) for row in found] == told
    assert "before the first edition" in found[4]["gw_reason"]
    assert "in the future" in found[5]["gw_reason"]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", None])
def test_moments_of_a_parquet_column_mean_what_their_texts_mean(drawn, locate, tmp_path, zone):
    communities, grids, _ = reversed(list_editions(drawn, before=None, limit=9))
    site = timedelta(hours=8)
    moments = [one.published_at for one in (communities, grids)]
    moments += [None, datetime(2001, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)]
    given = [moment and (moment if zone else (moment + site).replace(tzinfo=None)) for moment in moments]
    column = pa.array(given, pa.timestamp("us", zone))
    table = pa.table({"lon": [104.005] * 5, "lat": [30.005] * 5, "at": column})
    pq.write_table(table, tmp_path / "in.parquet")
    locate("in.parquet", "out.csv")
    found = [(row["gw_status"], row["gw_team"]) for row in read(tmp_path / "out.csv")]
    assert found == [("gap", ""), ("found", ""), ("found", "西团队"), ("invalid", ""), ("invalid", "")]


def test_many_points_are_answered_as_one_by_one(drawn, locate, tmp_path):
    chance = np.random.default_rng(5)
    lonlat = chance.uniform([103.99, 29.995], [104.04, 30.015], (3_000, 2))
    lonlat[:200, 0] = chance.choice([104.0, 104.01, 104.02, 104.03], 200)
    pq.write_table(pa.table({"lon": lonlat[:, 0], "lat": lonlat[:, 1]}), tmp_path / "in.parquet")
    locate("in.parquet", "out.parquet")
    city = build_snapshot(drawn, full_view, DEFAULT).city
    drawn.rollback()
    expected = [answer_cells(city.answer((x, y), 0.0, 200.0), "en") for x, y in snap(lonlat).tolist()]
    assert answers(tmp_path / "out.parquet") == expected
    assert {cells[0] for cells in expected} == {"found", "gap", "outside"}


def test_a_workbook_is_refused_that_is_a_bomb(locate, tmp_path):
    write(tmp_path / "in.xlsx", ["lon", "lat"], [(104.005, 30.005)])
    with (
        zipfile.ZipFile(tmp_path / "in.xlsx") as given,
        zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for part in given.namelist():
            more = b" " * (64 << 20) if part.startswith("xl/worksheets/") else b""
            bomb.writestr(part, given.read(part) + more)
    with pytest.raises(TooLarge) as refusal:
        locate("bomb.xlsx", "out.csv")
    assert refusal.value.kind == "ledger-zip-bomb"


def test_a_parquet_file_is_refused_that_unpacks_to_far_more_than_it_is(locate, tmp_path):
    table = pa.table({"lon": np.zeros(9_000_000), "lat": [30.005] * 9_000_000})
    pq.write_table(table, tmp_path / "bomb.parquet", use_dictionary=False, compression="zstd", row_group_size=9_000_000)
    with pytest.raises(TooLarge) as refusal:
        locate("bomb.parquet", "out.csv")
    assert refusal.value.kind == "ledger-zip-bomb"


@pytest.mark.parametrize("harm", ["cut off", "garbled footer", "garbled pages"])
def test_a_broken_parquet_file_is_refused_and_nothing_is_left(locate, tmp_path, harm):
    path = write(
        tmp_path / "in.parquet", ["note", "lon", "lat"], [("n" * 50, 104.0 + k * 1e-6, 30.005) for k in range(500)]
    )
    content = bytearray(path.read_bytes())
    size = struct.unpack("<I", content[-8:-4])[0]
    if harm == "cut off":
        content = content[:-100]
    elif harm == "garbled footer":
        content[-size:-8] = b"\xff" * (size - 8)
    else:
        content[4 : -size - 8] = b"\xff" * (len(content) - size - 12)
    path.write_bytes(content)
    with pytest.raises(BadInput) as refusal:
        locate("in.parquet", "out.csv")
    assert refusal.value.kind == "points-broken-parquet"
    assert [each.name for each in tmp_path.iterdir()] == ["in.parquet"]


def test_more_rows_than_a_sheet_has_are_refused_before_any_work(locate, tmp_path):
    count = point_workbook.MOST_ROWS
    table = pa.table({"lon": np.full(count, 104.005), "lat": np.full(count, 30.005)})
    pq.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(TooLarge) as refusal:
        locate("in.parquet", "out.xlsx")
    assert refusal.value.kind == "points-too-many-for-excel"


def test_who_works_at_a_file_works_alone(locate, tmp_path):
    write(tmp_path / "in.csv", ["lon", "lat"], [(104.005, 30.005)])
    with point_work.working(tmp_path / "out.csv", {}), pytest.raises(Conflict) as refusal:
        locate("in.csv", "out.csv")
    assert refusal.value.kind == "points-being-written"


class Interrupted(BaseException):
    """Stands for the process going away: nothing catches it."""


@pytest.fixture
def small_parts(monkeypatch):
    """Let parts be so small that a few rows make many."""
    for module in (point_csv, point_parquet, point_workbook):
        monkeypatch.setattr(module, "UNIT_ROWS", 100)
    monkeypatch.setattr(point_csv.TextSink, "rows_between_marks", 200)
    monkeypatch.setattr(point_parquet.ParquetSink, "rows_between_marks", 200)
    monkeypatch.setattr(point_workbook.WorkbookSink, "rows_between_marks", 200)


def interrupted(drawn, tmp_path, source, target, after, **more):
    """Locate until so many rows are done."""
    now = present(drawn).at

    def stop(done, total):
        if done >= after:
            raise Interrupted

    request = PointRequest(tmp_path / source, tmp_path / target, parse_crs("cgcs2000"), now, now, lang="en", **more)
    with pytest.raises(Interrupted):
        locate_file(drawn, request, stop)
    drawn.rollback()


def many_rows(count):
    chance = np.random.default_rng(9)
    lon, lat = chance.uniform([103.999, 29.999], [104.031, 30.011], (count, 2)).T.tolist()
    return [(f"第{number}行", *place) for number, place in enumerate(zip(lon, lat, strict=True))]


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
@pytest.mark.usefixtures("small_parts")
def test_what_was_interrupted_goes_on_and_gives_the_same_bytes(drawn, locate, tmp_path, source, target):
    write(tmp_path / f"in.{source}", ["note", "lon", "lat"], many_rows(950))
    whole = locate(f"in.{source}", f"whole.{target}")
    interrupted(drawn, tmp_path, f"in.{source}", f"out.{target}", 500)
    interrupted(drawn, tmp_path, f"in.{source}", f"out.{target}", 700)
    assert not (tmp_path / f"out.{target}").exists()
    report = locate(f"in.{source}", f"out.{target}")
    assert 600 <= report.resumed < 700
    assert (report.rows, report.statuses) == (950, whole.statuses)
    assert (tmp_path / f"out.{target}").read_bytes() == (tmp_path / f"whole.{target}").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"in.{source}", f"out.{target}", f"whole.{target}"]


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "utf-8-sig"])
@pytest.mark.usefixtures("small_parts")
def test_a_mark_of_byte_order_stands_once(drawn, locate, tmp_path, encoding):
    text = "备注,经度,纬度\n" + "".join(f"{note},{lon},{lat}\n" for note, lon, lat in many_rows(450))
    (tmp_path / "in.csv").write_bytes(text.encode(encoding))
    locate("in.csv", "whole.csv")
    interrupted(drawn, tmp_path, "in.csv", "out.csv", 300)
    assert 200 <= locate("in.csv", "out.csv").resumed < 300
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("change", ["input", "option"])
def test_other_input_or_options_begin_anew(drawn, locate, tmp_path, change):
    write(tmp_path / "in.csv", ["note", "lon", "lat"], many_rows(450))
    interrupted(drawn, tmp_path, "in.csv", "out.csv", 300)
    if change == "input":
        write(tmp_path / "in.csv", ["note", "lon", "lat"], many_rows(451))
    report = locate("in.csv", "out.csv", lang="en" if change == "input" else "zh")
    assert (report.resumed, report.begun_anew) == (0, True)
    assert report.rows == len(read(tmp_path / "out.csv"))


SMALL = """
import sys, time
from importers import point_added, point_csv, point_parquet, point_workbook
for module in (point_csv, point_parquet, point_workbook):
    module.UNIT_ROWS = 100
for sink in (point_csv.TextSink, point_parquet.ParquetSink, point_workbook.WorkbookSink):
    sink.rows_between_marks = 200
answered = point_added.ColumnLocating.added
def slowly(self, given):
    time.sleep(SLOW)
    return answered(self, given)
point_added.ColumnLocating.added = slowly
from api.command import main
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["csv", "parquet"])
@pytest.mark.usefixtures("small_parts")
def test_a_killed_process_goes_on_where_it_was_killed(locate, app_url, tmp_path, name):
    write(tmp_path / f"in.{name}", ["note", "lon", "lat"], many_rows(2_000))
    whole = locate(f"in.{name}", f"whole.{name}", lang="zh")

    def begun(slow_s):
        words = (
            "locate-file",
            str(tmp_path / f"in.{name}"),
            str(tmp_path / f"out.{name}"),
            "--crs",
            "cgcs2000",
            "--json",
        )
        return subprocess.Popen(
            (sys.executable, "-c", SMALL.replace("SLOW", str(slow_s)), *words),
            env=os.environ | {"DATABASE_URL": app_url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    killed = begun(0.3)
    state = tmp_path / f".out.{name}.locating" / "state.json"
    for _ in range(1200):
        if state.exists() or killed.poll() is not None:
            break
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / f"out.{name}").exists()
    out, err = (again := begun(0)).communicate()
    assert again.returncode == 1, err.decode()
    report = json.loads(out)
    resumed = re.search("接着上次中断处继续：前 ([0-9,]+) 行", err.decode())
    assert 200 <= int(resumed[1].replace(",", "")) < 2_000
    assert report["statuses"] == whole.statuses
    assert (tmp_path / f"out.{name}").read_bytes() == (tmp_path / f"whole.{name}").read_bytes()


@pytest.mark.parametrize("name", ["in.xls", "in.json"])
def test_other_formats_are_refused_by_name(locate, tmp_path, name):
    (tmp_path / name).write_text("lon,lat\n1,2\n")
    with pytest.raises(GeoError, match=r"supported: \.csv, \.tsv, \.txt, \.parquet, \.xlsx"):
        locate(name, "out.csv")
