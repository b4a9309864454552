"""Exercises of one gradient: reward-to-go, baselines, exact variance, generalized advantage estimation, REINFORCE."""

from pgcode.exercises.one_gradient._best_constant import best_constant
from pgcode.exercises.one_gradient._claimed_gain import claimed_gain
from pgcode.exercises.one_gradient._factor_of_a_batch_mean import factor_of_a_batch_mean
from pgcode.exercises.one_gradient._false_line import false_line
from pgcode.exercises.one_gradient._field_without_power import field_without_power
from pgcode.exercises.one_gradient._gae import gae
from pgcode.exercises.one_gradient._gradient_estimate import gradient_estimate
from pgcode.exercises.one_gradient._leave_one_out import leave_one_out
from pgcode.exercises.one_gradient._mean_over_steps import mean_over_steps
from pgcode.exercises.one_gradient._one_step_variance import one_step_variance
from pgcode.exercises.one_gradient._ordered_lines import ordered_lines
from pgcode.exercises.one_gradient._reward_to_go_weights import reward_to_go_weights
from pgcode.exercises.one_gradient._table_guarantee import table_guarantee
from pgcode.exercises.one_gradient._table_is_uphill import table_is_uphill
from pgcode.exercises.one_gradient._variance_to_go_less_whole import variance_to_go_less_whole
from pgcode.exercises.one_gradient._wait_that_misleads import wait_that_misleads

__all__ = [
    "best_constant",
    "claimed_gain",
    "factor_of_a_batch_mean",
    "false_line",
    "field_without_power",
    "gae",
    "gradient_estimate",
    "leave_one_out",
    "mean_over_steps",
    "one_step_variance",
    "ordered_lines",
    "reward_to_go_weights",
    "table_guarantee",
    "table_is_uphill",
    "variance_to_go_less_whole",
    "wait_that_misleads",
]


def __dir__() -> list[str]:
    return __all__
