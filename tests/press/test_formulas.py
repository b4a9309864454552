"""Formulas are set when the site is built."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from docutils import nodes

from press import formulas

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not formulas.is_available(), reason="MathJax is not fetched: make vendor")


@pytest.fixture(scope="module")
def typesetter():
    typesetter = formulas.Typesetter({"E": r"\operatorname{\mathbb{E}}"}, 1.1)
    yield typesetter
    typesetter.close()


def test_a_formula_is_glyphs_words_and_source(typesetter):
    html = typesetter.set(r"\E[x] < 1", display=False)
    assert html.startswith('<mjx-container role="img" aria-label="the expectation ')
    assert 'is less than 1" data-tex="\\E[x] &lt; 1"' in html
    assert "<math" not in html
    assert "<mjx-c " in html
    assert 'display="true"' in typesetter.set("x", display=True)
    assert 'display="true"' not in typesetter.set("x", display=False)


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"\pi_\theta(a|s)", "pi sub theta of open paren a given s close paren"),
        (r"\nabla J(\theta)", "the gradient of J of theta"),
        (r"\gamma^t", "gamma to the t-th power"),
    ],
)
def test_a_formula_is_spoken(typesetter, tex, words):
    assert f'aria-label="{words}"' in typesetter.set(tex, display=False)


def test_a_sign_that_the_fonts_lack_is_set_as_text(typesetter):
    assert "mjx-utext" in typesetter.set(r"\mathbb{1}", display=False)


def test_a_glyph_has_no_box_of_its_own(typesetter):
    html = typesetter.set("a + 2", display=False)
    assert not re.search("<mjx-(mi|mn|mo)", html)
    assert re.findall('<mjx-c class="([^"]*)"( space="[^"]*")?', html) == [
        ("mjx-c1D44E TEX-I mjx-i", ""), ("mjx-c2B mjx-n", ' space="3"'), ("mjx-c32 mjx-n", ' space="3"')
    ]  # fmt: skip


def test_style_holds_the_glyphs_in_use(typesetter):
    typesetter.set(r"\nabla", display=False)
    style = typesetter.style()
    assert "mjx-c.mjx-c2207" in style  # ∇
    assert "mjx-c.mjx-c2A7D" not in style  # ⩽
    assert 'url("fonts/MathJax_Main-Regular.woff")' in style


@pytest.mark.parametrize("tex", [r"\unknown", r"\frac{1", r"x^1^2"])
def test_a_formula_that_cannot_be_set_is_an_error_and_the_next_one_is_not(typesetter, tex):
    with pytest.raises(formulas.FormulaError, match=r"in the formula"):
        typesetter.set(tex, display=False)
    assert "mjx-container" in typesetter.set("y", display=False)


def test_blocks_of_formulas_are_aligned():
    assert formulas.aligned("x") == "x"
    assert formulas.aligned(r"a \\ b") == r"\begin{split}a \\ b\end{split}"
    assert formulas.aligned("a\n\nb") == r"\begin{aligned}a\\b\end{aligned}"


def test_a_formula_keeps_the_mark_that_follows_it():
    formula = nodes.math("", "x")
    paragraph = nodes.paragraph("", "", nodes.Text("In "), formula, nodes.Text("), then"), nodes.math("", "y"))
    formulas.keep_marks(None, paragraph, "")
    together = paragraph[1]
    assert together["classes"] == ["pg-together"]
    assert [child.astext() for child in together] == ["x", "),"]
    assert [child.astext() for child in paragraph] == ["In ", "x),", " then", "y"]


PROJECT = """
extensions = ["myst_parser", "press.formulas"]
myst_enable_extensions = ["dollarmath", "amsmath"]
mathjax3_config = {"tex": {"macros": {}}, "chtml": {"scale": 1.1}}
"""


def build(folder, text):
    (folder / "conf.py").write_text(PROJECT, encoding="utf-8")
    (folder / "index.md").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", folder, folder / "html"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)


def test_a_page_holds_set_formulas_and_no_script_for_them(tmp_path):
    run = build(tmp_path, "# Page\n\nIn $x$, see {eq}`one`.\n\n$$a = b$$ (one)\n\n\\begin{align}c &= d\\end{align}\n")
    assert run.returncode == 0, run.stderr
    page = (tmp_path / "html" / "index.html").read_text(encoding="utf-8")
    assert page.count("<mjx-container") == 3
    assert '<span class="eqno">(1)<a class="headerlink" href="#equation-one"' in page
    assert not re.search(r"<script[^>]*(?i:mathjax)", page)
    assert (tmp_path / "html" / "_static" / "formulas.css").stat().st_size > 2000
    assert (tmp_path / "html" / "_static" / "fonts" / "MathJax_Math-Italic.woff").exists()


def test_a_wrong_formula_fails_the_build_and_names_its_place(tmp_path):
    run = build(tmp_path, "# Page\n\nIn $\\foo$.\n")
    assert run.returncode != 0
    assert "index.md:3: WARNING: Undefined control sequence \\foo" in run.stderr
