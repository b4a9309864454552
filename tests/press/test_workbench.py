"""The places in which readers put something of their own; what JavaScript computes there is what pgcode computes."""

from __future__ import annotations

import gzip
import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from readers_worlds import BROKEN, ERRAND, SHUTTLE, SOUND

from pgcode import environments, oracles, state_action_form, values
from pgcode._in_page import audit
from pgcode._in_page import world as in_python
from pgcode.audit._sequences import AGGREGATIONS
from press import workbench

SCRIPTS = workbench.STATIC / workbench.FOLDER
MODEL = SCRIPTS / "world-model.js"

ENVIRONMENTS = {
    "shuttle": environments.shuttle(),
    "machine": environments.machine(),
    "board": environments.board(),
    "corridor": environments.short_corridor(),
    "seasons": environments.two_seasons(),
}


def in_node(body: str, argument: Any = None) -> Any:
    """What a function of the model and a JSON value returns; its body is given."""
    script = f"const m = require({json.dumps(str(MODEL))}), x = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
    script += f"process.stdout.write(JSON.stringify((() => {{ {body} }})()));"
    answer = subprocess.run(
        ["node", "-e", script], input=json.dumps(argument), capture_output=True, encoding="utf-8", check=False
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def random_world(seed: int) -> dict[str, Any]:
    """A world of a few states with ends, forbidden actions, several starts; episodic ones without a discount too."""
    draw = random.Random(seed)
    n, k = draw.randint(1, 6), draw.randint(1, 4)
    rows = []
    for s in range(n - 1 if n > 1 else n):
        for a in sorted(draw.sample(range(k), draw.randint(1, k))):
            after = sorted(draw.sample(range(n), draw.randint(1, n)))
            if s == n - 2 and n - 1 not in after:
                after.append(n - 1)
            if s < n - 2 and s + 1 not in after:
                after.append(s + 1)
            weights = [draw.random() + 0.05 for _ in after]
            rows += [
                [s, a, t, w / sum(weights), round(draw.uniform(-3, 3), 2)] for t, w in zip(after, weights, strict=True)
            ]
    start = [draw.choice([0, 1, draw.random()]) for _ in range(n)]
    start = [p / sum(start) for p in start] if sum(start) else [1.0, *[0] * (n - 1)]
    horizon = draw.choice([None, 1, 2, 5, 17])
    ends = n > 1
    return {
        "name": f"world {seed}",
        "states": [f"s{s}" for s in range(n)],
        "actions": [f"a{a}" for a in range(k)],
        "rows": rows,
        "start": start,
        "discount": draw.choice([0.0, 0.5, 0.9, 0.99, *([1.0] if ends or horizon else [])]),
        "horizon": horizon,
        "theta": [[draw.uniform(-2, 2) for _ in range(k)] for _ in range(n)],
    }


WORLDS = [random_world(seed) for seed in range(60)]


# ---- one source of truth -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def computed() -> list[dict[str, Any]]:
    """What JavaScript makes of the worlds."""
    return in_node("return x.map((w) => ({...m.exact(w), problems: m.problems(w)}));", [*WORLDS, *SOUND.values()])


def test_the_drawn_worlds_are_of_all_kinds():
    assert {world["horizon"] for world in WORLDS} == {None, 1, 2, 5, 17}
    assert any(world["discount"] == 1 and world["horizon"] is None for world in WORLDS)
    assert {len(world["states"]) for world in WORLDS} >= {1, 6}
    assert any(len({tuple(row[:2]) for row in w["rows"]}) < len(w["states"][:-1]) * len(w["actions"]) for w in WORLDS)


@pytest.mark.parametrize("number", range(len(WORLDS) + len(SOUND)))
def test_javascript_computes_what_pgcode_computes(number, computed):
    read = in_python.read([*WORLDS, *SOUND.values()][number])
    here = computed[number]
    mdp, policy, theta = read.mdp, read.policy, read.theta
    assert here["problems"] == []
    size = 1 + np.abs(mdp.reward).max()
    assert here["objective"] == pytest.approx(float(values.objective(mdp, policy, theta)), rel=1e-11, abs=1e-11 * size)
    gradient = state_action_form.exact_gradient(mdp, policy, theta)
    scale = max(np.abs(gradient).max(), size)
    for form in ("trajectory", "stateAction"):
        np.testing.assert_allclose(here[form], gradient, atol=1e-10 * scale)
    reached = values.discounted_visitation(mdp, policy, theta) if mdp.horizon is None and mdp.discount < 1 else None
    if reached is not None:
        np.testing.assert_allclose(
            np.array(here["visits"])[~mdp.terminal], reached[~mdp.terminal], rtol=1e-10, atol=1e-10
        )
        np.testing.assert_allclose(here["values"], values.state_values(mdp, policy, theta), atol=1e-10 * scale)


def test_both_forms_of_javascript_are_two_computations(computed):
    """Else they would not differ by rounding."""
    assert sum(one["difference"] > 0 for one in computed) > len(computed) / 2
    assert all(one["difference"] < 1e-9 * (1 + np.abs(one["stateAction"]).max()) for one in computed)


def test_walks_are_counted_alike():
    worlds = [world for world in [*WORLDS, *SOUND.values()] if world["horizon"] is not None]
    counts = in_node("return x.map(m.countWalks);", worlds)
    exact = [in_python.exact({"world": world})["walks"] for world in worlds]
    np.testing.assert_allclose(counts, exact, rtol=1e-12)


@pytest.mark.parametrize("name", BROKEN)
def test_what_pgcode_refuses_the_page_refuses(name):
    broken, _, message = BROKEN[name]
    found = in_node("return m.problems(x);", broken)
    assert re.search(message, " ".join(one["text"] for one in found)), found
    wrong_fields = 2 if name == "a negative start" else 1
    assert len(found) == wrong_fields, "what follows from something else that is wrong is not told beside it"


def test_a_probability_that_is_no_number_is_one_complaint():
    broken = {**SHUTTLE, "rows": [[*SHUTTLE["rows"][0][:3], None, 1], *SHUTTLE["rows"][1:]]}
    assert [one["at"] for one in in_node("return m.problems(x);", broken)] == ["row 0 probability"]


def test_the_limits_are_those_of_pgcode():
    assert in_node("return m.LIMITS;") == in_python.LIMITS


# ---- the worlds to begin with --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_world_to_begin_with_is_that_of_the_package(name):
    mdp, other = in_python.read(in_node(f"return m.PRESETS.{name};")).mdp, ENVIRONMENTS[name]
    assert (mdp.discount, mdp.horizon) == (other.discount, other.horizon)
    np.testing.assert_array_equal(mdp.initial, other.initial)
    decides = ~other.terminal
    np.testing.assert_allclose(mdp.transition[decides], other.transition[decides])
    possible = (other.transition > 0) & decides[:, None, None]
    np.testing.assert_array_equal(mdp.reward[possible], other.reward[possible])
    if name != "seasons":  # there π sees the season, in the package it does not
        assert (mdp.terminal == other.terminal).all()


def test_every_world_to_begin_with_is_sound_and_says_what_it_is():
    presets = in_node("return m.PRESETS;")
    assert set(ENVIRONMENTS) < set(presets)
    for preset in presets.values():
        assert preset["about"].endswith(".")
        in_python.read(preset)
        assert in_node("return m.problems(x);", preset) == []


# ---- the link and the code -----------------------------------------------------------------------------------------


def test_a_link_holds_the_world():
    worlds = [*SOUND.values(), *WORLDS, {**SHUTTLE, "name": "Zürich → “θ” 🚲", "states": ["<b>", "&amp;"]}]
    links = in_node("return x.map(m.encode);", worlds)
    assert all(re.fullmatch(r"1\.[\w-]+", link) for link in links)
    for world, read in zip(worlds, in_node("return x.map((link) => m.decode(link));", links), strict=True):
        theta = read.pop("theta")
        np.testing.assert_allclose(theta, world["theta"], atol=1e-5, rtol=1e-5)
        assert read == {name: part for name, part in world.items() if name != "theta"}


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("", "holds no world"),
        ("nonsense", "holds no world"),
        ("2.abc", "another release"),
        ("1.", "holds no world"),
        ("1.%%%", "URI|holds no world"),
        ("1.W10", "holds no world"),  # []
        ("1.WzEsMiwzLDQsNSw2LDcsOF0", "cannot be shown"),  # [1, …, 8]
    ],
)
def test_a_broken_link_is_told_in_a_sentence(link, message):
    told = in_node("try { return m.decode(x) && null; } catch (error) { return error.message; }", link)
    assert re.search(message, told)


def test_a_link_of_which_the_end_is_missing_is_told():
    link = in_node("return m.encode(x);", SHUTTLE)
    for length in range(2, len(link), 7):
        told = in_node("try { return m.decode(x) && null; } catch (error) { return error.message; }", link[:length])
        assert told.startswith("The link holds")


def test_a_link_with_numbers_that_are_wrong_is_shown_with_its_messages():
    wrong = {**SHUTTLE, "discount": 2, "rows": [[0, 0, 0, 0.25, 1], *SHUTTLE["rows"][1:]]}
    read = in_node("return m.decode(m.encode(x));", wrong)
    assert (read["discount"], read["rows"][0][3]) == (2, 0.25)


NASTY_NAMES = {**SHUTTLE, "states": ['a "quoted" one', "back\\slash"], "actions": ["θ", "${x}"], "name": 'say """so"""'}


@pytest.mark.parametrize("world", [SHUTTLE, ERRAND, SOUND["no horizon"], NASTY_NAMES], ids=str)
def test_the_code_to_take_along_runs_and_gives_the_same(world, tmp_path):
    file = tmp_path / "your_world.py"
    file.write_text(in_node("return m.python(x);", world), encoding="utf-8")
    names: dict[str, Any] = {"__name__": "taken along"}
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), names)
    read = in_python.read(world)
    np.testing.assert_array_equal(names["world"].transition, read.mdp.transition)
    np.testing.assert_array_equal(names["world"].reward, read.mdp.reward)
    np.testing.assert_array_equal(names["theta"], read.theta)
    assert (names["states"], names["world"].horizon) == (world["states"], world["horizon"])
    third = oracles.complex_step(lambda at: values.objective(names["world"], names["policy"], at), names["theta"])
    np.testing.assert_allclose(in_node("return m.exact(x).trajectory;", world), third, atol=1e-11)


def test_the_code_prints_what_the_page_shows(tmp_path):
    (tmp_path / "your_world.py").write_text(in_node("return m.python(m.PRESETS.shuttle);"), encoding="utf-8")
    root = str(Path(workbench.__file__).parents[2])
    printed = subprocess.run(
        [sys.executable, "your_world.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": root, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert " ".join(printed.split()) == "J = 2.0 its gradient: [[-0.75 0.75] [-0.75 0.75]]"


# ---- estimators to begin with --------------------------------------------------------------------------------------

FIND = """
const fs = require('fs'), window = { pgBench: {} }, document = { querySelectorAll: () => [] };
new Function('window', 'document', fs.readFileSync(process.argv[1], 'utf8'))(window, document);
process.stdout.write(JSON.stringify(window.pgAudit));
"""


@pytest.fixture(scope="module")
def to_audit() -> dict[str, Any]:
    """What may be audited, as the page has it."""
    run = subprocess.run(
        ["node", "-e", FIND, str(SCRIPTS / "audit.js")], capture_output=True, encoding="utf-8", check=True
    )
    return json.loads(run.stdout)


def test_what_may_be_audited_is_what_python_knows(to_audit):
    assert list(to_audit["KINDS"]) == list(audit.KINDS)
    assert to_audit["AGGREGATIONS"] == list(AGGREGATIONS)


#: The verdicts on the examples, in their order.
VERDICTS = {
    "estimator": ["unbiased", "biased", "biased", "biased"],
    "advantages": ["equal", "different", "different", "different"],
    "sequences": ["unbiased", "proportional", "biased", "biased"],
}


@pytest.mark.parametrize("kind", VERDICTS)
def test_the_first_example_is_right_and_the_others_are_what_they_say(kind, to_audit):
    examples = to_audit["KINDS"][kind]["examples"]
    answers = [audit.report({"source": source, "kind": kind}) for source in examples.values()]
    assert [answer["verdict"] for answer in answers] == VERDICTS[kind]
    texts = [str(answer["shown"]) for answer in answers]
    for name, text in zip(examples, texts, strict=True):
        assert name.startswith("broken") == text.startswith("✗"), name
        assert "no mistake that is known" not in text.lower(), name
        assert not text.startswith("✗") or len(text.splitlines()) > 2


@pytest.mark.parametrize("kind", VERDICTS)
def test_a_function_gets_what_the_page_says(kind, to_audit):
    """Every name of the list can be evaluated inside of a function that is audited."""
    lines = [f"    {name}" for name, _ in to_audit["KINDS"][kind]["gets"]]
    argument = {"estimator": "batch, theta", "advantages": "steps", "sequences": "batch"}[kind]
    result = {"estimator": "0 * theta", "advantages": "0 * steps.rewards", "sequences": "0 * batch.rewards"}[kind]
    x = "" if kind != "sequences" else "    x = batch.rewards\n"
    source = f"def f({argument}):\n{x}" + "\n".join(lines) + f"\n    return {result}\n"
    assert audit.report({"source": source, "kind": kind})["verdict"] != "not an estimator"


# ---- the pages -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory, sphinx_build):
    """A small site with a page for each tool and one without."""
    pages = {"index": "# Plain\n\n```{toctree}\nworld\nown\n```\n"}
    pages |= {"world": "# World\n\n<!-- your world -->\n", "own": "# Own\n\n<!-- your estimator -->\n"}
    folder = tmp_path_factory.mktemp("site")
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    settings = "extensions = ['myst_parser', 'press.assets', 'press.live', 'press.workbench']"
    return sphinx_build(folder, settings)


def page(built: Path, name: str) -> str:
    return (built / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "tool"), [("world", "your world"), ("own", "your estimator")])
def test_a_page_with_a_tool_loads_its_scripts_and_says_what_they_are_for(built, name, tool):
    kind, scripts, without = workbench.TOOLS[tool]
    html = page(built, name)
    assert f'<div class="pg-workbench {kind}" id="{kind}"><noscript>' in html
    assert without in html
    places = [html.index(f"_static/{workbench.FOLDER}/{script}") for script in scripts]
    assert places == sorted(places)
    assert html.index("_static/live.js") < places[0]
    assert 'id="pg-live"' in html
    assert f"_static/{workbench.FOLDER}/workbench.css" in html
    for script in scripts:
        assert (built / "_static" / workbench.FOLDER / script).read_bytes() == (SCRIPTS / script).read_bytes()


def test_a_page_without_a_tool_loads_nothing_of_it(built):
    assert workbench.FOLDER not in page(built, "index")
    assert "pg-live" not in page(built, "index")


def test_every_script_is_loaded_by_a_tool():
    named = {script for _, scripts, _ in workbench.TOOLS.values() for script in scripts}
    assert named | {"workbench.css"} == {path.name for path in SCRIPTS.iterdir()}


def test_the_scripts_of_a_page_are_light():
    """As they are sent, compressed, before anything is run."""
    for _, scripts, _ in workbench.TOOLS.values():
        assert sum(len(gzip.compress((SCRIPTS / script).read_bytes())) for script in scripts) < 30_000


def test_scripts_ask_for_what_python_answers():
    for script in SCRIPTS.glob("*.js"):
        for module, name in re.findall(r'"(world|audit)\.(\w+)"', script.read_text(encoding="utf-8")):
            assert name in {"world": in_python, "audit": audit}[module].__all__
