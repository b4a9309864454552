"""The finite sums against SciPy, and in the far tails against sums in 400 digits."""

import math
from decimal import Decimal, localcontext

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import chdtr, chdtrc, chdtri
from scipy.stats import chi2, ncx2, poisson

from pgcode import _chi_squared
from pgcode._chi_squared import density, noncentral_survival, quantile, survival

DEGREES = st.one_of(st.integers(1, 12), st.integers(1, 5000))


def exact_tails(degrees, x):
    """P(χ²_k < x) and P(χ²_k ≥ x) from the power series of the lower tail, in the digits of the context."""
    h, a = Decimal(x) / 2, Decimal(degrees) / 2
    gamma = Decimal(1) if degrees % 2 == 0 else square_root_of_pi()
    start = Decimal(1) if degrees % 2 == 0 else Decimal("0.5")
    while start <= a:
        gamma, start = gamma * start, start + 1
    term = (a * h.ln() - h).exp() / gamma
    total, power = term, a
    while term > total * Decimal(10) ** -450:
        power += 1
        term *= h / power
        total += term
    return total, 1 - total


def square_root_of_pi():
    """√π by Machin's formula."""

    def arc_tangent_of_one_over(n):
        total = term = Decimal(1) / n
        for odd in range(3, 2000, 2):
            term /= -n * n
            total += term / odd
        return total

    return (4 * (4 * arc_tangent_of_one_over(5) - arc_tangent_of_one_over(239))).sqrt()


@pytest.mark.parametrize(
    ("degrees", "x"),
    [
        (1, 1e-8),
        (1, 1042.37),
        (2, 1300.0),
        (3, 0.084),
        (24, 36.4),
        (24, 1400.0),
        (63, 0.0126),
        (200, 37.4),
        (999, 130.2),
        (999, 2900.0),
        (3000, 1053.5),
        (3000, 5889.99),
        (4998, 7497.0),
    ],
)
def test_both_tails_keep_their_digits(degrees, x):
    with localcontext() as context:
        context.prec = 420
        below, above = exact_tails(degrees, x)
        assert survival(degrees, x) == pytest.approx(float(above), rel=1e-12, abs=0)
        assert _chi_squared._below(degrees, x) == pytest.approx(float(below), rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("degrees", "noncentrality", "x"),
    [(1, 1e-6, 30.0), (3, 73.2, 0.41), (24, 40.0, 90.0), (24, 2.5, 700.0), (63, 460.85, 1428.76), (63, 134.7, 844.6)],
)
def test_the_noncentral_tail_keeps_its_digits(degrees, noncentrality, x):
    with localcontext() as context:
        context.prec = 420
        half = Decimal(noncentrality) / 2
        weight, total = (-half).exp(), Decimal(0)
        (_, tail), h = exact_tails(degrees, x), Decimal(x) / 2
        growth = exact_tails(degrees, x)[0] - exact_tails(degrees + 2, x)[0]
        for j in range(1500):
            total += weight * tail
            weight *= half / (j + 1)
            tail, growth = tail + growth, growth * h / (Decimal(degrees) / 2 + j + 1)
        assert noncentral_survival(degrees, noncentrality, x) == pytest.approx(float(total), rel=1e-12, abs=0)


@given(DEGREES, st.floats(1e-3, 3))
def test_survival_is_that_of_scipy(degrees, share):
    """SciPy 1.17 itself is off by 6e-12 at (4998, 7497), where the sum in 420 digits above says who is right."""
    x = degrees * share
    assert survival(degrees, x) == pytest.approx(float(chdtrc(degrees, x)), rel=1e-10, abs=1e-300)
    assert _chi_squared._below(degrees, x) == pytest.approx(float(chdtr(degrees, x)), rel=1e-10, abs=1e-300)
    assert survival(degrees, x) + _chi_squared._below(degrees, x) == pytest.approx(1, abs=1e-13)


@given(DEGREES, st.floats(1e-2, 3))
def test_density_is_that_of_scipy(degrees, share):
    x = degrees * share
    assert density(degrees, x) == pytest.approx(float(chi2.pdf(x, degrees)), rel=1e-10, abs=1e-300)


@given(DEGREES, st.one_of(st.floats(1e-12, 1 - 1e-12), st.floats(-300, -1).map(lambda e: 10**e)))
@example(1, 5e-324)
@example(5000, 1e-300)
@example(2, 1 - 1e-16)
@example(1, 1 - 1e-16)
def test_quantile_is_that_of_scipy_and_undoes_survival(degrees, level):
    x = quantile(degrees, level)
    if level > 1e-300:
        assert x == pytest.approx(float(chdtri(degrees, level)), rel=1e-10)
    assert survival(degrees, x) == pytest.approx(level, rel=3e-12, abs=1e-322)


@given(st.integers(1, 400), st.floats(-6, 4), st.floats(-4, 6))
def test_noncentral_survival_is_that_of_scipy(degrees, exponent, deviations):
    """SciPy's own error is 1e-8 relative in the tails, and 1e-12 absolute."""
    noncentrality = 10**exponent
    x = max(degrees + noncentrality + deviations * math.sqrt(2 * degrees + 4 * noncentrality), 1e-3)
    ours = noncentral_survival(degrees, noncentrality, x)
    assert ours == pytest.approx(float(ncx2.sf(x, degrees, noncentrality)), rel=1e-7, abs=1e-11)


@given(DEGREES, st.floats(0, 1e4), st.floats(0, 1e5))
def test_tails_are_probabilities_and_a_noncentrality_makes_them_longer(degrees, noncentrality, x):
    central, noncentral = survival(degrees, x), noncentral_survival(degrees, noncentrality, x)
    assert 0 <= central <= 1
    assert central * (1 - 1e-12) <= noncentral <= 1


@pytest.mark.parametrize("degrees", [1, 2])
@pytest.mark.parametrize("x", [1.0, 30.0])
@pytest.mark.parametrize("distance", [6.0, 7.0, 7.5, 8.0, 9.0, 9.5])
def test_one_is_told_only_where_what_is_missing_is_lost_beside_it(degrees, x, distance):
    """P(χ²_k(λ) < x) = Σ_j Poisson(j; λ/2) P(χ²_{k+2j} < x): here it is below 1e-9, and its sum keeps its digits."""
    noncentrality = (math.sqrt(x) + distance) ** 2
    weights = poisson.pmf(range(200), noncentrality / 2)
    missing = sum(weight * _chi_squared._below(degrees + 2 * j, x) for j, weight in enumerate(weights))
    assert 1 - noncentral_survival(degrees, noncentrality, x) == pytest.approx(missing, rel=0, abs=3e-15)
    if distance > _chi_squared._SURE:
        assert missing < 2**-53


def test_beyond_its_bound_a_normal_component_is_as_sure_as_is_said():
    assert math.erfc(_chi_squared._SURE / math.sqrt(2)) / 2 == pytest.approx(1.1e-19, rel=0.05)


def test_the_ends():
    for degrees in (1, 2, 5000):
        assert survival(degrees, 0.0) == survival(degrees, 5e-324) == 1
        assert survival(degrees, math.inf) == survival(degrees, 1e308) == 0
        assert noncentral_survival(degrees, 5.0, 0.0) == 1
        assert noncentral_survival(degrees, 0.0, 7.0) == survival(degrees, 7.0)
        assert noncentral_survival(degrees, 1e300, 7.0) == 1
        assert noncentral_survival(degrees, math.inf, 7.0) == 1
        assert noncentral_survival(degrees, 3.0, 1e9) == 0
