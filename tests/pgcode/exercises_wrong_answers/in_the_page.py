"""Wrong answers that a learner gave in the page, to whom something was told that is not true or not meant for them."""

import numpy as np

from exercises_wrong_answers import Collection

HERE = Collection("practice")


@HERE.wrong("log_softmax", "logarithm of the probabilities, rows shifted")
def _(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.log(e / e.sum(axis=1, keepdims=True))


@HERE.wrong("log_softmax", "logarithm of the probabilities, no shift")
def _(logits):
    return np.log(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))


@HERE.wrong("log_softmax", "batch shifted by its largest logit")
def _(logits):
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@HERE.wrong("clipped_ratio_slope", "flat below alone")
def _(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    flat = ratio < 1 - epsilon
    return np.where(flat, 0.0, ratio * advantages)


HERE.say("target_at_a_cut", reward_turned_round=-0.5, value_before_alone=-4)
HERE.say("seeds_needed", one_too_few=31, one_too_many=33)
HERE.say("surrogate_value", three_digits=-1.39)
