"""Drawing outcomes by inversion, safe at the ends where sums are rounded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["cumulative"]


def cumulative(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return cumulative probabilities along the last axis, infinite from the last possible outcome on.

    With u uniform on [0, 1), the number of entries that are at most u is an outcome with the given
    probability, and never one of probability 0, whatever rounding does to the sums.
    """
    sums = np.cumsum(probabilities, axis=-1)
    possible_from_here = np.flip(np.maximum.accumulate(np.flip(probabilities > 0, axis=-1), axis=-1), axis=-1)
    sums[..., :-1][~possible_from_here[..., 1:]] = np.inf
    sums[..., -1] = np.inf
    return sums
