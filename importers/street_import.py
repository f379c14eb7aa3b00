"""Importing streets: from a file to the edges that are new and those that are gone, with a report."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection

from geo.errors import BadInput
from geo.messages import Language, sentence
from geo.store.editions import present
from geo.store.publish import Publication
from geo.store.streets import StoredStreets, load_streets, write_streets
from geo.street_noding import noded, shape_keys
from geo.streets import Component, StreetLines, components_of, joined, network_of, turned
from importers.limits import Limits
from importers.osm_file import is_osm_file
from importers.street_layer import read_layer_streets
from importers.street_osm import read_osm_streets
from importers.street_source import DrawnStreets

_LEFT_OUT: Final = {
    "motorway": "streets-left-out-motorway",
    "access": "streets-left-out-access",
    "class": "streets-left-out-class",
    "barrier": "streets-left-out-barrier",
    "nodes-missing": "streets-left-out-nodes-missing",
    "no-line": "streets-left-out-no-line",
}
_SMALL_M: Final = 1000.0
"""A piece of the network that is shorter than this is counted, not listed."""


@dataclass(slots=True)
class StreetReport:
    """What a file of streets brought.

    Attributes
    ----------
    subject
        ``streets``: the kind of edition it makes.
    lines
        Walkable lines of the file before they were cut.
    edges, nodes, length_m
        Of the whole network as it will be.
    taken, ended, unchanged
        Edges that are new, that are no more, and that are stored as they are.
    components
        Pieces of the network that no street joins, the longest first.
    left_out
        By reason, what was not taken.
    edition
        The edition published, None for a dry run or when nothing changed.
    """

    file: str
    sha256: str
    lines: int
    left_out: dict[str, int]
    subject: str = "streets"
    edges: int = 0
    nodes: int = 0
    length_m: float = 0.0
    taken: int = 0
    ended: int = 0
    unchanged: int = 0
    components: Sequence[Component] = field(default_factory=list)
    edition: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return everything, for ``--json`` and for the register of editions."""
        return {
            "format": "gridwarden-streets/1",
            "input": {"name": self.file, "sha256": self.sha256},
            "lines": self.lines,
            "edges": self.edges,
            "nodes": self.nodes,
            "length_m": round(self.length_m, 1),
            "taken": self.taken,
            "ended": self.ended,
            "unchanged": self.unchanged,
            "components": {
                "count": len(self.components),
                "largest": [
                    {"nodes": one.nodes, "edges": one.edges, "length_m": round(one.length_m, 1)}
                    for one in self._listed()
                ],
            },
            "left_out": self.left_out,
            "edition": self.edition,
        }

    def lines_of_text(self, lang: Language) -> list[str]:
        """Return the report as lines of text."""
        found = [
            sentence("streets-report", lang, file=self.file, lines=self.lines, edges=self.edges, km=self._km()),
            sentence("streets-report-changes", lang, taken=self.taken, ended=self.ended, unchanged=self.unchanged),
        ]
        if len(self.components) > 1:
            largest = self.components[0].length_m / self.length_m
            facts = {"count": len(self.components), "percent": f"{100 * largest:.1f}"}
            found.append(sentence("streets-report-pieces", lang, **facts))
            found += [
                sentence("streets-report-piece", lang, km=f"{one.length_m / 1000:.1f}", edges=one.edges)
                for one in self._listed()
            ]
        for reason, count in sorted(self.left_out.items()):
            found.append(sentence(_LEFT_OUT[reason], lang, count=count))
        return found

    def _km(self) -> str:
        return f"{self.length_m / 1000:.1f}"

    def _listed(self) -> list[Component]:
        return [one for one in self.components if one.length_m >= _SMALL_M][:10]


@dataclass(frozen=True, slots=True, eq=False)
class PreparedStreets:
    """Edges that are new and those that are gone, ready to be published."""

    edition: int
    fresh: StreetLines
    ended: Sequence[int]
    report: StreetReport

    def changes_anything(self) -> bool:
        """Tell whether publishing would change anything."""
        return bool(len(self.fresh) or self.ended)

    def write(self, connection: Connection, opened: Publication) -> None:
        """Write the streets inside a publication."""
        write_streets(connection, opened, self.fresh, self.ended)


def prepare_streets(
    connection: Connection,
    path: Path,
    *,
    layer: str | None,
    crs: str | None,
    encoding: str | None,
    add: bool,
    limits: Limits | None = None,
) -> PreparedStreets:
    """Read streets and compare them, edge by edge, with what is stored.

    Parameters
    ----------
    add
        Keep the stored streets and add these; otherwise the file is all there is.

    Raises
    ------
    GeoError
        For a file that cannot be read, or in which nothing can be walked.
    """
    bounds = limits or Limits()
    if is_osm_file(path):
        if crs is not None or layer is not None:
            raise BadInput("osm-has-its-crs", place={"file": path.name}, name=path.name)
        drawn = read_osm_streets(path, bounds)
    else:
        drawn = read_layer_streets(path, layer=layer, crs=crs, encoding=encoding, limits=bounds)
    if not len(drawn.edges):
        raise BadInput("streets-none-walkable", place={"file": path.name}, name=path.name)
    held = present(connection)
    stored = load_streets(connection, held.at)
    wanted = noded(joined(stored.lines, drawn.edges)) if add else drawn.edges
    fresh, ended = _differences(stored, wanted)
    report = _report(drawn, wanted)
    report.taken, report.ended, report.unchanged = len(fresh), len(ended), len(wanted) - len(fresh)
    return PreparedStreets(held.edition, fresh, ended, report)


def _differences(stored: StoredStreets, wanted: StreetLines) -> tuple[StreetLines, list[int]]:
    """Return edges that are not stored, and the ids of stored ones that are not wanted; whose way it is counts not."""
    old, new = _contents(stored.lines), _contents(wanted)
    have, want = set(old), set(new)
    fresh = np.fromiter((one not in have for one in new), dtype=bool, count=len(new))
    ended = [row_id for row_id, one in zip(stored.ids.tolist(), old, strict=True) if one not in want]
    return wanted.take(fresh), ended


def _contents(lines: StreetLines) -> list[tuple[object, ...]]:
    if not len(lines):
        return []
    same = turned(lines)
    return list(
        zip(
            shape_keys(same).tolist(),
            same.classes.tolist(),
            same.steps.tolist(),
            same.layers.tolist(),
            same.inclines.tolist(),
            strict=True,
        )
    )


def _report(drawn: DrawnStreets, wanted: StreetLines) -> StreetReport:
    network = network_of(wanted)
    left_out: Counter[str] = Counter({reason: count for reason, count in drawn.left_out.items() if count})
    return StreetReport(
        drawn.file,
        drawn.sha256,
        drawn.lines,
        dict(left_out),
        edges=len(network),
        nodes=len(network.nodes),
        length_m=float(network.length_m.sum()),
        components=components_of(network),
    )
