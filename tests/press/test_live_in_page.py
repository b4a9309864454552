"""What shows itself looks in a page that runs it as it does when the page is built, and errors as in a notebook."""

import io
import json
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import pgcode as pg
from pgcode.exercises import setting
from press.live import in_page, pages

#: What each kind of display is made of.
SHOWN = {
    "check": lambda: pg.check(r"the \(\theta\), that is, of `a_b`", [1.0, 2.0], [1.0, 2.1]),
    "table": lambda: pg.table({r"\(J\)": [1.0, 2.0], "what": ["a & b", "c"], "as": [pg.check("", 1.0, 1.0)] * 2}),
    "ledger": lambda: ledger(),
    "audit": lambda: report(),
    "verdict": lambda: verdict(),
}


def ledger():
    mdp = pg.environments.mill()
    policy = pg.SoftmaxPolicy(2, 2)
    return pg.trajectory_form.derivation(mdp, policy, np.zeros((2, 2)))


def verdict():
    return setting.discounted_return.check(lambda rewards, discount: np.sum(rewards))


def report():
    def reinforce(batch, theta):
        pi = np.exp(theta) / np.exp(theta).sum(axis=1, keepdims=True)
        total = np.zeros(theta.shape)
        for states, actions, rewards in zip(batch.states, batch.actions, batch.rewards, strict=True):
            for state, action in zip(states, actions, strict=False):
                total[state] += (np.eye(theta.shape[1])[action] - pi[state]) * rewards.sum()
        return total

    return pg.audit.audit(reinforce)


RUNS = """
import json, sys
sys.path.insert(0, sys.argv[1])
class Blocked:
    def find_spec(self, name, *others):
        if name.split(".")[0] in ("docutils", "sphinx", "myst_nb", "myst_parser"):
            raise ImportError(name + " is not in a page")
sys.meta_path.insert(0, Blocked())
from press.live import in_page
print(json.dumps([in_page.Writer("../").as_built(data) for data in json.load(sys.stdin)]))
"""


@pytest.fixture(scope="module")
def in_a_page(tmp_path_factory):
    """A function that writes displays as a page does, with what goes along with one and without Sphinx."""
    folder = tmp_path_factory.mktemp("course")
    known = {"labels": {"eb1": "book/reference/errata.html#eb1"}, "anchors": {}}
    zipfile.ZipFile(io.BytesIO(pages.shipped(known))).extractall(folder)

    def write(values):
        data = json.dumps([value._repr_mimebundle_() for value in values])
        command = [sys.executable, "-c", RUNS, str(folder)]
        answer = subprocess.run(command, input=data, capture_output=True, encoding="utf-8", check=False, cwd=folder)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return write


BUILT = """
extensions = ["myst_nb", "press.assets", "press.outputs", "press.errata_links", "press.joints"]
nb_execution_mode = "off"
suppress_warnings = ["myst.xref_missing", "ref.ref", "myst.xref_ambiguous"]
html_math_renderer = "test"
from press import formulas
def setup(app):
    leave = lambda self, node: None
    def inline(self, node):
        from docutils import nodes
        self.body.append(self.starttag(node, "span", "", CLASS="math notranslate") + "</span>")
        raise nodes.SkipNode
    app.add_html_math_renderer("test", (inline, leave), (inline, leave))
    app.connect("doctree-resolved", formulas.keep_marks, priority=950)
"""


def without_what_differs(html):
    """HTML without the source of formulas, which a page sets later, and without links, whose pages are not there."""
    html = re.sub(r' data-(formula|display)="[^"]*"', "", html)
    html = re.sub(r"</?a\b[^>]*>", "", html)
    html = re.sub(r'<span class="(xref |std )[^"]*">([^<]*)</span>', r"\2", html)
    html = re.sub(r"<span>([^<]*)</span>", r"\1", html)
    html = re.sub(r"</?(span|code) class=\"(xref|doc|std)[^>]*>", "", html)
    return re.sub(r"\s*\n\s*", "", html)


def test_displays_look_as_built(tmp_path, sphinx_build, notebook, in_a_page):
    values = [make() for make in SHOWN.values()]
    site = sphinx_build(tmp_path, BUILT, index=notebook(*values))
    page = (site / "index.html").read_text(encoding="utf-8")
    built = page.split('<div class="cell_output docutils container">\n')[1:]
    for name, expected, shown in zip(SHOWN, built, in_a_page(values), strict=True):
        html = without_what_differs(shown["text/html"])
        assert without_what_differs(expected)[: len(html)] == html, name
        assert len(html) > 100


def test_a_link_leads_to_its_page_and_a_label_to_the_errata(in_a_page):
    (shown,) = in_a_page([verdict()])
    links = re.findall(r'href="([^"]*)"', shown["text/html"])
    assert links
    assert all(re.fullmatch(r"\.\./book/[\w/-]+\.html#[\w-]+", link) for link in links), links


@pytest.fixture
def page(monkeypatch, tmp_path):
    """A page, and what it was told."""
    told = []
    monkeypatch.setattr(in_page, "HOME", tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    for name in ("tqdm", "tqdm.auto", "tqdm.notebook", "tqdm.std", "IPython", "IPython.display"):
        monkeypatch.setitem(sys.modules, name, sys.modules.get(name))
    made = in_page.Page(lambda text: told.append(json.loads(text)), json.dumps({"folder": "book", "root": "../"}))

    def run(source, **job):
        told.clear()
        answer = json.loads(made.run(json.dumps({"cells": [{"source": source}], **job})))
        return answer, [one["output"] for one in told if one["kind"] == "output"]

    run.told, run.slice = (
        told,
        lambda sources, index: json.loads(made.slice(json.dumps({"sources": sources, "index": index}))),
    )
    return run


def test_a_cell_prints_and_shows_in_order(page):
    answer, outputs = page("print('a')\ndisplay(1)\nprint('b')\n2")
    assert answer == {"ok": True}
    assert [(one["kind"], one["data"]["text/plain"]) for one in outputs] == [
        ("stdout", "a\n"), ("display", "1"), ("stdout", "b\n"), ("display", "2")
    ]  # fmt: skip


def test_what_a_cell_needs_is_silent_and_each_run_begins_anew(page):
    assert page("print(a)", setup=["print('x')", "a = [1]"]) == (
        {"ok": True}, [{"kind": "stdout", "data": {"text/plain": "[1]\n"}}]
    )  # fmt: skip
    answer, _ = page("print(a)")
    assert "NameError: name 'a' is not defined" in answer["error"]["text"]


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("a = 1\nb = a / 0", 2, "ZeroDivisionError: division by zero"),
        ("def f():\n    return [][1]\n\nf()", 2, "IndexError"),
        ("a = (1,\nb = 2", None, "SyntaxError"),
        ("import json\njson.loads('{')", 2, "JSONDecodeError"),
        ("raise SystemExit", 1, "SystemExit"),
        ("import pgcode as pg\npg.TabularMDP([[[0.5]]], [[[1.0]]], [1.0], 1)", 2, "ValueError: transition[0, 0] sums"),
        ("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e", 4, "direct cause"),
    ],
)
def test_an_error_names_its_line_and_no_frame_of_ours(page, source, line, words):
    answer, _ = page(source)
    error = answer["error"]
    assert words in error["text"]
    assert set(re.findall('File "(.*?)"', error["text"])) == {"<this cell>"}
    assert error["line"] == line if line else isinstance(error["line"], int)


def test_of_an_error_that_passes_through_the_package_the_frames_of_cells_are_shown(page):
    source = "import numpy as np\ndef row(x):\n    return [][1]\nnp.apply_along_axis(row, 0, np.ones((2, 2)))"
    error = page(source)[0]["error"]
    assert re.findall('File "(.*?)", line (.*?),', error["text"]) == [("<this cell>", "4"), ("<this cell>", "3")]
    assert error["line"] == 3


def test_what_is_missing_is_named(page):
    assert page("import no_such_module")[0]["error"]["missing"] == "no_such_module"


def test_a_cell_uses_what_was_changed_above(page):
    edited = {"sources": ["a = 5", "b = 1", "print(a)"], "index": 2, "changed": [0, 1]}
    answer, outputs = page("print(a)", edited=edited)
    assert answer == {"ok": True, "uses": [0]}
    assert outputs[0]["data"]["text/plain"] == "5\n"


def test_a_change_that_a_cell_does_not_use_leaves_its_slice(page):
    printed = page.slice(["a = 5", "b = 1", "print(a)"], 2)
    assert printed == {"ok": True, "slice": ["a = 5"]}
    assert page.slice(["a = 5", "b = 2\nprint(b)", "print(a)"], 2) == printed
    assert page.slice(["a = 5", "b = 1\na += b", "print(a)"], 2)["slice"] == ["a = 5", "b = 1", "a += b"]
    assert page.slice(["a = (", "", "print(a)"], 2) == {"ok": False}


def test_an_error_above_says_so(page):
    error = page("print(a)", setup=["a = 1 / 0"])[0]["error"]
    assert (error["above"], error["line"]) == (True, None)


def test_a_bar_tells_how_far_it_is(page):
    page("from tqdm.auto import tqdm\nimport time\nfor _ in tqdm(range(3), desc='steps'):\n    time.sleep(0.12)")
    told = [(one["text"], one["share"]) for one in page.told if one["kind"] == "progress"]
    assert told[-1] == ("steps: 3 of 3", 1.0)


def test_figures_that_are_open_are_shown(page, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.setenv("MPLBACKEND", "agg")
    answer, outputs = page("from matplotlib import pyplot as plt\nplt.plot([1, 2])\nNone")
    assert answer["ok"], answer
    assert outputs[-1]["data"]["image/svg+xml"].lstrip().startswith("<!DOCTYPE svg")
