"""Signing in with another provider, by OpenID Connect."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.errors import status_of
from api.openid import BACK, BEGIN, openid_of, sign_in_returned
from api.page_response import Page
from api.parameters import LanguageDep
from api.routes.signing import Next, own_target
from api.view import SettingsDep
from geo.errors import GeoError
from geo.messages import Language
from maps.sign_in_page import sign_in_page

pages = APIRouter(include_in_schema=False)


@pages.get(BEGIN)
async def get_begin(
    request: Request, lang: LanguageDep, settings: SettingsDep, target: Annotated[Next, Query(alias="next")] = "/"
) -> Response:
    """Go to the provider."""
    try:
        secure = settings.guarding.is_encrypted
        return await openid_of(settings).begun(request, own_target(target), secure=secure)
    except GeoError as refusal:
        return _refused(refusal, lang)


@pages.get(BACK)
async def get_back(request: Request, lang: LanguageDep, settings: SettingsDep) -> Response:
    """Come back from the provider, and go on to the page that was asked for."""
    try:
        return await sign_in_returned(request, settings)
    except GeoError as refusal:
        return _refused(refusal, lang)


def _refused(refusal: GeoError, lang: Language) -> Page:
    return Page(sign_in_page(lang, refusal=refusal.text(lang)), lang, status_code=status_of(type(refusal)))
