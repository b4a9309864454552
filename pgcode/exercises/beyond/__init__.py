"""Exercises beyond the sources: actions on a line, edges that move, sums that are cut."""

from pgcode.exercises.beyond._both_ends_of_the_mass import both_ends_of_the_mass
from pgcode.exercises.beyond._drawn_where_the_edge_moves import drawn_where_the_edge_moves
from pgcode.exercises.beyond._gaussian_score import gaussian_score
from pgcode.exercises.beyond._steps_to_keep import steps_to_keep

__all__ = [
    "both_ends_of_the_mass",
    "drawn_where_the_edge_moves",
    "gaussian_score",
    "steps_to_keep",
]


def __dir__() -> list[str]:
    return __all__
