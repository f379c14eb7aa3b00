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


@dataclass(frozen=True, slots=True)
class StoredFacility:
    """A facility with the id of its version."""

    id: int
    facility: Facility


def load_facilities(connection: Connection, at: datetime) -> list[StoredFacility]:
    """Return the facilities as of a moment, by category and name."""
    rows = connection.execute(
        text(
            "SELECT id, name, category, address, ST_X(geom), ST_Y(geom) FROM facility "
            "WHERE valid @> CAST(:at AS timestamptz) ORDER BY category, name, id"
        ),
        {"at": at},
    )
    return [StoredFacility(number, Facility(*values)) for number, *values in rows]


def write_facilities(
    connection: Connection, opened: Publication, facilities: Sequence[Facility], ended: Sequence[int]
) -> None:
    """Open versions of facilities, and end others by their ids."""
    connection.execute(
        text("UPDATE facility SET valid = tstzrange(lower(valid), :at) WHERE id = ANY(:ids)"),
        {"at": opened.at, "ids": list(ended)},
    )
    if not facilities:
        return
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
