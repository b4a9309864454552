"""Exercises of the trajectory form: scores, importance ratios, the exact gradient, its estimate, REINFORCE."""

from pgcode.exercises.trajectory_form._bias_statistic import bias_statistic
from pgcode.exercises.trajectory_form._error_parts import error_parts
from pgcode.exercises.trajectory_form._estimate_and_error import estimate_and_error
from pgcode.exercises.trajectory_form._estimate_from_one_pull import estimate_from_one_pull
from pgcode.exercises.trajectory_form._factor_of_the_standard_error import factor_of_the_standard_error
from pgcode.exercises.trajectory_form._false_line import false_line
from pgcode.exercises.trajectory_form._gradient_by_listing import gradient_by_listing
from pgcode.exercises.trajectory_form._importance_ratio import importance_ratio
from pgcode.exercises.trajectory_form._mean_at_the_edge import mean_at_the_edge
from pgcode.exercises.trajectory_form._objective_to_gradient import objective_to_gradient
from pgcode.exercises.trajectory_form._one_update_by_hand import one_update_by_hand
from pgcode.exercises.trajectory_form._ordered_lines import ordered_lines
from pgcode.exercises.trajectory_form._reinforce_update import reinforce_update
from pgcode.exercises.trajectory_form._softmax_score import softmax_score
from pgcode.exercises.trajectory_form._trajectory_score import trajectory_score
from pgcode.exercises.trajectory_form._two_looks import two_looks
from pgcode.exercises.trajectory_form._walks_needed import walks_needed
from pgcode.exercises.trajectory_form._world_that_reads_the_policy import world_that_reads_the_policy

__all__ = [
    "bias_statistic",
    "error_parts",
    "estimate_and_error",
    "estimate_from_one_pull",
    "factor_of_the_standard_error",
    "false_line",
    "gradient_by_listing",
    "importance_ratio",
    "mean_at_the_edge",
    "objective_to_gradient",
    "one_update_by_hand",
    "ordered_lines",
    "reinforce_update",
    "softmax_score",
    "trajectory_score",
    "two_looks",
    "walks_needed",
    "world_that_reads_the_policy",
]


def __dir__() -> list[str]:
    return __all__
