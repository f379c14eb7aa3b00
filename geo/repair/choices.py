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
        count = max(cluster.unit_of, default=-1) + 1
        held: list[dict[int, float]] = [{} for _ in range(count)]
        beside: list[dict[int, float]] = [{} for _ in range(count)]
        could: list[frozenset[int] | None] = [None] * count
        parents: list[frozenset[int] | None] = [None] * count
        for at, (unit, face) in enumerate(zip(cluster.unit_of, cluster.faces, strict=True)):
            for row, length_m in cluster.sides[at].items():
                held[unit][row] = held[unit].get(row, 0.0) + length_m
            allowed = face.allowed or frozenset()
            known = parents[unit]
            parents[unit] = allowed if known is None else known & allowed
            own = frozenset(row for row in face.covering if int(group[row]) in allowed)
            before = could[unit]
            if own:
                could[unit] = own if before is None else before & own
        for (at, other), length_m in cluster.shared.items():
            one, two = cluster.unit_of[at], cluster.unit_of[other]
            if one != two:
                beside[one][two] = beside[one].get(two, 0.0) + length_m
        return cls(cluster.unit_of, held, beside, could, [own or frozenset() for own in parents], group)

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
