"""The web editor: its page, and the files that the page loads."""

from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse

from maps.bundle_files import PLANNER_PAGE, planner_file

router = APIRouter(include_in_schema=False)

_ASKED_AGAIN: Final = {"Cache-Control": "no-cache"}
_KEPT: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/planner")
@router.get("/planner/")
def get_planner() -> FileResponse:
    """Return the editor's page."""
    path, media_type = planner_file(PLANNER_PAGE)
    return FileResponse(path, media_type=media_type, headers=_ASKED_AGAIN)


@router.get("/planner/assets/{name}")
def get_asset(name: str) -> FileResponse:
    """Return a file of the editor; its name holds a digest of what is in it."""
    path, media_type = planner_file(f"assets/{name}")
    return FileResponse(path, media_type=media_type, headers=_KEPT)
