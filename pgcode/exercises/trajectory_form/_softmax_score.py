"""The score of a softmax."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises.chapters import DYNAMICS_DROP_OUT, LIKELIHOOD_RATIO

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _chosen_actions(rng: Generator) -> Arguments:
    for n_states, n_actions in ((3, 2), (2, 4), (4, 3)):
        pi = rng.dirichlet(np.ones(n_actions), size=n_states)
        yield pi, int(rng.integers(n_states)), int(rng.integers(n_actions))


@function_exercise(
    title="The score of a softmax",
    cases=_chosen_actions,
    shows="The chosen action is pushed up by 1 − π(a|s), the others are pushed down by their probabilities, and other "
    "states do not move. The entries sum to 0.",
    hints=[
        "log π(a|s) = θ(s,a) − log Σ_a' exp θ(s,a'). Differentiate both terms by θ(s,a').",
        "The second term gives −π(a'|s) for every action a' of this state, and nothing for other states.",
        "Begin with zeros of the shape of `pi`, write −π into the row of the state, and add 1 at the chosen action.",
    ],
    see=DYNAMICS_DROP_OUT.section("The score of a softmax policy"),
)
def softmax_score(pi: Array, state: int, action: int) -> Any:
    """Return ∇_θ log π(action|state), of the shape of θ and π."""
    score = np.zeros(pi.shape)
    score[state] = -pi[state]
    score[state, action] += 1
    return score


@softmax_score.misconception()
def normaliser_forgotten(pi: Array, state: int, action: int) -> Any:
    """You differentiated θ(s,a) alone.

    The normaliser Σ_a' exp θ(s,a') depends on θ too: its logarithm gives −π(a'|s) for each action a' of the state.
    """
    score = np.zeros(pi.shape)
    score[state, action] = 1
    return score


@softmax_score.misconception()
def score_with_the_wrong_sign(pi: Array, state: int, action: int) -> Any:
    """You have the opposite sign.

    A larger preference for an action makes it more probable: the entry of the chosen action is 1 − π(a|s), positive.
    """
    score = np.zeros(pi.shape)
    score[state] = pi[state]
    score[state, action] -= 1
    return score


@softmax_score.misconception(see=LIKELIHOOD_RATIO.section("A6: the ratio is the gradient of a logarithm"))
def gradient_of_the_probability(pi: Array, state: int, action: int) -> Any:
    """You differentiated the probability in place of its logarithm.

    The score is ∇ log π = ∇π / π: divide by π(a|s).
    """
    score = np.zeros(pi.shape)
    score[state] = -pi[state] * pi[state, action]
    score[state, action] += pi[state, action]
    return score


@softmax_score.misconception()
def all_states_pushed(pi: Array, state: int, action: int) -> Any:
    """You filled the rows of all states.

    The action was chosen in one state, and the preferences of the other states have no part in its probability: their
    entries are 0.
    """
    score = -pi
    score[:, action] += 1
    return score


@softmax_score.misconception()
def policy_subtracted_in_all_states(pi: Array, state: int, action: int) -> Any:
    """You subtracted the probabilities of all states.

    The action was chosen in one state, and the preferences of the other states have no part in its probability: their
    entries are 0. The row of the state is right.
    """
    score = -pi
    score[state, action] += 1
    return score


@softmax_score.misconception()
def row_of_the_state_alone(pi: Array, state: int, action: int) -> Any:
    """You returned the row of the state alone.

    Its entries are right. The score has one entry for each entry of θ: put the row into a table of zeros.
    """
    score = -pi[state]
    score[action] += 1
    return score


@softmax_score.misconception()
def chosen_action_forgotten(pi: Array, state: int, action: int) -> Any:
    """You differentiated the normaliser alone.

    It gives −π(a'|s) for every action a' of the state. The first term of log π(a|s), which is θ(s,a), gives 1 more at
    the action that was chosen.
    """
    score = np.zeros(pi.shape)
    score[state] = -pi[state]
    return score


@softmax_score.misconception()
def one_written_over(pi: Array, state: int, action: int) -> Any:
    """You wrote 1 over the entry of the chosen action.

    The 1 is added to the −π(a|s) that stands there, which gives 1 − π(a|s): write `+=` in place of `=`.
    """
    score = np.zeros(pi.shape)
    score[state] = -pi[state]
    score[state, action] = 1
    return score


@softmax_score.misconception()
def transposed_score(pi: Array, state: int, action: int) -> Any:
    """You returned the table transposed.

    The first axis of θ is the state, the second the action.
    """
    score = np.zeros(pi.shape)
    score[state] = -pi[state]
    score[state, action] += 1
    return score.T


@softmax_score.misconception()
def only_the_chosen_entry(pi: Array, state: int, action: int) -> Any:
    """You filled the entry of the chosen action alone.

    What the chosen action gains, the other actions of the state lose: their entries are −π(a'|s).
    """
    score = np.zeros(pi.shape)
    score[state, action] = 1 - pi[state, action]
    return score


@softmax_score.made_of
def _made(
    pi: Array,
    state: int,
    action: int,
    *,
    chosen: Callable[[float], float] = lambda p: 1 - p,
    others: Callable[[Array, float], Array] = lambda row, p: -row,
    factor: Callable[[float], float] = lambda p: 1.0,
) -> Any:
    score = np.zeros(pi.shape)
    score[state] = others(pi[state], pi[state, action])
    score[state, action] = chosen(pi[state, action])
    return factor(pi[state, action]) * score


softmax_score.variation("only the chosen entry", others=lambda row, p: np.zeros(len(row)))
softmax_score.variation("gradient of the probability", factor=lambda p: p)
softmax_score.variation("score with the wrong sign", factor=lambda p: -1.0)
softmax_score.variation("one written over", chosen=lambda p: 1.0)
softmax_score.variation("chosen action forgotten", chosen=lambda p: -p)
softmax_score.variation(
    "sign of the other actions",
    "The other actions of the state have the entries +π(a'|s). They are −π(a'|s): what one gains the others lose.",
    others=lambda row, p: row,
)
softmax_score.variation(
    "probability of the chosen action for all",
    "Every other action is pushed down by π(a|s), the probability of the chosen one. Each is by its own, π(a'|s).",
    others=lambda row, p: np.full(len(row), -p),
)
softmax_score.variation(
    "divided by the probability once more",
    "The score is divided by π(a|s). ∇π / π is the score, and ∇π has the factor π(a|s) already.",
    factor=lambda p: 1 / p,
)
softmax_score.variation(
    "one less each probability",
    "All actions have the entry 1 − π(a'|s). The 1 belongs to the action that was chosen.",
    others=lambda row, p: 1 - row,
)


@softmax_score.misconception(see=LIKELIHOOD_RATIO.section("A6: the ratio is the gradient of a logarithm"))
def one_over_pi(pi: Array, state: int, action: int) -> Any:
    """The entry of the chosen action is 1/π(a|s), and the others are 0.

    1/π is the derivative of log π by π. The chain rule goes on to θ, and there the normaliser counts too.
    """
    score = np.zeros(pi.shape)
    score[state, action] = 1 / pi[state, action]
    return score


@softmax_score.misconception()
def logarithm_for_its_derivative(pi: Array, state: int, action: int) -> Any:
    """The entry of the chosen action is log π(a|s) itself.

    What is asked for is its derivative by each θ(s,a').
    """
    score = np.zeros(pi.shape)
    score[state, action] = np.log(pi[state, action])
    return score


@softmax_score.misconception()
def column_of_the_action(pi: Array, state: int, action: int) -> Any:
    """The column of the action is filled, in all states.

    The normaliser runs over the actions of one state: the row of that state is filled.
    """
    score = np.zeros(pi.shape)
    score[:, action] = -pi[:, action]
    score[state, action] += 1
    return score


@softmax_score.also_right
def _one_row(pi: Array, state: int, action: int) -> Array:
    """The row of the state, 1 at the action less π."""
    score = np.zeros(pi.shape)
    score[state] = (np.arange(pi.shape[1]) == action) - pi[state]
    return score
