"""What documents are run with."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

QUICK = Path(__file__).parent / "quick"


@pytest.fixture(scope="session")
def commands() -> Iterator[Path]:
    """Return a folder with a ``gridwarden`` whose imports are made once for all documents."""
    with TemporaryDirectory(prefix="gw-quick-") as name:
        folder = Path(name)
        client = folder / "gridwarden"
        run = shlex.join([sys.executable, "-ISE", str(QUICK / "gridwarden.py")])
        client.write_text(f'#!/bin/sh\nQUICK_GRIDWARDEN={shlex.quote(name)}/socket exec {run} "$@"\n', "utf-8")
        client.chmod(0o755)
        folder.chmod(0o755)
        with subprocess.Popen(
            [sys.executable, str(QUICK / "server.py"), f"{name}/socket"], stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            yield folder
            server.terminate()
