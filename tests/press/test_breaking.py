"""Where a long formula may break."""

import numpy as np
import pytest

from pgcode import environments, general_form, state_action_form, step_form, trajectory_form
from pgcode.policies import SoftmaxPolicy
from press import formulas
from press.outputs.breaking import breakable


@pytest.mark.parametrize(
    ("formula", "pieces"),
    [
        ("x + y", ["x + y"]),
        (r"\nabla J(\theta) = \sum_t a_t b_t", [r"\nabla J(\theta)", r"{} = \sum_t a_t b_t"]),
        ("= a b c d e f + g", ["= a b c d e f", "{} + g"]),
        ("f(a b c d e + g) h", ["f(a b c d e + g) h"]),
        (r"\frac{a b c d e + f}{g = h}", [r"\frac{a b c d e + f}{g = h}"]),
        (r"\big[ a b c d e + f \big] - g", [r"\big[ a b c d e + f \big]", "{} - g"]),
        (r"= \nabla\Big[ a b c d + e f \Big]", [r"= \nabla\Big[ a b c d", r"{} + e f \Big]"]),
        (r"\log\Big[ a(b)\,c(d) \Big]\,e", [r"\log\Big[ a(b)\,", r"{} c(d) \Big]\,e"]),
        (r"\log\Big[ -a(b + c d e f + g) \Big]", [r"\log\Big[ -a(b + c d e f + g) \Big]"]),
        (r"\Big[ \frac{a b c d e + f}{g\,h} \Big]", [r"\Big[ \frac{a b c d e + f}{g\,h} \Big]"]),
        (r"\left( a b c d e + f \right) - g", [r"\left( a b c d e + f \right)", "{} - g"]),
        ("a b c d e f = -g", ["a b c d e f", "{} = -g"]),
        ("a b c d e f^+ g_- h", ["a b c d e f^+ g_- h"]),
        (r"\begin{aligned} a b c d &= e \end{aligned}", [r"\begin{aligned} a b c d &= e \end{aligned}"]),
    ],
)
def test_pieces_begin_at_signs_outside_of_brackets_that_are_not_tall(formula, pieces):
    assert breakable(formula) == pieces


def test_nothing_is_lost():
    formula = r"= \sum_t \gamma^t \E\big[f(s_t) + g\big] + \sum_t \gamma^t (h - k) \le \left[a + b\right]"
    assert "".join(breakable(formula)).replace("{} ", "").replace(" ", "") == formula.replace(" ", "")


@pytest.mark.skipif(not formulas.is_available(), reason="MathJax is not fetched: make vendor")
def test_each_piece_of_each_ledger_is_a_formula():
    policy, theta = SoftmaxPolicy(3, 2), np.zeros((3, 2))
    finite, endless = (environments.random_mdp(np.random.default_rng(0), horizon=horizon) for horizon in (2, None))
    macros = {"E": r"\operatorname{\mathbb{E}}", "Var": "V", "Cov": "C", "Prob": r"\Pr", "R": "R", "argmax": "A"}
    typesetter = formulas.Typesetter(macros, 1.1)
    for derivation in (
        trajectory_form.derivation(finite, policy, theta, n_trajectories=10),
        state_action_form.source_derivation(endless, policy, theta),
        state_action_form.full_derivation(endless, policy, theta),
        state_action_form.average_reward_derivation(endless, policy, theta),
        general_form.derivation_with_sums(endless, policy, theta, theta + 1),
        step_form.step_derivation(endless, policy, theta, np.eye(3, 2)),
    ):
        for line in derivation:
            for piece in breakable(line.formula):
                assert "mjx-container" in typesetter.set(piece, display=False)
    typesetter.close()
