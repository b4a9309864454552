"""What the package prints can be printed everywhere."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from pgcode._console import printable

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("• ± é", "• ± é"),
        ("θ = −1.5, Δ ≤ γ²", "theta = -1.5, Delta <= gamma²"),
        ("✓ exact ✗ false", "+ exact x false"),
        ("E[ĝ] ≈ x₀ · 10⁻¹⁰", "E[g] ~ x0 · 10^-10"),
        ("🙂", "?"),
    ],
)
def test_signs_that_a_console_has_not_are_written_in_ascii(monkeypatch, text, shown):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))
    assert printable(text) == shown


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_where_no_encoding_is_known_a_text_stays_as_it_is(monkeypatch, stream):
    monkeypatch.setattr(sys, "stdout", stream)
    assert printable("∇J(θ)") == "∇J(θ)"


PRINTS = """
import numpy as np
import pgcode as pg
from pgcode.exercises import setting

mdp, endless = (pg.environments.random_mdp(np.random.default_rng(0), horizon=horizon) for horizon in (4, None))
policy, theta = pg.SoftmaxPolicy(3, 2), np.zeros((3, 2))
exercise = setting.softmax
batch = pg.sample_trajectories(mdp, policy, theta, 10, np.random.default_rng(0))
frames = pg.figures.frame_slider(lambda x: pg.trajectory_form.derivation(mdp, policy, theta + x), [0, 1], "θ", "γ ∇")
for thing in (
    mdp, policy, batch, pg.policy_gradient(batch, policy, theta, pg.estimators.full_return(batch)),
    pg.trajectory_form.derivation(mdp, policy, theta),
    pg.state_action_form.source_derivation(endless, policy, theta),
    pg.moments.full_return_moments(mdp, policy, theta), frames, pg.figures.show(pg.figures.draw_grid(["SG"]), "θ ≈ ∇"),
    exercise, exercise.check(), exercise.check(1), exercise.hint(), exercise.solution(),
    exercise.see, exercise.see.chapter,
    *pg.exercises.Outcome, *(misconception.mistake for misconception in exercise.misconceptions),
    exercise.check(exercise.misconceptions[0].function),
):
    print(thing)
    print(repr(thing))
"""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_everything_can_be_printed_in_an_old_encoding(tmp_path, encoding):
    script = tmp_path / "prints.py"
    script.write_text(PRINTS, encoding="utf-8")
    command = [sys.executable, "-X", "utf8=0", script]
    environment = {"PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
    run = subprocess.run(command, env=environment, capture_output=True, encoding=encoding, check=False)
    assert run.returncode == 0, run.stderr
    assert "Wrong" in run.stdout
