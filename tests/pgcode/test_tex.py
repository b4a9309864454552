"""Formulas in texts, for a terminal."""

import re

import numpy as np
import pytest

from pgcode import environments, general_form, state_action_form, step_form, trajectory_form
from pgcode._tex import without_tex
from pgcode.policies import SoftmaxPolicy


@pytest.mark.parametrize(
    ("formula", "signs"),
    [
        (r"a=b", "a = b"),
        (r"a + b - c", "a + b − c"),
        (r"-a", "−a"),
        (r"(-a)", "(−a)"),
        (r"(I - \gamma P)^{-1}", "(I − γP)⁻¹"),
        (r"V_{t+1}", "Vₜ₊₁"),
        (r"V_T", "V_T"),
        (r"P^{k - t}", "Pᵏ⁻ᵗ"),
        (r"\mathbb{P}", "ℙ"),
        (r"\mathcal{P}", "𝒫"),
        (r"\theta \leftarrow \theta + \alpha\,\nabla J", "θ ← θ + α ∇J"),
        (r"\sum_{j<k} f", "Σ_(j<k)f"),
        (r"\frac{a}{b+c}", "a/(b + c)"),
        (r"s' \sim d", "s′ ∼ d"),
        (r"\hat{g}", "ĝ"),
        (r"\nabla\log\pi_\theta(a|s)", "∇log π_θ(a|s)"),
        (r"\frac{1}{m}\sum_{i=1}^{m} \hat g_i", "1/mΣᵢ₌₁ᵐĝᵢ"),
        (r"\operatorname{tr}\Cov(\hat g)", "tr Cov(ĝ)"),
        (r"\mathbb{E}[X^2]", "𝔼[X²]"),
        (r"\mathbb{RN}", "ℝℕ"),
        (r"\{a\}", "{a}"),
        (r"\sin\vartheta", "sin ϑ"),
        (r"\lvert x\rvert \le \langle x\rangle", "|x| ≤ ⟨x⟩"),
        (r"\pi_{\text{a b}} = \text{a b c}", "π_(ab) = a b c"),
        (r"\sqrt[3]{x} + \sqrt{m} + \sqrt[n]{xy}", "∛x + √m + ⁿ√(xy)"),
    ],
)
def test_a_formula_in_signs(formula, signs):
    assert without_tex(rf"x \({formula}\) y") == f"x {signs} y"


@pytest.mark.parametrize(
    "formula",
    [
        r"\unknown{x}",
        r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
        r"x^{",
        r"x}",
        r"\hat",
        r"\frac{1}",
        r"\underbrace{a}_b",
        "{" * 3000 + "}" * 3000,
        r"\hat" * 3000 + "x",
    ],
    ids=lambda formula: formula[:12],
)
def test_a_formula_that_signs_cannot_say_stays(formula):
    assert without_tex(rf"x \({formula}\) y") == rf"x \({formula}\) y"


def test_outside_of_formulas_a_text_stays():
    assert without_tex(r"no formula, 5 \% (of it)") == r"no formula, 5 \% (of it)"


def derivations():
    policy, theta = SoftmaxPolicy(3, 2), np.zeros((3, 2))
    finite, endless = (environments.random_mdp(np.random.default_rng(0), horizon=horizon) for horizon in (2, None))
    yield trajectory_form.derivation(finite, policy, theta, n_trajectories=10)
    yield state_action_form.source_derivation(endless, policy, theta)
    yield state_action_form.restart_derivation(endless, policy, theta)
    yield state_action_form.full_derivation(endless, policy, theta)
    yield state_action_form.full_derivation(finite, policy, theta)
    yield state_action_form.average_reward_derivation(endless, policy, theta)
    yield general_form.derivation_with_sums(endless, policy, theta, theta + 1)
    yield step_form.step_derivation(endless, policy, theta, np.eye(3, 2))


def test_every_reason_reads_in_a_terminal_and_has_its_formulas_as_such():
    for derivation in derivations():
        for line in derivation:
            told = without_tex(line.reason)
            assert not re.search(r"[\\{}$]|  |\^", told), told
            assert told.endswith(".")
            outside = re.sub(r"\\\(.*?\\\)", "", line.reason)
            assert not re.search(r"[∇Σγθπμτ₀-₉ᵏ]|[A-Za-z]_\w|\b[VQJ]\b", outside), line.reason
