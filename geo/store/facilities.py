"""Facilities in the store: places that serve people, as points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from geo.store.publish import Publication


@dataclass(frozen=True, slots=True)
class Facility:
    """A place that serves people; ``lon`` and ``lat`` in degrees EPSG:4490, on the lattice."""

    name: str
    category: str
    address: str | None
    lon: float
    lat: float


def load_facilities(connection: Connection, at: datetime) -> list[Facility]:
    """Return the facilities as of a moment, by category and name."""
    rows = connection.execute(
        text(
            "SELECT name, category, address, ST_X(geom), ST_Y(geom) FROM facility "
            "WHERE valid @> CAST(:at AS timestamptz) ORDER BY category, name, id"
        ),
        {"at": at},
    )
    return [Facility(*row) for row in rows]


def write_facilities(connection: Connection, opened: Publication, facilities: Sequence[Facility]) -> None:
    """Open versions of facilities, closing those of the same category and name."""
    connection.execute(
        text(
            "UPDATE facility SET valid = tstzrange(lower(valid), :at) WHERE upper_inf(valid) AND (category, name) IN "
            "(SELECT * FROM unnest(CAST(:categories AS text[]), CAST(:names AS text[])))"
        ),
        {
            "at": opened.at,
            "categories": [one.category for one in facilities],
            "names": [one.name for one in facilities],
        },
    )
    connection.execute(
        text(
            "INSERT INTO facility (name, category, address, geom, edition, valid) VALUES (:name, :category, :address, "
            "ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), :edition, tstzrange(:at, NULL))"
        ),
        [
            {
                "name": one.name,
                "category": one.category,
                "address": one.address,
                "lon": one.lon,
                "lat": one.lat,
                "edition": opened.edition,
                "at": opened.at,
            }
            for one in facilities
        ],
    )
