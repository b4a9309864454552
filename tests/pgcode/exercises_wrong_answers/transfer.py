"""Wrong answers to the tasks that put a goal of a chapter to another situation."""

import numpy as np

from exercises_wrong_answers import Collection

SETTING = Collection("setting")
TRAJECTORY = Collection("trajectory_form")
STATES = Collection("state_action_form")
PRACTICE = Collection("practice")

SETTING.say("array_for_a_story", home_is_sound="a", always_paid="b", mean_reward="d", two_leaks="e")
SETTING.say("climb_that_rests", rises="a", agree="c", flat_place="d")
SETTING.say("products_of_a_recursion", twenty_states=24_000, no_square=6_000, one_day=30_000, no_actions=200_000)

TRAJECTORY.say("one_update_by_hand", stays=0, of_arm_two=-1, minus=-0.5, no_step=1, probability_too=1 / 6)
TRAJECTORY.say("mean_at_the_edge", slope=2, certain=0, other_arm=3, sign=1)
TRAJECTORY.say("world_that_reads_the_policy", unknown="a", sundays="b", other_states="d")

STATES.say("entry_by_hand", one_visit=0.2, no_probability=0.64, q_alone=2.88, normalised=0.16, at_once=0.8)
STATES.say("chain_with_a_long_run", half_and_half="a", one_of_two="b", a_third_each="d")
STATES.say("dropped_part", by_states=-0.4, by_values=0.3, kept=1.75, all_of_it=1.65, sign=0.1)
STATES.say("check_that_catches", angle="a", length="b", sums="c", uphill="e")
STATES.say("variance_of_a_score", path=0, second_moment=27, squared_mean=9, with_sigma=4.5, root=18**0.5)

PRACTICE.say("recipe_in_three_choices", rloo="a", tokens="c", grpo="d")
PRACTICE.say("line_that_only_calms", best="a", next_value="b", positive="d")
PRACTICE.say("cheapest_question", shapes="a", audit="c", runs="d")
PRACTICE.say("line_behind_a_verdict", forwards="b", power="c", plus_reward="d")


@PRACTICE.wrong("exact_mean_of_pairs", "loops over different walks alone")
def _(probability, estimates):
    total = np.zeros(estimates.shape[2])
    for i, p in enumerate(probability):
        for j, q in enumerate(probability):
            if i != j:
                total += p * q * estimates[i, j]
    return total


@PRACTICE.wrong("exact_mean_of_pairs", "loops over i up to j")
def _(probability, estimates):
    n = len(probability)
    return sum(probability[i] * probability[j] * estimates[i, j] for i in range(n) for j in range(i, n))


@PRACTICE.wrong("exact_mean_of_pairs", "average with the weights of the first walk")
def _(probability, estimates):
    return np.average(estimates.mean(axis=1), axis=0, weights=probability)


@PRACTICE.wrong("exact_mean_of_pairs", "sum instead of mean over batches")
def _(probability, estimates):
    return estimates.sum(axis=(0, 1))


@PRACTICE.wrong("runs_of_a_seed", "one generator for all runs")
def _(seed, n_runs):
    rng = np.random.default_rng(seed)
    return np.array([rng.random() for _ in range(n_runs)])


@PRACTICE.wrong("runs_of_a_seed", "seed plus run")
def _(seed, n_runs):
    return np.array([np.random.default_rng(seed + i).random() for i in range(n_runs)])


@PRACTICE.wrong("runs_of_a_seed", "run as seed")
def _(seed, n_runs):
    return np.array([np.random.default_rng(i).random() for i in range(n_runs)])


@PRACTICE.wrong("curve_to_report", "mean and one deviation")
def _(returns):
    m, s = np.mean(returns, 0), np.std(returns, 0)
    return np.array([m - s, m, m + s])


@PRACTICE.wrong("curve_to_report", "percentiles 25, 50 and 75 along the updates")
def _(returns):
    return np.percentile(returns, [25, 50, 75], axis=1)


@PRACTICE.wrong("curve_to_report", "worst, median, best")
def _(returns):
    return np.array([returns.min(axis=0), np.median(returns, axis=0), returns.max(axis=0)])


@PRACTICE.wrong("penalised_rewards", "reference over policy")
def _(rewards, log_pi, log_ref, beta):
    return rewards - beta * np.sum(log_ref - log_pi, axis=1)


@PRACTICE.wrong("penalised_rewards", "mean over tokens")
def _(rewards, log_pi, log_ref, beta):
    return rewards - beta * np.mean(log_pi - log_ref, axis=1)


@PRACTICE.wrong("penalised_rewards", "probabilities in the place of logarithms")
def _(rewards, log_pi, log_ref, beta):
    return rewards - beta * np.prod(np.exp(log_pi - log_ref), axis=1)


@PRACTICE.wrong("penalised_rewards", "mean over the tokens that are there")
def _(rewards, log_pi, log_ref, beta):
    lengths = (log_pi != 0).sum(axis=1)
    return rewards - beta * (log_pi - log_ref).sum(axis=1) / lengths


class HERE:
    """All of them."""

    answers = [*SETTING.answers, *TRAJECTORY.answers, *STATES.answers, *PRACTICE.answers]
