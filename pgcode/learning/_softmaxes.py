"""What learners on a table ask of a policy in every step, for all runs at once, each run with a θ of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pgcode._policy_checks import require_obedience
from pgcode.mdp import TabularMDP
from pgcode.policies import LinearSoftmaxPolicy, SoftmaxPolicy, TabularPolicy, _centred

__all__ = ["Softmaxes", "obedient"]

Floats = NDArray[np.float64]


def obedient(mdp: TabularMDP, policy: TabularPolicy, theta: Floats) -> Floats:
    """π_θ of each run, which must be 0 where an action is forbidden."""
    probabilities: Floats = policy.probabilities(theta)
    require_obedience(mdp, policy, probabilities)
    return probabilities


class Softmaxes:
    """A policy, with the formulas of the two softmaxes written out for what is at hand already or asked for alone.

    Of other policies the public methods are called: the tables of all states that they give are most of the work
    where one state is asked for.
    """

    def __init__(self, mdp: TabularMDP, policy: TabularPolicy) -> None:
        self.mdp, self.policy = mdp, policy
        plain = mdp.allows_all and policy.allowed is None
        self.tabular = plain and type(policy) is SoftmaxPolicy
        self.features = policy.features if plain and type(policy) is LinearSoftmaxPolicy else None
        self.each_action = np.arange(mdp.n_actions)[:, None]
        self.written_out = self.tabular or self.features is not None
        # The runs are the last axis while something is computed: then NumPy works on long pieces of memory.
        self.by_state = None if self.features is None else np.ascontiguousarray(self.features.transpose(2, 1, 0))

    def probabilities(self, theta: Floats, state: NDArray[np.intp]) -> Floats:
        """Return π(·|s) of each run, shape (n_runs, n_actions)."""
        if not self.written_out:
            return obedient(self.mdp, self.policy, theta.copy())[np.arange(state.size), state]
        return self._by_action(theta, state, self._seen(state)).T

    def score(self, theta: Floats, state: NDArray[np.intp], action: NDArray[np.intp]) -> Floats:
        """Return ∇log π(a|s) of each run, shape (n_runs, *θ)."""
        if self.written_out:
            seen = self._seen(state)
            centred: Floats = (self.each_action == action) - self._by_action(theta, state, seen)
            if seen is not None:
                return np.add.reduce(centred * seen, axis=1).T
            score = np.zeros_like(theta)
            score[np.arange(state.size), state] = centred.T
            return score
        taken = np.zeros((state.size, self.mdp.n_states, self.mdp.n_actions))
        taken[np.arange(state.size), state, action] = 1
        weighted: Floats = self.policy.weighted_score(theta.copy(), taken)
        return weighted

    def _seen(self, state: NDArray[np.intp]) -> Floats | None:
        """The features of each run's state, shape (n_features, n_actions, n_runs), where there are some."""
        return None if self.by_state is None else self.by_state.take(state, axis=2)

    def _by_action(self, theta: Floats, state: NDArray[np.intp], seen: Floats | None) -> Floats:
        """π(·|s) of each run by one of the two formulas, shape (n_actions, n_runs)."""
        if seen is None:
            table = np.ascontiguousarray(theta[np.arange(state.size), state].T)
        else:
            table = np.add.reduce(seen * theta.T[:, None])
        table -= np.maximum.reduce(table)
        np.exp(table, out=table)
        table /= np.add.reduce(table)
        return table

    def summed_scores(self, theta: Floats, probabilities: Floats, weights: Floats) -> Floats:
        """Return Σ_{s,a} w(s,a) ∇log π(a|s) of each run, whose π is at hand; shape (n_runs, *θ)."""
        if self.written_out:
            centred = _centred(weights, probabilities)
            return centred if self.features is None else np.tensordot(centred, self.features, axes=2)
        sums: Floats = self.policy.weighted_score(theta.copy(), weights)
        return sums
