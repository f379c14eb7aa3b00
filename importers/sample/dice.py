"""Chance that is a function of what it is for: the same seed, purpose and id always give the same number.

Nothing is drawn in sequence, so any part of the city can be made alone, in any order. Only integer arithmetic and
exact floating-point operations are used: the same on every machine.
"""

from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15

Bits = npt.NDArray[np.uint64]
Ids = npt.NDArray[np.int64]


def bits(seed: int, purpose: str, ids: npt.ArrayLike) -> Bits:
    """Return 64 well-mixed bits for each id.

    Parameters
    ----------
    seed
        Any integer.
    purpose
        What the number is for; different purposes are independent.
    ids
        Non-negative integers, any shape of at least one dimension.

    Notes
    -----
    The finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), twice.
    """
    key = ((seed & _MASK) * 0xD1342543DE82EF95 + crc32(purpose.encode()) * 0xAF251AF3B0F025B5) & _MASK
    z = np.array(ids, dtype=np.uint64, ndmin=1) * np.uint64(_GOLDEN)
    return _finalise(_finalise(z ^ np.uint64(key)) + np.uint64(_GOLDEN))


def unit(seed: int, purpose: str, ids: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return a number in [0, 1) for each id; see :func:`bits`."""
    return (bits(seed, purpose, ids) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def spread(seed: int, purpose: str, ids: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return a number in [-1, 1) for each id; see :func:`bits`."""
    return 2.0 * unit(seed, purpose, ids) - 1.0


def choice(seed: int, purpose: str, ids: npt.ArrayLike, sides: npt.ArrayLike) -> Ids:
    """Return an integer in [0, sides) for each id; ``sides`` may be one number or one for each id."""
    return (bits(seed, purpose, ids) % np.asarray(sides, dtype=np.uint64)).astype(np.int64)


def _finalise(z: Bits) -> Bits:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
