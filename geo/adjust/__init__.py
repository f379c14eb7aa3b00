"""Typed adjustments: operations on areas, pure, with lineage."""

from collections.abc import Sequence

from geo.adjust.operations import Operation, drawn_shapes, named_codes, operation_of, record_of
from geo.adjust.scene import NOBODY, Adjusted, Descent, Former, Gap, Households, Scene, Step

__all__ = [
    "NOBODY",
    "Adjusted",
    "Descent",
    "Former",
    "Gap",
    "Households",
    "Operation",
    "Scene",
    "Step",
    "adjust",
    "drawn_shapes",
    "named_codes",
    "operation_of",
    "record_of",
]


def adjust(scene: Scene, operations: Sequence[Operation]) -> Adjusted:
    """Apply operations, one after the other.

    What crosses parents is judged after the last one: areas must then lie in their parents, unless they stuck out
    before as well.

    Raises
    ------
    BadInput, Conflict, NotFound
        What cannot be done, with ``operation`` (its index), ``code`` and ``lon``, ``lat`` as place where there are.
    """
    raise NotImplementedError
