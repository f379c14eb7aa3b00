"""What no tracked file may hold: addresses of package registries, and paths of the machine it was written on."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Written in pieces, so that this file does not hold them either.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        *(("pypi", "org"), ("files", "pythonhosted", "org"), ("registry", "npmjs", "org"), ("registry", "yarnpkg")),
        *(("deb", "debian", "org"), ("security", "debian", "org"), ("archive", "ubuntu", "com"), ("npmmirror", "com")),
        *(("conda", "anaconda", "org"), ("registry-1", "docker", "io"), ("proxy", "golang", "org")),
    )
]
MACHINE = re.compile(r"""(?<![\w.~$}\])/-])/(?:work|tmp/\w+|root/\w+)(?:/|\b(?=["'\s]))""")


def tracked() -> dict[str, str]:
    """Return the texts of all files that git tracks, by name."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    texts = {}
    for name in listed.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file():
            content = path.read_bytes()
            if b"\0" not in content[:8192]:
                texts[name] = content.decode("utf-8", "replace")
    return texts


def test_no_file_names_a_package_registry():
    found = [(name, host) for name, text in tracked().items() for host in REGISTRIES if host in text]
    assert found == []


def test_no_file_names_a_path_of_one_machine():
    found = [(name, hit.group()) for name, text in tracked().items() for hit in MACHINE.finditer(text)]
    assert found == []


def test_everything_is_utf8_with_unix_line_ends():
    found = [name for name, text in tracked().items() if "\ufffd" in text or "\r\n" in text]
    assert found == []
