"""What the web editor is delivered as: small, from one place, in a language that old browsers speak."""

import gzip
import json
import re
import subprocess
from pathlib import Path

from maps import bundle_files

SOURCES = Path(bundle_files.__file__).parent / "planner"
BUILT = bundle_files.FOLDER / "planner"
MOST_BYTES = 1_500_000


def built(ending):
    return sorted(BUILT.rglob(f"*{ending}"))


def test_it_is_small_enough_for_a_weak_line():
    assert sum(len(gzip.compress(path.read_bytes())) for path in BUILT.rglob("*") if path.is_file()) < MOST_BYTES


def test_the_page_loads_only_its_own_files():
    page = (BUILT / "index.html").read_text("utf-8")
    loaded = re.findall(r"""(?:src|href)="([^"]+)\"""", page)
    assert len(loaded) >= 3
    for address in set(loaded) - {"data:,"}:
        assert (BUILT / address.removeprefix("/planner/")).is_file()


def test_style_sheets_refer_to_no_other_file():
    (style,) = built(".css")
    assert re.findall(r"url\(\s*(?![\"']?(?:data:|#))[^)]*\)", style.read_text("utf-8")) == []


def test_chromium_109_reads_it():
    # the last one for Windows 7; it knows all of ES2022
    acorn = SOURCES / "node_modules" / "acorn" / "bin" / "acorn"
    for script in built(".js"):
        said = subprocess.run(
            ["node", acorn, "--ecma2022", "--module", "--silent", script], capture_output=True, text=True, check=False
        )
        assert (said.returncode, said.stderr) == (0, "")


def test_versions_are_exact_and_the_lock_file_names_no_host():
    package = json.loads((SOURCES / "package.json").read_text("utf-8"))
    lock = (SOURCES / "package-lock.json").read_text("utf-8")
    wanted = package["dependencies"] | package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert ("resolved" in lock, "://" in lock) == (False, False)
    locked = json.loads(lock)["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
