"""Patches of named arrays: what a later state puts elsewhere and appends, beside arrays that stay as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]
Index = npt.NDArray[np.int64]

_PARTS: Final = ("at", "values", "tail", "whole")


@dataclass(frozen=True, slots=True, eq=False)
class ArrayPatch:
    """What becomes of one array.

    Attributes
    ----------
    at, values
        Rows that are replaced, each once, shape (k,), and what by, shape (k, ...); rows of the tail among them.
    tail
        What is appended.
    whole
        Whether the tail is all there is: nothing is left of the array as it was.
    """

    at: Index
    values: Array
    tail: Array
    whole: bool = False

    @classmethod
    def appending(cls, tail: Array) -> Self:
        """Return the patch that only appends."""
        return cls(np.empty(0, dtype=np.int64), tail[:0], tail)

    @classmethod
    def replacing(cls, array: Array) -> Self:
        """Return the patch that puts another array in the place of one."""
        return cls(np.empty(0, dtype=np.int64), array[:0], array, True)

    @property
    def nbytes(self) -> int:
        """Bytes of all that is put and appended."""
        return self.at.nbytes + self.values.nbytes + self.tail.nbytes

    def then(self, later: Self) -> Self:
        """Return the patch that does what this one does and then a later one."""
        if later.whole:
            return later
        tail = np.concatenate([self.tail, later.tail])
        if self.whole:
            tail[later.at] = later.values
            return type(self)(self.at, self.values, tail, True)
        at = np.concatenate([self.at, later.at])
        values = np.concatenate([self.values, later.values])
        # of several values for one row the last one holds
        _, from_behind = np.unique(at[::-1], return_index=True)
        last = len(at) - 1 - from_behind
        return type(self)(at[last], values[last], tail)

    def applied(self, array: Array) -> Array:
        """Return what an array becomes, as a copy."""
        if self.whole:
            return self.tail
        return self.fill(np.concatenate([array, self.tail]), len(array))

    def fill(self, array: Array, count: int) -> Array:
        """Do it in an array that has room: the first ``count`` rows are there, and so many more as are appended."""
        array[count:] = self.tail
        array[self.at] = self.values
        return array


Patch = Mapping[str, ArrayPatch]


def put(count: int, rows: Index, values: Array) -> ArrayPatch:
    """Return the patch that puts values into rows, each once; those from ``count`` on are new and all given."""
    old = rows < count
    order = np.argsort(rows[~old])
    return ArrayPatch(rows[old], values[old], values[~old][order])


def joined(first: Patch, later: Patch) -> Patch:
    """Return the patch that does what both do, one after the other."""
    both = {name: first[name].then(later[name]) for name in first.keys() & later.keys()}
    return {**first, **later, **both}


def applied(arrays: Arrays, patch: Patch) -> Arrays:
    """Return what arrays become, those that change as copies."""
    return {name: patch[name].applied(array) if name in patch else array for name, array in arrays.items()}


def patch_arrays(patch: Patch) -> dict[str, Array]:
    """Return a patch as plain arrays by name."""
    return {f"{name}@{part}": np.asarray(getattr(each, part)) for name, each in patch.items() for part in _PARTS}


def patch_of(arrays: Arrays) -> Patch:
    """Take up a patch from plain arrays."""
    names = {name.rpartition("@")[0] for name in arrays}
    return {
        name: ArrayPatch(
            arrays[f"{name}@at"], arrays[f"{name}@values"], arrays[f"{name}@tail"], bool(arrays[f"{name}@whole"])
        )
        for name in names
    }
