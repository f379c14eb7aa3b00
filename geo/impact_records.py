"""What an impact is made from, and what it says: residences, facilities, teams; who gets another area, and which."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.areas import Areas, Texts

Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Residences:
    """Buildings or address points; row ``i`` of every column is one.

    Attributes
    ----------
    addresses, estates
        Text, shape (n,).
    households, residents
        Shape (n,); ``residents`` is -1 where unknown.
    area_ids
        The area that the ledger names, shape (n,); 0 where it names none.
    lonlat
        Degrees, EPSG:4490, on the lattice, shape (n, 2); NaN where there is no position.
    """

    addresses: Texts
    estates: Texts
    households: Index
    residents: Index
    area_ids: Index
    lonlat: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.addresses)


@dataclass(frozen=True, slots=True, eq=False)
class Facilities:
    """Places that serve people; columns of shape (n,), ``lonlat`` of shape (n, 2), degrees, EPSG:4490."""

    names: Texts
    categories: Texts
    lonlat: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True, eq=False)
class Bystanders:
    """Who and what lies in the neighbourhood of a plan; :func:`geo.store.bystanders.load_bystanders` reads them.

    Attributes
    ----------
    residences, facilities
        At least all of those in areas that the plan changes.
    teams
        Name of the team by the id of its area.
    overlays
        Polygons that should not be cut, by layer: ``estate`` (小区), ``circle`` (便民生活圈).
    """

    residences: Residences
    facilities: Facilities
    teams: Mapping[int, str] = field(default_factory=dict)
    overlays: Mapping[str, Areas] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Handover:
    """What one area gives to another of the same layer; a code is ``""`` where nobody had it, or nobody gets it.

    ``residents`` is None where the ledger leaves any of them out.
    """

    level: str
    kind: str
    from_code: str
    to_code: str
    area_m2: float
    residences: int
    households: int
    residents: int | None


@dataclass(frozen=True, slots=True)
class MovedResidence:
    """A residence that changes grid; ``lon`` and ``lat`` are None where it has no position."""

    address: str
    estate: str
    households: int
    residents: int | None
    lon: float | None
    lat: float | None
    level: str
    kind: str
    from_code: str
    to_code: str


@dataclass(frozen=True, slots=True)
class MovedPlace:
    """A facility or a special grid that lies in another area than before; ``code`` is that of a special grid."""

    name: str
    category: str
    code: str
    level: str
    from_code: str
    to_code: str


@dataclass(frozen=True, slots=True)
class GridSize:
    """Households of one grid, None where it does not exist; ``least`` and ``most`` are both included."""

    level: str
    code: str
    name: str
    before: int | None
    after: int | None
    least: int
    most: int

    @property
    def fits(self) -> bool | None:
        """Whether the number afterwards lies in the range; None for a grid that ends."""
        return None if self.after is None else self.least <= self.after <= self.most


@dataclass(frozen=True, slots=True)
class Cut:
    """A polygon of an overlay that borders of grids cut after the plan and did not before."""

    layer: str
    name: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A residence without position whose grid is divided: nobody knows who gets it until someone says so.

    ``candidates`` are the codes of the areas that get a part of its grid.
    """

    address: str
    households: int
    residents: int | None
    code: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What a plan changes for people.

    Attributes
    ----------
    handovers
        A line a layer and pair of areas between which land or people move.
    moved
        The residences that change area, one line each for every layer in which they do.
    facilities, specials
        Facilities and special grids that come to lie in another general grid, or under another parent.
    sizes
        Every grid and microgrid whose boundary or number of households changes.
    teams_left
        Code of the area that ends, and the name of its team.
    without_team
        Codes of the grids that are new and have no team.
    cuts
        Estates and circles that are cut and were not.
    unplaced
        Residences that nobody can place: whose they will be must be said before the plan is submitted.
    """

    handovers: tuple[Handover, ...] = ()
    moved: tuple[MovedResidence, ...] = ()
    facilities: tuple[MovedPlace, ...] = ()
    specials: tuple[MovedPlace, ...] = ()
    sizes: tuple[GridSize, ...] = ()
    teams_left: tuple[tuple[str, str], ...] = ()
    without_team: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the impact as JSON has it."""
        document = asdict(self)
        document["sizes"] = [{**asdict(one), "fits": one.fits} for one in self.sizes]
        document["teams_left"] = [{"code": code, "team": team} for code, team in self.teams_left]
        return document
