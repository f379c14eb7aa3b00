"""Scenes: what is stored around the operations of a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from geo.adjust import Operation, Scene
from geo.adjust.scene import TOLERANCE_M
from geo.levels import Hierarchy


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A scene, and which versions it was read from: version id by area id, of every area in it."""

    scene: Scene
    versions: Mapping[int, int]


def load_scene(
    connection: Connection,
    at: datetime,
    operations: Sequence[Operation],
    hierarchy: Hierarchy,
    *,
    tolerance_m: float = TOLERANCE_M,
) -> Seen:
    """Read what operations need to know: see :class:`geo.adjust.scene.Scene`.

    Parameters
    ----------
    at
        The moment; pass the present, and for drafts read the edition on the same connection.
    operations
        Codes that no area bears at that moment are left out: the operation says so itself.
    """
    raise NotImplementedError
