"""Aliases from a table: found like the names that they stand for."""

import pytest


@pytest.fixture(scope="module")
def said(city_url, door_to):
    return door_to(city_url)


def write(door, text):
    path = door.folder / "aliases.csv"
    path.write_text(text, "utf-8")
    return path


def first(door, words):
    found = door.run("search", words, "--json").report
    return found["status"], found["grid"] and found["grid"]["code"], found["area"] and found["area"]["code"]


def test_a_place_is_found_by_what_else_it_is_called(said):
    assert first(said, "老棉纺厂宿舍")[0] == "not_found"
    table = write(said, "别名,名称,编码\n老棉纺厂宿舍,松山嘉园1期,\n北门上,,519801001\n")
    assert said.run("import-aliases", table, "--publish").exit_code == 0
    assert first(said, "老棉仿厂宿舍") == ("found", "519801001001001", None)
    assert first(said, "北门上") == ("not_found", None, "519801001")
    assert first(said, "北门上松山嘉园1期1栋1单元")[:2] == ("found", "519801001001001")


def test_a_table_that_is_published_again_changes_nothing_and_another_takes_its_words_over(said):
    table = write(said, "别名,名称\n河东,松山嘉园1期\n")
    said.run("import-aliases", table, "--publish")
    edition = said.edition()
    said.run("import-aliases", table, "--publish")
    assert said.edition() == edition
    taken = said.run("import-aliases", write(said, "别名,编码\n河东,519802\n"), "--publish")
    assert (taken.refusal, taken.exit_code) == (None, 0), taken.output
    assert first(said, "河东") == ("not_found", None, "519802")


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (",松山嘉园1期,", "alias-missing"),
        ("12,松山嘉园1期,", "alias-too-long"),
        ("河西,,", "alias-target-missing"),
        ("河西,没有这个小区,", "alias-target-unknown"),
        ("河西,,999999", "alias-target-unknown"),
    ],
)
def test_rows_that_stand_for_nothing_are_refused(said, row, kind):
    table = write(said, f"别名,名称,编码\n{row}\n甲,松山嘉园1期,\n")
    refusal = said.run("import-aliases", table).refusal
    assert refusal.kind == "rows-refused"
    assert refusal.report.refused[0].reason.kind == kind
