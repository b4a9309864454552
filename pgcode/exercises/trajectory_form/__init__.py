"""Exercises of the trajectory form: scores, importance ratios, the exact gradient, its estimate, REINFORCE."""

from pgcode.exercises.trajectory_form._estimate_and_error import estimate_and_error
from pgcode.exercises.trajectory_form._estimate_from_one_pull import estimate_from_one_pull
from pgcode.exercises.trajectory_form._factor_of_the_standard_error import factor_of_the_standard_error
from pgcode.exercises.trajectory_form._false_line import false_line
from pgcode.exercises.trajectory_form._gradient_by_listing import gradient_by_listing
from pgcode.exercises.trajectory_form._importance_ratio import importance_ratio
from pgcode.exercises.trajectory_form._ordered_lines import ordered_lines
from pgcode.exercises.trajectory_form._reinforce_update import reinforce_update
from pgcode.exercises.trajectory_form._trajectory_score import trajectory_score

__all__ = [
    "estimate_and_error",
    "estimate_from_one_pull",
    "factor_of_the_standard_error",
    "false_line",
    "gradient_by_listing",
    "importance_ratio",
    "ordered_lines",
    "reinforce_update",
    "trajectory_score",
]


def __dir__() -> list[str]:
    return __all__
