"""The base maps that the operator gave: files of the host, or services of maps."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, text

from geo.errors import Conflict, NotFound
from geo.store.areas import Bounds
from geo.store.sql import statement


@dataclass(frozen=True, slots=True)
class BaseMap:
    """One base map.

    Attributes
    ----------
    name
        In the address.
    kind
        ``geotiff``, ``mbtiles``, ``folder`` or ``service``.
    place
        The file or folder, or the address with ``{z}``, ``{x}``, ``{y}`` and perhaps ``{key}``.
    key
        The operator's at the service, never shown.
    source, approval
        What is always shown with it: where it comes from, and its 审图号.
    bounds
        West, south, east, north in degrees, None where it is not known.
    """

    name: str
    title: str
    kind: str
    place: str
    source: str
    approval: str | None = None
    key: str | None = None
    min_zoom: int = 0
    max_zoom: int = 18
    bounds: Bounds | None = None

    def document(self) -> dict[str, object]:
        """Return what people may see of it."""
        told = asdict(self)
        return {name: told[name] for name in told if name not in ("place", "key")}


def list_base_maps(connection: Connection) -> list[BaseMap]:
    """Return all of them, by name."""
    rows = connection.execute(statement("base_maps_list"))
    return [replace(BaseMap(*row[:9]), bounds=_bounds(row.bounds)) for row in rows]


def _bounds(given: Sequence[float] | None) -> Bounds | None:
    return None if given is None else (given[0], given[1], given[2], given[3])


def one_base_map(connection: Connection, name: str) -> BaseMap:
    """Return one by its name.

    Raises
    ------
    NotFound
        ``basemap-unknown``.
    """
    found = {each.name: each for each in list_base_maps(connection)}
    if name not in found:
        raise NotFound("basemap-unknown", name=name, known=", ".join(found) or "-")
    return found[name]


def add_base_map(connection: Connection, added: BaseMap) -> None:
    """Write one down.

    Raises
    ------
    Conflict
        ``basemap-name-taken``.
    """
    bounds = None if added.bounds is None else list(added.bounds)
    if connection.scalar(statement("base_map_add"), {**asdict(added), "bounds": bounds}) is None:
        raise Conflict("basemap-name-taken", name=added.name)


def remove_base_map(connection: Connection, name: str) -> None:
    """Forget one; its file stays where it is. Raises as :func:`one_base_map`."""
    connection.execute(text("DELETE FROM base_map WHERE name = :name"), {"name": one_base_map(connection, name).name})
