"""Teams as JSON."""

from fastapi.responses import JSONResponse
from starlette.requests import Request

from api.parameters import next_page
from api.view import View
from geo.store.listing import TeamRecord, list_teams, one_area


def team_list(view: View, request: Request, area: str | None, limit: int, after: str) -> JSONResponse:
    """Return one page of teams.

    Raises
    ------
    NotFound
        ``unknown-area``.
    """
    if area is not None:
        one_area(view.connection, view.at, area)
    found = list_teams(view.connection, view.at, area=area, after=after, limit=limit + 1)
    items = found[:limit]
    link = next_page(request, after=items[-1].code, **view.pin()) if len(found) > limit else None
    return JSONResponse({"items": [_document(view, team) for team in items], "next": link, **view.stamp()})


def _document(view: View, record: TeamRecord) -> dict[str, object]:
    return {
        "area": {"level": record.level, "code": record.code, "name": record.area_name},
        **view.teams(record.team).document(),
        "edition": record.edition,
        "valid_from": view.moment_text(record.valid_from),
        "valid_to": record.valid_to and view.moment_text(record.valid_to),
    }
