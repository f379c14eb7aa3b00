"""The page on which people sign in and out: a form and nothing else, no script."""

from collections.abc import Sequence

from geo.messages import Language
from maps.first_page import Link
from maps.offline import HTML_LANGUAGE, PAGES


def sign_in_page(
    lang: Language, *, name: str = "", refusal: str = "", target: str = "/", others: Sequence[Link] = ()
) -> str:
    """Return the page.

    Parameters
    ----------
    name
        Who is signed in already: then it is signing out that is offered.
    refusal
        Why signing in did not succeed.
    target
        The address of this service to go to afterwards.
    others
        Further ways to sign in.
    """
    zh = lang == "zh"
    return PAGES.get_template("sign_in.html").render(
        language=HTML_LANGUAGE[lang],
        title="登录网格守护" if zh else "Sign in to Gridwarden",
        account="账号" if zh else "Account",
        password="密码" if zh else "Password",
        sign_in="登录" if zh else "Sign in",
        sign_out="退出" if zh else "Sign out",
        signed_in=f"已登录：{name}" if zh else f"Signed in as {name}",
        name=name,
        refusal=refusal,
        next=target,
        others=others,
    )
