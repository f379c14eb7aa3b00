"""A page for people as an answer: with the content security policy that stands in the page itself."""

import re
from html import unescape
from typing import Final

from fastapi.responses import HTMLResponse

from api.secure_headers import NOTHING
from geo.messages import Language

_OWN_POLICY: Final = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_HEAD_CHARACTERS: Final = 1 << 16


class Page(HTMLResponse):
    """A page whose policy is a header, too: only there it can keep others from framing the page.

    Parameters
    ----------
    content
        HTML. Its own policy, in its head, is repeated; where it has none, it may load and run nothing.
    lang
        Its language, where it has one.
    policy
        Instead of the page's own.
    """

    def __init__(
        self, content: str, lang: Language | None = None, *, policy: str | None = None, status_code: int = 200
    ) -> None:
        headers = {"Content-Security-Policy": policy or _policy_in(content)}
        if lang is not None:
            headers |= {"Content-Language": lang, "Vary": "Accept-Language"}
        super().__init__(content, status_code, headers)


def _policy_in(content: str) -> str:
    found = _OWN_POLICY.search(content, 0, _HEAD_CHARACTERS)
    return f"{unescape(found[1])}; frame-ancestors 'none'" if found else NOTHING
