"""The coverage check: every overlap, gap and mismatch of a level, found exactly."""

from geo.coverage.metric import ELLIPSOIDAL, Ellipsoidal, Metric, Planar
from geo.coverage.report import CheckResult
from geo.coverage.whole import check

__all__ = ["ELLIPSOIDAL", "CheckResult", "Ellipsoidal", "Metric", "Planar", "check"]
