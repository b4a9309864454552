"""What the pages of the website ask of Python in a browser, asked here."""

from __future__ import annotations

import json
import re
import sys

import numpy as np
import pytest
from readers_worlds import BROKEN, ERRAND, SHUTTLE, SOUND, changed, with_row

from pgcode import environments, mistakes, oracles, state_action_form, values
from pgcode._in_page import audit, world
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories

FUNCTIONS = {
    world.exact: {},
    world.derivations: {},
    world.sample: {"m": 200, "seed": 1},
    world.learn: {"alpha": 0.2, "updates": 12, "batch": 4, "runs": 4, "seed": 1},
}


def as_the_page_gets_it(answer):
    """An answer through JSON, with its displays as data."""
    return json.loads(json.dumps(answer, allow_nan=False, default=lambda shown: {"data": shown._repr_mimebundle_()}))


def asked(function, given):
    """What a page gets for a world, through JSON both ways."""
    request = json.loads(json.dumps({"world": given, **FUNCTIONS[function]}))
    return as_the_page_gets_it(function(request))


# ---- a world -------------------------------------------------------------------------------------------------------


def test_rows_become_the_arrays_of_a_process():
    read = world.read(ERRAND)
    mdp = read.mdp
    assert mdp.transition[1, 0].tolist() == [0, 0.5, 0.5]
    assert mdp.reward[1, 1].tolist() == [-2, 0, 3]
    assert mdp.allowed.tolist() == [[True, False, True], [True, True, False], [True, True, True]]
    assert mdp.terminal.tolist() == [False, False, True]
    assert read.policy.probabilities(read.theta)[0, 1] == 0
    assert (mdp.discount, mdp.horizon) == (1, None)


def test_thirds_in_three_decimals_are_told_and_thirds_in_all_digits_are_taken():
    rows = [[0, 0, 0, third, 0] for third in (1 / 3,)] + [[0, 0, 1, 2 / 3, 0], [1, 0, 0, 1, 0]]
    assert world.read(changed(rows=rows)).mdp.transition[0, 0].sum() == 1
    rows[1][3] = 0.667
    with pytest.raises(world.WorldError, match=r"sum to 1\.00033, not 1"):
        world.read(changed(rows=rows))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_world_is_refused_with_a_sentence(name):
    broken, message, _ = BROKEN[name]
    with pytest.raises(world.WorldError, match=message):
        world.read(broken)
    for function in FUNCTIONS:
        answer = asked(function, broken)
        assert set(answer) == {"problem"}
        assert answer["problem"].endswith(".")


@pytest.mark.parametrize("given", [None, 3, "x", [], {}, {"states": "ab"}, {**SHUTTLE, "rows": [[0, 0]]}])
def test_what_is_no_world_is_refused_too(given):
    for function in FUNCTIONS:
        assert list(function({"world": given, **FUNCTIONS[function]})) == ["problem"]
        assert list(function(given)) == ["problem"]


def test_a_world_that_is_too_large_is_told():
    names = [f"s{number}" for number in range(13)]
    with pytest.raises(world.WorldError, match="there are 13 states: at most 12"):
        world.read(changed(states=names, start=[1] + 12 * [0], theta=13 * [[0, 0]]))


def test_a_state_has_its_name_in_what_the_package_says():
    assert world._sentence("it never leaves state 1", SHUTTLE) == "It never leaves “work”."
    assert world._sentence("state 7 is none", SHUTTLE) == "State 7 is none."


# ---- exact ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SOUND)
def test_both_forms_are_the_gradient(name):
    """Beside a third way, the complex step through J."""
    answer, read = asked(world.exact, SOUND[name]), world.read(SOUND[name])
    third = oracles.complex_step(lambda at: values.objective(read.mdp, read.policy, at), read.theta)
    np.testing.assert_allclose(answer["trajectory"], third, atol=1e-11)
    np.testing.assert_allclose(answer["state_action"], third, atol=1e-11)
    assert answer["objective"] == pytest.approx(values.objective(read.mdp, read.policy, read.theta), abs=1e-12)
    assert answer["shown"]["data"]["text/plain"].startswith("✓ exact")


def test_walks_are_listed_where_they_can_be_and_added_up_where_not():
    assert asked(world.exact, SHUTTLE)["said"] == "All 21 walks were listed."
    read = world.read(SHUTTLE)
    assert len(enumerate_trajectories(read.mdp, read.policy, read.theta)[1]) == 21
    assert asked(world.exact, SHUTTLE)["walks"] == 21
    assert asked(world.exact, SOUND["no horizon"])["walks"] is None
    assert "10^" in asked(world.exact, SOUND["more walks than one lists"])["said"]


def test_the_sum_by_state_is_that_over_the_list():
    for given in (SHUTTLE, SOUND["ends, with a horizon"]):
        read = world.read(given)
        listed = asked(world.exact, given)["trajectory"]
        np.testing.assert_allclose(world._by_flow(read.mdp, read.policy, read.theta), listed, atol=1e-13)


# ---- ledgers -------------------------------------------------------------------------------------------------------


def labels(ledger):
    (data,) = (form for name, form in ledger["shown"]["data"].items() if name.endswith("ledger+json"))
    return [line["label"] for line in data["lines"]]


def test_all_lines_are_evaluated_and_the_false_ones_are_named():
    source_a, source_b, proof = asked(world.derivations, SOUND["no horizon"])["ledgers"]
    assert labels(source_a) == [f"A{number}" for number in range(1, 16)]
    assert {f"B{number}" for number in range(1, 12)} <= set(labels(source_b))
    assert labels(proof) == [f"T{number}" for number in range(1, 11)]
    assert (source_a["false"], proof["false"]) == ([], [])
    assert source_b["false"] == ["B6", "B9", "B10 = ∇J"]
    assert "B6, B9, B10 = ∇J" in source_b["said"]
    assert "cut after 8 decisions" in source_a["said"]


def test_a_line_leads_to_its_chapter():
    shown = asked(world.derivations, SHUTTLE)["ledgers"][0]["shown"]["data"]
    (data,) = (form for name, form in shown.items() if name.endswith("ledger+json"))
    assert {line["label"]: line["place"]["page"] for line in data["lines"]}["A9"] == (
        "book/trajectory-form/dynamics-drop-out"
    )


@pytest.mark.parametrize("name", SOUND)
def test_every_sound_world_has_its_ledgers(name):
    for ledger in asked(world.derivations, SOUND[name])["ledgers"]:
        assert ledger["said"].endswith(".")
        assert ledger["shown"] is not None or "long run" in ledger["said"] or "class" in ledger["said"]


def test_without_a_discount_source_b_says_that_it_cannot():
    _, source_b, proof = asked(world.derivations, ERRAND)["ledgers"]
    assert source_b["shown"] is None
    assert "discount below 1" in source_b["said"]
    assert proof["shown"] is not None


# ---- sampling ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in SOUND if name != "all begin at the end"])
def test_estimates_lie_around_the_gradient(name):
    answer = asked(world.sample, SOUND[name])
    gradient = np.array(answer["exact"])
    for estimate in answer["estimates"].values():
        mean, error = np.array(estimate["mean"]), np.array(estimate["error"])
        assert (np.abs(mean - gradient) <= 5 * error + 1e-12).all()
        assert error.any() == gradient.any()
    assert abs(answer["mean"] - answer["objective"]) <= 5 * answer["error"]
    assert len(answer["walks"]) == 5


def test_the_same_seed_gives_the_same_walks_and_another_gives_others():
    one, two = (world.sample({"world": SHUTTLE, "m": 50, "seed": seed})["walks"] for seed in (1, 2))
    assert one == world.sample({"world": SHUTTLE, "m": 50, "seed": 1})["walks"] != two


def test_a_walk_in_words():
    certain = changed(theta=[[-40, 40], [-40, 40]], rows=[*SHUTTLE["rows"][:1], [0, 1, 1, 1, 0], *SHUTTLE["rows"][3:]])
    (walk, *_) = world.sample({"world": certain, "m": 2, "seed": 0})["walks"]
    assert walk == "home, go → work (0), go → home (+8), go → work (0): returned 7.2"


def test_what_is_cut_off_a_walk_is_told_with_what_it_changes():
    said = asked(world.sample, SOUND["no horizon"])["said"]
    assert said.startswith("Walks are cut after 66 decisions: what comes later weighs less than 0.001 of all.")
    assert 0.9**66 < 0.001 < 0.9**65
    read = world.read(SOUND["no horizon"])
    cut, _ = world.cut(read)
    change = state_action_form.exact_gradient(cut, read.policy, read.theta) - state_action_form.exact_gradient(
        read.mdp, read.policy, read.theta
    )
    assert said.endswith(f"No entry of ∇J changes by more than {np.abs(change).max():.1g}.")
    assert asked(world.sample, SHUTTLE)["said"] == ""


def test_walks_without_a_discount_are_cut_when_hardly_any_goes_on():
    read = world.read(ERRAND)
    cut, said = world.cut(read)
    assert "one in a million" in said
    chain, _ = values.policy_chain(read.mdp, read.policy, read.theta)
    left = read.mdp.initial @ np.linalg.matrix_power(chain, cut.horizon)
    assert left[:2].sum() <= 1e-6 < (read.mdp.initial @ np.linalg.matrix_power(chain, cut.horizon - 1))[:2].sum()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"m": 1}, "number of walks is 1: give a whole number from 2 to 20,000"),
        ({"m": True}, "number of walks is True"),
        ({"seed": -1}, "seed is -1"),
        ({"world": changed(discount=0.999, horizon=None), "m": 20_000}, "too many for a page: draw 1,000 at most"),
    ],
)
def test_a_sample_that_cannot_be_drawn_is_told(parts, message):
    assert message in world.sample({"world": SHUTTLE, "m": 100, "seed": 0, **parts})["problem"]


# ---- learning ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in SOUND if name != "all begin at the end"])
def test_learning_goes_up_and_not_beyond_the_best(name):
    answer = asked(world.learn, SOUND[name])
    assert answer["ascent"][-1] > answer["ascent"][0] == answer["mid"][0]
    assert max(answer["ascent"]) <= answer["best"] + 1e-9
    assert len(answer["at"]) == len(answer["ascent"]) == len(answer["low"]) == len(answer["high"])
    assert (np.array(answer["low"]) <= np.array(answer["high"])).all()
    read = world.read(SOUND[name])
    reached = values.objective(read.mdp, read.policy, answer["theta"])
    assert answer["ascent"][-1] == pytest.approx(reached)


def test_the_best_policy_is_found():
    """Beside all deterministic ones, by hand of the shuttle, and in a world where waiting is best."""
    mdp = world.read(changed(horizon=None)).mdp
    policies = [np.array([[a == 0, a == 1], [b == 0, b == 1]]) * 800.0 for a in (0, 1) for b in (0, 1)]
    best = max(float(values.objective(mdp, SoftmaxPolicy(2, 2), theta)) for theta in policies)
    assert world.optimum(mdp) == pytest.approx(best, abs=1e-9)
    assert world.optimum(environments.two_armed_bandit((3.0, 2.0))) == 3
    assert world.optimum(world.read(changed(horizon=1)).mdp) == 1


def test_without_a_bound_no_best_is_claimed():
    """Wait for 1 as long as you like, and leave in the end."""
    rows = [[0, 0, 0, 1, 1], [0, 1, 1, 1, 0]]
    endless = changed(rows=rows, discount=1, horizon=None, theta=[[0, 0], [0, 0]])
    assert world.optimum(world.read(endless).mdp) is None
    short = {"alpha": 0.01, "updates": 3, "batch": 2, "runs": 2, "seed": 0}
    assert "may earn without end" in world.learn({"world": endless, **short})["best_is"]
    broken_off = world.learn({"world": endless, **short, "alpha": 50, "updates": 50})["problem"]
    assert broken_off.startswith("Learning broke off.")
    assert "expected to go on for more than" in broken_off


def test_much_learning_is_made_shorter_and_says_so():
    long = {"alpha": 0.1, "updates": 500, "batch": 20, "runs": 10, "seed": 0}
    answer = world.learn({"world": changed(discount=0.99, horizon=None), **long})
    assert answer["updates"] < 500
    assert f"{answer['updates']} updates were made instead of 500" in answer["said"]
    assert answer["at"][-1] == answer["updates"]


# ---- audits --------------------------------------------------------------------------------------------------------

PLAIN = """
def reinforce(batch, theta):
    pi = np.exp(theta) / np.exp(theta).sum(axis=1, keepdims=True)
    gradient = np.zeros_like(theta)
    for i in range(batch.n_trajectories):
        for t in range(batch.lengths[i]):
            s, a = batch.states[i, t], batch.actions[i, t]
            score = (np.arange(theta.shape[1]) == a) - pi[s]
            gradient[s] += POWER * batch.returns_from_step[i, t] * score
    return gradient / batch.n_trajectories
"""
RIGHT, NO_POWER = PLAIN.replace("POWER", "batch.discount**t"), PLAIN.replace("POWER", "1")


def reported(source, **options):
    return as_the_page_gets_it(audit.report({"source": source, **options}))


def test_an_estimator_is_audited_with_what_was_found_by_hand():
    answer = reported(RIGHT)
    assert (answer["verdict"], answer["function"]) == ("unbiased", "reinforce")
    assert answer["shown"]["data"]["application/vnd.pgcode.audit+json"]["verdict"] == "unbiased"
    wrong = reported(NO_POWER)
    assert wrong["verdict"] == "biased"
    assert "discount of the step left out" in wrong["shown"]["data"]["text/plain"]


@pytest.fixture
def heard(monkeypatch):
    """What the page is told: sentence, share, clock."""
    told = []
    monkeypatch.setattr(audit._progress, "tell", lambda text, share=None, clock="": told.append((text, share, clock)))
    return told


def test_the_page_hears_how_far_it_has_come(heard):
    reported(RIGHT)
    shares = [share for _, share, _ in heard if share is not None]
    assert len(shares) > 40
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1


OF_EACH_KIND = {
    "estimator": RIGHT,
    "advantages": "def advantages(steps):\n    return 0 * steps.rewards\n",
    "sequences": "def advantages(batch):\n    return batch.rewards\n",
}


@pytest.mark.parametrize("kind", audit.KINDS)
def test_the_clock_of_the_page_runs_while_the_code_is_called_and_not_after(heard, kind, monkeypatch):
    """Else a loop without end is not ended, or who has a mistake that takes long to name is told of a loop."""
    call = audit._Counted.__init__

    def counted(self, function, total):
        def noted(*arguments, **options):
            heard.append(("called", None, ""))
            return function(*arguments, **options)

        call(self, noted, total)

    monkeypatch.setattr(audit._Counted, "__init__", counted)
    reported("print('my own')\n" + OF_EACH_KIND[kind], kind=kind)
    assert heard[0][2] == "begins"
    assert [clock for _, _, clock in heard if clock] == ["begins", "ends"]
    assert heard[-1][2] == "ends"
    assert heard[-2][0] == "called"


NOISY = """
def noisy(batch, theta, rng):
    pi = np.exp(theta) / np.exp(theta).sum(axis=1, keepdims=True)
    return np.ones_like(pi) * rng.normal()
"""


def test_one_that_draws_random_numbers_gets_a_generator(heard):
    answer = reported(NOISY)
    assert answer["verdict"] == "biased"
    assert "It draws random numbers." in answer["shown"]["data"]["text/plain"]
    assert f"over the seeds of {answer['calls']} calls" in answer["shown"]["data"]["text/plain"]
    assert heard[-1][2] == "ends"
    assert heard[-2][1] is None  # there are more calls than batches
    assert heard[-2][0].endswith(" calls")


@pytest.mark.parametrize("kind", audit.KINDS)
def test_one_that_fails_was_called_once(kind):
    answer = reported("def fails(*given):\n    return 1 / 0\n", kind=kind)
    assert answer["verdict"] == "not an estimator"
    assert answer["calls"] == (3 if kind == "estimator" else 1)  # one for each size of batches


def test_what_is_printed_is_there_up_to_a_length():
    answer = reported("print('begun')\n" + RIGHT.replace("    pi =", "    print(theta[0, 0])\n    pi ="))
    assert answer["printed"].startswith("begun\n0.4\n0.4\n")
    few, _, left = answer["printed"].rpartition("\n… and ")
    assert len(few) == audit.PRINTED_CHARACTERS
    assert re.fullmatch(r"[\d,]+ characters more", left)
    assert reported("print('begun')\n1 / 0\n")["printed"] == "begun\n"
    assert reported(RIGHT)["printed"] == ""


def test_what_is_left_empty_is_the_usual():
    answer = reported(RIGHT, seconds=None, entropy=None)
    assert answer["verdict"] == "unbiased"


def test_advantages_and_sequences_have_audits_of_their_own():
    loop = """
def advantages(steps):
    total, running = np.zeros(len(steps)), 0.0
    for t in reversed(range(len(steps))):
        mask = 1.0 - steps.done[t]
        error = steps.rewards[t] + steps.discount * steps.next_values[t] * mask - steps.values[t]
        total[t] = running = error + steps.discount * steps.gae_lambda * mask * running
    return total
"""
    assert "cut taken for an end" in reported(loop, kind="advantages")["shown"]["data"]["text/plain"].lower()
    others = "def group(batch):\n    return batch.rewards - batch.group_mean(batch.rewards)\n"
    assert reported(others, kind="sequences")["verdict"] == "proportional"
    assert reported(others, kind="sequences", aggregation="token mean")["verdict"] == "biased"


def test_the_last_function_of_ones_own_is_audited():
    source = f"from pgcode.mistakes import leave_one_out\n{RIGHT}\ndef last(batch, theta):\n    return -theta\n"
    assert reported(source)["function"] == "last"
    assert reported(f"{NO_POWER}\nright = reinforce\nclass Later: pass\n")["function"] == "reinforce"
    decorated = "@from_episodes\ndef mine(episodes, theta):\n    return 0 * theta\n"
    assert reported(f"from pgcode.audit import from_episodes\n{decorated}")["function"] == "mine"


@pytest.mark.parametrize("name", sorted(mistakes.ESTIMATORS)[:3])
def test_what_is_imported_is_not_ones_own(name):
    imported = f"from pgcode.mistakes import ESTIMATORS\nother = ESTIMATORS[{name!r}]\n"
    assert "defines no function" in reported(imported)["problem"]


@pytest.mark.parametrize(
    ("source", "text", "line"),
    [
        ("x = 1\ny = x / 0\n", r"(?s)File \"your code\", line 2.*ZeroDivisionError: division by zero$", 2),
        ("def f(:\n    pass\n", r"(?s)line 1.*SyntaxError", 1),
        ("raise SystemExit(3)\n", r"SystemExit: 3$", 1),
        ("def f():\n    g()\nf()\n", r"(?s)line 3.*line 2.*NameError", 2),
    ],
)
def test_code_that_fails_is_shown_without_frames_of_ours(source, text, line):
    error = reported(source)["error"]
    assert re.search(text, error["text"])
    assert "_in_page" not in error["text"]
    assert error["line"] == line


@pytest.mark.parametrize(("module", "name"), [("torch", "PyTorch"), ("jax.numpy", "JAX")])
def test_a_framework_that_is_not_there_is_told_with_the_way_to_it(module, name, monkeypatch):
    for part in (module, module.partition(".")[0]):
        monkeypatch.setitem(sys.modules, part, None)
    error = reported(f"import numpy\nimport {module}\n")["error"]
    assert f"{name} does not run in a page." in error["text"]
    assert f"pgcode.audit.from_{module.partition('.')[0]}_loss" in error["text"]
    assert error["line"] == 2


def test_annotations_are_those_of_a_module_of_ones_own():
    """They are what they name, and not texts."""
    answer = reported(f"def g(x: int): pass\nassert g.__annotations__ == {{'x': int}}\n{RIGHT}")
    assert "error" not in answer


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (None, "no source"),
        ({"source": 3}, "no source"),
        ({"source": "x = 1"}, "defines no function"),
        ({"source": RIGHT, "kind": "critic"}, "'critic': choose one of estimator, advantages, sequences"),
        ({"source": RIGHT, "seconds": 0}, "limit is 0"),
        ({"source": RIGHT, "seconds": "long"}, "limit is 'long'"),
        ({"source": RIGHT, "entropy": -1}, "entropy"),
        ({"source": RIGHT, "entropy": "abc"}, "bonus β is 'abc': give a number that is not negative"),
        ({"source": "def f(b): return b.rewards", "kind": "sequences", "aggregation": "sum"}, "'sequence sum'"),
        ({"source": "#" * 30_000}, "30,000 characters: paste at most 20,000"),
    ],
)
def test_a_request_that_makes_no_sense_is_told(request_, message):
    assert message in audit.report(request_)["problem"]


def test_a_slow_estimator_is_not_waited_for():
    slow = "import time\ndef slow(batch, theta):\n    time.sleep(0.05)\n    return theta\n"
    assert reported(slow, seconds=2)["verdict"] == "not an estimator"


def test_broken_rows_are_told_by_their_numbers():
    message = asked(world.exact, with_row(3, probability="a"))["problem"]
    assert message == "The probability of row 4 is 'a': give a number."
