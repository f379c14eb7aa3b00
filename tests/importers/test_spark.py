"""Locating on a real Apache Spark: every row has the answer of the index, and stays as it is."""

import csv
import json
import os
import socket
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geo.errors import BadInput, Unavailable
from geo.lattice import snap
from geo.levels import DEFAULT
from geo.locate.city import STATUSES
from geo.locate.ready import ReadyCity
from geo.store.connect import connect
from geo.store.editions import list_editions, present
from importers.point_cells import answer_cells
from importers.point_columns import ADDED
from importers.point_locating import RADIUS_M
from importers.spark import locate_frame
from importers.spark_index import SparkIndex, write_spark_index
from importers.spark_session import parsed_settings, require_spark, settings_of, spark_session

pytestmark = pytest.mark.slow

WHOLE = bool(os.environ.get("GRIDWARDEN_SOAK"))
POINTS = 10_000_000 if WHOLE else 40_000
COMMAND = (sys.executable, "-c", "from api.command import main; main()")


@pytest.fixture(scope="module")
def spark():
    with spark_session("local[2]", {"spark.sql.shuffle.partitions": "2", "spark.ui.enabled": "true"}) as session:
        yield session


@pytest.fixture(scope="module")
def index(city_url, tmp_path_factory):
    """Write the index of the invented city."""
    with connect(city_url) as connection:
        now = present(connection).at
        return write_spark_index(connection, now, tmp_path_factory.mktemp("index"), DEFAULT, "Asia/Shanghai")


@pytest.fixture(scope="module")
def city(index) -> ReadyCity:
    return SparkIndex.opened(index).city


def points_of(city, count):
    """Return points (degrees) in the city and around it; every tenth is a vertex of some boundary."""
    dice = np.random.default_rng(5)
    boxes = city.shapes.boxes
    west, south, east, north = *np.nanmin(boxes[:, :2], axis=0), *np.nanmax(boxes[:, 2:], axis=0)
    lonlat = np.column_stack([dice.uniform(west, east, count), dice.uniform(south, north, count)])
    corners = shapely.get_coordinates([city.shapes.geom(row) for row in range(0, len(boxes), 7)])
    lonlat[::10] = corners[dice.integers(0, len(corners), len(lonlat[::10]))]
    return snap(lonlat) / 1e7


def answered(city, lon, lat):
    """Return the cells of the answer of the index to one point."""
    x, y = snap([lon, lat]).tolist()
    return answer_cells(city.answer((x, y), 0.0, RADIUS_M), "zh")


def cells_of(row):
    """Return what a row of Spark says, written as in a table of text."""
    values = [row[name] for name in ADDED]
    return tuple(
        "" if value is None else str(value).lower() if isinstance(value, bool)
        else f"{value:.2f}" if isinstance(value, float) else value
        for value in values
    )  # fmt: skip


def texts_of(folder):
    """Return the rows of a folder of CSV that Spark wrote, as they stand; parts in their order."""
    rows = []
    for part in sorted(folder.glob("part-*.csv")):
        with part.open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    return rows


def test_the_command_writes_csv_with_the_cells_as_they_were(gridwarden, index, city, tmp_path):
    lon, lat = points_of(city, 2)[1].tolist()
    source, target = tmp_path / "points.csv", tmp_path / "located.csv"
    rows = [
        ("0007", f'"a ""quoted"", text",{lon},{lat}', 'a "quoted", text'),
        ("+86 138", f" spaces ,{lon},{lat}", " spaces "),
        ("x\\", f"王,{lon},", "王"),
        ("0010", f"long,{lon},{lat},more", "long"),
        ("0011", "short", "short"),
    ]
    text = "id,note,lon,lat\r\n" + "".join(f"{first},{rest}\r\n" for first, rest, _ in rows)
    source.write_text("\ufeff" + text, "utf-8", newline="")
    asked = ("locate-spark", source, target, "--crs", "cgcs2000", "--master", "local[2]", "--json")
    exit_code, out, err = gridwarden(*asked)
    report, status = json.loads(out), answered(city, lon, lat)[0]
    assert (exit_code, report["rows"], report["swapped"]) == (1, 5, 0), err
    assert report["statuses"] == {status: 2, "invalid": 3}
    found = texts_of(target)
    assert list(found[0]) == ["id", "note", "lon", "lat", *ADDED]
    assert [(row["id"], row["note"]) for row in found] == [(first, note) for first, _, note in rows]
    assert [row["gw_status"] for row in found] == [status, status, "invalid", "invalid", "invalid"]
    assert "0010,long," in found[3]["gw_reason"]
    assert "格数与表头不符" in found[4]["gw_reason"]
    exit_code, out, err = gridwarden(*asked)
    assert (exit_code, "--force" in err, "exists" in err) == (2, True, True), err
    assert texts_of(target) == found
    assert gridwarden(*asked, "--force")[0] == 1
    assert texts_of(target) == found


def test_the_command_says_of_parquet_what_locate_file_says_of_csv(gridwarden, city, tmp_path):
    lonlat = points_of(city, 300)
    lonlat[7] = lonlat[7, ::-1]
    pq.write_table(pa.table({"lon": lonlat[:, 0], "lat": lonlat[:, 1]}), tmp_path / "points.parquet")
    rows = "".join(f"{lon},{lat}\n" for lon, lat in lonlat.tolist())
    (tmp_path / "points.csv").write_text("lon,lat\n" + rows, "utf-8")
    gridwarden("locate-file", tmp_path / "points.csv", tmp_path / "located.csv", "--crs", "cgcs2000")
    exit_code, out, err = gridwarden(
        *("locate-spark", tmp_path / "points.parquet", tmp_path / "located.parquet"),
        *("--crs", "cgcs2000", "--master", "local[2]", "--conf", "spark.sql.files.maxPartitionBytes=4096"),
    )
    assert (exit_code, "300" in out, "写反" in err) == (1, True, True), (out, err)
    located = pq.read_table(tmp_path / "located.parquet").to_pylist()
    with (tmp_path / "located.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert [cells_of(row) for row in located] == [tuple(row[name] for name in ADDED) for row in expected]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("points.xlsx", "located.csv"), "“points.xlsx”不是 Spark 读写的格式"),
        (("points.csv", "located"), "“located”不是 Spark 读写的格式"),
        (("out.csv/points.csv", "out.csv"), "输出文件就是输入文件"),
        (("points.csv", "points.csv"), "输出文件就是输入文件"),
        (("points.csv", "out.csv", "--conf", "spark.executor.memory"), "名称=值"),
        (("points.csv", "out.csv", "--crs", "mars"), "mars"),
    ],
)
def test_what_is_wrong_with_the_command_is_said_before_spark_starts(gridwarden, words, said):
    exit_code, out, err = gridwarden("locate-spark", *words)
    assert (exit_code, out, said in err) == (2, "", True), err


def test_every_row_has_the_answer_of_the_index(spark, index, city, tmp_path):
    lonlat = points_of(city, 2_000)
    table = pa.table({"id": np.arange(len(lonlat)), "lon": lonlat[:, 0], "lat": lonlat[:, 1]})
    pq.write_table(table, tmp_path / "points.parquet", row_group_size=500)
    frame = spark.read.parquet(str(tmp_path / "points.parquet")).repartition(3)
    located = locate_frame(spark, frame, index, crs="cgcs2000")
    assert located.columns == ["id", "lon", "lat", *ADDED]
    rows = sorted(located.collect(), key=lambda row: row["id"])
    assert [row["id"] for row in rows] == list(range(len(lonlat)))
    assert [(row["lon"], row["lat"]) for row in rows] == [tuple(point) for point in lonlat.tolist()]
    assert [cells_of(row) for row in rows] == [answered(city, *point) for point in lonlat.tolist()]
    assert len({row["gw_status"] for row in rows}) >= 2
    assert any(row["gw_certain"] is False for row in rows)


def written_points(city, folder, count):
    """Write many points as Parquet, in files of at most half a million; return them as lattice integers."""
    lonlat = points_of(city, count)
    folder.mkdir()
    for number, first in enumerate(range(0, count, 500_000)):
        part = lonlat[first : first + 500_000]
        table = pa.table({"id": np.arange(first, first + len(part)), "lon": part[:, 0], "lat": part[:, 1]})
        pq.write_table(table, folder / f"{number:03d}.parquet")
    return np.rint(lonlat * 1e7).astype(np.int64)


def assert_answers_of_the_index(city, points, folder):
    """Compare status, grid and distance of every row with the columns that the index gives for the same points."""
    codes = np.array([city.tables.record(row).code for row in range(len(city.tables))] + [""], dtype=object)
    seen = np.zeros(len(points), dtype=np.int64)
    for part in sorted(folder.glob("part-*.parquet")):
        table = pq.read_table(part)
        rows = table["id"].to_numpy()
        seen[rows] += 1
        x, y = points[rows].T
        located = city.index.locate(x, y)
        assert table["gw_status"].to_pylist() == [STATUSES[status] for status in located.status.tolist()]
        assert table["gw_grid_code"].fill_null("").to_pylist() == codes[located.grid].tolist()
        border_m = city.index.border_m(x, y, located, RADIUS_M)
        found_m = table["gw_border_m"].to_numpy()
        assert np.array_equal(np.isnan(found_m), np.isinf(border_m))
        assert np.nanmax(np.abs(found_m - border_m), initial=0.0, where=np.isfinite(border_m)) <= 0.0051
    assert (seen == 1).all()


@pytest.mark.soak
def test_millions_of_points_have_the_answers_of_the_index(spark, index, city, tmp_path):
    points = written_points(city, tmp_path / "points.parquet", POINTS)
    frame = spark.read.parquet(str(tmp_path / "points.parquet"))
    locate_frame(spark, frame, index, crs="cgcs2000").write.parquet(str(tmp_path / "located.parquet"))
    assert_answers_of_the_index(city, points, tmp_path / "located.parquet")


@pytest.mark.soak
@pytest.mark.skipif(not WHOLE, reason="a cluster of four Java machines, in `make soak` only")
def test_executors_in_processes_of_their_own_give_the_same_answers(city, city_url, tmp_path):
    home = tmp_path / "spark"
    home.mkdir()
    for part in Path(find_spec("pyspark").origin).parent.iterdir():
        # Executors write their logs into the folder of Spark.
        (home / part.name).symlink_to(part)
    points = written_points(city, tmp_path / "points.parquet", POINTS // 10)
    asked = ("locate-spark", tmp_path / "points.parquet", tmp_path / "located.parquet", "--crs", "cgcs2000", "--json")
    environ = os.environ | {"DATABASE_URL": city_url, "SPARK_HOME": str(home)}
    told = subprocess.run(
        [*COMMAND, *map(str, asked), "--master", "local-cluster[2,1,1024]"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1, told.stderr
    assert json.loads(told.stdout)["rows"] == len(points)
    assert_answers_of_the_index(city, points, tmp_path / "located.parquet")


def test_a_row_that_cannot_be_placed_is_kept_with_the_reason_and_spoils_no_other(spark, index, city):
    lon, lat = points_of(city, 2)[1].tolist()
    east, north = 500_000.0, 3_340_000.0
    rows = [
        (f"{lon}", f"{lat}", None),
        ("abc", f"{lat}", None),
        (None, f"{lat}", None),
        ("1e400", f"{lat}", ""),
        (f"{lat}", f"{lon}", None),
        (f"{east}", f"{north}", None),
        (f"{lon}", f"{lat}", "nonsense"),
        (f"{lon}", f"{lat}", "wgs84"),
    ]
    frame = spark.createDataFrame(rows, "lon string, lat string, crs string")
    found = locate_frame(spark, frame, index, crs="cgcs2000", lang="en").collect()
    assert [row["gw_status"] == "invalid" for row in found] == [False, True, True, True, True, True, True, False]
    assert [tuple(row)[:3] for row in found] == rows
    assert cells_of(found[0])[:7] == cells_of(found[7])[:7] == answered(city, lon, lat)[:7]
    assert "abc" in found[1]["gw_reason"]
    assert "empty" in found[2]["gw_reason"]
    assert "nonsense" in found[6]["gw_reason"]


def test_columns_may_be_called_anything_and_keep_their_types(spark, index, city):
    lon, lat = points_of(city, 2)[1].tolist()
    now = datetime(2026, 1, 2, 3, 4, 5)
    frame = spark.createDataFrame(
        [(Decimal(f"{lon:.7f}"), Decimal(f"{lat:.7f}"), 1, 2, now, [1, None], "王")],
        "`经度` decimal(12,7), `纬度` decimal(12,7), `a.b` int, `A.b` long, `when` timestamp, `many` array<int>, "
        "`` string".replace("``", "`的 ``x```"),
    )
    located = locate_frame(spark, frame, index, crs="cgcs2000")
    assert located.columns == [*frame.columns, *ADDED]
    assert located.schema.fields[: len(frame.columns)] == frame.schema.fields
    [row] = located.collect()
    assert tuple(row)[: len(frame.columns)] == tuple(frame.collect()[0])
    assert cells_of(row) == answered(city, lon, lat)


def test_only_the_edition_of_the_index_answers(spark, index, city, city_url):
    with connect(city_url) as connection:
        editions = sorted(list_editions(connection, before=None, limit=100), key=lambda one: one.id)
    lon, lat = points_of(city, 2)[1].tolist()
    moments = [None, "", editions[-1].published_at.isoformat(), editions[0].published_at.isoformat(), "1999", "soon"]
    frame = spark.createDataFrame([(lon, lat, moment) for moment in moments], "lon double, lat double, at string")
    found = locate_frame(spark, frame, index, crs="cgcs2000", lang="en").collect()
    own = answered(city, lon, lat)[0]
    assert [row["gw_status"] for row in found] == [own, own, own, "invalid", "invalid", "invalid"]
    assert f"edition {editions[0].id}, and Spark holds edition {editions[-1].id}" in found[3]["gw_reason"]


def test_an_empty_frame_is_no_reason_to_fail(spark, index):
    frame = spark.createDataFrame([], "lon double, lat double")
    assert locate_frame(spark, frame, index, crs="cgcs2000").collect() == []


def test_what_is_wrong_with_a_frame_is_said_before_anything_runs(spark, index, tmp_path):
    frame = spark.createDataFrame([(1.0, 2.0, "x")], "a double, b double, gw_status string")
    damaged = tmp_path / "damaged.index"
    damaged.write_bytes(index.read_bytes()[:-1])
    refusals = {
        "points-already-located": lambda: locate_frame(spark, frame, index, crs="cgcs2000"),
        "point-column-missing": lambda: locate_frame(spark, frame.drop("gw_status"), index, crs="cgcs2000"),
        "point-column-unknown": lambda: locate_frame(spark, frame.drop("gw_status"), index, crs="cgcs2000", lon="c"),
        "crs-missing": lambda: locate_frame(spark, frame.drop("gw_status"), index, lon="a", lat="b"),
        "index-damaged": lambda: locate_frame(
            spark, frame.drop("gw_status"), damaged, crs="cgcs2000", lon="a", lat="b"
        ),
    }
    for kind, ask in refusals.items():
        with pytest.raises(BadInput) as refused:
            ask()
        assert refused.value.kind == kind


def test_no_member_of_a_team_travels(index, city_folder):
    with (city_folder / "teams.csv").open(encoding="utf-8", newline="") as file:
        members = list(csv.DictReader(file))
    content = index.read_bytes()
    assert [one for one in members if one["电话"].encode() in content or one["姓名"].encode() in content] == []


def listening(pid):
    """Return the addresses that a process and those it started listen on, by the tables of the kernel."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                words = bytes.fromhex(fields[1].partition(":")[0])
                address = b"".join(words[place : place + 4][::-1] for place in range(0, len(words), 4))
                found.add(socket.inet_ntop(family, address))
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            found |= listening(child)
    return found


def test_every_port_is_the_loopbacks(spark, index, city):
    locate_frame(spark, spark.createDataFrame([(1.0, 2.0)], "lon double, lat double"), index, crs="cgcs2000").collect()
    assert spark.sparkContext.uiWebUrl.startswith("http://127.0.0.1:")
    found = listening(os.getpid())
    assert found
    assert found <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}


def test_a_cluster_on_other_hosts_is_told_where_the_driver_is():
    assert settings_of({})["spark.driver.bindAddress"] == "127.0.0.1"
    given = parsed_settings(("spark.driver.host=10.1.2.3", "spark.executor.memory = 4g"))
    settings = settings_of(given)
    assert (settings["spark.driver.bindAddress"], settings["spark.executor.memory"]) == ("10.1.2.3", "4g")
    with pytest.raises(BadInput, match="NAME=VALUE"):
        parsed_settings(("spark.executor.memory",))


def test_without_java_or_pyspark_the_error_says_how_to_mend_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Unavailable, match="default-jre-headless"):
        require_spark("en")
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_412\"' >&2\n", "utf-8")
    java.chmod(0o755)
    with pytest.raises(Unavailable, match="here it is 8"):
        require_spark("en")
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(Unavailable, match=r"pip install 'gridwarden\[spark\]'"):
        require_spark("en")


def test_pyspark_is_loaded_by_none_but_those_who_ask_for_it():
    asked = (
        "import sys, importers.spark, importers.spark_tables, api.commands.locating_spark\n"
        "print('pyspark' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
