"""Parameters that several routes share, with their descriptions and examples (of the sample city)."""

from collections.abc import Mapping
from math import isfinite
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Path, Query
from starlette.requests import Request

from api.language import language_of
from api.points import stored_point
from geo.crs import Crs, parse_crs
from geo.errors import BadInput
from geo.messages import Language
from geo.store.areas import Bounds

MOST_ITEMS: Final = 1000
SHOWN: Final = 60
# PostgreSQL's texts hold no NUL.
_PRINTABLE: Final = r"^[^\x00-\x1f]+$"

EXAMPLE_GRID: Final = "519801001001001"
EXAMPLE_COUNTY: Final = "519801"

Code = Annotated[
    str,
    Path(
        max_length=64,
        pattern=_PRINTABLE,
        openapi_examples={"grid": {"value": EXAMPLE_GRID}},
        description="辖区编码。/ The area's code.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS, examples=[5], description="每页最多几个。/ Items a page at most.")]


def code_query(zh: str, en: str, example: str) -> Any:
    """Return the declaration of a parameter that holds a code or another short name."""
    return Query(max_length=64, pattern=_PRINTABLE, examples=[example], description=f"{zh} / {en}")


After = Annotated[
    str,
    code_query(
        "上一页最后一个的编码；next 里已写好。", "Code of the last item before; part of `next`.", EXAMPLE_COUNTY
    ),
]


def _language(request: Request) -> Language:
    return language_of(request)


LanguageDep = Annotated[Language, Depends(_language)]


def named_crs(text: str) -> Crs:
    """Return the system that ``crs`` names; refusals say that it was this parameter."""
    try:
        return parse_crs(text)
    except BadInput as refusal:
        raise BadInput(refusal.kind, place={"field": "crs"}, **refusal.facts) from None


def bounds_of(text: str | None) -> Bounds | None:
    """Return west, south, east, north (degrees, EPSG:4490) of ``bbox``.

    Raises
    ------
    BadInput
        ``malformed-bbox``.
    """
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise _malformed(text) from None
    if not all(isfinite(number) for number in (west, south, east, north)):
        raise _malformed(text)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _malformed(text)
    return west, south, east, north


def near_of(text: str | None, crs: str) -> tuple[float, float] | None:
    """Return the point of ``near`` in degrees, EPSG:4490.

    Raises
    ------
    BadInput
        ``search-near-malformed``; what is wrong with the system or the numbers.
    """
    if text is None:
        return None
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise BadInput("search-near-malformed", place={"field": "near"}, given=text[:SHOWN]) from None
    if not (isfinite(x) and isfinite(y)):
        raise BadInput("search-near-malformed", place={"field": "near"}, given=text[:SHOWN])
    return stored_point(x, y, named_crs(crs))


def required_bounds(text: str) -> Bounds:
    """Return west, south, east, north of a ``bbox`` that must be there; raises as :func:`bounds_of`."""
    bounds = bounds_of(text)
    if bounds is None:
        raise _malformed(text)
    return bounds


def _malformed(text: str) -> BadInput:
    return BadInput("malformed-bbox", place={"field": "bbox"}, given=text[:SHOWN])


def next_page(request: Request, **changed: object) -> str:
    """Return the address of the next page: this one's, with some parameters changed."""
    kept: Mapping[str, object] = dict(request.query_params)
    return f"{request.url.path}?{urlencode({**kept, **changed})}"
