"""Mean and covariance of policy-gradient estimators by dynamic programming that keeps its digits.

Let m_t(s) be the mean of what the weights add up from s on, Φ any
numbers near it, and D_t = ρ_t + κ Φ_{t+1}(s_{t+1}) − Φ_t(s_t), less its own mean: what a step brings beyond what was
expected. These steps telescope, so a weight is a level that is known at s_t plus the D of the steps to come, and
whatever all returns have in common, or is paid and taken back, is in none of them. D is summed in twice the
precision. The covariance is the sum over steps of the covariances of the changes in E[g | the first t steps]
(martingale differences are uncorrelated), so it is made of squares of small numbers. Beside it the programs sum the
sizes of all terms, which bound the rounding: a variance that is not right to 1e-8 of itself is refused.

All of it happens in units, powers of two, in which the largest reward and the largest score of each parameter are
about 1, so that no square overflows or vanishes on the way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._policy_checks import require_mdp, require_real_theta
from pgcode._precision import exact_product, exact_sum
from pgcode.mdp import TabularMDP
from pgcode.policies import TabularPolicy, action_probabilities

Array = NDArray[Any]

#: Mean, variance and covariance.
Result = tuple[Array, Array, Array | None]

#: A variance is right to this part of itself, or refused.
PROMISE = 1e-8

EPS = float(np.finfo(float).eps)
_SMALLEST = float(np.finfo(float).tiny)

#: Numbers that one block of work may hold, so that it stays in a core's cache.
_BLOCK_SIZE = 1 << 16


def require_horizon(mdp: TabularMDP) -> int:
    """Return T, or say that these moments need one."""
    require_mdp(mdp)
    if mdp.horizon is None:
        raise ValueError("mdp.horizon is None: set one, as these moments go backward from the last decision")
    return mdp.horizon


@dataclass(frozen=True)
class Steps:
    """Weights as telescoping sums: what is expected, Φ_t(s) of shape (T + 1, S), and what each step brings beyond."""

    expected: Array
    jump: Callable[[int], Array]  # ρ + κ Φ_{t+1}(s') − Φ_t(s) of each outcome


@dataclass(frozen=True)
class Past:
    """E[R | s_0 … s_t] given s_t = s: its mean as a float and what that lacks, and its variance, (T + 1, S) each."""

    mean: Array
    residue: Array
    variance: Array


class Program:
    """The outcomes (s, a, s') that can occur, as lists, and the moments of sums along them.

    Pairs (s, a) are numbered in order, and so are outcomes. Moments have a row for each state or each pair, and a
    column for each component of θ. Rewards, the table and the scores are in units: 2^unit, and 2^units for each
    component of θ.
    """

    def __init__(
        self,
        mdp: TabularMDP,
        policy: TabularPolicy,
        theta: ArrayLike,
        table: tuple[str, Array] | None = None,
        with_covariance: bool = False,
    ) -> None:
        self.mdp, self.horizon = mdp, require_horizon(mdp)
        theta = require_real_theta(policy, theta, "a variance is computed at real parameters")
        self.theta_shape = policy.theta_shape
        probabilities = action_probabilities(mdp, policy, theta)
        chosen = (probabilities > 0) & (_reached(mdp, probabilities) & ~mdp.terminal)[:, None]
        self.state, self.action = np.nonzero(chosen)
        self.pi = probabilities[chosen]
        self.pair, self.after = np.nonzero(mdp.transition[self.state, self.action])
        self.before = self.state[self.pair]
        self.p = mdp.transition[self.before, self.action[self.pair], self.after]
        self.weight = self.pi[self.pair] * self.p
        self.first_pair = np.flatnonzero(np.diff(self.state, prepend=-1))
        self.first_outcome = np.flatnonzero(np.diff(self.pair, prepend=-1))
        self.moves = np.zeros((mdp.n_states, mdp.n_states))  # Pr(s'|s) of what is listed
        np.add.at(self.moves, (self.before, self.after), self.weight)
        self.source, self.target = np.nonzero(self.moves)
        # To add up a list costs more than a product with a table, unless nearly all of the table is 0.
        self.listed = 50 * len(self.pair) < len(self.state) * mdp.n_states

        n_theta = int(np.prod(self.theta_shape))
        _checks.require_memory(
            "the table of scores",
            (mdp.n_states, mdp.n_actions, n_theta),
            "estimate with sample_trajectories and policy_gradient, which form no such table",
        )
        if with_covariance:
            require_covariance_fits(n_theta)
        self.with_covariance, self.block = with_covariance, max(1, _BLOCK_SIZE // max(1, n_theta))
        score = policy.score(theta).reshape(mdp.n_states, mdp.n_actions, n_theta)[chosen]
        if not np.isfinite(score).all():
            pair, k = np.argwhere(~np.isfinite(score))[0]
            raise ValueError(
                f"the score of action {self.action[pair]} in state {self.state[pair]} is {score[pair, k]}: "
                "move theta to where the score is finite"
            )
        self.units = exponents(score)
        self.score = np.ldexp(score, -self.units)

        reward = mdp.reward[self.before, self.action[self.pair], self.after]
        name, given = ("", np.zeros(0)) if table is None else table
        self.unit = int(exponents(np.concatenate([reward, given.ravel()])))
        self.reward, self.table = self._in_unit("a reward", reward), self._in_unit(f"an entry of {name}", given)
        self.occupied = np.zeros((self.horizon + 1, mdp.n_states))
        self.occupied[0] = mdp.initial
        for t in range(self.horizon):
            self.occupied[t + 1] = _binned(self.after, self.occupied[t][self.before] * self.weight, mdp.n_states)

    def _in_unit(self, what: str, values: Array) -> Array:
        scaled = np.ldexp(values, -self.unit)
        lost = (values != 0) & (np.abs(scaled) < _SMALLEST)
        if lost.any():
            raise ValueError(
                f"{what} is {values[lost][0]:g} beside one of about {2.0 ** (self.unit - 1):.0e}: no unit holds both: "
                "replace it by 0, or divide the large ones by a number"
            )
        return scaled

    def paid(self, t: int) -> list[Array]:
        """r(s,a,s'), at each time the same."""
        return [self.reward]

    def telescoped(self, payment: Callable[[int], list[Array]], decay: float) -> Steps:
        """Steps of G_t = ρ_t + κ G_{t+1}, where ρ is a sum of terms for each outcome."""
        expected = np.zeros((self.horizon + 1, self.mdp.n_states))
        for t in reversed(range(self.horizon)):
            gain = decay * expected[t + 1][self.after]
            for term in payment(t):
                gain = gain + term
            expected[t] = self.over_outcomes(gain)

        def jump(t: int) -> Array:
            later = exact_product(decay, expected[t + 1][self.after])
            return exact_sum([*payment(t), *later, -expected[t][self.before]])

        return Steps(expected, jump)

    def past(self, steps: Steps) -> Past:
        mean, residue, variance = np.zeros((3, *self.occupied.shape))
        mean[0] = steps.expected[0]
        for t in range(self.horizon):
            chance, brought = self.occupied[t][self.before] * self.weight, self.mdp.discount**t * steps.jump(t)
            mean[t + 1] = self._given_after(chance * (mean[t][self.before] + brought), t + 1)
            # Two floats for one mean: where that of one state is far from that of another, no digit is lost.
            away = self._drift(mean, residue, t, brought)
            residue[t + 1] = self._given_after(chance * away, t + 1)
            away -= residue[t + 1][self.after]
            variance[t + 1] = self._given_after(chance * (away**2 + variance[t][self.before]), t + 1)
        return Past(mean, residue, variance)

    def _drift(self, mean: Array, residue: Array, t: int, brought: Array) -> Array:
        """How far a step leads from the mean given s_t to the mean given s_{t+1}."""
        before, after = self.before, self.after
        return exact_sum([mean[t][before], -mean[t + 1][after], residue[t][before], -residue[t + 1][after], brought])

    def _given_after(self, values: Array, t: int) -> Array:
        """The sum over outcomes by next state, divided by p_t(s'), and 0 where that is 0."""
        total, chance = _binned(self.after, values, self.mdp.n_states), self.occupied[t]
        return np.divide(total, chance, out=np.zeros_like(total), where=chance > 0)

    def to_go(self, steps: Steps, level: Callable[[int], Array], decay: float) -> Result:
        """Moments of Σ_t γᵗ ∇log π_t (level_t(s_t) + what the steps from t on bring, with the decay)."""
        gamma = self.mdp.discount
        return self._moments(steps, level, decay=decay, discount=gamma, scale=lambda t: gamma ** (2 * t))

    def full_return(self, steps: Steps, past: Past, level: Callable[[int], Array]) -> Result:
        """Moments of Σ_t ∇log π_t (R − b_t(s_t)), the level being the mean of the past less b, (S,) or (S, |θ|)."""
        absolute = Steps(steps.expected, lambda t: self.mdp.discount**t * steps.jump(t))
        return self._moments(absolute, level, past=past)

    def _moments(
        self,
        steps: Steps,
        level: Callable[[int], Array],
        *,
        decay: float = 1.0,
        discount: float = 1.0,
        scale: Callable[[int], float] = lambda t: 1.0,
        past: Past | None = None,
    ) -> Result:
        """Moments of Y_0 where Y_t = ∇log π_t (level_t + D_t + κ D_{t+1} + …) + γ Y_{t+1}, squares times a scale.

        Going back, m and ``rest`` are mean and variance of D_t + κ D_{t+1} + … given s_t, y is E[Y_t | s_t], and
        ``shared`` is its covariance with Y_t. With a past, the level varies given s_t; its covariance with what
        comes is in ``shared`` too.
        """
        n_states, n_theta, sigma = self.mdp.n_states, self.score.shape[1], self.score
        squares, used = sigma**2, (sigma != 0).astype(float)
        m, rest = np.zeros((2, n_states))
        y, shared = np.zeros((2, n_states, n_theta))
        sums = _Sums(n_theta, self.with_covariance)
        for t in reversed(range(self.horizon)):
            jump = steps.jump(t)
            brought = jump + decay * m[self.after]
            m = self.over_outcomes(brought)
            d = brought - m[self.before]
            first = self.over_next(d)
            within = d - first[self.pair]
            at = level(t)
            at = (at if at.ndim == 2 else at[:, None]) + m[:, None]
            at = at[self.state]
            later = decay**2 * self.over_next(rest[self.after]) + self.over_next(within**2)

            # What the score at t shares with what comes: by the payment of this step, and by the steps after it.
            by_payment = discount * within
            if past is not None:
                by_payment += self._drift(past.mean, past.residue, t, jump)
            coming = self.expect(self.p * by_payment, y) + decay * discount * self.expect(self.p, shared)

            chance = scale(t) * self.occupied[t]
            of_pair = chance[self.state] * self.pi
            mean_y = discount * (self.moves @ y)
            apart = discount * self.expect(self.p, y) - mean_y[self.state]
            local = self.over_actions(sigma * first[:, None])
            own = sigma * (at + first[:, None]) - local[self.state]
            spread = later if past is None else later + past.variance[t][self.state]
            sums.add_squares(sigma, of_pair * spread)
            sums.add_squares(own, of_pair)
            for begin in range(0, len(self.source), self.block):
                block = slice(begin, begin + self.block)
                source, target = self.source[block], self.target[block]
                sums.add_squares(discount * y[target] - mean_y[source], chance[source] * self.moves[source, target])
            sums.add_products(sigma * of_pair[:, None], coming)
            sums.add_products(own * of_pair[:, None], apart)

            cancelled = EPS * (
                np.abs(steps.expected[t])[self.state] + self.over_next(np.abs(steps.expected[t + 1])[self.after])
            )
            sums.size += chance @ mean_y**2 + (of_pair * (first**2 + later + cancelled**2)) @ squares
            size = np.abs(at) + self.over_next(np.abs(d))[:, None]
            if at.shape[1] == 1:
                sums.size += (of_pair * at[:, 0] ** 2) @ squares
                sums.touched |= (size[:, 0] * of_pair > 0).astype(float) @ used != 0
            else:
                sums.size += of_pair @ (sigma * at) ** 2
                sums.touched |= ((size > 0) & (used > 0) & (of_pair > 0)[:, None]).any(axis=0)

            shared = self.over_actions(
                sigma * (later[:, None] + first[:, None] * (at + first[:, None])) + first[:, None] * apart + coming
            )
            rest = self.over_outcomes(d**2) + decay**2 * self.over_outcomes(rest[self.after])
            y = local + mean_y
        return self._result(y, sums)

    def _result(self, y: Array, sums: _Sums) -> Result:
        mean = self.mdp.initial @ y
        sums.add_squares(y - mean, self.mdp.initial)
        sums.size += self.mdp.initial @ y**2
        depth = (self.horizon + 32) * EPS
        variance = sums.squares + sums.products
        error = (
            depth * (2 * np.sqrt(sums.squares * sums.size) + sums.squares + sums.product_sizes) + depth**2 * sums.size
        )
        lost = (error > PROMISE * variance) & (variance > error)
        if lost.any():
            k = int(np.argmax(lost))
            raise ValueError(
                f"the variance of {entry(k, self.theta_shape)} is lost in rounding: it is "
                f"{variance[k] / sums.size[k]:.1e} of the squares that it is the difference of, and "
                f"is right to {error[k] / variance[k]:.0e} only: take another baseline, or other weights"
            )
        variance = np.maximum(variance, 0)
        vanished = sums.touched & (variance < 1e-300) & (sums.size < 1e-270)
        known = vanished | (variance > error)
        covariance = sums.covariance
        if covariance is not None:
            covariance = (covariance + covariance.T) / 2
            np.fill_diagonal(covariance, variance)
        return unscaled(self.theta_shape, mean, variance, covariance, self.unit + self.units, known)

    def over_outcomes(self, values: Array) -> Array:
        """Σ_{a,s'} π(a|s) p(s'|s,a) x of a number for each outcome, shape (S,)."""
        return _binned(self.before, self.weight * values, self.mdp.n_states)

    def over_next(self, values: Array) -> Array:
        """Σ_{s'} p(s'|s,a) x of a number for each outcome, one for each pair."""
        return _binned(self.pair, self.p * values, len(self.pi))

    def over_pairs(self, values: Array) -> Array:
        """Σ_a π(a|s) x of a number for each pair, shape (S,)."""
        return _binned(self.state, self.pi * values, self.mdp.n_states)

    def spread(self, moment: Array) -> Array:
        """Σ_{s,a} p(s'|s,a) x(s,a) of a row for each pair, a row for each next state."""
        if self.listed:
            order = np.argsort(self.after, kind="stable")
            first = np.flatnonzero(np.diff(self.after[order], prepend=-1))
            found = np.zeros((self.mdp.n_states, moment.shape[1]))
            found[self.after[order][first]] = _added((self.p[:, None] * moment[self.pair])[order], first)
            return found
        table = np.zeros((len(self.pi), self.mdp.n_states))
        table[self.pair, self.after] = self.p
        return table.T @ moment

    def expect(self, weights: Array, later: Array) -> Array:
        """Σ_{s'} x(s,a,s') z(s') of a weight for each outcome, a row for each pair."""
        if self.listed:
            return _added(weights[:, None] * later[self.after], self.first_outcome)
        table = np.zeros((len(self.pi), self.mdp.n_states))
        table[self.pair, self.after] = weights
        return table @ later

    def over_actions(self, moment: Array) -> Array:
        """Σ_a π(a|s) x(s,a) of a row for each pair, a row for each state."""
        found = np.zeros((self.mdp.n_states, moment.shape[1]))
        found[self.state[self.first_pair]] = _added(moment * self.pi[:, None], self.first_pair)
        return found


class _Sums:
    """What a covariance is the sum of, and its size: squares, products that may cancel them, and no more."""

    def __init__(self, n_theta: int, with_covariance: bool) -> None:
        self.squares, self.products, self.product_sizes, self.size = np.zeros((4, n_theta))
        self.touched = np.zeros(n_theta, dtype=bool)
        self.covariance = np.zeros((n_theta, n_theta)) if with_covariance else None

    def add_squares(self, rows: Array, weights: Array) -> None:
        """Σ_i w_i x_i x_iᵀ."""
        self.squares += weights @ rows**2
        if self.covariance is not None:
            self.covariance += (rows * weights[:, None]).T @ rows

    def add_products(self, left: Array, right: Array) -> None:
        """Σ_i (x_i z_iᵀ + z_i x_iᵀ)."""
        product = left * right
        self.products += 2 * product.sum(axis=0)
        self.product_sizes += 2 * np.abs(product).sum(axis=0)
        if self.covariance is not None:
            one = left.T @ right
            self.covariance += one + one.T


def _reached(mdp: TabularMDP, probabilities: Array) -> NDArray[np.bool_]:
    """The states that can be reached from the start."""
    steps = np.einsum("sa,san->sn", probabilities > 0, mdp.transition > 0)
    reached = np.asarray(mdp.initial > 0)
    while True:
        wider = reached | steps[reached].any(axis=0)
        if np.array_equal(wider, reached):
            return reached
        reached = wider


def _added(rows: Array, first: Array) -> Array:
    """Sums of consecutive rows, each from its first on."""
    if len(first) == len(rows):
        return rows
    added: Array = np.add.reduceat(rows, first, axis=0)
    return added


def _binned(numbers: NDArray[np.intp], values: Array, size: int) -> Array:
    """Sums of the values with the same number, also where there are none."""
    return np.bincount(numbers, values, size).astype(float, copy=False)


def exponents(values: Array) -> Array:
    """The least e with all |x| < 2ᵉ, along the first axis; 0 where all are 0."""
    exponents: Array = np.frexp(np.abs(values).max(axis=0, initial=0.0))[1]
    return exponents


def entry(k: int, shape: tuple[int, ...]) -> str:
    return _checks.place("g", [int(i) for i in np.unravel_index(k, shape)])


def require_covariance_fits(n_theta: int) -> None:
    _checks.require_memory(
        "the covariance",
        (n_theta, n_theta),
        "leave with_covariance out: the variances and the trace need no such table",
    )


def unscaled(
    shape: tuple[int, ...], mean: Array, variance: Array, covariance: Array | None, units: Array, known: Array
) -> Result:
    """Moments out of their units; a variance that is known must be a float then too."""
    with np.errstate(over="ignore", under="ignore"):
        mean, found = np.ldexp(mean, units), np.ldexp(variance, 2 * units)
        covariance = None if covariance is None else np.ldexp(covariance, units[:, None] + units)
    wrong = ~np.isfinite(mean) | ~np.isfinite(found) | (known & (found < _SMALLEST))
    if wrong.any():
        k = int(np.argmax(wrong))
        size = math.log10(variance[k]) if variance[k] > 0 else -300
        raise ValueError(
            f"the variance of {entry(k, shape)} is about 1e{size + 2 * units[k] * math.log10(2):+.0f}, which no float "
            "holds: multiply the rewards by a number that brings the gradient near 1, or move theta nearer to 0"
        )
    return mean.reshape(shape), found.reshape(shape), covariance
