"""Names in code break at their joints."""

import re

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
    page = "Page\n====\n\nUse ``n_states``, not n_states.\n\n::\n\n   n_states\n"
    site = sphinx_build(tmp_path, "extensions = ['press.joints']", index=page)
    html = (site / "index.html").read_text(encoding="utf-8")
    assert html.count("<wbr>") == 1
    code = re.search(r"<code[^>]*>(.*?)</code>", html)[1]
    assert re.sub(r"</?span[^>]*>", "", code) == "n_<wbr>states"


def test_a_number_keeps_its_per_cent_sign():
    text, code = nodes.paragraph("", "5 % of a % b"), nodes.literal("", "7 % 2")
    joints.keep_together(None, nodes.section("", text, nodes.paragraph("", "", code)), "page")
    assert (text.astext(), code.astext()) == ("5\u00a0% of a % b", "7 % 2")
