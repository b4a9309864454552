"""Exercises of practice: losses, masks, groups, and actions that are numbers; half of them repair a broken program."""

from pgcode.exercises.practice._advantages_with_cuts import advantages_with_cuts
from pgcode.exercises.practice._cheapest_question import cheapest_question
from pgcode.exercises.practice._clipped_ratio_slope import clipped_ratio_slope
from pgcode.exercises.practice._curve_to_report import curve_to_report
from pgcode.exercises.practice._entropy_slope import entropy_slope
from pgcode.exercises.practice._exact_mean_of_pairs import exact_mean_of_pairs
from pgcode.exercises.practice._group_weights import group_weights
from pgcode.exercises.practice._honest_divisor import honest_divisor
from pgcode.exercises.practice._line_behind_a_verdict import line_behind_a_verdict
from pgcode.exercises.practice._line_that_only_calms import line_that_only_calms
from pgcode.exercises.practice._log_softmax import log_softmax
from pgcode.exercises.practice._mean_over_one_walk import mean_over_one_walk
from pgcode.exercises.practice._ordered_update import ordered_update
from pgcode.exercises.practice._penalised_rewards import penalised_rewards
from pgcode.exercises.practice._pull_of_a_bound import pull_of_a_bound
from pgcode.exercises.practice._recipe_in_three_choices import recipe_in_three_choices
from pgcode.exercises.practice._runs_of_a_seed import runs_of_a_seed
from pgcode.exercises.practice._scaled_step import scaled_step
from pgcode.exercises.practice._seeds_needed import seeds_needed
from pgcode.exercises.practice._squashed_log_density import squashed_log_density
from pgcode.exercises.practice._surrogate_loss import surrogate_loss
from pgcode.exercises.practice._surrogate_value import surrogate_value
from pgcode.exercises.practice._target_at_a_cut import target_at_a_cut
from pgcode.exercises.practice._throttle_estimate import throttle_estimate
from pgcode.exercises.practice._weight_of_a_hard_question import weight_of_a_hard_question

__all__ = [
    "advantages_with_cuts",
    "cheapest_question",
    "clipped_ratio_slope",
    "curve_to_report",
    "entropy_slope",
    "exact_mean_of_pairs",
    "group_weights",
    "honest_divisor",
    "line_behind_a_verdict",
    "line_that_only_calms",
    "log_softmax",
    "mean_over_one_walk",
    "ordered_update",
    "penalised_rewards",
    "pull_of_a_bound",
    "recipe_in_three_choices",
    "runs_of_a_seed",
    "scaled_step",
    "seeds_needed",
    "squashed_log_density",
    "surrogate_loss",
    "surrogate_value",
    "target_at_a_cut",
    "throttle_estimate",
    "weight_of_a_hard_question",
]


def __dir__() -> list[str]:
    return __all__
