"""The fonts of formulas hold the glyphs that pages show."""

import base64
import io
import re

import pytest
from fontTools.ttLib import TTFont
from sphinx.errors import ExtensionError

from press import fonts, formulas

pytestmark = pytest.mark.skipif(not formulas.is_available(), reason="MathJax is not fetched: make vendor")

FORMULAS = [
    (r"\nabla J(\theta) = \mathbf{x}", False),
    (r"\mathbb{E} \Bigl[ \frac{a}{b} \Bigr] \quad \underbrace{a + b}", True),
    (r"\left( \begin{matrix} a \\ b \\ c \\ d \end{matrix} \right)", True),
    (r"\{x\} \bigl\{ x \bigr\}", False),
]


@pytest.fixture(scope="module")
def style():
    typesetter = formulas.Typesetter({}, 1.1)
    yield typesetter.style(FORMULAS)
    typesetter.close()


@pytest.fixture(scope="module")
def cut_down(style):
    """The style sheet, and the files beside it."""
    files = {}
    return fonts.with_their_glyphs(style, formulas.FONTS, files.__setitem__), files


def held(style, files, family):
    """The signs that a font of a style sheet has, or None where the style sheet does not have the font."""
    face = next((face for face in fonts.FACE.finditer(style) if face["family"] == family), None)
    if face is None:
        return None
    address = face["address"]
    inline = address.startswith("data:font/woff;base64,")
    font = base64.b64decode(address.partition(",")[2]) if inline else files[address]
    with TTFont(io.BytesIO(font)) as read:
        return {chr(code) for code in read.getBestCmap()}


def test_each_font_has_what_is_shown_in_it_and_no_more(style, cut_down):
    for family, signs in fonts.glyphs(style).items():
        with TTFont(formulas.FONTS / re.search(rf"{family};[^}}]*fonts/(.*?\.woff)", style)[1]) as whole:
            has = {chr(code) for code in whole.getBestCmap()}
        assert held(*cut_down, family) == (signs & has or None)
    assert held(*cut_down, "MJXTEX-B") == {"x"}
    assert held(*cut_down, "MJXTEX-A") >= {"E"}
    assert held(*cut_down, "MJXTEX") >= set("∇()=+{}")
    assert held(*cut_down, "MJXTEX-S1") >= set("{}")


def test_every_part_of_a_bracket_that_grows_is_in_a_font(style, cut_down):
    grows = set("".join(map(fonts.said, re.findall(r'mjx-stretchy[^{}]*\{[^}]*content: "([^"]+)"', style))))
    assert len(grows) > 3
    families = ("MJXTEX-S1", "MJXTEX-S4", "MJXTEX", "MJXTEX-A")
    assert grows <= set().union(*(held(*cut_down, family) or set() for family in families))


def test_what_shows_nothing_is_left_out_and_what_is_small_is_in_the_style_sheet(cut_down):
    style, files = cut_down
    assert held(style, files, "MJXTEX-FR") is None
    assert "  font-family: MJXZERO;\n" in style  # press/formulas.py says where it holds
    assert all(len(font) > fonts.SMALL for font in files.values())
    assert {address.partition("-")[0] for address in files} <= {"fonts/MathJax_Main", "fonts/MathJax_Math"}


def test_the_same_glyphs_give_the_same_file(style, cut_down):
    again = {}
    assert fonts.with_their_glyphs(style, formulas.FONTS, again.__setitem__) == cut_down[0]
    assert again == cut_down[1]


@pytest.mark.parametrize(("content", "text"), [("x", "x"), (r"\2207", "∇"), (r"\A0 b", "\xa0b"), (r"\"\\", '"\\')])
def test_strings_of_a_style_sheet_are_read(content, text):
    assert fonts.said(content) == text


def test_a_style_sheet_of_another_form_is_refused(style):
    with pytest.raises(ExtensionError, match="adapt FACE"):
        fonts.with_their_glyphs(style.replace("@font-face", "@font"), formulas.FONTS, {}.__setitem__)


def test_where_no_formula_is_nothing_is_done():
    assert fonts.with_their_glyphs("p { color: red; }", formulas.FONTS, {}.__setitem__) == "p { color: red; }"
