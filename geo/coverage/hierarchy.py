"""The check of all levels."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from geo.areas import Areas
from geo.coverage.report import CheckResult
from geo.coverage.terms import Terms
from geo.coverage.whole import check_by
from geo.levels import DEFAULT, Hierarchy


def check_hierarchy(
    levels: Mapping[str, Areas],
    *,
    terms: Terms,
    hierarchy: Hierarchy = DEFAULT,
    sparse: Collection[str] = ("microgrid",),
) -> dict[str, CheckResult]:
    """Check every level against the nearest level above it that is present, the largest first.

    Parameters
    ----------
    levels
        By level; the top one has no parents to be checked against.
    terms
        For all of them.
    sparse
        Levels that need not cover their parents, but for those in ``terms.divided``.

    Raises
    ------
    BadInput
        ``unknown-level``.
    """
    present = [level for level in hierarchy.levels if level in {hierarchy.require(name) for name in levels}]
    results = {}
    for level in present:
        upper = hierarchy.parent_level(level, present)
        own = replace(terms, sparse=level in sparse)
        results[level] = check_by(own, levels[level], None if upper is None else levels[upper])
    return results
