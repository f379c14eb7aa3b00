"""Signing in and out by a page, and who one is."""

from typing import Annotated
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.access_models import Me, me_document
from api.errors import status_of
from api.identity import PrincipalDep, address_of, shown, sign_in_by_cookie, sign_out_by_cookie
from api.page_response import Page
from api.parameters import LanguageDep
from api.routes.problems import PROBLEMS
from api.settings import Settings
from api.signing_in import require_own_origin, sign_in, sign_out
from api.view import SettingsDep
from geo.errors import GeoError
from geo.messages import Language
from maps.first_page import Link
from maps.sign_in_page import sign_in_page

pages = APIRouter(include_in_schema=False)
router = APIRouter(tags=["service"], responses={503: PROBLEMS[503]})

Next = Annotated[str, Query(max_length=500)]


@router.get("/me", response_model=Me, summary="我是谁、可以做什么 / who I am and what I may do")
def get_me(who: PrincipalDep) -> JSONResponse:
    """Say who asks, by session or token; ``sign_in`` tells whether more takes signing in."""
    return JSONResponse(me_document(who))


@pages.get("/sign-in")
def get_sign_in(
    who: PrincipalDep, lang: LanguageDep, settings: SettingsDep, target: Annotated[Next, Query(alias="next")] = "/"
) -> Page:
    """Show the form; to those who have signed in, the way out."""
    others = _others(settings, lang, own_target(target))
    return Page(sign_in_page(lang, name=who.name, target=own_target(target), others=others), lang)


@pages.post("/sign-in")
async def post_sign_in(request: Request, lang: LanguageDep, settings: SettingsDep) -> Response:
    """Sign in, and go on to the page that was asked for."""
    given = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=10)
    name, password, target = (given.get(field, [""])[0] for field in ("name", "password", "next"))
    try:
        require_own_origin(request, settings)
        secret = await run_in_threadpool(sign_in, request.app.state.engine, name, password, address_of(request.scope))
    except GeoError as refusal:
        page = sign_in_page(lang, refusal=refusal.text(lang), target=own_target(target))
        return Page(page, lang, status_code=status_of(type(refusal)))
    answer = RedirectResponse(own_target(target), 303)
    sign_in_by_cookie(answer, secret, settings.guarding)
    return answer


@pages.post("/sign-out")
def post_sign_out(request: Request, who: PrincipalDep, settings: SettingsDep) -> Response:
    """End the session."""
    require_own_origin(request, settings)
    _, secret = shown(request.scope)
    if secret is not None and who.kind == "person":
        sign_out(request.app.state.engine, who.name, secret, address_of(request.scope))
    answer = RedirectResponse("/sign-in", 303)
    sign_out_by_cookie(answer)
    return answer


def own_target(target: str) -> str:
    """Return an address of this service: never of another one."""
    is_own = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_own else "/"


def _others(settings: Settings, lang: Language, target: str) -> list[Link]:
    """Return the way to the provider, where there is one."""
    if settings.openid is None:
        return []
    name = settings.openid.label or ("统一登录" if lang == "zh" else "Single sign-on")
    return [Link(f"/sign-in/oidc?{urlencode({'next': target})}", name, "")]
