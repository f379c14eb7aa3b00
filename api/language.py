"""The language of an HTTP answer: ``?lang=``, else ``Accept-Language``, else Chinese."""

from starlette.requests import Request

from geo.messages import Language


def language_of(request: Request) -> Language:
    """Return the language that a request asks for."""
    asked = request.query_params.get("lang")
    return spoken(asked if asked is not None else request.headers.get("accept-language", ""))


def spoken(accepted: str) -> Language:
    """Return which of our languages an ``Accept-Language`` header likes best; Chinese where it names neither."""
    wishes = [_wish(part) for part in accepted.split(",")]
    english = max((weight for tag, weight in wishes if tag == "en"), default=0.0)
    chinese = max((weight for tag, weight in wishes if tag == "zh"), default=0.0)
    return "en" if english > chinese else "zh"


def _wish(part: str) -> tuple[str, float]:
    """Return the primary language of one entry and how much it is wanted, 0 to 1."""
    tag, _, rest = part.partition(";")
    weight = rest.strip().removeprefix("q=")
    primary = tag.strip().lower().partition("-")[0]
    try:
        return primary, float(weight) if weight else 1.0
    except ValueError:
        return primary, 0.0
