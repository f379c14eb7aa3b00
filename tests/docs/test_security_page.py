"""The page on security names tests: each of them is there, and each setting is one that is read."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "security.md", ROOT / "docs" / "zh" / "security.md"]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
SETTING = re.compile(r"`(GRIDWARDEN_[A-Z_]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_control_is_held_by_tests_that_are_there(page):
    rows = [line for line in page.read_text("utf-8").splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) > 20
    for row in rows:
        named = NAMED.findall(row)
        assert named, row
        for path, name in named:
            source = (ROOT / path).read_text("utf-8")
            assert f"def {name}(" in source if name else "def test_" in source, (path, name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_setting_of_the_page_stands_in_the_table_of_the_operator(page):
    table = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "operator.md").read_text("utf-8"), re.MULTILINE))
    assert set(SETTING.findall(page.read_text("utf-8"))) - table == set()


def test_both_pages_name_the_same_tests():
    first, second = (sorted(NAMED.findall(page.read_text("utf-8"))) for page in PAGES)
    assert first == second
