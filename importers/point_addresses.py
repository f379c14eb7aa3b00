"""Rows of a table that say in words where they are: located by these where there is no point, else compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from geo.addresses.outcome import Outcome
from geo.addresses.spelling import LONGEST_TEXT
from geo.errors import BadInput
from geo.lattice import snap_one
from geo.locate.ready import ReadyCity
from geo.measure import distance_m
from geo.messages import Language, sentence
from geo.store.addressing import answer_address
from geo.store.finding import Finder
from geo.store.locating import full_view
from importers.point_cells import Cells
from importers.point_places import GivenColumns, PlaceColumns

CONTRADICTION_M: Final = 500.0
"""A point further than this from its address, in another grid, contradicts it."""
_SHOWN: Final = 3


@dataclass(slots=True)
class SaidRows:
    """What addresses say beyond points.

    Attributes
    ----------
    cells
        Of the rows that have no answer of a point.
    remarks
        What stands beside the reason, by row.
    uncertain
        Rows whose answer is no certain one because of the address.
    """

    cells: dict[int, Cells] = field(default_factory=dict)
    remarks: dict[int, str] = field(default_factory=dict)
    uncertain: set[int] = field(default_factory=set)


class AddressReader:
    """Reads the addresses of rows.

    Parameters
    ----------
    published
        When each edition was published.
    cities
        The city as of an edition, None where there was none.
    """

    def __init__(
        self,
        connection: Connection,
        published: Mapping[int, datetime],
        cities: Callable[[int], ReadyCity | None],
        lang: Language,
    ) -> None:
        self._connection, self._published, self._cities, self._lang = connection, published, cities, lang

    def read(self, given: GivenColumns, places: PlaceColumns) -> SaidRows:
        """Return what addresses say; give those rows their places that have no point of their own."""
        said = SaidRows()
        if given.address is None:
            return said
        texts = ["" if value is None else str(value).strip() for value in given.address.to_pylist()]
        for row, text in enumerate(texts):
            refusal = places.refusals.get(row)
            if row in given.flaws or (refusal is not None and refusal.place.get("field") == "at"):
                continue
            if _has_point(given, row):
                if text and refusal is None:
                    self._compare(row, text, places, said)
            else:
                self._place(row, text, places, said)
        # an open transaction would keep the server from clearing up
        self._connection.rollback()
        return said

    def _place(self, row: int, text: str, places: PlaceColumns, said: SaidRows) -> None:
        outcome = self._outcome(text, int(places.edition[row])) if text else None
        if outcome is None:
            places.refusals[row] = BadInput("address-empty")
            return
        places.refusals.pop(row, None)
        if outcome.point is None:
            said.cells[row] = self._cells(outcome)
            places.lonlat[row] = 0.0
            return
        places.lonlat[row] = outcome.point
        if not outcome.certain:
            said.uncertain.add(row)
            said.remarks[row] = sentence("address-taken-as", self._lang, name=outcome.candidates[0].place.name)

    def _compare(self, row: int, text: str, places: PlaceColumns, said: SaidRows) -> None:
        edition = int(places.edition[row])
        outcome, city = self._outcome(text, edition), self._cities(edition)
        if outcome is None or outcome.point is None or outcome.answer is None or city is None:
            return
        lon, lat = places.lonlat[row].tolist()
        away_m = float(distance_m(lon, lat, *outcome.point))
        own = city.answer((snap_one(lon), snap_one(lat)), 0.0, 0.0)
        if away_m <= CONTRADICTION_M or own.grid == outcome.answer.grid:
            return
        grid = outcome.answer.grid
        said.remarks[row] = sentence(
            "point-contradicts-address",
            self._lang,
            matched=outcome.candidates[0].place.name,
            away_m=f"{away_m:.0f}",
            grid=f"{grid.name} {grid.code}" if grid else "–",
        )

    def _outcome(self, text: str, edition: int) -> Outcome | None:
        city = self._cities(edition)
        if city is None:
            return None
        at = self._published[edition]
        found = Finder(self._connection, at).find(text[:LONGEST_TEXT])
        return answer_address(
            self._connection,
            at,
            found,
            lambda lon, lat: city.answer((snap_one(lon), snap_one(lat)), 0.0, 0.0),
            full_view,
        )

    def _cells(self, outcome: Outcome) -> Cells:
        responsible = outcome.responsible
        team = responsible.area.team if responsible else None
        if outcome.area is not None:
            reason = sentence("address-only-area", self._lang, area=outcome.area.name)
        elif outcome.candidates:
            names = dict.fromkeys(one.place.name for one in outcome.candidates)
            reason = sentence("address-may-be", self._lang, names=", ".join(list(names)[:_SHOWN]))
        else:
            reason = ""
        chain = "/".join(area.code for area in outcome.chain)
        return outcome.status, "false", "", "", chain, team.name if team else "", "", reason


def _has_point(given: GivenColumns, row: int) -> bool:
    """Tell whether a row says anything of coordinates."""
    values = (given.lon[row].as_py(), given.lat[row].as_py())
    return any(value is not None and str(value).strip() for value in values)
