"""Who could get the faces of a cluster: one assignment after the other, none of them checked yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from geo.coverage.flat import Rows
from geo.repair.defects import NOBODY, Cluster

MOST_FAVOURED: Final = 8
PASSES: Final = 200
ANY_M: Final = 1e-12
"""What an area counts that lies inside another and has no border of its own."""
Assignment = tuple[int, ...]


def assignments(cluster: Cluster, group: Rows) -> Iterator[Assignment]:
    """Yield who gets each face (a row, -1 for nobody), each assignment once.

    First every face goes to the area that it shares the longest border with; then the areas around are favoured one
    after the other, and passed over one after the other.

    Parameters
    ----------
    group
        For each row its parent's row, -1 for none.
    """
    deal = _Deal.of(cluster, group)
    seen: set[Assignment] = set()
    longest = deal.rows()[:MOST_FAVOURED]
    for favour, shun in [(NOBODY, NOBODY), *((row, NOBODY) for row in longest), *((NOBODY, row) for row in longest)]:
        dealt = deal.out(favour, shun)
        for owner in () if dealt is None else (dealt, deal.straightened(dealt)):
            assigned = tuple(owner[unit] for unit in deal.unit_of)
            if assigned not in seen:
                seen.add(assigned)
                yield assigned


@dataclass(frozen=True, slots=True, eq=False)
class _Deal:
    """Units of faces that go to one area together.

    Attributes
    ----------
    unit_of
        The unit of each face.
    held
        For each unit, the length in m that it shares with areas that keep what they have there.
    beside
        For each unit the units that it touches, and the lengths in m.
    could
        The rows that may have a unit; None where it is any that it touches.
    parents
        Whose children may have it; empty where nobody may.
    group
        For each row its parent's row.
    """

    unit_of: tuple[int, ...]
    held: list[dict[int, float]]
    beside: list[dict[int, float]]
    could: list[frozenset[int] | None]
    parents: list[frozenset[int]]
    group: Rows

    @classmethod
    def of(cls, cluster: Cluster, group: Rows) -> Self:
        """Add up faces."""
        unit_of, could, parents = _units(cluster, group)
        held: list[dict[int, float]] = [{} for _ in could]
        beside: list[dict[int, float]] = [{} for _ in could]
        for unit, sides in zip(unit_of, cluster.sides, strict=True):
            for row, length_m in sides.items():
                held[unit][row] = held[unit].get(row, 0.0) + length_m
        for (at, other), length_m in cluster.shared.items():
            one, two = unit_of[at], unit_of[other]
            if one != two:
                beside[one][two] = beside[one].get(two, 0.0) + length_m
        return cls(unit_of, held, beside, could, parents, group)

    def rows(self) -> list[int]:
        """Return the areas concerned, the one with the longest border first."""
        border: dict[int, float] = {}
        for sides, could in zip(self.held, self.could, strict=True):
            for row in could or ():
                border.setdefault(row, 0.0)
            for row, length_m in sides.items():
                border[row] = border.get(row, 0.0) + length_m
        return sorted(border, key=lambda row: (-border[row], row))

    def out(self, favour: int, shun: int) -> list[int] | None:
        """Give units away from the rim inwards; return None where one is left that nobody can have."""
        owner: dict[int, int] = {unit: NOBODY for unit, parents in enumerate(self.parents) if not parents}
        sides = [dict(own) for own in self.held]
        todo = [unit for unit in range(len(sides)) if unit not in owner]
        for _ in range(PASSES):
            if not todo:
                break
            best = sorted((self._best(unit, sides[unit], favour, shun), unit) for unit in todo)
            settled = [(row, unit) for (less, row), unit in best if less < 0]
            if not settled:
                # what nobody borders on goes to one of those that cover it
                settled = [(min(own), unit) for unit in todo if (own := self.could[unit])][:1]
            if not settled:
                return None
            for row, unit in settled:
                owner[unit] = row
                for other, length_m in self.beside[unit].items():
                    sides[other][row] = sides[other].get(row, 0.0) + length_m
            todo = [unit for unit in todo if unit not in owner]
        return [owner[unit] for unit in range(len(sides))]

    def straightened(self, dealt: list[int]) -> list[int]:
        """Let each unit go over to whom it shares more border with, until none gains by it."""
        owner = list(dealt)
        for _ in range(PASSES):
            before = list(owner)
            for unit, held in enumerate(self.held):
                if not self.parents[unit]:
                    continue
                sides = dict(held)
                for other, length_m in self.beside[unit].items():
                    sides[owner[other]] = sides.get(owner[other], 0.0) + length_m
                less, row = self._best(unit, sides, NOBODY, NOBODY)
                if -less > sides.get(owner[unit], 0.0) + ANY_M:
                    owner[unit] = row
            if owner == before:
                break
        return owner

    def _best(self, unit: int, sides: dict[int, float], favour: int, shun: int) -> tuple[float, int]:
        """Return the area with the longest border that may have a unit, after that length, negative."""
        own = self.could[unit]
        rows = (
            own
            if own is not None
            else {row for row in sides if row >= 0 and int(self.group[row]) in self.parents[unit]}
        )
        if favour in rows:
            return -max(sides.get(favour, 0.0), ANY_M), favour
        left = rows - {shun} or rows
        return min(((-sides.get(row, 0.0), row) for row in left), default=(0.0, NOBODY))


def _units(cluster: Cluster, group: Rows) -> tuple[tuple[int, ...], list[frozenset[int] | None], list[frozenset[int]]]:
    """Return the unit of each face; for each unit who may have it, and whose children.

    Faces that should stay together, but that nobody may have together, are units of their own.
    """
    members: dict[int, list[int]] = {}
    for at, unit in enumerate(cluster.unit_of):
        members.setdefault(unit, []).append(at)
    unit_of = [0] * len(cluster.faces)
    could: list[frozenset[int] | None] = []
    parents: list[frozenset[int]] = []
    together = [(faces, *_claims(cluster, faces, group)) for faces in members.values()]
    for faces, own, allowed in together:
        hopeless = len(faces) > 1 and (own == frozenset() or not allowed)
        for part in [[at] for at in faces] if hopeless else [faces]:
            rows, families = _claims(cluster, part, group)
            could.append(rows)
            parents.append(families)
            for at in part:
                unit_of[at] = len(could) - 1
    return tuple(unit_of), could, parents


def _claims(cluster: Cluster, faces: list[int], group: Rows) -> tuple[frozenset[int] | None, frozenset[int]]:
    """Return the areas that may have all of some faces, None for any that touches them; and whose children may."""
    allowed = frozenset.intersection(*(cluster.faces[at].allowed or frozenset() for at in faces))
    claims = []
    for at in faces:
        families = cluster.faces[at].allowed or frozenset()
        own = frozenset(row for row in cluster.faces[at].covering if int(group[row]) in families)
        if own:
            claims.append(own)
    return (frozenset.intersection(*claims) if claims else None), allowed
