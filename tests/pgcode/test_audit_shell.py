"""The audit in a shell: each option of the functions, the exit statuses, and why there is nothing to audit."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from right_estimators import softmax

from pgcode.audit.__main__ import _parser, main


def by_episode(episodes, theta):
    """REINFORCE of a list of episodes, which is right."""
    pi, total = softmax(theta), np.zeros_like(theta)
    for episode in episodes:
        gain = sum(episode["discount"] ** t * paid for t, paid in enumerate(episode["rewards"]))
        for s, a in zip(episode["states"], episode["actions"], strict=False):
            total[s] += gain * ((np.arange(theta.shape[1]) == a) - pi[s])
    return total / len(episodes)


@pytest.mark.slow
def test_the_shell(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from pgcode.mistakes import ESTIMATORS\nwrong = ESTIMATORS['downhill']\n"
        "def right(steps):\n    from pgcode.mistakes import right_advantages\n    return right_advantages(steps)\n",
        encoding="utf-8",
    )
    root = Path(__file__).parents[2]

    def run_it(*arguments):
        command = [sys.executable, "-m", "pgcode.audit", *arguments]
        environment = {"PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8", "PATH": ""}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False
        )

    assert run_it("mine:wrong").returncode == 1
    assert "downhill" in run_it("mine:wrong").stdout
    assert run_it("mine:right", "--kind", "advantages").returncode == 0
    assert run_it("mine:missing").returncode == 2
    assert "has no missing" in run_it("mine:missing").stderr


@pytest.mark.parametrize(
    ("module", "arguments", "message"),
    [
        ("x = 1", ("{}:x",), "x is 1, which is no function"),
        ("x = 1", (":x",), "names no function"),
        ("x = ", ("{}:x",), "is no Python"),
        ("raise RuntimeError('no')", ("{}:x",), "raised RuntimeError when it was imported, at "),
        ("import sys; sys.exit(0)", ("{}:x",), "leaves Python when it is imported"),
        ("import os; os._exit(0)", ("{}:x",), "leaves Python when it is imported"),
        ("import nothing_of_that_name", ("{}:x",), "cannot be imported"),
        ("x = dict", ("{}:x.y",), "x has no y"),
        ("1 / 0", ("{}:x",), ".py, line 1: division by zero"),
        ("x = dict", ("{}.py:x",), "is a file: write its module, "),
        ("x = dict", ("nothing_of_that_name:x",), "there is no module nothing_of_that_name in "),
        ("def gradient(): pass", ("{}:gradent",), "has no gradent: did you mean gradient?"),
        ("def one(): pass\ndef two(): pass", ("{}:x",), "has no x: there are one, two"),
        (
            "x = dict",
            ("{}:x", "--kind", "advantages", "--data", "buffer"),
            "--data goes with --kind estimator, and",
        ),
        ("x = dict", ("{}:x", "--kind", "sequences", "--entropy", "1"), "not with --kind sequences: leave it out"),
        ("x = dict", ("{}:x", "--kl", "1"), "--kl goes with --kind sequences, and not with --kind estimator: add"),
        ("x = dict", ("{}:x", "--loss", "numpy", "--data", "buffer"), "--loss numpy says what the function takes"),
        ("x = dict", ("{}:x", "--loss", "numpy", "--dtype", "float32"), "--dtype goes with --loss torch"),
        ("x = dict", ("{}:x", "--loss", "torch", "--jit"), "--jit goes with --loss jax"),
        ("x = dict", ("{}:x", "--data", "buffer", "--several"), "--several goes with --data rollout"),
        ("x = dict", ("{}:x", "--first-checks", "--entropy", "1"), "on batches of its own: leave --entropy out"),
        ("x = dict", ("{}:x", "--n-trajectories", "5"), "--n-trajectories holds 5: batches of up to 3"),
        ("x = dict", ("{}:x", "--n-trajectories", "two"), "two is no list of sizes: write them as 1,2"),
        ("x = dict", ("{}:x", "--entropy", "-1"), "--entropy is -1.0: pass β, which is not negative"),
        ("x = dict", ("{}:x", "--max-seconds", "0"), "--max-seconds is 0.0"),
        ("x = dict", ("{}:x", "--kind", "sequences", "--kl", "-1"), "--kl is -1.0: pass β, which is not negative"),
        ("x = dict", ("{}:x", "--kind", "sequences", "--aggregation", "mean"), "invalid choice: 'mean'"),
        ("x = dict", ("{}:x", "--entropi", "1"), "unrecognized arguments: --entropi"),
    ],
)
def test_the_shell_says_why_there_is_nothing_to_audit(
    tmp_path, monkeypatch, capsys, request, module, arguments, message
):
    name = f"audited_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(module, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(SystemExit) as left:
        main([argument.format(name) for argument in arguments])
    assert left.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("way", [(), ("--first-checks",)])
@pytest.mark.parametrize("leave", ["os._exit(0)", "raise SystemExit(0)"])
def test_one_that_leaves_python_is_not_green(tmp_path, monkeypatch, capsys, leave, way):
    name = f"leaves_{abs(hash((leave, way)))}"
    (tmp_path / f"{name}.py").write_text(f"import os\ndef gradient(batch, theta): {leave}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    really = os._exit
    assert main([f"{name}:gradient", *way]) == 1
    assert "not an estimator" in capsys.readouterr().out
    assert os._exit is really


def test_a_reader_who_stops_reading_sees_no_traceback(tmp_path):
    """As ``| head`` does: the end of the pipe is closed before anything is written."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pgcode.audit", "pgcode.mistakes:right_advantages", "--kind", "advantages"],
            cwd=Path(__file__).parents[2],
            stdout=writing,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_shell_takes_a_method(tmp_path, monkeypatch, capsys):
    code = "from pgcode.mistakes import right_advantages\nclass Mine:\n    gae = staticmethod(right_advantages)\n"
    (tmp_path / "audited_class.py").write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert main(["audited_class:Mine.gae", "--kind", "advantages"]) == 0
    assert "equal" in capsys.readouterr().out


#: What a shell can audit: the code of a function, the options, the exit status, and what is printed.
DOORS = {
    "trajectories": ("from right_estimators import loop as f", "", 0, "unbiased"),
    "episodes": ("from test_audit_shell import by_episode as f", "--data episodes", 0, "unbiased"),
    "a buffer": ("f = lambda b, theta: theta * b.rewards.sum()", "--data buffer", 1, "biased"),
    "a rollout": ("f = lambda b, theta: theta * (b.mask.shape[1] == 2)", "--data rollout", 1, "biased"),
    "a column of several": (
        "from test_audit import across_ends as f",
        "--data rollout --several",
        1,
        "Returns run over the ends",
    ),
    "an exact critic": ("from test_audit_as_used import q_form as f", "--no-look-alikes", 0, "unbiased"),
    "a loss": ("f = lambda theta, b: (theta**2).sum() * b.rewards.sum()", "--loss numpy", 1, "biased"),
    "a bonus": (
        "from pgcode.mistakes import BONUSES\nf = lambda b, theta: BONUSES['sampled entropy bonus'](b, theta, 0.1)",
        "--entropy 0.1 --n-trajectories 1,2",
        1,
        "Sampled entropy bonus",
    ),
    "the mean over tokens": (
        "from pgcode.mistakes import leave_one_out as f",
        "--kind sequences --aggregation token-mean",
        1,
        "is a ratio",
    ),
    "the distance paid": (
        "f = lambda b: b.rewards - 0.3 * b.log_ratios.sum(axis=1)",
        "--kind sequences --kl 0.3 --aggregation 'sequence sum'",
        0,
        "unbiased",
    ),
    "groups that are drawn again": (
        "from pgcode.mistakes import leave_one_out as f",
        "--kind sequences --redraw-alike",
        1,
        "1/P(kept) times the gradient",
    ),
    "the first checks": ("from right_estimators import loop as f", "--first-checks", 0, "the sign of the loss"),
    "first checks that fail": ("f = lambda b, theta: theta", "--first-checks", 1, "✗"),
    "first checks that end": ("def f(b, theta):\n    return theta[9]", "--first-checks", 1, "line 2: index 9 is out"),
    "too slow": ("import time\nf = lambda s: time.sleep(9)", "--kind advantages --max-seconds 1", 1, "within 0.25 s"),
}


@pytest.mark.parametrize("door", DOORS)
def test_the_shell_has_what_the_functions_have(door, tmp_path, monkeypatch, capsys, request):
    code, options, status, words = DOORS[door]
    name = f"door_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(Path(__file__).parent)])
    assert main([f"{name}:f", *shlex.split(options)]) == status
    assert words in capsys.readouterr().out


def test_the_help_of_the_shell_has_an_example_of_each_door(capsys):
    """Each names options that there are, and none is left out; it is ASCII, as any console can print it."""
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    told = capsys.readouterr().out
    assert told.isascii()
    examples = [line.split("pgcode.audit ")[1] for line in told.splitlines() if "-m pgcode.audit mine:" in line]
    parsed = [vars(_parser().parse_args(shlex.split(line))) for line in examples]
    for option in ("data", "loss", "kind"):
        (action,) = (action for action in _parser()._actions if action.dest == option)
        assert {one[option] for one in parsed} - {None} >= set(action.choices) - {"trajectories"}
    asked = {"dtype", "jit", "n_trajectories", "entropy", "aggregation", "kl", "redraw_alike", "first_checks"}
    for option in asked | {"several", "look_alikes"}:
        assert any(one[option] is not None for one in parsed)
    for status in ("0  unbiased", "1  any other verdict", "2  there is nothing to audit"):
        assert status in told
