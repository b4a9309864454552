"""Exercises of the state–action form: values, state weights, the theorem and its proof, actor–critic."""

from pgcode.exercises.state_action_form._actor_critic_step import actor_critic_step
from pgcode.exercises.state_action_form._chain_with_a_long_run import chain_with_a_long_run
from pgcode.exercises.state_action_form._change_by_an_overrated_state import change_by_an_overrated_state
from pgcode.exercises.state_action_form._check_that_catches import check_that_catches
from pgcode.exercises.state_action_form._discounted_visitation import discounted_visitation
from pgcode.exercises.state_action_form._dropped_part import dropped_part
from pgcode.exercises.state_action_form._entry_by_hand import entry_by_hand
from pgcode.exercises.state_action_form._false_line import false_line
from pgcode.exercises.state_action_form._gradient_by_visits import gradient_by_visits
from pgcode.exercises.state_action_form._gradient_with_a_horizon import gradient_with_a_horizon
from pgcode.exercises.state_action_form._ordered_lines import ordered_lines
from pgcode.exercises.state_action_form._state_and_action_values import state_and_action_values
from pgcode.exercises.state_action_form._stationary_distribution import stationary_distribution
from pgcode.exercises.state_action_form._stationary_mean_of_values import stationary_mean_of_values
from pgcode.exercises.state_action_form._true_formula import true_formula
from pgcode.exercises.state_action_form._variance_of_a_score import variance_of_a_score

__all__ = [
    "actor_critic_step",
    "chain_with_a_long_run",
    "change_by_an_overrated_state",
    "check_that_catches",
    "discounted_visitation",
    "dropped_part",
    "entry_by_hand",
    "false_line",
    "gradient_by_visits",
    "gradient_with_a_horizon",
    "ordered_lines",
    "state_and_action_values",
    "stationary_distribution",
    "stationary_mean_of_values",
    "true_formula",
    "variance_of_a_score",
]


def __dir__() -> list[str]:
    return __all__
