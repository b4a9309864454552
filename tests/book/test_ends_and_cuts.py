"""What the chapter on ends and cuts says, by ways that it does not take, and the numbers that its words rest on."""

import itertools

import numpy as np
import pytest

from pgcode import mistakes, values
from pgcode.audit import audit_advantages
from pgcode.estimators import generalized_advantage
from pgcode.mistakes import Steps, right_advantages
from pgcode.state_action_form import exact_gradient
from pgcode.trajectories import Trajectories

NAME = "practice/ends-and-cuts"


@pytest.fixture(scope="module")
def names(chapter):
    return chapter(NAME)


def test_the_prediction():
    error = 1 + 0.99 * 90 - 90
    assert error == pytest.approx(0.1)
    decay = 0.99 * 0.95
    assert round(decay, 2) == 0.94
    assert round(decay**37, 1) == 0.1
    assert round(-89 * decay**37) == -9
    assert min(89 * decay**k for k in range(37)) > 9


def steps(flags, rewards=None, values_of=2.0, discount=0.9, gae_lambda=0.5):
    ended, cut = (np.array([flag == kind for flag in flags]) for kind in ("end", "cut"))
    n = len(flags)
    rewards = np.ones(n) if rewards is None else np.array(rewards)
    return Steps(rewards, np.full(n, values_of), np.full(n, values_of), ended, cut, discount, gae_lambda)


def test_by_hand(names):
    two = steps(["goes on", "cut"])
    for rule in (names["advantages"], right_advantages):
        assert rule(two).round(4).tolist() == [1.16, 0.8]
    assert mistakes.ADVANTAGES["cut taken for an end"](two).round(4).tolist() == [0.35, -1]
    padded = steps(["goes on"] * 4, [1, 1, 0, 0])
    assert right_advantages(padded).round(4).tolist() == [1.1013, 0.6695, -0.29, -0.2]


def test_by_hand_with_arrays_that_have_more_room():
    """The estimator of the package takes the same episode out of arrays of four steps."""
    batch = Trajectories([[0] * 5], [[0] * 4], [[1.0, 1, 0, 0]], discount=0.9, lengths=[2], cut=[True])
    weights = generalized_advantage(batch, [2.0], 0.5) / 0.9 ** np.arange(4)
    assert weights[0, :2].round(4).tolist() == [1.16, 0.8]
    assert not weights[0, 2:].any()


def test_the_code_is_right(names):
    assert audit_advantages(names["advantages"]).verdict == "equal"


# The mine.


def test_the_mine(names):
    mine, policy = names["mine"], names["policy"]
    far = 40.0
    worth = {
        "dig": values.objective(mine, policy, far * np.array([[1, 0], [1, 0], [0, 0.0]])),
        "sell deep": values.objective(mine, policy, far * np.array([[1, 0], [0, 1], [0, 0.0]])),
        "sell": values.objective(mine, policy, far * np.array([[0, 1], [0, 1], [0, 0.0]])),
    }
    assert {name: round(float(x), 1) for name, x in worth.items()} == {"dig": 18.2, "sell deep": 8.4, "sell": 4.0}
    assert worth["dig"] == pytest.approx(10 / 0.55)  # V = 1 + 0.9 (V + 20)/2


def test_the_buffers_are_all_there_are(names):
    assert len(names["all_buffers"]) == 419
    assert sum(chance for _, chance in names["all_buffers"]) == pytest.approx(1)
    assert names["right"].verdict.word == "exact"


def test_the_right_mean_by_a_chain_of_the_collector(names):
    """How often a row holds each state at each day, from a Markov chain over (state, day), without any buffer."""
    mine, gamma = names["mine"], names["mine"].discount
    rows = np.zeros((2, 3))  # state, day
    rows[0, 0] = 1
    visits = np.zeros(2)
    for _ in range(6):
        visits += rows @ gamma ** np.arange(3)
        then = np.zeros((2, 3))
        for s, day in np.ndindex(2, 3):
            for a in (0, 1):
                for after in range(3):
                    chance = rows[s, day] * 0.5 * mine.transition[s, a, after]
                    over = after == 2 or day == 2
                    then[(0, 0) if over else (after, day + 1)] += chance
        rows = then
    assert names["visits"][:2] == pytest.approx(visits)
    advantage = values.advantages(mine, names["policy"], names["theta"])
    push = visits * 0.25 * (advantage[:2, 0] - advantage[:2, 1])  # π(1 − π)(A_dig − A_sell)
    assert names["judged"][:2, 0] == pytest.approx(push)


def test_each_wrong_version_has_its_row(names):
    off = names["off"]
    assert len(off) == 18
    assert all(mistakes.ADVANTAGES[name].see.chapter.title == "Ends and cuts" for name in off)
    length, turned, _, turned_half = np.array(list(off.values())).T
    table = dict(zip(off, zip(length, turned, turned_half, strict=True), strict=True))
    assert round(table["cut taken for an end"][1]) == 20
    for name in ("sum runs over ends and cuts", "sum runs over cuts", "sum runs over ends"):
        assert table[name][:2] == pytest.approx((1, 0), abs=1e-4)  # an arc cosine near 1
        assert table[name][2] > 4
    assert min(table["done a step late"][1], table["done a step early"][1]) > 160
    mean = names["exact_mean"](mistakes.ADVANTAGES["cut taken for an end"], names["V"])
    assert mean[1, 0] < 0 < names["judged"][1, 0]  # it advises to sell a deep mine


def test_reset_rows_in_gymnasium_are_as_the_table_says():
    gymnasium = pytest.importorskip("gymnasium")

    class Walk(gymnasium.Env):
        """Counts its steps: it is cut after two."""

        observation_space = gymnasium.spaces.Discrete(10)
        action_space = gymnasium.spaces.Discrete(2)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.at = 0
            return self.at, {}

        def step(self, action):
            self.at += 1
            return self.at, 1.0, False, self.at == 2, {}

    modes = gymnasium.vector.AutoresetMode
    for mode, seen in ((modes.NEXT_STEP, [1, 2, 0, 1]), (modes.SAME_STEP, [1, 0, 1, 0])):
        envs = gymnasium.vector.SyncVectorEnv([Walk], autoreset_mode=mode)
        envs.reset(seed=0)
        calls = [envs.step(np.array([1])) for _ in range(4)]
        assert [int(call[0][0]) for call in calls] == seen
        assert bool(calls[1][3][0])
        if mode is modes.NEXT_STEP:
            assert float(calls[2][1][0]) == 0
            assert not calls[2][2][0]
            assert not calls[2][3][0]
        else:
            assert int(calls[1][4]["final_obs"][0]) == 2
        envs.close()
    envs = gymnasium.vector.SyncVectorEnv([Walk], autoreset_mode=modes.DISABLED)
    envs.reset(seed=0)
    last = [envs.step(np.array([1])) for _ in range(2)][-1]
    assert int(last[0][0]) == 2
    with pytest.raises(AssertionError):
        envs.step(np.array([1]))
    envs.close()


def test_reset_rows_are_noise_to_the_actor_and_a_false_target_to_the_critic(names):
    """A reset row's action is ignored: over both actions its score, times any weight of the row, sums to zero."""
    policy, theta = names["policy"], names["theta"] + np.array([[0.3, 0], [0, 0.7], [0.2, 0]])
    probabilities, score = policy.probabilities(theta), policy.score(theta)
    assert np.abs(np.einsum("sa,sabc->sbc", probabilities, score)).max() < 1e-12
    assert names["clean"] == pytest.approx(names["V"][:2])
    assert names["with_resets"].round(2).tolist() == [5.86, 8.40]


# Divisors.


def test_the_divisors_agree_with_the_catalogue(names):
    walks, chances, theta = names["walks"], names["P"], names["theta"]
    for name, mistake in (
        ("the number of steps of the batch", "mean over the steps of the batch"),
        ("each its own number of steps, then 2", "mean over the steps of each episode"),
        ("2 T, padding counted", "mean over padded steps"),
    ):
        total = np.zeros((3, 2))
        for i, j in itertools.product(range(len(walks)), repeat=2):
            total += chances[i] * chances[j] * mistakes.ESTIMATORS[mistake](walks[[i, j]], theta)
        assert names["divisors"][name] == pytest.approx(total, abs=1e-12)
    gradient = names["gradient"]
    assert names["divisors"]["the number of episodes"] == pytest.approx(gradient, abs=1e-12)
    turned = {name: names["beside"](mean, gradient)[1] for name, mean in names["divisors"].items()}
    assert round(turned["the number of steps of the batch"]) == 77
    assert round(turned["each its own number of steps, then 2"]) == 125  # downhill


def test_the_sum_up_to_enough_steps(names):
    full = list(names["batches"](4))
    assert sum(chance for _, chance in full) == pytest.approx(1)
    total = sum(chance * names["each"][drawn].sum(axis=0) for drawn, chance in full)
    mean_count = sum(chance * len(drawn) for drawn, chance in full)
    gradient = exact_gradient(names["game"], names["policy"], names["theta"])
    assert total == pytest.approx(mean_count * gradient, abs=1e-12)
    for way, degrees in (("K, the episodes", 11.4), ("the steps", 5.9)):
        assert names["beside"](names["ways"][way], gradient)[1] == pytest.approx(degrees, abs=0.1)


def by_steps(names, enough):
    """The chance, and the chance times the sum of estimates, of each number of whole episodes within some steps.

    Episode after episode, without a list of batches: what is known of a batch are its episodes and its steps.
    """
    lengths, chances, each = names["N"], names["P"], names["each"]
    of_length = {
        n: (chances[lengths == n].sum(), np.einsum("n,nsa->sa", chances[lengths == n], each[lengths == n]))
        for n in (1, 2, 3)
    }
    running = {(0, 0): (1.0, np.zeros((3, 2)))}
    stopped = {}
    while running:
        then = {}
        for (count, steps), (chance, total) in running.items():
            for length, (p, g) in of_length.items():
                if steps + length > enough:  # this one is not over in time
                    before = stopped.get(count, (0.0, np.zeros((3, 2))))
                    stopped[count] = before[0] + chance * p, before[1] + total * p
                else:
                    key = count + 1, steps + length
                    before = then.get(key, (0.0, np.zeros((3, 2))))
                    then[key] = before[0] + chance * p, before[1] + total * p + chance * g
        running = then
    return stopped


@pytest.mark.parametrize("enough", [1, 2, 3, 4, 5, 6, 20])
def test_the_mean_over_whole_episodes_within_some_steps(names, enough):
    stopped = by_steps(names, enough)
    assert sum(chance for chance, _ in stopped.values()) == pytest.approx(1)
    mean = sum(total / count for count, (_, total) in stopped.items() if count)
    short = names["N"] <= enough
    first = np.einsum("n,nsa->sa", names["P"][short], names["each"][short])
    assert mean == pytest.approx(first, abs=1e-12)
    gradient = exact_gradient(names["game"], names["policy"], names["theta"])
    assert (np.abs(mean - gradient).max() < 1e-12) == (enough >= 3)


def test_the_sum_over_whole_episodes_within_some_steps(names):
    """It is not E[M] ∇J, but the mean of M times the first estimate: a first episode leaves room for so many more."""
    counts = {b: sum(n * chance for n, (chance, _) in by_steps(names, b).items()) for b in range(5)}
    room = np.array([1 + counts[4 - n] for n in names["N"]])
    total = sum(total for _, total in by_steps(names, 4).values())
    assert total == pytest.approx(np.einsum("n,n,nsa->sa", names["P"], room, names["each"]), abs=1e-12)
    assert names["mean_M"] == pytest.approx(counts[4])
    assert names["dropped"]["B = 4, and times 4/E[M]"] == pytest.approx(total / counts[4], abs=1e-12)


def test_what_dropping_does_to_each_divisor(names):
    gradient = names["gradient"]
    off = {way: names["beside"](mean, gradient) for way, mean in names["dropped"].items()}
    assert names["dropped"]["M, the whole episodes"] == pytest.approx(gradient, abs=1e-12)
    assert round(off["B = 4, and times 4/E[M]"][1]) == 64
    assert off["K, with the one that was dropped"] == pytest.approx((0.62, 11.3), abs=0.05)


def test_what_the_programs_learn(names):
    ends = {name: np.median(curves[:, -1]) for name, curves in names["learnt"].items()}
    told = {"right": 17.84, "cut taken for an end": 8.34, "end taken for a cut": 8.25, "done a step late": 4.01}
    assert {name: round(float(end), 2) for name, end in ends.items()} == told
    assert names["dig"] == pytest.approx(18.18, abs=0.005)
    assert all(curves[0, 0] == pytest.approx(5.87, abs=0.005) for curves in names["learnt"].values())


# Exercises.


def test_exercise_a_cut_written_as_a_reward():
    rng = np.random.default_rng(0)
    r, v, then = rng.normal(size=(3, 4))
    cut = np.array([False, True, False, True])
    no = np.zeros(4, dtype=bool)
    given = Steps(r + 0.9 * then * cut, v, then, cut, no, 0.9, 0.5)
    assert right_advantages(given) == pytest.approx(right_advantages(Steps(r, v, then, no, cut, 0.9, 0.5)))


def test_exercise_the_critic_of_the_pole():
    returns = [(1 - 0.99**n) / 0.01 for n in range(1, 501)]
    assert round(float(np.mean(returns)), 1) == 80.3
    assert round(sum(0.99**n for n in range(1, 501)), 2) == 98.35


def test_exercise_when_a_batch_may_stop():
    """Coins: 1 with probability 0.3, at most four tosses. The sum is the mean times E[K] for (b), not for (c)."""
    kept, left_out, count, count_left = 0.0, 0.0, 0.0, 0.0
    for tosses in itertools.product((0, 1), repeat=4):
        chance = np.prod([0.3 if x else 0.7 for x in tosses])
        stop = tosses.index(1) + 1 if 1 in tosses else 4
        kept += chance * sum(tosses[:stop])
        count += chance * stop
        without = tosses[: stop - 1] if 1 in tosses else tosses
        left_out += chance * sum(without)
        count_left += chance * len(without)
    assert kept == pytest.approx(0.3 * count)
    assert left_out == 0 < 0.3 * count_left


def test_exercise_when_a_batch_may_stop_by_the_clock():
    """Tasks of one or four minutes that pay 1 or 5. Within ten minutes the sum of (e) is too low, the mean is right."""
    kinds = [(1, 1.0), (4, 5.0)]
    total, count, mean = 0.0, 0.0, 0.0
    for tasks in itertools.product(kinds, repeat=11):  # eleven minutes or more
        over = np.cumsum([minutes for minutes, _ in tasks]) <= 10
        paid = np.array([reward for _, reward in tasks])[over]
        total, count, mean = total + paid.sum() / 2**11, count + over.sum() / 2**11, mean + paid.mean() / 2**11
    assert mean == pytest.approx(3)
    assert total < 0.95 * 3 * count


def test_exercise_three_masks(names):
    """The advantages of the rows that are kept are those of the two episodes by themselves."""
    v = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    r = np.array([0.5, -1.0, 0.0, 2.0, 1.5])
    ended = np.array([False, False, False, False, True])
    cut = np.array([False, True, False, False, False])
    rows = Steps(r, v, np.append(v[1:], 9.0), ended, cut, 0.9, 0.5)
    found = names["advantages"](rows)
    first = right_advantages(Steps(r[:2], v[:2], np.array([2.0, 3.0]), ended[:2], cut[:2], 0.9, 0.5))
    second = right_advantages(Steps(r[3:], v[3:], np.array([5.0, 9.0]), ended[3:], cut[3:], 0.9, 0.5))
    assert found[[0, 1, 3, 4]] == pytest.approx(np.append(first, second))
