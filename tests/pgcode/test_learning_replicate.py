"""The same runs with 1, 2 and 4 workers, on a cluster, without joblib, interrupted, and gone on."""

import operator
import sys

import numpy as np
import pytest

from pgcode.environments import gridworld
from pgcode.learning import Replications, reinforce, replicate
from pgcode.policies import SoftmaxPolicy

GRID = gridworld(("S.", ".G"), step_reward=-0.1, discount=0.9)


def learner():
    """Made anew for each test, so that workers need not import this file."""
    mdp, policy = GRID, SoftmaxPolicy.for_mdp(GRID)
    start = np.zeros(policy.theta_shape)

    def run(rng):
        return reinforce(mdp, policy, start, 0.3, n_episodes=10, n_runs=3, rng=rng)

    return run


def thetas(results):
    return np.array([result.theta for result in results])


def expected(n, seed=3):
    """By hand: run i has the i-th child of the seed."""
    run = learner()
    return thetas([run(np.random.default_rng(child)) for child in np.random.SeedSequence(seed).spawn(n)])


@pytest.mark.parametrize("n_jobs", [None, 1, 2, 4])
def test_any_number_of_workers_gives_the_same_numbers(n_jobs):
    pytest.importorskip("joblib")
    found = replicate(learner(), 5, seed=3, n_jobs=n_jobs)
    assert np.array_equal(thetas(found), expected(5))
    assert not found.interrupted
    assert len({theta.tobytes() for theta in thetas(found)}) == 5  # no two runs are alike


def test_a_cluster_gives_the_same_numbers():
    pytest.importorskip("joblib")
    distributed = pytest.importorskip("distributed")
    import joblib

    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        found = replicate(learner(), 4, seed=3)
    assert np.array_equal(thetas(found), expected(4))


def test_without_joblib_one_run_follows_the_other(monkeypatch):
    monkeypatch.setitem(sys.modules, "joblib", None)
    assert np.array_equal(thetas(replicate(learner(), 3, seed=3, n_jobs=2)), expected(3))


@pytest.mark.parametrize("joblib", [True, False])
def test_an_interruption_keeps_the_whole_runs_and_the_rest_is_made_later(joblib, monkeypatch):
    if joblib:
        pytest.importorskip("joblib")
    else:
        monkeypatch.setitem(sys.modules, "joblib", None)
    run, calls = learner(), []

    def impatient(rng):
        calls.append(0)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return run(rng)

    part = replicate(impatient, 5, seed=3)
    assert part.interrupted
    assert repr(part) == "Replications(2 of 5 runs, interrupted)"
    assert np.array_equal(thetas(part), expected(2))
    whole = replicate(impatient, 5, seed=3, earlier=part)
    assert np.array_equal(thetas(whole), expected(5))
    assert len(calls) == 6
    assert not whole.interrupted


def test_a_run_that_says_that_it_was_interrupted_is_not_kept():
    run = learner()

    class Cut:
        interrupted = True

    count = iter([0, 1, 2])
    part = replicate(lambda rng: Cut() if next(count) == 1 else run(rng), 3, seed=3)
    assert np.array_equal(thetas(part), expected(1))
    assert part.interrupted


class Impatient(SoftmaxPolicy):
    """Interrupts the learner after so many looks at its probabilities."""

    looks_left = 10**9

    def probabilities(self, theta):
        type(self).looks_left -= 1
        if not type(self).looks_left:
            raise KeyboardInterrupt
        return super().probabilities(theta)


@pytest.mark.parametrize("joblib", [True, False])
def test_a_part_of_a_run_is_not_taken_for_the_whole(joblib, monkeypatch):
    """Whatever the run makes of the curve: inside of it the learner keeps nothing, and outside it does."""
    if joblib:
        pytest.importorskip("joblib")
    else:
        monkeypatch.setitem(sys.modules, "joblib", None)
    policy = Impatient(GRID.n_states, GRID.n_actions)
    start = np.zeros(policy.theta_shape)

    def last(rng):
        return reinforce(GRID, policy, start, 0.3, n_episodes=10, n_runs=3, rng=rng).theta[:, -1]

    before = Impatient.looks_left
    whole = np.array(list(replicate(last, 3, seed=3)))
    looks = (before - Impatient.looks_left) // 3
    monkeypatch.setattr(Impatient, "looks_left", looks + looks // 2)
    part = replicate(last, 3, seed=3)
    assert repr(part) == "Replications(1 of 3 runs, interrupted)"
    assert np.array_equal(np.array(list(part)), whole[:1])
    monkeypatch.setattr(Impatient, "looks_left", looks // 2)
    assert reinforce(GRID, policy, start, 0.3, 10, 3, np.random.default_rng(0)).interrupted


def test_an_interruption_before_the_first_run_is_passed_on():
    def run(rng):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replicate(run, 2, seed=0)


def test_more_runs_begin_with_the_same_ones():
    assert np.array_equal(expected(2), expected(4)[:2])
    assert np.array_equal(thetas(replicate(learner(), 2, seed=3)), thetas(replicate(learner(), 4, seed=3))[:2])


def test_a_bar_counts_runs(capsys):
    replicate(learner(), 2, seed=0, progress=True)
    assert "runs" in capsys.readouterr().err


NASTY = {
    "no function": (lambda: replicate(3, 2, seed=0), "run is 3: pass a function of a generator"),
    "no runs": (lambda: replicate(len, 0, seed=0), "n_runs is 0"),
    "no seed": (lambda: replicate(len, 2, seed=None), "seed is None: pass a whole number"),
    "a generator for a seed": (lambda: replicate(len, 2, seed=np.random.default_rng(0)), "pass a whole number"),
    "half a seed": (lambda: replicate(len, 2, seed=1.5), "seed is 1.5: pass a whole number from 0 on"),
    "a negative seed": (lambda: replicate(len, 2, seed=-1), "seed is -1: pass a whole number from 0 on"),
    "a word": (lambda: replicate(len, 2, seed="a"), "seed is 'a': pass a whole number from 0 on"),
    "no workers": (lambda: replicate(len, 2, seed=0, n_jobs=0), "n_jobs is 0: pass a number of workers, or -1"),
    "runs of another seed": (
        lambda: replicate(len, 2, seed=0, earlier=Replications([1], 5, 1)),
        "earlier was made with seed = 5, and not 0",
    ),
    "earlier runs in a list": (
        lambda: replicate(len, 2, seed=0, earlier=[1]),
        "earlier is a list: pass what replicate",
    ),
}


@pytest.mark.parametrize("name", NASTY)
def test_nasty_input_is_told(name):
    call, message = NASTY[name]
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_a_list_of_numbers_is_one_seed_however_it_is_written():
    some = replicate(learner(), 1, seed=[1, 2])
    whole = replicate(learner(), 2, seed=np.array([1, 2]), earlier=some)
    assert np.array_equal(thetas(whole), thetas(replicate(learner(), 2, seed=(1, 2))))


def test_a_backend_that_gives_all_results_at_once_gives_the_same():
    joblib = pytest.importorskip("joblib")
    draw = operator.methodcaller("normal")  # which every backend can send
    with joblib.parallel_config(backend="multiprocessing", n_jobs=2):
        found = replicate(draw, 3, seed=3)
    assert list(found) == [draw(np.random.default_rng(child)) for child in np.random.SeedSequence(3).spawn(3)]
