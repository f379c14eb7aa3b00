"""Ledgers as they come: titles, merged cells, totals, encodings, and files that mean harm."""

import zipfile

import openpyxl
import pytest

from geo.errors import BadInput, GeoError, NotFound, TooLarge
from geo.messages import sentence
from importers.tables import Limits, read_table


def workbook(tmp_path, rows, merges=(), name="ledger.xlsx", **other_sheets):
    book = openpyxl.Workbook()
    page = book.active
    page.title = "台账"
    for row in rows:
        page.append(row)
    for block in merges:
        page.merge_cells(block)
    for title, cells in other_sheets.items():
        extra = book.create_sheet(title)
        for row in cells:
            extra.append(row)
    path = tmp_path / name
    book.save(path)
    return path


def text_file(tmp_path, text, encoding="utf-8", name="ledger.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
    return path


def kinds(remarks):
    return [remark.kind for remark in remarks]


def dropped(table):
    return [(row.number, row.reason.kind) for row in table.dropped]


def refusal(path, **options):
    with pytest.raises(GeoError) as caught:
        read_table(path, **options)
    for lang in ("zh", "en"):
        assert caught.value.text(lang)
    return caught.value


#      A        B          C     D
#  1   title, merged over A1:D1
#  2   社区     网格名称   户数  联系电话
#  3   ┌城南    第一网格   ４７２  13800001111 (a number)
#  4   └        第二网格   328   1.38e10 (a number)
#  5   小计               800
#  6   ┌城北    第一网格   300
#  7   └        第二网格   500
#  8   小计               801   <- wrong by one
#  9   合　计             1600
# 10
# 11   填表人：…
REAL = (
    ["青禾市网格户数台账（虚构）"],
    ["社区", "网格名称", "户数", "联系电话"],
    ["城南社区", "第一网格", "４７２", 13800001111.0],
    [None, "第二网格", 328, 1.38e10],
    ["小计", None, 800, None],
    ["城北社区", "第一网格", 300, None],
    [None, "第二网格", 500, None],
    ["小计", None, 801, None],
    ["合　计", None, 1600, None],
    [],
    ["填表人：甲"],
)
REAL_MERGES = ("A1:D1", "A3:A4", "A6:A7", "A5:B5")


@pytest.fixture
def real(tmp_path):
    return read_table(workbook(tmp_path, REAL, REAL_MERGES))


def test_the_header_is_found_below_the_title(real):
    assert real.columns == ("社区", "网格名称", "户数", "联系电话")
    assert real.letters == {"社区": "A", "网格名称": "B", "户数": "C", "联系电话": "D"}


def test_rows_keep_the_numbers_that_excel_shows(real):
    assert [row.number for row in real.rows] == [3, 4, 6, 7]


def test_cells_merged_downwards_are_filled(real):
    assert [row.cells["社区"] for row in real.rows] == ["城南社区", "城南社区", "城北社区", "城北社区"]


def test_full_width_digits_and_numbers_become_plain_digits(real):
    assert [row.cells["户数"] for row in real.rows] == ["472", "328", "300", "500"]
    assert [row.cells["联系电话"] for row in real.rows] == ["13800001111", "13800000000", "", ""]


def test_titles_totals_and_notes_are_set_aside_with_a_reason(real):
    assert dropped(real) == [
        (1, "ledger-title"),
        (5, "ledger-total-row"),
        (8, "ledger-total-row"),
        (9, "ledger-total-row"),
        (11, "ledger-note"),
    ]


def test_a_total_that_does_not_add_up_is_remarked_with_both_numbers(real):
    (remark,) = real.remarks
    assert remark.kind == "ledger-total-differs"
    assert remark.facts == {"row": 8, "column": "户数", "stated": 801, "counted": 800}


def test_a_total_above_its_rows_is_compared_with_all_of_them(tmp_path):
    rows = [["网格", "户数"], ["合计", 30], ["甲网格", 10], ["乙网格", 20]]
    table = read_table(workbook(tmp_path, rows))
    assert (len(table.rows), table.remarks) == (2, ())


def test_households_merged_over_three_rows_count_once(tmp_path):
    rows = [["网格", "楼栋", "户数"], ["甲网格", "1栋", 120], ["甲网格", "2栋", None], ["甲网格", "3栋", None]]
    table = read_table(workbook(tmp_path, rows, ["C2:C4"]))
    assert [row.cells["户数"] for row in table.rows] == ["120", "0", "0"]
    assert kinds(table.remarks) == ["ledger-merged-amount"]


#   社区 | 网格 |    网格员     |     民警        merged groups over
#        |      | 姓名 | 电话   | 姓名 | 电话
def test_a_header_of_two_rows_joins_group_and_column(tmp_path):
    rows = [
        ["网格服务团队"],
        ["社区", "网格", "网格员", None, "民警", None],
        [None, None, "姓名", "电话", "姓名", "电话"],
        ["城南社区", "第一网格", "甲", 13800001111, "乙", 13900001111],
    ]
    merges = ["A1:F1", "A2:A3", "B2:B3", "C2:D2", "E2:F2"]
    joined = ("社区", "网格", "网格员/姓名", "网格员/电话", "民警/姓名", "民警/电话")
    table = read_table(workbook(tmp_path, rows, merges))
    assert (table.columns, [row.number for row in table.rows]) == (joined, [4])


def test_a_header_of_two_rows_is_joined_in_csv_too(tmp_path):
    text = "社区,网格,网格员,,民警,\n,,姓名,电话,姓名,电话\n城南社区,第一网格,甲,13800001111,乙,13900001111\n"
    table = read_table(text_file(tmp_path, text))
    assert table.columns == ("社区", "网格", "网格员/姓名", "网格员/电话", "民警/姓名", "民警/电话")
    assert [row.number for row in table.rows] == [3]


def test_a_header_repeated_in_the_middle_is_set_aside(tmp_path):
    table = read_table(text_file(tmp_path, "网格,户数\n甲网格,1\n网格,户数\n乙网格,2\n"))
    assert dropped(table) == [(3, "ledger-header-again")]


def test_blank_communities_in_csv_are_filled_from_above(tmp_path):
    table = read_table(text_file(tmp_path, "社区,网格,户数\n城南社区,一网格,1\n,二网格,2\n城北社区,一网格,3\n"))
    assert [row.cells["社区"] for row in table.rows] == ["城南社区", "城南社区", "城北社区"]
    assert kinds(table.remarks) == ["ledger-filled-down"]


def test_a_blank_grid_beside_a_written_community_stays_blank(tmp_path):
    table = read_table(text_file(tmp_path, "社区,网格,户数\n城南社区,一网格,1\n城南社区,,2\n城南社区,二网格,2\n"))
    assert [row.cells["网格"] for row in table.rows] == ["一网格", "", "二网格"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_are_detected(tmp_path, encoding, delimiter):
    text = delimiter.join(["网格", "地址", "户数"]) + "\r\n" + delimiter.join(["甲网格", '"正街, 1号; 后门"', "3"])
    table = read_table(text_file(tmp_path, text, encoding))
    assert dict(table.rows[0].cells) == {"网格": "甲网格", "地址": "正街, 1号; 后门", "户数": "3"}


def test_a_named_encoding_is_used_and_a_wrong_one_refused_with_its_row(tmp_path):
    path = text_file(tmp_path, "grid,households\nG1,1\n网格,2\n", "gbk")
    assert len(read_table(path, encoding="gbk").rows) == 2
    assert (refusal(path, encoding="utf-8").kind, refusal(path, encoding="utf-8").facts["row"]) == (
        "ledger-wrong-encoding",
        3,
    )
    assert refusal(path, encoding="zlib").kind == "ledger-no-such-encoding"


def test_a_line_break_in_quotes_opens_no_new_row(tmp_path):
    table = read_table(text_file(tmp_path, '网格,姓名\n甲网格,"甲\n乙"\n乙网格,丙\n'))
    assert [(row.number, row.cells["姓名"]) for row in table.rows] == [(2, "甲\n乙"), (3, "丙")]


def test_the_sheet_with_the_best_header_is_read_and_the_others_are_named(tmp_path):
    path = workbook(tmp_path, [["说明"]], 数据=[["网格", "户数"], ["甲网格", 3]])
    table = read_table(path)
    assert (table.sheet, len(table.rows)) == ("数据", 1)
    assert table.remarks[0].facts == {"sheet": "数据", "others": "台账"}
    assert refusal(path, sheet="没有").kind == "ledger-no-such-sheet"


def test_a_formula_without_a_stored_value_is_remarked(tmp_path):
    table = read_table(workbook(tmp_path, [["网格", "户数"], ["甲网格", "=1+1"]]))
    assert table.rows[0].cells["户数"] == ""
    assert table.remarks[0].facts == {"count": 1, "first": "B2"}


def zip_of(tmp_path, **parts):
    path = tmp_path / "crafted.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def rewritten(tmp_path, replace):
    """A good workbook with some of its parts replaced."""
    good = workbook(tmp_path, [["网格", "户数"], ["甲网格", 3]], name="good.xlsx")
    path = tmp_path / "crafted.xlsx"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, replace.get(name, old.read(name)))
    return path


SHEET = "xl/worksheets/sheet1.xml"


def sheet_xml(data, after="", doctype=""):
    return (
        f'<?xml version="1.0"?>{doctype}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{data}</sheetData>{after}</worksheet>"
    )


def test_files_that_are_no_ledger_are_refused_with_the_way_out(tmp_path):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    cases = {
        "ledger-empty": text_file(tmp_path, "", name="a.csv"),
        "ledger-no-header": text_file(tmp_path, "a,b\n1,2\n", name="b.csv"),
        "ledger-no-rows": text_file(tmp_path, "网格,户数\n", name="c.csv"),
        "ledger-xls": text_file(tmp_path, ole, name="d.xls"),
        "ledger-password": text_file(tmp_path, ole + "EncryptedPackage".encode("utf-16-le"), name="e.xlsx"),
        "ledger-web-page": text_file(tmp_path, "<html><table></table></html>", name="f.xls"),
        "ledger-unknown-format": text_file(tmp_path, "%PDF", name="g.pdf"),
        "ledger-not-text": text_file(tmp_path, "网格,户数\n\0,1\n", name="h.csv"),
        "ledger-cut-off": text_file(tmp_path, "网格,户数\n甲网格".encode()[:-1], name="i.csv"),
        "ledger-unknown-encoding": text_file(tmp_path, b"grid,households\n\xff\xff,1\n", name="j.csv"),
        "ledger-broken-quotes": text_file(tmp_path, '网格,户数\n"甲网格,1\n乙网格,2\n', name="k.csv"),
        "ledger-not-a-file": tmp_path,
        "ledger-not-a-workbook": zip_of(tmp_path, **{"a.txt": "x"}),
    }
    assert {kind: refusal(path).kind for kind, path in cases.items()} == {kind: kind for kind in cases}
    missing = refusal(tmp_path / "missing.csv")
    assert isinstance(missing, NotFound)
    assert "another" not in missing.text("en")


def test_a_workbook_cut_short_is_refused(tmp_path):
    whole = workbook(tmp_path, [["网格", "户数"], ["甲网格", 3]]).read_bytes()
    assert refusal(text_file(tmp_path, whole[: len(whole) // 2], name="half.xlsx")).kind == "ledger-broken-workbook"


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path):
    bomb = rewritten(tmp_path, {SHEET: sheet_xml("") + " " * (20 << 20)})
    found = refusal(bomb)
    assert (found.kind, isinstance(found, TooLarge)) == ("ledger-zip-bomb", True)
    assert refusal(bomb, limits=Limits(unpacked_bytes=1 << 20)).kind == "ledger-unpacks-too-large"


def test_entities_and_doctypes_are_refused(tmp_path):
    doctype = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    crafted = rewritten(tmp_path, {SHEET: sheet_xml('<row r="1"><c t="str"><v>&b;</v></c></row>', doctype=doctype)})
    assert refusal(crafted).kind == "ledger-broken-workbook"


@pytest.mark.parametrize(
    "data",
    [
        '<row r="99999999"><c r="A99999999"><v>1</v></c></row>',
        '<row r="1"><c r="XFD1"><v>1</v></c></row>',
        "".join(f'<row r="{row}"><c r="SF{row}"><v>1</v></c></row>' for row in range(1, 50)),
    ],
    ids=["a row beyond the last", "a column far to the right", "wide rows"],
)
def test_cells_far_away_are_refused_before_they_are_padded_out(tmp_path, data):
    crafted = rewritten(tmp_path, {SHEET: sheet_xml(data)})
    assert refusal(crafted, limits=Limits(cells=10_000)).kind == "ledger-too-many-cells"


def test_a_merge_over_the_whole_sheet_does_no_harm(tmp_path):
    cells = '<row r="1"><c r="A1" t="str"><v>网格</v></c><c r="B1" t="str"><v>户数</v></c></row>'
    cells += '<row r="2"><c r="A2" t="str"><v>甲网格</v></c><c r="B2"><v>3</v></c></row>'
    merges = '<mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>'
    table = read_table(rewritten(tmp_path, {SHEET: sheet_xml(cells, merges)}))
    assert [dict(row.cells) for row in table.rows] == [{"网格": "甲网格", "户数": "3"}]


def test_a_file_a_line_and_a_table_over_the_limits_are_refused(tmp_path):
    path = text_file(tmp_path, "网格,户数\n甲网格," + "1" * 5000 + "\n")
    assert refusal(path, limits=Limits(file_bytes=1000)).kind == "ledger-file-too-large"
    assert refusal(path, limits=Limits(line_chars=1000)).kind == "ledger-line-too-long"
    assert refusal(path, limits=Limits(rows=1)).kind == "ledger-too-many-cells"


def test_a_line_that_never_ends_is_refused_without_reading_it_whole(tmp_path):
    path = tmp_path / "endless.csv"
    with path.open("wb") as stream:
        stream.truncate(1 << 30)
    assert refusal(path).kind == "ledger-file-too-large"


def test_external_links_are_ignored(tmp_path):
    path = rewritten(tmp_path, {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})
    assert len(read_table(path).rows) == 1


def test_a_million_cells_of_one_row_stop_at_the_column_limit(tmp_path):
    path = text_file(tmp_path, "网格,户数\n" + "," * 100_000 + "\n")
    assert refusal(path).kind == "ledger-too-many-cells"


def test_every_dropped_row_has_a_sentence_in_both_languages(real):
    for row in real.dropped:
        assert "甲" not in row.reason.text("zh")
        assert str(row.number) in sentence(row.reason.kind, "en", row=row.number)


def test_a_damaged_workbook_never_escapes_the_error_family(tmp_path):
    good = workbook(tmp_path, REAL, REAL_MERGES).read_bytes()
    for position in range(0, len(good), 97):
        damaged = bytearray(good)
        damaged[position] ^= 0xFF
        try:
            read_table(text_file(tmp_path, bytes(damaged), name="damaged.xlsx"))
        except (BadInput, TooLarge) as error:
            assert error.kind.startswith("ledger-")
