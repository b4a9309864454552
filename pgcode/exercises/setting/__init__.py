"""Exercises of the setting: returns, policies, trajectories, the objective and gradient ascent."""

from pgcode.exercises.setting._array_for_a_story import array_for_a_story
from pgcode.exercises.setting._climb_that_rests import climb_that_rests
from pgcode.exercises.setting._discounted_return import discounted_return
from pgcode.exercises.setting._expected_return import expected_return
from pgcode.exercises.setting._fair_coin_value import fair_coin_value
from pgcode.exercises.setting._false_line import false_line
from pgcode.exercises.setting._gradient_ascent import gradient_ascent
from pgcode.exercises.setting._products_of_a_recursion import products_of_a_recursion
from pgcode.exercises.setting._softmax import softmax
from pgcode.exercises.setting._trajectory_probability import trajectory_probability
from pgcode.exercises.setting._worse_arm_slope import worse_arm_slope

__all__ = [
    "array_for_a_story",
    "climb_that_rests",
    "discounted_return",
    "expected_return",
    "fair_coin_value",
    "false_line",
    "gradient_ascent",
    "products_of_a_recursion",
    "softmax",
    "trajectory_probability",
    "worse_arm_slope",
]


def __dir__() -> list[str]:
    return __all__
