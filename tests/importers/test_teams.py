"""Team ledgers in long and wide form. All names and numbers here are invented."""

import openpyxl
import pytest

from geo.errors import BadInput
from importers.directory import AreaDirectory
from importers.people import mentions
from importers.tables import read_table
from importers.teams import read_teams

TOWN, SOUTH, NORTH = "990101001", "990101001001", "990101001002"
S1, S2, N1 = SOUTH + "001", SOUTH + "002", NORTH + "001"


@pytest.fixture
def directory():
    rows = [
        (TOWN, "", "青禾街道", "town", ""),
        (SOUTH, "", "城南社区", "community", TOWN),
        (NORTH, "", "城北社区", "community", TOWN),
        (S1, "1", "第一网格", "grid", SOUTH),
        (S2, "2", "第二网格", "grid", SOUTH),
        (N1, "1", "第一网格", "grid", NORTH),
    ]
    codes, local_codes, names, levels, parents = map(list, zip(*rows, strict=True))
    return AreaDirectory.from_columns(codes, names, levels, parents, local_codes=local_codes)


def ledger(tmp_path, rows, merges=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for block in merges:
        book.active.merge_cells(block)
    book.save(tmp_path / "teams.xlsx")
    return read_table(tmp_path / "teams.xlsx")


def text_ledger(tmp_path, text, encoding="gbk"):
    path = tmp_path / "teams.csv"
    path.write_bytes(text.encode(encoding))
    return read_table(path)


def refused(found):
    return [(row.number, row.reason.kind) for row in found.refused]


def kinds(found):
    return [remark.kind for remark in found.remarks]


#      社区    网格      姓名    角色            联系电话
#  3  ┌城南   ┌第一网格  田一禾  全科网格员      13800000001 (number)
#  4  │       │          田二禾  社区专职工作者  １３８００００００２ …
#  5  │       │          田三禾  社区民警        13800000003
#  6  │       └          田四禾  楼栋长
#  7  └        第二网格  田一禾  网格员          13800000001     <- also in 第一网格
#  8   小计 5
#  9   城北    第九网格  田五禾  网格员                          <- no such grid
# 10   城北    第一网格  田六禾  (no role)
LONG = (
    ["青禾街道网格服务团队台账（虚构）"],
    ["社区", "网格名称", "姓名", "角色", "联系电话"],
    ["城南社区", "第一网格", "田一禾", "全科网格员", 13800000001],
    [None, None, "田二禾", "社区专职工作者", "１３８００００００２２"],
    [None, None, "田三禾", "社区民警", 13800000003.0],
    [None, None, "田四禾", "楼栋长", None],
    [None, "第二网格", "田一禾", "网格员", 13800000001],
    ["小计", None, 5, None, None],
    ["城北社区", "第九网格", "田五禾", "网格员", None],
    ["城北社区", "第一网格", "田六禾", None, None],
)
LONG_MERGES = ("A1:E1", "A3:A7", "B3:B6")


@pytest.fixture
def long_form(tmp_path, directory):
    return read_teams(ledger(tmp_path, LONG, LONG_MERGES), directory)


def test_totals_per_grid_match_the_ledger(long_form):
    assert long_form.totals() == {
        S1: {"grid_worker": 1, "community_worker": 1, "police_officer": 1, "other": 1},
        S2: {"grid_worker": 1, "community_worker": 0, "police_officer": 0, "other": 0},
    }


def test_one_person_in_two_teams_is_one_person(long_form):
    assert long_form.teams[S1].members[0].person_key == long_form.teams[S2].members[0].person_key
    assert len(long_form.people) == 4


def test_telephone_numbers_are_digits(long_form):
    phones = {person.name: person.phone for person in long_form.people.values()}
    assert phones == {"田一禾": "13800000001", "田二禾": "13800000022", "田三禾": "13800000003", "田四禾": ""}


def test_every_rejected_row_has_a_reason_with_its_place(long_form):
    assert refused(long_form) == [(9, "ledger-area-unknown"), (10, "ledger-no-role")]
    assert long_form.refused[0].reason.place == {"file": "teams.xlsx", "row": 9, "field": "网格名称"}
    assert [row.number for row in long_form.dropped] == [1, 8]


def test_a_team_that_is_not_one_of_each_is_remarked(long_form):
    assert [remark.facts["code"] for remark in long_form.remarks if remark.kind == "ledger-team-not-1-1-1-n"] == [S2]


def test_a_team_without_a_name_is_called_after_its_area(long_form):
    assert long_form.teams[S1].name == "第一网格网格服务团队"


def test_no_text_repeats_a_name_or_a_number(long_form):
    notes = [*long_form.remarks, *(row.reason for row in (*long_form.refused, *long_form.dropped))]
    for note in notes:
        for text in (note.text("zh"), note.text("en"), str(note.place), repr(long_form.people)):
            assert "禾" not in text.replace("青禾", "")
            assert "138" not in text


#  网格编码 |    网格员     | 社区专职工作者 |     民警      | 其他 | 其他人员电话
#           | 姓名  | 电话  |  姓名  | 电话  |  姓名 | 电话  |
def test_a_wide_ledger_with_merged_groups(tmp_path, directory):
    rows = [
        ["网格编码", "网格员", None, "社区专职工作者", None, "民警", None, "其他人员", "其他人员电话"],
        [None, "姓名", "电话", "姓名", "电话", "姓名", "电话", None, None],
        [
            int(S1),
            "田一禾",
            13800000001,
            "田二　禾",
            13800000002,
            "田三禾",
            None,
            "田四禾、田五禾\n田六禾（党员）",
            None,
        ],
        [int(N1), "田一禾", 13800000001, "无", None, "/", None, "田七禾、田八禾", "13800000007/13800000008"],
    ]
    merges = ["A1:A2", "B1:C1", "D1:E1", "F1:G1", "H1:H2", "I1:I2"]
    found = read_teams(ledger(tmp_path, rows, merges), directory)
    assert found.refused == ()
    assert found.totals() == {
        S1: {"grid_worker": 1, "community_worker": 1, "police_officer": 1, "other": 3},
        N1: {"grid_worker": 1, "community_worker": 0, "police_officer": 0, "other": 2},
    }
    assert [member.role_text for member in found.teams[S1].members][-1] == "其他人员（党员）"
    assert {person.name: person.phone for person in found.people.values()}["田八禾"] == "13800000008"


def test_a_wide_ledger_in_gbk_csv_pairs_each_role_with_the_number_beside_it(tmp_path, directory):
    text = "社区,网格,网格员,联系电话,民警,民警电话\n城南社区,第1网格,田一禾,13800000001,田三禾,13800000003\n"
    found = read_teams(text_ledger(tmp_path, text), directory)
    assert [(person.name, person.phone) for person in found.people.values()] == [
        ("田一禾", "13800000001"),
        ("田三禾", "13800000003"),
    ]


def test_english_headings_mean_the_same(tmp_path, directory):
    text = f"grid_code,name,role,phone\n{S1},Ada Field,grid_worker,13800000001\n{S1},Bo Field,Police Officer,\n"
    found = read_teams(text_ledger(tmp_path, text), directory)
    assert found.totals()[S1] == {"grid_worker": 1, "community_worker": 0, "police_officer": 1, "other": 0}
    assert [person.name for person in found.people.values()] == ["Ada Field", "Bo Field"]


def test_a_community_may_have_a_team_where_the_level_says_so(tmp_path, directory):
    text = "层级,社区,网格,姓名,角色\n社区,城南社区,,田一禾,社区工作者\n"
    text += ",城南社区,,田二禾,网格员\n网格,城南社区,第一网格,田二禾,网格员\n"
    found = read_teams(text_ledger(tmp_path, text), directory)
    assert list(found.teams) == [SOUTH, S1]
    assert refused(found) == [(3, "ledger-no-area")]


def test_a_ledger_of_communities_needs_no_level(tmp_path, directory):
    found = read_teams(text_ledger(tmp_path, "社区,姓名,角色\n城南社区,田一禾,社工\n城北社区,田二禾,社工\n"), directory)
    assert list(found.teams) == [SOUTH, NORTH]


def test_a_code_and_a_name_that_mean_different_grids_refuse_the_row(tmp_path, directory):
    text = "网格编码,社区,网格名称,姓名,角色\n"
    text += f"{S1},城南社区,第二网格,田一禾,网格员\n{S1},城南社区,第一网格,田一禾,网格员\n"
    found = read_teams(text_ledger(tmp_path, text), directory)
    assert refused(found) == [(2, "ledger-area-contradicts")]
    assert found.refused[0].reason.facts == {"column": "网格名称", "code": S1, "other": S2}


def test_people_of_one_name_without_numbers_are_one_only_within_an_area(tmp_path, directory):
    text = f"网格编码,姓名,角色\n{S1},田一禾,网格员\n{S1},田一禾,民警\n{S2},田一禾,网格员\n"
    found = read_teams(text_ledger(tmp_path, text), directory)
    assert (len(found.people), len(found.teams[S1].members)) == (2, 2)


def test_a_number_beside_two_names_and_a_repeated_member_are_remarked(tmp_path, directory):
    text = f"网格编码,姓名,角色,电话\n{S1},田一禾,网格员,13800000001\n"
    text += f"{S1},田一禾,网格员,13800000001\n{S2},田二禾,网格员,13800000001\n"
    found = read_teams(text_ledger(tmp_path, text), directory)
    assert kinds(found)[:2] == ["ledger-member-repeated", "ledger-phone-shared"]
    assert found.remarks[1].facts == {"rows": "2、4", "count": 2}
    assert len(found.teams[S1].members) == 1


def test_rows_without_people_and_doubtful_numbers_are_told(tmp_path, directory):
    text = f"网格编码,姓名,角色,电话\n{S1},,网格员,13800000001\n{S1},田一禾,网格员,1.38E+10\n{S1},田二禾,民警,138\n"
    found = read_teams(text_ledger(tmp_path, text), directory)
    assert refused(found) == [(2, "ledger-no-people")]
    assert kinds(found)[0] == "ledger-phone-rounded"


def test_a_ledger_without_the_needed_columns_is_refused_as_a_whole(tmp_path, directory):
    for text in ("姓名,角色\n田一禾,网格员\n", "网格,姓名\n第一网格,田一禾\n", "网格,户数\n第一网格,3\n"):
        with pytest.raises(BadInput) as caught:
            read_teams(text_ledger(tmp_path, text), directory)
        assert caught.value.kind == "ledger-column-missing"


@pytest.mark.parametrize(
    ("names", "phones", "people"),
    [
        ("田一禾、田二禾", "13800000001、13800000002", [("田一禾", "13800000001"), ("田二禾", "13800000002")]),
        ("田一禾13800000001、田二禾（13800000002）", "", [("田一禾", "13800000001"), ("田二禾", "13800000002")]),
        ("田一禾/田二禾", "13800000001", [("田一禾", ""), ("田二禾", "")]),
        ("田一禾", "13800000001/028-38290000", [("田一禾", "13800000001")]),
        ("田　禾，田二禾", "", [("田禾", ""), ("田二禾", "")]),
        ("N/A", "", []),
        ("13800000001", "", []),
    ],
)
def test_several_people_in_one_cell(names, phones, people):
    assert [(mention.name, mention.phone) for mention in mentions(names, phones)] == people


@pytest.mark.parametrize(
    ("word", "name", "code"),
    [
        ("街道", "青禾街道", TOWN),
        ("社区", "城南社区", SOUTH),
        ("网格", "第二网格", S2),
        ("community", "城北社区", NORTH),
    ],
)
def test_a_level_is_known_by_its_usual_words(tmp_path, directory, word, name, code):
    text = f"层级,辖区名称,姓名,角色\n{word},{name},田一禾,社工\n"
    assert list(read_teams(text_ledger(tmp_path, text), directory).teams) == [code]


def test_an_unknown_level_is_refused_with_the_known_ones(tmp_path, directory):
    found = read_teams(text_ledger(tmp_path, "层级,辖区名称,姓名,角色\n支部,城南社区,田一禾,社工\n"), directory)
    assert refused(found) == [(2, "ledger-unknown-level")]
    assert "微网格" in found.refused[0].reason.text("zh")
