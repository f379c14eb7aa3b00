"""Which columns of a table of points hold what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geo.errors import BadInput
from importers.cell_text import folded
from importers.ledger_columns import field_of

ADDED: Final = (
    "gw_status",
    "gw_certain",
    "gw_grid_code",
    "gw_grid_name",
    "gw_chain",
    "gw_team",
    "gw_border_m",
    "gw_reason",
)
"""The columns that are added, in order."""

_CRS: Final = ("crs", "坐标系")
_AT: Final = ("at",)


@dataclass(frozen=True, slots=True)
class PointColumns:
    """Places of the columns, counted from 0; None where the table has no such column.

    Only a table with an ``address`` may do without ``lon`` and ``lat``.
    """

    lon: int | None
    lat: int | None
    crs: int | None
    at: int | None
    address: int | None = None


def point_columns(header: Sequence[str], lon: str | None, lat: str | None, address: str | None = None) -> PointColumns:
    """Find the columns, by the headings given or by those that people use.

    Raises
    ------
    BadInput
        ``point-column-unknown`` for a heading that is not there, ``point-column-missing``, ``point-column-several``,
        and ``points-already-located`` for a table that has the columns which would be added.
    """
    labels = [folded(label) for label in header]
    own = [label for label in ADDED if label in labels]
    if own:
        raise BadInput("points-already-located", columns=", ".join(own))
    words = None if address is None else _named(header, "address", address)
    pointless = words is not None and not any(
        lon or lat or field_of(label) in ("lon", "lat") for place, label in enumerate(header) if place != words
    )
    return PointColumns(
        lon=None if pointless else _axis(header, "lon", lon),
        lat=None if pointless else _axis(header, "lat", lat),
        crs=_optional(labels, _CRS),
        at=_optional(labels, _AT),
        address=words,
    )


def _axis(header: Sequence[str], field: str, given: str | None) -> int:
    if given is not None:
        return _named(header, field, given)
    return _one_of(header, field, None, [place for place, label in enumerate(header) if field_of(label) == field])


def _named(header: Sequence[str], field: str, given: str) -> int:
    found = [place for place, label in enumerate(header) if label == given]
    found = found or [place for place, label in enumerate(header) if folded(label) == folded(given)]
    return _one_of(header, field, given, found)


def _one_of(header: Sequence[str], field: str, given: str | None, found: Sequence[int]) -> int:
    columns = ", ".join(label for label in header if label.strip())
    option = f"--{field}"
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(header[place] for place in found)
        raise BadInput("point-column-several", option=option, several=several)
    if given is not None:
        raise BadInput("point-column-unknown", option=option, given=given, columns=columns)
    raise BadInput("point-column-missing", option=option, columns=columns)


def _optional(labels: Sequence[str], names: Sequence[str]) -> int | None:
    return next((place for place, label in enumerate(labels) if label in names), None)
