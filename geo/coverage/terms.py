"""What a check goes by."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from geo.codes import DEFAULT_SCHEME, CodeScheme
from geo.coverage.metric import ELLIPSOIDAL, Metric

TOLERANCE_M: Final = 1.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a check goes by.

    Attributes
    ----------
    tolerance_m
        Narrower pieces are slivers.
    lattice
        The coordinates lie on the lattice (stored data): pairs of edges are exact in integers. Otherwise they are
        compared as the doubles they are.
    metric
        How to measure; for a projected file :class:`geo.coverage.metric.Planar`.
    not_subdivided
        Codes of parents that have no children on purpose.
    sparse
        The level need not cover its parents (microgrids, special grids): no gaps.
    divided
        Codes of parents that a sparse level covers all the same.
    scheme
        Says which parent a code names.
    """

    tolerance_m: float = TOLERANCE_M
    lattice: bool = False
    metric: Metric = ELLIPSOIDAL
    not_subdivided: Collection[str] = ()
    sparse: bool = False
    divided: Collection[str] = ()
    scheme: CodeScheme = DEFAULT_SCHEME
