"""Each mistake of a catalogue, given as an answer to the exercises where it makes sense, is told its name."""

import numpy as np
import pytest

from pgcode.exercises import Outcome, one_gradient, practice
from pgcode.exercises._catalogues import SMALL
from pgcode.mistakes import ADVANTAGES, SEQUENCES, SequenceBatch, Steps

#: What an exercise has declared itself, with the names of its own arguments.
OWN_NAMES = {
    "sum runs over ends and cuts": "sum runs over both",
    "sum runs over cuts": "sum runs over a cut",
    "sum runs over ends": "sum runs over an end",
    "value of the reset state": "value of the next row",
    "value not subtracted": "values added",
    "mean of the group subtracted": "own answer in the mean",
    "mean over all sequences subtracted": "mean over all questions",
}

#: What is done to tokens, of which the exercise on groups has none.
OF_TOKENS = {
    "mean weighted by length subtracted",
    "standardised over all tokens",
    "mean of the group subtracted then standardised over all tokens",
    "group standardised then standardised over all tokens",
    "reward divided by length",
    "reward at the last token alone",
}

#: In these rewards none is 0, so the share of those that are not is 1: it is the mean of the group.
AS_ANOTHER = {"mean of the group subtracted by share of rewards": "own answer in the mean"}


def on_buffers(name):
    """A mistake of the catalogue as an answer to the exercise with ends and cuts."""

    def answer(rewards, values, next_values, ended, cut, discount, gae_lambda):
        return ADVANTAGES[name](Steps(rewards, values, next_values, ended, cut, discount, gae_lambda))

    return answer


def in_one_batch(rewards):
    """The rewards as sequences of one token, one group a row."""
    groups = np.repeat(np.arange(len(rewards)), rewards.shape[1])
    return SequenceBatch(rewards.ravel(), np.ones((rewards.size, 1), bool), groups, np.zeros((rewards.size, 1)))


@pytest.mark.parametrize("name", ADVANTAGES)
def test_wrong_advantages_have_their_name_at_ends_and_cuts(name):
    verdict = practice.advantages_with_cuts.check(on_buffers(name))
    assert verdict.outcome is Outcome.WRONG
    assert verdict.mistake == OWN_NAMES.get(name, name)
    assert len(verdict.sentences) > 1 or len(verdict.sentences[0]) > 40


def test_a_mistake_at_an_end_leads_to_the_chapter_that_explains_it():
    verdict = practice.advantages_with_cuts.check(on_buffers("bootstrap twice"))
    assert verdict.see == (ADVANTAGES["bootstrap twice"].see,)


@pytest.mark.parametrize("name", [name for name in SEQUENCES if name not in OF_TOKENS])
def test_wrong_weights_of_groups_have_their_name(name):
    verdict = practice.group_weights.check(
        lambda rewards: SEQUENCES[name](in_one_batch(rewards)).reshape(rewards.shape)
    )
    assert verdict.outcome is Outcome.WRONG
    assert verdict.mistake == OWN_NAMES.get(name, AS_ANOTHER.get(name, name))


@pytest.mark.parametrize("small", SMALL)
@pytest.mark.parametrize(("ddof", "name"), [(0, "group standardised"), (1, "group standardised with one less")])
def test_a_small_number_beside_the_deviation_hides_no_name(small, ddof, name):
    def weights(rewards):
        off = rewards - rewards.mean(axis=1, keepdims=True)
        return off / (rewards.std(axis=1, ddof=ddof, keepdims=True) + small)

    assert practice.group_weights.check(weights).mistake == name


@pytest.mark.parametrize("small", [0.0, 1e-8, 1e-6, 1e-5])
def test_nor_does_one_beside_the_deviation_of_advantages(small):
    def standardised(*given):
        found = one_gradient.gae.reference(*given)
        return (found - found.mean()) / (found.std() + small) if len(found) > 1 else 0 * found

    assert one_gradient.gae.check(standardised).mistake in {"standardised", "advantages standardised"}
