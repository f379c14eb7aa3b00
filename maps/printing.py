"""Pages printed to PDF by a browser of this machine, which may ask no host for anything."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from geo.errors import Unavailable

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
LONGEST_S: Final = 120
_SWITCHES: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # No name is looked up: the page is whole in itself, and nothing else has business outside.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)


def pdf_of(page: str) -> bytes:
    """Print a page on the paper that its own style sheet asks for.

    Parameters
    ----------
    page
        HTML that needs no other file.

    Raises
    ------
    Unavailable
        ``no-browser``: there is no Chromium; ``printing-failed``.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise Unavailable("no-browser")
    with tempfile.TemporaryDirectory(prefix="gridwarden-print-") as folder:
        source, target = Path(folder) / "page.html", Path(folder) / "page.pdf"
        source.write_text(page, encoding="utf-8")
        # Chromium's sandbox does not run for root; the page holds no program, and a policy forbids any.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [browser, *_SWITCHES, *sandbox, f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}"]
        try:
            done = subprocess.run(  # noqa: S603 - a known program, switches of our own, and no shell
                [*command, source.as_uri()], capture_output=True, timeout=LONGEST_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as failure:
            raise Unavailable("printing-failed", reason=type(failure).__name__) from failure
        if done.returncode or not target.exists():
            raise Unavailable("printing-failed", reason=f"exit code {done.returncode}")
        return target.read_bytes()
