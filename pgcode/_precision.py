"""Sums and products in twice the precision, where large numbers nearly cancel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["exact_product", "exact_sum"]

Array = NDArray[Any]


def exact_product(number: float, values: Array) -> tuple[Array, Array]:
    """A product as the sum of two floats, exactly (Dekker 1971)."""
    if number in (0.0, 1.0):
        return number * values, np.zeros_like(values)
    product = number * values
    (high, low), (number_high, number_low) = _halves(values), _halves(np.float64(number))
    error = ((high * number_high - product) + high * number_low + low * number_high) + low * number_low
    return product, error


def _halves(values: Any) -> tuple[Any, Any]:
    """A float as the sum of two with half of its digits (Veltkamp 1968)."""
    wide = 134217729.0 * values  # 2²⁷ + 1
    high = wide - (wide - values)
    return high, values - high


def exact_sum(terms: list[Array]) -> Array:
    """The sum as if it were taken in twice the precision (Ogita, Rump and Oishi 2005)."""
    total, error = terms[0], np.zeros_like(terms[0])
    for term in terms[1:]:
        added = total + term
        part = added - total
        error = error + ((total - (added - part)) + (term - part))
        total = added
    return total + error
