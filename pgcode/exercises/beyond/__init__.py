"""Exercises beyond the sources: actions on a line, edges that move, sums that are cut, steps, and others' data."""

from pgcode.exercises.beyond._both_ends_of_the_mass import both_ends_of_the_mass
from pgcode.exercises.beyond._drawn_where_the_edge_moves import drawn_where_the_edge_moves
from pgcode.exercises.beyond._gaussian_score import gaussian_score
from pgcode.exercises.beyond._per_decision_weights import per_decision_weights
from pgcode.exercises.beyond._performance_difference import performance_difference
from pgcode.exercises.beyond._silent_gradient import silent_gradient
from pgcode.exercises.beyond._step_in_the_region import step_in_the_region
from pgcode.exercises.beyond._steps_to_keep import steps_to_keep
from pgcode.exercises.beyond._visits_after_the_data import visits_after_the_data
from pgcode.exercises.beyond._walks_that_are_left import walks_that_are_left
from pgcode.exercises.beyond._where_the_push_ends import where_the_push_ends

__all__ = [
    "both_ends_of_the_mass",
    "drawn_where_the_edge_moves",
    "gaussian_score",
    "per_decision_weights",
    "performance_difference",
    "silent_gradient",
    "step_in_the_region",
    "steps_to_keep",
    "visits_after_the_data",
    "walks_that_are_left",
    "where_the_push_ends",
]


def __dir__() -> list[str]:
    return __all__
