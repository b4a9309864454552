"""What the page "A policy that learns" says is so."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path

import nbformat
import numpy as np
import pytest

from pgcode.derivation import Verdict
from pgcode.displays import Comparison, Table
from pgcode.environments import board
from pgcode.policies import SoftmaxPolicy
from pgcode.state_action_form import exact_gradient
from pgcode.trajectories import enumerate_trajectories

BOOK = Path(__file__).parents[2] / "book"
PAGE = "start/a-policy-that-learns"


@pytest.fixture(scope="module")
def names(chapter):
    return chapter(PAGE)


@pytest.fixture(scope="module")
def cells() -> list:
    return nbformat.read(BOOK / f"{PAGE}.ipynb", as_version=4).cells


@pytest.fixture(scope="module")
def program(cells) -> str:
    return next(cell.source for cell in cells if "take-home" in cell.metadata.get("tags", ()))


def as_table(theta: np.ndarray) -> np.ndarray:
    return np.r_[theta.reshape(4, 2), np.zeros((1, 2))]


# ---- the program ---------------------------------------------------------------------------------------------------


def test_the_program_has_27_lines_of_numpy_and_nothing_else(program, cells):
    assert len([line for line in program.splitlines() if line.strip()]) == 27
    assert re.findall(r"^\s*(?:import|from) .*$", program, re.MULTILINE) == ["import numpy as np"]
    space: dict = {}
    exec(program, space)  # with nothing before it
    assert len(space["history"]) == 201


@pytest.mark.parametrize("seed", range(20))
def test_it_learns_whatever_the_seed(program, names, seed):
    space: dict = {}
    exec(program.replace("default_rng(0)", f"default_rng({seed + 100})"), space)
    mean = [names["probabilities"](theta) @ names["returns"] for theta in space["history"]]
    assert mean[0] == 0.5
    assert mean[-1] > 2.7


def test_its_walks_are_those_of_the_decision_process(names):
    mdp, at = board(1.0), names["at"]
    walks, probabilities = enumerate_trajectories(mdp, SoftmaxPolicy(5, 2), as_table(at))
    found = {
        "".join("→↓"[a] for a in walk.actions[0][walk.active[0]]): (p, walk.returns[0])
        for walk, p in zip((walks[i : i + 1] for i in range(len(walks))), probabilities, strict=True)
    }
    assert set(found) == set(names["WALKS"])
    for (moves, pay), p in zip(names["WALKS"].items(), names["P"], strict=True):
        assert np.abs(np.array(found[moves]) - [p, pay]).max() < 1e-12


def test_the_first_prediction(names):
    assert names["probabilities"](names["history"][0]) @ names["returns"] == 0.5
    assert max(names["WALKS"], key=names["WALKS"].get) == "↓→→"
    after = dict(zip(names["WALKS"], names["probabilities"](names["history"][-1]), strict=True))
    assert after["↓→→"] > 0.9
    assert after["→→"] < 0.01


# ---- one update ----------------------------------------------------------------------------------------------------


def test_the_example_by_hand():
    theta = np.zeros(2) + 1 * 2 * np.array([0.5, -0.5])
    assert theta.tolist() == [1, -1]
    weights = np.exp(theta)
    assert abs(weights[0] / weights.sum() - 1 / (1 + np.exp(-2))) < 1e-15
    assert round(1 / (1 + np.exp(-2)), 2) == 0.88


def test_a_walk_moves_its_own_probability_in_the_sense_of_its_return(names):
    rows, before = names["rows"], names["before"]
    change = np.array(names["alone"]) - before[rows]
    assert [np.sign(names["WALKS"][name]) for name in names["three"]] == np.sign(change).tolist() == [-1, 1, 1]
    # and of the others too, from any point: ∇P(τ) along the update is P R |score|²
    for name, pay in names["WALKS"].items():
        row = list(names["WALKS"]).index(name)
        step = 1e-6 * pay * names["score_of"](name, names["at"])
        moved = names["probabilities"](names["at"] + step)[row] - names["probabilities"](names["at"])[row]
        assert np.sign(moved) == np.sign(pay)


def test_together_the_best_walk_grows_most_and_the_pit_shrinks_most(names):
    change = dict(zip(names["WALKS"], names["together"] - names["before"], strict=True))
    assert max(change, key=change.get) == "↓→→"
    assert min(change, key=change.get) == "→→"
    assert change["↓↓"] < 0 < names["WALKS"]["↓↓"]
    assert all(change[name] > 0 for name in ("→↓→", "↓→→"))


# ---- what is the gradient, and what is not --------------------------------------------------------------------------


def comparisons(names) -> list[Comparison]:
    return [shown for shown in names.shown if isinstance(shown, Comparison)]


def test_the_mean_update_is_exact_and_its_estimate_an_estimate(names):
    assert [one.verdict for one in comparisons(names)] == [Verdict.EXACT, Verdict.ESTIMATE]
    exact = exact_gradient(board(1.0), SoftmaxPolicy(5, 2), as_table(names["at"]))
    assert np.abs(exact[:4].ravel() - names["gradient"].ravel()).max() < 1e-12


def test_which_changes_keep_the_mean(names):
    exact = exact_gradient(board(0.9), SoftmaxPolicy(5, 2), as_table(names["at"]))[:4].ravel()
    assert np.abs(exact - names["new_gradient"].ravel()).max() < 1e-12
    shown = [row[1] for row in next(s for s in names.shown[::-1] if isinstance(s, Table)).rows]
    assert [one.verdict is Verdict.EXACT for one in shown] == [True, True, False, False, False]
    three, four, five = shown[2:]
    assert abs(four.outcome.length_ratio - 3 / 4) < 1e-7
    assert four.outcome.angle < 1e-4
    assert 1 < three.outcome.angle < 10
    assert 10 < five.outcome.angle < 30


# ---- what is taken home ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("heading", "folder"), [("NumPy", "numpy"), ("PyTorch", "torch"), ("JAX", "jax")])
def test_the_page_shows_the_files_that_are_tested(cells, heading, folder):
    page = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    shown = re.search(rf"^### {heading}\n\n```python\n(.*?)```$", page, re.MULTILINE | re.DOTALL)
    assert shown
    assert shown[1] == (BOOK / "start/take-home" / folder / "reinforce.py").read_text(encoding="utf-8")
    assert max(len(line) for line in shown[1].splitlines()) <= 72


# ---- what breaks it ------------------------------------------------------------------------------------------------


CHANGES = (
    (("theta += 0.1", "theta -= 0.1"),),
    (("returned * score", "(returned + 5) * score"),),
    (("theta += 0.1", "theta += 1.0"), ("default_rng(0)", "default_rng(1)")),
)


def test_with_the_first_seed_the_best_walk_wins_with_long_steps_too(program, names):
    space: dict = {}
    exec(program.replace("theta += 0.1", "theta += 1.0"), space)
    at_the_end = names["probabilities"](space["history"][-1])
    assert list(names["WALKS"])[at_the_end.argmax()] == "↓→→"
    assert at_the_end.max() > 0.9


@pytest.mark.parametrize(("number", "walk", "share"), [(1, "→→", 0.983), (2, "↓↓", 0.975), (3, "→↓→", 0.997)])
def test_each_change_gives_way_to_the_walk_that_the_page_names(program, cells, names, number, walk, share):
    (box,) = (cell.source for cell in cells if ":class: break-it" in cell.source)
    assert f"{share}" in box
    for old, new in CHANGES[number - 1]:
        assert program.count(old) == 1
        assert new in box
        program = program.replace(old, new)
    space: dict = {}
    exec(program, space)
    at_the_end = dict(zip(names["WALKS"], names["probabilities"](space["history"][-1]), strict=True))
    assert round(at_the_end[walk], 3) == share


def ends_with(names, seed: int, step: float, gift: float) -> dict[str, float]:
    """The program in floats and lists, as 800 runs of it would take a minute: the same draws give the same moves."""
    draws = iter(np.random.default_rng(seed).random(600).tolist())
    theta = {place: [0.0, 0.0] for place in ((0, 0), (0, 1), (1, 0), (1, 1))}
    for _ in range(200):
        place, steps, returned = (0, 0), [], gift
        while max(place) < 2:
            right, down = map(math.exp, theta[place])
            move = int(next(draws) >= right / (right + down))
            steps.append((place, move, down / (right + down)))
            place = place[0] + move, place[1] + 1 - move
            returned += float(names["pays"][place])
        for place, move, down in steps:
            theta[place][1] += step * returned * (move - down)
            theta[place][0] -= step * returned * (move - down)
    table = np.array([[theta[row, column] for column in range(2)] for row in range(2)])
    return dict(zip(names["WALKS"], names["probabilities"](table), strict=True))


RUNS = {"as it stands": (0.1, 0), "1. a minus": (-0.1, 0), "2. a gift": (0.1, 5), "3. longer steps": (1.0, 0)}


@pytest.mark.parametrize("name", RUNS)
def test_each_change_gives_way_as_often_as_the_page_says(cells, names, name):
    (box,) = (cell.source for cell in cells if ":class: break-it" in cell.source)
    (row,) = (line.strip("| ").split(" | ") for line in box.splitlines() if line.startswith(f"| {name} |"))
    told = [int(number.split()[0]) for number in row[1:]]
    step, gift = RUNS[name]
    won = Counter()
    for seed in range(200):
        end = ends_with(names, seed, step, gift)
        won[max(end, key=end.get)] += 1
    listed = [won.pop(walk, 0) for walk in ("↓→→", "→↓→", "↓↓")]
    assert [*listed, sum(won.values())] == told
    if name == "1. a minus":
        assert set(won) == {"→→"}


def test_the_program_in_lists_is_the_program(program, names):
    for old, new, step, gift in (("", "", 0.1, 0), ("returned * score", "(returned + 5) * score", 0.1, 5)):
        space: dict = {}
        exec(program.replace(old, new) if old else program, space)
        end = names["probabilities"](space["history"][-1])
        assert np.abs(np.array(list(ends_with(names, 0, step, gift).values())) - end).max() < 1e-12


def test_on_average_the_walk_over_the_edge_rises_and_then_falls(cells, names):
    (question,) = (cell.source for cell in cells if "why does ↓↓ shrink" in cell.source)
    theta, path = np.zeros((2, 2, 2)), []
    for _ in range(201):
        now = names["probabilities"](theta)
        path.append(now[-1])
        theta = theta + 0.1 * sum(
            p * pay * names["score_of"](walk, theta) for p, (walk, pay) in zip(now, names["WALKS"].items(), strict=True)
        )
    assert (path[0], round(max(path), 2), int(np.argmax(path)), round(path[-1], 3)) == (0.25, 0.29, 9, 0.016)
    assert "from 0.25 to 0.29 within 9 steps, and falls to 0.016 within 200" in question
