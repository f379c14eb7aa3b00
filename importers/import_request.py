"""What a planner asks an import to do."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from geo.levels import DEFAULT, Hierarchy

LEAST_TOLERANCE_M: Final = 0.03
"""The least that :func:`geo.matching.match` takes (``MIN_TOLERANCE_M``), as a number that people write."""
DEFAULT_TOLERANCE_M: Final = 0.1
"""Borders nearer than this are one line: below what surveying and digitising tell apart."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """The options of ``gridwarden import`` that decide what comes in and how.

    ``retire_missing`` ends the areas of this level and kind that the file leaves out, under the parents that the
    file's own areas have; other parents' areas stay. ``zone`` says which day it is: exceptions end with a day.
    """

    path: Path
    level: str
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    code_field: str | None = None
    name_field: str | None = None
    parent_field: str | None = None
    derive_parents: str | None = None
    assign_codes: bool = False
    kind: Literal["general", "special"] | None = None
    category: str | None = None
    make_valid: bool = False
    skip_bad_rows: bool = False
    retire_missing: bool = False
    tolerance_m: float = DEFAULT_TOLERANCE_M
    hierarchy: Hierarchy = DEFAULT
    zone: str = "Asia/Shanghai"
