"""The city as of each edition that rows of a table ask about: the present one shared, past ones built once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from geo.errors import BadInput
from geo.levels import Hierarchy
from geo.locate.ready import ReadyCity
from geo.store.index_file import open_index, write_index
from geo.store.locating import full_view
from geo.store.snapshot import Snapshot, build_snapshot

Present = Callable[[Connection], Snapshot]
"""Returns the snapshot of the present edition."""


class Cities:
    """Cities by edition.

    Parameters
    ----------
    published
        When each edition was published.
    present
        Where the present one comes from.
    folder
        For the index files of past editions: mapped, they take no memory that others need.
    """

    def __init__(
        self,
        connection: Connection,
        published: Mapping[int, datetime],
        hierarchy: Hierarchy,
        present: Present,
        folder: Path,
    ) -> None:
        self._connection, self._published, self._hierarchy = connection, published, hierarchy
        self._newest = max(published, default=0)
        self._present, self._folder = present, folder

    def of(self, edition: int) -> ReadyCity | None:
        """Return the city as of an edition, None where no such edition was published."""
        if edition not in self._published:
            return None
        try:
            if edition == self._newest:
                snapshot = self._present(self._connection)
                # somebody may have published since the editions were read
                if snapshot.edition == edition:
                    return snapshot.city
            return self._past(edition)
        finally:
            # An open transaction would keep the server from clearing up for as long as the file takes.
            self._connection.rollback()

    def _past(self, edition: int) -> ReadyCity:
        path = self._folder / f"e{edition}.index"
        try:
            return ReadyCity.from_arrays(open_index(path).arrays, self._hierarchy)
        except (FileNotFoundError, BadInput):
            built = build_snapshot(self._connection, full_view, self._hierarchy, edition)
            write_index(path, built.city.arrays(), {"edition": edition})
        return ReadyCity.from_arrays(open_index(path).arrays, self._hierarchy)
