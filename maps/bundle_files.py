"""The browser files that our pages carry with them: Leaflet for maps, Swagger UI for the API's documentation.

``maps/web`` builds them (``npm ci && npm run build``) into ``maps/bundle``, which git ignores.
"""

from functools import cache
from pathlib import Path
from typing import Final

from geo.errors import NotFound, Unavailable

FOLDER: Final = Path(__file__).parent / "bundle"

MEDIA_TYPES: Final = {
    "leaflet.js": "text/javascript",
    "leaflet.css": "text/css",
    "leaflet.LICENSE.txt": "text/plain",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "swagger-ui.LICENSE.txt": "text/plain",
    "swagger-ui.NOTICE.txt": "text/plain",
    "swagger-ui-bundle.LICENSE.txt": "text/plain",
}
"""What may be asked for, and as what it is served (UTF-8)."""


def bundle_path(name: str) -> Path:
    """Return where a bundled file lies.

    Parameters
    ----------
    name
        A key of :data:`MEDIA_TYPES`; nothing else is ever looked up on the disk.

    Raises
    ------
    NotFound
        ``bundle-file-unknown``: no such file belongs to the bundle.
    Unavailable
        ``bundle-missing``: it belongs to the bundle, but the bundle has not been built.
    """
    if name not in MEDIA_TYPES:
        raise NotFound("bundle-file-unknown", name=name, known=", ".join(MEDIA_TYPES))
    path = FOLDER / name
    if not path.is_file():
        raise Unavailable("bundle-missing", name=name)
    return path


PLANNER_PAGE: Final = "index.html"
_PLANNER: Final = "planner"
_PLANNER_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


def planner_file(name: str) -> tuple[Path, str]:
    """Return where a file of the web editor lies, and as what it is served.

    Parameters
    ----------
    name
        Its page, or a file in its ``assets``; of a name only what the folder itself lists is ever looked up.

    Raises
    ------
    NotFound
        ``bundle-file-unknown``.
    Unavailable
        ``bundle-missing``: the editor has not been built.
    """
    folder = FOLDER / _PLANNER
    if not (folder / PLANNER_PAGE).is_file():
        raise Unavailable("bundle-missing", name=f"{_PLANNER}/{PLANNER_PAGE}")
    known = {PLANNER_PAGE: folder / PLANNER_PAGE, **{f"assets/{one.name}": one for one in folder.glob("assets/*")}}
    path = known.get(name)
    if path is None or path.suffix not in _PLANNER_TYPES:
        raise NotFound("bundle-file-unknown", name=name, known=", ".join(sorted(known)))
    return path, _PLANNER_TYPES[path.suffix]


def bundle_text(name: str) -> str:
    """Return the text of a bundled file; raises as :func:`bundle_path`."""
    return _read(bundle_path(name))


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
