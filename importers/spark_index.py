"""The index of one edition as a file that travels to the workers of Apache Spark."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Self
from uuid import uuid4

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo.errors import BadInput
from geo.levels import Hierarchy
from geo.locate.ready import ReadyCity
from geo.locate.records import Team as PublicTeam
from geo.store.areas import load_areas
from geo.store.editions import present
from geo.store.index_file import open_index, write_index
from geo.store.teams import Team, teams_of
from importers.point_rows import EditionCalendar


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
    now = present(connection).at
    calendar = EditionCalendar.of(connection, now, zone)
    edition = calendar.at(at)
    teams = {area_id: _name_only(team) for area_id, team in teams_of(connection, at, None).items()}
    city = ReadyCity.of(load_areas(connection, at), teams, hierarchy)
    mark = uuid4().hex
    path = folder / f"gridwarden-e{edition}-{mark[:8]}.index"
    facts = {
        "edition": edition,
        "mark": mark,
        "levels": hierarchy.levels,
        "zone": zone,
        "now": now.isoformat(),
        "editions": [(number, moment.isoformat()) for number, moment in calendar.published.items()],
    }
    write_index(path, city.arrays(), facts)
    return path


def _name_only(team: Team) -> PublicTeam:
    return PublicTeam(name=team.name)


class OneEdition(EditionCalendar):
    """A calendar that refuses moments of other editions than its own."""

    def __init__(self, published: Mapping[int, datetime], now: datetime, zone: str, edition: int) -> None:
        super().__init__(published, now, zone)
        self._edition = edition

    def editions(self, microseconds: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Return the edition of each moment (µs since 1970, UTC), -1 where it is another one."""
        found = super().editions(microseconds)
        return np.where(found == self._edition, found, -1).astype(np.int32)

    def named(self, text: str) -> tuple[int, datetime]:
        """Return the edition and the moment that a text names.

        Raises
        ------
        BadInput
            ``spark-other-edition``, and what :func:`geo.moments.parse_at` refuses.
        """
        edition, moment = super().named(text)
        if edition != self._edition:
            raise BadInput("spark-other-edition", asked=edition, edition=self._edition)
        return edition, moment


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
    calendar: OneEdition

    @classmethod
    def opened(cls, path: Path) -> Self:
        """Map a file of :func:`write_spark_index`; raises like :func:`geo.store.index_file.open_index`."""
        file = open_index(path)
        facts = file.facts
        if "mark" not in facts:
            raise BadInput("index-damaged", path=path.name)
        city = ReadyCity.from_arrays(file.arrays, Hierarchy(tuple(facts["levels"])))
        published = {number: datetime.fromisoformat(moment) for number, moment in facts["editions"]}
        now, edition = datetime.fromisoformat(facts["now"]), int(facts["edition"])
        return cls(city, edition, facts["mark"], OneEdition(published, now, facts["zone"], edition))


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
