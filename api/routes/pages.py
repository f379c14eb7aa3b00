"""The pages for people: the first page, the documentation, and the files that they load."""

from typing import Final

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse

from api.first_page import first_page_of
from api.page_response import Page
from api.parameters import LanguageDep
from api.view import ViewDep
from maps.bundle_files import MEDIA_TYPES, bundle_path
from maps.offline import script_hashes

router = APIRouter(include_in_schema=False)

_DOCS_POLICY: Final = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@router.get("/")
def get_first_page(view: ViewDep, lang: LanguageDep) -> HTMLResponse:
    """Say what this is, and where to go."""
    return Page(first_page_of(view, lang), lang)


@router.get("/docs")
def get_docs() -> HTMLResponse:
    """Show the documentation of the API, with no outside host."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Gridwarden API",
        swagger_js_url="/assets/swagger-ui-bundle.js",
        swagger_css_url="/assets/swagger-ui.css",
        swagger_favicon_url="data:,",
        swagger_ui_parameters={"validatorUrl": None},
    )
    text = bytes(page.body).decode()
    return Page(text, policy=f"script-src 'self' {script_hashes(text)}; {_DOCS_POLICY}")


@router.get("/assets/{name}")
def get_asset(name: str) -> FileResponse:
    """Return one of the files that pages load."""
    return FileResponse(bundle_path(name), media_type=MEDIA_TYPES[name], headers={"Cache-Control": "max-age=3600"})
