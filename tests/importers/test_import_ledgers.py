"""Ledgers through the command: totals per grid, a reason for every row, nothing personal outside its table.

All names and numbers here are invented.
"""

import openpyxl
import psycopg
import pytest
from shapely import box

COMMUNITIES = {"511402001001": box(0, 0, 2, 2), "511402001002": box(2, 0, 4, 2)}
S1, S2, N1 = "511402001001001", "511402001001002", "511402001002001"
GRIDS = {S1: box(0, 0, 1, 2), S2: box(1, 0, 2, 2), N1: box(2, 0, 4, 2)}
SECRETS = ("田一禾", "田二禾", "田五禾", "13800000001", "13800000022", "13800000005")

#      社区    网格      姓名    角色            联系电话
#  3  ┌城南   ┌第一网格  田一禾  全科网格员      13800000001 (number)
#  4  │       └          田二禾  社区专职工作者  full-width digits
#  5  └        第二网格  田一禾  网格员          13800000001     <- also in 第一网格
#  6   小计 3
#  7   城北    第九网格  田五禾  网格员          13800000005     <- no such grid
TEAMS = (
    ["青禾街道网格服务团队台账（虚构）"],
    ["社区", "网格名称", "姓名", "角色", "联系电话"],
    ["城南社区", "第一网格", "田一禾", "全科网格员", 13800000001],
    [None, None, "田二禾", "社区专职工作者", "１３８００００００２２"],
    [None, "第二网格", "田一禾", "网格员", 13800000001],
    ["小计", None, 3, None, None],
    ["城北社区", "第九网格", "田五禾", "网格员", 13800000005],
)
#      社区    网格      小区  楼栋  户数    人数   楼栋长
#  3  ┌城南   ┌第一网格  禾苑  1栋   ４７２  1,200  田一禾
#  4  │       └          禾苑  2栋   100
#  5   城北    第一网格   北苑  1栋   300    900
#  6   城北    第一网格   北苑  2栋   很多
#  7   合计                           872
HOMES = (
    ["楼栋台账（虚构）"],
    ["社区", "网格", "小区", "楼栋", "户数", "人数", "楼栋长", "楼栋长电话"],
    ["城南社区", "第一网格", "禾苑", "1栋", "４７２", "1,200", "田一禾", 13800000001],
    [None, None, "禾苑", "2栋", 100, None, None, None],
    ["城北社区", "第一网格", "北苑", "1栋", 300, 900, None, None],
    ["城北社区", "第一网格", "北苑", "2栋", "很多", None, None, None],
    ["合计", None, None, None, 872, None, None, None],
)


@pytest.fixture
def city(door):
    names = {"511402001001": "城南社区", "511402001002": "城北社区", S1: "第一网格", S2: "第二网格", N1: "第一网格"}
    door.take(door.draw("communities", COMMUNITIES, name=names), "community")
    door.take(door.draw("grids", GRIDS, name=names), "grid")
    return door


def book(door, name, rows, *merges):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for block in merges:
        made.active.merge_cells(block)
    path = door.folder / f"{name}.xlsx"
    made.save(path)
    return path


@pytest.fixture
def teams(city):
    return book(city, "teams", TEAMS, "A1:E1", "A3:A5", "B3:B4")


@pytest.fixture
def homes(city):
    return book(city, "homes", HOMES, "A1:H1", "A3:A4", "B3:B4")


class TestTeams:
    def test_one_bad_row_stops_the_whole_and_says_why(self, city, teams):
        before = city.state()
        said = city.run("import-teams", teams, "--publish", "--json")
        assert said.exit_code == 2
        assert [(one["row"], one["type"]) for one in said.report["refused"]] == [(7, "ledger-area-unknown")]
        assert city.state() == before

    def test_the_others_come_in_and_add_up_per_grid(self, city, teams):
        report = city.run("import-teams", teams, "--publish", "--json", "--skip-bad-rows").report
        assert (report["taken"], report["edition"]) == (2, 3)
        rows = city.ask(
            "SELECT v.code, m.role, p.name, p.phone FROM team t JOIN team_member m ON m.team_id = t.id "
            "JOIN person p ON p.id = m.person_id JOIN area_version v ON v.area_id = t.area_id ORDER BY 1, m.place"
        )
        assert rows == [
            (S1, "grid_worker", "田一禾", "13800000001"),
            (S1, "community_worker", "田二禾", "13800000022"),
            (S2, "grid_worker", "田一禾", "13800000001"),
        ]
        assert city.ask("SELECT count(*) FROM person") == [(2,)]

    def test_the_same_ledger_again_changes_nothing(self, city, teams):
        city.run("import-teams", teams, "--publish", "--skip-bad-rows")
        before = city.state()
        report = city.run("import-teams", teams, "--publish", "--json", "--skip-bad-rows").report
        assert (report["taken"], report["unchanged"], report["edition"]) == (0, 2, None)
        assert city.state() == before

    def test_a_changed_team_alone_gets_a_new_version(self, city, teams):
        city.run("import-teams", teams, "--publish", "--skip-bad-rows")
        rows = [*TEAMS[:4], [None, "第二网格", "田六禾", "网格员", 13800000006]]
        changed = book(city, "changed", rows, "A1:E1", "A3:A5", "B3:B4")
        report = city.run("import-teams", changed, "--publish", "--json").report
        assert (report["taken"], report["unchanged"]) == (1, 1)
        assert city.ask("SELECT count(*) FROM team WHERE NOT upper_inf(valid)") == [(1,)]

    def test_a_dry_run_writes_nobody(self, city, teams):
        before = city.state()
        assert city.run("import-teams", teams, "--skip-bad-rows").exit_code == 0
        assert city.state() == before


class TestResidences:
    def test_households_and_residents_add_up_per_grid(self, city, homes):
        report = city.run("import-residences", homes, "--publish", "--json", "--skip-bad-rows").report
        assert report["totals"] == {
            S1: {"residences": 2, "households": 572, "residents": 1200},
            N1: {"residences": 1, "households": 300, "residents": 900},
        }
        sums = city.ask(
            "SELECT v.code, sum(r.households)::int FROM residence r JOIN area_version v ON v.area_id = r.area_id "
            "GROUP BY 1 ORDER BY 1"
        )
        assert sums == [(S1, 572), (N1, 300)]
        assert [(one["row"], one["type"]) for one in report["refused"]] == [(6, "ledger-count-unreadable")]

    def test_the_same_ledger_again_changes_nothing(self, city, homes):
        city.run("import-residences", homes, "--publish", "--skip-bad-rows")
        before = city.state()
        report = city.run("import-residences", homes, "--publish", "--json", "--skip-bad-rows").report
        assert (report["taken"], report["edition"]) == (0, None)
        assert city.state() == before

    def test_a_later_ledger_replaces_the_grids_it_speaks_of(self, city, homes):
        city.run("import-residences", homes, "--publish", "--skip-bad-rows")
        part = book(city, "part", [*HOMES[:2], ["城北社区", "第一网格", "新苑", "1栋", 310, None, None, None]])
        city.run("import-residences", part, "--publish")
        now = city.ask("SELECT estate, households FROM residence WHERE upper_inf(valid) ORDER BY households")
        assert now == [("禾苑", 100), ("新苑", 310), ("禾苑", 472)]

    def test_another_estate_is_a_change(self, city):
        row = ["城北社区", "第一网格", "北苑", "1栋", 300, None, None, None]
        city.run("import-residences", book(city, "one", [*HOMES[:2], row]), "--publish")
        file = book(city, "two", [*HOMES[:2], [*row[:2], "新苑", *row[3:]]])
        assert city.run("import-residences", file, "--publish", "--json").report["taken"] == 1

    def test_points_need_their_system_and_are_stored_on_the_lattice(self, city):
        file = city.folder / "points.csv"
        file.write_text("地址,户数,经度,纬度\n正街1号,3,104.00012345678,30.0005\n", "utf-8")
        assert city.run("import-residences", file, "--publish").exit_code == 2
        assert city.run("import-residences", file, "--crs", "wgs84", "--publish").exit_code == 0
        assert city.ask("SELECT ST_X(geom), ST_Y(geom) FROM residence") == [(104.0001235, 30.0005)]


class TestNothingPersonal:
    @pytest.mark.parametrize("command", ["import-teams", "import-residences"])
    def test_is_printed_or_kept_in_the_register_of_editions(self, city, teams, homes, command):
        file = teams if command == "import-teams" else homes
        told = [city.run(command, file, *words).output for words in ((), ("--json",), ("--publish", "--skip-bad-rows"))]
        refusal = city.run(command, file).refusal
        told += [refusal.text("zh"), refusal.text("en"), str(refusal.place)]
        told += [str(row) for row in city.ask("SELECT report, inputs, title FROM edition")]
        assert not [secret for secret in SECRETS for text in told if secret in text]

    def test_stands_in_the_servers_log_when_a_write_fails(self, city, teams, cluster):
        with psycopg.connect(cluster.url("owner", city.ask("SELECT current_database()")[0][0])) as owner:
            owner.execute("ALTER TABLE gridwarden.person ADD CONSTRAINT nobody CHECK (false)")
        refusal = city.run("import-teams", teams, "--publish", "--skip-bad-rows").refusal
        assert (refusal.kind, "nobody" in refusal.text("en")) == ("database-refused", True)
        assert not [secret for secret in SECRETS if secret in refusal.text("en")]
        log = cluster.log.read_text("utf-8", "replace")
        assert "nobody" in log
        assert not [secret for secret in SECRETS if secret in log]

    def test_a_ledger_before_any_area_says_what_comes_first(self, door):
        file = book(door, "teams", TEAMS)
        assert door.run("import-teams", file).refusal.kind == "no-areas-yet"


class TestFacilities:
    ROWS = (
        ["名称", "类别", "经度", "纬度", "地址"],
        ["禾苑卫生站", "社区卫生服务站", 104.0005, 30.0005, "禾苑1栋"],
        ["城北菜市场", "农贸市场", 104.0030, 30.0010, None],
    )

    def test_they_come_in_with_category_and_point_on_the_lattice(self, city):
        report = city.run(
            "import-facilities", book(city, "places", self.ROWS), "--crs", "cgcs2000", "--publish", "--json"
        ).report
        assert (report["taken"], report["edition"], report["totals"]) == (2, 3, {"-": {"clinic": 1, "market": 1}})
        assert city.ask("SELECT name, category, ST_X(geom), ST_Y(geom) FROM facility ORDER BY 1 DESC") == [
            ("禾苑卫生站", "clinic", 104.0005, 30.0005),
            ("城北菜市场", "market", 104.003, 30.001),
        ]

    def test_the_same_again_changes_nothing_and_a_moved_one_gets_a_version(self, city):
        places = book(city, "places", self.ROWS)
        city.run("import-facilities", places, "--crs", "cgcs2000", "--publish")
        again = city.run("import-facilities", places, "--crs", "cgcs2000", "--publish", "--json").report
        assert (again["taken"], again["unchanged"], again["edition"]) == (0, 2, None)
        moved = [*self.ROWS[:2], ["城北菜市场", "农贸市场", 104.0031, 30.0010, None]]
        city.run("import-facilities", book(city, "moved", moved), "--crs", "cgcs2000", "--publish")
        assert city.ask("SELECT ST_X(geom), upper_inf(valid) FROM facility WHERE category = 'market' ORDER BY id") == [
            (104.003, False),
            (104.0031, True),
        ]

    def test_points_need_a_crs(self, city):
        said = city.run("import-facilities", book(city, "places", self.ROWS), "--publish")
        assert (said.exit_code, said.refusal.kind) == (2, "crs-missing-degrees")
