"""What the page "Both derivations on one page" says is so."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from pgcode.derivation import Derivation, LinkedDerivation, Verdict
from pgcode.displays import Comparison
from pgcode.environments import shuttle, shuttle_policy
from pgcode.oracles import complex_step
from pgcode.state_action_form import source_derivation
from pgcode.values import objective, stationary_distribution

ROOT = Path(__file__).parents[2]
PAGE = "start/both-derivations"


@pytest.fixture(scope="module")
def names(chapter):
    return chapter(PAGE)


@pytest.fixture(scope="module")
def ledgers(names) -> list[LinkedDerivation]:
    return [shown for shown in names.shown if isinstance(shown, LinkedDerivation)]


def verdicts(ledger: Derivation) -> dict[str, str]:
    return {label: check.verdict.word for label, check in ledger.checks.items()}


# ---- the sources, whole --------------------------------------------------------------------------------------------


def test_every_line_of_both_sources_stands_there_once(ledgers):
    a, b, proof = (list(verdicts(ledger.derivation)) for ledger in ledgers)
    assert a == [f"A{number}" for number in range(1, 16)]
    assert b == [*[f"B{number}" for number in range(1, 11)], "B10 = ∇J", "B11"]
    assert proof == ["T1", "T2", "T3", "T4", "T6", "T8"]


def test_every_line_leads_to_its_section_and_each_doubtful_one_to_an_erratum(ledgers):
    for ledger in ledgers:
        assert all("place" in line for line in ledger.data["lines"])
        for line in ledger.data["lines"]:
            assert line["verdict"] not in ("false", "estimate") or line["errata"]


def test_source_a_is_right_but_for_one_sign(ledgers):
    words = verdicts(ledgers[0].derivation)
    assert {label for label, word in words.items() if word not in ("exact", "start")} == {"A8", "A15"}
    assert words["A8"] == words["A15"] == "estimate"
    assert all("=" in ledgers[0].derivation[label].formula for label in ("A8", "A15"))


def test_what_b5_and_b6_are_on_the_shuttle(names):
    """With preferences of its own in each station the long run moves; with the one parameter it does not."""
    assert names["B5"].tolist() == pytest.approx([1, 1], abs=1e-12)
    assert names["B6"].tolist() == pytest.approx([1 / 4, 3 / 4], abs=1e-12)
    moves = [
        complex_step(lambda at, case=case: stationary_distribution(shuttle(), case, at), np.zeros(case.theta_shape))
        for case in (names["both"], names["one"])
    ]
    assert [np.abs(slope).max() > 0.1 for slope in moves] == [True, False]
    shared = source_derivation(shuttle(), names["one"], np.zeros(1))
    assert shared["B6"].value == pytest.approx(shared["B5"].value / 2)


def test_source_b_is_false_in_three_places(ledgers):
    ledger = ledgers[1].derivation
    assert ledger.false_lines == ["B6", "B9", "B10 = ∇J"]
    assert ledger["B5"].value.ravel().tolist() == pytest.approx([-1, 1, -1, 1], abs=1e-12)


def squeezed(formula: str) -> str:
    """A formula without what changes its looks alone."""
    formula = re.sub(r"\\(textstyle|displaystyle|quad|big|Big|left|right|,|;)(?![A-Za-z])", "", formula)
    formula = formula.replace(r"\vert", "|").replace(r"\mid", "|").replace(r"\log", "log")
    return re.sub(r"[\s{}*]", "", formula).replace("_τ", r"_\tau")


def test_the_formulas_are_those_of_the_sources(ledgers):
    """As somebody reads them who has the texts beside the page: signs, bars, indices and equals signs."""
    a, b = ledgers[0].derivation, ledgers[1].derivation
    printed = {
        "A3": r"= \sum_\tau \nabla_\theta P(\tau;\theta)R(\tau)",
        "A8": r"\nabla_{\theta} J(\theta) = \frac{1}{m} \sum_{i=1}^{m} \nabla_{\theta} \log P(\tau^{(i)};\theta)"
        r" R(\tau^{(i)})",
        "A13": r"\nabla_{\theta} \log P(\tau^{(i)};\theta) = \sum_{t=0}^{H} \nabla_{\theta} \log \pi_{\theta}"
        r"(a_t^{(i)} \mid s_t^{(i)})",
        "A15": r"\nabla_{\theta} J(\theta) = \hat{g} = \frac{1}{m} \sum_{i=1}^{m} \sum_{t=0}^{H} \nabla_{\theta}"
        r" \log \pi_{\theta}(a_t^{(i)} \mid s_t^{(i)}) R(\tau^{(i)})",
    }
    for label, formula in printed.items():
        assert squeezed(a[label].formula) == squeezed(formula), label
    assert a["A13"].formula == a["A14"].formula  # the source prints the result of A14 twice
    # B9 has lost an integral, B10 says nothing of states
    assert b["B8"].formula.count(r"\int") == 2
    assert b["B9"].formula.count(r"\int") == 1
    assert r"\mathbb P" not in b["B10"].formula


# ---- the proof -----------------------------------------------------------------------------------------------------


def test_the_six_lines_hold(ledgers, names):
    ledger = ledgers[2].derivation
    assert ledger.false_lines == []
    assert [check.verdict for check in ledger.checks.values()] == [Verdict.START] + [Verdict.EXACT] * 5
    assert ledger["T1"].value.ravel().tolist() == pytest.approx([3 / 2, 5 / 2], abs=1e-12)


def test_the_numbers_by_hand(names):
    assert np.abs(names["V"] - [2, 6]).max() < 1e-12
    assert np.abs(names["Q"] - [[1, 3], [3, 9]]).max() < 1e-12
    assert np.abs(names["g"] - [1 / 2, 3 / 2]).max() < 1e-12
    assert np.abs(names["visits"] - [3 / 2, 1 / 2]).max() < 1e-12
    slope = complex_step(lambda at: objective(shuttle(), shuttle_policy(), at), [0.0])
    assert abs(slope[0] - 3 / 2) < 1e-12
    # by the Bellman equations of the text
    v0, v1 = 2, 6
    assert v0 == 1 / 2 * 1 / 2 * v0 + 1 / 2 * 1 / 2 * v1
    assert v1 == 1 / 2 * 1 / 2 * v1 + 1 / 2 * (8 + 1 / 2 * v0)


def test_the_shares_of_the_tree_are_those_of_its_nodes():
    """Each node at time t weighs γᵗ 2⁻ᵗ and adds g of its station; the first is station 0."""
    g, gamma = (1 / 2, 3 / 2), 1 / 2
    shares = [g[0]] + [sum((gamma / 2) ** t * g[i % 2] for i in range(2**t)) for t in range(1, 4)]
    assert shares == [1 / 2, 1 / 2, 1 / 4, 1 / 8]
    assert shares[0] + sum(gamma**t for t in range(1, 60)) == pytest.approx(3 / 2)


def test_the_first_term_alone_misses_two_thirds(names):
    exact, false = (shown for shown in names.shown if isinstance(shown, Comparison))
    assert exact.verdict is Verdict.EXACT
    assert false.verdict is Verdict.FALSE
    assert false.outcome.length_ratio == pytest.approx(1 / 3)
