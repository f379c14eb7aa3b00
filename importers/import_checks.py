"""What the core says about an import before it is published: defects around what changes."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from geo.areas import among
from geo.change_check import ANY_LEVEL, Located, Scope, check_scopes
from geo.findings import Finding
from importers.changes import Changes
from importers.layer import Layer
from importers.layering import Fit
from importers.parentage import share_holders

BEYOND: Final = ("outside_parent", "unmatched_edge")
"""What the check says of an area that reaches beyond its parent."""


def checked(fitted: Fit, accepted: Sequence[Located]) -> tuple[Fit, list[Finding], frozenset[str]]:
    """Check what an import changes, and decide by largest share where a guessed parent turns out to be doubtful.

    Returns
    -------
    tuple
        What the import comes to, and what :func:`found_in` says of it.
    """
    findings, standing = found_in(fitted, accepted)
    beyond = {code for one in findings if one.kind in BEYOND for code in one.codes}
    doubtful = np.flatnonzero(fitted.guessed & among(fitted.own.codes, beyond))
    if not len(doubtful):
        return fitted, findings, standing
    parents = fitted.own.parents.copy()
    parents[doubtful] = share_holders(fitted.own.areas.geoms[doubtful], fitted.around)
    if np.array_equal(parents, fitted.own.parents):
        return fitted, findings, standing
    sure = fitted.with_own(fitted.own.with_parents(parents))
    return sure, *found_in(sure, accepted)


def found_in(fitted: Fit, accepted: Sequence[Located]) -> tuple[list[Finding], frozenset[str]]:
    """Check what an import changes, against the levels above and below.

    Only parents whose children change are looked at: importing top-down, the others have no children yet.

    Parameters
    ----------
    accepted
        Findings that someone accepted and that have not expired.

    Returns
    -------
    tuple
        The findings, worst first, and the ids of those that are accepted, or that the import neither creates nor
        enlarges.
    """
    return check_scopes(_scopes(fitted), fitted.before(), fitted.after(), accepted)


def _scopes(fitted: Fit) -> Iterator[Scope]:
    """Yield every level that the import changes, and those whose parents it redraws or ends."""
    around = fitted.around
    for layer, changes in zip(fitted.layers, fitted.changes, strict=True):
        ended = fitted.retiring if layer is fitted.own else np.zeros_like(fitted.retiring)
        changed = np.flatnonzero(changes.any() & ~changes.only_noded())
        if not len(changed) and not ended.any():
            continue
        upper = _upper(fitted, layer)
        parents = np.concatenate(
            [
                layer.parents[changed],
                around.present.parent_ids[layer.previous[changed[layer.previous[changed] >= 0]]],
                around.present.parent_ids[ended],
            ]
        )
        yield Scope(layer.level, layer.areas.kind, np.unique(parents), upper, layer.ids[changed])
        if layer.areas.kind == "general":
            yield from _below(fitted, layer, changes)


def _upper(fitted: Fit, layer: Layer) -> str | None:
    derived = [one.level for one in fitted.layers if one is not layer]
    present = {*fitted.around.upper, *derived}
    return fitted.around.hierarchy.parent_level(layer.level, tuple(present))


def _below(fitted: Fit, layer: Layer, changes: Changes) -> Iterator[Scope]:
    """Yield the levels whose areas have a parent that is redrawn or ends: they must still fit."""
    present = fitted.around.present
    redrawn = layer.ids[changes.redrawn]
    ended = present.ids[fitted.retiring] if layer is fitted.own else redrawn[:0]
    children = np.isin(present.parent_ids, [*redrawn, *ended]) & fitted.staying()
    for level in sorted(set(present.levels[children & (present.kinds == "general")])):
        if level not in {one.level for one in fitted.layers}:
            yield Scope(level, "general", redrawn, layer.level, redrawn[:0])
    special = children & (present.kinds == "special")
    for level in sorted(set(present.levels[special])):
        yield Scope(level, "special", redrawn[:0], ANY_LEVEL, present.ids[special & (present.levels == level)])
