"""Who may accept findings and take exceptions back: by the areas that they lie in."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from geo.access import Principal
from geo.store.access_book import areas_excepted, places_of
from geo.store.accounts import area_of

ACTION: Final = "accept"


def require_within(connection: Connection, who: Principal, within: str | None) -> None:
    """Refuse to accept findings of an area that is not somebody's; without ``within`` it is about the whole site.

    Raises
    ------
    NotFound
        ``unknown-area``.
    Unidentified, Refused
        As :meth:`geo.access.Principal.require`.
    """
    if who.may(ACTION):
        return
    if within is None:
        who.require(ACTION)
        return
    with connection.begin():
        area = area_of(connection, within)
        who.require(ACTION, places_of(connection, [area])[area], code=within)


def require_exceptions(connection: Connection, who: Principal, numbers: Sequence[int]) -> None:
    """Refuse to take back exceptions of areas that are not somebody's."""
    if who.may(ACTION):
        return
    with connection.begin():
        places = places_of(connection, areas_excepted(connection, numbers))
    for place in places.values():
        who.require(ACTION, place)
    if not places:
        who.require(ACTION)
