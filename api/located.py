"""A point's answer as whoever asks may see it: in their areas, and with names where they need them."""

from api.view import View
from geo.access import Place, Principal
from geo.locate.records import Answer
from geo.store.access_book import places_of
from geo.store.locating import VIEWS, Question, locate


def located_for(who: Principal, view: View, question: Question) -> Answer:
    """Locate a point for somebody.

    Raises
    ------
    Unidentified, Refused
        Where it lies in an area that is not theirs; what lies in no area is told to everybody who may locate.
    """
    found = locate(view.connection, view.at, question, view.teams, view.settings.hierarchy)
    if who.is_free or (who.may("locate") and not who.may_somewhere("contacts")):
        return found
    place = _place_of(view, found)
    if found.status != "outside":
        who.require("locate", place)
    if not who.may("contacts", place):
        return found
    return locate(view.connection, view.at, question, VIEWS["full"], view.settings.hierarchy)


def _place_of(view: View, found: Answer) -> Place:
    """Return where an answer lies: of a conflict what holds all that claim the point."""
    areas = [one.id for one in (*found.chain, *([found.grid] if found.grid else []))]
    above = places_of(view.connection, areas)
    return frozenset[int]().union(*above.values())
