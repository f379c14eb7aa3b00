"""Which circles cover a point, from memory."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import shapely

from geo.areas import Geometries


@dataclass(frozen=True, slots=True, eq=False)
class CircleCover:
    """The circles of one edition.

    Attributes
    ----------
    key
        The publication that last changed them.
    documents
        JSON of each, without its shape, shape (n,).
    tree
        Over their shapes, EPSG:4490.
    """

    key: int
    documents: Sequence[bytes]
    tree: shapely.STRtree

    @classmethod
    def of(cls, key: int, documents: Sequence[Mapping[str, Any]], shapes: Geometries) -> Self:
        """Take circles in the order in which answers list them."""
        texts = [json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() for one in documents]
        shapely.prepare(shapes)
        return cls(key, texts, shapely.STRtree(shapes))

    def text(self, lon: float, lat: float) -> bytes:
        """Return the JSON list of the circles that cover a point (degrees, EPSG:4490), their borders included."""
        if not self.documents:
            return b"[]"
        # of the two, the point must be the one that is asked about: the shapes are prepared for it
        rows = self.tree.query(shapely.Point(lon, lat), predicate="intersects")
        return b"[" + b",".join([self.documents[row] for row in np.sort(rows).tolist()]) + b"]"


NO_CIRCLES = CircleCover(0, (), shapely.STRtree([]))
