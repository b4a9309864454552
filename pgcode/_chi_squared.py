"""The χ² distribution with a whole number k of degrees of freedom, by its finite sums; no SciPy is needed.

With h = x/2, P(χ²_k ≥ x) is the sum of the Poisson terms e^{−h} hᵖ / Γ(p + 1) over p = k/2 − 1, k/2 − 2, … down to
0, or for odd k down to 1/2 and then erfc √h. All terms are positive, so nothing cancels, in the far tails either.

References
----------
Knüsel (1986), Computation of the chi-square and Poisson distribution, SIAM J. Sci. Stat. Comput. 7, 1022–1036.
Loader (2000), Fast and accurate computation of binomial probabilities: the saddle-point form of the terms.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy.typing import NDArray

__all__ = ["density", "noncentral_survival", "quantile", "survival"]

Array = NDArray[np.float64]

#: From here on Γ is computed by Stirling's series, whose first term left out is then below 1e-17.
_LARGE = 16.0

_LOG_GAMMA = np.array([math.lgamma(p / 2 + 1) for p in range(int(2 * _LARGE))])

#: A normal component misses by more standard deviations than this with a probability of 1.1e-19, and a probability that
#: is as near to 1 as 1.1e-16 is 1 in floats.
_SURE = 9.0


def survival(degrees: int, x: float) -> float:
    """P(χ²_k ≥ x)."""
    h = x / 2
    if h <= 0:
        return 1.0
    if math.isinf(h):
        return 0.0
    rest = math.erfc(math.sqrt(h)) if degrees % 2 else 0.0
    last = degrees / 2 - 1
    peak = min(h, last)
    return min(1.0, rest + float(_terms(_window(peak, degrees % 2 / 2, last), h).sum()))


def _below(degrees: int, x: float) -> float:
    """P(χ²_k < x): the other terms, from p = k/2 on without end."""
    h, first = x / 2, degrees / 2
    if h <= 0:
        return 0.0
    return min(1.0, float(_terms(_window(max(h, first), first, math.inf), h).sum()))


def density(degrees: int, x: float) -> float:
    """The density of χ²_k at x > 0: half the Poisson term p = k/2 − 1."""
    h = x / 2
    if degrees == 1:
        return math.exp(-h) / math.sqrt(2 * math.pi * x)
    return float(_terms(np.array([degrees / 2 - 1]), h)[0]) / 2


def quantile(degrees: int, level: float) -> float:
    """The x with P(χ²_k ≥ x) = level, by Newton's method in log x, kept between bounds.

    The smaller of the two tails is solved for, as the larger is near 1 and tells little; 1 − level is exact there.
    """
    upper = level <= 0.5
    tail, wanted, sign = (survival, level, 1) if upper else (_below, 1 - level, -1)

    def too_far(x: float) -> bool:
        return sign * (tail(degrees, x) - wanted) < 0

    low = high = float(degrees)
    while not too_far(high):
        high *= 2
    while too_far(low):
        low /= 2
    x = math.sqrt(low) * math.sqrt(high)
    for _ in range(200):
        reached = tail(degrees, x)
        low, high = (low, x) if too_far(x) else (x, high)
        slope = -sign * density(degrees, x) * x  # of the tail in log x
        step = 0.0
        if reached > 0 and slope != 0:
            step = -math.log(reached / wanted) * (reached / slope)  # Newton for the logarithm of the tail
            if abs(step) <= 2 * sys.float_info.epsilon:
                return x
        moved = x * math.exp(step) if abs(step) < 700 else 0.0
        if moved == x or not low < moved < high:
            moved = low + (high - low) / 2 if high < 2 * low else math.sqrt(low) * math.sqrt(high)
        if moved in (low, high):
            return moved
        x = moved
    return x


def noncentral_survival(degrees: int, noncentrality: float, x: float) -> float:
    """P(χ²_k(λ) ≥ x) = Σ_j Poisson(j; λ/2) P(χ²_{k+2j} ≥ x)."""
    if x <= 0:
        return 1.0
    if noncentrality == 0:
        return survival(degrees, x)
    # One normal component alone decides where λ is far above x, and where it is far below nothing is left.
    distance = math.sqrt(noncentrality) - math.sqrt(x)
    if distance > _SURE:
        return 1.0
    if distance < 0 and survival(degrees, distance**2) == 0:
        return 0.0
    mean, h, half = noncentrality / 2, x / 2, degrees / 2
    # Where x is in the upper tail, the likeliest number j has j (j + k/2) = λx/4.
    likeliest = 2 * mean * h / (math.sqrt(half**2 + 4 * mean * h) + half)
    counts = _window(max(mean, likeliest) if h > half + mean else mean, 0.0, math.inf)
    # P(χ²_{k+2j} ≥ x) grows with j by one Poisson term after the other.
    first = survival(degrees + 2 * int(counts[0]), x)
    tails = np.minimum(first + np.concatenate([[0.0], np.cumsum(_terms(half + counts[:-1], h))]), 1.0)
    return min(1.0, float((_terms(counts, mean) * tails).sum()))


def _window(peak: float, first: float, last: float) -> Array:
    """The powers first, first + 1, … up to last that count, where the terms are largest at a peak.

    On both sides they fall as those of a Poisson distribution around its mean: ten standard deviations away they are
    below 1e-20 of the largest.
    """
    width = 10 * math.sqrt(max(peak, 0.0)) + 60
    low = first + max(0.0, math.ceil(peak - width - first))
    return np.arange(low, min(last, peak + width) + 0.5)


def _terms(power: Array, h: float) -> Array:
    """e^{−h} hᵖ / Γ(p + 1) for whole and half p ≥ 0, to nearly all digits."""
    small = power < _LARGE
    log_terms = np.empty(power.shape)
    p = power[small]
    log_terms[small] = p * math.log(h) - h - _LOG_GAMMA[(2 * p).astype(int)]
    p = power[~small]
    # Γ(p + 1) = √(2πp) (p/e)ᵖ e^{δ(p)}; the rest of the exponent is p log(h/p) + p − h.
    series = ((((1 / 1188 / p**2 - 1 / 1680) / p**2 + 1 / 1260) / p**2 - 1 / 360) / p**2 + 1 / 12) / p
    log_terms[~small] = -series - p * _deviance(p, h) - np.log(2 * math.pi * p) / 2
    terms: Array = np.exp(np.maximum(log_terms, -800))
    return np.where(log_terms < -800, 0.0, terms)


def _deviance(p: Array, h: float) -> Array:
    """The difference u − log(1 + u) with u = (h − p)/p, also where it is small: log(1 + u) = 2 (v + v³/3 + …)."""
    u = (h - p) / p
    v = u / (2 + u)
    near = np.abs(v) < 0.1
    square = np.where(near, v * v, 0.0)
    series = np.zeros_like(u)
    for odd in range(19, 1, -2):
        series = square * (series + 1 / odd)
    return np.where(near, v * (u - 2 * series), u - np.log(np.maximum(h / p, sys.float_info.min)))
