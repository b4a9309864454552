"""Exercises of one gradient: reward-to-go, baselines, exact variance, generalized advantage estimation, REINFORCE."""

from pgcode.exercises.one_gradient._best_constant import best_constant
from pgcode.exercises.one_gradient._factor_of_a_batch_mean import factor_of_a_batch_mean
from pgcode.exercises.one_gradient._false_line import false_line
from pgcode.exercises.one_gradient._gae import gae
from pgcode.exercises.one_gradient._gradient_estimate import gradient_estimate
from pgcode.exercises.one_gradient._leave_one_out import leave_one_out
from pgcode.exercises.one_gradient._one_step_variance import one_step_variance
from pgcode.exercises.one_gradient._ordered_lines import ordered_lines
from pgcode.exercises.one_gradient._reward_to_go_weights import reward_to_go_weights
from pgcode.exercises.one_gradient._variance_to_go_less_whole import variance_to_go_less_whole

__all__ = [
    "best_constant",
    "factor_of_a_batch_mean",
    "false_line",
    "gae",
    "gradient_estimate",
    "leave_one_out",
    "one_step_variance",
    "ordered_lines",
    "reward_to_go_weights",
    "variance_to_go_less_whole",
]


def __dir__() -> list[str]:
    return __all__
