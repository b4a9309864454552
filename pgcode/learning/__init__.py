"""Learning: ascent on a known gradient, REINFORCE and actor–critic on tables and on Gymnasium, many runs at once.

With a table of the dynamics, all runs take their steps together: `reinforce` updates once after a batch of episodes,
`stepwise_reinforce` and `actor_critic` at every step, and the exact J of every θ on the way is at hand. Without a
table, `train` steps a vector environment of Gymnasium whose copies belong to the runs in equal shares, and a policy is
a small network that is written out in NumPy. It plays whole episodes; `train_on_segments` learns after so many steps,
wherever the episodes stand. `replicate` repeats any of these, or a function of your own, over seeds and over workers.

A run that you interrupt gives what it has, marked, and a run goes on from what it gave: in place of θ, give its curve.

Examples
--------
>>> import numpy as np
>>> from pgcode.environments import two_armed_bandit
>>> from pgcode.policies import SoftmaxPolicy
>>> def run(rng):
...     bandit, policy = two_armed_bandit(), SoftmaxPolicy(2, 2)
...     return reinforce(bandit, policy, np.zeros((2, 2)), step_size=0.5, n_episodes=40, n_runs=10, rng=rng)
>>> curves = replicate(run, 3, seed=0)
>>> [curve.returns.shape for curve in curves]
[(10, 40), (10, 40), (10, 40)]
"""

from pgcode.learning._actor_critic import actor_critic, stepwise_reinforce
from pgcode.learning._ascent import gradient_ascent, natural_ascent, natural_gradient, trust_region_step
from pgcode.learning._critics import Critic, NetworkCritic
from pgcode.learning._curves import LearningCurve, SegmentCurve, TrainingCurve
from pgcode.learning._networks import MLP, GaussianNetwork, NetworkPolicy, SoftmaxNetwork
from pgcode.learning._optimisers import SGD, Adam
from pgcode.learning._reinforce import reinforce
from pgcode.learning._replicate import Replications, replicate
from pgcode.learning._segments import train_on_segments
from pgcode.learning._train import train

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "Critic",
    "GaussianNetwork",
    "LearningCurve",
    "NetworkCritic",
    "NetworkPolicy",
    "Replications",
    "SegmentCurve",
    "SoftmaxNetwork",
    "TrainingCurve",
    "actor_critic",
    "gradient_ascent",
    "natural_ascent",
    "natural_gradient",
    "reinforce",
    "replicate",
    "stepwise_reinforce",
    "train",
    "train_on_segments",
    "trust_region_step",
]
