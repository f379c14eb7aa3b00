"""Peers in environments of their own: they must not decide which versions ours runs on."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def newer_python() -> str | None:
    """Return an interpreter of Python 3.12 or newer, for peers that need one; None where there is none."""
    names = ("python3.12", "python3.13", "python3.14")
    kept = sorted(Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"))
    for one in (sys.executable, *filter(None, map(shutil.which, names)), *map(str, kept)):
        # A name on the path may be a shim for an interpreter that is not there.
        asked = [one, "-c", "import sys, venv; sys.exit(sys.version_info < (3, 12))"]
        if subprocess.run(asked, check=False, capture_output=True).returncode == 0:
            return one
    return None


def python_with(home: Path, name: str, packages: Sequence[str], interpreter: str = sys.executable) -> Path | None:
    """Return the interpreter of an environment, made where it is missing; None where no package index is in reach."""
    folder = home / name
    python = folder / "bin" / "python"
    if (folder / "ready").exists():
        return python
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([interpreter, "-m", "venv", "--clear", str(folder)], check=True)
    install = subprocess.run([str(python), "-m", "pip", "install", "-q", *packages], check=False, capture_output=True)
    if install.returncode:
        return None
    (folder / "ready").touch()
    return python
