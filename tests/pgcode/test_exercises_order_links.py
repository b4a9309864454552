"""The link below a wrong order leads to the sentence or formula that explains this very mistake."""

import importlib
import pkgutil

import pytest
from explained import section

import pgcode.exercises
from pgcode.exercises._order import OrderExercise

#: Words of the section that explains a mistake, by the exercise and the name of the mistake.
EXPLAINED = {
    "trajectory_form.objective_to_gradient": {
        "the return differentiated": "what the walk paid, it paid",
        "an estimate among equalities": "The mean of $m$ such returns is an estimate",
        "the gradient of a product as a product of gradients": "is a number that belongs to $\\tau$",
    },
    "trajectory_form.ordered_lines": {
        "the return differentiated": "is a number that belongs to $\\tau$",
        "probability for log-probability": "each of them a product of all the others",
        "the weight of the trajectory lost": "The terms of A3 carry no probability in front",
        "an estimate for an equality": "no equals sign can stand between them",
        "logarithm without its reason": "The terms of A3 carry no probability in front",
        "gradients before the sum is split": "The gradient of a finite sum is the sum of the gradients",
    },
    "state_action_form.ordered_lines": {
        "the gradient of Q dropped": "Both factors contain $\\theta$",
        "the dynamics differentiated": "neither $r$ nor $p$ contains $\\theta$",
        "stationary for visitation": "= \\sum_t \\gamma^t p_t = d_\\gamma",
        "the start for all visits": "one more step of the future is written out",
        "the discount lost": "plus the discounted changes at the next states",
        "recursion before the bellman equation": "The change of $Q$ is handed on to the next state",
        "objective first": "(I - \\gamma P_\\pi)^{-1}",
        "objective and theorem first": "(I - \\gamma P_\\pi)^{-1}",
    },
    "one_gradient.ordered_lines": {
        "the weight of the actions lost": "\\sum_a \\pi_\\theta(a|s_t)\\,\\frac",
        "the score of one decision for the whole": "only one factor contains $\\theta^{(t)}$",
        "probability for log-probability": "\\frac{\\nabla\\pi_\\theta(a|s_t)}{\\pi_\\theta(a|s_t)}",
        "the gradient lost": "\\nabla 1 = 0",
        "number before the history is fixed": "In the first step $f(h_t)$ is a number and comes out",
        "gradient of the sum too early": "\\nabla\\sum_a \\pi_\\theta(a|s_t)",
        "two changes in one step": "In the first step $f(h_t)$ is a number and comes out",
    },
    "practice.ordered_update": {
        "critic fitted before its values are used": "A table that is fitted to the walk itself takes a part of $G_t$",
        "critic that has seen the walk": "A table that is fitted to the walk itself takes a part of $G_t$",
        "old probabilities taken after the step": "whose denominator is a number that was stored",
        "critic differentiated with the policy": "In the first term $\\hat V$ must be held",
        "advantages of nothing": "The states, actions and weights are numbers, from walks that were drawn at $\\theta$",
    },
}


def orders():
    """All exercises that ask for an order, by part and name."""
    found = {}
    for part in pkgutil.iter_modules(pgcode.exercises.__path__):
        if part.ispkg:
            module = importlib.import_module(f"pgcode.exercises.{part.name}")
            found |= {f"{part.name}.{name}": getattr(module, name) for name in module.__all__}
    return {name: exercise for name, exercise in found.items() if isinstance(exercise, OrderExercise)}


def mistakes(exercise):
    """All mistakes that an order is told, by name."""
    known = [*exercise.decoys.values(), *(misconception.mistake for misconception in exercise.misconceptions)]
    return {mistake.name: mistake for mistake in known}


def test_every_mistake_of_every_order_has_its_words():
    assert {name: set(told) for name, told in EXPLAINED.items()} == {
        name: set(mistakes(exercise)) for name, exercise in orders().items()
    }


@pytest.mark.parametrize(("name", "mistake"), [(name, mistake) for name in EXPLAINED for mistake in EXPLAINED[name]])
def test_the_link_explains_the_mistake(name, mistake):
    exercise = orders()[name]
    see = mistakes(exercise)[mistake].see or exercise.see
    assert EXPLAINED[name][mistake] in section(see), f"{see} does not say it"
