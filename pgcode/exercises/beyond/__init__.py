"""Exercises beyond the sources: actions on a line, edges that move, sums that are cut, steps and their size."""

from pgcode.exercises.beyond._both_ends_of_the_mass import both_ends_of_the_mass
from pgcode.exercises.beyond._drawn_where_the_edge_moves import drawn_where_the_edge_moves
from pgcode.exercises.beyond._gaussian_score import gaussian_score
from pgcode.exercises.beyond._performance_difference import performance_difference
from pgcode.exercises.beyond._step_in_the_region import step_in_the_region
from pgcode.exercises.beyond._steps_to_keep import steps_to_keep
from pgcode.exercises.beyond._where_the_push_ends import where_the_push_ends

__all__ = [
    "both_ends_of_the_mass",
    "drawn_where_the_edge_moves",
    "gaussian_score",
    "performance_difference",
    "step_in_the_region",
    "steps_to_keep",
    "where_the_push_ends",
]


def __dir__() -> list[str]:
    return __all__
