"""What answers say about areas, ready to be sent: JSON as bytes, a few arrays that processes can share."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import shapely

from geo.locate.records import AreaRecord, Team
from geo.stored import StoredAreas

NO_TEAM: Final = b"null"
GONE: Final = -2
"""What stands for the parent of an area that is there no longer, but whose row is still."""

Bytes = npt.NDArray[np.uint8]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Many short byte strings one after the other.

    Attributes
    ----------
    content
        All of them, uint8.
    span
        Where each begins and ends, shape (n, 2).
    """

    content: Bytes
    span: Index

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> Self:
        """Put texts together."""
        start = np.fromiter(accumulate(map(len, texts), initial=0), dtype=np.int64, count=len(texts) + 1)
        return cls(np.frombuffer(b"".join(texts), dtype=np.uint8), np.column_stack([start[:-1], start[1:]]))

    def __getitem__(self, row: int) -> bytes:
        low, high = self.span[row].tolist()
        return self.content[low:high].tobytes()


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Areas as answers show them; rows are those of the city's index.

    Attributes
    ----------
    ids, order
        Ids of the areas, and the rows by ascending id.
    documents, links, teams
        JSON of the area as a grid, as a link of a chain, and of its team (``null`` without), a text a row.
    parents
        Row of the parent of each area, below 0 where it has none; ``GONE`` where the area itself is there no longer.
    sizes
        Area in square degrees: tells only which of several overlapping areas is the smallest.
    """

    ids: Index
    order: Index
    documents: Texts
    links: Texts
    teams: Texts
    parents: Index
    sizes: npt.NDArray[np.float64]

    @classmethod
    def of(cls, areas: StoredAreas, teams: Mapping[int, Team]) -> Self:
        """Make the tables of a city.

        Parameters
        ----------
        teams
            By area id, as the caller may see them.
        """
        ids = areas.ids.astype(np.int64)
        order = np.argsort(ids, kind="stable")
        records = list(records_of(areas, teams))
        return cls(
            ids,
            order,
            Texts.of([json_bytes(record.document()) for record in records]),
            Texts.of([json_bytes(record.link()) for record in records]),
            Texts.of([team_text(teams.get(area_id)) for area_id in ids.tolist()]),
            rows_among(areas.parent_ids, ids, order),
            sizes_of(areas),
        )

    def __len__(self) -> int:
        return len(self.parents)

    def rows_of(self, area_ids: npt.ArrayLike) -> Index:
        """Return the row of each area, -1 where there is none."""
        return rows_among(np.asarray(area_ids, dtype=np.int64), self.ids, self.order)

    def layer_of(self, row: int) -> tuple[str, str]:
        """Return level and kind of an area, as answers show them."""
        return json.loads(self.links[row])["level"], json.loads(self.documents[row])["kind"]

    def ancestors(self, row: int) -> list[int]:
        """Return the rows of the ancestors of an area, the largest first."""
        found: list[int] = []
        above = int(self.parents[row])
        while above >= 0 and above not in found:
            found.append(above)
            above = int(self.parents[above])
        return found[::-1]

    def record(self, row: int) -> AreaRecord:
        """Return an area with its team."""
        team, parent = json.loads(self.teams[row]), int(self.parents[row])
        return AreaRecord(
            id=int(self.ids[row]),
            **{**json.loads(self.links[row]), **json.loads(self.documents[row])},
            parent_id=None if parent < 0 else int(self.ids[parent]),
            team=team and Team(name=team["name"], members=tuple(team["members"])),
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all there is to the tables: contiguous arrays by name."""
        named: dict[str, npt.NDArray[Any]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Texts):
                named |= {f"{field.name}.content": value.content, f"{field.name}.span": value.span}
            else:
                named[field.name] = value
        return named

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Take up the arrays of tables that were made before; they are not copied."""
        given: dict[str, Any] = {
            field.name: arrays[field.name]
            if field.name in arrays
            else Texts(arrays[f"{field.name}.content"], arrays[f"{field.name}.span"])
            for field in fields(cls)
        }
        return cls(**given)


def records_of(areas: StoredAreas, teams: Mapping[int, Team]) -> Iterator[AreaRecord]:
    """Yield what answers say of areas; teams are by area id."""
    for row, area_id in enumerate(areas.ids.tolist()):
        yield AreaRecord(
            id=area_id,
            code=areas.codes[row],
            name=areas.names[row],
            level=areas.levels[row],
            kind=areas.kinds[row],
            local_code=areas.local_codes[row],
            category=areas.categories[row],
            parent_id=int(areas.parent_ids[row]) or None,
            team=teams.get(area_id),
        )


def team_text(team: Team | None) -> bytes:
    """Return the JSON of a team."""
    return NO_TEAM if team is None else json_bytes(team.document())


def sizes_of(areas: StoredAreas) -> npt.NDArray[np.float64]:
    """Return the size of each area, see :attr:`Tables.sizes`."""
    return np.nan_to_num(np.asarray(shapely.area(areas.geoms), dtype=np.float64))


def rows_among(wanted: Index, ids: Index, order: Index) -> Index:
    """Return where each id stands among others, -1 where it does not; ``order`` sorts these."""
    if not len(ids):
        return np.full(len(wanted), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)
    return np.where(ids[order[place]] == wanted, order[place], -1).astype(np.int64)


def json_bytes(document: object) -> bytes:
    """Return JSON as answers send it."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
