"""Formulas are set when the site is built."""

import os
import re
import shutil
import zlib
from pathlib import Path

import pytest
import yaml
from docutils import nodes
from sphinx.errors import ExtensionError

from press import formulas

from .conftest import sphinx

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not formulas.is_available(), reason="MathJax is not fetched: make vendor")


@pytest.fixture(scope="module")
def typesetter():
    called = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]["press_spoken"]
    typesetter = formulas.Typesetter({"E": r"\operatorname{\mathbb{E}}"}, 1.1, called)
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


def test_without_words_of_its_own_a_book_has_those_of_the_engine():
    assert formulas.spoken("double struck E of x", {}) == "double struck E of x"
    assert (
        formulas.spoken("double struck E of x", {"double struck": "", "double struck E": "the mean"}) == "the mean of x"
    )


def test_a_sign_that_the_fonts_lack_is_set_as_text(typesetter):
    assert "mjx-utext" in typesetter.set(r"\mathbb{1}", display=False)


def test_a_glyph_has_no_box_of_its_own(typesetter):
    html = typesetter.set("a + 2", display=False)
    assert not re.search("<mjx-(mi|mn|mo)", html)
    assert re.findall('<mjx-c class="([^"]*)"( space="[^"]*")?', html) == [
        ("mjx-c1D44E TEX-I mjx-i", ""), ("mjx-c2B mjx-n", ' space="3"'), ("mjx-c32 mjx-n", ' space="3"')
    ]  # fmt: skip


def test_a_box_that_says_nothing_goes_and_one_that_says_something_stays(typesetter):
    html = typesetter.set(r"\tfrac{a_1}{2} + \displaystyle x^{2}", display=False)
    assert not re.search("<mjx-(mstyle|mfrac|msub|msup|TeXAtom)>", html)
    assert html.count("<mjx-frac") == 1
    assert html.count("<mjx-script") == 2
    assert html.count("<mjx-c ") == 6
    assert re.search("<mjx-mover|<mjx-munder", typesetter.set(r"\sum_{t} x", display=True))


def test_a_box_hands_on_the_space_before_it_and_its_size(typesetter):
    html = typesetter.set(r"x = \tfrac{1}{2} + y_{t+1}", display=False)
    assert not re.search("<mjx-(mstyle|mfrac|msub|TeXAtom)", html)
    assert '<mjx-frac space="4">' in html
    script = re.search("<mjx-script[^>]*>(.*?)</mjx-script>", html)
    assert re.findall('<mjx-c class="mjx-c(\\w+)[^"]*" size="s">', script[1]) == ["1D461", "2B", "31"]


def test_a_small_space_is_one_of_the_sign_after_it_and_a_large_one_stays(typesetter):
    html = typesetter.set(r"a\,b\quad c\,", display=False)
    assert '<mjx-c class="mjx-c1D44F TEX-I mjx-i" space="2">' in html
    assert re.findall('<mjx-mspace style="width: (.*?);">', html) == ["1em", "0.167em"]


def test_what_holds_a_line_open_is_no_element(typesetter):
    html = typesetter.set(r"\begin{matrix} \dfrac{1}{2} & \tfrac{1}{2} \end{matrix}", display=True)
    assert "strut>" not in html
    assert html.count('<mjx-num strut="d">') == html.count('<mjx-den strut="d">') == 1
    assert html.count('<mjx-num strut="">') == html.count('<mjx-den strut="">') == 1
    assert len(re.findall('<mjx-mtd[^>]* strut=""', html)) == 2
    assert "mjx-num[strut]::before" in typesetter.style()


def test_a_formula_in_a_line_is_one_element_with_the_classes_of_a_formula(typesetter):
    assert 'class="MathJax math notranslate"' in typesetter.set("a", display=False)
    assert "notranslate" not in typesetter.set("a", display=True)


def pieces(html):
    """The glyphs between the places where a formula may break, as the letters that they are."""
    codes = [re.findall(r"mjx-c([0-9A-F]+) ", part) for part in html.split("<wbr>")]
    return ["".join(chr(int(code, 16)) for code in part) for part in codes]


def test_a_formula_that_fits_on_a_phone_does_not_break(typesetter):
    for display in (False, True):
        html = typesetter.set("a = b + c", display=display)
        assert "<wbr>" not in html
        assert "pg-broad" not in html


@pytest.mark.parametrize(
    ("tex", "parts"),
    [
        # before relations
        (r"a + b + c + d + e + f = g + h + i + j + k", ["𝑎+𝑏+𝑐+𝑑+𝑒+𝑓", "=𝑔+ℎ+𝑖+𝑗+𝑘"]),
        # else before signs of operations that stand in no bracket
        (r"(a + b)(c + d)(e + f) + (g + h)(i + j)(k + l)", ["(𝑎+𝑏)(𝑐+𝑑)(𝑒+𝑓)", "+(𝑔+ℎ)(𝑖+𝑗)(𝑘+𝑙)"]),
        # else before sums, but for the first after a relation and for one after another
        (r"a = \sum_i \sum_j bcdefgh \sum_k bcdefghi \sum_l lmno", ["𝑎", "=∑𝑖∑𝑗𝑏𝑐𝑑𝑒𝑓𝑔ℎ", "∑𝑘𝑏𝑐𝑑𝑒𝑓𝑔ℎ𝑖", "∑𝑙𝑙𝑚𝑛𝑜"]),
        # else after commas
        (r"(aaaaaaaaaaaaa, bbbbbbbbbbbbbbbb)", ["(𝑎𝑎𝑎𝑎𝑎𝑎𝑎𝑎𝑎𝑎𝑎𝑎𝑎,", "𝑏𝑏𝑏𝑏𝑏𝑏𝑏𝑏𝑏𝑏𝑏𝑏𝑏𝑏𝑏𝑏)"]),
    ],
)
def test_a_broad_formula_may_break_where_it_disturbs_least(typesetter, tex, parts):
    html = typesetter.set(tex, display=False)
    assert pieces(html) == parts
    assert re.search('class="MathJax pg-broad math notranslate"[^>]*--pg-broad: [0-9.]+;', html)


def test_rows_of_a_broad_block_break_too(typesetter):
    html = typesetter.set(r"\begin{aligned} a &= bcdefghij + bcdefghij + bcdefghij \\ &= z \end{aligned}", display=True)
    assert pieces(html) == ["𝑎=𝑏𝑐𝑑𝑒𝑓𝑔ℎ𝑖𝑗", "+𝑏𝑐𝑑𝑒𝑓𝑔ℎ𝑖𝑗", "+𝑏𝑐𝑑𝑒𝑓𝑔ℎ𝑖𝑗=𝑧"]


def test_how_broad_a_formula_is(typesetter):
    """A letter x is 0.572 em broad: 30 of them are 17.2."""
    assert "--pg-broad: 17.2;" in typesetter.set("x" * 30, display=True)
    assert "pg-broad" in typesetter.set(r"\mathbb{1}" + "x" * 30, display=False)


def test_style_holds_the_glyphs_in_use(typesetter):
    typesetter.set(r"\nabla", display=False)
    style = typesetter.style()
    assert "mjx-c.mjx-c2207" in style  # ∇
    assert "mjx-c.mjx-c2A7D" not in style  # ⩽
    assert 'url("fonts/MathJax_Main-Regular.woff")' in style


def test_glyphs_stand_where_they_will_before_their_fonts_are_there(typesetter):
    """Each of MathJax's fonts has the strut beside its own, and that holds up none of them."""
    typesetter.set(r"\nabla \sum_t \Big[", display=True)
    style = formulas.at_rest(typesetter.style())
    assert style.startswith("@font-face {\n  font-family: MJXSTRUT;")
    lists = re.findall(r"font-family: (MJXZERO,[^;]*);", style)
    assert len(lists) > 3
    assert all(fonts.startswith("MJXZERO, MJXSTRUT, ") for fonts in lists)
    assert "  font-family: MJXZERO;\n  unicode-range: U+20, U+EFFC;\n" in style


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


def build(folder, text, *options, settings=PROJECT, **pages):
    (folder / "conf.py").write_text(settings, encoding="utf-8")
    for name, page in ({"index": text} | pages).items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != page:
            path.write_text(page, encoding="utf-8")
    return sphinx(*(options or ("-q",)), "-W", "--keep-going", "-b", "html", folder, folder / "html")


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


def style(folder):
    return (folder / "html" / "_static" / "formulas.css").read_text(encoding="utf-8")


START = "# Page\n\n```{toctree}\none\ntwo\n```\n"
NABLA, OMEGA, MAPS = "mjx-c.mjx-c2207", "mjx-c.mjx-c3A9", "mjx-c.mjx-c21A6"


def test_pages_that_are_not_written_anew_keep_their_glyphs(tmp_path):
    assert build(tmp_path, START, one="# One\n\n$\\nabla$\n", two="# Two\n\n$\\Omega$\n").returncode == 0
    assert NABLA in style(tmp_path)
    assert OMEGA in style(tmp_path)
    run = build(tmp_path, START, two="# Two\n\n$\\mapsto$\n")
    assert run.returncode == 0, run.stderr
    assert NABLA in style(tmp_path)
    assert MAPS in style(tmp_path)
    assert OMEGA not in style(tmp_path)  # no page has it any more


def test_a_build_in_which_nothing_has_changed_changes_nothing(tmp_path):
    assert build(tmp_path, "# Page\n\n$\\nabla$\n").returncode == 0
    before = style(tmp_path)
    run = build(tmp_path, "# Page\n\n$\\nabla$\n")
    assert run.returncode == 0, run.stderr
    assert style(tmp_path) == before


def test_several_processes_read_and_write_pages(tmp_path):
    """Each gets the formulas of its pages right, and the style sheet has the glyphs of all."""
    letters = "abcdefgh"
    pages = {f"p{number}": f"# P\n\n${letter}$ and ${letter * 2}$\n" for number, letter in enumerate(letters)}
    start = "# Page\n\n```{toctree}\n" + "\n".join(pages) + "\n```\n"
    run = build(tmp_path, start, "-q", "-j", "2", **pages)
    assert run.returncode == 0, run.stderr
    for name, letter in zip(pages, letters, strict=True):
        html = (tmp_path / "html" / f"{name}.html").read_text(encoding="utf-8")
        assert re.findall('data-tex="(.*?)"', html) == [letter, letter * 2]
    for code in range(0x1D44E, 0x1D455):  # a to g, and h has a place of its own
        assert f"mjx-c.mjx-c{code:X}" in style(tmp_path)


def test_a_wrong_formula_is_told_by_any_process(tmp_path):
    pages = {f"p{number}": "# P\n\n$\\foo$\n" for number in range(4)}
    start = "# Page\n\n```{toctree}\n" + "\n".join(pages) + "\n```\n"
    run = build(tmp_path, start, "-j", "2", **pages)
    assert run.returncode != 0
    assert [name for name in pages if f"{name}.md:3: WARNING: Undefined control sequence \\foo" not in run.stderr] == []


def test_pages_name_the_style_sheet_with_its_checksum(tmp_path):
    assert build(tmp_path, START, one="# One\n\n$x$\n", two="# Two\n\nText.\n").returncode == 0
    one = (tmp_path / "html" / "one.html").read_text(encoding="utf-8")
    assert f"formulas.css?v={zlib.crc32(style(tmp_path).encode()):08x}" in one


def test_settings_of_mathjax_need_not_be_there(tmp_path):
    run = build(tmp_path, "# Page\n\n$x$\n", settings=PROJECT.partition("mathjax3")[0])
    assert run.returncode == 0, run.stderr


BROKEN = {
    "fails": ("echo 'no such option' >&2; exit 1", "Node says 'no such option'"),
    "babbles": ("echo Hello; sleep 5", "Node says 'Hello'"),
    "hangs": ("exec sleep 60", "Node gave no answer within 1 seconds"),
    "ends": ("exit 0", "Node ended and said nothing"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_where_node_does_not_work_one_sentence_says_so(tmp_path, monkeypatch, name):
    script, sentence = BROKEN[name]
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    typesetter = formulas.Typesetter({}, 1, patience=1 if name == "hangs" else 600)
    with pytest.raises(ExtensionError, match=f"^Formulas cannot be set: {sentence}. Remove press/vendor: "):
        typesetter.set("x", display=False)


def test_half_a_folder_is_named(tmp_path, monkeypatch):
    shutil.copytree(formulas.VENDOR / "mathjax", tmp_path / "mathjax")
    (tmp_path / "node_modules" / "speech-rule-engine" / "lib").mkdir(parents=True)
    questions = Path("node_modules", "wicked-good-xpath")
    shutil.copytree(formulas.VENDOR / questions, tmp_path / questions)
    broken = tmp_path / "node_modules" / "speech-rule-engine" / "lib" / "sre.js"
    broken.write_text("require('./gone')", encoding="utf-8")
    monkeypatch.setattr(formulas, "VENDOR", tmp_path)
    with pytest.raises(ExtensionError, match=r"^Formulas cannot be set: Node says .*Cannot find module './gone'"):
        formulas.Typesetter({}, 1).set("x", display=False)


@pytest.mark.parametrize("name", ["FONTS", "MATHJAX", "SPEECH"])
def test_each_part_must_be_there(tmp_path, monkeypatch, name):
    assert formulas.is_available()
    monkeypatch.setattr(formulas, name, tmp_path / "gone")
    assert not formulas.is_available()
    assert "gone" in formulas.missing()


def test_a_build_without_them_says_so_and_fails_not(tmp_path):
    gone = str(tmp_path / "gone")
    away = PROJECT + f"import press.formulas, pathlib\npress.formulas.MATHJAX = pathlib.Path({gone!r})\n"
    run = build(tmp_path, "# Page\n\n$x$\n", "-N", settings=away)
    assert run.returncode == 0, run.stderr
    assert re.search(r"^Formulas were not set, because .*gone was not found\. Pages set them", run.stdout, re.MULTILINE)
    assert "tex-chtml.js" in (tmp_path / "html" / "index.html").read_text(encoding="utf-8")
