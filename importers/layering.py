"""Fitting a file's areas into the stored hierarchy: who they replace, their parents, neighbours and codes."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo.areas import Texts, among
from geo.stored import StoredAreas, together
from importers.changes import Changes, changes_of
from importers.code_assignment import assigned_codes
from importers.deriving import derived, named_parents
from importers.import_report import ImportReport
from importers.import_request import ImportRequest
from importers.incoming import Incoming
from importers.layer import Layer, placed
from importers.parentage import with_parents
from importers.settling import Settled, settle
from importers.surroundings import Surroundings

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What an import comes to.

    Attributes
    ----------
    around
        What is stored near the file.
    layers
        The areas that come in: derived parents, if there are any, before the file's own.
    changes
        What becomes of them, layer by layer.
    settled
        What matching did.
    retiring
        Stored areas that end without a successor, shape (len(present),).
    guessed
        Areas of the file whose parent is one that holds a point of them, shape (len(own),): right unless the check of
        the coverage says that they reach beyond it.
    """

    around: Surroundings
    layers: tuple[Layer, ...]
    changes: tuple[Changes, ...]
    settled: Settled
    retiring: Mask
    guessed: Mask

    @property
    def own(self) -> Layer:
        """The areas of the file."""
        return self.layers[-1]

    def staying(self) -> Mask:
        """Return the stored areas that are neither replaced nor retired, shape (len(present),)."""
        return ~(_replaced(self.around.present, *self.layers) | self.retiring)

    def neighbours(self) -> Mask:
        """Return the stored areas that only received a node, shape (len(present),)."""
        return self.settled.noded & self.staying()

    def with_own(self, own: Layer) -> "Fit":
        """Return the same with other parents of the file's areas, none of them a guess."""
        changes = (*self.changes[:-1], changes_of(own, self.around.present))
        return replace(self, layers=(*self.layers[:-1], own), changes=changes, guessed=np.zeros_like(self.guessed))

    def before(self) -> StoredAreas:
        """Return the areas as they were, but with the nodes that they received."""
        return self.around.present.with_geoms(self.settled.stored_geoms)

    def after(self) -> StoredAreas:
        """Return the areas as they are to be."""
        return together(self.before().take(self.staying()), *(layer.as_stored() for layer in self.layers))


def fit(around: Surroundings, incoming: Incoming, request: ImportRequest, report: ImportReport) -> Fit:
    """Fit a file's areas into what is stored.

    Raises
    ------
    RowsRefused
        Where rows are refused, and ``skip_bad_rows`` was not asked for.
    """
    layer = placed(incoming, around, request.level)
    _refuse_foreign_codes(layer, around, report)
    deriving = around.hierarchy.above(request.level)[0] if request.derive_parents else None
    meant = named_parents(layer.areas, around, deriving, report) if deriving else {}
    guessed = np.zeros(len(layer), dtype=bool)
    if not deriving:
        # what ends and which codes are free hang on the parents: then a guess will not do
        guess = not (request.retire_missing or request.assign_codes)
        layer, guessed = with_parents(layer, around, report, guess=guess)
    guessed_rows = layer.rows[guessed]
    if request.assign_codes:
        _refuse_without_parent(layer, report, layer.areas.parent_texts == "" if deriving else layer.parents == 0)
    report.require_whole(request.skip_bad_rows)
    layer = report.without_refused(layer)
    retiring = _retiring(layer, around, meant, request)
    settled = settle(layer, around.present, retiring, request.tolerance_m)
    report.note_moved(settled.moved_m, layer.codes)
    report.nodes = settled.nodes
    layer = report.without_vanished(layer.with_geoms(settled.geoms), settled.geoms)
    report.require_whole(request.skip_bad_rows)
    noded = replace(around, present=around.present.with_geoms(settled.stored_geoms))
    layers: tuple[Layer, ...] = (layer,)
    if deriving:
        staying = ~(_replaced(around.present, layer) | retiring)
        layers = derived(layer, meant, noded, deriving, staying)
    if request.assign_codes:
        layers = _with_codes(layers, around)
    changes = tuple(changes_of(each, around.present) for each in layers)
    return Fit(around, layers, changes, settled, retiring, np.isin(layers[-1].rows, guessed_rows))


def _refuse_foreign_codes(layer: Layer, around: Surroundings, report: ImportReport) -> None:
    """Refuse codes that belong, or belonged, to something else."""
    present = around.present
    row_of = {code: row for row, code in enumerate(present.codes)}
    fresh = (layer.previous < 0) & (layer.ids <= 0) & among(layer.codes, row_of.keys() | around.ended.keys())
    for place in np.flatnonzero(fresh).tolist():
        code = layer.codes[place]
        row, ended = row_of.get(code), around.ended.get(code)
        number = int(layer.rows[place])
        if row is not None and present.levels[row] != layer.level:
            report.refuse(number, code, "code-other-level", given=code, level=present.levels[row])
        elif row is not None:
            report.refuse(number, code, "code-other-kind", given=code, other=present.kinds[row])
        elif ended is not None:
            report.refuse(number, code, "code-ended", given=code, date=f"{ended.at:%Y-%m-%d}")


def _refuse_without_parent(layer: Layer, report: ImportReport, orphan: Mask) -> None:
    refused = report.refused_rows()
    for place in np.flatnonzero((layer.codes == "") & (layer.previous < 0) & orphan).tolist():
        row = int(layer.rows[place])
        if row not in refused:
            report.refuse(row, "", "no-parent-for-code")


def _retiring(layer: Layer, around: Surroundings, meant: dict[str, str], request: ImportRequest) -> Mask:
    """Return the areas that the file leaves out, under the parents that its own areas have."""
    present = around.present
    left_out = np.zeros(len(present), dtype=bool)
    if not request.retire_missing:
        return left_out
    left_out[around.of_level(layer.level, layer.areas.kind)] = True
    left_out[layer.previous[layer.previous >= 0]] = False
    if not around.upper:
        return left_out
    parents = present.ids[among(present.codes, set(meant.values()))] if meant else layer.parents[layer.parents > 0]
    return left_out & np.isin(present.parent_ids, parents)


def _replaced(present: StoredAreas, *layers: Layer) -> Mask:
    replaced = np.zeros(len(present), dtype=bool)
    for layer in layers:
        replaced[layer.previous[layer.previous >= 0]] = True
    return replaced


def _with_codes(layers: tuple[Layer, ...], around: Surroundings) -> tuple[Layer, ...]:
    """Give codes from the top down: a child's begins with its parent's."""
    coded: list[Layer] = []
    code_of = dict(zip(around.present.ids.tolist(), around.present.codes, strict=True))
    taken = set(around.codes_taken)
    for layer in layers:
        codes = assigned_codes(layer, around.present, _codes(layer, code_of), taken)
        coded.append(layer.with_areas(layer.areas.with_codes(codes)))
        code_of.update(zip(layer.ids.tolist(), codes, strict=True))
        taken.update(codes)
    return tuple(coded)


def _codes(layer: Layer, code_of: dict[int, str]) -> Texts:
    codes = np.empty(len(layer), dtype=object)
    codes[:] = [code_of.get(parent, "") for parent in layer.parents.tolist()]
    return codes
