"""The code behind "Policy Gradients, Line by Line": exact gradients, estimators and their derivations.

Floor by floor, each importing only the floors below it:

1. ``mdp``, ``oracles``, ``derivation``: decision processes, derivatives of any function, and a
   derivation as data.
2. ``policies``: π_θ with its score.
3. ``environments``, ``trajectories``, ``values``: named processes, sampling and enumeration,
   dynamic programming.
4. ``estimators``: ĝ, a mean of weighted scores.
5. ``trajectory_form``, ``state_action_form``: the two forms of ∇J(θ) and their derivations;
   ``moments``: the exact mean and covariance of an estimator.
6. ``baselines``: that variance as a function of the baseline; ``bias``, ``learning``, ``figures``.
7. ``exercises``: exercises that know which mistake a wrong answer is.
"""

from pgcode.mdp import TabularMDP
from pgcode.policies import DirectPolicy, LinearSoftmaxPolicy, Policy, SoftmaxPolicy

__version__ = "0.1.0"
__all__ = ["DirectPolicy", "LinearSoftmaxPolicy", "Policy", "SoftmaxPolicy", "TabularMDP"]
