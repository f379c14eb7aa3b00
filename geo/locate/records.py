"""What an answer is made of: areas, teams, neighbours, and their JSON."""

from collections.abc import Mapping
from dataclasses import dataclass

import shapely

from geo.locate.border import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team as the caller may see it: its name, and one mapping a member."""

    name: str
    members: tuple[Mapping[str, object], ...] = ()

    def document(self) -> dict[str, object]:
        """Return the team as it stands in JSON."""
        return {"name": self.name, "members": [dict(member) for member in self.members]}


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRecord:
    """What an answer says about an area; ``kind`` is ``"general"`` or ``"special"``."""

    id: int
    code: str
    name: str
    level: str
    kind: str = "general"
    local_code: str | None = None
    category: str | None = None
    parent_id: int | None = None
    team: Team | None = None

    def document(self) -> dict[str, object]:
        """Return the area as it stands in JSON."""
        return {
            "code": self.code,
            "local_code": self.local_code,
            "name": self.name,
            "kind": self.kind,
            "category": self.category,
        }

    def link(self) -> dict[str, object]:
        """Return the area as a link of the chain."""
        return {"level": self.level, "code": self.code, "name": self.name}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An area that may matter to a point, with its boundary (shapely, EPSG:4490, on the lattice)."""

    area: AreaRecord
    geom: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Responsible:
    """Whom to turn to, and why: ``reason`` is a stable slug, see :func:`answer`."""

    area: AreaRecord
    reason: str

    def document(self) -> dict[str, object]:
        """Return it as it stands in JSON."""
        team = self.area.team
        return {**self.area.link(), "team": team and team.document(), "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another area within the accuracy of the point."""

    area: AreaRecord
    distance_m: float

    def document(self) -> dict[str, object]:
        """Return it as it stands in JSON."""
        return {"code": self.area.code, "name": self.area.name, "distance_m": round(self.distance_m, 3)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who covers a point.

    Attributes
    ----------
    status, on_border
        See :class:`geo.locate.border.Claim`.
    certain
        False on a border, in a conflict, and where another area, a gap or the outer border lies within accuracy.
    grid
        The effective grid: the special one, else the general one; None where there is none, or several.
    host_grid, microgrid
        The general grid and the microgrid of the same place; on general land the host is the grid itself.
    chain
        The ancestors of the grid, the largest first; in a gap down to the deepest area; in a conflict without an
        effective grid as far as all matches agree.
    team
        The team of the grid itself.
    responsible
        The smallest covering area with a team; None only outside.
    border_distance_m
        To the nearest border of the effective territory; None beyond the radius.
    neighbours
        Other areas within accuracy, the nearest first, 0.0 where they meet at the point.
    matches
        In a conflict all areas that claim the point, else empty.
    """

    status: Status
    certain: bool
    on_border: bool
    grid: AreaRecord | None = None
    host_grid: AreaRecord | None = None
    microgrid: AreaRecord | None = None
    chain: tuple[AreaRecord, ...] = ()
    team: Team | None = None
    responsible: Responsible | None = None
    border_distance_m: float | None = None
    neighbours: tuple[Neighbour, ...] = ()
    matches: tuple[AreaRecord, ...] = ()
    circles: tuple[Mapping[str, object], ...] = ()

    def document(self) -> dict[str, object]:
        """Return the answer as it stands in JSON, without point, edition and moment."""
        distance_m = self.border_distance_m
        return {
            "status": self.status,
            "certain": self.certain,
            "on_border": self.on_border,
            "grid": self.grid and self.grid.document(),
            "host_grid": self.host_grid and self.host_grid.document(),
            "microgrid": self.microgrid and self.microgrid.document(),
            "chain": [area.link() for area in self.chain],
            "team": self.team and self.team.document(),
            "responsible": self.responsible and self.responsible.document(),
            "border_distance_m": None if distance_m is None else round(distance_m, 3),
            "neighbours": [neighbour.document() for neighbour in self.neighbours],
            "matches": [{"level": area.level, **area.document()} for area in self.matches],
            "circles": [dict(circle) for circle in self.circles],
        }
