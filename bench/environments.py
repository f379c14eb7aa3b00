"""Peers in environments of their own: they must not decide which versions ours runs on."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def python_with(home: Path, name: str, packages: Sequence[str]) -> Path | None:
    """Return the interpreter of an environment, made where it is missing; None where no package index is in reach."""
    folder = home / name
    python = folder / "bin" / "python"
    if (folder / "ready").exists():
        return python
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    install = subprocess.run([str(python), "-m", "pip", "install", "-q", *packages], check=False, capture_output=True)
    if install.returncode:
        return None
    (folder / "ready").touch()
    return python
