"""What is asked in a comment of a chapter becomes a form on its page, and nothing else."""

import json
import re

import pytest

from press import predictions

SETTINGS = """
extensions = ["myst_nb", "press.assets", "press.predictions", "press.folds"]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "colon_fence"]
"""
BLOCK = r"""::::{{admonition}} Predict
:class: predict

Which? How much?

<!-- predict
{asked}
-->

:::{{admonition}} Answer
:class: dropdown predict-answer

So.
:::
::::
"""
ASKED = r"""- {ask: The mean of \(\theta\), number: -1/4}
- {ask: "1. The best", choices: [one & two, three], right: three}

- {ask: Those that hold, choices: [A, B, C], right: [A, C]}"""


@pytest.fixture(scope="module")
def built(tmp_path_factory, sphinx_build, notebook):
    site = sphinx_build(
        tmp_path_factory.mktemp("book"),
        SETTINGS,
        index=notebook(BLOCK.format(asked=ASKED), "Words.", BLOCK.format(asked="- {ask: T, number: 3, within: 1}")),
        plain="---\norphan: true\n---\n\n# Plain\n\n<!-- another comment -->\n",
    )
    return {name: (site / f"{name}.html").read_text(encoding="utf-8") for name in ("index", "plain")}


def test_a_comment_becomes_a_form_between_the_question_and_the_answer(built):
    page = built["index"]
    assert "<!-- predict" not in page
    forms = re.findall(r'<form class="pg-predict".*?</form>', page, re.DOTALL)
    assert len(forms) == 2
    assert page.index("How much?") < page.index("<form") < page.index("<details")
    first = forms[0]
    assert re.findall(r'<input id="([\w-]+)" type="text"', first) == ["predict-0-0"]
    assert re.findall(r'type="(radio|checkbox)" id="([\w-]+)"', first) == [
        ("radio", "predict-0-1-0"), ("radio", "predict-0-1-1"),
        ("checkbox", "predict-0-2-0"), ("checkbox", "predict-0-2-1"), ("checkbox", "predict-0-2-2"),
    ]  # fmt: skip
    for name in ("predict-0-0", "predict-0-1-0", "predict-0-2-2"):
        assert f'<label for="{name}"' in first
    assert "one &amp; two" in first


def test_the_form_holds_what_it_is_judged_by(built):
    found = re.findall(r'class="pg-predict-data">(.*?)</script>', built["index"])
    first, second = map(json.loads, found)
    assert first["questions"] == [
        {"shown": "−1/4", "number": -0.25, "within": 0.0025}, {"right": [1]}, {"right": [0, 2]}
    ]  # fmt: skip
    assert second["questions"] == [{"shown": "3", "number": 3.0, "within": 1.0}]
    assert first["asks"] != second["asks"]


def test_only_a_page_with_a_prediction_loads_the_scripts(built):
    for name, there in (("index", True), ("plain", False)):
        for script in (predictions.NUMBERS, predictions.SCRIPT):
            assert (f"_static/{script}" in built[name]) == there
    page = built["index"]
    assert page.index(predictions.NUMBERS) < page.index(predictions.SCRIPT)


WRONG = {
    "- [": "no YAML",
    "words": "a list of questions",
    "- {number: 1}": "has `ask`",
    "- {ask: T}": "either `number`, or `choices`",
    "- {ask: T, number: 1, choices: [a, b], right: a}": "either `number`, or `choices`",
    "- {ask: T, number: much}": "write one such as",
    "- {ask: T, number: 1, within: 0}": "how far an answer may be off",
    "- {ask: T, choices: [a], right: a}": "two or more that differ",
    "- {ask: T, choices: [a, a], right: a}": "two or more that differ",
    "- {ask: T, choices: [yes, no], right: yes}": "quotation marks",
    "- {ask: T, choices: [a, b], right: c}": "none of its choices",
    "- {ask: T, choices: [a, b], right: []}": "none of its choices",
    "- {ask: T, choices: [a, b]}": "none of its choices",
    "- {ask: T, number: 1, rigth: 2}": "rigth",
}


@pytest.mark.parametrize("asked", WRONG)
def test_what_is_wrong_is_told(asked):
    with pytest.raises(ValueError, match=re.escape(WRONG[asked])):
        predictions.read(f"<!-- predict\n{asked}\n-->")


def test_a_page_with_a_wrong_one_is_not_built(tmp_path, sphinx_fails, notebook):
    said = sphinx_fails(tmp_path, SETTINGS, index=notebook(BLOCK.format(asked="- {ask: T}")))
    assert "index: the question 'T' has either" in said


def test_other_comments_ask_nothing():
    for comment in ("<!-- your world -->", "<!-- predicts\n- {ask: T} -->", "<!-- predict -->"):
        assert predictions.read(comment) is None
