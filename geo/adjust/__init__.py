"""Typed adjustments: operations on areas, pure, with lineage."""

from geo.adjust.adjusting import adjust
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
