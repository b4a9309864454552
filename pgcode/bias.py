"""Tests whether a policy-gradient estimate has the exact gradient as its mean.

With the exact gradient and the exact covariance at hand nothing has to be guessed: if the estimator is
unbiased, m zᵀΣ⁺z with z = ĝ − ∇J has, for large m, a χ² distribution with rank Σ degrees of freedom.
``bias_test`` uses that and says whether m is large enough, where it is told the third and fourth moments.
``simulated_bias_test`` needs no large m: it draws the distribution of the statistic from the model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks, _chi_squared
from pgcode._policy_checks import require_mdp, require_real_theta
from pgcode.estimators import full_return, policy_gradient, reward_to_go
from pgcode.mdp import TabularMDP
from pgcode.moments import Moments, enumerated_moments
from pgcode.policies import TabularPolicy
from pgcode.state_action_form import exact_gradient
from pgcode.trajectories import Trajectories, count_trajectories, sample_trajectories

__all__ = [
    "BiasTest",
    "HigherMoments",
    "SimulatedBiasTest",
    "bias_test",
    "higher_moments",
    "power",
    "simulated_bias_test",
]

Array = NDArray[np.float64]
Weights = Callable[[Trajectories], NDArray[Any]]

#: Eigenvalues of a correlation matrix below this are rounding errors of 0.
_RANK_TOLERANCE = 1e-10

#: A difference below this, relative to what is compared, is a rounding error of 0.
_ROUNDING = 1e-9

#: By how much the probability of a false alarm may be off where the χ² approximation is trusted: level and margin.
_MARGINS = ((0.05, 0.01), (0.01, 0.005))

#: The smallest share of the variance, in any direction, that a sample must show for its moments to be believed.
_SEEN = 0.5

#: The squares of smaller numbers have lost digits, or are 0.
_SMALLEST_VARIANCE = 1e-290

#: Trajectories that are listed to find exact moments.
_MOST_LISTED = 20_000

#: Trajectories for the metric where exact moments are not known, if m is not larger.
_PILOT = 10_000

#: Decisions that are drawn together.
_BLOCK = 1 << 20


@dataclass(frozen=True)
class BiasTest:
    """The result of ``bias_test``.

    Attributes
    ----------
    statistic : float
        m zᵀΣ⁺z; infinite if z has a part in directions in which the estimator does not vary at all.
    degrees_of_freedom : int
        The rank of Σ; 0 if the estimator does not vary at all.
    p_value : float
        The probability of a statistic at least as large when there is no bias, by the χ² approximation.
    trusted : bool or None
        Whether the approximation holds at this m; None if the higher moments were not given.
    why : str
        The reason, in a sentence.

    Examples
    --------
    >>> print(bias_test([0.3], 100, [0.0], [[1.0]]))
    chi-squared 9 with 1 degree of freedom, p = 0.0027; the level was not checked: pass higher_moments(...) for that
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float
    trusted: bool | None = None
    why: str = "the level was not checked: pass higher_moments(...) for that"

    def __str__(self) -> str:
        degrees = f"{self.degrees_of_freedom} degree{'s' * (self.degrees_of_freedom != 1)} of freedom"
        verdict = {True: "trusted: ", False: "NOT trusted: ", None: ""}[self.trusted]
        return f"chi-squared {self.statistic:.4g} with {degrees}, p = {self.p_value:.2g}; {verdict}{self.why}"


@dataclass(frozen=True)
class HigherMoments:
    """Third and fourth moments of X, the gradient of one trajectory less its mean, in units of its covariance.

    Attributes
    ----------
    rank : int
        r, the dimension of X, whose covariance is the identity.
    skewness : float
        E[(X·X')³] for an independent copy X', Mardia's β₁: the sum of the squares of all third moments.
    mean_skewness : float
        |E[|X|² X]|², the part of it that shows in |X|².
    kurtosis : float
        E[|X|⁴], Mardia's β₂; r (r + 2) for normal noise, and about 1/p more for an event of probability p that decides
        a direction alone.
    seen : float
        The smallest share of its variance, over all directions, that the gradients given show: 1 if they were all;
        far less if events that decide a direction are too rare for the sample.

    References
    ----------
    Mardia (1970), Measures of multivariate skewness and kurtosis with applications, Biometrika 57, 519–530.

    Examples
    --------
    A fair coin that pays 1 or −1 has E[X⁴] = 1, where normal noise has 3:

    >>> higher_moments([[1.0], [-1.0]], [[1.0]], [0.5, 0.5]).kurtosis
    1.0
    """

    rank: int
    skewness: float
    mean_skewness: float
    kurtosis: float
    seen: float = 1.0

    def false_alarms(self, n_trajectories: int, level: float = 0.05) -> tuple[float, float]:
        """The probability of a false alarm of ``bias_test`` at a level, to first order in 1/m, and its uncertainty.

        The first-order term of the Edgeworth expansion, with S_k = P(χ²_k ≥ x_α) and the excess κ = β₂ − r (r + 2), is

            κ/(8n) (S_{r+4} − 2S_{r+2} + S_r) + (2β₁ + 3β₁*)/(24n) (S_{r+6} − 3S_{r+4} + 3S_{r+2} − S_r):

        the characteristic function of |Y|², Y = X summed and divided by √m, is (1 − 2it)^{−r/2} times the mean of
        1 + κ₄(N)/(24n) + κ₃(N)²/(72n) over N normal with covariance 2it/(1 − 2it), where κ₃ and κ₄ are the third and
        fourth cumulants of X. The expansion takes the distribution as smooth. The uncertainty is what the lattice of a
        discrete one can add: the probability of a shell at the critical radius z, if values were as far apart as the
        fourth moment lets them be, d = 2√β₂/r. It is half the density of |Y| at z times (d/√m) (d/(z√m))^{(r−1)/2},
        which in one dimension is the largest error of a count of equal steps.

        Parameters
        ----------
        n_trajectories : int
            m.
        level : float
            α, strictly between 0 and 1.

        Returns
        -------
        level, uncertainty : float
            Both are rough where they are large; they tell then only that the approximation fails.

        Examples
        --------
        >>> coin = higher_moments([[1.0], [-1.0]], [[1.0]], [0.5, 0.5])
        >>> [round(x, 4) for x in coin.false_alarms(100)]
        [0.0498, 0.0117]
        """
        m = _number_of_trajectories(n_trajectories)
        kurtosis, skewness, lattice = self._corrections(m, _level(level))
        return level + kurtosis + skewness, lattice

    def _corrections(self, m: float, level: float) -> tuple[float, float, float]:
        if self.rank == 0:
            return 0.0, 0.0, 0.0
        r, x = self.rank, _chi_squared.quantile(self.rank, level)
        s = [_chi_squared.survival(r + 2 * k, x) for k in range(4)]
        kurtosis = (self.kurtosis - r * (r + 2)) / 8 * (s[2] - 2 * s[1] + s[0])
        skewness = (2 * self.skewness + 3 * self.mean_skewness) / 24 * (s[3] - 3 * s[2] + 3 * s[1] - s[0])
        step, radius = 2 * math.sqrt(self.kurtosis / m) / r, math.sqrt(x)
        lattice = radius * _chi_squared.density(r, x) * step * (step / radius) ** ((r - 1) / 2)
        return kurtosis / m, skewness / m, lattice

    def _judge(self, m: float) -> tuple[bool, str]:
        """Whether the χ² approximation holds for m, and why."""
        if self.seen < _SEEN:
            return False, (
                f"the gradients given show {max(self.seen, 0.0):.0%} of the variance in some direction, so events that "
                "decide are too rare for that sample: use simulated_bias_test"
            )
        off = [sum(abs(part) for part in self._corrections(m, level)) for level, _ in _MARGINS]
        said = " and ".join(
            f"{level:.0%} +- {x:.2g}" for (level, _), x in zip(_MARGINS, 100 * np.array(off), strict=True)
        )
        if all(x <= margin for x, (_, margin) in zip(off, _MARGINS, strict=True)):
            return True, f"by the third and fourth moments the levels are {said} percentage points"
        return False, (
            f"by the third and fourth moments the levels are {said} percentage points, as rare events decide or m is "
            "small: use simulated_bias_test"
        )


def higher_moments(
    gradients: ArrayLike, covariance: ArrayLike, probabilities: ArrayLike | None = None
) -> HigherMoments:
    """Third and fourth moments of the gradient of one trajectory, for ``bias_test`` to judge its own level by.

    Give all possible trajectories with their probabilities, and the moments are exact; or a sample, and they are
    estimates. A sample of m knows nothing of events rarer than about 3/m. It tells so itself, as it shows less
    variance than the exact covariance has: see ``HigherMoments.seen``. The time is the smaller of m r³ and m² r.

    Parameters
    ----------
    gradients : array, shape (m, *θ)
        The gradient of each trajectory, as ``estimators.trajectory_gradients`` gives.
    covariance : array, shape (|θ|, |θ|)
        Σ, the exact covariance of the gradient of one trajectory.
    probabilities : array, shape (m,), optional
        P(τ) of each, where they are all that there are; without it they are a sample.

    Returns
    -------
    HigherMoments

    Raises
    ------
    TypeError, ValueError
        As ``bias_test``, and if the gradients with these probabilities have another covariance.

    Examples
    --------
    The event decides the whole gradient and has the probability 1/100, so m = 100 is not enough:

    >>> rare = higher_moments([[0.0], [1.0]], [[0.0099]], [0.99, 0.01])
    >>> round(rare.kurtosis, 2)
    98.01
    >>> bias_test([0.01], 100, [0.01], [[0.0099]], rare).trusted
    False
    """
    rows = _checks.real_array("gradients", gradients)
    if rows.ndim < 1 or len(rows) == 0:
        raise ValueError(f"gradients has shape {rows.shape}: pass the gradient of at least one trajectory, (m, *θ)")
    _checks.require_finite("gradients", rows)
    flat, n_rows = rows.reshape(len(rows), -1), len(rows)
    weights = np.full(n_rows, 1 / n_rows)
    if probabilities is not None:
        weights = _checks.real_array("probabilities", probabilities)
        _checks.require_shape("probabilities", weights.shape, (n_rows,), "one for each row of gradients")
        _checks.require_distributions("probabilities", weights)
    metric = _Metric(covariance, flat.shape[1])
    mean = weights @ flat
    x, outside = metric.coordinates(flat - mean, float(np.abs(flat).max(initial=0.0)))
    if outside.any():
        raise ValueError(
            f"gradients[{int(np.argmax(outside))}] differs from the mean where covariance says that nothing varies: "
            "pass the covariance of these gradients"
        )
    if metric.rank == 0:
        return HigherMoments(0, 0.0, 0.0, 0.0)
    weighted = weights[:, None] * x
    shares = np.linalg.eigvalsh(x.T @ weighted)
    if probabilities is not None and np.abs(shares - 1).max() > 1e-6:
        raise ValueError(
            f"gradients and probabilities have {shares[0]:.4g} to {shares[-1]:.4g} times the variance that covariance "
            "says: pass all trajectories, and the covariance of the same estimator"
        )
    lengths = np.einsum("ij,ij->i", x, x)
    third = _third_moments(x, weights)
    return HigherMoments(
        rank=metric.rank,
        skewness=third,
        mean_skewness=float(np.square(lengths @ weighted).sum()),
        kurtosis=float(weights @ lengths**2),
        seen=min(1.0, float(shares[0])),
    )


def _third_moments(x: Array, weights: Array) -> float:
    """E[(X·X')³] over all pairs of rows, or, where that is fewer products, Σ_ijk E[X_i X_j X_k]²."""
    n_rows, rank = x.shape
    if n_rows > rank**2:
        weighted = weights[:, None] * x
        return sum(float(np.square((x * column[:, None]).T @ x).sum()) for column in weighted.T)
    total, together = 0.0, max(1, _BLOCK // n_rows)
    for begin in range(0, n_rows, together):
        block = slice(begin, begin + together)
        products = x[block] @ x.T
        total += float(weights[block] @ (products * products * products) @ weights)
    return total


def bias_test(
    estimate: ArrayLike,
    n_trajectories: int,
    gradient: ArrayLike,
    covariance: ArrayLike,
    higher: HigherMoments | None = None,
) -> BiasTest:
    """Compare an estimate with the exact gradient in the metric of the exact covariance.

    The scores of a softmax policy sum to zero over the actions of a state, so Σ is singular. The
    statistic is computed in the space in which the estimator varies, and its dimension is the number of
    degrees of freedom. In all other directions the estimate must agree with the gradient to rounding. If
    Σ = 0, these are all directions, and chance plays no part: the p-value is 1 or 0.

    The p-value is that of the χ² distribution, which holds for large m. How large is not a matter of m alone: where a
    rare event decides a direction, m must be many times as large as one over its probability. Mean and covariance do
    not tell. The third and fourth moments do: with ``higher``, the result says whether the levels 5 % and 1 % are
    within 1 and 0.5 percentage points of what they should be, to first order in 1/m, all corrections taken at
    their worst (``HigherMoments.false_alarms`` has the formula). Far smaller levels are never trusted more than that.

    Parameters
    ----------
    estimate : array, shape (*θ,)
        ĝ, the mean over m trajectories.
    n_trajectories : int
        m.
    gradient : array, shape (*θ,)
        ∇J(θ).
    covariance : array, shape (|θ|, |θ|)
        Σ, the exact covariance of the gradient of one trajectory.
    higher : HigherMoments, optional
        Of the same estimator, from ``higher_moments``. Without it the level is not checked.

    Returns
    -------
    BiasTest

    Raises
    ------
    TypeError
        If m is no whole number, or an array does not hold real numbers.
    ValueError
        If the shapes do not fit, an entry is not finite, m is not at least 1, Σ is not symmetric and positive
        semidefinite or too small for double precision, or the higher moments have another rank.

    Examples
    --------
    A coin that pays 1 or −1, m = 1000: a mean of 0.05 is no proof of a bias, and the test can be trusted.

    >>> coin = higher_moments([[1.0], [-1.0]], [[1.0]], [0.5, 0.5])
    >>> result = bias_test([0.05], 1000, [0.0], [[1.0]], coin)
    >>> round(result.statistic, 9), result.degrees_of_freedom, round(result.p_value, 4), result.trusted
    (2.5, 1, 0.1138, True)
    """
    m = _number_of_trajectories(n_trajectories)
    mean, exact = _checks.real_array("estimate", estimate), _checks.real_array("gradient", gradient)
    _checks.require_shape("estimate", mean.shape, exact.shape, "the shape of gradient")
    _checks.require_finite("estimate", mean)
    _checks.require_finite("gradient", exact)
    if higher is not None and not isinstance(higher, HigherMoments):
        raise TypeError(f"higher is {higher!r}: pass the result of higher_moments")
    metric = _Metric(covariance, exact.size)
    if higher is not None and higher.rank != metric.rank:
        raise ValueError(
            f"higher has rank {higher.rank}, but covariance has rank {metric.rank}: pass both of the same estimator"
        )
    squared, outside = metric.squared_lengths(_difference(mean, exact)[None], float(np.abs(exact).max(initial=0.0)))
    if outside[0]:
        return BiasTest(math.inf, metric.rank, 0.0, True, "where nothing varies there is no chance: a sure bias")
    if metric.rank == 0:
        return BiasTest(0.0, 0, 1.0, True, "nothing varies, and estimate and gradient agree")
    statistic = m * float(squared[0])
    p_value = _chi_squared.survival(metric.rank, statistic)
    return BiasTest(statistic, metric.rank, p_value, *(() if higher is None else higher._judge(m)))


def power(bias: ArrayLike, n_trajectories: int, covariance: ArrayLike, level: float = 0.05) -> float:
    """The probability that the test at a level finds a bias, for large m.

    Under a bias b the statistic has a noncentral χ² distribution with noncentrality m bᵀΣ⁺b. Without a bias
    the power is the level. If Σ = 0, it is 1 with a bias and 0 without: where nothing varies there is no
    false alarm either.

    Parameters
    ----------
    bias : array, shape (*θ,)
        b = E[ĝ] − ∇J(θ).
    n_trajectories : int
        m.
    covariance : array, shape (|θ|, |θ|)
        Σ, the exact covariance of the biased estimator for one trajectory.
    level : float
        The probability of a false alarm, strictly between 0 and 1.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        As ``bias_test``, and if the level is no number between 0 and 1.

    Examples
    --------
    >>> [round(power([0.1], m, [[1.0]]), 3) for m in (100, 400, 1600)]
    [0.17, 0.516, 0.979]
    """
    m, level = _number_of_trajectories(n_trajectories), _level(level)
    flat = _checks.real_array("bias", bias).ravel()
    _checks.require_finite("bias", flat)
    metric = _Metric(covariance, flat.size)
    squared, outside = metric.squared_lengths(flat[None], float(np.abs(flat).max(initial=0.0)))
    if outside[0]:
        return 1.0
    if metric.rank == 0:
        return 0.0
    critical = _chi_squared.quantile(metric.rank, level)
    found = _chi_squared.noncentral_survival(metric.rank, m * float(squared[0]), critical)
    return max(level, found)  # a bias makes no alarm rarer


@dataclass(frozen=True, eq=False)
class SimulatedBiasTest:
    """The result of ``simulated_bias_test``.

    Attributes
    ----------
    statistic : float
        T of the trajectories given.
    null_statistics : array, shape (n_replications,)
        T of the samples drawn from the model, in increasing order.
    p_value : float
        (1 + the number of null statistics that are at least T) / (1 + n_replications).
    guaranteed : bool
        Whether P(p_value ≤ α) ≤ α holds exactly under the null hypothesis, for every α.
    why : str
        The reason, in a sentence.

    Examples
    --------
    >>> print(SimulatedBiasTest(9.0, np.array([0.5, 1.0, 4.0]), 0.25, True, "the level is exact"))
    statistic 9, at least reached by 0 of 3 samples from the model, p = 0.25; the level is exact
    """

    statistic: float
    null_statistics: Array
    p_value: float
    guaranteed: bool
    why: str

    def __post_init__(self) -> None:
        null = np.sort(_checks.real_array("null_statistics", self.null_statistics))
        null.setflags(write=False)
        object.__setattr__(self, "null_statistics", null)

    def __reduce__(self) -> tuple[Any, ...]:
        # Through the constructor, as a copied array would be writable.
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    @property
    def n_replications(self) -> int:
        """How many samples were drawn from the model."""
        return len(self.null_statistics)

    def __str__(self) -> str:
        reached = round(self.p_value * (1 + self.n_replications)) - 1
        return (
            f"statistic {self.statistic:.4g}, at least reached by {reached} of {self.n_replications} samples from the "
            f"model, p = {self.p_value:.2g}; {self.why}"
        )


def simulated_bias_test(
    trajectories: Trajectories,
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: ArrayLike,
    weights: Weights,
    n_replications: int,
    rng: np.random.Generator,
    *,
    moments: Moments | None = None,
    progress: bool = False,
) -> SimulatedBiasTest:
    """Test m trajectories and an estimator against the exact gradient, with a level that needs no large m.

    The null hypothesis is: the trajectories are independent draws of the model, s₀ ~ μ, a ~ π_θ, s' ~ p, and the
    estimator ĝ with these weights has the mean ∇J(θ). The statistic is T = m (ĝ − ∇J)ᵀ M (ĝ − ∇J) for a metric M.
    Then B = ``n_replications`` samples of m trajectories are drawn from the model, and each gives
    T_b = m (ĝ_b − E ĝ)ᵀ M (ĝ_b − E ĝ), with the mean that the estimator really has in the model. Under the
    null hypothesis E ĝ = ∇J, so T, T_1, …, T_B are independent and equally distributed, whatever their distribution
    is, and p = (1 + #{b: T_b ≥ T}) / (1 + B) has P(p ≤ α) ≤ α for every α, with equality where α (B + 1) is
    a whole number and no ties occur. Rare events, heavy tails and a small m change the power, not the level.

    That is the guarantee where E ĝ is known exactly: from ``moments``; by listing all trajectories where they are
    few; or because the weights are those of ``full_return`` or ``reward_to_go``, in value, whose mean is ∇J. Otherwise
    E ĝ is simulated, as ∇J plus the mean over all draws of the difference to one of these two on the same trajectories,
    and ``guaranteed`` is False: the level is then right only so far as the B m draws show that mean difference.
    Without knowledge of E ĝ no test with an exact level could find a biased estimator at all, as the samples from the
    model would have the same bias.

    The alternative that it finds is a wrong sample (drawn at another θ, from another process, cut or padded wrongly,
    not independent) or wrong weights, each so far as it moves ĝ. What leaves ĝ where it is, it does not find.

    Parameters
    ----------
    trajectories : Trajectories
        The m trajectories to test; their discount and horizon are those of the process.
    mdp : TabularMDP
        The model, with a horizon.
    policy, theta : TabularPolicy, array
        π_θ, from which the trajectories should be.
    weights : callable
        From trajectories to weights (m, T), for example ``estimators.full_return``. The weights of a
        trajectory depend on that one alone, as many samples are weighed together.
    n_replications : int
        B. Take α (B + 1) whole, as 999 for 5 % and 1 %; the smallest possible p-value is 1/(B + 1).
    rng : numpy.random.Generator
        The source of randomness, independent of the trajectories: its own seed.
    moments : Moments, optional
        The exact moments in the model of the estimator with these weights, such as those of
        ``moments.full_return_moments(..., with_covariance=True)``. The mean makes the level exact, the covariance makes
        the test powerful; without a covariance the variances are used, and without moments a sample's covariance.
    progress : bool
        Show a progress bar.

    Returns
    -------
    SimulatedBiasTest

    Raises
    ------
    TypeError, ValueError
        If something does not fit, the process has no horizon, or the weights of a trajectory depend on the others.
    ImportError
        If a progress bar is asked for and tqdm is not installed.

    References
    ----------
    Phipson and Smyth (2010), Permutation p-values should never be zero, on why the 1 is added.

    Examples
    --------
    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.estimators import full_return
    >>> from pgcode.policies import SoftmaxPolicy
    >>> mdp, policy, theta = two_armed_bandit(), SoftmaxPolicy(2, 2), np.zeros((2, 2))
    >>> stale = sample_trajectories(mdp, policy, theta + [1.0, 0.0], 200, np.random.default_rng(1))
    >>> result = simulated_bias_test(stale, mdp, policy, theta, full_return, 999, np.random.default_rng(2))
    >>> result.p_value, result.guaranteed
    (0.001, True)
    """
    _require_of_model(trajectories, mdp)
    theta = require_real_theta(policy, theta, "trajectories are drawn at real parameters")
    if not callable(weights):
        raise TypeError(
            f"weights is a {type(weights).__name__}: pass a function from trajectories to weights, "
            "such as estimators.full_return"
        )
    _checks.require_generator("rng", rng)
    n_replications = _checks.require_count("n_replications", n_replications, "samples to draw")
    if moments is not None and not isinstance(moments, Moments):
        raise TypeError(f"moments is {moments!r}: pass the Moments of the estimator, or leave it out")
    m = trajectories.n_trajectories
    gradient = np.asarray(exact_gradient(mdp, policy, theta), dtype=np.float64)
    # The estimate comes first: what is wrong with the arguments shows before anything is drawn.
    draws = _Draws(mdp, policy, theta, weights, m)
    estimate = draws.mean_of(trajectories)

    if moments is None and count_trajectories(mdp) <= _MOST_LISTED:
        moments = enumerated_moments(mdp, policy, theta, weights)
    reference = None
    if moments is None:
        metric, reference = draws.pilot(max(m, _PILOT), rng)
    else:
        _checks.require_shape("moments.mean", moments.mean.shape, gradient.shape, "the shape of θ")
        covariance = np.diag(moments.variance.ravel()) if moments.covariance is None else moments.covariance
        metric = _Metric(covariance, gradient.size)
    means, references = draws.replicate(n_replications, reference, rng, progress)
    if moments is not None:
        centre, why = moments.mean.ravel(), "the level is exact, as the mean of the estimator in the model is known"
    elif reference is None:
        centre, why = gradient.ravel(), "the level is exact, as these are weights whose mean is the gradient"
    else:
        centre = gradient.ravel() + (means - references).mean(axis=0)
        why = "the level is not guaranteed, as the mean of the estimator in the model was simulated: pass moments"

    differences = np.concatenate([_difference(estimate, gradient)[None], means - centre])
    scale = max(float(np.abs(gradient).max(initial=0.0)), float(np.abs(means).max(initial=0.0)))
    squared, outside = metric.squared_lengths(differences, scale)
    statistics = m * np.where(outside, np.inf, squared)
    observed, null = float(statistics[0]), statistics[1:]
    # Samples that are equal but for the order of their sums count as equal.
    rounding = _ROUNDING * (1 + observed) if math.isfinite(observed) else 0.0
    reached = int((null >= observed - rounding).sum())
    return SimulatedBiasTest(observed, null, (1 + reached) / (1 + n_replications), reference is None, why)


class _Draws:
    """Mean gradients of samples of m trajectories: of the one that is given, and of those that the model draws."""

    def __init__(
        self,
        mdp: TabularMDP,
        policy: TabularPolicy,
        theta: Array,
        weights: Weights,
        m: int,
    ) -> None:
        self.mdp, self.policy, self.theta, self.weights, self.m = mdp, policy, theta, weights, m
        self.n_pairs = policy.n_states * policy.n_actions

    def mean_of(self, trajectories: Trajectories) -> Array:
        """ĝ of the sample that is given, shape (*θ,); its weights are looked at closely."""
        weights = self._weights(trajectories)
        if self.m > 1:
            part = _first(trajectories, self.m // 2)
            alone, together = (np.where(part.active, w, 0) for w in (self._weights(part), weights[: self.m // 2]))
            if np.abs(alone - together).max() > _ROUNDING * np.abs(together).max():
                raise ValueError(
                    "weights of a trajectory change with the other trajectories that are passed: take what is common "
                    "to them, such as a mean, as a fixed number"
                )
        return self._means(self._sums(trajectories, weights, 1))[0].reshape(self.policy.theta_shape)

    def pilot(self, number: int, rng: np.random.Generator) -> tuple[_Metric, Weights | None]:
        """A metric, and weights without bias near to these ones, None where they are the same.

        Both come from a sample of their own, so that they do not depend on what is compared by them. What does not vary
        in it has still some variance in the metric, so that rare events are finite and can be ordered.
        """
        pilot = sample_trajectories(self.mdp, self.policy, self.theta, number, rng)
        weights = self._weights(pilot)
        _checks.require_memory("the covariance", (math.prod(self.policy.theta_shape),) * 2, "pass moments without one")
        covariance = policy_gradient(
            pilot, self.policy, self.theta, weights, standard_error=False, covariance=True
        ).covariance
        variance = np.diag(covariance)
        least = np.where(variance > 0, variance, variance.max(initial=0.0)) / number
        off = {
            unbiased: float(np.abs(np.where(pilot.active, weights - unbiased(pilot), 0.0)).sum())
            for unbiased in (full_return, reward_to_go)
        }
        nearest = min(off, key=lambda unbiased: off[unbiased])
        same = off[nearest] <= _ROUNDING * float(np.abs(np.where(pilot.active, weights, 0.0)).sum())
        return _Metric(covariance + np.diag(least), len(variance)), None if same else nearest

    def replicate(
        self, n_replications: int, reference: Weights | None, rng: np.random.Generator, progress: bool
    ) -> tuple[Array, Array]:
        """ĝ_b of samples from the model, shape (n_replications, |θ|), by blocks of bounded memory.

        And, where reference weights are given, the same with these.
        """
        size = math.prod(self.policy.theta_shape)
        _checks.require_memory("the estimates of all samples", (n_replications, size), "draw fewer samples")
        means, references = np.empty((n_replications, size)), np.zeros((n_replications if reference else 0, size))
        most = max(1, _BLOCK // max(self.mdp.horizon or 1, self.n_pairs // self.m))  # trajectories drawn together
        together = max(1, most // self.m)  # samples drawn together; a large sample is drawn in parts
        blocks: Iterable[int] = range(0, n_replications, together)
        if progress:
            tqdm = _checks.optional_import("tqdm.auto", "to show a progress bar").tqdm
            tqdm.monitor_interval = 0  # no thread watches over it: a browser has none
            blocks = tqdm(blocks, desc="samples", leave=False)
        for begin in blocks:
            samples = min(together, n_replications - begin)
            sums, reference_sums = np.zeros((2, samples * self.n_pairs))
            for drawn in range(0, self.m, most):
                part = min(most, self.m - drawn)
                batch = sample_trajectories(self.mdp, self.policy, self.theta, samples * part, rng)
                sums += self._sums(batch, self._weights(batch), samples)
                if reference:
                    reference_sums += self._sums(batch, reference(batch), samples)
            means[begin : begin + samples] = self._means(sums)
            if reference:
                references[begin : begin + samples] = self._means(reference_sums)
        return means, references

    def _weights(self, trajectories: Trajectories) -> Array:
        weights = _checks.real_array("weights(trajectories)", self.weights(trajectories))
        shape = trajectories.actions.shape
        _checks.require_shape("weights(trajectories)", weights.shape, shape, "(m, T), one weight for each decision")
        return weights

    def _sums(self, trajectories: Trajectories, weights: Array, samples: int) -> Array:
        """The sum of the weights for each sample, state and action, shape (samples·S·A,)."""
        used = np.where(trajectories.active, weights, 0.0)
        _checks.require_finite("weights(trajectories)", used)
        number = np.arange(len(used)) // (len(used) // samples)
        pairs = trajectories.states[:, :-1].astype(np.intp) * self.policy.n_actions + trajectories.actions
        pairs += self.n_pairs * number[:, None]
        sums: Array = np.bincount(pairs.ravel(), used.ravel(), samples * self.n_pairs).astype(np.float64, copy=False)
        return sums

    def _means(self, sums: Array) -> Array:
        """Σ_sa (mean weight) ∇log π(a|s) for each sample, shape (samples, |θ|)."""
        weights = (sums / self.m).reshape(-1, self.policy.n_states, self.policy.n_actions)
        return self.policy.weighted_score(self.theta, weights).reshape(len(weights), -1)


def _first(trajectories: Trajectories, number: int) -> Trajectories:
    """The first trajectories of a batch."""
    names = ("states", "actions", "rewards", "lengths", "cut")
    given = {name: getattr(trajectories, name, None) for name in names}
    return replace(trajectories, **{name: array[:number] for name, array in given.items() if array is not None})


def _require_of_model(trajectories: object, mdp: TabularMDP) -> None:
    """Require trajectories that can be compared with samples of this process."""
    if not isinstance(trajectories, Trajectories):
        raise TypeError(f"trajectories is a {type(trajectories).__name__}: pass Trajectories")
    require_mdp(mdp)
    if mdp.horizon is None:
        raise ValueError("mdp.horizon is None: set one with dataclasses.replace(mdp, horizon=T), to draw trajectories")
    if trajectories.horizon > mdp.horizon:
        raise ValueError(
            f"trajectories have {trajectories.horizon} decisions, but mdp.horizon is {mdp.horizon}: "
            "the model draws none that are longer"
        )
    if trajectories.discount != mdp.discount:
        raise ValueError(f"trajectories.discount is {trajectories.discount}, but mdp.discount is {mdp.discount}")
    highest = int(trajectories.states.max()), int(trajectories.actions.max())
    if highest[0] >= mdp.n_states or highest[1] >= mdp.n_actions:
        raise ValueError(
            f"trajectories hold state {highest[0]} and action {highest[1]}, but mdp has {mdp.n_states} states and "
            f"{mdp.n_actions} actions"
        )


class _Metric:
    """The metric Σ⁺ of a covariance, and the directions in which nothing varies.

    Components are first divided by their standard deviations, so that nothing depends on the units of a
    parameter or of the reward.

    Attributes
    ----------
    rank : int
        The number of directions with noise.
    """

    def __init__(self, covariance: ArrayLike, size: int) -> None:
        matrix = _checked_covariance(covariance, size)
        deviation = np.sqrt(np.maximum(np.diag(matrix), 0))
        self._largest = float(deviation.max(initial=0.0))
        self._noisy = deviation > 1e-12 * self._largest
        self._unit = deviation[self._noisy]
        correlation = matrix[np.ix_(self._noisy, self._noisy)] / self._unit / self._unit[:, None]
        values, vectors = np.linalg.eigh(correlation)
        if values.min(initial=0.0) < -1e-8:
            raise ValueError(f"covariance has a negative eigenvalue, {values.min():.3g} in units of its diagonal")
        varies = values > _RANK_TOLERANCE
        self.rank = int(varies.sum())
        self._still = vectors[:, ~varies]
        self._axes = vectors[:, varies] / np.sqrt(values[varies])

    def coordinates(self, vectors: Array, scale: float) -> tuple[Array, NDArray[np.bool_]]:
        """Coordinates x of rows z, with |x|² = zᵀΣ⁺z, and where z leaves the space of Σ beyond rounding at a scale.

        Shapes (m, rank) and (m,).
        """
        scale = max(scale, self._largest)
        if scale**2 < _SMALLEST_VARIANCE and np.abs(vectors).max(initial=0.0) > 0:
            raise ValueError(
                f"covariance has variances of at most {self._largest**2:.3g} beside gradients of size {scale:.3g}, too "
                "small for all digits of double precision: multiply all rewards by a large number"
            )
        outside = np.abs(vectors[:, ~self._noisy]).max(axis=1, initial=0.0) > _ROUNDING * scale
        with np.errstate(over="ignore"):
            in_units = np.clip(vectors[:, self._noisy] / self._unit, -1e150, 1e150)
            allowed = _ROUNDING * (scale / self._unit).max(initial=0.0)
        outside |= np.abs(in_units @ self._still).max(axis=1, initial=0.0) > allowed
        return in_units @ self._axes, outside

    def squared_lengths(self, vectors: Array, scale: float) -> tuple[Array, NDArray[np.bool_]]:
        """zᵀΣ⁺z of rows z, shape (m,), and where z leaves the space of Σ."""
        x, outside = self.coordinates(vectors.reshape(len(vectors), -1), scale)
        return np.einsum("ij,ij->i", x, x), outside


def _checked_covariance(covariance: ArrayLike, size: int) -> Array:
    matrix = _checks.real_array("covariance", covariance)
    _checks.require_shape("covariance", matrix.shape, (size, size), "a row and a column for each entry of θ")
    _checks.require_finite("covariance", matrix)
    largest = np.abs(matrix).max(initial=0.0)
    with np.errstate(over="ignore"):
        skew = np.abs(matrix - matrix.T).max(initial=0.0)
    if skew > 1e-9 * largest:
        raise ValueError("covariance is not symmetric: pass Cov[g] of one trajectory, θ flattened")
    if (np.diag(matrix) < -1e-12 * largest).any():
        raise ValueError(f"covariance has the negative variance {np.diag(matrix).min():g}: it is no covariance")
    return matrix / 2 + matrix.T / 2


def _difference(estimate: Array, gradient: Array) -> Array:
    """ĝ − ∇J, or say that it is beyond double precision."""
    with np.errstate(over="ignore"):
        difference = (estimate - gradient).ravel()
    _checks.require_finite("estimate - gradient", difference, "give the rewards in larger units")
    return difference


def _number_of_trajectories(value: object) -> float:
    """Return m as a float, as it may be larger than any of NumPy's whole numbers."""
    m = _checks.require_count("n_trajectories", value, "trajectories")
    try:
        return float(m)
    except OverflowError:
        raise ValueError("n_trajectories is beyond 1e308: pass a smaller number") from None


def _level(value: object) -> float:
    level = _checks.require_fraction("level", value, "the probability of a false alarm")
    if level in (0, 1):
        raise ValueError(f"level is {level:g}: the probability of a false alarm lies strictly between 0 and 1")
    return level
