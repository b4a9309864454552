"""The exact mean and covariance of a policy-gradient estimator from one trajectory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode.estimators import trajectory_gradients
from pgcode.mdp import TabularMDP
from pgcode.policies import Policy
from pgcode.trajectories import Trajectories, enumerate_trajectories

__all__ = ["Moments", "enumerated_moments"]


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and covariance of the gradient g of one trajectory.

    The mean of m independent ones has the same mean and the covariance divided by m.

    Attributes
    ----------
    mean : array, shape (*θ,)
        E[g].
    covariance : array, shape (|θ|, |θ|)
        Cov[g], θ flattened.
    """

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @property
    def standard_deviation(self) -> NDArray[np.float64]:
        """√Var g for each component, shape (*θ,)."""
        deviation: NDArray[np.float64] = np.sqrt(np.maximum(np.diag(self.covariance), 0))
        return deviation.reshape(self.mean.shape)


def enumerated_moments(
    mdp: TabularMDP, policy: Policy, theta: ArrayLike, weights: Callable[[Trajectories], NDArray[np.float64]]
) -> Moments:
    """Mean and covariance of g = Σ_t ∇log π_θ(a_t|s_t) w_t by enumeration of all trajectories.

    E[g] = Σ_τ P(τ;θ) g(τ) and Cov[g] = Σ_τ P(τ;θ) (g(τ) − E[g])(g(τ) − E[g])ᵀ.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon and few enough trajectories to list.
    policy, theta : Policy, array
        π_θ.
    weights : callable
        From trajectories to weights (m, T), for example ``estimators.full_return``.

    Returns
    -------
    Moments

    Raises
    ------
    ValueError
        As ``enumerate_trajectories``.
    """
    trajectories, probabilities = enumerate_trajectories(mdp, policy, theta)
    gradients = trajectory_gradients(trajectories, policy, theta, weights(trajectories))
    flat = gradients.reshape(len(gradients), -1)
    mean = probabilities @ flat
    centred = flat - mean
    covariance = (centred * probabilities[:, None]).T @ centred
    return Moments(mean.reshape(policy.theta_shape), covariance)
