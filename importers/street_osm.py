"""Walkable ways out of an OpenStreetMap extract."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from geo.street_noding import interrupted, noded
from geo.streets import StreetLines
from importers.limits import Limits
from importers.osm_file import judged_osm_file, osm_objects
from importers.street_rules import Walk, is_shut, walk_of
from importers.street_source import DrawnStreets

_KEYS = ("highway", "barrier", "railway", "public_transport")


def read_osm_streets(path: Path, limits: Limits) -> DrawnStreets:
    """Read the walkable ways of an extract, cut where they share a node and at points that nobody passes.

    Raises
    ------
    BadInput, NotFound, TooLarge
        For a file that cannot be read whole.
    """
    digest = judged_osm_file(path, limits)
    ways = _Ways()
    with osm_objects(path, *_KEYS) as objects:
        for one in objects:
            if one.is_node():
                ways.take_point(one)
            else:
                ways.take(one)
    lines = ways.lines()
    shut = np.array(ways.shut, dtype=np.int64).reshape(-1, 2)
    return DrawnStreets(path.name, digest, noded(interrupted(lines, shut)), len(lines), Counter(ways.left_out))


class _Ways:
    """Collects lines as they are read."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.shut: list[tuple[int, int]] = []
        self._counts: list[int] = []
        self._cells: list[tuple[int, int]] = []
        self._ways: list[int] = []
        self._walks: list[Walk] = []

    def take_point(self, node: Any) -> None:
        """Note a point that nobody passes."""
        if is_shut(node.tags):
            self.shut.append((node.location.x, node.location.y))
            self.left_out["barrier"] += 1

    def take(self, way: Any) -> None:
        """Note a way, or why it is left out."""
        tags = way.tags
        walk = walk_of(tags)
        if isinstance(walk, str):
            # walls and railways came along for their points
            self.left_out[walk] += "highway" in tags
            return
        pieces = list(_known_pieces(way.nodes))
        self.left_out["nodes-missing"] += len(pieces) != 1 or len(pieces[0]) != len(way.nodes)
        for piece in pieces:
            if len(piece) > 1:
                self._counts.append(len(piece))
                self._cells += piece
                self._ways.append(way.id)
                self._walks.append(walk)

    def lines(self) -> StreetLines:
        """Return what was noted."""
        classes = np.empty(len(self._walks), dtype=object)
        classes[:] = [walk.way_class for walk in self._walks]
        return StreetLines(
            np.concatenate([[0], np.cumsum(self._counts)]).astype(np.int64),
            np.array(self._cells, dtype=np.int64).reshape(-1, 2),
            np.array(self._ways, dtype=np.int64),
            classes,
            np.array([walk.steps for walk in self._walks], dtype=np.bool_),
            np.array([walk.layer for walk in self._walks], dtype=np.int16),
            np.array([walk.incline for walk in self._walks], dtype=np.float64),
        )


def _known_pieces(nodes: Any) -> Iterator[list[tuple[int, int]]]:
    """Return the runs of nodes whose positions are in the file: extracts are cut at their border."""
    piece: list[tuple[int, int]] = []
    for node in nodes:
        if node.location.valid():
            # libosmium's integers are the lattice: 1e-7 degree; WGS 84 is taken as CGCS2000
            piece.append((node.location.x, node.location.y))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece
