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
    """Places of the columns, counted from 0; ``crs`` and ``at`` are None where the table has no such column."""

    lon: int
    lat: int
    crs: int | None
    at: int | None


def point_columns(header: Sequence[str], lon: str | None, lat: str | None) -> PointColumns:
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
    return PointColumns(
        lon=_axis(header, "lon", lon),
        lat=_axis(header, "lat", lat),
        crs=_optional(labels, _CRS),
        at=_optional(labels, _AT),
    )


def _axis(header: Sequence[str], field: str, given: str | None) -> int:
    columns = ", ".join(label for label in header if label.strip())
    if given is None:
        found = [place for place, label in enumerate(header) if field_of(label) == field]
    else:
        found = [place for place, label in enumerate(header) if label == given]
        found = found or [place for place, label in enumerate(header) if folded(label) == folded(given)]
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
