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

    def probabilities(self, theta: Floats, state: NDArray[np.intp]) -> Floats:
        """Return π(·|s) of each run, shape (n_runs, n_actions)."""
        if self.tabular:
            preferences = theta[np.arange(state.size), state]
        elif self.features is not None:
            preferences = (self.features[state] @ theta[:, :, None])[..., 0]
        else:
            return obedient(self.mdp, self.policy, theta.copy())[np.arange(state.size), state]
        weights = np.exp(preferences - preferences.max(axis=1, keepdims=True))
        probabilities: Floats = weights / weights.sum(axis=1, keepdims=True)
        return probabilities

    def score(self, theta: Floats, state: NDArray[np.intp], action: NDArray[np.intp]) -> Floats:
        """Return ∇log π(a|s) of each run, shape (n_runs, *θ)."""
        each = np.arange(state.size)
        if self.tabular or self.features is not None:
            centred = -self.probabilities(theta, state)
            centred[each, action] += 1
            if self.features is not None:
                return (centred[:, None, :] @ self.features[state])[:, 0]
            score = np.zeros_like(theta)
            score[each, state] = centred
            return score
        taken = np.zeros((state.size, self.mdp.n_states, self.mdp.n_actions))
        taken[each, state, action] = 1
        weighted: Floats = self.policy.weighted_score(theta.copy(), taken)
        return weighted

    def summed_scores(self, theta: Floats, probabilities: Floats, weights: Floats) -> Floats:
        """Return Σ_{s,a} w(s,a) ∇log π(a|s) of each run, whose π is at hand; shape (n_runs, *θ)."""
        if self.tabular or self.features is not None:
            centred = _centred(weights, probabilities)
            return centred if self.features is None else np.tensordot(centred, self.features, axes=2)
        sums: Floats = self.policy.weighted_score(theta.copy(), weights)
        return sums
