"""maup, in an environment of its own: it pins nothing, and must not decide which versions ours runs on."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas

from geo.areas import Areas

MAUP: Final = "maup==2.1.1"


@dataclass(frozen=True, slots=True)
class Told:
    """What ``maup.doctor`` said, after how many processor seconds."""

    seconds: float
    healthy: bool
    overlaps: int


def doctor(level: Areas, home: Path) -> Told | None:
    """Let ``maup.doctor`` look at areas; None where maup cannot be installed."""
    python = python_with_maup(home)
    if python is None:
        return None
    file = home / "maup.gpkg"
    geopandas.GeoDataFrame({"code": level.codes}, geometry=level.geoms, crs="EPSG:4490").to_file(file)
    program = Path(__file__).with_name("peer_maup.py")
    done = subprocess.run([str(python), str(program), str(file)], check=True, capture_output=True, text=True)
    return Told(**json.loads(done.stdout))


def python_with_maup(home: Path) -> Path | None:
    """Return the interpreter of that environment, made where it is missing; None where no package index is in reach."""
    folder = home / "maup"
    python = folder / "bin" / "python"
    if (folder / "ready").exists():
        return python
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    install = subprocess.run([str(python), "-m", "pip", "install", "-q", MAUP], check=False, capture_output=True)
    if install.returncode:
        return None
    (folder / "ready").touch()
    return python
