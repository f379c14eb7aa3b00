"""The coverage check: every overlap, gap and mismatch of a level, found exactly."""

from geo.coverage.hierarchy import check_hierarchy
from geo.coverage.local import Standing, boxes_of_change, check_around, concerning
from geo.coverage.metric import ELLIPSOIDAL, Ellipsoidal, Metric, Planar
from geo.coverage.remarks import sizes, split_estates, teams
from geo.coverage.report import CheckResult
from geo.coverage.terms import Terms
from geo.coverage.whole import check

__all__ = [
    "ELLIPSOIDAL",
    "CheckResult",
    "Ellipsoidal",
    "Metric",
    "Planar",
    "Standing",
    "Terms",
    "boxes_of_change",
    "check",
    "check_around",
    "check_hierarchy",
    "concerning",
    "sizes",
    "split_estates",
    "teams",
]
