"""The pages for people: the first page, the documentation, and the files that they load."""

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse

from api.first_page import first_page_of
from api.parameters import LanguageDep
from api.view import ViewDep
from maps.bundle_files import MEDIA_TYPES, bundle_path

router = APIRouter(include_in_schema=False)


@router.get("/")
def get_first_page(view: ViewDep, lang: LanguageDep) -> HTMLResponse:
    """Say what this is, and where to go."""
    return HTMLResponse(first_page_of(view, lang), headers={"Content-Language": lang, "Vary": "Accept-Language"})


@router.get("/docs")
def get_docs() -> HTMLResponse:
    """Show the documentation of the API, with no outside host."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Gridwarden API",
        swagger_js_url="/assets/swagger-ui-bundle.js",
        swagger_css_url="/assets/swagger-ui.css",
        swagger_favicon_url="data:,",
        swagger_ui_parameters={"validatorUrl": None},
    )


@router.get("/assets/{name}")
def get_asset(name: str) -> FileResponse:
    """Return one of the files that pages load."""
    return FileResponse(bundle_path(name), media_type=MEDIA_TYPES[name], headers={"Cache-Control": "max-age=3600"})
