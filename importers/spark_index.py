"""The index of one edition as a file that travels to the workers of Apache Spark."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Self
from uuid import uuid4

from sqlalchemy import Connection

from geo.errors import BadInput
from geo.levels import Hierarchy
from geo.locate.ready import ReadyCity
from geo.locate.records import Team as PublicTeam
from geo.moments import parse_at
from geo.store.areas import load_areas
from geo.store.editions import list_editions, present
from geo.store.index_file import open_index, write_index
from geo.store.teams import Team, teams_of

_ALL = 1 << 31


def write_spark_index(connection: Connection, at: datetime, folder: Path, hierarchy: Hierarchy, zone: str) -> Path:
    """Write the index of the edition that was present at a moment, with the names of teams and of nobody in them.

    Parameters
    ----------
    connection
        One that sees one state of the database all the time.
    folder
        Where the file goes; its name is new each time.
    zone
        The zone of moments without an offset.

    Raises
    ------
    Unavailable
        ``disk-full`` or ``home-unusable``.
    """
    editions = sorted(list_editions(connection, before=None, limit=_ALL), key=lambda one: one.id)
    edition = max((one.id for one in editions if one.published_at <= at), default=0)
    teams = {area_id: _name_only(team) for area_id, team in teams_of(connection, at, None).items()}
    city = ReadyCity.of(load_areas(connection, at), teams, hierarchy)
    mark = uuid4().hex
    path = folder / f"gridwarden-e{edition}-{mark[:8]}.index"
    facts = {
        "edition": edition,
        "mark": mark,
        "levels": hierarchy.levels,
        "zone": zone,
        "now": present(connection).at.isoformat(),
        "editions": [(one.id, one.published_at.isoformat()) for one in editions],
    }
    write_index(path, city.arrays(), facts)
    return path


def _name_only(team: Team) -> PublicTeam:
    return PublicTeam(name=team.name)


@dataclass(frozen=True, slots=True, eq=False)
class SparkIndex:
    """An index file that was opened: the city, mapped, and what moments mean.

    Attributes
    ----------
    mark
        No other file has it.
    """

    city: ReadyCity
    edition: int
    mark: str
    zone: str
    now: datetime
    published: tuple[tuple[int, datetime], ...]

    @classmethod
    def opened(cls, path: Path) -> Self:
        """Map a file of :func:`write_spark_index`; raises like :func:`geo.store.index_file.open_index`."""
        file = open_index(path)
        facts = file.facts
        if "mark" not in facts:
            raise BadInput("index-damaged", path=path.name)
        return cls(
            ReadyCity.from_arrays(file.arrays, Hierarchy(tuple(facts["levels"]))),
            int(facts["edition"]),
            facts["mark"],
            facts["zone"],
            datetime.fromisoformat(facts["now"]),
            tuple((number, datetime.fromisoformat(moment)) for number, moment in facts["editions"]),
        )

    def named(self, text: str) -> tuple[int, datetime]:
        """Return the edition and the moment that a row names.

        Raises
        ------
        BadInput
            ``spark-other-edition``, and what :func:`geo.moments.parse_at` refuses.
        """
        first = self.published[0][1] if self.published else None
        moment = parse_at(text, now=self.now, zone=self.zone, first=first)
        place = bisect_right(self.published, moment, key=lambda one: one[1])
        edition = self.published[place - 1][0] if place else 0
        if edition != self.edition:
            raise BadInput("spark-other-edition", asked=edition, edition=self.edition)
        return edition, moment


@lru_cache(1)
def opened_once(path: str, mark: str) -> SparkIndex:
    """Map a file once a process.

    Raises
    ------
    BadInput
        ``spark-index-other``: the file is another one than its mark says.
    """
    index = SparkIndex.opened(Path(path))
    if index.mark != mark:
        raise BadInput("spark-index-other", name=Path(path).name)
    return index
