"""Residences in the store: the weight that grids are balanced by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import shapely
from psycopg.types.range import TimestamptzRange
from sqlalchemy import Connection, text

from geo.lattice import degrees, snap
from geo.store.publish import Publication
from geo.store.schema import SRID
from geo.store.sql import statement
from geo.store.teams import Member, people_ids


@dataclass(frozen=True, slots=True)
class Residence:
    """A building or address point; ``lon`` and ``lat`` in degrees EPSG:4490, None where it has no position."""

    address: str
    households: int
    residents: int | None = None
    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    area_id: int | None = None
    lon: float | None = None
    lat: float | None = None
    leader: Member | None = None


def load_residences(connection: Connection, at: datetime, *, area_ids: Sequence[int] | None = None) -> list[Residence]:
    """Return residences as of a moment, of some declared grids or all, sorted by address."""
    rows = connection.execute(
        statement("residences_at"),
        {"at": at, "ids": None if area_ids is None else list(area_ids)},
    )
    return [
        Residence(
            address=row.address,
            households=row.households,
            residents=row.residents,
            estate=row.estate,
            building=row.building,
            unit=row.unit,
            area_id=row.area_id,
            lon=row.lon,
            lat=row.lat,
            leader=Member(row.leader_name, "other", None, row.leader_phone) if row.leader_id else None,
        )
        for row in rows
    ]


def write_residences(connection: Connection, opened: Publication, residences: Sequence[Residence]) -> None:
    """Replace all residences of the grids that the ledger speaks of, and those at the same address.

    A ledger without a grid column replaces by address alone.
    """
    connection.execute(
        text(
            "UPDATE residence SET valid = tstzrange(lower(valid), :at) WHERE upper_inf(valid) "
            "AND (area_id = ANY(:areas) OR (area_id IS NULL AND address = ANY(:addresses)))"
        ),
        {
            "at": opened.at,
            "areas": sorted({one.area_id for one in residences if one.area_id is not None}),
            "addresses": [one.address for one in residences if one.area_id is None],
        },
    )
    leaders = people_ids(connection, [one.leader for one in residences if one.leader])
    valid = TimestamptzRange(opened.at, None, "[)")
    with connection.connection.cursor().copy(
        "COPY residence (address, households, residents, estate, building, unit, leader_id, area_id, geom, edition, "
        "valid) FROM STDIN"
    ) as copy:
        for one in residences:
            copy.write_row(
                (
                    one.address,
                    one.households,
                    one.residents,
                    one.estate,
                    one.building,
                    one.unit,
                    leaders[one.leader] if one.leader else None,
                    one.area_id,
                    _point(one),
                    opened.edition,
                    valid,
                )
            )


def _point(residence: Residence) -> str | None:
    if residence.lon is None or residence.lat is None:
        return None
    lon, lat = degrees(snap([residence.lon, residence.lat]))
    return str(shapely.to_wkb(shapely.set_srid(shapely.Point(lon, lat), SRID), hex=True, include_srid=True))
