"""Streets as a file gives them."""

from collections import Counter
from dataclasses import dataclass

from geo.streets import StreetLines


@dataclass(frozen=True, slots=True, eq=False)
class DrawnStreets:
    """What a file says of streets.

    Attributes
    ----------
    file, sha256
        Where they came from.
    edges
        Its walkable lines, noded.
    lines
        How many lines they were before.
    left_out
        By reason: how many ways, or points that nobody passes.
    """

    file: str
    sha256: str
    edges: StreetLines
    lines: int
    left_out: Counter[str]
