"""Names in code break at their joints."""

import re
from types import SimpleNamespace

import pytest
from docutils import nodes

from press import joints


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("policy.probabilities(theta)[s", ["policy", ".probabilities", "(theta)", "[s"]),
        ("n_states", ["n_", "states"]),
        ("_private", ["_private"]),
        ("2.5", ["2.5"]),
        ("plain", ["plain"]),
    ],
)
def test_joints(code, parts):
    assert joints.JOINT.split(code) == parts


def test_inline_code_has_joints_and_a_block_has_none(tmp_path, sphinx_build):
    page = "Page\n====\n\nUse ``state_action_values``, not n_states.\n\n::\n\n   state_action_values\n"
    site = sphinx_build(tmp_path, "extensions = ['press.joints']", index=page)
    html = (site / "index.html").read_text(encoding="utf-8")
    assert html.count("<wbr>") == 2
    code = re.search(r"<code[^>]*>(.*?)</code>", html)[1]
    assert re.sub(r"</?span[^>]*>", "", code) == "state_<wbr>action_<wbr>values"


@pytest.mark.parametrize(
    ("code", "pieces"),
    [
        ("default_rng(1)", ["default_rng(1)"]),  # it goes to the next line as a whole
        ("x = n_states + 1", ["x = n_states + 1"]),
        ("policy.score(theta, states)", ["policy", ".score", "(theta, states)"]),
        ("policy.probabilities(theta)", ["policy", ".probabilities", "(theta)"]),
    ],
)
def test_a_short_name_in_a_line_does_not_break(code, pieces):
    assert joints.joints_of_long(code) == pieces


def test_in_a_table_a_short_name_breaks_too():
    code = nodes.literal("", "n_states")
    document = nodes.section("", nodes.entry("", nodes.paragraph("", "", code)))
    joints.add_joints(SimpleNamespace(builder=SimpleNamespace(format="html")), document, "page")
    assert [type(part).__name__ for part in code] == ["Text", "Joint", "Text"]


def test_a_number_keeps_its_per_cent_sign():
    text, code = nodes.paragraph("", "5 % of a % b"), nodes.literal("", "7 % 2")
    joints.keep_together(None, nodes.section("", text, nodes.paragraph("", "", code)), "page")
    assert (text.astext(), code.astext()) == ("5\u00a0% of a % b", "7 % 2")
